//! The texts themselves: how long they may be, which numbers in them may grow, and
//! when one discloses no more than another.

use crate::source::digest;

use crate::facts::constant_number;
use crate::plan::Expr;

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

/// A name or constant of a user, as a part of a text: without the sign that means
/// something here, and unlike any other text.
pub(super) fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace(AT_LEAST, "\\u2265")
}

/// A constant text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let text = plain(text).replace('\'', "\\'");
    format!("'{}'", text.replace('\n', "\\n"))
}

/// A text as a part of a value, or of rows that others are looked for in: there, a
/// greater number to be reached tells something else.
pub(super) fn exact(text: String) -> String {
    text.replace(AT_LEAST, ">= ")
}

/// Whether a number in a text may be a greater one.
pub(super) fn may_grow(text: &str) -> bool {
    text.contains(AT_LEAST)
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

/// Whether what is made now is what was approved, with the same or greater numbers
/// to be reached.
pub fn covers(approved: &str, now: &str) -> bool {
    if approved == now {
        return true;
    }
    let ((was, before), (is, after)) = (parts(approved), parts(now));
    was == is && before.len() == after.len() && before.iter().zip(&after).all(|(b, a)| a >= b)
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
