//! Which column of a CSV is what, from its header.

use super::TraceError;
use crate::ingest::text::printable;

/// A longer first line is no header.
const MOST_HEADER_BYTES: usize = 16_384;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

// Names are compared in lower case without anything but letters and digits, so `Time (UTC)` is `timeutc`.
const TIME: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "t",
    "ts",
    "timeutc",
    "utctime",
    "utc",
    "datetimeutc",
    "utcdatetime",
    "timestamputc",
    "gpstime",
    "epoch",
    "epochtime",
    "unixtime",
    "unixtimestamp",
    "epochms",
    "timems",
    "timestampms",
    "timestampus",
    "recordedat",
    "timeiso",
    "isotime",
];
const LATITUDE: &[&str] = &["lat", "latitude", "latdeg", "latitudedeg", "y"];
const LONGITUDE: &[&str] = &["lon", "lng", "long", "longitude", "londeg", "longitudedeg", "x"];
const TRIP: &[&str] = &[
    "trip",
    "tripid",
    "track",
    "trackid",
    "trackno",
    "tracknumber",
    "segment",
    "segmentid",
    "trk",
    "trkid",
    "trajectory",
    "trajectoryid",
    "traj",
    "trajid",
];
const ACCURACY: &[&str] = &[
    "accuracy",
    "hacc",
    "haccuracy",
    "horizontalaccuracy",
    "accuracym",
    "haccm",
    "acc",
    "gpsaccuracy",
];
const HDOP: &[&str] = &["hdop"];
const SATELLITES: &[&str] = &[
    "satellites",
    "sats",
    "sat",
    "nsat",
    "numsat",
    "satcount",
    "satellitesused",
];
const SPEED: &[&str] = &["speed", "speedms", "speedmps", "velocity"];
const SPEED_KMH: &[&str] = &["speedkmh", "speedkph", "kmh", "kph"];
const COURSE: &[&str] = &[
    "course",
    "bearing",
    "heading",
    "cog",
    "coursedeg",
    "bearingdeg",
    "headingdeg",
];
const ELEVATION: &[&str] = &[
    "ele",
    "elevation",
    "alt",
    "altitude",
    "elevationm",
    "altitudem",
    "altm",
    "elem",
    "height",
];

/// Positions of the columns in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) delimiter: u8,
    /// Bytes before the header: blank lines.
    pub(super) start: usize,
    pub(super) time: usize,
    pub(super) latitude: usize,
    pub(super) longitude: usize,
    pub(super) trip: Option<usize>,
    pub(super) accuracy: Option<usize>,
    pub(super) hdop: Option<usize>,
    pub(super) satellites: Option<usize>,
    /// Column of the speed and whether it is in km/h; else it is in m/s.
    pub(super) speed: Option<(usize, bool)>,
    pub(super) course: Option<usize>,
    pub(super) elevation: Option<usize>,
}

impl Columns {
    /// Finds the header in the first line that is not blank. Where several delimiters would do, the first of
    /// `, ; tab |` is taken; where two columns could be the same quantity, the one whose name stands first in our list.
    pub(super) fn find(bytes: &[u8]) -> Result<Self, TraceError> {
        let (start, line) = first_line(bytes).ok_or(TraceError::Empty)?;
        let mut closest = None;
        for delimiter in DELIMITERS {
            match Self::in_header(line, delimiter, start) {
                Ok(columns) => return Ok(columns),
                // The delimiter that finds most says best what is missing.
                Err(missing) if closest.is_none_or(|(_, found)| missing.found > found) => {
                    closest = Some((missing, missing.found));
                }
                Err(_) => {}
            }
        }
        let missing = closest.map_or(
            Missing {
                quantity: "time",
                names: TIME,
                found: 0,
            },
            |(missing, _)| missing,
        );
        Err(TraceError::NoTraceHeader {
            missing: missing.quantity,
            found: printable(&String::from_utf8_lossy(line.get(..480).unwrap_or(line)), 120),
            looked_for: missing.names.join(", "),
        })
    }

    fn in_header(line: &[u8], delimiter: u8, start: usize) -> Result<Self, Missing> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(line);
        let mut record = csv::ByteRecord::new();
        // Reading from memory fails only on lengths, and a line without any field finds nothing below.
        let names: Vec<String> = match reader.read_byte_record(&mut record) {
            Ok(_) => record.iter().map(normalise).collect(),
            Err(_) => Vec::new(),
        };
        let column = |wanted: &[&str]| {
            wanted
                .iter()
                .find_map(|want| names.iter().position(|name| name == want))
        };
        let (time, latitude, longitude) = (column(TIME), column(LATITUDE), column(LONGITUDE));
        let found = [time, latitude, longitude].iter().flatten().count();
        let missing = |quantity, names| Missing {
            quantity,
            names,
            found,
        };
        Ok(Self {
            delimiter,
            start,
            latitude: latitude.ok_or(missing("latitude", LATITUDE))?,
            longitude: longitude.ok_or(missing("longitude", LONGITUDE))?,
            time: time.ok_or(missing("time", TIME))?,
            trip: column(TRIP),
            accuracy: column(ACCURACY),
            hdop: column(HDOP),
            satellites: column(SATELLITES),
            speed: column(SPEED)
                .map(|at| (at, false))
                .or_else(|| column(SPEED_KMH).map(|at| (at, true))),
            course: column(COURSE),
            elevation: column(ELEVATION),
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Missing {
    quantity: &'static str,
    names: &'static [&'static str],
    /// How many of the three that a trace needs were there.
    found: usize,
}

/// The first line that is not blank, and where it starts.
fn first_line(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let (_, rest) = bytes.split_at(start);
    let rest = rest.get(..MOST_HEADER_BYTES).unwrap_or(rest);
    rest.split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .map(|line| (start, line))
}

fn normalise(name: &[u8]) -> String {
    name.iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}
