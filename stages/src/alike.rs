//! Whether two pictures show the same once their edges are aligned: crops, borders and screenshots.
//!
//! A perceptual hash says what stands where in a picture, so it changes when the edges move. Here a
//! small copy of one picture is laid over that of the other: on 16x16 samples as a few crops and frames would lie, and
//! if the gradients agree in one of these, on 32x32 samples with each of the four edges moved until they agree best. What
//! one picture lacks is left out. A camera that moved on shows the near things grown and the far ones not, which no
//! moving of edges brings together.
//!
//! All arithmetic is in integers: the same bits on every machine.

/// Side of the small copies, in samples.
pub const SIDE: usize = 32;

/// Edges are moved in such parts of the picture's side.
const UNIT: i32 = 1 << 10;
/// Where a search starts: how far the left edge lies inside of the other picture, and the upper one; the right and the lower
/// one likewise. The same edges, a crop, and frames as wide in pixels on all sides, of wide and of tall pictures.
const STARTS: [[i32; 2]; 11] = [
    [0, 0],
    [36, 36],
    [-20, -20],
    [-20, -36],
    [-36, -20],
    [-40, -40],
    [-40, -71],
    [-71, -40],
    [-60, -60],
    [-57, -102],
    [-102, -57],
];
/// The first step of an edge.
const COARSEST: i32 = UNIT / 40;
/// The last and finest step of an edge: an eighth of a sample.
const FINEST: i32 = UNIT / 32 / 8;
/// Most moves with one step.
const MOVES: usize = 6;
/// How much less alike than wanted the coarse copies may be where a search starts for it to be worth it, in ppm. Of 144 crops
/// and framed copies of sample cities none is by more than 40,000; of real pictures cropped on two sides some are by more than 150,000.
const START_SLACK_PPM: u32 = 200_000;
/// A part with less than one in so many of the whole's squared gradients shows nothing: bare sky.
const LITTLE: i64 = 50;
/// Edges that lie no further apart than this lie in one place, in ppm of a side: a fifth of a sample.
const EVEN_PPM: i32 = 6_000;
/// How much a frame's left and right side may differ, in ppm.
const FRAME_PPM: i32 = 5_000;
/// Parts of a side that have to agree each for itself.
const PARTS: usize = 4;
/// Samples are held in such parts of a grey level.
const LEVEL: i32 = 16;

/// How one picture lies on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Correlation of the gradients where the two overlap, in ppm; 0 where it is negative.
    pub likeness_ppm: u32,
    /// That of the second least alike sixteenth of the picture, of those that show something. One of them may have
    /// suffered: a strip of it is all that a crop left.
    pub part_ppm: u32,
    /// The left and the right edge of the first picture on the second, in ppm of the second's width
    /// from its left edge.
    pub across_ppm: [i32; 2],
    /// The upper and the lower edge likewise.
    pub down_ppm: [i32; 2],
}

impl Overlay {
    /// Whether its edges lie as those of a crop do, or of a picture in a frame: inside on all sides by at most
    /// `most_ppm`, or outside on all sides and on the left as far as on the right or not at all. A camera that stood elsewhere shows
    /// the scene moved, and one that went on shows it grown by more.
    #[must_use]
    pub fn is_crop_or_frame(&self, most_ppm: i32) -> bool {
        let [left, right] = [self.across_ppm[0], 1_000_000 - self.across_ppm[1]];
        let [top, bottom] = [self.down_ppm[0], 1_000_000 - self.down_ppm[1]];
        let sides = [left, right, top, bottom];
        let inside = sides.iter().all(|side| (-EVEN_PPM..=most_ppm).contains(side));
        let outside = sides.iter().all(|side| *side <= EVEN_PPM);
        let one_sided = left.abs().min(right.abs()) <= EVEN_PPM;
        inside || (outside && (one_sided || (left - right).abs() <= FRAME_PPM))
    }
}

