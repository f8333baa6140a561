//! Bounds the effects of a statement that cannot be parsed, by its first words.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::keyword;
use super::lexer;
use super::words::{StatementWords, is};
use crate::catalog::{TableName, with_placeholders};
use crate::source::SourceText;
use crate::source::template::is_placeholder;

/// The possible effects of a statement that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PossibleEffects {
    /// Any effect.
    Any,
    /// No lasting effect: the statement only reads.
    Nothing,
    /// Only variables are changed.
    Variables,
    /// The tables of these names, stored or temporary, are changed. Some of the
    /// words may not be names.
    Tables(Vec<TableName>),
    /// A function or table function of this name is changed.
    Function(String),
}

/// First words of statements that read.
const READING: [&str; 8] = [
    "SELECT", "WITH", "FROM", "ASSERT", "GRANT", "REVOKE", "SHOW", "EXPORT",
];
/// First words of statements that begin with the tables that they change.
const CHANGING: [&str; 8] = [
    "INSERT", "UPDATE", "MERGE", "DELETE", "TRUNCATE", "CREATE", "ALTER", "LOAD",
];
/// Keywords after which there is no target.
const BEHIND: [&str; 7] = ["AS", "SELECT", "VALUES", "USING", "SET", "WHERE", "FROM"];

/// Returns the possible effects of a statement that cannot be parsed.
pub fn unread(statement: &SourceText) -> PossibleEffects {
    let text = with_placeholders(statement.text());
    let mut tokens = lexer::read(&text, usize::MAX).tokens;
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    keyword::after_dots(&mut tokens);
    keyword::foreign(&mut tokens);
    // It may be a block, or a part of one that was cut off.
    if tokens.iter().any(|token| token.token == Token::SemiColon) {
        return PossibleEffects::Any;
    }
    let first = tokens.iter().find(|token| token.token != Token::LParen);
    let begins = |word: &&str| is(first, word);
    if READING.iter().any(&begins) {
        return if writes_behind_pipe(&tokens) {
            PossibleEffects::Any
        } else {
            PossibleEffects::Nothing
        };
    }
    if begins(&"DECLARE") || begins(&"SET") {
        let text = statement.text();
        // With another default dataset, names of tables have another meaning.
        return if text.contains("@@") || text.contains('{') {
            PossibleEffects::Any
        } else {
            PossibleEffects::Variables
        };
    }
    let words = StatementWords::of(&tokens);
    for kind in [
        &["CREATE", "FUNCTION"][..],
        &["CREATE", "AGGREGATE", "FUNCTION"],
        &["CREATE", "TABLE", "FUNCTION"],
    ] {
        if let Some((parts, _)) = words.length(kind).and_then(|after| words.path(after)) {
            if parts.iter().any(|part| is_placeholder(part)) {
                return PossibleEffects::Any;
            }
            return PossibleEffects::Function(parts.join(".").to_lowercase());
        }
    }
    if !CHANGING.iter().any(&begins) || begins(&"CREATE") && !creates_rows(&words) {
        return PossibleEffects::Any;
    }
    targets(&tokens).map_or(PossibleEffects::Any, PossibleEffects::Tables)
}

/// Whether a CREATE statement creates a table or view.
fn creates_rows(words: &StatementWords<'_>) -> bool {
    words.has("TABLE") || words.has("VIEW")
}

/// Returns the names before the rows of a statement; `None` if one is unknown.
fn targets(tokens: &[TokenWithSpan]) -> Option<Vec<TableName>> {
    let words = StatementWords::of(tokens);
    let mut names = Vec::new();
    let mut at = 1;
    while let Some(token) = tokens.get(at) {
        let from_of_delete = at == 1 && is(tokens.first(), "DELETE");
        if token.token == Token::LParen
            || !from_of_delete && BEHIND.iter().any(|word| is(Some(token), word))
        {
            break;
        }
        // `IF [NOT] EXISTS` is not part of the following name.
        if is(Some(token), "IF") || !matches!(token.token, Token::Word(_)) {
            at += 1;
            continue;
        }
        let (parts, after) = words.path(at)?;
        if parts.iter().any(|part| is_placeholder(part)) {
            return None;
        }
        names.push(TableName::new(parts.iter().map(String::as_str)));
        at = after;
    }
    (!names.is_empty()).then_some(names)
}

/// Whether a pipe ends in a statement that writes: `|> INSERT INTO`, `|> CREATE
/// TABLE`.
pub(super) fn writes_behind_pipe(tokens: &[TokenWithSpan]) -> bool {
    tokens.windows(2).any(|pair| {
        pair[0].token == Token::VerticalBarRightAngleBracket
            && ["INSERT", "CREATE", "FORK", "TEE", "IF"]
                .iter()
                .any(|word| is(pair.get(1), word))
    })
}

#[cfg(test)]
mod tests {
    use super::{PossibleEffects, unread};
    use crate::source::SourceText;

    #[test]
    fn first_words_tell_what_may_be_changed() {
        let named = |sql: &str| match unread(&SourceText::new("q.sql", sql)) {
            PossibleEffects::Tables(names) => {
                let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                names.join(" ")
            }
            other => format!("{other:?}"),
        };
        for (sql, expected) in [
            ("SELECT FROM FROM t", "Nothing"),
            ("FROM t |> INSERT INTO d.u FROB", "Any"),
            ("SET x = FROB BAR", "Variables"),
            ("SET @@dataset_id = FROB BAR", "Any"),
            (
                "CREATE OR REPLACE TEMP FUNCTION d.F(x) FROB",
                "Function(\"d.f\")",
            ),
            ("INSERT t (id) FROB SELECT 1", "t"),
            ("DELETE FROM d.t WHERE FROB BAR", "FROM d.t"),
            ("INSERT INTO d.{t} SELECT 1", "Any"),
            ("FROB d.t", "Any"),
            ("CREATE PROCEDURE d.p() FROB", "Any"),
            ("IF x THEN FROB; END", "Any"),
        ] {
            assert_eq!(named(sql), expected, "{sql}");
        }
        let made =
            "CREATE TEMP TABLE IF NOT EXISTS d.t DEFAULT COLLATE 'und:ci' AS SELECT 1 FROM u";
        assert!(named(made).contains("d.t"), "{}", named(made));
    }
}
