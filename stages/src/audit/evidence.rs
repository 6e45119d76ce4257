//! Duplicates, checked from what is published of the two pictures: their digests, hashes, positions and headings, and their
//! places in the one order.
//!
//! A picture turned or mirrored is found by hashes that are not published: the distance that is said then is at most that of
//! the two published hashes, and no more can be said. What the overlay of a crop showed (`measured` of D4-crop) needs the
//! pictures.

use cairn_datasets::ids::{Epochs, Precedence};
use cairn_datasets::table::Row;
use cairn_datasets::tables::Image;
use cairn_datasets::verdict::Reason;

use super::Divergence;
use crate::geodesy::{distance_mm, turn_deg};
use crate::pdq;
use crate::policy::DedupPolicy;

/// What a duplicate says of the earlier image that it repeats, held against that image. `history` is the epoch of the history
/// that it is of, the oldest being 0.
#[must_use]
pub fn contradiction(
    policy: &DedupPolicy,
    epochs: &Epochs,
    later: &Image,
    earlier: &Image,
    history: Option<u32>,
) -> Option<Divergence> {
    let claim = Claim { later, earlier };
    let (first, second) = (order(epochs, history, earlier), order(epochs, None, later));
    claim
        .is(
            "duplicate_path",
            later.duplicate_path.as_deref(),
            Some(earlier.path.as_str()),
        )
        .or_else(|| {
            claim.is(
                "duplicate_first_by",
                &later.duplicate_first_by[..],
                first.first_by(&second),
            )
        })
        .or_else(|| {
            claim.holds(first < second, "duplicate_of", || {
                "no image that is later in the one order".to_owned()
            })
        })
        .or_else(|| claim.is("duplicate_mm", later.duplicate_mm, claim.mm()))
        .or_else(|| claim.by_clause(policy))
}

fn order(epochs: &Epochs, history: Option<u32>, image: &Image) -> Precedence {
    epochs.precedence(
        history,
        image.uploaded_at,
        &image.contributor,
        &image.path,
        image.ordinal,
    )
}

struct Claim<'a> {
    later: &'a Image,
    earlier: &'a Image,
}

impl Claim<'_> {
    fn mm(&self) -> Option<u64> {
        Some(distance_mm(self.later.position()?, self.earlier.position()?))
    }

    fn turn(&self) -> Option<u64> {
        let (later, earlier) = (self.later.heading_deg?, self.earlier.heading_deg?);
        Some(u64::from(turn_deg(later, earlier)))
    }

    fn differs(&self, column: &str, published: String, derived: String) -> Divergence {
        Divergence::Value {
            table: Image::TABLE,
            key: format!("{:?}", self.later.key()),
            column: column.to_owned(),
            published,
            derived,
        }
    }

    fn is<T: Copy + PartialEq + std::fmt::Debug>(
        &self,
        column: &str,
        published: T,
        derived: T,
    ) -> Option<Divergence> {
        let same = published == derived;
        (!same).then(|| self.differs(column, format!("{published:?}"), format!("{derived:?}")))
    }

    /// A condition of the clause, which the two pictures meet.
    fn holds(&self, condition: bool, column: &str, derived: impl Fn() -> String) -> Option<Divergence> {
        let published = match column {
            "duplicate_of" => self
                .later
                .duplicate_of
                .map(|id| id.to_string())
                .unwrap_or_default(),
            "duplicate_bits" => format!("{:?}", self.later.duplicate_bits),
            _ => self.later.reason.code().to_owned(),
        };
        (!condition).then(|| self.differs(column, published, derived()))
    }

    fn by_clause(&self, policy: &DedupPolicy) -> Option<Divergence> {
        let (later, earlier) = (self.later, self.earlier);
        let bits = later.duplicate_bits.unwrap_or(u32::MAX);
        let upright = pdq::distance(&later.pdq, &earlier.pdq);
        let mm = self.mm().unwrap_or_default();
        let close = mm <= policy.close_mm && self.turn().unwrap_or_default() <= policy.close_deg;
        match later.reason {
            Reason::ImageSameBytes => self.is("sha256", later.sha256, earlier.sha256),
            Reason::SamePicture => self.is("picture_sha256", later.picture_sha256, earlier.picture_sha256),
            Reason::SamePlace => self.turned(bits, upright, policy.same_place_bits).or_else(|| {
                let near =
                    mm < policy.same_place_mm && self.turn().is_none_or(|turn| turn < policy.same_place_deg);
                self.holds(near, "reason", || {
                    format!("no same place: {mm} mm and {:?} degrees apart", self.turn())
                })
            }),
            Reason::NearDuplicate if close => {
                self.turned(bits, upright, policy.close_bits.max(policy.near_bits))
            }
            Reason::NearDuplicate | Reason::Reused => self.turned(bits, upright, policy.near_bits),
            Reason::Cropped => self.is("duplicate_bits", bits, upright).or_else(|| {
                let near = u64::from(bits) <= policy.crop_bits && mm <= policy.close_mm;
                self.holds(near, "reason", || {
                    format!("no crop: {bits} bits and {mm} mm apart")
                })
            }),
            _ => None,
        }
    }

    /// The least distance over the turned and mirrored pictures.
    fn turned(&self, bits: u32, upright: u32, limit: u64) -> Option<Divergence> {
        self.holds(bits <= upright, "duplicate_bits", || format!("at most {upright}"))
            .or_else(|| self.within(limit))
    }

    /// The bits are what was measured, and within the limit that is named.
    fn within(&self, limit: u64) -> Option<Divergence> {
        let bits = self.later.duplicate_bits.map(i64::from);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.is("measured", self.later.measured, bits)
            .or_else(|| self.is("threshold", self.later.threshold, Some(limit)))
            .or_else(|| {
                self.holds(bits.is_some_and(|bits| bits <= limit), "duplicate_bits", || {
                    format!("at most {limit}")
                })
            })
    }
}
