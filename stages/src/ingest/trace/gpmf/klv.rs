//! The blocks of GPMF: a key of four letters, a type, the size of one element, how many there are, the elements
//! big-endian, and zeros up to the next multiple of four.

/// Bytes of a block before its elements.
const HEADER_BYTES: usize = 8;

/// One block, or as much of it as its container holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) key: [u8; 4],
    /// The elements' type; 0 where blocks are nested.
    pub(super) kind: u8,
    /// Bytes of one element.
    pub(super) size: usize,
    pub(super) data: &'a [u8],
    /// Offset of the key in the file.
    pub(super) at: u64,
    /// Bytes that the block claims for its elements and its container does not hold.
    pub(super) missing: usize,
}

impl<'a> Block<'a> {
    /// The blocks within.
    pub(super) fn nested(&self) -> Blocks<'a> {
        Blocks::new(self.data, self.at.saturating_add(8))
    }

    /// The elements that are there as a whole.
    pub(super) fn elements(&self) -> impl Iterator<Item = &'a [u8]> {
        // An element of no bytes is none, and chunks of no bytes would be a panic.
        let whole = if self.size == 0 { &[] } else { self.data };
        whole.chunks_exact(self.size.max(1))
    }
}

/// A place where no block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoBlock {
    /// Offset in the file.
    pub(super) at: u64,
}

/// The blocks of a container one after the other. A place that is no block ends them.
#[derive(Debug, Clone)]
pub(super) struct Blocks<'a> {
    rest: &'a [u8],
    /// Offset of `rest` in the file.
    at: u64,
}

impl<'a> Blocks<'a> {
    /// The blocks in `bytes`, which begin at `at` of the file.
    pub(super) fn new(bytes: &'a [u8], at: u64) -> Self {
        Self { rest: bytes, at }
    }

    fn skip(&mut self, bytes: usize) {
        let bytes = bytes.min(self.rest.len());
        self.rest = self.rest.get(bytes..).unwrap_or_default();
        self.at = self.at.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, NoBlock>;

    fn next(&mut self) -> Option<Self::Item> {
        // Zeros are padding, and cameras end payloads with them.
        while let [0, 0, 0, 0, ..] = self.rest {
            self.skip(4);
        }
        let at = self.at;
        let [a, b, c, d, kind, size, high, low, data @ ..] = self.rest else {
            let padding = self.rest.iter().all(|byte| *byte == 0);
            self.rest = &[];
            return (!padding).then_some(Err(NoBlock { at }));
        };
        let key = [*a, *b, *c, *d];
        if !key.iter().all(|letter| matches!(letter, b' '..=b'~')) {
            self.rest = &[];
            return Some(Err(NoBlock { at }));
        }
        // At most 255 * 65,535.
        let claimed = usize::from(*size) * usize::from(u16::from_be_bytes([*high, *low]));
        let block = Block {
            key,
            kind: *kind,
            size: usize::from(*size),
            data: data.get(..claimed).unwrap_or(data),
            at,
            missing: claimed.saturating_sub(data.len()),
        };
        self.skip(HEADER_BYTES + claimed.next_multiple_of(4));
        Some(Ok(block))
    }
}
