//! The sections of the policy with their defaults.

use serde::{Deserialize, Serialize};

use super::Bounds::{Integer, OneOf};
use super::section::section;

const PPM: super::Bounds = Integer(0, 1_000_000);
/// Grey levels in thousandths.
const GREY: super::Bounds = Integer(0, 255_000);
/// Millimetres up to 100 km.
const MM: super::Bounds = Integer(0, 100_000_000);
/// Degrees of a half circle.
const TURN: super::Bounds = Integer(0, 180);
/// Bits of a PDQ hash.
const BITS: super::Bounds = Integer(0, 256);
const RESOLUTION: super::Bounds = Integer(0, 15);

section! {
    /// Clauses O: what is read.
    IngestPolicy in "ingest" {
        /// Largest image object.
        O1 "max-image-bytes" max_image_bytes: u64 = 64 << 20, "bytes", Integer(1, 1 << 32);
        /// Largest XMP file beside an image.
        O1 "max-sidecar-bytes" max_sidecar_bytes: u64 = 1 << 20, "bytes", Integer(1, 1 << 32);
        /// Largest trace object, decompressed.
        O1 "max-trace-bytes" max_trace_bytes: u64 = 1 << 30, "bytes", Integer(1, 1 << 36);
        /// Most points in one trace object; what follows them is left out and said.
        O3 "max-trace-points" max_trace_points: u64 = 5_000_000, "fixes", Integer(1, 1 << 32);
        /// Deepest nesting of XML elements.
        O3 "max-xml-depth" max_xml_depth: u64 = 64, "elements", Integer(1, 10_000);
        /// Most references in one XML trace to entities that XML does not define; they are never expanded.
        O3 "max-xml-entities" max_xml_entities: u64 = 10_000, "references", Integer(0, 1 << 32);
        /// Most pixels of a decoded image.
        O4 "max-pixels" max_pixels: u64 = 200_000_000, "pixels", Integer(1, 1 << 32);
    }
}

