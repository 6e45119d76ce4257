//! emit: what the world sees of a table: GeoParquet files with their digests.
//!
//! A published file is a pure function of its rows; where it lies and when it appears is the
//! pipeline's business.

mod geometry;
mod publish;
pub mod stac;

pub use geometry::{Bbox, Shape, cell_geometry, cell_shape, point_geometry, point_shape};
pub use publish::{Publish, PublishedFile, bbox_of_metadata, first_underived, publish};
