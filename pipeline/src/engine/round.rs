//! Rounds: a kernel's tables, and on which groups it runs.

use std::collections::BTreeSet;

use cairn_datasets::codec::ipc;
use cairn_datasets::table::Row;

use super::{EngineError, Shelf};

/// A table that a round reads.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub(super) table: &'static str,
    pub(super) key: &'static [&'static str],
    pub(super) shelf: &'a Shelf,
    pub(super) join: Option<Joined<'a>>,
    pub(super) drives: bool,
    /// Read by every task whatever its own group.
    pub(super) of: Option<&'static str>,
}

impl Input<'_> {
    /// The group of this table that a task on `group` reads.
    pub(super) fn group<'g>(&self, group: &'g str) -> &'g str {
        self.of.unwrap_or(group)
    }
}

#[derive(Debug)]
pub(super) struct Joined<'a> {
    pub(super) table: &'static str,
    pub(super) shelf: &'a Shelf,
    pub(super) left_on: &'static str,
    pub(super) right_on: &'static str,
    pub(super) empty: Vec<u8>,
}

/// A kernel with the tables it reads.
#[derive(Debug)]
pub struct Round<'a> {
    pub(super) inputs: Vec<Input<'a>>,
    except: Option<&'static str>,
    only: &'static str,
}

impl<'a> Round<'a> {
    /// A round that runs on every group of table `R`.
    #[must_use]
    pub fn on<R: Row>(shelf: &'a Shelf) -> Self {
        Self {
            inputs: Vec::new(),
            except: None,
            only: "",
        }
        .and::<R>(shelf)
    }

    fn input<R: Row>(mut self, shelf: &'a Shelf, drives: bool) -> Self {
        self.inputs.push(Input {
            table: R::TABLE,
            key: R::KEY,
            shelf,
            join: None,
            drives,
            of: None,
        });
        self
    }

    /// Reads all that table `R` has in group `of`, in every task.
    #[must_use]
    pub fn with_all<R: Row>(self, shelf: &'a Shelf, of: &'static str) -> Self {
        let mut round = self.input::<R>(shelf, false);
        if let Some(last) = round.inputs.last_mut() {
            last.of = Some(of);
        }
        round
    }

    /// Reads table `R` too, and runs on its groups as well.
    #[must_use]
    pub fn and<R: Row>(self, shelf: &'a Shelf) -> Self {
        self.input::<R>(shelf, true)
    }

    /// Reads table `R` too, where a group has it.
    #[must_use]
    pub fn with<R: Row>(self, shelf: &'a Shelf) -> Self {
        self.input::<R>(shelf, false)
    }

    /// Joins table `R` to the one named last: its columns are added where the two columns are equal.
    ///
    /// # Errors
    /// [`EngineError::Table`] when an empty table cannot be written.
    pub fn joined<R: Row>(
        mut self,
        shelf: &'a Shelf,
        left_on: &'static str,
        right_on: &'static str,
    ) -> Result<Self, EngineError> {
        let empty = ipc::write(&R::to_batch(&[])?)?;
        if let Some(last) = self.inputs.last_mut() {
            last.join = Some(Joined {
                table: R::TABLE,
                shelf,
                left_on,
                right_on,
                empty,
            });
        }
        Ok(self)
    }

    /// Leaves one group out.
    #[must_use]
    pub fn except(mut self, group: &'static str) -> Self {
        self.except = Some(group);
        self
    }

    /// Runs on the groups whose names start so.
    #[must_use]
    pub fn only(mut self, start: &'static str) -> Self {
        self.only = start;
        self
    }

    /// The groups it runs on, in order.
    pub(super) fn groups(&self) -> Vec<String> {
        let drivers = self.inputs.iter().filter(|input| input.drives);
        let groups: BTreeSet<String> = drivers
            .flat_map(|input| input.shelf.groups(input.table))
            .collect();
        groups
            .into_iter()
            .filter(|group| Some(group.as_str()) != self.except && group.starts_with(self.only))
            .collect()
    }

    /// Rows that the task on a group reads.
    pub(super) fn rows(&self, group: &str) -> u64 {
        let rows = |shelf: &Shelf, table: &str, group: &str| -> u64 {
            let files = shelf.files(table, group);
            files.iter().map(|file| file.rows).sum()
        };
        let inputs = self.inputs.iter().map(|input| {
            let joined = input
                .join
                .as_ref()
                .map_or(0, |join| rows(join.shelf, join.table, group));
            rows(input.shelf, input.table, input.group(group)) + joined
        });
        inputs.sum()
    }
}