/// The best overlay of two pictures of [`SIDE`] times [`SIDE`] bytes of luma, whose edges lie at most
/// `reach_ppm` of a side apart; `None` when they are less alike than `least_ppm` or of another size.
///
/// ```
/// use cairn_stages::alike::{SIDE, overlay};
/// let picture: Vec<u8> = (0..SIDE * SIDE).map(|i| (i * i % 251) as u8).collect();
/// let same = overlay(&picture, &picture, 100_000, 950_000).unwrap();
/// assert_eq!((same.likeness_ppm, same.across_ppm), (1_000_000, [0, 1_000_000]));
/// ```
#[must_use]
pub fn overlay(first: &[u8], second: &[u8], reach_ppm: u32, least_ppm: u32) -> Option<Overlay> {
    if [first.len(), second.len()] != [SIDE * SIDE; 2] {
        return None;
    }
    let reach = i32::try_from(u64::from(reach_ppm) * u64::from(UNIT.unsigned_abs()) / 1_000_000).ok()?;
    let (first, second) = (Copies::of(first), Copies::of(second));
    let spans = first.search(&second, reach, least_ppm)?;
    let agreement = first.fine.agreement(&second.fine, spans);
    let likeness_ppm = agreement.whole().likeness();
    // Edges lie within a few sides: a million of each fits.
    let ppm = |span: Span| span.map(|edge| edge * (1_000_000 / 64) / (UNIT / 64));
    let [across, down] = spans;
    (likeness_ppm >= least_ppm).then(|| Overlay {
        likeness_ppm,
        part_ppm: agreement.least_part_but_one(),
        across_ppm: ppm(across),
        down_ppm: ppm(down),
    })
}

/// Where a picture begins and ends on an axis of another, in [`UNIT`] parts of its side.
type Span = [i32; 2];

/// The same edges.
const WHOLE: Span = [0, UNIT];
/// Across and down.
const AXES: [usize; 2] = [0, 1];
/// Ways to move the two edges of an axis.
const WAYS: [Span; 8] = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [1, 1],
    [-1, -1],
    [1, -1],
    [-1, 1],
];

/// Where a picture was laid on another, and how alike they are there.
#[derive(Clone, Copy, Debug)]
struct Fit {
    spans: [Span; 2],
    likeness_ppm: u32,
}

/// A picture at both sizes.
struct Copies {
    fine: Samples,
    coarse: Samples,
}

impl Copies {
    fn of(luma: &[u8]) -> Self {
        let levels = luma.iter().map(|level| i32::from(*level) * LEVEL).collect();
        let fine = Samples { side: SIDE, levels };
        Self {
            coarse: fine.halved(),
            fine,
        }
    }

    /// The edges of this picture on another: from the best start by ever finer steps; `None` where no start speaks for more.
    fn search(&self, other: &Self, reach: i32, least_ppm: u32) -> Option<[Span; 2]> {
        let fit = |on: fn(&Self) -> &Samples, spans: [Span; 2]| {
            let [[left, right], [top, bottom]] = spans;
            let within = [left, top, right - UNIT, bottom - UNIT]
                .iter()
                .all(|edge| edge.abs() <= reach);
            let likeness_ppm = if within {
                on(self).agreement(on(other), spans).whole().likeness()
            } else {
                0
            };
            Fit { spans, likeness_ppm }
        };
        let starts = STARTS.map(|start| start.map(|edge| edge.clamp(-reach, reach)));
        let starts = starts.map(|start| fit(|copies| &copies.coarse, start.map(|edge| [edge, UNIT - edge])));
        let start = starts.into_iter().reduce(better)?;
        if start.likeness_ppm + START_SLACK_PPM < least_ppm {
            return None;
        }
        let mut best = fit(|copies| &copies.fine, start.spans);
        let steps = std::iter::successors(Some(COARSEST), |step| Some(step / 2));
        for step in steps.take_while(|step| *step >= FINEST) {
            for _ in 0..MOVES {
                let before = best.spans;
                for axis in AXES {
                    let spans = best.spans;
                    for [from, to] in WAYS {
                        let [start, end] = spans.get(axis).copied().unwrap_or(WHOLE);
                        let moved = with(spans, axis, [start + from * step, end + to * step]);
                        best = better(best, fit(|copies| &copies.fine, moved));
                    }
                }
                if best.spans == before {
                    break;
                }
            }
        }
        Some(best.spans)
    }
}

