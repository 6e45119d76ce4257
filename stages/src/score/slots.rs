//! C1 and R2: the walk over the passes of a cell, and what each adds to its direction slot.
//!
//! A cell has two slots, one for each way along a street. A slot remembers the quality of the
//! last pass that improved it; that standing fades to nothing over `score.fade-ms`. A pass gains
//! what it is better than the standing, and only a gain changes the slot.
//!
//! # Laws
//! - A pass never gains more than its own effective quality, and a better one never gains less.
//! - Passes that join one slot gain together at most the best effective quality among them plus
//!   what that quality fades over the time from the first capture to the last. So nobody earns by
//!   cutting a drive into pieces, under however many ids, or by sending a poor pass first.
//!   (Of pieces as good as the drive: what else several ids may bring about, such as confirming
//!   each other, is P6's to allow.)
//!
//! The second law holds to the unit because the one floor is taken of what has *faded*:
//! `standing = Q - floor(Q * age / fade)`. Floored the other way round, each of a thousand passes
//! a millisecond apart would gain a unit for nothing.

use cairn_datasets::tables::{Pass, Standing};
use cairn_datasets::units::{Ppm, Timestamp};

use super::image_quality::signed;
use crate::geodesy::turn_deg;
use crate::policy::ScorePolicy;

/// Direction slots of a cell.
pub const SLOTS: usize = 2;

/// When something was captured and uploaded: what ages are counted between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Capture. Of a pass its last moment in the cell.
    pub captured_at: Timestamp,
    /// Upload, when known.
    pub uploaded_at: Option<Timestamp>,
}

impl Moment {
    /// The moment of a pass. Its capture is its end: by then all of it was captured, and a cell
    /// is as fresh as the last that was seen of it.
    #[must_use]
    pub fn of(pass: &Pass) -> Self {
        Self {
            captured_at: pass.end_at,
            uploaded_at: pass.uploaded_at,
        }
    }

    /// The moment an epoch ends, as a pass captured and uploaded right then would have it.
    #[must_use]
    pub fn end_of_epoch(end: Timestamp) -> Self {
        Self {
            captured_at: end,
            uploaded_at: Some(end),
        }
    }

    /// R2: `max(0, min(capture gap, upload gap))` in ms from `earlier` to here; an upload gap
    /// that is not known does not count. The lesser gap, so that neither a wrong clock nor a late
    /// upload makes what is on the map look older than it is.
    #[must_use]
    fn age_ms(self, earlier: Self) -> i64 {
        let captured = self.captured_at.since(earlier.captured_at);
        let gap = match (self.uploaded_at, earlier.uploaded_at) {
            (Some(now), Some(then)) => captured.min(now.since(then)),
            _ => captured,
        };
        gap.max(0)
    }

    /// The later of both times, each on its own: times of a slot never move back. An unknown
    /// upload gives way to a known one.
    fn latest(self, other: Self) -> Self {
        Self {
            captured_at: self.captured_at.max(other.captured_at),
            uploaded_at: self.uploaded_at.max(other.uploaded_at),
        }
    }
}

/// One direction slot that was filled at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    /// Heading of its opener; of the first pass that had one, when the opener had none.
    heading_deg: Option<u32>,
    /// Effective quality of the last accepted pass.
    quality: Ppm,
    /// The latest capture and the latest upload among the accepted passes.
    moment: Moment,
}

impl Slot {
    fn standing(&self, fade_ms: i64, at: Moment) -> Ppm {
        let fade = fade_ms.max(1);
        let age = at.age_ms(self.moment).min(fade);
        let quality = i64::from(self.quality.parts());
        let faded = i128::from(quality) * i128::from(age) / i128::from(fade);
        Ppm::clamped(quality - i64::try_from(faded).unwrap_or(quality))
    }
}

/// What a pass met in its slot and added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gain {
    /// The slot it joined, 0 or 1.
    pub slot: u32,
    /// What the slot had before it, ppm.
    pub standing: Ppm,
    /// What it added, ppm; above 0 it was accepted.
    pub gain: Ppm,
}

/// The direction slots of one cell.
#[derive(Clone, Debug)]
pub struct Slots {
    held: [Option<Slot>; SLOTS],
    /// As the history left them, whatever this epoch added.
    left: [Option<Slot>; SLOTS],
    fade_ms: i64,
    slot_deg: u32,
}

