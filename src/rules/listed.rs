//! Findings that list several base columns.

use super::{Finding, RuleContext};
use crate::policy::ColumnUse;

/// Maximum number of columns that a finding names and shows.
pub(super) const MAX_LISTED_COLUMNS: usize = 8;

/// The first uses of several base columns.
pub(super) type FirstUses<'a> = [&'a ColumnUse];

impl RuleContext<'_> {
    /// Returns the names of the columns in a message: `a`, `b` and 3 more.
    pub(super) fn names(&self, columns: &FirstUses<'_>) -> String {
        let names: Vec<String> = columns
            .iter()
            .take(MAX_LISTED_COLUMNS)
            .map(|used| self.evidence.called(used.source))
            .collect();
        let more = columns.len().saturating_sub(MAX_LISTED_COLUMNS);
        let and_more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{and_more}", names.join(", "))
    }

    /// Whether a verb after these names is plural: records are.
    pub(super) fn are_several(&self, columns: &FirstUses<'_>) -> bool {
        let sources = &self.facts.sources;
        let mut all = columns.iter();
        columns.len() != 1 || all.any(|used| sources.get(used.source).is_records())
    }

    /// Labels each of the first [`MAX_LISTED_COLUMNS`] columns with its name, at its first use.
    pub(super) fn label_first_uses(&self, finding: Finding, columns: &FirstUses<'_>) -> Finding {
        columns
            .iter()
            .take(MAX_LISTED_COLUMNS)
            .fold(finding, |finding, used| {
                let name = self.evidence.name(used.source);
                finding.also(used.span, format!("`{name}`"))
            })
    }
}
