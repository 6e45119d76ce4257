//! Says which commit and which target this build is of, for `src/provenance.rs`.
//!
//! What the program is built from is both what is asked for changes and what is watched: it runs again when one of it
//! changes or the commit does, and then the crate would have been built again anyway. Without git it knows no commit.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Given by who builds from a source without its history. Empty says that the commit is not known.
const COMMIT: &str = "CAIRN_COMMIT";
/// What the program is built from, below the repository's root.
const BUILT_FROM: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "datasets/Cargo.toml",
    "datasets/src",
    "stages/Cargo.toml",
    "stages/src",
    "pipeline/Cargo.toml",
    "pipeline/build.rs",
    "pipeline/src",
];
/// What git changes when another commit is checked out or made.
const MOVED_BY_COMMITS: [&str; 3] = ["HEAD", "logs/HEAD", "packed-refs"];

fn main() {
    println!("cargo::rerun-if-env-changed={COMMIT}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let commit = match std::env::var(COMMIT) {
        Ok(given) => given,
        Err(_) => checked_out(&root).unwrap_or_default(),
    };
    println!("cargo::rustc-env=CAIRN_BUILD_COMMIT={}", commit.trim());
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=CAIRN_BUILD_TARGET={target}");
    for path in BUILT_FROM {
        watch(&root.join(path));
    }
}

/// What is not there is not watched: cargo would take it for changed each time.
fn watch(path: &Path) {
    if path.exists() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// The commit of a repository whose root this is, not of one that it was unpacked into.
fn checked_out(root: &Path) -> Option<String> {
    if !root.join(".git").exists() {
        return None;
    }
    let commit = git(root, &["rev-parse", "--verify", "HEAD"])?;
    let branch = git(root, &["symbolic-ref", "--quiet", "HEAD"]);
    for name in MOVED_BY_COMMITS.into_iter().chain(branch.as_deref()) {
        if let Some(path) = git(root, &["rev-parse", "--git-path", name]) {
            watch(&root.join(PathBuf::from(path)));
        }
    }
    // Files that git does not know yet are built too.
    let asked = ["status", "--porcelain", "--untracked-files=normal", "--"];
    let changes = git(root, &[&asked[..], &BUILT_FROM].concat())?;
    Some(if changes.is_empty() {
        commit
    } else {
        format!("{commit}-dirty")
    })
}

fn git(root: &Path, args: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    // A hook of git's own that builds says where another repository is.
    for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        git.env_remove(variable);
    }
    let ran = git
        .args(["--no-optional-locks", "-C"])
        .arg(root)
        .args(args)
        .output()
        .ok()?;
    let said = String::from_utf8(ran.stdout).ok()?;
    ran.status.success().then(|| said.trim().to_owned())
}
