//! Those who upload, and what they carry.

use super::super::exif::Camera;
use super::super::rng::Rng;
use super::super::streets::{Corner, Streets};
use super::attack::Attack;
use super::motion::Style;
use super::receiver::Receiver;
use super::spec::WorldSpec;
use super::stream;

/// The format of a contributor's traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceFormat {
    /// GPX 1.1.
    Gpx,
    /// NMEA 0183, RMC and GGA.
    Nmea,
    /// FIT.
    Fit,
    /// Parquet, in place of the others.
    Parquet,
}

impl TraceFormat {
    /// Name of the trace file in its session.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Gpx => "track.gpx",
            Self::Nmea => "track.nmea",
            Self::Fit => "track.fit",
            Self::Parquet => "trace.parquet",
        }
    }
}

/// When the camera fires.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trigger {
    /// Each so many ms.
    EveryMs(i64),
    /// Each so many metres.
    EveryM(f64),
}

/// A camera, its receiver and where both are carried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kit {
    /// Start of the names of such devices.
    pub(crate) device: &'static str,
    /// What the metadata name.
    pub(crate) camera: Camera,
    /// Height of the camera in metres.
    pub(crate) height_m: f32,
    /// How it is moved.
    pub(crate) style: Style,
    /// When the camera fires.
    pub(crate) trigger: Trigger,
    /// The camera writes positions.
    pub(crate) geotags: bool,
    /// The camera writes an accuracy and a direction.
    pub(crate) precise: bool,
    /// Format of the trace.
    pub(crate) format: TraceFormat,
    /// JPEG quality, at most.
    pub(crate) quality: u8,
}

const CAR: Style = Style {
    cruise_m_s: 11.0,
    slow_m_s: 5.0,
    on_foot: false,
};

/// What people carry: phones, dashcams, an action camera, a bicycle's computer, a phone in a hand.
const KITS: [Kit; 6] = [
    Kit {
        device: "phone5",
        camera: Camera {
            make: "Larkfield",
            model: "Phone 5",
            film_mm: 26,
        },
        height_m: 1.34,
        style: CAR,
        trigger: Trigger::EveryM(16.0),
        geotags: true,
        precise: true,
        format: TraceFormat::Gpx,
        quality: 88,
    },
    Kit {
        device: "rg2",
        camera: Camera {
            make: "Roadglass",
            model: "RG-2",
            film_mm: 22,
        },
        height_m: 1.42,
        style: Style {
            cruise_m_s: 9.5,
            ..CAR
        },
        trigger: Trigger::EveryMs(2_000),
        geotags: true,
        precise: false,
        format: TraceFormat::Nmea,
        quality: 84,
    },
    Kit {
        device: "action4",
        camera: Camera {
            make: "Tallis",
            model: "Action 4",
            film_mm: 20,
        },
        height_m: 1.5,
        style: Style {
            cruise_m_s: 10.0,
            ..CAR
        },
        trigger: Trigger::EveryMs(2_000),
        geotags: false,
        precise: false,
        format: TraceFormat::Gpx,
        quality: 90,
    },
    Kit {
        device: "velo",
        camera: Camera {
            make: "Tallis",
            model: "Velo 2",
            film_mm: 23,
        },
        height_m: 1.1,
        style: Style {
            cruise_m_s: 5.5,
            slow_m_s: 3.2,
            on_foot: false,
        },
        trigger: Trigger::EveryM(12.0),
        geotags: true,
        precise: false,
        format: TraceFormat::Fit,
        quality: 86,
    },
    Kit {
        device: "rg3",
        camera: Camera {
            make: "Roadglass",
            model: "RG-3",
            film_mm: 24,
        },
        height_m: 1.38,
        style: Style {
            cruise_m_s: 11.5,
            ..CAR
        },
        trigger: Trigger::EveryM(18.0),
        geotags: true,
        precise: true,
        format: TraceFormat::Nmea,
        quality: 80,
    },
    Kit {
        device: "phone4",
        camera: Camera {
            make: "Larkfield",
            model: "Phone 4",
            film_mm: 28,
        },
        height_m: 1.62,
        style: Style {
            cruise_m_s: 1.4,
            slow_m_s: 1.1,
            on_foot: true,
        },
        trigger: Trigger::EveryM(9.0),
        geotags: true,
        precise: true,
        format: TraceFormat::Gpx,
        quality: 92,
    },
];

/// The routes somebody takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// The same way at the same hour, each day.
    Commuter,
    /// The main street first, at the hour when everyone takes it.
    MainStreet,
    /// Through the tunnel.
    Outer,
    /// Anywhere.
    Rover,
}

/// Ids that split one drive among them.
pub(crate) const SYBILS: u64 = 4;

/// A contributor.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Contributor id.
    pub(crate) name: String,
    /// Name of the device.
    pub(crate) device: String,
    /// What is carried.
    pub(crate) kit: &'static Kit,
    /// Format of the traces.
    pub(crate) format: TraceFormat,
    /// How well the receiver hears.
    pub(crate) receiver: Receiver,
    /// The routes taken.
    pub(crate) habit: Habit,
    /// The stream of random numbers of the first drive; each drive has the next.
    pub(crate) stream: u64,
    /// What is done beside honest work.
    pub(crate) attack: Option<Attack>,
}

impl Person {
    /// The honest contributor of a number, from 0.
    pub(crate) fn honest(spec: &WorldSpec, number: u64) -> Self {
        let stream = stream::HONEST + number * stream::PER_PERSON;
        let digits = spec.contributors.to_string().len().max(5);
        let name = format!("driver-{:0digits$}", number + 1);
        Self::new(spec, stream, number, name, None)
    }

    /// The attacker of a number, from 0.
    pub(crate) fn attacker(spec: &WorldSpec, attack: Attack, number: u64) -> Self {
        // Digits enough for all, so that names and numbers have one order.
        let digits = spec.attackers(attack).to_string().len().max(2);
        let name = format!("attacker-{}-{:0digits$}", attack.name(), number + 1);
        // The ids of a group share the equipment: it is one.
        let kit = if attack == Attack::Sybil {
            number / SYBILS
        } else {
            number
        };
        let base = stream::ATTACKERS + attack.number() * stream::PER_ATTACK;
        Self::new(spec, base + kit * stream::PER_PERSON, kit, name, Some(attack))
    }

    fn new(spec: &WorldSpec, stream: u64, number: u64, name: String, attack: Option<Attack>) -> Self {
        let mut rng = Rng::new(spec.seed, stream);
        let kits = u64::try_from(KITS.len()).unwrap_or(1);
        let kit = &KITS[usize::try_from(number % kits).unwrap_or(0)];
        let habit = match (number / 2) % 4 {
            0 => Habit::Commuter,
            1 => Habit::MainStreet,
            2 if !kit.style.on_foot => Habit::Outer,
            _ => Habit::Rover,
        };
        Self {
            device: format!("{}-{}", kit.device, name.trim_start_matches("attacker-")),
            name,
            kit,
            format: if spec.parquet_traces {
                TraceFormat::Parquet
            } else {
                kit.format
            },
            receiver: Receiver::any(&mut rng),
            habit,
            stream: stream + 1,
            attack,
        }
    }

    /// Corners that the routes begin with.
    pub(crate) fn stops(&self, streets: &Streets) -> Vec<Corner> {
        let (east, north) = streets.blocks();
        match self.habit {
            Habit::MainStreet => (0..=east).map(|i| (i, north / 2)).collect(),
            Habit::Outer => vec![(east.saturating_sub(1), 0), (east, 0), (east, north)],
            Habit::Commuter | Habit::Rover => Vec::new(),
        }
    }
}
