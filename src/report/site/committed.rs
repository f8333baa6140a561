//! The commits in which approvals were recorded, as the repository has them.

use std::collections::HashMap;

use serde::Serialize;

/// Characters of a commit's name that a page shows.
const SHORT: usize = 12;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its whole name.
    pub id: String,
    /// The beginning of that.
    short: String,
    /// Its day, in UTC.
    pub date: String,
}

impl Commit {
    /// One of a time in seconds since 1970; `None` if no calendar has that.
    pub fn new(id: &str, seconds: i64) -> Option<Self> {
        let date = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        let date = date.date();
        Some(Self {
            id: id.to_owned(),
            short: id.chars().take(SHORT).collect(),
            date: format!(
                "{:04}-{:02}-{:02}",
                date.year(),
                u8::from(date.month()),
                date.day()
            ),
        })
    }
}

/// For each dataset, the commit of each of its approvals, in the order of its entry.
#[derive(Debug, Clone, Default)]
pub struct Committed(pub HashMap<String, Vec<Option<Commit>>>);

impl Committed {
    /// The commit of an approval, if it is known.
    pub(super) fn of(&self, dataset: &str, approval: usize) -> Option<&Commit> {
        self.0.get(dataset)?.get(approval)?.as_ref()
    }
}
