//! Shared by the tests: runs the program, makes sources, reads what was published.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test that it helps"
)]

mod dataframe;
mod frame;
mod http;
mod program;
mod proxy;
mod published;
mod s3;
mod server;
mod sources;
mod web;

pub use frame::{Frame, Value};
pub use program::{Cairn, Ran};
pub use proxy::{Fault, Proxy, Seen};
pub use published::{KEYED_BY, Published, TABLES, files_below};
pub use s3::S3;
pub use server::Server;
pub use sources::{Scratch, copy_folder, real, small_city, write_city};
pub use web::Web;
