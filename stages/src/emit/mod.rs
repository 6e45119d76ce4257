//! emit: what the world sees of a table: GeoParquet files with their digests, the tiles of a map,
//! and all of an epoch's files as one archive.
//!
//! A published file is a pure function of its rows; where it lies and when it appears is the
//! pipeline's business.

pub mod car;
mod changes;
mod geometry;
pub mod map;
mod protobuf;
mod publish;
pub mod stac;

pub use changes::{Mapped, changes};
pub use geometry::{Bbox, Shape, cell_geometry, cell_shape, point_geometry, point_shape};
pub use publish::{GeoParquet, Publish, PublishedFile, bbox_of_metadata, first_underived, publish};
