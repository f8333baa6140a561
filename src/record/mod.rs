//! The publishing record: what was approved, and what has drifted since.
//!
//! It is a folder with one TOML file a dataset, so that two branches that approve
//! different datasets never touch the same file. An entry holds what the dataset
//! disclosed when it was approved, field by field, in each form that it may take,
//! and who approved it when. A later assessment is held against these fields: where
//! it discloses more, that is told; where it discloses the same or less, nothing is.
//! The fingerprint of the query only informs.

mod apply;
mod bug;
mod comparison;
mod disclosure;
mod drift;
mod file_name;
mod locked;
mod model;
mod read;
mod still;
mod store;
mod write;

#[cfg(test)]
mod tests;

pub use crate::syntax::fingerprint;
pub use apply::{Applied, PublicMark, apply, key};
pub use bug::bug;
pub use comparison::{Compared, Comparison, Side};
pub use drift::{Change, Direction, Field, changes, grown};
pub use file_name::file_name;
pub use locked::{LockedRecord, WriteError};
pub use model::{Approval, ApprovedColumn, ApprovedSource, Disclosure, Entry, Kind, is_date};
pub use store::{FOLDER, Record};

/// What an entry is called in messages.
const WHAT: &str = "entry of the publishing record";
/// The version of the entries' form.
const SCHEMA_VERSION: u64 = 3;
