//! Batches to bytes and back.

pub mod ipc;
pub mod parquet;