section! {
    /// Clauses X, F, I and P1: which fixes and images count, and where they were.
    PlacePolicy in "place" {
        /// Whose trips have their ends trimmed: of contributors who ask for it, of all, or of nobody.
        X1 "trim-ends" trim_ends: TrimEnds = TrimEnds::Asked, "", OneOf(&["asked", "all", "never"]);
        /// What lies within this of a trimmed end is private; 0 trims nothing.
        X1 "trim-ends-mm" trim_ends_mm: u64 = 100_000, "mm", MM;
        /// How near to 0,0 a position is taken for none, in latitude and in longitude.
        F3 "null-island-e7" null_island_e7: u64 = 10_000, "1e-7 degrees", Integer(0, 100_000_000);
        /// How long before its upload a record may have been captured (not with `--epoch all`).
        F4 "max-age-days" max_age_days: u64 = 28, "days", Integer(0, 36_500);
        /// Fewest satellites of a fix, when known.
        F5 "min-satellites" min_satellites: u64 = 4, "satellites", Integer(0, 100);
        /// Worst horizontal accuracy of a fix, when known.
        F6 "max-accuracy-mm" max_accuracy_mm: u64 = 10_000, "mm", MM;
        /// Worst HDOP of a fix whose accuracy is unknown, when known.
        F6 "max-hdop-milli" max_hdop_milli: u64 = 4_000, "1/1000", Integer(0, 1_000_000);
        /// Fastest step from the last kept fix.
        F8 "max-speed-mm-s" max_speed_mm_s: u64 = 55_000, "mm/s", Integer(1, 10_000_000);
        /// Steps faster than this are kept and flagged.
        F8 "flag-speed-mm-s" flag_speed_mm_s: u64 = 40_000, "mm/s", Integer(1, 10_000_000);
        /// After so many too fast fixes in a row the trace starts again there.
        F8 "restart-after" restart_after: u64 = 5, "fixes", Integer(1, 1_000);
        /// A track is cut where fixes are further apart in time.
        P1 "track-gap-ms" track_gap_ms: u64 = 120_000, "ms", Integer(1, 86_400_000);
        /// A track is cut where fixes are further apart in space.
        P1 "track-step-mm" track_step_mm: u64 = 200_000, "mm", MM;
        /// Position sigma of a fix that reports no accuracy, for the smoother.
        P1 "default-sigma-mm" default_sigma_mm: u64 = 4_700, "mm", Integer(1, 100_000);
        /// Power spectral density of the acceleration that the smoother expects: its square over a second.
        P1 "acceleration-milli" acceleration_milli: u64 = 4_000, "1/1000 m2/s3", Integer(1, 1_000_000);
        /// A smoothed fix that is slower than this has no course of its own.
        P1 "course-speed-mm-s" course_speed_mm_s: u64 = 700, "mm/s", Integer(1, 100_000);
        /// Images without a track must be further apart than this for the way between them to be a heading.
        P1 "course-step-mm" course_step_mm: u64 = 5_000, "mm", MM;
        /// No position is taken to be better than this.
        P2 "least-accuracy-mm" least_accuracy_mm: u64 = 3_000, "mm", MM;
        /// Accuracy of a position that reports none.
        P2 "unknown-accuracy-mm" unknown_accuracy_mm: u64 = 6_000, "mm", MM;
        /// An image without a position is placed on a fix at most this far in time.
        I1 "max-time-to-trace-ms" max_time_to_trace_ms: u64 = 5_000, "ms", Integer(0, 3_600_000);
        /// An image with a position may be this far from its session's trace at its time.
        I5 "max-trace-distance-mm" max_trace_distance_mm: u64 = 200_000, "mm", MM;
        /// Within this an image agrees with its trace; beyond it is kept and flagged.
        I5 "agree-mm" agree_mm: u64 = 50_000, "mm", MM;
        /// A mean grey level below this: the lens was covered.
        I6 "covered-mean-milli" covered_mean_milli: u64 = 2_000, "1/1000 grey level", GREY;
        /// A standard deviation below this: the picture is blank.
        I6 "blank-std-milli" blank_std_milli: u64 = 15_000, "1/1000 grey level", GREY;
        /// A mean grey level below this: the picture is dark.
        I6 "dark-mean-milli" dark_mean_milli: u64 = 40_000, "1/1000 grey level", GREY;
        /// From this share of dark blocks on the picture is dark.
        I6 "dark-share-ppm" dark_share_ppm: u64 = 900_000, "ppm", PPM;
        /// A mean grey level above this: the picture is burnt out.
        I6 "burnt-mean-milli" burnt_mean_milli: u64 = 215_000, "1/1000 grey level", GREY;
        /// From this share of burnt blocks on the picture is burnt out.
        I6 "burnt-share-ppm" burnt_share_ppm: u64 = 900_000, "ppm", PPM;
        /// High-frequency share at and below which a picture is blurred: its sharpness is 0.
        I6 "blurred-ppm" blurred_ppm: u64 = 10_000, "ppm", PPM;
        /// H3 resolution of reward cells.
        P1 "cell-resolution" cell_resolution: u64 = 11, "H3 resolution", RESOLUTION;
        /// A pass is split after this long in one cell.
        P1 "pass-split-ms" pass_split_ms: u64 = 600_000, "ms", Integer(1_000, 86_400_000);
        /// Fewest kept fixes of a pass without a kept image.
        P1 "pass-min-fixes" pass_min_fixes: u64 = 2, "fixes", Integer(1, 1_000);
    }
}

