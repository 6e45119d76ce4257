//! All files of a published epoch as one archive that names itself (`cairn_stages::emit::car`).
//!
//! The files are read twice, since the archive's name stands before its first block: once to name every block, and once
//! to write them. Each time each file has to be what the manifest says, to the last byte.

use std::collections::BTreeMap;
use std::io::Write;

use bytes::{Bytes, BytesMut};
use cairn_datasets::cid::{Cid, Codec};
use cairn_datasets::digest::{BytesHasher, Digest};
use cairn_stages::emit::car::{Archive, CHUNK, CarError, FileTree, Step, Written, frame};

use crate::publish::MANIFEST;
use crate::published::Run;
use crate::store::{Pieces, StoreError};

/// An epoch that makes no archive, or one that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Paths that make no folder.
    #[error(transparent)]
    Form(#[from] CarError),
    /// A file that the manifest names and that is not there.
    #[error("`{path}` in `{location}` is not there, and the manifest names it")]
    Missing {
        /// The file.
        path: String,
        /// The epoch's folder.
        location: String,
    },
    /// A file that is another than the manifest names.
    #[error(
        "`{path}` in `{location}` is not the file that the manifest names: {what}; `cairn audit` says more"
    )]
    Differs {
        /// The file.
        path: String,
        /// The epoch's folder.
        location: String,
        /// What differs.
        what: String,
    },
    /// The archive cannot be written.
    #[error("the archive cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

/// What the manifest says of a file.
#[derive(Clone, Copy, Debug)]
struct Named {
    bytes: u64,
    sha256: Digest,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Files.
    pub files: usize,
    /// Blocks, each once.
    pub blocks: usize,
    /// Bytes of the archive.
    pub bytes: u64,
}

/// The archive of a published epoch: its manifest and every file that it names. What differs from run to run is not in it.
#[derive(Debug)]
pub struct RunArchive<'a> {
    run: &'a Run,
    manifest: Bytes,
    files: BTreeMap<String, Named>,
    archive: Archive,
}

impl<'a> RunArchive<'a> {
    /// Reads every file of a run, of which the manifest's bytes are given.
    ///
    /// # Errors
    /// [`ArchiveError`] when a file cannot be read or is not what the manifest says.
    pub fn of(run: &'a Run, manifest: Bytes) -> Result<Self, ArchiveError> {
        let mut files = BTreeMap::new();
        for (path, named) in named(run) {
            if path == MANIFEST || files.insert(path.clone(), named).is_some() {
                return Err(CarError::Twice { path }.into());
            }
        }
        let mut trees = vec![(MANIFEST.to_owned(), FileTree::of_bytes(&manifest))];
        for (path, named) in &files {
            let mut chunks = Chunks::of(run, path, *named)?;
            let tree = FileTree::of(std::iter::from_fn(|| chunks.next().transpose()))?;
            trees.push((path.clone(), tree));
        }
        let archive = Archive::of(trees)?;
        Ok(Self {
            run,
            manifest,
            files,
            archive,
        })
    }

    /// Its identifier.
    #[must_use]
    pub fn root(&self) -> Cid {
        self.archive.root()
    }

    /// Reads every file again and writes the archive.
    ///
    /// # Errors
    /// [`ArchiveError`] when it cannot be written, or a file is not any more what it was.
    pub fn write(&self, out: &mut impl Write) -> Result<Counts, ArchiveError> {
        let header = self.archive.header();
        out.write_all(&header)?;
        let (mut written, mut bytes) = (Written::default(), header.len() as u64);
        let mut put = |cid: Cid, block: &[u8]| {
            if written.is_new(cid) {
                let frame = frame(&cid, block.len());
                bytes += (frame.len() + block.len()) as u64;
                out.write_all(&frame)?;
                out.write_all(block)?;
            }
            Ok::<_, ArchiveError>(())
        };
        let mut reading: Option<Chunks<'_>> = None;
        self.archive.walk(|step| match step {
            Step::Block(cid, block) => put(cid, block),
            Step::File(path) => {
                if let Some(before) = reading.take() {
                    before.end()?;
                }
                reading = Some(match self.files.get(path) {
                    Some(named) => Chunks::of(self.run, path, *named)?,
                    None => Chunks::here(self.run, path, self.manifest.clone()),
                });
                Ok(())
            }
            Step::Chunk(cid) => {
                let Some(chunks) = &mut reading else { return Ok(()) };
                let chunk = chunks.next()?.unwrap_or_default();
                if Cid::of(Codec::Raw, &chunk) != cid {
                    return Err(chunks.differs("it changed while it was read".to_owned()));
                }
                put(cid, &chunk)
            }
        })?;
        if let Some(last) = reading.take() {
            last.end()?;
        }
        out.flush()?;
        Ok(Counts {
            files: self.files.len() + 1,
            blocks: written.blocks(),
            bytes,
        })
    }
}

