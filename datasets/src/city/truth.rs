//! What the sample city knows about its files.

/// What a file really is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Truth {
    /// A usable picture of its own place and time.
    Honest,
    /// The bytes of an earlier file of somebody else.
    ExactCopy {
        /// Path of the original.
        of: String,
    },
    /// The picture data of an earlier file under other metadata.
    EditedCopy {
        /// Path of the original.
        of: String,
    },
    /// The pixels of an earlier file, compressed again, under other metadata.
    Reencoded {
        /// Path of the original.
        of: String,
    },
    /// Taken from the same spot as another picture of the session.
    Parked {
        /// Path of the first picture from there.
        of: String,
    },
    /// Far out of focus.
    Blurred,
    /// Taken with the cap on the lens.
    LensCap,
    /// Taken at night without light.
    Dark,
    /// A picture that breaks off.
    Truncated,
    /// Text under the name of a picture.
    NotAnImage,
    /// A file of no bytes.
    Empty,
    /// Bytes of no known kind.
    UnknownKind,
    /// A good picture whose digest in `uploads.csv` is another.
    WrongDigest,
    /// A picture that says it was taken at latitude 0, longitude 0.
    NullPosition,
    /// A picture that does not say when it was taken.
    NoTime,
    /// The trace of a trip.
    Trace,
    /// A trace that breaks off in the middle of a tag.
    BrokenTrace,
    /// A trace with jumps.
    TeleportingTrace,
}

/// Where and when a picture was really taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruePosition {
    /// Path of the picture.
    pub path: String,
    /// When, in ms since 1970 UTC.
    pub captured_at_ms: i64,
    /// Latitude in 1e-7 degrees.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degrees.
    pub lon_e7: i32,
}
