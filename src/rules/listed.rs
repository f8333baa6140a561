//! Several base columns in one finding.

use super::{Context, Finding};
use crate::facts::SourceId;
use crate::policy::Use;

/// At most so many columns are named and shown.
pub(super) const SHOWN: usize = 8;

/// Base columns, each with what it is used for.
pub(super) type Columns<'a> = [(SourceId, Vec<&'a Use>)];

impl Context<'_> {
    /// Their names in a message: `a`, `b` and 3 more.
    pub(super) fn names(&self, columns: &Columns<'_>) -> String {
        let names: Vec<String> = columns
            .iter()
            .take(SHOWN)
            .map(|(id, _)| format!("`{}`", self.evidence.name(*id)))
            .collect();
        let more = columns.len().saturating_sub(SHOWN);
        let and_more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{and_more}", names.join(", "))
    }

    /// A finding about them, with each named where it is first used.
    pub(super) fn at_their_places(&self, finding: Finding, columns: &Columns<'_>) -> Finding {
        columns
            .iter()
            .take(SHOWN)
            .filter_map(|(id, uses)| Some((self.evidence.name(*id), uses.first()?)))
            .fold(finding, |finding, (name, used)| {
                finding.also(used.span, format!("`{name}`"))
            })
    }
}
