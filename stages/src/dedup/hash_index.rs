//! An exact index over PDQ hashes: which of many lie within some bits of another.
//!
//! Multi-index hashing (Norouzi, Punjani, Fleet, "Fast Exact Search in Hamming Space with
//! Multi-Index Hashing", 2012). A hash is cut into bands, one more than half the bits that two
//! hashes may differ by, so that of two hashes within those bits some band differs by one bit at
//! most: 13 bands for 24 bits, 16 for 31. Of each band as many leading bits as the number of hashes
//! calls for are a key. A hash that is looked for is then held against those with its own key and
//! those with a key one bit away, band by band, and nothing within the bits is missed.
//!
//! One band is laid out at a time: the hashes in the order of their keys. The hashes looked for are
//! taken in the order of theirs, so that all probes walk through memory in step. That takes 12 bytes
//! for each indexed hash, 12 for each query, and 4 for each key, of which there are at most about twice
//! as many as hashes.

use cairn_datasets::digest::Digest;

use crate::pdq;

/// Most bits of a key: 64 MiB of places where keys begin.
const WIDEST_KEY: u32 = 24;
/// Positions of a turned and mirrored picture.
const POSITIONS: usize = 8;

/// Hashes in an order, to look for those within some bits of others. At most 2^32 - 1 of them.
#[derive(Clone, Copy, Debug)]
pub struct HashIndex<'a> {
    hashes: &'a [Digest],
    bits: u32,
}

/// A picture to look for.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// Its hashes turned and mirrored, 32 bytes each, eight at most; the distance is the least.
    pub dihedral: &'a [u8],
    /// It is held against so many of the indexed hashes, from the first on: those earlier than it.
    pub before: usize,
}

/// An indexed hash within the bits of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Its place among the indexed hashes.
    pub at: usize,
    /// Its distance, the least over the query's hashes, in bits.
    pub bits: u32,
}

impl<'a> HashIndex<'a> {
    /// An index to find hashes at a distance of at most `bits`.
    #[must_use]
    pub fn new(hashes: &'a [Digest], bits: u32) -> Self {
        Self { hashes, bits }
    }

