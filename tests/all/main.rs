//! The tests that cross crates: they run the program as its users do and look at what it published.
//!
//! Sources are made in scratch folders, each run has a work folder of its own, and nothing is fetched. Real
//! files are used where they lie beside the repository (see `cairn_tests::real`); a test that misses them
//! says so and passes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test that it helps"
)]

mod adjust;
mod agree;
mod attest;
mod audit;
mod block;
mod car;
mod carried;
mod catalog;
mod chain;
mod changes;
mod city_truth;
mod closed;
mod copies;
mod epochs;
mod errors;
mod evaluate;
mod explain;
mod exports;
mod extremes;
mod fixtures;
mod forge;
mod forged;
mod history;
mod inspect;
mod lookalikes;
mod manifests;
mod map;
mod modes;
mod mutations;
mod network;
mod oracle;
mod order;
mod payment;
mod policy;
mod privacy_of_metadata;
mod private;
mod proofs;
mod python;
mod readers;
mod resume;
mod s3;
mod sample;
mod signatures;
mod sums;
mod tamper;
mod view;
mod walks;
mod web;
mod weeks;
mod what_if;
