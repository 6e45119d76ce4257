//! Files that show a run to people and to other programs. They decide nothing, are in no digest of results, and can be made again
//! from the tables at any time; the same tables give the same bytes.

pub mod changes;
pub mod claims;
pub mod map;
pub mod stac;

use crate::publish::REPORT;

/// The files beside the tables of an epoch that are views, each where it is there.
pub const VIEWS: [&str; 5] = [
    REPORT,
    map::MAP,
    changes::CHANGES,
    claims::CLAIMS,
    claims::UNCLAIMED,
];
