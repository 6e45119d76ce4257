//! What can be wrong with an image's metadata. None of it is fatal.

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataFault {
    /// Neither JPEG, PNG, WebP nor HEIF.
    #[error("not a JPEG, PNG, WebP or HEIF file")]
    UnknownContainer,
    /// A reader panicked on it.
    #[error("the reader of its metadata gave up on it")]
    GaveUp,
    /// A segment or chunk that is malformed or reaches beyond the file.
    #[error("{part} is broken at byte {byte}")]
    BrokenContainer {
        /// What was being read.
        part: &'static str,
        /// Offset in the file.
        byte: u64,
    },
    /// EXIF that is larger than what is read of it.
    #[error("EXIF of {bytes} bytes is read up to byte {limit}")]
    ExifTooLarge {
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A fault that the EXIF parser went past or ended at.
    #[error("EXIF: {detail}")]
    Exif {
        /// The parser's words.
        detail: String,
    },
    /// A tag is there, but its value is not what the tag means.
    #[error("EXIF {tag} has no usable value")]
    Tag {
        /// Name of the tag.
        tag: &'static str,
    },
    /// The image description begins like Mapillary's JSON but is none.
    #[error("Mapillary JSON is broken at line {line}, column {column}")]
    MapillaryJson {
        /// Line, from 1.
        line: u64,
        /// Column, from 1.
        column: u64,
    },
    /// A key of the Mapillary JSON without a usable value.
    #[error("Mapillary {key} has no usable value")]
    MapillaryKey {
        /// The key.
        key: &'static str,
    },
    /// The XMP packet is not well formed; what preceded was used.
    #[error("XMP is malformed at byte {byte} of its packet")]
    Xmp {
        /// Offset in the packet.
        byte: u64,
    },
    /// A property of XMP is there, but its value is not what it means.
    #[error("XMP {name} has no usable value")]
    XmpProperty {
        /// Name of the property.
        name: &'static str,
    },
}
