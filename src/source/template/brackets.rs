//! Finds parentheses, commas and quoted text in a model's text.

use std::ops::Range;

/// Trims white space from both ends of a range.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inside = &text[range.clone()];
    let start = range.start + (inside.len() - inside.trim_start().len());
    start..start + inside.trim().len()
}

/// Whether a word is at a byte, in any letter case.
pub(super) fn starts_with(text: &str, at: usize, word: &str) -> bool {
    text.get(at..at + word.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// Returns the first byte at or after `from` that is neither space nor comment.
pub(super) fn skip_space(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
        } else if text[at..].starts_with("--") || text[at..].starts_with("/*") {
            at = skip_quoted(text, at);
        } else {
            break;
        }
    }
    at
}

/// Returns the end of a string, quoted name or comment that begins at `at`,
/// otherwise `at`.
pub(super) fn skip_quoted(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let until = |from: usize, what: &str| {
        text[from..]
            .find(what)
            .map_or(text.len(), |found| from + found + what.len())
    };
    match bytes[at] {
        b'-' if bytes.get(at + 1) == Some(&b'-') => until(at, "\n"),
        b'/' if bytes.get(at + 1) == Some(&b'*') => until(at + 2, "*/"),
        quote @ (b'\'' | b'"' | b'`') => {
            let mut end = at + 1;
            while end < bytes.len() && bytes[end] != quote {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            (end + 1).min(text.len())
        }
        _ => at,
    }
}

/// Returns the parenthesis that closes the one at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    find(text, open, |byte, depth| {
        matches!(byte, b')' | b']') && depth == 0
    })
}

/// Returns the next comma outside of parentheses, otherwise the end of the text.
pub(super) fn split_at_comma(text: &str, from: usize) -> usize {
    find(text, from, |byte, depth| byte == b',' && depth == 0).unwrap_or(text.len())
}

/// Returns the first byte outside of quotes and comments for which `stop` holds.
/// `stop` gets the byte and the number of parentheses that are open after it.
fn find(text: &str, from: usize, stop: impl Fn(u8, usize) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = from;
    while at < bytes.len() {
        let next = skip_quoted(text, at);
        if next > at {
            at = next;
            continue;
        }
        match bytes[at] {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if stop(bytes[at], depth) {
            return Some(at);
        }
        at += 1;
    }
    None
}
