//! Files that show a run to people and to other programs. They decide nothing, are in no digest, and can be made again
//! from the tables at any time; the same tables give the same bytes.

pub mod changes;
pub mod map;
pub mod stac;
