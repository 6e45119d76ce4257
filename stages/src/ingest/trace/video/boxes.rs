//! The boxes of MP4 and `QuickTime`: a size, a type of four letters, what is in it.

/// A box, or as much of it as its container holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct MediaBox<'a> {
    pub(super) kind: [u8; 4],
    pub(super) content: &'a [u8],
    /// Offset of the content in the file.
    pub(super) at: u64,
    /// Bytes that the box claims and its container does not hold.
    pub(super) missing: u64,
}

impl<'a> MediaBox<'a> {
    /// The boxes within.
    pub(super) fn children(&self) -> Boxes<'a> {
        Boxes::new(self.content, self.at)
    }

    /// The first box of a kind within.
    pub(super) fn child(&self, kind: [u8; 4]) -> Option<Self> {
        self.children().find(|child| child.kind == kind)
    }

    /// The content of a box that begins with a version and flags, and its version.
    pub(super) fn versioned(&self) -> Option<(u8, &'a [u8])> {
        let [version, _, _, _, content @ ..] = self.content else {
            return None;
        };
        Some((*version, content))
    }
}

/// The boxes of a container one after the other. What is no box ends them.
#[derive(Debug, Clone)]
pub(super) struct Boxes<'a> {
    rest: &'a [u8],
    /// Offset of `rest` in the file.
    at: u64,
    /// Where something that is no box ended them, in the file.
    pub(super) broken_at: Option<u64>,
}

impl<'a> Boxes<'a> {
    /// The boxes in `bytes`, which begin at `at` of the file.
    pub(super) fn new(bytes: &'a [u8], at: u64) -> Self {
        Self {
            rest: bytes,
            at,
            broken_at: None,
        }
    }

    fn stop(&mut self) {
        // Containers of QuickTime end with four zeros.
        if self.rest.iter().any(|byte| *byte != 0) {
            self.broken_at = Some(self.at);
        }
        self.rest = &[];
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = MediaBox<'a>;

    fn next(&mut self) -> Option<MediaBox<'a>> {
        let Some((size, kind, header)) = header(self.rest) else {
            self.stop();
            return None;
        };
        let held = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        // No size: up to the end.
        let size = if size == 0 { held } else { size };
        let Some(content_bytes) = size.min(held).checked_sub(header).filter(|_| size >= header) else {
            self.stop();
            return None;
        };
        // Both fit: they are below the length of what is held.
        let start = usize::try_from(header).unwrap_or(usize::MAX);
        let end = usize::try_from(header + content_bytes).unwrap_or(usize::MAX);
        let found = MediaBox {
            kind,
            content: self.rest.get(start..end).unwrap_or_default(),
            at: self.at.saturating_add(header),
            missing: size.saturating_sub(held),
        };
        self.rest = self.rest.get(end..).unwrap_or_default();
        self.at = self.at.saturating_add(header + content_bytes);
        Some(found)
    }
}

/// Size, type, and bytes of the header that begins a box.
pub(super) fn header(bytes: &[u8]) -> Option<(u64, [u8; 4], u64)> {
    let (size, rest) = bytes.split_first_chunk()?;
    let (kind, rest) = rest.split_first_chunk()?;
    match u32::from_be_bytes(*size) {
        1 => Some((u64::from_be_bytes(*rest.first_chunk()?), *kind, 16)),
        size => Some((u64::from(size), *kind, 8)),
    }
}
