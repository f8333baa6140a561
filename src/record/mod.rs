//! The publishing record: what was approved, and what has drifted since.
//!
//! It is a folder with one TOML file per dataset, so that two branches that approve
//! different datasets never touch the same file. An entry stores what the dataset
//! disclosed at its approval, field by field, in each form that it may take, and who
//! approved it when. A later assessment is compared with these fields: a field that
//! discloses more is reported, one that discloses the same or less is not. The
//! fingerprint of the query is for information only.

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
pub use apply::{PublicMark, RecordOutcome, apply, key};
pub use bug::bug;
pub use comparison::{Comparison, ComparisonSide, DatasetComparison};
pub use drift::{Change, Direction, Field, changes, grown};
pub use file_name::file_name;
pub use locked::{LockedRecord, WriteError};
pub use model::{
    Approval, ApprovalKind, ApprovedColumn, ApprovedSource, Disclosure, Entry, is_date,
};
pub use store::{FOLDER, Record};

/// The name of an entry in messages.
const WHAT: &str = "entry of the publishing record";
/// The version of the format of the entries.
const SCHEMA_VERSION: u64 = 3;
