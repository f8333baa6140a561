//! The canonical texts: their length, the lower bounds in them, and their
//! comparison.

use crate::source::digest;

use crate::facts::constant_number;
use crate::plan::Expr;

/// Marks a lower bound that may be raised: a higher one requires more people.
const AT_LEAST: char = '≥';
/// Largest number of characters of a complete text. A longer one is represented by
/// its beginning and a hash.
const LONGEST: usize = 240;
/// Number of characters of the beginning of a longer text.
const BEGINNING: usize = 100;
/// Largest number of lower bounds that a shortened text keeps.
///
/// It is limited because a relation that is joined with itself at each step doubles
/// them.
const NUMBERS: usize = 32;
/// Largest number of parts that a text lists one by one.
///
/// The parts are sides of a join, conditions, or alternatives.
pub(super) const PARTS: usize = 128;

/// Formats a lower bound that may be raised.
pub fn at_least(number: u64) -> String {
    format!("{AT_LEAST}{number}")
}

/// Escapes a name or constant of the user as a part of a text.
///
/// The result does not contain the mark of a lower bound; different names stay
/// different.
pub(super) fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace(AT_LEAST, "\\u2265")
}

/// Formats a constant string in quotes.
pub(super) fn quoted(text: &str) -> String {
    let text = plain(text).replace('\'', "\\'");
    format!("'{}'", text.replace('\n', "\\n"))
}

/// Makes the lower bounds in a text exact.
///
/// This is necessary if the text is a part of a value, or of a list in which other
/// rows are looked up: a higher bound there discloses something else.
pub(super) fn exact(text: String) -> String {
    text.replace(AT_LEAST, ">= ")
}

/// Whether a text contains a lower bound that may be raised.
pub(super) fn has_raisable_bound(text: &str) -> bool {
    text.contains(AT_LEAST)
}

/// Shortens a long text to its beginning and a hash, so that nested texts stay
/// small.
///
/// The lower bounds that may be raised are kept, unless there are too many.
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

/// Splits a text into its skeleton and the lower bounds that may be raised.
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

/// Whether the text `now` discloses no more than the approved one.
///
/// That holds if they are equal, except for lower bounds that are the same or
/// higher.
pub fn covers(approved: &str, now: &str) -> bool {
    if approved == now {
        return true;
    }
    let ((was, before), (is, after)) = (parts(approved), parts(now));
    was == is && before.len() == after.len() && before.iter().zip(&after).all(|(b, a)| a >= b)
}

/// Returns the non-negative whole number that a constant expression evaluates to.
pub(super) fn whole(expr: &Expr) -> Option<u64> {
    let number = constant_number(expr)?;
    let exact = (0.0..=9e15).contains(&number) && number.fract() == 0.0;
    // The number is whole, and floating-point numbers up to 9e15 are exact.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    exact.then_some(number as u64)
}

/// Formats a number in one way: `5`, `5.0` and `5e0` are the same.
pub(super) fn number(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::{covers, exact, plain, quoted, short};

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
    fn a_number_in_a_value_does_not_grow() {
        let value = |number: u32| exact(format!("COUNT(*) ≥{number}"));
        assert!(!covers(&value(5), &value(6)));
    }

    #[test]
    fn a_constant_is_no_number_to_reach_and_no_other_constant() {
        let alike = ["≥1", ">=1", "\\u22651", "\\≥1", "\\\\u22651"];
        for (at, one) in alike.iter().enumerate() {
            for other in &alike[at + 1..] {
                assert_ne!(plain(one), plain(other));
                assert_ne!(quoted(one), quoted(other));
            }
        }
        assert!(!covers(&quoted("≥1"), &quoted("≥2")));
    }
}