section! {
    /// Clauses D: what has been seen already.
    DedupPolicy in "dedup" {
        /// Most metres from the last image of the sequence at which it can show the same place.
        D3 "same-place-mm" same_place_mm: u64 = 1_000, "mm", MM;
        /// Widest turn from that image.
        D3 "same-place-deg" same_place_deg: u64 = 15, "degrees", TURN;
        /// Largest PDQ distance to that image: geometry alone never discards a picture.
        D3 "same-place-bits" same_place_bits: u64 = 62, "bits", BITS;
        /// H3 resolution of the cells whose ring is searched.
        D4 "cell-resolution" cell_resolution: u64 = 11, "H3 resolution", RESOLUTION;
        /// Largest PDQ distance of a near duplicate, wherever in the ring.
        D4 "near-bits" near_bits: u64 = 24, "bits", BITS;
        /// Largest PDQ distance of a near duplicate with about the same position and heading.
        D4 "close-bits" close_bits: u64 = 31, "bits", BITS;
        /// How near that position is.
        D4 "close-mm" close_mm: u64 = 25_000, "mm", MM;
        /// How near that heading is; an unknown heading does not stand in the way.
        D4 "close-deg" close_deg: u64 = 30, "degrees", TURN;
        /// Least correlation of gradients, edges aligned, of a crop or a framed copy about there.
        D4 "crop-ppm" crop_ppm: u64 = 955_000, "ppm", PPM;
        /// Least such correlation of each sixteenth of the picture but one.
        D4 "crop-part-ppm" crop_part_ppm: u64 = 850_000, "ppm", PPM;
        /// How much of each side a crop may lack.
        D4 "crop-most-ppm" crop_most_ppm: u64 = 60_000, "ppm", Integer(0, 200_000);
        /// How far its edges may lie from those of the original, of the picture's sides.
        D4 "crop-reach-ppm" crop_reach_ppm: u64 = 100_000, "ppm", Integer(0, 200_000);
        /// Largest PDQ distance at which edges are aligned.
        D4 "crop-bits" crop_bits: u64 = 124, "bits", BITS;
        /// So many earlier images, those at the least PDQ distance, are aligned with an image; 0 finds no crops.
        D4 "crop-tries" crop_tries: u64 = 32, "images", Integer(0, 1_000);
        /// A PDQ hash of lower quality matches nothing.
        D4 "min-pdq-quality" min_pdq_quality: u64 = 50, "0 to 100", Integer(0, 100);
        /// How long the window is over which a track is held against earlier ones.
        D6 "copy-window-ms" copy_window_ms: u64 = 300_000, "ms", Integer(60_000, 3_600_000);
        /// How far apart the windows of a track start; they overlap where this is less than their length.
        D6 "copy-stride-ms" copy_stride_ms: u64 = 150_000, "ms", Integer(1_000, 3_600_000);
        /// From this lower median of the distances on it is another drive.
        D6 "copy-median-mm" copy_median_mm: u64 = 12_000, "mm", MM;
        /// From this 90th percentile of the distances on it is another drive.
        D6 "copy-p90-mm" copy_p90_mm: u64 = 24_000, "mm", MM;
        /// Over this share of its distance across the way, a track's distance along it tells another drive.
        D6 "copy-along-ppm" copy_along_ppm: u64 = 1_500_000, "ppm", Integer(0, 100_000_000);
        /// The distance across the way is taken to be no less than this.
        D6 "copy-across-mm" copy_across_mm: u64 = 4_000, "mm", MM;
        /// Fewest changes of speed in the window: who drives evenly drives like others.
        D6 "copy-speed-changes" copy_speed_changes: u64 = 2, "changes", Integer(0, 1_000);
        /// What counts as a change of speed.
        D6 "copy-speed-step-mm-s" copy_speed_step_mm_s: u64 = 3_000, "mm/s", Integer(1, 100_000);
        /// A window slower than this is one on foot, and held to what lies between the two tracks alone.
        D6 "copy-slow-mm-s" copy_slow_mm_s: u64 = 3_000, "mm/s", Integer(0, 100_000);
        /// Below this lag-1 autocorrelation what lies between them is noise that was added.
        D6 "copy-white-ppm" copy_white_ppm: u64 = 300_000, "ppm", PPM;
        /// Below this root mean square nothing lies between them.
        D6 "copy-same-mm" copy_same_mm: u64 = 1_500, "mm", MM;
        /// Tracks of so many fixes are copies where their rows are the same, whatever their length.
        D6 "same-rows-fixes" same_rows_fixes: u64 = 30, "fixes", Integer(2, 1_000_000);
    }
}

