//! Files that show a run and decide nothing: they follow from what is published, and are in no digest.

pub mod changes;
