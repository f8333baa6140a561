//! The texts themselves: how long they may be, which numbers in them may grow, and
//! when one discloses no more than another.

use crate::source::digest;

use crate::facts::constant_number;
use crate::plan::Expr;
use crate::plan::functions::{self, FunctionClass};

/// Stands before a number that a count has to reach: a greater one asks for more
/// people.
const AT_LEAST: char = '≥';
/// Characters of a text that is still told as it is; of a longer one, the beginning
/// and a hash.
const LONGEST: usize = 240;
/// Characters of the beginning.
const BEGINNING: usize = 100;
/// Numbers that have to be reached, of which a text still tells each. What is made of
/// itself twice at each step would have any number of them.
const NUMBERS: usize = 32;
/// Parts of which a list still tells each: sides of a join, conditions, ways.
pub(super) const PARTS: usize = 128;

/// A number that something has to reach.
pub fn at_least(number: u64) -> String {
    format!("{AT_LEAST}{number}")
}

/// A name or constant of a user, as a part of a text: without the signs that mean
/// something here.
pub(super) fn plain(text: &str) -> String {
    text.replace(AT_LEAST, ">=")
}

/// A constant text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let text = plain(text).replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{}'", text.replace('\n', "\\n"))
}

/// A long text as its beginning and its hash, so that columns of columns stay
/// small. The numbers that have to be reached stay.
pub(super) fn short(text: String) -> String {
    if text.chars().count() <= LONGEST {
        return text;
    }
    let (mut skeleton, mut numbers) = parts(&text);
    if numbers.len() > NUMBERS {
        (skeleton, numbers) = (text, Vec::new());
    }
    let hex = digest(&skeleton);
    let mut short: String = skeleton.chars().take(BEGINNING).collect();
    short.push_str(&format!("… #{hex}"));
    for number in numbers {
        short.push(' ');
        short.push_str(&at_least(number));
    }
    short
}

/// A text without the numbers that have to be reached, and these.
fn parts(text: &str) -> (String, Vec<u64>) {
    let mut skeleton = String::with_capacity(text.len());
    let mut numbers = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(AT_LEAST) {
        let behind = at + AT_LEAST.len_utf8();
        skeleton.push_str(&rest[..behind]);
        rest = &rest[behind..];
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        if let Ok(number) = rest[..end].parse() {
            numbers.push(number);
            rest = &rest[end..];
        }
    }
    skeleton.push_str(rest);
    (skeleton, numbers)
}

/// Whether a condition is that at least so many rows or people are counted in the
/// published row.
pub(super) fn asks_for_more(made: &str) -> bool {
    let Some((counted, number)) = made.rsplit_once(AT_LEAST) else {
        return false;
    };
    let plain = counted
        .strip_prefix("COUNT(")
        .and_then(|rest| rest.trim_end().strip_suffix(')'));
    number.bytes().all(|byte| byte.is_ascii_digit())
        && plain.is_some_and(|of| !of.contains(['(', ')', AT_LEAST]))
}

/// Whether what is made now is what was approved, with the same or greater numbers
/// to be reached.
pub fn covers(approved: &str, now: &str) -> bool {
    if approved == now {
        return true;
    }
    let ((was, before), (is, after)) = (parts(approved), parts(now));
    was == is && before.len() == after.len() && before.iter().zip(&after).all(|(b, a)| a >= b)
}

/// Whether what is made now is a function of what was approved alone, which can
/// tell no more. `names` are those of all data that goes in; what names one of them
/// beside the approved text is no such function.
pub fn function_of<'n>(
    approved: &str,
    now: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> bool {
    let Some(rest) = without(now, approved) else {
        return false;
    };
    let shown = rest.to_lowercase();
    !["…", "@", "?", "«", "(*)", ".*"]
        .iter()
        .any(|word| shown.contains(word))
        && calls(&rest).all(is_of_its_row)
        && !names
            .into_iter()
            .any(|name| !name.is_empty() && shown.contains(&name.to_lowercase()))
}

/// The words before parentheses.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('(').map(|(at, _)| {
        let before = &text[..at];
        let word = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        &before[word.len()..]
    })
}

/// Whether a function gives the same for the same arguments, and reads no other row.
fn is_of_its_row(name: &str) -> bool {
    const OWN: &[&str] = &[
        "",
        "case",
        "cast",
        "safe_cast",
        "either",
        "not",
        "and",
        "or",
        "in",
    ];
    const CHANGING: &[&str] = &["RAND", "GENERATE_UUID", "SESSION_USER"];
    OWN.contains(&name)
        || (!CHANGING.contains(&name)
            && functions::lookup(name)
                .is_some_and(|info| matches!(info.class, FunctionClass::Scalar(_))))
}

/// A text without all mentions of another that stand for themselves; `None` if there
/// is none.
fn without(text: &str, part: &str) -> Option<String> {
    if part.is_empty() {
        return None;
    }
    let inside = |c: char| c.is_alphanumeric() || ['_', '.', '`', '#'].contains(&c);
    let mut rest = String::new();
    let mut found = false;
    let mut at = 0;
    while let Some(next) = text[at..].find(part) {
        let (start, end) = (at + next, at + next + part.len());
        let alone = !text[..start].ends_with(inside) && !text[end..].starts_with(inside);
        rest.push_str(&text[at..start]);
        if alone {
            found = true;
        } else {
            rest.push_str(part);
        }
        at = end;
    }
    rest.push_str(&text[at..]);
    found.then_some(rest)
}

/// The whole number that an expression is, folded.
pub(super) fn whole(expr: &Expr) -> Option<u64> {
    let number = constant_number(expr)?;
    let exact = (0.0..=9e15).contains(&number) && number.fract() == 0.0;
    // Checked: it is whole and within what a float holds exactly.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    exact.then_some(number as u64)
}

/// A number as it is written in a text: `5`, `5.0` and `5e0` are one.
pub(super) fn number(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::{covers, function_of, short};

    #[test]
    fn a_greater_number_to_reach_is_covered() {
        assert!(covers("COUNT(*) ≥5000", "COUNT(*) ≥6000"));
        assert!(!covers("COUNT(*) ≥5000", "COUNT(*) ≥4999"));
        assert!(!covers("COUNT(*) ≥5000", "COUNT(t.x) ≥5000"));
        let long = |number: u32| short(format!("{} ≥{number}", "x".repeat(300)));
        assert!(covers(&long(5), &long(6)));
        assert!(!covers(&long(6), &long(5)));
    }

    #[test]
    fn a_function_of_what_was_approved_names_nothing_else() {
        let sources = ["d.t.country", "d.t.city"];
        let of = |approved, now| function_of(approved, now, sources);
        assert!(of("d.t.country", "UPPER(d.t.country)"));
        assert!(!of("d.t.country", "CONCAT(d.t.country, d.t.city)"));
        assert!(!of("d.t.country", "UPPER(d.t.country_code)"));
        assert!(!of("d.t.country", "d.t.city"));
        assert!(!of("d.t.country", "CONCAT(d.t.country, RAND())"));
    }
}
