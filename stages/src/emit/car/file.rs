//! A file as a balanced tree over its chunks.

use std::convert::Infallible;

use cairn_datasets::cid::Cid;

use super::node::{self, Part};

/// What is met on a walk over a file's tree.
pub(super) enum Met<'a> {
    /// A node, by its block.
    Node(Cid, &'a [u8]),
    /// The next chunk.
    Chunk(Cid),
}

/// The tree over a file's chunks: of each block its name and sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTree {
    /// The chunks, then the nodes over them, and so on; the last is one block.
    levels: Vec<Vec<Part>>,
    width: usize,
}

impl FileTree {
    /// The tree over chunks, each of [`super::CHUNK`] bytes but for the last. A file without any is one empty chunk.
    ///
    /// # Errors
    /// Those of the chunks.
    pub fn of<C: AsRef<[u8]>, E>(chunks: impl Iterator<Item = Result<C, E>>) -> Result<Self, E> {
        Self::of_width(super::WIDTH, chunks)
    }

    /// The tree over a file that is there as a whole.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let chunks = bytes.chunks(super::CHUNK).map(Ok::<_, Infallible>);
        match Self::of(chunks) {
            Ok(tree) => tree,
            Err(never) => match never {},
        }
    }

    /// A tree of at most `width` children to a node.
    pub(super) fn of_width<C: AsRef<[u8]>, E>(
        width: usize,
        chunks: impl Iterator<Item = Result<C, E>>,
    ) -> Result<Self, E> {
        let parts = chunks.map(|chunk| Ok(Part::of_bytes(chunk?.as_ref())));
        let mut leaves: Vec<Part> = parts.collect::<Result<_, E>>()?;
        if leaves.is_empty() {
            leaves.push(Part::of_bytes(b""));
        }
        let mut levels = vec![leaves];
        while let Some(below) = levels.last()
            && below.len() > 1
        {
            let nodes = below.chunks(width);
            let level = nodes.map(|parts| Part::over(&node::file(parts), parts.iter()));
            let level = level.collect();
            levels.push(level);
        }
        Ok(Self { levels, width })
    }

    /// The block that the file is known by; the tree has one always.
    pub(super) fn root(&self) -> Part {
        let top = self.levels.last().and_then(|level| level.first());
        top.copied().unwrap_or_else(|| Part::of_bytes(b""))
    }

    /// Goes from the root down, each node before what is below it and the chunks in the file's order.
    pub(super) fn walk<E>(&self, visit: &mut impl FnMut(Met<'_>) -> Result<(), E>) -> Result<(), E> {
        self.below(self.levels.len().saturating_sub(1), 0, visit)
    }

    fn below<E>(
        &self,
        level: usize,
        index: usize,
        visit: &mut impl FnMut(Met<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let cid = self.levels[level][index].cid;
        if level == 0 {
            return visit(Met::Chunk(cid));
        }
        let children = &self.levels[level - 1];
        let first = index * self.width;
        let end = children.len().min(first + self.width);
        visit(Met::Node(cid, &node::file(&children[first..end])))?;
        (first..end).try_for_each(|child| self.below(level - 1, child, visit))
    }
}
