//! Substitutions that another program makes in a name before it runs the text:
//! `{table}`, `${T}`, `$T`, `$1`, `%(t)s`, `%s`, `@t`, `:t`, `[[t]]`, `<%= t %>` and
//! `<t>`.

use std::borrow::Cow;

use crate::source::template::PLACEHOLDER;

/// Replaces each substitution by a placeholder name for an unknown value.
///
/// No name in BigQuery contains these characters.
pub fn with_placeholders(text: &str) -> Cow<'_, str> {
    let mut rest = text;
    let mut known = String::new();
    while let Some((before, after)) = next(rest, known.chars().next_back()) {
        known.push_str(&rest[..before]);
        known.push_str(PLACEHOLDER);
        known.push_str("value");
        rest = &rest[after..];
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    known.push_str(rest);
    Cow::Owned(known)
}

/// Returns the range of the next substitution; `last` is the character before the
/// text.
fn next(text: &str, last: Option<char>) -> Option<(usize, usize)> {
    let mut last = last;
    for (at, sign) in text.char_indices() {
        let rest = &text[at..];
        let length = match sign {
            '{' => Some(closed(rest, "}")),
            '$' | '#' if rest[1..].starts_with('{') => Some(closed(rest, "}")),
            '<' if rest[1..].starts_with('%') => Some(closed(rest, "%>")),
            '<' if last == Some('.') => Some(closed(rest, ">")),
            '[' if rest[1..].starts_with('[') => Some(closed(rest, "]]")),
            // After a name, the sign begins a partition decorator.
            '$' if last.is_none_or(|last| last == '.' || last.is_whitespace())
                && rest[1..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Some(1 + word(&rest[1..]))
            }
            '%' if rest[1..].starts_with('(') => Some(closed(rest, ")s")),
            '%' if word(&rest[1..]) == 1 && rest[1..].starts_with('s') => Some(2),
            '$' => named(rest),
            '@' if last != Some('@') => named(rest),
            ':' if last.is_none_or(|last| last == '.' || last.is_whitespace()) => named(rest),
            _ => None,
        };
        if let Some(length) = length {
            return Some((at, at + length));
        }
        last = Some(sign);
    }
    None
}

/// Returns the bytes up to and including `sign`, or all bytes if it is absent.
fn closed(text: &str, sign: &str) -> usize {
    text.find(sign).map_or(text.len(), |at| at + sign.len())
}

/// Returns the bytes of a one-byte sign and the name after it.
fn named(text: &str) -> Option<usize> {
    let name = &text[1..];
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    begins.then(|| 1 + word(name))
}

fn word(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::with_placeholders;

    #[test]
    fn what_another_program_fills_in_is_unknown() {
        for (text, expected) in [
            ("d.{table}", "d.unrendered_value"),
            ("{cfg.ds}.t", "unrendered_value.t"),
            ("d.t_${DAY}_x", "d.t_unrendered_value_x"),
            ("d.$T", "d.unrendered_value"),
            ("d.%(t)s", "d.unrendered_value"),
            ("d.%s", "d.unrendered_value"),
            ("d.@t", "d.unrendered_value"),
            ("d.:t", "d.unrendered_value"),
            ("{a}{b}", "unrendered_valueunrendered_value"),
            ("d.[[T]]", "d.unrendered_value"),
            ("d.<%= T %>", "d.unrendered_value"),
            ("d.<T>", "d.unrendered_value"),
            ("d.$1", "d.unrendered_value"),
        ] {
            assert_eq!(with_placeholders(text), expected);
        }
        for text in [
            "google.com:p.d.t",
            "d.t$20240101",
            "d.t@-3600",
            "@@x",
            "d.t",
            "a < b AND c > d",
        ] {
            assert_eq!(with_placeholders(text), text);
        }
    }
}
