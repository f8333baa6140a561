//! Statements that are recognised by their first words: those that the parser
//! has no tree for, and those of which only the name of a table matters.

use sqlparser::tokenizer::Token;

use super::parse::Reader;
use super::script::{Statement, StatementKind, TableFunction};
use super::words::{Words, is};
use crate::catalog::TableName;

/// First words of statements that write no rows and define nothing that a query
/// reads. `OR REPLACE` and `TEMP` are left out of them.
const INERT: &[&[&str]] = &[
    &["BEGIN"],
    &["START"],
    &["COMMIT"],
    &["ROLLBACK"],
    &["RUN", "BATCH"],
    &["ABORT", "BATCH"],
    &["BREAK"],
    &["LEAVE"],
    &["CONTINUE"],
    &["ITERATE"],
    &["RETURN"],
    &["RAISE"],
    &["ASSERT"],
    &["GRANT"],
    &["REVOKE"],
    &["DROP"],
    &["UNDROP"],
    &["RENAME"],
    &["ALTER"],
    &["ANALYZE"],
    &["DESCRIBE"],
    &["DESC"],
    &["SHOW"],
    &["EXPLAIN"],
    &["DEFINE"],
    &["IMPORT"],
    &["MODULE"],
    &["CREATE", "AGGREGATE", "FUNCTION"],
    &["CREATE", "SCHEMA"],
    &["CREATE", "DATABASE"],
    &["CREATE", "INDEX"],
    &["CREATE", "UNIQUE"],
    &["CREATE", "SEARCH", "INDEX"],
    &["CREATE", "VECTOR", "INDEX"],
    &["CREATE", "ROW"],
    &["CREATE", "CAPACITY"],
    &["CREATE", "RESERVATION"],
    &["CREATE", "ASSIGNMENT"],
    &["CREATE", "CONNECTION"],
    &["CREATE", "CONSTANT"],
    &["CREATE", "PRIVILEGE"],
    &["CREATE", "EXTERNAL"],
    &["CREATE", "PROPERTY", "GRAPH"],
    &["CREATE", "SEQUENCE"],
];

/// First words of statements that yield rows, or what is made of them, from
/// something that is not seen.
const UNSEEN: &[&[&str]] = &[
    &["EXPORT", "MODEL"],
    &["EXPORT", "TABLE"],
    &["CLONE", "DATA"],
];

impl Reader<'_> {
    /// What a statement that holds no others is, where its first words tell.
    pub(super) fn special(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let tokens = self.tokens;
        let tokens = &tokens[start..end];
        let words = Words::of(tokens);
        if words.begin(&["EXECUTE", "IMMEDIATE"]) {
            return self.dynamic(start, end);
        }
        if words.begin(&["CREATE", "MODEL"]) {
            return self.model(start, end);
        }
        if words.begin(&["CREATE", "TABLE", "FUNCTION"]) {
            return self.table_function(start, end);
        }
        if words.begin(&["LOAD", "DATA"]) {
            return load(&words);
        }
        if words.begin(&["TRUNCATE", "TABLE"]) {
            return Some(StatementKind::Thin {
                target: target(&words, 2)?,
            });
        }
        if words.begin(&["DELETE"]) {
            let from = usize::from(is(tokens.get(1), "FROM"));
            return Some(StatementKind::Thin {
                target: target(&words, 1 + from)?,
            });
        }
        if words.begin(&["ALTER", "TABLE"]) {
            return Some(StatementKind::Alter {
                target: target(&words, 2)?,
            });
        }
        let named = |list: &'static [&'static [&'static str]]| {
            list.iter().find(|first| words.begin(first)).copied()
        };
        if let Some(first) = named(UNSEEN) {
            return Some(StatementKind::Unmodelled(first.join(" ")));
        }
        named(INERT).map(|first| StatementKind::Inert(first.join(" ")))
    }

    /// `CREATE MODEL d.m … AS SELECT …`, or `AS (name AS (SELECT …), …)`.
    fn model(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let words = Words::of(&self.tokens[start..end]);
        let (parts, after) = words.path(words.after("MODEL")?)?;
        let target = TableName::new(parts.iter().map(String::as_str));
        let query = self.after_as(start + after, end);
        let mut queries = Vec::new();
        if let Some(query) = query {
            let several = self.tokens.get(query).map(|token| &token.token) == Some(&Token::LParen)
                && is(self.tokens.get(query + 2), "AS");
            if several {
                let close = super::rewrite::closing(self.tokens, query)?;
                let mut at = query + 1;
                while at < close {
                    // name AS ( query ) ,
                    let open = at + 2;
                    let inner = super::rewrite::closing(self.tokens, open)?;
                    queries.push(self.single(open + 1, inner));
                    at = inner + 2;
                }
            } else {
                queries.push(self.single(query, end));
            }
        }
        Some(StatementKind::Model { target, queries })
    }

    /// `CREATE TABLE FUNCTION d.f(x INT64) RETURNS TABLE<…> AS (SELECT …)`.
    fn table_function(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let words = Words::of(&self.tokens[start..end]);
        let (parts, after) = words.path(words.after("FUNCTION")?)?;
        let open = start + after;
        let close = super::rewrite::closing(self.tokens, open)?;
        let arguments = super::blocks::split(&self.tokens[open + 1..close])
            .into_iter()
            .filter_map(|argument| match &argument.first()?.token {
                Token::Word(word) => Some(word.value.clone()),
                _ => None,
            })
            .collect();
        let query = self.after_as(close + 1, end)?;
        let query: Statement = self.single(query, end);
        Some(StatementKind::TableFunction(TableFunction {
            name: parts.join(".").to_lowercase(),
            arguments,
            query: Box::new(query),
        }))
    }

    /// The place after the AS that a statement's query follows.
    fn after_as(&self, start: usize, end: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in start..end {
            match &self.tokens[at].token {
                Token::LParen | Token::LBracket => depth += 1,
                Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
                Token::Word(_) if depth == 0 && is(self.tokens.get(at), "AS") => {
                    return Some(at + 1);
                }
                _ => {}
            }
        }
        None
    }
}

/// `LOAD DATA INTO d.t FROM FILES (…)`.
fn load(words: &Words<'_>) -> Option<StatementKind> {
    let mut at = words.after("INTO").or_else(|| words.after("OVERWRITE"))?;
    let temporary = words.has("TEMP") || words.has("TEMPORARY");
    at += 2 * usize::from(temporary);
    Some(StatementKind::Load {
        target: target(words, at)?,
        temporary,
    })
}

/// The name of the table at a place.
fn target(words: &Words<'_>, at: usize) -> Option<TableName> {
    let (parts, _) = words.path(at)?;
    Some(TableName::new(parts.iter().map(String::as_str)))
}
