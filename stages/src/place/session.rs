//! What a session holds, read from its tables.
//!
//! Rows whose object is missing or not kept are passed over. The fixes of an object that repeats
//! an earlier one byte for byte (O6, table `repeats`) are not used at all, and neither are those
//! of an object that holds pictures: a member of a sequence is known by path and place alone.

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
        let mut unused: BTreeSet<&str> = repeats.iter().map(|repeat| repeat.repeat_path.as_str()).collect();
        unused.extend(shots.iter().map(|shot| shot.path.as_str()));
        let mut fixes: Vec<Fix> = tables.rows()?;
        fixes.retain(|fix| objects.contains_key(&fix.path) && !unused.contains(fix.path.as_str()));
        fixes.sort_by(|a, b| (&a.path, a.ordinal).cmp(&(&b.path, b.ordinal)));
        Ok(Self {
            objects,
            shots,
            fixes,
        })
    }

    /// The fixes of one trace object after the other.
    pub fn traces(&self) -> impl Iterator<Item = (&Object, &[Fix])> {
        self.fixes.chunk_by(|a, b| a.path == b.path).filter_map(|fixes| {
            let object = self.objects.get(&fixes.first()?.path)?;
            Some((object, fixes))
        })
    }
}
