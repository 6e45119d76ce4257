//! One layer of a vector tile, written feature by feature (Mapbox Vector Tile Specification 2.1).
//!
//! Protobuf by hand: a general encoder first builds an object for each feature and each value. The `mvt` crate writes the same bytes
//! in seven times the time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use cairn_datasets::units::Timestamp;

use super::super::protobuf::{sized, varint};
use super::EXTENT;
use super::clip::Point;

/// Field numbers and wire types of the specification, as protobuf writes them.
mod field {
    pub(super) const TILE_LAYER: u8 = 3 << 3 | 2;
    pub(super) const LAYER_NAME: u8 = 1 << 3 | 2;
    pub(super) const LAYER_FEATURE: u8 = 2 << 3 | 2;
    pub(super) const LAYER_KEY: u8 = 3 << 3 | 2;
    pub(super) const LAYER_VALUE: u8 = 4 << 3 | 2;
    pub(super) const LAYER_EXTENT: u8 = 5 << 3;
    pub(super) const LAYER_VERSION: u8 = 15 << 3;
    pub(super) const FEATURE_ID: u8 = 1 << 3;
    pub(super) const FEATURE_TAGS: u8 = 2 << 3 | 2;
    pub(super) const FEATURE_TYPE: u8 = 3 << 3;
    pub(super) const FEATURE_GEOMETRY: u8 = 4 << 3 | 2;
    pub(super) const VALUE_TEXT: u8 = 1 << 3 | 2;
    pub(super) const VALUE_UINT: u8 = 5 << 3;
}

/// What the geometry of a feature is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A point.
    Point = 1,
    /// Rings.
    Polygon = 3,
}

/// Hashes the integers of a table of values: they are our own, and looked up millions of times.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let spread = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ spread >> 32;
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value.cast_unsigned());
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Where a value stands in the table of values. Never walked over: the order of the table is that of first use.
type Known<T> = HashMap<T, u32, BuildHasherDefault<Spread>>;

/// A layer in the making.
pub(super) struct Layer {
    name: &'static str,
    keys: &'static [&'static str],
    features: Vec<u8>,
    values: Vec<u8>,
    count: u32,
    uints: Known<u64>,
    times: Known<i64>,
    texts: Known<String>,
    // The feature in the making.
    tags: Vec<u8>,
    geometry: Vec<u8>,
    cursor: Point,
    message: Vec<u8>,
}

impl Layer {
    /// An empty layer whose features have some of these keys.
    pub(super) fn new(name: &'static str, keys: &'static [&'static str]) -> Self {
        Self {
            name,
            keys,
            features: Vec::new(),
            values: Vec::new(),
            count: 0,
            uints: Known::default(),
            times: Known::default(),
            texts: Known::default(),
            tags: Vec::new(),
            geometry: Vec::new(),
            cursor: [0, 0],
            message: Vec::new(),
        }
    }

    /// Gives the feature in the making a whole number, under a key by its place.
    pub(super) fn uint(&mut self, key: u8, value: u64) {
        let known = known(&mut self.uints, value, &mut self.count, || {
            self.message.clear();
            self.message.push(field::VALUE_UINT);
            varint(&mut self.message, value);
            sized(&mut self.values, field::LAYER_VALUE, &self.message);
        });
        self.tag(key, known);
    }

    /// Gives it a text that others have too.
    pub(super) fn text(&mut self, key: u8, value: &str) {
        let known = if let Some(known) = self.texts.get(value) {
            *known
        } else {
            let new = self.value(value);
            self.texts.insert(value.to_owned(), new);
            new
        };
        self.tag(key, known);
    }

    /// Gives it a text that no other has.
    pub(super) fn own_text(&mut self, key: u8, value: &str) {
        let new = self.value(value);
        self.tag(key, new);
    }

    /// Gives it a moment.
    pub(super) fn time(&mut self, key: u8, value: Timestamp) {
        let known = if let Some(known) = self.times.get(&value.0) {
            *known
        } else {
            let new = self.value(&value.to_string());
            self.times.insert(value.0, new);
            new
        };
        self.tag(key, known);
    }

    /// Gives it a point.
    pub(super) fn point(&mut self, point: Point) {
        self.command(1, 1);
        self.go(point);
    }

    /// Gives it a ring, whose last point is not its first.
    pub(super) fn ring(&mut self, ring: &[Point]) {
        let Some((first, rest)) = ring.split_first() else {
            return;
        };
        self.command(1, 1);
        self.go(*first);
        self.command(2, rest.len() as u64);
        for point in rest {
            self.go(*point);
        }
        self.command(7, 1);
    }

    /// Ends the feature in the making.
    pub(super) fn feature(&mut self, id: Option<u64>, kind: Kind) {
        self.message.clear();
        if let Some(id) = id {
            self.message.push(field::FEATURE_ID);
            varint(&mut self.message, id);
        }
        sized(&mut self.message, field::FEATURE_TAGS, &self.tags);
        self.message.extend([field::FEATURE_TYPE, kind as u8]);
        sized(&mut self.message, field::FEATURE_GEOMETRY, &self.geometry);
        sized(&mut self.features, field::LAYER_FEATURE, &self.message);
        self.tags.clear();
        self.geometry.clear();
        self.cursor = [0, 0];
    }

    /// The layer as a tile holds it; nothing when it has no feature.
    pub(super) fn finish(self) -> Vec<u8> {
        if self.features.is_empty() {
            return Vec::new();
        }
        let mut layer = Vec::with_capacity(self.features.len() + self.values.len() + 512);
        layer.extend([field::LAYER_VERSION, 2]);
        sized(&mut layer, field::LAYER_NAME, self.name.as_bytes());
        layer.extend(self.features);
        for key in self.keys {
            sized(&mut layer, field::LAYER_KEY, key.as_bytes());
        }
        layer.extend(self.values);
        layer.push(field::LAYER_EXTENT);
        varint(&mut layer, u64::from(EXTENT.unsigned_abs()));
        let mut tile = Vec::with_capacity(layer.len() + 8);
        sized(&mut tile, field::TILE_LAYER, &layer);
        tile
    }

    fn value(&mut self, text: &str) -> u32 {
        self.message.clear();
        sized(&mut self.message, field::VALUE_TEXT, text.as_bytes());
        sized(&mut self.values, field::LAYER_VALUE, &self.message);
        let place = self.count;
        self.count += 1;
        place
    }

    fn tag(&mut self, key: u8, value: u32) {
        varint(&mut self.tags, key.into());
        varint(&mut self.tags, value.into());
    }

    fn command(&mut self, id: u64, count: u64) {
        varint(&mut self.geometry, id | count << 3);
    }

    fn go(&mut self, to: Point) {
        let ([x, y], [from_x, from_y]) = (to, self.cursor);
        for step in [x.wrapping_sub(from_x), y.wrapping_sub(from_y)] {
            let zigzag = (step << 1) ^ (step >> 31);
            varint(&mut self.geometry, zigzag.cast_unsigned().into());
        }
        self.cursor = to;
    }
}

/// The place of a value in the table, which is made when it is new.
fn known<T: Eq + Hash>(known: &mut Known<T>, value: T, count: &mut u32, write: impl FnOnce()) -> u32 {
    *known.entry(value).or_insert_with(|| {
        write();
        let place = *count;
        *count += 1;
        place
    })
}
