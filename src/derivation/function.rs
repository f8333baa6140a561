//! Whether a new value is a function of an approved value alone.

use crate::plan::functions::{self, FunctionClass};

/// Whether the text `now` is a function of the text `approved` and of constants.
///
/// Such a function cannot disclose more. `names` are the names of all base columns
/// of the query: a text that contains one of them outside of `approved` is no such
/// function.
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
        && calls(&rest).all(is_row_local)
        && names_no_column(&rest)
        && !names
            .into_iter()
            .any(|name| !name.is_empty() && shown.contains(&name.to_lowercase()))
}

/// Words of CASE, CAST and conditions, which are not names.
///
/// Words that select or read rows (`where`, `over`, `by`) are excluded on purpose.
const WORDS: &[&str] = &[
    "case", "when", "then", "else", "end", "and", "or", "not", "is", "in", "null", "as",
];

/// Whether a text names no column of any table.
///
/// It may contain constants, the words of expressions, and words in upper case,
/// which are types, NULL, TRUE and FALSE: the names of columns are in lower case.
fn names_no_column(text: &str) -> bool {
    let Some(bare) = without_constants(text) else {
        return false;
    };
    let inside = |c: char| c.is_alphanumeric() || ['_', '.', '`', '#', '$'].contains(&c);
    let mut rest = bare.as_str();
    while let Some(at) = rest.find(inside) {
        rest = &rest[at..];
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        rest = behind;
        let called = rest.starts_with('(');
        let number = word.starts_with(|c: char| c.is_ascii_digit()) && word.parse::<f64>().is_ok();
        let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if !(called || number || WORDS.contains(&word) || word.chars().all(upper)) {
            return false;
        }
    }
    true
}

/// Removes quoted constants from a text; `None` if a quote is not closed.
fn without_constants(text: &str) -> Option<String> {
    let mut bare = String::new();
    let mut quoted = false;
    let mut signs = text.chars();
    while let Some(c) = signs.next() {
        match c {
            '\\' if quoted => {
                signs.next();
            }
            '\'' => quoted = !quoted,
            _ if quoted => {}
            _ => bare.push(c),
        }
    }
    (!quoted).then_some(bare)
}

/// Returns the words before opening parentheses.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('(').map(|(at, _)| {
        let before = &text[..at];
        let word = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        &before[word.len()..]
    })
}

/// Whether a function depends on its arguments alone, and reads no other row.
fn is_row_local(name: &str) -> bool {
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
    OWN.contains(&name)
        || (!is_volatile(name)
            && functions::lookup(name)
                .is_some_and(|info| matches!(info.class, FunctionClass::Scalar(_))))
}

/// Whether a function has another value in another run, or for another reader.
pub(super) fn is_volatile(name: &str) -> bool {
    const CHANGING: &[&str] = &["RAND", "GENERATE_UUID", "SESSION_USER"];
    CHANGING.contains(&name)
}

/// Removes all separate occurrences of `part` from a text.
///
/// `None` if there is none.
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

#[cfg(test)]
mod tests {
    use super::function_of;

    #[test]
    fn a_function_of_what_was_approved_names_nothing_else() {
        let sources = ["d.t.country", "d.t.city"];
        let of = |approved, now| function_of(approved, now, sources);
        assert!(of("d.t.country", "UPPER(d.t.country)"));
        assert!(of(
            "d.t.country",
            "case when d.t.country is null then 'a.b' else 'x' end"
        ));
        assert!(of("SUM(d.t.x)", "ROUND(cast(SUM(d.t.x) as INT64), -2)"));
        assert!(!of("d.t.country", "CONCAT(d.t.country, d.t.city)"));
        assert!(!of("d.t.country", "UPPER(d.t.country_code)"));
        assert!(!of("d.t.country", "d.t.city"));
        assert!(!of("d.t.country", "CONCAT(d.t.country, RAND())"));
    }

    #[test]
    fn another_choice_of_rows_is_no_function() {
        let of = |approved, now| function_of(approved, now, []);
        assert!(!of("SUM(d.t.x)", "SUM(d.t.x) where s.codes.region = 'EU'"));
        assert!(!of("SUM(d.t.x)", "SUM(d.t.x) where TRUE"));
        assert!(!of("SUM(d.t.x)", "SUM(d.t.x) over d.t by d.t.os"));
        assert!(!of(
            "d.t.x",
            "case when s.codes.region = 'EU' then d.t.x end"
        ));
        assert!(!of("d.t.x", "case when region = 'EU' then d.t.x end"));
        assert!(!of("'it''s", "'it''s d.t.x"));
    }
}
