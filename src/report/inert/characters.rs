//! Escapes active characters, for each kind of output.

use std::borrow::Cow;
use std::fmt::Write;

pub(crate) use crate::source::is_active;

/// Escapes the characters that `escapes` selects, in the form that `escape` writes.
fn escaped<'t>(
    text: &'t str,
    escapes: impl Fn(char) -> bool,
    escape: impl Fn(char, &mut String),
) -> Cow<'t, str> {
    let Some(first) = text.find(&escapes) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        if escapes(c) {
            escape(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Writes a character as a Rust escape, for people: `\n`, `\u{202e}`.
pub(super) fn write_visible(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => out.extend(c.escape_unicode()),
    }
}

/// Escapes a text that becomes a part of one line.
pub(crate) fn escape_line(text: &str) -> String {
    escaped(text, is_active, write_visible).into_owned()
}

/// Escapes a line, except for its tabs.
pub(super) fn escape_tabbed(line: &str) -> Cow<'_, str> {
    escaped(line, |c| is_active(c) && c != '\t', write_visible)
}

/// Escapes a line that miette or clap drew. Select Graphic Rendition sequences (`ESC
/// [ 1 m`) stay, but no other sequence that begins with ESC.
pub(super) fn escape_styled(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&escape_line(&rest[..at]));
        rest = &rest[at..];
        let length = rest.strip_prefix("\u{1b}[").and_then(|after| {
            let digits = after.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            after[digits..].starts_with('m').then_some(digits + 3)
        });
        if let Some(length) = length {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        } else {
            write_visible('\u{1b}', &mut out);
            rest = &rest[1..];
        }
    }
    out.push_str(&escape_line(rest));
    out
}

/// Escapes commands that CI runners would read in a line. GitHub's runner reads `::`
/// at the beginning of a line, also after white space, and `##[` anywhere; that of
/// Azure reads `##vso[`, and TeamCity `##teamcity[`, anywhere.
pub(super) fn escape_commands(line: &str) -> Cow<'_, str> {
    let mut line = Cow::Borrowed(line);
    if line.contains("##") && line.contains('[') {
        line = Cow::Owned(escape_hashes(&line, "\\x23"));
    }
    let start = line.len() - line.trim_start().len();
    if line[start..].starts_with("::") {
        let (indent, rest) = line.split_at(start);
        line = Cow::Owned(format!("{indent}\\x3a{}", &rest[1..]));
    }
    line
}

/// Replaces the second `#` of each `##word[` by an escape.
pub(super) fn escape_hashes(text: &str, escape: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let after = rest[at + 2..].trim_start_matches(|c: char| c.is_ascii_alphabetic());
        out.push_str(&rest[..=at]);
        if after.starts_with('[') {
            out.push_str(escape);
            rest = &rest[at + 2..];
        } else {
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    out
}

/// Escapes serialized JSON. All characters outside of its strings are ASCII, so that
/// each active one, except line ends, is inside a string.
pub(super) fn escape_json(text: String) -> String {
    let escape = |c: char, out: &mut String| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    };
    // Reports are long, and few contain such a character: without one, nothing is
    // copied.
    let text = match escaped(&text, |c| is_active(c) && c != '\n', escape) {
        Cow::Borrowed(_) => text,
        Cow::Owned(escaped) => escaped,
    };
    if text.contains("##") {
        escape_hashes(&text, "\\u0023")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{escape_commands, escape_json, escape_line, escape_styled};
    use super::{is_active, write_visible};
    use proptest::prelude::*;
    use unicode_general_category::{GeneralCategory, get_general_category};

    #[test]
    fn controls_formats_and_separators_are_active() {
        for c in '\0'..=char::MAX {
            let category = get_general_category(c);
            let named = matches!(
                category,
                GeneralCategory::Control
                    | GeneralCategory::Format
                    | GeneralCategory::LineSeparator
                    | GeneralCategory::ParagraphSeparator
            );
            assert!(!named || is_active(c), "{}", c.escape_unicode());
        }
        for c in " aZ~é–…“”│╭⚠日\u{a0}\u{1f600}".chars() {
            assert!(!is_active(c), "{c}");
        }
    }

    #[test]
    fn commands_of_ci_are_broken() {
        for (line, inert) in [
            ("::add-mask::x", "\\x3a:add-mask::x"),
            ("  ::error::x", "  \\x3a:error::x"),
            ("a ##[error]b", "a #\\x23[error]b"),
            ("##vso[task]", "#\\x23vso[task]"),
            ("##teamcity[x] ##[y", "#\\x23teamcity[x] #\\x23[y"),
            ("###[x]", "##\\x23[x]"),
            ("## heading [a](b)", "## heading [a](b)"),
            ("a::b", "a::b"),
        ] {
            assert_eq!(escape_commands(line), inert);
        }
    }

    #[test]
    fn colours_stay_and_no_other_sequence() {
        assert_eq!(
            escape_styled("\u{1b}[1;31mx\u{1b}[0m"),
            "\u{1b}[1;31mx\u{1b}[0m"
        );
        assert_eq!(
            escape_styled("\u{1b}[2J\u{1b}]52;c;x\u{7}"),
            "\\u{1b}[2J\\u{1b}]52;c;x\\u{7}"
        );
        assert_eq!(escape_styled("\u{1b}[1"), "\\u{1b}[1");
        assert_eq!(escape_styled("\u{1b}[1é"), "\\u{1b}[1é");
    }

    proptest! {
        #[test]
        fn nothing_active_is_left(text in any::<String>(), c in any::<char>()) {
            let text = format!("{text}{c}");
            prop_assert!(!escape_line(&text).contains(is_active));
            let mut visible = String::new();
            write_visible(c, &mut visible);
            prop_assert!(!visible.contains(is_active));
        }

        #[test]
        fn json_is_read_back_as_it_was(text in any::<String>(), hashes in "[#a\\[]{0,8}") {
            let value = serde_json::json!({ "a": text, "b": hashes });
            let inert = escape_json(value.to_string());
            prop_assert!(!inert.contains(is_active));
            prop_assert!(!inert.contains("##["));
            let back: serde_json::Value = serde_json::from_str(&inert).expect("it is JSON");
            prop_assert_eq!(back, value);
        }
    }
}
