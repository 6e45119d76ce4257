//! Which program this is: enough to build it again and hold the two against each other.

use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::Build;

use crate::flow::kernels;

/// This build, as manifests name it.
#[must_use]
pub fn build() -> Build {
    // `build.rs` says what a source file cannot.
    let commit = env!("CAIRN_BUILD_COMMIT");
    Build {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        kernels: kernels(),
        commit: (!commit.is_empty()).then(|| commit.to_owned()),
        lock: Digest::of(include_bytes!("../../Cargo.lock")),
        target: env!("CAIRN_BUILD_TARGET").to_owned(),
    }
}
