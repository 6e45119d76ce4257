//! One drive of one person, with everything that is known of it.

use super::super::drive::{Pose, Shot};
use super::super::num;
use super::super::path::Path;
use super::super::rng::Rng;
use super::super::scene::Weather;
use super::super::streets::{Point, Streets};
use super::super::time::{DAY_MS, HOUR_MS};
use super::motion::{self, State};
use super::people::{Habit, Person, Trigger};
use super::receiver::{self, Heard, Receiver};
use super::spec::WorldSpec;
use super::stream;

/// Local time is an hour ahead of UTC: British summer time.
pub(crate) const OFFSET_MIN: i64 = 60;
/// Distance from the centre line to where a walker goes, in metres.
const WALK_M: f64 = 6.6;
/// Distance from the centre line to the middle of a lane, in metres.
const LANE_M: f64 = 1.6;
/// Pictures in a row that a camera keeps before it pauses, where it is to keep fewer than it takes.
const CLIP: usize = 8;

/// One report of the receiver, and what is true of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fix {
    /// Time that it reports, in ms since 1970 UTC.
    pub(crate) time_ms: i64,
    /// The place that it reports.
    pub(crate) at: Point,
    /// Height above the sea in metres.
    pub(crate) elevation_m: f64,
    /// Horizontal dilution of precision.
    pub(crate) hdop: f64,
    /// Satellites used.
    pub(crate) satellites: u32,
    /// The error that the receiver estimates, in metres.
    pub(crate) accuracy_m: f64,
    /// Speed over ground in m/s.
    pub(crate) speed_m_s: f64,
    /// Course in degrees from north, 0..360.
    pub(crate) course_deg: f64,
    /// Where somebody really was then, and when, in ms since 1970 UTC; nothing where nobody was.
    pub(crate) truth: Option<(Point, i64)>,
    /// The place in its trace of the fix that this one repeats.
    pub(crate) of: Option<u32>,
}

/// A picture taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// Where, when, and what the receiver thought.
    pub(crate) shot: Shot,
    /// Decides how the camera is turned and which cars come towards it.
    pub(crate) hash: u32,
    /// Decides people and noise.
    pub(crate) moment: u32,
    /// Names what is seen: the same for pictures of one view, and for frames around one moment.
    pub(crate) seen: u64,
    /// The view is that of the picture before.
    pub(crate) again: bool,
    /// Another frame than the one that its contributor sent.
    pub(crate) shifted: bool,
}

/// One drive.
#[derive(Debug, Clone)]
pub(crate) struct Outing {
    /// Who drove.
    pub(crate) person: Person,
    /// Folder of its session.
    pub(crate) folder: String,
    /// Start in ms since 1970 UTC.
    pub(crate) start_ms: i64,
    /// The way.
    path: Path,
    /// Each second of it.
    states: Vec<State>,
    /// Metres to the left of the centre line, where traffic keeps.
    side_m: f64,
    /// Light and sky.
    pub(crate) weather: Weather,
    /// The trace.
    pub(crate) fixes: Vec<Fix>,
    /// The pictures.
    pub(crate) taken: Vec<Taken>,
    /// When its files are uploaded, in ms since 1970 UTC.
    pub(crate) upload_ms: i64,
}

/// What is wanted of a drive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Number of the drive, from 0.
    pub(crate) drive: u32,
    /// Pictures.
    pub(crate) frames: u32,
    /// When the drive starts, in ms since 1970 UTC, unless the person's habit decides.
    pub(crate) start_ms: Option<i64>,
}

