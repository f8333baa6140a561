//! An edit as a unified diff.

use std::borrow::Cow;

use similar::TextDiff;

use super::is_active;
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
    let path = &*quoted(path);
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(path, path)
        .to_string()
}

/// A path as git and patch write one that would end its line or the quotes: in
/// quotes, each byte of what is not plain by its octal number.
fn quoted(path: &str) -> Cow<'_, str> {
    // A runner of CI takes `##[` for a command.
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
