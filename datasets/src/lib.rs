//! What flows through Cairn: units and ids as types, tables with total unique keys, verdicts with
//! stable codes, digests over canonical rows, and the formats they are written in. Nothing here
//! reads a file, a clock or an environment, and nothing starts a thread.
//!
//! | table | key | made by | read by |
//! |---|---|---|---|
//! | uploads | path | the listing of the source | ingest |
//! | fixes, shots | path, ordinal | ingest | place |
//! | `trace_summaries` | path | place | score (settle) |
//! | fingerprints | digest, clause, path, ordinal | ingest, place | dedup |
//! | repeats | `repeat_id` | dedup | place, dedup |
//! | candidates | `image_id` | place | dedup |
//! | `image_verdicts` | path, ordinal | dedup | score (settle) |
//! | `sequence_tiles`, confirmations | sequence | place, score (settle) | score |
//! | recordings, `track_visits` | rows, sequence; cell, sequence, at | place | dedup, score (settle) |
//! | `track_copies`, `copied_spans` | sequence, `start_at` | dedup, score (settle) | score |
//! | presences | device, at, `pass_id` | place | score |
//! | `two_places` | `pass_id` | score | score |
//! | shares | contributor | reward | reward |
//! | **objects** | path | ingest, score (settle) | everyone |
//! | **images** | cell, `image_id` | place, dedup, score | everyone |
//! | **passes** | cell, `pass_id` | place, score, reward | everyone |
//! | **coverage** | cell | score | everyone |
//! | **standing** | cell, slot | score | the next epoch |
//! | **credits** | cell, contributor | reward | everyone |
//! | **rewards** | contributor | reward | everyone; its debts, the next epoch |
//! | **adjustments** | contributor, file, line | the operator, by signed files; reward | everyone |
//! | truth | path, kind, ordinal | `cairn sample` | whoever measures the clauses |
//!
//! Tables in bold are published.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod adjustments;
pub mod cell;
pub mod cid;
pub mod city;
pub mod codec;
pub mod column;
pub mod digest;
pub mod epoch;
pub mod ids;
pub mod manifest;
pub mod table;
pub mod tables;
pub mod units;
pub mod verdict;