impl Slots {
    /// Slots as the history left them. Of two rows for one slot the later stands; a row for a
    /// slot that does not exist says nothing.
    #[must_use]
    pub fn from_history(policy: &ScorePolicy, history: &[Standing]) -> Self {
        let mut slots = [None; SLOTS];
        for row in history {
            let place = usize::try_from(row.slot).ok().and_then(|i| slots.get_mut(i));
            if let Some(slot) = place {
                *slot = Some(Slot {
                    heading_deg: row.heading_deg,
                    quality: row.quality_ppm,
                    moment: Moment {
                        captured_at: row.captured_at,
                        uploaded_at: row.uploaded_at,
                    },
                });
            }
        }
        Self {
            held: slots,
            left: slots,
            fade_ms: signed(policy.fade_ms),
            slot_deg: u32::try_from(policy.slot_deg).unwrap_or(180),
        }
    }

    /// Takes the next pass of the order: it joins a slot (C1), and if its effective quality is
    /// above the slot's standing it becomes what the slot holds (R2).
    pub fn take(&mut self, heading_deg: Option<u32>, effective: Ppm, at: Moment) -> Gain {
        let standings = self.standings(at);
        let index = self.join(heading_deg, standings);
        let standing = standings.get(index).copied().unwrap_or_default();
        let gain = Ppm::new(effective.parts().saturating_sub(standing.parts()));
        if gain > Ppm::ZERO
            && let Some(slot) = self.held.get_mut(index)
        {
            let kept_heading = slot
                .filter(|_| standing > Ppm::ZERO)
                .and_then(|held| held.heading_deg);
            *slot = Some(Slot {
                heading_deg: kept_heading.or(heading_deg),
                quality: effective,
                moment: slot.map_or(at, |held| at.latest(held.moment)),
            });
        }
        Gain {
            slot: u32::try_from(index).unwrap_or_default(),
            standing,
            gain,
        }
    }

    /// What the history alone left in a slot that stands at a moment, ppm.
    #[must_use]
    pub fn left_at(&self, slot: u32, at: Moment) -> Ppm {
        let slot = usize::try_from(slot).ok().and_then(|index| self.left.get(index));
        slot.copied()
            .flatten()
            .map_or(Ppm::ZERO, |slot| slot.standing(self.fade_ms, at))
    }

    /// Standing of each slot at a moment, ppm; 0 for one that was never filled or has faded.
    #[must_use]
    pub fn standings(&self, at: Moment) -> [Ppm; SLOTS] {
        self.held
            .map(|slot| slot.map_or(Ppm::ZERO, |slot| slot.standing(self.fade_ms, at)))
    }

    /// The newest capture that any slot accepted.
    #[must_use]
    pub fn newest_captured_at(&self) -> Option<Timestamp> {
        self.held
            .iter()
            .flatten()
            .map(|slot| slot.moment.captured_at)
            .max()
    }

    /// The rows that the next epoch starts from. A slot that has faded keeps its row: a pass
    /// captured long before its upload may still lie within the fade of it.
    #[must_use]
    pub fn to_rows(&self, cell: cairn_datasets::cell::Cell) -> Vec<Standing> {
        (0_u32..)
            .zip(&self.held)
            .filter_map(|(index, slot)| {
                slot.map(|slot| Standing {
                    cell,
                    slot: index,
                    heading_deg: slot.heading_deg,
                    quality_ppm: slot.quality,
                    captured_at: slot.moment.captured_at,
                    uploaded_at: slot.moment.uploaded_at,
                })
            })
            .collect()
    }

    /// C1: the slot a pass joins. Only a slot with a standing is one to join; the others are
    /// open, and the lowest of them is opened.
    ///
    /// A slot whose opener had no heading is taken to be as far away as a slot may be: it loses
    /// to any nearer one, but a pass with a heading joins it rather than open a slot. Otherwise a
    /// first pass without a heading would sell one direction twice.
    fn join(&self, heading_deg: Option<u32>, standings: [Ppm; SLOTS]) -> usize {
        let filled = || {
            let slots = self.held.iter().zip(standings).enumerate();
            slots.filter_map(|(index, (slot, standing))| {
                slot.filter(|_| standing > Ppm::ZERO)
                    .map(|slot| (index, slot, standing))
            })
        };
        let open = standings.iter().position(|standing| *standing == Ppm::ZERO);
        let Some(heading) = heading_deg else {
            // `min_by_key` takes the first of equals, thus the lower slot.
            let best = filled().min_by_key(|(_, _, standing)| std::cmp::Reverse(*standing));
            return best.map_or(0, |(index, _, _)| index);
        };
        let nearest = filled()
            .map(|(index, slot, _)| {
                let turn = slot.heading_deg.map_or(self.slot_deg, |h| turn_deg(h, heading));
                (turn, index)
            })
            .min();
        match (nearest, open) {
            (Some((turn, index)), _) if turn <= self.slot_deg => index,
            (_, Some(index)) | (Some((_, index)), None) => index,
            (None, None) => 0,
        }
    }
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
