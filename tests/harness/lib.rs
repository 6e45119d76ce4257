//! Shared by the tests: runs the program, makes sources, reads what was published.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test that it helps"
)]

mod frame;
mod program;
mod published;
mod sources;

pub use frame::{Frame, Value};
pub use program::{Cairn, Ran};
pub use published::{KEYED_BY, Published, TABLES, files_below};
pub use sources::{Scratch, copy_folder, real, small_city, write_city};
