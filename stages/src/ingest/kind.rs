//! What an object is, by its first bytes; its name is only a hint.

use super::picture;
use super::trace::{self, TraceFormat};

/// Extension of sidecars.
const SIDECAR: &str = "xmp";

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A picture.
    Image,
    /// A picture in the named format, whose pixels are not read.
    UnreadImage(&'static str),
    /// XMP that says something about images beside it.
    Sidecar,
    /// A recording of fixes.
    Trace(TraceFormat),
    /// A video, of which the telemetry is read.
    Video,
    /// Nothing that is read; in words what it may be.
    Unknown(&'static str),
}

impl Kind {
    /// The kind of an object at `path` that starts with `head`.
    pub(super) fn of(path: &str, head: &[u8]) -> Self {
        if picture::sniff(head).is_some() {
            return Self::Image;
        }
        if let Some(format) = picture::unread_format(head) {
            return Self::UnreadImage(format);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if extension.eq_ignore_ascii_case(SIDECAR) || is_xmp(head) {
            return Self::Sidecar;
        }
        if let Some(format) = trace::sniff(extension, head) {
            return if format == TraceFormat::Video {
                Self::Video
            } else {
                Self::Trace(format)
            };
        }
        let by_name = ["jpg", "jpeg", "png", "webp"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known));
        match (foreign(head), by_name) {
            ("", _) if head.is_empty() => Self::Unknown("the file is empty"),
            ("", true) => Self::Unknown("is called an image, and its first bytes are not those of one"),
            ("", false) => Self::Unknown("is neither an image nor a trace by its first bytes"),
            (foreign, _) => Self::Unknown(foreign),
        }
    }

    pub(super) fn is_image(self) -> bool {
        matches!(self, Self::Image | Self::UnreadImage(_))
    }

    /// What people call the format of an object that starts with `head`; empty where it is unknown.
    pub(super) fn format(self, head: &[u8]) -> &'static str {
        match self {
            Self::Image => picture::sniff(head).map_or("", picture::PictureFormat::name),
            Self::UnreadImage(format) => format,
            Self::Sidecar => "XMP",
            Self::Trace(format) => format.name(),
            Self::Video => TraceFormat::Video.name(),
            Self::Unknown(_) => "",
        }
    }

    /// As the table of objects has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Image | Self::UnreadImage(_) => "image",
            Self::Sidecar => "sidecar",
            Self::Trace(_) => "trace",
            Self::Video => "video",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Whether a file starts as XMP packets do.
fn is_xmp(head: &[u8]) -> bool {
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    ["<?xpacket", "<x:xmpmeta"]
        .iter()
        .any(|start| text.starts_with(start.as_bytes()))
}

/// Names formats that people do upload and this version does not read, so that the verdict says more than "unknown".
fn foreign(head: &[u8]) -> &'static str {
    let at = |from: usize, magic: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(magic));
    let text = head.trim_ascii_start();
    if text.starts_with(b"{") || text.starts_with(b"[") {
        "is JSON of a kind that this version does not read"
    } else if at(0, &[0x1f, 0x8b]) || at(0, &[0x28, 0xb5, 0x2f, 0xfd]) {
        "is compressed twice, and is opened once"
    } else if at(0, b"PK\x03\x04") {
        "is a ZIP archive; upload the files in it one by one"
    } else {
        ""
    }
}
