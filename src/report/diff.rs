//! An edit as a unified diff.

use similar::TextDiff;

use crate::assessment::FileAssessment;
use crate::mend::{Fix, apply};

/// What a fix changes of a file; empty where it can't be applied.
pub(super) fn of_fix(file: &FileAssessment, fix: &Fix) -> String {
    apply(file.source.text(), &fix.edits).map_or_else(String::new, |after| {
        unified(file.source.path(), file.source.text(), &after)
    })
}

/// What differs between two texts of a file.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(path, path)
        .to_string()
}
