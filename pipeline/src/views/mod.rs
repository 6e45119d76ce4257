//! What shows a run and decides nothing. Views are in no digest; the same tables give the same bytes of a view all the
//! same.

pub mod stac;