impl Outing {
    /// The drive of a person.
    pub(crate) fn new(spec: &WorldSpec, streets: &Streets, person: &Person, wanted: Wanted) -> Self {
        let mut rng = Rng::new(spec.seed, person.stream + u64::from(wanted.drive));
        let start_ms = start(spec, person, wanted.drive, &mut rng);
        let start_ms = wanted.start_ms.unwrap_or(start_ms) / 1_000 * 1_000;
        let seconds = u32::try_from(spec.drive_ms / 1_000).unwrap_or(60);
        let style = person.kit.style;
        let length = style.cruise_m_s * f64::from(seconds) * 1.05 + 60.0;
        let stops = person.stops(streets);
        let path = match person.habit {
            // The same stream each day is the same way each day.
            Habit::Commuter => streets.route(
                &stops,
                length,
                &mut Rng::new(spec.seed, person.stream + stream::ROUTE),
            ),
            _ => streets.route(&stops, length, &mut rng),
        };
        let states = motion::motion(style, &path, seconds, &mut rng);
        let middle_m = if style.on_foot { WALK_M } else { LANE_M };
        let mut outing = Self {
            person: person.clone(),
            folder: folder(start_ms, wanted.drive),
            start_ms,
            path,
            states,
            // Nobody drives in the same track twice.
            side_m: middle_m + rng.between(-0.6, 0.6),
            weather: weather(spec, start_ms, &mut rng),
            fixes: Vec::new(),
            taken: Vec::new(),
            upload_ms: start_ms
                + spec.drive_ms
                + rng.around(13 * HOUR_MS / 2, 11 * HOUR_MS / 2) / 1_000 * 1_000,
        };
        let heard = outing.listen(person.receiver, rng.below(2) == 0, &mut rng);
        outing.fixes = outing.observe(&heard, &mut rng);
        outing.taken = outing.photograph(&heard, wanted.frames, &mut rng);
        outing
    }

    /// Where the vehicle really was at a time in ms since 1970 UTC.
    pub(crate) fn pose(&self, time_ms: i64) -> Pose {
        let state = motion::between(&self.states, time_ms - self.start_ms);
        pose(&self.path, state.along_m, self.side_m)
    }

    /// The point of the centre line beside the vehicle.
    pub(crate) fn center(&self, time_ms: i64) -> Point {
        let state = motion::between(&self.states, time_ms - self.start_ms);
        self.path.at(state.along_m)
    }

    /// What a receiver hears on the way.
    pub(crate) fn listen(&self, by: Receiver, cold: bool, rng: &mut Rng) -> Vec<Option<Heard>> {
        let hidden: Vec<bool> = self
            .states
            .iter()
            .map(|state| self.path.is_hidden(state.along_m))
            .collect();
        receiver::listen(by, &hidden, cold, rng)
    }

    /// The trace of a receiver on the way.
    pub(crate) fn observe(&self, heard: &[Option<Heard>], rng: &mut Rng) -> Vec<Fix> {
        let mut time_ms = self.start_ms - 1_000;
        let mut out = Vec::with_capacity(heard.len());
        for (state, heard) in self.states.iter().zip(heard) {
            time_ms += 1_000;
            let Some(heard) = heard else { continue };
            let pose = pose(&self.path, state.along_m, self.side_m);
            out.push(Fix {
                time_ms,
                at: pose.at.plus(1.0, heard.error),
                elevation_m: 61.0 + 0.004 * pose.at.x + 0.6 * rng.gauss(),
                hdop: heard.hdop,
                satellites: heard.satellites,
                accuracy_m: heard.accuracy_m,
                speed_m_s: (state.speed_m_s + 0.15 * rng.gauss()).max(0.0),
                course_deg: course(pose.ahead),
                truth: Some((pose.at, time_ms)),
                of: None,
            });
        }
        out
    }

    fn photograph(&self, heard: &[Option<Heard>], frames: u32, rng: &mut Rng) -> Vec<Taken> {
        let mut out: Vec<Taken> = Vec::new();
        let mut last_m = f64::MIN;
        let phase = rng.unit();
        for time_ms in kept(self.times(phase), frames) {
            let second = usize::try_from((time_ms - self.start_ms) / 1_000).unwrap_or(0);
            let (Some(Some(here)), Some(Some(next))) = (heard.get(second), heard.get(second + 1)) else {
                // Without a fix the camera waits.
                continue;
            };
            let share = num::double((time_ms - self.start_ms).rem_euclid(1_000)) / 1_000.0;
            let error = here.error.plus(
                share,
                Point {
                    x: next.error.x - here.error.x,
                    y: next.error.y - here.error.y,
                },
            );
            let state = motion::between(&self.states, time_ms - self.start_ms);
            let pose = pose(&self.path, state.along_m, self.side_m);
            let compass = course(pose.ahead) + 2.0 * rng.gauss();
            let (hash, moment) = (rng.word(), rng.word());
            let again = state.along_m - last_m < 1.0;
            let before = out.last().filter(|_| again).map(|before| before.seen);
            out.push(Taken {
                shot: Shot {
                    time_ms,
                    pose,
                    reported: pose.at.plus(1.0, error),
                    accuracy_m: here.accuracy_m,
                    heading_cdeg: num::round_unsigned((compass + 360.0) * 100.0) % 36_000,
                },
                hash,
                moment,
                seen: before.unwrap_or(u64::from(hash) << 32 | u64::from(moment)),
                again,
                shifted: false,
            });
            last_m = state.along_m;
        }
        out
    }

