//! Where an export goes: a file, an object of a bucket, or stdout. Nothing is there before all of it is.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::runtime::Runtime;

use crate::cli::Usage;
use crate::store::Store;

/// What is written to.
pub(super) type Out = Box<dyn Write>;

/// The name of stdout.
pub(super) const STDOUT: &str = "-";

pub(super) enum Target {
    Stdout,
    /// A file of this machine that becomes `path` when it is whole, and goes with this value when it does not.
    File {
        file: File,
        /// Where it is written; `None` once it is in its place, or where it is no plain file and is written directly.
        part: Option<PathBuf>,
        path: PathBuf,
    },
    /// An object, kept on this machine until it is whole.
    Object {
        store: Store,
        name: String,
        spool: File,
    },
}

impl Target {
    /// # Errors
    /// What was asked wrongly ([`Usage`]), or what cannot be written to.
    pub(super) fn open(out: &str, runtime: &Arc<Runtime>) -> anyhow::Result<Self> {
        let named = || format!("--out {out}");
        if out == STDOUT {
            return Ok(Self::Stdout);
        }
        if let Some((scheme, _)) = out.split_once("://") {
            let at = out.rfind('/').unwrap_or_default();
            let (folder, name) = (&out[..at], &out[at + 1..]);
            if name.is_empty() || folder.len() <= scheme.len() + 2 {
                return Err(Usage(format!("{}: it names no object; end it with one", named())).into());
            }
            return Ok(Self::Object {
                store: Store::create(folder, runtime).with_context(named)?,
                name: name.to_owned(),
                spool: tempfile::tempfile().context("a file for what is to be uploaded")?,
            });
        }
        let path = PathBuf::from(out);
        // What is there and no plain file (a pipe, a device) is written, not replaced.
        let is_plain = path.metadata().map_or(true, |found| found.is_file());
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = is_plain.then(|| PathBuf::from(part));
        let file = File::create(part.as_ref().unwrap_or(&path)).with_context(named)?;
        Ok(Self::File { file, part, path })
    }

    pub(super) fn writer(&self) -> anyhow::Result<Out> {
        Ok(match self {
            Self::Stdout => Box::new(BufWriter::new(std::io::stdout())),
            Self::File { file, .. } => Box::new(BufWriter::new(file.try_clone()?)),
            Self::Object { spool, .. } => Box::new(BufWriter::new(spool.try_clone()?)),
        })
    }

    /// Puts what was written in its place.
    pub(super) fn close(mut self) -> anyhow::Result<()> {
        match &mut self {
            Self::Stdout => {}
            Self::File { part, path, .. } => {
                if let Some(part) = part.take() {
                    std::fs::rename(&part, &path).with_context(|| format!("--out {}", path.display()))?;
                }
            }
            Self::Object { store, name, spool } => {
                spool.seek(SeekFrom::Start(0))?;
                store.put_from(name, spool)?;
            }
        }
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Self::File { part: Some(part), .. } = self {
            // A part that cannot be removed either does no harm.
            let _ = std::fs::remove_file(part);
        }
    }
}
