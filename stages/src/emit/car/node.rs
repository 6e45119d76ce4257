//! Blocks with links: dag-pb nodes that hold what `UnixFS` says of a file or a folder.
//!
//! Links stand before the data, as the dag-pb specification wants it, and those of a folder in order of their names'
//! bytes.

use cairn_datasets::cid::{Cid, Codec};

use super::super::protobuf::{sized, varint};

/// The numbers of `UnixFS` for what a node is.
const FOLDER: u8 = 1;
const FILE: u8 = 2;

/// A block, as the node above it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its name.
    pub(super) cid: Cid,
    /// Bytes of a file that are below it, or are it.
    pub(super) content: u64,
    /// Bytes of this block and of all blocks below it, each as often as it is linked.
    pub(super) total: u64,
}

impl Part {
    /// A part of a file, as it is.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            cid: Cid::of(Codec::Raw, bytes),
            content: bytes.len() as u64,
            total: bytes.len() as u64,
        }
    }

    /// The block of a node over others.
    pub(super) fn over<'a>(block: &[u8], below: impl Iterator<Item = &'a Self>) -> Self {
        let block_bytes = block.len() as u64;
        let (content, total) = below.fold((0, block_bytes), |(content, total), part| {
            (content + part.content, total + part.total)
        });
        Self {
            cid: Cid::of(Codec::DagPb, block),
            content,
            total,
        }
    }
}

/// The block of a file's node over its parts in order.
pub(super) fn file(parts: &[Part]) -> Vec<u8> {
    let content = parts.iter().map(|part| part.content).sum();
    let mut data = vec![0x08, FILE, 0x18];
    varint(&mut data, content);
    for part in parts {
        data.push(0x20);
        varint(&mut data, part.content);
    }
    node(parts.iter().map(|part| ("", part)), &data)
}

/// The block of a folder, of which the names come in order of their bytes.
pub(super) fn folder<'a>(entries: impl Iterator<Item = (&'a str, &'a Part)>) -> Vec<u8> {
    node(entries, &[0x08, FOLDER])
}

fn node<'a>(links: impl Iterator<Item = (&'a str, &'a Part)>, data: &[u8]) -> Vec<u8> {
    let (mut block, mut link) = (Vec::new(), Vec::new());
    for (name, part) in links {
        link.clear();
        sized(&mut link, 0x0a, &part.cid.bytes());
        sized(&mut link, 0x12, name.as_bytes());
        link.push(0x18);
        varint(&mut link, part.total);
        sized(&mut block, 0x12, &link);
    }
    sized(&mut block, 0x0a, data);
    block
}
