//! The commands, one file each.

pub mod audit;
pub mod demo;
pub mod evaluate;
pub mod explain;
pub mod export;
pub mod inspect;
pub mod keys;
pub mod policy;
pub mod run;
pub mod sample;
