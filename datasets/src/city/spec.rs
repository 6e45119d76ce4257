//! How large a city, and what is in it.

/// What to make. The same spec always makes the same bytes. Values out of range are moved to its nearer end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitySpec {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// People who upload, 1..=10,000. With mischief, and if there are at least two, the last of them only copies.
    pub contributors: u32,
    /// Honest pictures per contributor, at most 10,000; a trip ends where its route does.
    pub frames_per_drive: u32,
    /// Blocks of 90 m from west to east, 1..=60. The routes of the demo need 5.
    pub blocks_east: u32,
    /// Blocks of 130 m from south to north, 1..=60. The routes of the demo need 3.
    pub blocks_north: u32,
    /// Width of pictures in pixels, 64..=4096.
    pub width: u32,
    /// Height of pictures in pixels, 64..=4096.
    pub height: u32,
    /// The Monday midnight at which the week of all uploads starts, in ms since 1970 UTC, 0..=8e12.
    pub week_start_ms: i64,
    /// With copies, accidents and broken files.
    pub mischief: bool,
}

impl Default for CitySpec {
    /// The demo: five who map and one who copies, in the week 2026-W20.
    fn default() -> Self {
        Self {
            seed: 20,
            contributors: 6,
            frames_per_drive: 33,
            blocks_east: 5,
            blocks_north: 3,
            width: 960,
            height: 540,
            week_start_ms: 1_778_457_600_000,
            mischief: true,
        }
    }
}

impl CitySpec {
    /// The spec with every value in its range, so that nothing after it can overflow or run out of memory.
    pub(crate) fn clamped(&self) -> Self {
        Self {
            contributors: self.contributors.clamp(1, 10_000),
            frames_per_drive: self.frames_per_drive.min(10_000),
            blocks_east: self.blocks_east.clamp(1, 60),
            blocks_north: self.blocks_north.clamp(1, 60),
            width: self.width.clamp(64, 4096),
            height: self.height.clamp(64, 4096),
            week_start_ms: self.week_start_ms.clamp(0, 8_000_000_000_000),
            ..self.clone()
        }
    }
}
