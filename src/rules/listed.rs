//! Findings that list several base columns.

use super::{Context, Finding};
use crate::policy::Use;

/// Maximum number of columns that a finding names and shows.
pub(super) const SHOWN: usize = 8;

/// The first uses of several base columns.
pub(super) type Columns<'a> = [&'a Use];

impl Context<'_> {
    /// Returns the names of the columns in a message: `a`, `b` and 3 more.
    pub(super) fn names(&self, columns: &Columns<'_>) -> String {
        let names: Vec<String> = columns
            .iter()
            .take(SHOWN)
            .map(|used| self.evidence.called(used.source))
            .collect();
        let more = columns.len().saturating_sub(SHOWN);
        let and_more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{and_more}", names.join(", "))
    }

    /// Whether a verb after these names is plural: records are.
    pub(super) fn are_several(&self, columns: &Columns<'_>) -> bool {
        let sources = &self.facts.sources;
        let mut all = columns.iter();
        columns.len() != 1 || all.any(|used| sources.get(used.source).is_records())
    }

    /// Labels each of the first [`SHOWN`] columns with its name, at its first use.
    pub(super) fn at_their_places(&self, finding: Finding, columns: &Columns<'_>) -> Finding {
        columns.iter().take(SHOWN).fold(finding, |finding, used| {
            let name = self.evidence.name(used.source);
            finding.also(used.span, format!("`{name}`"))
        })
    }
}