/// The spans with another on one axis.
fn with(mut spans: [Span; 2], axis: usize, span: Span) -> [Span; 2] {
    if let Some(slot) = spans.get_mut(axis) {
        *slot = span;
    }
    spans
}

/// The one that is more alike, of equals the one found first.
fn better(found: Fit, other: Fit) -> Fit {
    if other.likeness_ppm > found.likeness_ppm {
        other
    } else {
        found
    }
}

/// A square of samples, row by row, in [`LEVEL`] parts of a grey level.
struct Samples {
    side: usize,
    levels: Vec<i32>,
}

impl Samples {
    /// At half the side, each the mean of four.
    fn halved(&self) -> Self {
        let rows: Vec<&[i32]> = self.levels.chunks_exact(self.side).collect();
        let levels = rows.chunks_exact(2).flat_map(|pair| {
            let (above, below) = (
                pair.first().copied().unwrap_or_default(),
                pair.last().copied().unwrap_or_default(),
            );
            let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
            pairs.map(|(a, b)| (a.iter().chain(b).sum::<i32>() + 2) / 4)
        });
        Self {
            side: self.side / 2,
            levels: levels.collect(),
        }
    }

    /// How the gradients of these samples agree with those of `other` under them.
    fn agreement(&self, other: &Self, [across, down]: [Span; 2]) -> Agreement {
        let (columns, rows) = (taps(across, self.side), taps(down, self.side));
        let (Some(first), Some(last)) = (columns.first(), columns.last()) else {
            return Agreement::default();
        };
        let mut laid = [[0; SIDE]; SIDE];
        for (line, row) in laid.iter_mut().zip(&rows) {
            other.fill_row(line, row, &columns);
        }
        let columns_at = first.at..=last.at;
        let first_row = rows.first().map_or(0, |row| row.at);
        let mut own: [&[i32]; SIDE] = [&[]; SIDE];
        for (slot, line) in own
            .iter_mut()
            .zip(self.levels.chunks_exact(self.side).skip(first_row))
        {
            *slot = line.get(columns_at.clone()).unwrap_or_default();
        }
        // A sample at either end has no gradient.
        let part = |at: usize| (at * PARTS / self.side).min(PARTS - 1);
        let mut widths = [0; PARTS];
        for column in columns.iter().skip(1) {
            if let Some(width) = widths.get_mut(part(column.at)) {
                *width += 1;
            }
        }
        let mut parts = [[Gradients::default(); PARTS]; PARTS];
        for ((row, own), laid) in rows
            .iter()
            .skip(1)
            .zip(own.windows(3))
            .zip(laid.windows(3))
            .take(rows.len().saturating_sub(2))
        {
            let laid: [&[i32]; 3] = std::array::from_fn(|at| {
                laid.get(at)
                    .and_then(|line| line.get(..columns.len()))
                    .unwrap_or_default()
            });
            let mut pairs = gradients(own).zip(gradients(&laid));
            let sums = parts.get_mut(part(row.at)).into_iter().flatten();
            for (sum, width) in sums.zip(widths) {
                *sum = pairs.by_ref().take(width).fold(*sum, Gradients::with);
            }
        }
        Agreement(parts)
    }

    /// Fills a row that lies between two of these, at some columns, linearly between the four samples around.
    fn fill_row(&self, line: &mut [i32; SIDE], row: &Tap, columns: &[Tap]) {
        let mut lines = self.levels.chunks_exact(self.side).skip(row.from);
        let (above, below) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let between = |line: &[i32], column: &Tap| match line.get(column.from..) {
            Some([left, right, ..]) => left * (STEP - column.share) + right * column.share,
            _ => 0,
        };
        for (slot, column) in line.iter_mut().zip(columns) {
            let (above, below) = (between(above, column), between(below, column));
            *slot = (above * (STEP - row.share) + below * row.share + STEP * STEP / 2) / (STEP * STEP);
        }
    }
}

