//! Those who map in the demo, and how.

use super::drive::Trigger;
use super::exif::Camera;
use super::streets::Corner;

/// How a contributor maps.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact about the equipment, free of the others"
)]
pub(crate) struct Habit {
    /// Contributor id.
    pub(crate) name: &'static str,
    /// What the metadata name.
    pub(crate) camera: Camera,
    /// Height of the camera in metres.
    pub(crate) height_m: f32,
    /// Walks on the pavement.
    pub(crate) on_foot: bool,
    /// Speed on straights in m/s.
    pub(crate) cruise_m_s: f64,
    /// When the camera fires.
    pub(crate) trigger: Trigger,
    /// Standard deviation of the receiver's error per axis, in metres.
    pub(crate) sigma_m: f64,
    /// The camera writes positions.
    pub(crate) geotags: bool,
    /// The camera writes an accuracy and a direction.
    pub(crate) precise: bool,
    /// A logger's trace is uploaded beside the pictures.
    pub(crate) trace: bool,
    /// JPEG quality, at most.
    pub(crate) quality: u8,
    /// Start after the week's first midnight, in minutes UTC.
    pub(crate) start_min: i64,
    /// Corners that the route passes.
    pub(crate) stops: &'static [Corner],
}

/// The cast of the demo. The first two pass each other on the main street, the third repeats the first a day
/// later, the fourth walks, the fifth takes the curve.
pub(crate) const CAST: [Habit; 5] = [
    Habit {
        name: "ada",
        camera: Camera {
            make: "Larkfield",
            model: "Phone 5",
            film_mm: 26,
        },
        height_m: 1.34,
        on_foot: false,
        cruise_m_s: 11.0,
        trigger: Trigger::EveryM(16.0),
        sigma_m: 2.8,
        geotags: true,
        precise: true,
        trace: false,
        quality: 88,
        start_min: 1_440 + 8 * 60 + 10,
        stops: &[(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (5, 2)],
    },
    Habit {
        name: "bruno",
        camera: Camera {
            make: "Roadglass",
            model: "RG-2",
            film_mm: 22,
        },
        height_m: 1.42,
        on_foot: false,
        cruise_m_s: 9.5,
        trigger: Trigger::EveryMs(2_000),
        sigma_m: 3.6,
        geotags: true,
        precise: false,
        trace: true,
        quality: 84,
        start_min: 1_440 + 16 * 60 + 35,
        stops: &[(5, 1), (4, 1), (3, 1), (2, 1), (1, 1), (0, 1), (0, 2), (1, 2)],
    },
    Habit {
        name: "chen",
        camera: Camera {
            make: "Tallis",
            model: "Action 4",
            film_mm: 20,
        },
        height_m: 1.5,
        on_foot: false,
        cruise_m_s: 10.0,
        trigger: Trigger::EveryMs(2_000),
        sigma_m: 4.4,
        geotags: false,
        precise: false,
        trace: true,
        quality: 90,
        start_min: 2 * 1_440 + 11 * 60 + 15,
        stops: &[(0, 1), (1, 1), (2, 1), (3, 1), (3, 2), (3, 3), (1, 0)],
    },
    Habit {
        name: "dara",
        camera: Camera {
            make: "Larkfield",
            model: "Phone 4",
            film_mm: 28,
        },
        height_m: 1.62,
        on_foot: true,
        cruise_m_s: 1.4,
        trigger: Trigger::EveryM(13.0),
        sigma_m: 2.2,
        geotags: true,
        precise: true,
        trace: false,
        quality: 92,
        start_min: 2 * 1_440 + 14 * 60 + 40,
        stops: &[(1, 0), (1, 1), (2, 1), (3, 1), (3, 0)],
    },
    Habit {
        name: "elif",
        camera: Camera {
            make: "Roadglass",
            model: "RG-3",
            film_mm: 24,
        },
        height_m: 1.38,
        on_foot: false,
        cruise_m_s: 11.5,
        trigger: Trigger::EveryM(18.0),
        sigma_m: 3.2,
        geotags: true,
        precise: true,
        trace: true,
        quality: 80,
        start_min: 3 * 1_440 + 8 * 60 + 20,
        stops: &[(4, 0), (5, 0), (5, 3), (4, 3)],
    },
];
