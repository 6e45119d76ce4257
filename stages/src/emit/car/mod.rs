//! A folder of files as one archive that names itself: `CARv1` of `UnixFS`, byte for byte the same whoever makes it.
//!
//! | | |
//! |---|---|
//! | identifiers | version 1, SHA-256 |
//! | files | chunks of 1,048,576 bytes as raw blocks, at most 1,024 to a node, balanced; a file of one chunk is that block |
//! | folders | plain: one block each, names in order of their bytes |
//! | blocks | each once, a node before what is below it, from the one root down (order `dfs`, no duplicates) |
//!
//! These are the settings of npm's `ipfs-car`, so that others come to the same root. A first pass over the files names
//! every block, since the root stands in front; a second writes them.

mod file;
mod node;

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::cid::{CID_BYTES, Cid};

pub use self::file::FileTree;
use self::file::Met;
use self::node::Part;
use super::protobuf::varint;

/// Bytes of a chunk; the last of a file may have fewer.
pub const CHUNK: usize = 1_048_576;
/// Most children of a file's node.
const WIDTH: usize = 1_024;
/// Most bytes of a folder's block: what programs exchange is no larger.
const MOST_FOLDER_BYTES: usize = 2 << 20;

/// Files that make no archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CarError {
    /// A path that would lead out of a folder, or nowhere.
    #[error("`{path}` is no path of an archive: it has an empty part, `.` or `..`")]
    Path {
        /// The path.
        path: String,
    },
    /// A path that is there, as a file or as a folder.
    #[error("`{path}` is there twice")]
    Twice {
        /// The path.
        path: String,
    },
    /// Too many entries.
    #[error(
        "folder `{path}` has {entries} entries, which make a block of {bytes} bytes; an archive has folders of one block, \
         of {MOST_FOLDER_BYTES} bytes at most. A run with a coarser --tile-resolution has fewer files"
    )]
    Folder {
        /// The folder, empty for the root.
        path: String,
        /// Entries in it.
        entries: usize,
        /// Bytes of its block.
        bytes: usize,
    },
}

/// What is met on a walk over an archive, in the order of its blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A block that follows from the others' names.
    Block(Cid, &'a [u8]),
    /// A file begins: what follows until the next is of it.
    File(&'a str),
    /// The file's next chunk.
    Chunk(Cid),
}

/// An archive whose blocks are known by name and size.
#[derive(Clone, Debug)]
pub struct Archive {
    root: Folder,
}

#[derive(Clone, Debug)]
enum Entry {
    File { path: String, tree: FileTree },
    Folder(Folder),
}

#[derive(Clone, Debug)]
struct Folder {
    part: Part,
    block: Vec<u8>,
    entries: BTreeMap<String, Entry>,
}

/// Folders while files come in.
#[derive(Debug, Default)]
struct Growing(BTreeMap<String, Grown>);

#[derive(Debug)]
enum Grown {
    File { path: String, tree: FileTree },
    Folder(Growing),
}

impl Archive {
    /// The archive of files by path; parts of a path stand between `/`.
    ///
    /// # Errors
    /// [`CarError`] for paths that cannot stand in one folder.
    pub fn of(files: impl IntoIterator<Item = (String, FileTree)>) -> Result<Self, CarError> {
        let mut root = Growing::default();
        for (path, tree) in files {
            root.add(path, tree)?;
        }
        Ok(Self {
            root: Folder::of("", root)?,
        })
    }

    /// The identifier of all of it.
    #[must_use]
    pub fn root(&self) -> Cid {
        self.root.part.cid
    }

    /// What stands before the first block.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        // DAG-CBOR of `{"roots": [CID], "version": 1}`; a CID is bytes under tag 42, after a zero.
        let mut cbor = b"\xa2\x65roots\x81\xd8\x2a\x58\x25\x00".to_vec();
        cbor.extend_from_slice(&self.root().bytes());
        cbor.extend_from_slice(b"\x67version\x01");
        let mut header = Vec::new();
        varint(&mut header, cbor.len() as u64);
        header.extend_from_slice(&cbor);
        header
    }

    /// Goes through all of it in the order of its blocks. Those that are there more than once are met as often.
    ///
    /// # Errors
    /// Those of `visit`.
    pub fn walk<E>(&self, mut visit: impl FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
        self.root.walk(&mut visit)
    }
}

/// What stands before the bytes of a block.
#[must_use]
pub fn frame(cid: &Cid, bytes: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(CID_BYTES + 5);
    varint(&mut frame, (CID_BYTES + bytes) as u64);
    frame.extend_from_slice(&cid.bytes());
    frame
}

/// Which blocks were written: each is once.
#[derive(Debug, Default)]
pub struct Written(BTreeSet<Cid>);

impl Written {
    /// Whether a block was not there before.
    pub fn is_new(&mut self, cid: Cid) -> bool {
        self.0.insert(cid)
    }

    /// How many there are.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.0.len()
    }
}

impl Growing {
    fn add(&mut self, path: String, tree: FileTree) -> Result<(), CarError> {
        let names: Vec<String> = path.split('/').map(str::to_owned).collect();
        if names.iter().any(|name| ["", ".", ".."].contains(&name.as_str())) {
            return Err(CarError::Path { path });
        }
        let mut folder = self;
        let mut names = names.into_iter().peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                if folder.0.contains_key(&name) {
                    return Err(CarError::Twice { path });
                }
                folder.0.insert(name, Grown::File { path, tree });
                break;
            }
            let below = folder.0.entry(name);
            match below.or_insert_with(|| Grown::Folder(Self::default())) {
                Grown::Folder(below) => folder = below,
                Grown::File { path, .. } => return Err(CarError::Twice { path: path.clone() }),
            }
        }
        Ok(())
    }
}

impl Folder {
    fn of(path: &str, grown: Growing) -> Result<Self, CarError> {
        let mut entries = BTreeMap::new();
        for (name, entry) in grown.0 {
            let entry = match entry {
                Grown::File { path, tree } => Entry::File { path, tree },
                Grown::Folder(below) => {
                    let path = format!("{path}/{name}");
                    Entry::Folder(Self::of(path.trim_start_matches('/'), below)?)
                }
            };
            entries.insert(name, entry);
        }
        let parts: Vec<(&str, Part)> = entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry.part()))
            .collect();
        let block = node::folder(parts.iter().map(|(name, part)| (*name, part)));
        if block.len() > MOST_FOLDER_BYTES {
            return Err(CarError::Folder {
                path: path.to_owned(),
                entries: entries.len(),
                bytes: block.len(),
            });
        }
        let part = Part::over(&block, parts.iter().map(|(_, part)| part));
        Ok(Self { part, block, entries })
    }

    fn walk<E>(&self, visit: &mut impl FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
        visit(Step::Block(self.part.cid, &self.block))?;
        self.entries.values().try_for_each(|entry| match entry {
            Entry::Folder(folder) => folder.walk(visit),
            Entry::File { path, tree } => {
                visit(Step::File(path))?;
                tree.walk(&mut |met| match met {
                    Met::Node(cid, block) => visit(Step::Block(cid, block)),
                    Met::Chunk(cid) => visit(Step::Chunk(cid)),
                })
            }
        })
    }
}

impl Entry {
    fn part(&self) -> Part {
        match self {
            Self::File { tree, .. } => tree.root(),
            Self::Folder(folder) => folder.part,
        }
    }
}

#[cfg(test)]
#[path = "car_tests.rs"]
mod tests;