    /// When the camera would fire, in ms since 1970 UTC; the first time is a share of the interval late.
    fn times(&self, phase: f64) -> Vec<i64> {
        let end_ms = num::double(i64::try_from(self.states.len()).unwrap_or(0) - 2) * 1_000.0;
        let first_ms = 3_000;
        let mut out = Vec::new();
        match self.person.kit.trigger {
            Trigger::EveryMs(every) => {
                let mut ms = first_ms + num::round(phase * num::double(every));
                while num::double(ms) < end_ms {
                    out.push(self.start_ms + ms);
                    ms += every.max(1);
                }
            }
            Trigger::EveryM(every) => {
                let mut due = self.states.get(3).map_or(0.0, |state| state.along_m) + phase * every;
                let mut ms = first_ms;
                for pair in self.states.windows(2).skip(3) {
                    while pair[1].along_m > due && num::double(ms) < end_ms {
                        let step = pair[1].along_m - pair[0].along_m;
                        let share = ((due - pair[0].along_m) / step).clamp(0.0, 1.0);
                        out.push(self.start_ms + ms + num::round(999.0 * share));
                        due += every;
                    }
                    ms += 1_000;
                }
            }
        }
        out
    }
}

/// So many of the times, in clips that are spread over all.
fn kept(times: Vec<i64>, frames: u32) -> Vec<i64> {
    let wanted = usize::try_from(frames).unwrap_or(usize::MAX);
    if wanted >= times.len() {
        return times;
    }
    let clips = wanted.div_ceil(CLIP);
    let clip = |n: usize| {
        let first = n * times.len() / clips;
        times[first..].iter().take(CLIP.min(times.len() / clips)).copied()
    };
    (0..clips).flat_map(clip).take(wanted).collect()
}

/// Where a camera is, `side_m` metres to the left of the centre line.
fn pose(path: &Path, along_m: f64, side_m: f64) -> Pose {
    let ahead = path.direction(along_m);
    Pose {
        at: path.at(along_m).plus(-side_m, ahead.right()),
        ahead,
        side_m,
    }
}

/// Degrees from north of a direction, 0..360.
pub(crate) fn course(ahead: Point) -> f64 {
    let degrees = libm::atan2(ahead.x, ahead.y) * 180.0 / std::f64::consts::PI;
    if degrees < 0.0 { degrees + 360.0 } else { degrees }
}

/// Days on which people drive: Monday to Friday.
const DAYS: i64 = 5;

fn start(spec: &WorldSpec, person: &Person, drive: u32, rng: &mut Rng) -> i64 {
    let day = i64::from(drive) % DAYS;
    // Drives of one day lie hours apart.
    let round = i64::from(drive) / DAYS;
    let minute = match person.habit {
        Habit::Commuter => {
            6 * 60 + 40 + i64::try_from(person.stream % 100).unwrap_or(0) + i64::from(rng.below(8))
        }
        Habit::MainStreet => 15 * 60 + 30 + i64::from(rng.below(60)),
        Habit::Outer | Habit::Rover => 5 * 60 + i64::from(rng.below(14 * 60)),
    };
    let minute = (minute + round * 250).rem_euclid(20 * 60);
    spec.week_start_ms + day * DAY_MS + minute * 60_000 + i64::from(rng.below(60)) * 1_000
}

/// Name of the folder of a drive.
fn folder(start_ms: i64, drive: u32) -> String {
    format!("{}-{drive:03}", super::super::plan::session_name(start_ms))
}

/// Light and sky are everyone's, each camera sees them a little differently.
fn weather(spec: &WorldSpec, start_ms: i64, rng: &mut Rng) -> Weather {
    let local_ms = start_ms + OFFSET_MIN * 60_000;
    let hours = u64::try_from(local_ms / (3 * HOUR_MS)).unwrap_or(0);
    let mut sky = Rng::new(spec.seed, stream::WEATHER + hours);
    Weather::new(local_ms, &mut sky).through(
        num::single(rng.between(0.94, 1.06)),
        num::single(rng.between(-0.02, 0.02)),
    )
}
