//! How finely a value tells time.

use serde::{Deserialize, Serialize};

/// The resolution of a time, coarsest first; a later one tells more.
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