/// Sums over some gradients of two pictures: of their products, and of the squares of each.
#[derive(Clone, Copy, Default)]
struct Gradients {
    both: i64,
    here: i64,
    there: i64,
}

impl Gradients {
    /// With another pair of gradients, each across and down.
    fn with(self, ([ax, ay], [bx, by]): ([i32; 2], [i32; 2])) -> Self {
        self.plus(Self {
            both: i64::from(ax * bx + ay * by),
            here: i64::from(ax * ax + ay * ay),
            there: i64::from(bx * bx + by * by),
        })
    }

    fn plus(self, other: Self) -> Self {
        Self {
            both: self.both + other.both,
            here: self.here + other.here,
            there: self.there + other.there,
        }
    }

    /// Their correlation in ppm; 0 where it is negative or there are none.
    fn likeness(self) -> u32 {
        let norm = (i128::from(self.here) * i128::from(self.there)).isqrt();
        let ppm = (i128::from(self.both.max(0)) * 1_000_000).checked_div(norm);
        // By Cauchy and Schwarz at most a million, but for the rounding of the root.
        ppm.and_then(|ppm| u32::try_from(ppm).ok())
            .map_or(0, |ppm| ppm.min(1_000_000))
    }
}

/// The gradients of the parts of a picture, row by row.
#[derive(Clone, Copy, Default)]
struct Agreement([[Gradients; PARTS]; PARTS]);

impl Agreement {
    /// All of it, by which the edges are moved.
    fn whole(self) -> Gradients {
        self.0
            .into_iter()
            .flatten()
            .fold(Gradients::default(), Gradients::plus)
    }

    /// The likeness of the part that is second least alike, of those that show something; of a single one, its own.
    fn least_part_but_one(self) -> u32 {
        let whole = self.whole();
        let shows = |part: &Gradients| part.here * LITTLE >= whole.here && part.there * LITTLE >= whole.there;
        let shown = self.0.into_iter().flatten().filter(shows);
        let mut parts: Vec<u32> = shown.map(Gradients::likeness).collect();
        parts.sort_unstable();
        parts.get(1).or(parts.first()).copied().unwrap_or_default()
    }
}

/// The gradients at the inner samples of three rows.
fn gradients<'a>(rows: &'a [&'a [i32]]) -> impl Iterator<Item = [i32; 2]> + 'a {
    let row = |at: usize| rows.get(at).copied().unwrap_or_default();
    let vertical = row(0)
        .iter()
        .zip(row(2))
        .skip(1)
        .map(|(above, below)| below - above);
    let horizontal = row(1).windows(3).map(|three| match three {
        [left, _, right] => right - left,
        _ => 0,
    });
    horizontal.zip(vertical).map(|(across, down)| [across, down])
}

/// Parts of the way from one sample to the next.
const STEP: i32 = 1 << 8;
/// How far a sample may lie over the other's edge and still count, in such parts.
const OVER: i32 = STEP / 16;

/// Where a sample lies between two of another picture.
struct Tap {
    /// The sample.
    at: usize,
    /// The first of the two.
    from: usize,
    /// The share of the second, in [`STEP`] parts.
    share: i32,
}

/// The samples of an axis that lie on the other picture, with all of their extent.
fn taps([from, to]: Span, side: usize) -> Vec<Tap> {
    let count = i32::try_from(side).unwrap_or_default();
    let half = ((to - from) * (STEP / 2) / UNIT).min(STEP / 2);
    let tap = |at: i32| {
        let centre = (from * 2 * count + (to - from) * (2 * at + 1)) * (STEP / 2) / UNIT;
        if centre - half < -OVER || centre + half > count * STEP + OVER {
            return None;
        }
        let place = (centre - STEP / 2).clamp(0, (count - 1) * STEP);
        let first = (place / STEP).min(count - 2);
        Some(Tap {
            at: usize::try_from(at).ok()?,
            from: usize::try_from(first).ok()?,
            share: place - first * STEP,
        })
    };
    (0..count).filter_map(tap).collect()
}

#[cfg(test)]
#[path = "alike_tests.rs"]
mod tests;
