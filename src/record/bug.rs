//! The bug of an approval.

use crate::registry::is_link;

/// The tracker to which a number without an address belongs.
const BUGZILLA: &str = "https://bugzilla.mozilla.org/show_bug.cgi?id=";
/// Words that are placeholders for a bug.
const PLACEHOLDERS: &[&str] = &[
    "tbd",
    "todo",
    "fixme",
    "xxx",
    "wip",
    "none",
    "n/a",
    "pending",
    "unknown",
    "placeholder",
];

/// Returns the address of a bug, which is given as an address or as a Bugzilla
/// number.
///
/// # Errors
/// If the text is a placeholder or neither of both. The message contains the
/// correction.
pub fn bug(text: &str) -> Result<String, String> {
    let text = text.trim();
    const WANTED: &str = "write the address of the bug of the approval, or its Bugzilla number";
    let number = text
        .strip_prefix("bug ")
        .or_else(|| text.strip_prefix("Bug "))
        .unwrap_or(text)
        .trim();
    if number.parse::<u64>().is_ok_and(|number| number > 0) && !number.starts_with(['0', '+']) {
        return Ok(format!("{BUGZILLA}{number}"));
    }
    let words = || text.split(|c: char| !(c.is_alphanumeric() || c == '/'));
    let is_placeholder_word = |word: &str| {
        let word = word.to_lowercase();
        let bare = word.trim_matches(|c: char| c.is_ascii_digit());
        PLACEHOLDERS.contains(&word.as_str()) || PLACEHOLDERS.contains(&bare)
    };
    // A path has several parts, whereas `n/a` is one word.
    if words().any(|word| is_placeholder_word(word) || word.split('/').any(is_placeholder_word)) {
        return Err(format!("`{text}` contains a place but no bug; {WANTED}"));
    }
    if !is_link(text) {
        return Err(format!(
            "`{text}` is neither an address nor a number; {WANTED}"
        ));
    }
    let path = text.splitn(4, '/').nth(3).unwrap_or("");
    if path.chars().any(|c| c.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` contains no bug number; {WANTED}"))
    }
}