section! {
    /// Clauses E: what speaks against a pass, and from where on.
    EvidencePolicy in "evidence" {
        /// A step faster than this is in excess.
        E1 "fast-mm-s" fast_mm_s: u64 = 40_000, "mm/s", Integer(1, 10_000_000);
        /// A change of speed harder than this is in excess.
        E1 "hard-mm-s2" hard_mm_s2: u64 = 20_000, "mm/s2", Integer(1, 10_000_000);
        /// A step from one track of an object to its next that is faster than this is a jump.
        E1 "jump-mm-s" jump_mm_s: u64 = 55_000, "mm/s", Integer(1, 10_000_000);
        /// Over this share of a track's fixes in excess, it fires.
        E1 "excess-ppm" excess_ppm: u64 = 80_000, "ppm", PPM;
        /// Noise with a sigma over this may be too white.
        E2 "white-sigma-mm" white_sigma_mm: u64 = 2_200, "mm", MM;
        /// Below this lag-1 autocorrelation it is.
        E2 "white-ppm" white_ppm: u64 = 100_000, "ppm", PPM;
        /// Below this sigma of its quietest runs a track is on rails.
        E3 "rails-mm" rails_mm: u64 = 70, "mm", MM;
        /// From this share of fixes with one and the same HDOP on, it fires.
        E4 "hdop-same-ppm" hdop_same_ppm: u64 = 1_000_000, "ppm", PPM;
        /// From this time on a position that stood to the last digit, and then was elsewhere at once, was frozen.
        E5 "frozen-ms" frozen_ms: u64 = 20_000, "ms", Integer(1, 86_400_000);
        /// So near to 1024 or 2048 weeks before its upload, or to the start of a clock, a capture is the clock's fault.
        E6 "clock-days" clock_days: u64 = 28, "days", Integer(0, 3_500);
        /// A device is not in two places at once where the moments are further apart than this.
        E7 "two-places-ms" two_places_ms: u64 = 60_000, "ms", Integer(0, 3_600_000);
        /// Nor where the places are nearer than this, and what it can go meanwhile by `jump-mm-s`.
        E7 "two-places-mm" two_places_mm: u64 = 200_000, "mm", MM;
    }
}

