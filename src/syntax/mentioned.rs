//! Finds the tables that a statement names and may write, if it cannot be parsed.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::index::bytes;
use super::keyword;
use super::lexer;
use super::unread::writes_behind_pipe;
use super::words::{StatementWords, is};
use crate::catalog::{TableName, with_placeholders};
use crate::source::SourceText;
use crate::source::template::{PLACEHOLDER, is_placeholder};

/// First words of statements that read, and write no table.
const READING: [&str; 9] = [
    "SELECT", "WITH", "FROM", "DECLARE", "ASSERT", "GRANT", "REVOKE", "SHOW", "EXPORT",
];
/// First words of definitions of something other than a table.
const DEFINING: [&[&str]; 4] = [
    &["CREATE", "FUNCTION"],
    &["CREATE", "AGGREGATE", "FUNCTION"],
    &["CREATE", "TABLE", "FUNCTION"],
    &["CREATE", "MODEL"],
];
/// Keywords that may be followed by the unqualified name of a table.
const BEFORE: [&str; 9] = [
    "INTO",
    "TABLE",
    "VIEW",
    "INSERT",
    "UPDATE",
    "MERGE",
    "OVERWRITE",
    "EXISTS",
    "TO",
];
/// Keywords that may follow those, and are not the name of a table.
const MANNER: [&str; 9] = [
    "INTO",
    "TABLE",
    "IF",
    "NOT",
    "EXISTS",
    "SET",
    "VALUES",
    "TEMP",
    "TEMPORARY",
];

/// Returns the tables that an unparsed statement may write; `None` if it may be any
/// table.
pub fn mentioned(statement: &SourceText) -> Option<Vec<TableName>> {
    let text = with_placeholders(statement.text());
    let mut tokens = lexer::read(&text, usize::MAX).tokens;
    keyword::after_dots(&mut tokens);
    keyword::foreign(&mut tokens);
    let words = StatementWords::of(&tokens);
    let first = tokens
        .iter()
        .position(|token| token.token != Token::LParen)
        .unwrap_or(0);
    let begins = |word: &str| is(tokens.get(first), word);
    let reads = READING.into_iter().any(begins) && !writes_behind_pipe(&tokens);
    if reads || DEFINING.iter().any(|first| words.begin(first)) {
        return Some(Vec::new());
    }
    // The tables that a procedure or an executed string writes are not named here.
    if begins("EXECUTE") || begins("CALL") {
        return None;
    }
    // Names in the places of targets, and other names. The latter may be targets if
    // there are none of the former.
    let (mut names, mut others): (Vec<TableName>, Vec<TableName>) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let placed = BEFORE.into_iter().any(|word| is(before, word));
        let Token::Word(word) = &token.token else {
            if placed && is_sign(&token.token) {
                return None;
            }
            at += 1;
            continue;
        };
        // `IF [NOT] EXISTS` is not part of the following name.
        if is(Some(token), "IF") {
            at += 1;
            continue;
        }
        let begins_here = at == first;
        if is_placeholder(&word.value) && begins_here && word.quote_style.is_none() {
            // The placeholder may be the whole statement.
            return None;
        }
        let (mut parts, after, whole) = match words.path(at) {
            Some((parts, after)) => (parts, after, true),
            None if placed => {
                let (parts, after) = beginning(&tokens, at);
                (parts, after, false)
            }
            None => {
                at += 1;
                continue;
            }
        };
        let quoted = word.quote_style.is_some();
        let manner =
            !quoted && parts.len() == 1 && MANNER.into_iter().any(|word| is(Some(token), word));
        // Another program replaces a sign that no name can have.
        let end = tokens
            .get(after.saturating_sub(1))
            .map(|last| bytes(last.span).end);
        let follows = end.and_then(|end| text.get(end as usize..)?.chars().next());
        let ends = |c: char| c.is_whitespace() || "();,-#/".contains(c);
        if let Some(last) = parts.last_mut()
            && whole
            && placed
            && !manner
            && !follows.is_none_or(ends)
        {
            last.push_str(PLACEHOLDER);
            last.push_str("value");
        }
        let dotted = parts.len() > 1 || quoted && parts[0].contains('.');
        if dotted || placed && !manner {
            let name = TableName::new(parts.iter().map(String::as_str));
            let list = if placed { &mut names } else { &mut others };
            if !list.contains(&name) {
                list.push(name);
            }
        }
        at = after.max(at + 1);
    }
    Some(if names.is_empty() { others } else { names })
}

