//! Who wants more than is owed, and how.

/// What an attack is counted in, and its rate is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Pictures, as a share of the honest ones.
    Pictures,
    /// Drives, as a share of the honest ones.
    Drives,
}

/// Declares the attacks: variant, name, unit, what it does.
macro_rules! attacks {
    ($($variant:ident, $name:literal, $unit:ident, $does:literal;)+) => {
        /// A way to be paid for what was not mapped.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Attack {
            $(#[doc = $does] $variant,)+
        }

        impl Attack {
            /// All of them, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name on the command line, in contributors' names and in the truth.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it is counted in.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self {
                    $(Self::$variant => Unit::$unit,)+
                }
            }

            /// What it does, in a line.
            #[must_use]
            pub const fn does(self) -> &'static str {
                match self {
                    $(Self::$variant => $does,)+
                }
            }
        }
    };
}

// By name, so that contributors named after them stand in the order of their names.
attacks! {
    Blur, "blur", Pictures, "Pictures far out of focus.";
    Border, "border", Pictures, "A screenshot of somebody's picture, with a border.";
    Brightness, "brightness", Pictures, "Somebody's picture, brighter or darker.";
    Crop, "crop", Pictures, "Somebody's picture without its edges, 2 to 5 % of each side.";
    ExactCopy, "exact-copy", Pictures, "The bytes of somebody's file.";
    ForgedExif, "forged-exif", Pictures, "Somebody's picture from elsewhere, placed on a route of one's own.";
    Gamma, "gamma", Pictures, "Somebody's picture under another gamma.";
    Invented, "invented", Drives, "A trace that nobody drove, with a receiver's noise, without a picture.";
    LensCap, "lens-cap", Pictures, "Pictures taken with the cap on the lens.";
    ManyWeeks, "many-weeks", Drives, "One drive, dated over several days.";
    MetadataEdit, "metadata-edit", Pictures, "Somebody's picture data under other metadata.";
    Mirrored, "mirrored", Pictures, "Somebody's picture, left and right exchanged.";
    Moved, "moved", Pictures, "Somebody's picture, said to be taken 50 to 200 m away.";
    Night, "night", Pictures, "Pictures taken at night without light.";
    OnRails, "on-rails", Drives, "An invented trace exactly on the centre line.";
    Parked, "parked", Pictures, "A car that stands while its camera goes on.";
    PoorFirst, "poor-first", Drives, "One drive sent twice: poor pictures first, then the good ones.";
    ReEncode, "re-encode", Pictures, "Somebody's picture, compressed again.";
    Resize, "resize", Pictures, "Somebody's picture in another size.";
    Rotated, "rotated", Pictures, "Somebody's picture, turned by quarters.";
    Sybil, "sybil", Drives, "One drive split among four ids.";
    Teleport, "teleport", Drives, "A trace that leaps from street to street.";
    TimeShift, "time-shift", Pictures, "A frame of somebody's video, up to 0.6 s from the one sent.";
    TraceCopy, "trace-copy", Drives, "Somebody's trace with noise, at another time, thinned.";
    TwoPlaces, "two-places", Drives, "One device in two places at once.";
    WeekRollOver, "week-roll-over", Drives, "A drive dated 1024 weeks too early.";
    WhiteJitter, "white-jitter", Drives, "An invented trace with noise that no two fixes share.";
}

impl Attack {
    /// Parts per million of the honest pictures or drives that it makes unless asked otherwise.
    #[must_use]
    pub const fn default_ppm(self) -> u32 {
        match self.unit() {
            Unit::Pictures => 12_500,
            Unit::Drives => 250_000,
        }
    }

    /// The attack of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|attack| attack.name() == name)
    }

    /// Its place in [`Attack::ALL`], for streams of random numbers.
    pub(crate) fn number(self) -> u64 {
        let place = Self::ALL.iter().position(|attack| *attack == self);
        u64::try_from(place.unwrap_or(0)).unwrap_or(0)
    }
}
