//! H3 cells as the tables hold them.

use std::fmt;

use h3o::{CellIndex, LatLng, Resolution};

use crate::units::Position;

/// An H3 cell. It orders as its 64-bit index, in which the children of a cell stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(CellIndex);

/// A number or text that is no H3 cell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not an H3 cell")]
pub struct CellError {
    /// What was given.
    pub value: String,
}

/// A resolution H3 does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("H3 has no resolution {value}: it knows 0 to 15")]
pub struct ResolutionError {
    /// What was given.
    pub value: u64,
}

/// A resolution from a policy or a setting.
///
/// # Errors
/// [`ResolutionError`] outside 0 to 15.
pub fn resolution(value: u64) -> Result<Resolution, ResolutionError> {
    let fault = ResolutionError { value };
    u8::try_from(value)
        .ok()
        .and_then(|v| Resolution::try_from(v).ok())
        .ok_or(fault)
}

impl Cell {
    /// The cell a position lies in.
    #[must_use]
    pub fn at(position: Position, resolution: Resolution) -> Self {
        // Finite by construction, so the fallback (the cell of 0,0) is never taken.
        let point = LatLng::new(position.lat_deg(), position.lon_deg()).unwrap_or_default();
        Self(point.to_cell(resolution))
    }

    /// The 64-bit index.
    #[must_use]
    pub fn index(self) -> u64 {
        self.0.into()
    }

    /// The H3 library's own type.
    #[must_use]
    pub fn h3(self) -> CellIndex {
        self.0
    }

    /// The coarser cell it belongs to; itself when it is no finer than `resolution`.
    #[must_use]
    pub fn parent(self, resolution: Resolution) -> Self {
        Self(self.0.parent(resolution).unwrap_or(self.0))
    }

    /// The cell and its neighbours, in order of index.
    #[must_use]
    pub fn with_ring(self) -> Vec<Self> {
        let mut disk: Vec<Self> = self.0.grid_disk::<Vec<_>>(1).into_iter().map(Self).collect();
        disk.sort_unstable();
        disk
    }
}

impl TryFrom<u64> for Cell {
    type Error = CellError;

    fn try_from(value: u64) -> Result<Self, CellError> {
        CellIndex::try_from(value).map(Self).map_err(|_| CellError {
            value: format!("{value:x}"),
        })
    }
}

impl std::str::FromStr for Cell {
    type Err = CellError;

    fn from_str(text: &str) -> Result<Self, CellError> {
        text.parse().map(Self).map_err(|_| CellError {
            value: text.to_owned(),
        })
    }
}

impl From<CellIndex> for Cell {
    fn from(index: CellIndex) -> Self {
        Self(index)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
