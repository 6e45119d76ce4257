//! What a session holds, read from its tables.
//!
//! Rows whose object is missing or not kept are passed over. The fixes of an object that repeats
//! an earlier one byte for byte (O6, table `repeats`) say what is private (X1) and nothing else. Those
//! of an object that holds pictures are not used at all: a member of a sequence is known by path and
//! place alone.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::table::TableError;
use cairn_datasets::tables::{Fix, Object, Repeat, Shot};
use cairn_datasets::verdict::Verdict;

use crate::kernel::Tables;

/// The readable part of a session.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// Its kept objects by path.
    pub objects: BTreeMap<String, Object>,
    /// Its images, by path and place.
    pub shots: Vec<Shot>,
    /// The fixes to use, by path and place.
    pub fixes: Vec<Fix>,
    /// Those of objects that repeat an earlier one, by path and place.
    pub repeated: Vec<Fix>,
}

impl Session {
    /// Reads the tables of one group, in whatever order their rows are.
    ///
    /// # Errors
    /// [`TableError`] when a table is not what it should be.
    pub fn read(tables: &Tables) -> Result<Self, TableError> {
        let objects: BTreeMap<String, Object> = tables
            .rows::<Object>()?
            .into_iter()
            .filter(|object| object.verdict == Verdict::Kept)
            .map(|object| (object.path.clone(), object))
            .collect();
        let mut shots: Vec<Shot> = tables.rows()?;
        shots.retain(|shot| objects.contains_key(&shot.path));
        shots.sort_by(|a, b| (&a.path, a.ordinal).cmp(&(&b.path, b.ordinal)));

        let repeats = tables.rows::<Repeat>()?;
        let repeats: BTreeSet<&str> = repeats.iter().map(|repeat| repeat.repeat_path.as_str()).collect();
        let pictures: BTreeSet<&str> = shots.iter().map(|shot| shot.path.as_str()).collect();
        let mut fixes: Vec<Fix> = tables.rows()?;
        fixes.retain(|fix| objects.contains_key(&fix.path) && !pictures.contains(fix.path.as_str()));
        fixes.sort_by(|a, b| (&a.path, a.ordinal).cmp(&(&b.path, b.ordinal)));
        let (repeated, fixes) = fixes
            .into_iter()
            .partition(|fix| repeats.contains(fix.path.as_str()));
        Ok(Self {
            objects,
            shots,
            fixes,
            repeated,
        })
    }

    /// The fixes of one trace object after the other.
    pub fn traces(&self) -> impl Iterator<Item = (&Object, &[Fix])> {
        self.by_object(&self.fixes)
    }

    /// The same of the objects that repeat an earlier one.
    pub fn repeats(&self) -> impl Iterator<Item = (&Object, &[Fix])> {
        self.by_object(&self.repeated)
    }

    fn by_object<'a>(&'a self, fixes: &'a [Fix]) -> impl Iterator<Item = (&'a Object, &'a [Fix])> {
        fixes.chunk_by(|a, b| a.path == b.path).filter_map(|fixes| {
            let object = self.objects.get(&fixes.first()?.path)?;
            Some((object, fixes))
        })
    }
}