/// Whether a token is a sign with which no expression begins, so that another
/// program replaces it.
fn is_sign(token: &Token) -> bool {
    matches!(
        token,
        Token::Lt | Token::LBracket | Token::LBrace | Token::Mod | Token::Char(_)
    )
}

/// Reads a dotted name whose end is not a name, and therefore unknown.
fn beginning(tokens: &[TokenWithSpan], mut at: usize) -> (Vec<String>, usize) {
    let mut parts = Vec::new();
    while let Some(Token::Word(word)) = tokens.get(at).map(|token| &token.token) {
        parts.push(word.value.clone());
        at += 1;
        if tokens.get(at).map(|token| &token.token) != Some(&Token::Period) {
            break;
        }
        at += 1;
    }
    parts.push(format!("{PLACEHOLDER}value"));
    (parts, at)
}

#[cfg(test)]
mod tests {
    use super::mentioned;
    use crate::source::SourceText;

    fn names(sql: &str) -> Option<Vec<String>> {
        let names = mentioned(&SourceText::new("q.sql", sql))?;
        Some(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_statement_may_write_what_it_names() {
        for (sql, expected) in [
            ("INSERT INTO d.t SELECT 1 FROB", vec!["d.t"]),
            ("INSERT t SELECT 1 FROB", vec!["t"]),
            ("CREATE TABLE IF NOT EXISTS `p.d.t` FROB", vec!["p.d.t"]),
            ("FROB TABLE my-proj.d.t", vec!["my-proj.d.t"]),
            ("INSERT d.t SELECT a.b FROM d.u AS a FROB", vec!["d.t"]),
            ("INSERT INTO d.{t} SELECT 1", vec!["d.unrendered_value"]),
            ("INSERT INTO {d}.t SELECT 1", vec!["unrendered_value.t"]),
            ("INSERT INTO d.%(t)s SELECT 1", vec!["d.unrendered_value"]),
            ("FROB d.t, d.u", vec!["d.t", "d.u"]),
            ("INSERT INTO [[T]] SELECT 1", vec!["unrendered_value"]),
            ("INSERT INTO $1 SELECT 1", vec!["unrendered_value"]),
            ("TRUNCATE TABLE <%= t %> FROB", vec!["unrendered_value"]),
            ("INSERT INTO d.<T> SELECT 1", vec!["d.unrendered_value"]),
            ("INSERT INTO d.[[T]] SELECT 1", vec!["d.unrendered_value"]),
            ("INSERT INTO d.$1 SELECT 1", vec!["d.unrendered_value"]),
            ("INSERT INTO d.t_<T> SELECT 1", vec!["d.t_unrendered_value"]),
            ("SELECT a.b FROM d.t FROB", vec![]),
            ("(SELECT a.b FROM d.t FROB", vec![]),
            ("FROM d.t |> INSERT INTO d.u FROB", vec!["d.u"]),
            (
                "FROM d.t |> WHERE x |> TEE (|> INSERT d.u FROB)",
                vec!["d.u"],
            ),
        ] {
            assert_eq!(names(sql).expect(sql), expected, "{sql}");
        }
        assert_eq!(names("unrendered_macro"), None);
        for sql in [
            "EXECUTE IMMEDIATE FROB BAR",
            "CALL ${DS}.refresh('d.big')",
            "CALL {proc}('d.big')",
            "INSERT INTO <T> SELECT 1",
        ] {
            assert_eq!(names(sql), None, "{sql}");
        }
    }
}
