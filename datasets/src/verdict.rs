//! Verdicts and their reasons: stable codes that carry the clause of the policy.

use std::fmt;

/// What became of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It counts.
    #[default]
    Kept,
    /// An earlier record holds the same.
    Duplicate,
    /// It does not count.
    Rejected,
}

impl Verdict {
    /// As the tables write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Duplicate => "duplicate",
            Self::Rejected => "rejected",
        }
    }

    /// Back from [`Verdict::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Kept, Self::Duplicate, Self::Rejected]
            .into_iter()
            .find(|v| v.name() == name)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $verdict:ident;)*) => {
        /// Why a record got its verdict: a clause of the policy with a slug.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            /// No clause fired: the record is kept.
            #[default]
            None,
            $($(#[doc = $doc])+ $name,)*
        }

        impl Reason {
            /// Every reason, in the order of the policy's text.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code, empty for [`Reason::None`].
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    Self::None => "",
                    $(Self::$name => $code,)*
                }
            }

            /// The verdict that this reason brings.
            #[must_use]
            pub const fn verdict(self) -> Verdict {
                match self {
                    Self::None => Verdict::Kept,
                    $(Self::$name => Verdict::$verdict,)*
                }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    Self::None => "",
                    $(Self::$name => concat!($($doc, " "),+).trim(),)*
                }
            }
        }
    };
}

reasons! {
    /// The object is larger than the limit.
    TooLarge = "O1-too-large", Rejected;
    /// Neither an image nor a trace that Cairn reads.
    UnknownKind = "O2-unknown-kind", Rejected;
    /// It could not be read; the detail says where it broke.
    Unreadable = "O3-unreadable", Rejected;
    /// The decoded picture would have too many pixels.
    TooManyPixels = "O4-too-many-pixels", Rejected;
    /// The bytes are not those the manifest of uploads promised.
    DigestMismatch = "O5-digest-mismatch", Rejected;
    /// The signature is not one of a registered device of the contributor over these bytes; the detail says why.
    SignatureMismatch = "O5-signature-mismatch", Rejected;
    /// An earlier object has the same bytes.
    SameBytes = "O6-same-bytes", Duplicate;
    /// The contributor's id has characters or a length that ids may not have.
    ContributorId = "O7-contributor-id", Rejected;
    /// Inside a privacy zone or a trimmed end of a trip.
    Private = "X1-private", Rejected;
    /// The fix has no time.
    FixNoTime = "F1-no-time", Rejected;
    /// The fix has no position, or one that is not finite or out of range.
    FixPosition = "F2-position-invalid", Rejected;
    /// The fix lies within 0.001 degrees of 0,0.
    FixNullIsland = "F3-null-island", Rejected;
    /// The fix was captured after its upload or the epoch's end, or too long before.
    FixTime = "F4-time-out-of-range", Rejected;
    /// No 3D fix, or too few satellites.
    FixWeak = "F5-weak-fix", Rejected;
    /// The horizontal accuracy, or the HDOP, is over the limit.
    FixInaccurate = "F6-inaccurate", Rejected;
    /// Not later than the kept fix before it.
    FixNotLater = "F7-not-later", Rejected;
    /// Too far from the last kept fix for the time between them.
    FixTooFast = "F8-too-fast", Rejected;
    /// The image has no position, and no trace of its session gives it one.
    NoPosition = "I1-no-position", Rejected;
    /// The image lies within 0.001 degrees of 0,0.
    NullIsland = "I2-null-island", Rejected;
    /// The image has no time.
    NoTime = "I3-no-time", Rejected;
    /// The image was captured after its upload or the epoch's end, or too long before.
    ImageTime = "I4-time-out-of-range", Rejected;
    /// The image is far from its session's trace at its time.
    FarFromTrace = "I5-far-from-trace", Rejected;
    /// The lens was covered: the picture is black.
    Covered = "I6-covered", Rejected;
    /// The picture shows nothing: its grey levels hardly differ.
    Blank = "I6-blank", Rejected;
    /// The picture is too dark.
    Dark = "I6-dark", Rejected;
    /// The picture is burnt out.
    BurntOut = "I6-burnt-out", Rejected;
    /// The picture is blurred throughout.
    Blurred = "I6-blurred", Rejected;
    /// An earlier image has the same bytes.
    ImageSameBytes = "D1-same-bytes", Duplicate;
    /// An earlier image has the same picture data; only metadata differ.
    SamePicture = "D2-same-picture", Duplicate;
    /// It shows what the image before it in the sequence shows, from the same spot.
    SamePlace = "D3-same-place", Duplicate;
    /// An earlier image of the cell or its neighbours shows the same.
    NearDuplicate = "D4-near-duplicate", Duplicate;
    /// An earlier image of the cell or its neighbours shows the same once their edges are aligned: a crop or a border.
    Cropped = "D4-crop", Duplicate;
    /// The picture was used before, somewhere else.
    Reused = "D5-reused", Duplicate;
    /// The fixes lie on an earlier track, moment by moment.
    CopiedTrack = "D6-copied-track", Duplicate;
    /// The pass has neither two kept fixes nor one kept image.
    TooLittle = "P1-too-little", Rejected;
    /// The contributor stood in the cell; another pass of that day counts.
    Dwelling = "P5-dwelling", Rejected;
}

impl Reason {
    /// Back from [`Reason::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        if code.is_empty() {
            return Some(Self::None);
        }
        Self::ALL.iter().copied().find(|r| r.code() == code)
    }

    /// The unit of the measured value and its threshold, empty where there is none.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::TooLarge => "bytes",
            Self::TooManyPixels => "pixels",
            Self::FixNoTime
            | Self::FixPosition
            | Self::FixNullIsland
            | Self::FixTime
            | Self::FixWeak
            | Self::FixInaccurate
            | Self::FixNotLater
            | Self::FixTooFast
            | Self::TooLittle => "fixes",
            Self::NoPosition | Self::ImageTime => "ms",
            Self::NullIsland => "1e-7 degrees",
            Self::FarFromTrace | Self::CopiedTrack => "mm",
            Self::Covered | Self::Blank => "1/1000 grey level",
            Self::Dark | Self::BurntOut => "1/1000 grey level, or ppm of blocks",
            Self::Blurred | Self::Cropped => "ppm",
            Self::SamePlace | Self::NearDuplicate | Self::Reused => "bits",
            Self::Dwelling => "mm/s",
            _ => "",
        }
    }

    /// The clause of the policy: `D4` of `D4-near-duplicate`.
    #[must_use]
    pub fn clause(self) -> &'static str {
        self.code().split('-').next().unwrap_or_default()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A reason with what was measured, against which threshold, both in the unit the policy names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The clause that fired, or [`Reason::None`].
    pub reason: Reason,
    /// The measured value.
    pub measured: Option<i64>,
    /// The threshold it was held against.
    pub threshold: Option<i64>,
}

impl Finding {
    /// No clause fired.
    pub const KEPT: Self = Self {
        reason: Reason::None,
        measured: None,
        threshold: None,
    };

    /// A clause that needs no number.
    #[must_use]
    pub const fn plain(reason: Reason) -> Self {
        Self {
            reason,
            measured: None,
            threshold: None,
        }
    }

    /// A clause with the value it measured and the threshold.
    #[must_use]
    pub const fn measured(reason: Reason, measured: i64, threshold: i64) -> Self {
        Self {
            reason,
            measured: Some(measured),
            threshold: Some(threshold),
        }
    }

    /// Whether the record is kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.reason == Reason::None
    }
}