section! {
    /// Clauses P, C and R2: how good passes and coverage are.
    ScorePolicy in "score" {
        /// Accuracy at and above which position quality is 0.
        P2 "accuracy-worst-mm" accuracy_worst_mm: u64 = 10_000, "mm", MM;
        /// Accuracy at and below which position quality is full.
        P2 "accuracy-best-mm" accuracy_best_mm: u64 = 2_000, "mm", MM;
        /// High-frequency share at which sharpness is full; it is 0 at `place.blurred-ppm`.
        P3 "sharp-ppm" sharp_ppm: u64 = 200_000, "ppm", PPM;
        /// Mean grey level at which exposure leaves 0 at the dark end.
        P3 "exposure-dark-milli" exposure_dark_milli: u64 = 40_000, "1/1000 grey level", GREY;
        /// Mean grey level from which on it is bright enough.
        P3 "exposure-full-from-milli" exposure_full_from_milli: u64 = 110_000, "1/1000 grey level", GREY;
        /// Mean grey level up to which it is not too bright.
        P3 "exposure-full-to-milli" exposure_full_to_milli: u64 = 180_000, "1/1000 grey level", GREY;
        /// Mean grey level at which exposure reaches 0 at the bright end.
        P3 "exposure-burnt-milli" exposure_burnt_milli: u64 = 215_000, "1/1000 grey level", GREY;
        /// Standard deviation at which contrast leaves 0.
        P3 "contrast-zero-milli" contrast_zero_milli: u64 = 15_000, "1/1000 grey level", GREY;
        /// Standard deviation from which on contrast is full.
        P3 "contrast-full-milli" contrast_full_milli: u64 = 45_000, "1/1000 grey level", GREY;
        /// Pixels per degree at which detail leaves 0.
        P3 "detail-zero-milli" detail_zero_milli: u64 = 5_000, "1/1000 pixels per degree", Integer(0, 1_000_000);
        /// Pixels per degree from which on detail is full.
        P3 "detail-full-milli" detail_full_milli: u64 = 30_000, "1/1000 pixels per degree", Integer(0, 1_000_000);
        /// The same for 360-degree images: where detail leaves 0.
        P3 "detail-360-zero-milli" detail_360_zero_milli: u64 = 4_000, "1/1000 pixels per degree", Integer(0, 1_000_000);
        /// The same for 360-degree images: from where on detail is full.
        P3 "detail-360-full-milli" detail_360_full_milli: u64 = 16_000, "1/1000 pixels per degree", Integer(0, 1_000_000);
        /// Detail of an image whose field of view is unknown.
        P3 "detail-unknown-ppm" detail_unknown_ppm: u64 = 300_000, "ppm", PPM;
        /// Part of a pass's quality that needs no image.
        P4 "no-image-ppm" no_image_ppm: u64 = 200_000, "ppm", PPM;
        /// A pass slower than this throughout is dwelling.
        P5 "dwelling-mm-s" dwelling_mm_s: u64 = 150, "mm/s", Integer(0, 100_000);
        /// Contributors with kept passes in the cell that confirm another's pass.
        P6 "confirming-others" confirming_others: u64 = 2, "contributors", Integer(1, 1_000);
        /// Confirmation of a pass that nothing but its own kept image speaks for.
        P6 "own-image-ppm" own_image_ppm: u64 = 500_000, "ppm", PPM;
        /// Confirmation of a pass that nothing speaks for.
        P6 "unconfirmed-ppm" unconfirmed_ppm: u64 = 0, "ppm", PPM;
        /// A pass joins a slot whose heading is within this.
        C1 "slot-deg" slot_deg: u64 = 90, "degrees", TURN;
        /// Age at which freshness is 0.
        C3 "stale-days" stale_days: u64 = 90, "days", Integer(1, 36_500);
        /// Independent contributors at which confidence is full.
        C4 "confident-contributors" confident_contributors: u64 = 3, "contributors", Integer(1, 1_000);
        /// Part of the score that needs no confidence.
        C5 "no-confidence-ppm" no_confidence_ppm: u64 = 500_000, "ppm", PPM;
        /// A slot's standing fades to 0 over this time.
        R2 "fade-ms" fade_ms: u64 = 604_800_000, "ms", Integer(1, 3_153_600_000_000);
    }
}

section! {
    /// Clauses R: who gets what share.
    RewardPolicy in "reward" {
        /// How credits follow from passes.
        R4 "mode" mode: RewardMode = RewardMode::Improvement, "", OneOf(&["improvement", "rank", "shapley"]);
    }
}

/// How credits follow from passes (R4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RewardMode {
    /// A pass earns what it adds to its slot.
    #[default]
    Improvement,
    /// The best passes of a slot earn by their rank.
    Rank,
    /// What a slot gained is shared among all who are good enough, whoever came first.
    Shapley,
}

/// Whose trips have their ends trimmed (X1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrimEnds {
    /// Those of contributors who ask for it.
    Asked,
    /// Everyone's.
    All,
    /// Nobody's, whoever asks.
    Never,
}
