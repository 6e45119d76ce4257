//! How a section of the policy is declared: value, unit, range and meaning in one place, so that
//! the reference cannot drift from the code.

use std::fmt;

use serde_json::Value;

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// An integer from the first to the second, both included.
    Integer(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Bounds {
    /// Whether a value lies within.
    #[must_use]
    pub fn hold(&self, value: &Value) -> bool {
        match self {
            Self::Integer(least, most) => value.as_u64().is_some_and(|v| (*least..=*most).contains(&v)),
            Self::OneOf(words) => value.as_str().is_some_and(|v| words.contains(&v)),
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(least, most) => write!(f, "{least} to {most}"),
            Self::OneOf(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

/// One field of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The section: a table of the TOML file.
    pub section: &'static str,
    /// The name within it.
    pub name: &'static str,
    /// The clause it belongs to.
    pub clause: &'static str,
    /// The unit of the value.
    pub unit: &'static str,
    /// What it may hold.
    pub bounds: Bounds,
    /// What it says.
    pub meaning: &'static str,
}

/// Declares a section: `clause name: type = default, "unit", bounds;` under its doc comment.
macro_rules! section {
    (
        $(#[$meta:meta])*
        $name:ident in $section:literal {
            $(#[doc = $doc:literal] $clause:ident $key:literal $field:ident: $type:ty = $default:expr, $unit:literal, $bounds:expr;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $(#[doc = $doc] #[doc = concat!("(", $unit, ")")] #[serde(rename = $key)] pub $field: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }

        impl $name {
            /// The fields of this section in order.
            pub const FIELDS: &'static [$crate::policy::Field] = &[$($crate::policy::Field {
                section: $section,
                name: $key,
                clause: stringify!($clause),
                unit: $unit,
                bounds: $bounds,
                meaning: $doc,
            }),+];
        }
    };
}

pub(super) use section;
