//! The resolution of times.

use serde::{Deserialize, Serialize};

/// The resolution of a time, coarsest first: a greater one discloses more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// A day or coarser.
    Day,
    /// An hour.
    Hour,
    /// A minute.
    Minute,
    /// A second.
    Second,
    /// Finer than a second.
    Subsecond,
}

impl Resolution {
    /// All resolutions, each with its word in the file.
    pub const ALL: [(&'static str, Self); 5] = [
        ("day", Self::Day),
        ("hour", Self::Hour),
        ("minute", Self::Minute),
        ("second", Self::Second),
        ("subsecond", Self::Subsecond),
    ];

    /// Returns the word for the resolution in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::Subsecond => "subsecond",
        }
    }
}
