//! What happens: the only crate of Cairn with effects, and the home of the `cairn` binary.

pub mod archive;
pub mod cli;
pub mod commands;
pub mod corrections;
pub mod engine;
pub mod evaluate;
pub mod flow;
pub mod history;
pub mod policy_file;
pub mod progress;
pub mod provenance;
pub mod publish;
pub mod published;
pub mod replay;
pub mod report;
mod sidecars;
pub mod source;
pub mod store;
pub mod views;
pub mod zones;
