//! What an epoch leaves to those after it, by cell: R2's standing, and who speaks for others (P6).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_datasets::cell::Cell;
use cairn_datasets::tables::{Image, Pass, Standing, Witness};
use cairn_stages::audit::replay::ReplayedCell;
use cairn_stages::history::{speaking_images, speaking_passes};

use crate::published::{PublishedError, Run, Wanted};

/// What one epoch left.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// Direction slots of the cells that have any.
    pub standing: BTreeMap<Cell, Vec<Standing>>,
    /// Contributors with a kept image, and with a kept pass of a confirmed sequence.
    speaking: BTreeMap<Cell, [BTreeSet<String>; 2]>,
}

impl Left {
    /// What a published run left, in some cells.
    ///
    /// # Errors
    /// [`PublishedError`] when a file is missing or broken.
    pub fn of(run: &Run, wanted: &Arc<Wanted>) -> Result<Self, PublishedError> {
        let mut left = Self::default();
        left.add(
            &run.find::<Image>(wanted)?,
            &run.find::<Pass>(wanted)?,
            run.find::<Standing>(wanted)?,
        );
        Ok(left)
    }

    /// Adds what an epoch that is worked out again leaves in a cell.
    pub fn take(&mut self, cell: &ReplayedCell) {
        self.add(&cell.images, &cell.passes, cell.standing.clone());
    }

    /// Adds rows of an epoch.
    pub fn add(&mut self, images: &[Image], passes: &[Pass], standing: Vec<Standing>) {
        for slot in standing {
            self.standing.entry(slot.cell).or_default().push(slot);
        }
        for (place, speaking) in [speaking_images(images), speaking_passes(passes)]
            .iter()
            .enumerate()
        {
            for (cell, contributor) in speaking {
                let held = self.speaking.entry(*cell).or_default();
                if let Some(held) = held.get_mut(place) {
                    held.insert((*contributor).to_owned());
                }
            }
        }
    }

    /// Who speaks for others in a cell, as rows of the epoch's number in the history.
    pub(super) fn witnesses(&self, cell: Cell, history: u32) -> impl Iterator<Item = Witness> {
        let speaking = self.speaking.get(&cell).into_iter().flatten();
        speaking
            .zip([true, false])
            .flat_map(move |(contributors, with_image)| {
                contributors.iter().map(move |contributor| Witness {
                    cell,
                    contributor: contributor.clone(),
                    history,
                    with_image,
                })
            })
    }
}