/// Every file that a manifest names.
fn named(run: &Run) -> impl Iterator<Item = (String, Named)> {
    let tables = run.manifest.tables.values().flat_map(|table| &table.files);
    let tables = tables.map(|file| (file.path.clone(), file.bytes, file.sha256));
    let views = run.manifest.views.iter();
    let views = views.map(|(path, view)| (path.clone(), view.bytes, view.sha256));
    tables
        .chain(views)
        .map(|(path, bytes, sha256)| (path, Named { bytes, sha256 }))
}

/// A file in chunks, of which one is held beside what came with it. Its last one is given when the whole file is as the
/// manifest says.
struct Chunks<'a> {
    run: &'a Run,
    path: String,
    named: Named,
    /// `None` for a file that is held.
    pieces: Option<Pieces<'a>>,
    held: Bytes,
    hasher: BytesHasher,
}

impl<'a> Chunks<'a> {
    fn of(run: &'a Run, path: &str, named: Named) -> Result<Self, ArchiveError> {
        let found = run.store.look_up(&[path.to_owned()])?.pop();
        let mut chunks = Self::here(run, path, Bytes::new());
        let found = found.ok_or_else(|| ArchiveError::Missing {
            path: path.to_owned(),
            location: run.store.location().to_owned(),
        })?;
        chunks.named = named;
        // A file of another size need not be read.
        if found.bytes != named.bytes {
            let what = format!(
                "it has {} bytes, and the manifest says {}",
                found.bytes, named.bytes
            );
            return Err(chunks.differs(what));
        }
        chunks.pieces = Some(run.store.pieces(found));
        Ok(chunks)
    }

    fn here(run: &'a Run, path: &str, bytes: Bytes) -> Self {
        Self {
            run,
            path: path.to_owned(),
            named: Named {
                bytes: bytes.len() as u64,
                sha256: Digest::of(&bytes),
            },
            pieces: None,
            held: bytes,
            hasher: BytesHasher::default(),
        }
    }

    /// The next chunk, `None` after the last.
    fn next(&mut self) -> Result<Option<Bytes>, ArchiveError> {
        let chunk = self.fill()?;
        self.hasher.push(&chunk);
        if self.hasher.bytes() == self.named.bytes {
            let found = self.hasher.clone().finish();
            if found != self.named.sha256 {
                let what = format!(
                    "its SHA-256 is {found}, and the manifest says {}",
                    self.named.sha256
                );
                return Err(self.differs(what));
            }
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    /// Up to a chunk of bytes; fewer at the end only.
    fn fill(&mut self) -> Result<Bytes, ArchiveError> {
        let mut joined = BytesMut::new();
        loop {
            let wanted = CHUNK - joined.len();
            let part = self.held.split_to(wanted.min(self.held.len()));
            if joined.is_empty() && part.len() == CHUNK {
                return Ok(part);
            }
            joined.extend_from_slice(&part);
            if joined.len() == CHUNK {
                return Ok(joined.freeze());
            }
            match self.pieces.as_mut().map(Pieces::next).transpose()?.flatten() {
                Some(piece) => self.held = piece,
                None => return Ok(joined.freeze()),
            }
        }
    }

    /// That nothing is left of it: a walk takes as many chunks as there were.
    fn end(mut self) -> Result<(), ArchiveError> {
        if self.next()?.is_some() {
            return Err(self.differs("it changed while it was read".to_owned()));
        }
        Ok(())
    }

    fn differs(&self, what: String) -> ArchiveError {
        ArchiveError::Differs {
            path: self.path.clone(),
            location: self.run.store.location().to_owned(),
            what,
        }
    }
}