    /// For each query the earliest hash within the bits that `accept` takes, given the place of the
    /// query. `accept` is asked about a pair several times and in no order, so its answer must depend on the
    /// pair alone; it is never asked about a hash after one that it took.
    ///
    /// ```
    /// use cairn_datasets::digest::Digest;
    /// use cairn_stages::dedup::hash_index::{HashIndex, Hit, Query};
    /// let hashes = [Digest([0xff; 32]), Digest([0; 32]), Digest([0; 32])];
    /// let query = Query { dihedral: &[0; 32], before: 3 };
    /// let found = HashIndex::new(&hashes, 24).earliest(&[query], |_, _| true);
    /// assert_eq!(found, [Some(Hit { at: 1, bits: 0 })]);
    /// ```
    pub fn earliest(
        &self,
        queries: &[Query<'_>],
        mut accept: impl FnMut(usize, Hit) -> bool,
    ) -> Vec<Option<Hit>> {
        let mut found = vec![None; queries.len()];
        self.each(queries, |query, hit| {
            let taken = accept(query, hit);
            if taken && let Some(slot) = found.get_mut(query) {
                *slot = Some(hit);
            }
            taken
        });
        found
    }

    /// Every query with every hash within the bits that `accept` takes, in the order of the queries
    /// and then of the hashes. They are all held in memory: hashes that are all alike make as many
    /// pairs as there are.
    pub fn all(
        &self,
        queries: &[Query<'_>],
        mut accept: impl FnMut(usize, Hit) -> bool,
    ) -> Vec<(usize, Hit)> {
        let mut found = Vec::new();
        self.each(queries, |query, hit| {
            if accept(query, hit) {
                found.push((query, hit));
            }
            false
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Shows `found` each query with each hash before it within the bits, at least once, until it says
    /// that this hash and those after it no longer matter for the query.
    fn each(&self, queries: &[Query<'_>], mut found: impl FnMut(usize, Hit) -> bool) {
        if worth_it(
            &bands(self.bits, self.hashes.len()),
            self.hashes.len(),
            queries.len(),
        ) {
            return self.each_by_band(queries, found);
        }
        for (place, query) in queries.iter().enumerate() {
            for (at, hash) in self.hashes.iter().enumerate().take(query.before) {
                let bits = pdq::least_distance(query.dihedral, hash);
                if bits <= self.bits && found(place, Hit { at, bits }) {
                    break;
                }
            }
        }
    }

    fn each_by_band(&self, queries: &[Query<'_>], mut found: impl FnMut(usize, Hit) -> bool) {
        // Where the hashes that still matter for each query end.
        let mut ends: Vec<u32> = queries.iter().map(|query| to_u32(query.before)).collect();
        for band in bands(self.bits, self.hashes.len()) {
            let shelf = Shelf::new(self.hashes, band);
            for position in 0..POSITIONS {
                let hash = |query: &Query<'_>| query.dihedral.as_chunks().0.get(position).copied();
                let keys = queries.iter().map(|query| Some(band.key(&words(&hash(query)?))));
                for place in ByKey::new(keys, band).order {
                    let place = place as usize;
                    if let (Some(query), Some(end)) = (queries.get(place), ends.get_mut(place))
                        && let Some(hash) = hash(query)
                    {
                        let found = |at: u32| {
                            let at = at as usize;
                            let other = self.hashes.get(at);
                            let bits =
                                other.map_or(pdq::BITS, |other| pdq::least_distance(query.dihedral, other));
                            found(place, Hit { at, bits })
                        };
                        shelf.look(&hash, self.bits, end, found);
                    }
                }
            }
        }
    }
}

/// 256 bits.
type Words = [u64; 4];

/// Some bits of a hash: a part of one of the bands that it is cut into.
#[derive(Clone, Copy, Debug)]
struct Band {
    /// The first of them.
    first: u32,
    /// How many, at most [`WIDEST_KEY`].
    width: u32,
}

impl Band {
    fn key(self, hash: &Words) -> u32 {
        let [word, shift] = [self.first / 64, self.first % 64];
        let low = hash.get(word as usize).map_or(0, |word| word >> shift);
        // Shifted twice, because a shift by all 64 bits is none.
        let high = hash
            .get(word as usize + 1)
            .map_or(0, |word| word << (63 - shift) << 1);
        let mask = (1 << self.width) - 1;
        u32::try_from((low | high) & mask).unwrap_or_default()
    }

    /// A word of a hash in which it has no bit: a band lies in two words at most.
    fn other_word(self, hash: &Words) -> u64 {
        let word = (self.first as usize / 64 + 2) % hash.len();
        hash.get(word).copied().unwrap_or_default()
    }
}

/// The bands for hashes that may differ by `bits`, with keys as wide as `count` hashes need.
fn bands(bits: u32, count: usize) -> Vec<Band> {
    // Of `bits / 2 + 1` bands one at least differs by no more than a bit.
    let bands = (bits / 2 + 1).min(pdq::BITS);
    let needed = count.next_power_of_two().ilog2().clamp(1, WIDEST_KEY);
    let start = |band| band * pdq::BITS / bands;
    (0..bands)
        .map(|band| Band {
            first: start(band),
            width: (start(band + 1) - start(band)).min(needed),
        })
        .collect()
}

/// Whether the bands take fewer comparisons than holding each query against each hash.
fn worth_it(bands: &[Band], hashes: usize, queries: usize) -> bool {
    let (hashes, queries) = (hashes as u128, queries as u128 * POSITIONS as u128);
    let by_band = bands.iter().map(|band| {
        // To lay out a hash costs about what eight comparisons do.
        let probes = u128::from(band.width) + 1;
        8 * hashes + queries * probes * (1 + (hashes >> band.width))
    });
    by_band.sum::<u128>() < hashes * queries
}

/// Places in the order of their keys, and of equal keys in their own.
struct ByKey {
    /// Where in `order` each key begins; one more than there are keys.
    starts: Vec<u32>,
    /// The places that have a key.
    order: Vec<u32>,
}

impl ByKey {
    fn new(keys: impl Iterator<Item = Option<u32>> + Clone, band: Band) -> Self {
        // Counts stand two further on than their key: the running sum makes them the starts of the next
        // key, and filling moves each on to the end of its own, which is where the next one begins.
        let mut starts = vec![0_u32; (1 << band.width) + 2];
        for key in keys.clone().flatten() {
            if let Some(count) = starts.get_mut(key as usize + 2) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut order = vec![0; sum as usize];
        for (place, key) in (0..).zip(keys) {
            let Some(next) = key.and_then(|key| starts.get_mut(key as usize + 1)) else {
                continue;
            };
            if let Some(slot) = order.get_mut(*next as usize) {
                *slot = place;
            }
            *next += 1;
        }
        Self { starts, order }
    }
}

/// All hashes in the order of their keys in one band.
struct Shelf<'a> {
    hashes: &'a [Digest],
    band: Band,
    by_key: ByKey,
    /// Of each, in that order, 64 bits of which the key says nothing. They tell most hashes apart.
    words: Vec<u64>,
}

impl<'a> Shelf<'a> {
    fn new(hashes: &'a [Digest], band: Band) -> Self {
        let by_key = ByKey::new(hashes.iter().map(|hash| Some(band.key(&words(&hash.0)))), band);
        let laid_out = by_key
            .order
            .iter()
            .filter_map(|place| hashes.get(*place as usize));
        Self {
            hashes,
            band,
            words: laid_out.map(|hash| band.other_word(&words(&hash.0))).collect(),
            by_key,
        }
    }

    /// Shows `found` the places before `end` of the hashes within `bits` of one whose key is its own or a
    /// bit away, until it says that this place and those after it no longer matter.
    fn look(&self, hash: &[u8; 32], bits: u32, end: &mut u32, mut found: impl FnMut(u32) -> bool) {
        let own = words(hash);
        let (key, word) = (self.band.key(&own), self.band.other_word(&own));
        let within = |place: u32| {
            let other = self.hashes.get(place as usize);
            other.is_some_and(|other| pdq::least_distance(hash, other) <= bits)
        };
        let near = (0..self.band.width).map(|bit| key ^ 1 << bit);
        for key in std::iter::once(key).chain(near) {
            for (place, other) in self.with_key(key) {
                if place >= *end {
                    break;
                }
                if (word ^ other).count_ones() <= bits && within(place) && found(place) {
                    *end = place;
                    break;
                }
            }
        }
    }

    /// The places of the hashes with a key, each with its word, in their order.
    fn with_key(&self, key: u32) -> impl Iterator<Item = (u32, u64)> {
        let range = match self.by_key.starts.get(key as usize..) {
            Some([from, to, ..]) => *from as usize..*to as usize,
            _ => 0..0,
        };
        let places = self.by_key.order.get(range.clone()).unwrap_or_default();
        let words = self.words.get(range).unwrap_or_default();
        places.iter().copied().zip(words.iter().copied())
    }
}

fn words(hash: &[u8; 32]) -> Words {
    let (words, _) = hash.as_chunks();
    std::array::from_fn(|at| words.get(at).map_or(0, |bytes| u64::from_le_bytes(*bytes)))
}

/// Places are under 2^32.
fn to_u32(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "hash_index_tests.rs"]
mod tests;
