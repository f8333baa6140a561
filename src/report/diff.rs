//! Writes edits as unified diffs.

use std::borrow::Cow;

use similar::TextDiff;

use super::is_active;
use crate::assessment::FileAssessment;
use crate::mend::{Fix, apply};

/// Returns the changes of a fix to a file; empty if the fix cannot be applied.
pub(super) fn diff_of_fix(file: &FileAssessment, fix: &Fix) -> String {
    apply(file.source.text(), &fix.edits).map_or_else(String::new, |after| {
        unified(file.source.path(), file.source.text(), &after)
    })
}

/// Returns the difference between two texts of a file as a unified diff.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let path = &*quoted(path);
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(path, path)
        .to_string()
}

/// Quotes a path as git and patch do if it contains special characters. Each byte of
/// such a character is written by its octal number.
fn quoted(path: &str) -> Cow<'_, str> {
    // CI runners interpret `##[` as a command.
    let numbered = path.contains("##");
    let special = |c: char| is_active(c) || matches!(c, '"' | '\\') || numbered && c == '#';
    if !path.contains(special) {
        return Cow::Borrowed(path);
    }
    let mut quoted = "\"".to_owned();
    for c in path.chars() {
        if special(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                quoted.push_str(&format!("\\{byte:03o}"));
            }
        } else {
            quoted.push(c);
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}
