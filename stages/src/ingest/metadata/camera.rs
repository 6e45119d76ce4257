//! What is known of cameras by their names: whether they look all around, and how wide their sensors are.

use crate::ingest::text::printable;

/// Longest maker or model in letters.
const MOST_NAME_LETTERS: usize = 64;
/// Fewest capitals and digits in a row that are a serial number, if enough of them are digits. The longest codes that
/// makers give to models have 11.
const SERIAL_LETTERS: usize = 12;
/// Digits among them.
const SERIAL_DIGITS: usize = 5;

/// A maker or model as it may be published: printable, at most 64 letters, and neither an e-mail address nor a serial number, which
/// some tools write there.
pub(crate) fn device_name(text: &str) -> Option<String> {
    let name = printable(text, MOST_NAME_LETTERS);
    (!name.is_empty() && !name.contains('@') && !has_serial_number(&name)).then_some(name)
}

fn has_serial_number(name: &str) -> bool {
    let is_code = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    name.split(|letter| !is_code(letter)).any(|run| {
        run.len() >= SERIAL_LETTERS && run.bytes().filter(u8::is_ascii_digit).count() >= SERIAL_DIGITS
    })
}

/// Parts of "maker model", in lower case, of cameras whose 2:1 images are equirectangular.
const ALL_AROUND: [&str; 24] = [
    "theta",
    "insta360",
    "arashi vision",
    "gopro max",
    "gopro fusion",
    "samsung gear 360",
    "sm-c200",
    "sm-r210",
    "lg-r105",
    "sp360",
    "pixpro orbit360",
    "keymission 360",
    "virb 360",
    "mi sphere",
    "mijia",
    "madv",
    "yi 360",
    "yi technology yi 360",
    "vuze",
    "qoocam",
    "pilot era",
    "pilot one",
    "osmo 360",
    "ladybug",
];

/// Whether a camera of this name looks all around. Its images do where they are twice as wide as high.
pub(super) fn sees_all_around(make: &str, model: &str) -> bool {
    let name = format!("{make} {model}").to_lowercase();
    ALL_AROUND.iter().any(|known| name.contains(known))
}

/// How a lens maps angles to the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Projection {
    /// Straight lines stay straight.
    Rectilinear,
    /// Equal angles make equal steps: the wide lenses of action cameras, nearly.
    Equidistant,
}

/// A lens on a sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lens {
    /// Focal length in micrometres.
    pub(super) focal_um: u32,
    /// What the focal length is to be held against.
    pub(super) frame: Frame,
    pub(super) projection: Projection,
}

/// Size of what a lens draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// The diagonal of 35 mm film, by which CIPA defines the equivalent focal length.
    Film,
    /// The longer side of a sensor in micrometres.
    LongSideUm(u32),
}

/// Parts of "maker model ", in lower case, with a blank at their end where the model must not go on: `d70` is not `d700`; the sensor's longer side in micrometres; and the lens's projection.
/// Sensors by their makers' data sheets. Phones say their equivalent focal length themselves.
const SENSORS: [(&str, u32, Projection); 34] = [
    ("sony fdr-x1000v", 6_170, Projection::Equidistant),
    ("sony fdr-x3000", 6_170, Projection::Equidistant),
    ("sony hdr-as", 6_170, Projection::Equidistant),
    ("gopro hero", 6_170, Projection::Equidistant),
    ("garmin virb", 6_170, Projection::Equidistant),
    ("xiaoyi", 6_170, Projection::Equidistant),
    ("powershot g9 ", 7_600, Projection::Rectilinear),
    ("powershot g1 x mark iii ", 22_300, Projection::Rectilinear),
    ("powershot g1 x ", 18_700, Projection::Rectilinear),
    ("powershot g7 x", 13_200, Projection::Rectilinear),
    ("powershot s1", 7_440, Projection::Rectilinear),
    ("digital ixus 40 ", 5_760, Projection::Rectilinear),
    ("olympus imaging corp. u1020", 6_170, Projection::Rectilinear),
    ("coolpix p6000 ", 7_440, Projection::Rectilinear),
    ("dsc-rx100", 13_200, Projection::Rectilinear),
    ("dsc-rx10", 13_200, Projection::Rectilinear),
    ("dmc-lx100", 17_300, Projection::Rectilinear),
    ("olympus e-m", 17_300, Projection::Rectilinear),
    ("panasonic dmc-g", 17_300, Projection::Rectilinear),
    ("panasonic dc-g", 17_300, Projection::Rectilinear),
    ("ilce-7", 35_600, Projection::Rectilinear),
    ("ilce-9", 35_600, Projection::Rectilinear),
    ("ilce-1", 35_900, Projection::Rectilinear),
    ("ilce-6", 23_500, Projection::Rectilinear),
    ("nikon d3s ", 36_000, Projection::Rectilinear),
    ("nikon d70 ", 23_700, Projection::Rectilinear),
    ("nikon d70s ", 23_700, Projection::Rectilinear),
    ("nikon d300 ", 23_600, Projection::Rectilinear),
    ("nikon d300s ", 23_600, Projection::Rectilinear),
    ("eos r5 ", 36_000, Projection::Rectilinear),
    ("eos r5m2 ", 36_000, Projection::Rectilinear),
    ("eos 5d", 36_000, Projection::Rectilinear),
    ("eos 6d", 35_900, Projection::Rectilinear),
    ("dji fc3582 ", 9_700, Projection::Rectilinear),
];

impl Lens {
    /// By the equivalent focal length; else by the lens's own and the sensor, known by the camera's name or by its
    /// pixels per inch. The name comes first: cameras that store a smaller picture do not adapt the resolution.
    pub(super) fn of(
        make: &str,
        model: &str,
        focal_length_35mm: Option<u32>,
        focal_um: Option<u32>,
        sensor_um: Option<u32>,
    ) -> Option<Self> {
        if let Some(focal) = focal_length_35mm {
            return Some(Self {
                focal_um: focal.checked_mul(1_000)?,
                frame: Frame::Film,
                projection: Projection::Rectilinear,
            });
        }
        let focal_um = focal_um?;
        let name = format!("{make} {model} ").to_lowercase();
        let named = SENSORS.iter().find(|(known, ..)| name.contains(known));
        let (long_side_um, projection) = match (named, sensor_um) {
            (Some((_, long_side, projection)), _) => (*long_side, *projection),
            (None, Some(long_side)) => (long_side, Projection::Rectilinear),
            (None, None) => return None,
        };
        Some(Self {
            focal_um,
            frame: Frame::LongSideUm(long_side_um),
            projection,
        })
    }
}

#[cfg(test)]
#[path = "camera_tests.rs"]
mod tests;
