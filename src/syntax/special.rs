//! Recognizes statements by their first words. The parser has no tree for some of
//! them, and for others only the name of a table matters.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::parse::StatementReader;
use super::script::{DroppedObject, Jump, Statement, StatementKind, TableFunction};
use super::words::{StatementWords, is};
use crate::catalog::TableName;
use crate::source::Span;

/// First words of statements that write no rows and define nothing that a query
/// reads. `OR REPLACE` and `TEMP` are omitted.
const INERT: &[&[&str]] = &[
    &["BEGIN"],
    &["START"],
    &["COMMIT"],
    &["ROLLBACK"],
    &["RUN", "BATCH"],
    &["ABORT", "BATCH"],
    &["GRANT"],
    &["REVOKE"],
    &["DROP"],
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
    &["CREATE", "CAPACITY"],
    &["CREATE", "RESERVATION"],
    &["CREATE", "ASSIGNMENT"],
    &["CREATE", "CONNECTION"],
    &["CREATE", "CONSTANT"],
    &["CREATE", "PRIVILEGE"],
    &["CREATE", "PROPERTY", "GRAPH"],
    &["CREATE", "SEQUENCE"],
];

/// CREATE SCHEMA or ALTER SCHEMA with a default collation. Tables that are created
/// in the dataset afterwards get it.
pub const COLLATING: &str = "SCHEMA DEFAULT COLLATE";

/// First words of statements that yield rows, or data derived from rows, of a source
/// that is not visible.
const UNSEEN: &[&[&str]] = &[
    &["RENAME"],
    &["EXPORT", "MODEL"],
    &["EXPORT", "TABLE"],
    &["CLONE", "DATA"],
];

impl StatementReader<'_> {
    /// Recognizes a statement that contains no others by its first words.
    pub(super) fn special(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let tokens = self.tokens;
        let tokens = &tokens[start..end];
        let words = StatementWords::of(tokens);
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
            return Some(StatementKind::Truncate {
                target: target(&words, 2)?,
            });
        }
        if words.begin(&["DELETE"]) {
            let from = usize::from(is(tokens.get(1), "FROM"));
            let target = target(&words, 1 + from)?;
            let rows = Box::new(self.deleted(start + 1 + from, end));
            return Some(StatementKind::Delete { target, rows });
        }
        if words.begin(&["CREATE", "ROW", "ACCESS", "POLICY"]) {
            return self.row_policy(start, end);
        }
        if let Some(name) = dropped_policy(&words) {
            return Some(StatementKind::Expire { target: name });
        }
        if words.begin(&["ASSERT"]) {
            let last = self.after_as(start, end).map_or(end, |after| after - 1);
            let condition = Box::new(self.condition(None, start + 1..last));
            return Some(StatementKind::Assert { condition });
        }
        if words.begin(&["ALTER", "TABLE"]) {
            return altered(&["TABLE"], tokens);
        }
        for kind in [&["VIEW"][..], &["MATERIALIZED", "VIEW"]] {
            if words.begin(&[&["ALTER"], kind].concat())
                && let Some(altered) = altered(kind, tokens)
            {
                return Some(altered);
            }
        }
        if words.begin(&["CREATE", "EXTERNAL", "TABLE"]) {
            return Some(StatementKind::Alter {
                target: target(&words, words.length(&["CREATE", "EXTERNAL", "TABLE"])?)?,
            });
        }
        if let Some(jump) = jump(tokens) {
            return Some(StatementKind::Jump(jump));
        }
        if let Some(dropped) = dropped(&words) {
            return Some(dropped);
        }
        let schema = words.begin(&["CREATE", "SCHEMA"]) || words.begin(&["ALTER", "SCHEMA"]);
        if schema && tokens.iter().any(|token| is(Some(token), "COLLATE")) {
            return Some(StatementKind::Inert(COLLATING.to_owned()));
        }
        if let Some(access) = access(tokens) {
            return Some(access);
        }
        let named = |list: &'static [&'static [&'static str]]| {
            list.iter().find(|first| words.begin(first)).copied()
        };
        if let Some(first) = named(UNSEEN) {
            return Some(StatementKind::Unmodelled(first.join(" ")));
        }
        named(INERT).map(|first| StatementKind::Inert(first.join(" ")))
    }

    /// Reads `CREATE ROW ACCESS POLICY p ON t … FILTER USING (condition)`. Its
    /// readers no longer see the rows for which the condition is false, unless
    /// another policy shows them. For a proof, this is a DELETE of some of these
    /// rows.
    fn row_policy(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let tokens = self.tokens;
        let all = &tokens[start..end];
        let on = all.iter().position(|token| is(Some(token), "ON"))? + 1;
        let (parts, after) = StatementWords::of(all).path(on)?;
        let filter = (after..all.len())
            .find(|at| is(all.get(*at), "FILTER") && is(all.get(at + 1), "USING"))?
            + 2;
        let place = all[filter - 2].span;
        let keyword = |word: &str| TokenWithSpan::new(Token::make_keyword(word), place);
        let sign = |token: Token| TokenWithSpan::new(token, place);
        let mut some = all[on..after].to_vec();
        some.extend([keyword("WHERE"), keyword("NOT"), sign(Token::LParen)]);
        some.extend_from_slice(&all[filter..]);
        some.extend([
            sign(Token::RParen),
            keyword("AND"),
            sign(Token::make_word("RAND", None)),
            sign(Token::LParen),
            sign(Token::RParen),
            sign(Token::Lt),
            sign(Token::Number("0.5".to_owned(), false)),
        ]);
        let span = self.span(start, end);
        let rows = self.rows_of(&some, span);
        Some(StatementKind::Delete {
            target: TableName::new(parts.iter().map(String::as_str)),
            rows: Box::new(rows),
        })
    }

    /// Returns the rows that DELETE removes, as a query.
    fn deleted(&mut self, start: usize, end: usize) -> Statement {
        let span = self.span(start, end);
        let tokens = self.tokens;
        self.rows_of(&tokens[start..end], span)
    }

    /// Parses `SELECT * FROM` followed by the given tokens.
    fn rows_of(&mut self, from: &[TokenWithSpan], span: Span) -> Statement {
        let at = from
            .first()
            .map_or_else(sqlparser::tokenizer::Span::empty, |token| token.span);
        let at = sqlparser::tokenizer::Span {
            start: at.start,
            end: at.start,
        };
        let before = [
            Token::make_keyword("SELECT"),
            Token::Mul,
            Token::make_keyword("FROM"),
        ];
        let mut tokens: Vec<_> = before
            .into_iter()
            .map(|token| TokenWithSpan { token, span: at })
            .collect();
        tokens.extend_from_slice(from);
        self.read_tokens(tokens, span)
    }

    /// Reads `CREATE MODEL d.m … AS SELECT …`, or `AS (name AS (SELECT …), …)`.
    fn model(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let words = StatementWords::of(&self.tokens[start..end]);
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
                    // The tokens of an entry: name AS ( query ) ,
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

    /// Reads `CREATE TABLE FUNCTION d.f(x INT64) RETURNS TABLE<…> AS (SELECT …)`.
    fn table_function(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let words = StatementWords::of(&self.tokens[start..end]);
        let (parts, after) = words.path(words.after("FUNCTION")?)?;
        let open = start + after;
        let close = super::rewrite::closing(self.tokens, open)?;
        let (arguments, tables) = super::blocks::split(&self.tokens[open + 1..close])
            .into_iter()
            .filter_map(|argument| match &argument.first()?.token {
                Token::Word(word) => {
                    let any = usize::from(is(argument.get(1), "ANY"));
                    Some((word.value.clone(), is(argument.get(1 + any), "TABLE")))
                }
                _ => None,
            })
            .unzip();
        let query = self.after_as(close + 1, end)?;
        let query: Statement = self.single(query, end);
        Some(StatementKind::TableFunction(TableFunction {
            name: parts.join(".").to_lowercase(),
            keeps: words.has("IF"),
            arguments,
            tables,
            query: Box::new(query),
        }))
    }

    /// Returns the index after the AS that precedes a statement's query.
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

/// Options of tables and views that keep the present rows. Any other option may
/// remove them, such as `expiration_timestamp`.
const KEEPING: [&str; 10] = [
    "description",
    "enable_change_history",
    "friendly_name",
    "kms_key_name",
    "labels",
    "max_staleness",
    "privacy_policy",
    "refresh_interval_minutes",
    "require_partition_filter",
    "tags",
];

/// Reads `ALTER TABLE t RENAME TO u` and other changes of a table or view. These
/// include `SET OPTIONS (…)` and all that may change the content.
fn altered(kind: &[&str], tokens: &[TokenWithSpan]) -> Option<StatementKind> {
    let words = StatementWords::of(tokens);
    let (parts, after) = words.path(words.length(&[&["ALTER"], kind].concat())?)?;
    let kind = kind.join(" ");
    let target = TableName::new(parts.iter().map(String::as_str));
    let is_at = |at: usize, word: &str| is(tokens.get(after + at), word);
    if is_at(0, "RENAME") && is_at(1, "TO") {
        let (mut parts, _) = words.path(after + 2)?;
        let to = parts.pop()?;
        return Some(StatementKind::Rename { target, to });
    }
    if is_at(0, "SET") && is_at(1, "OPTIONS") {
        return Some(if keeps_rows(&tokens[after + 2..]) {
            StatementKind::Inert(format!("ALTER {kind} SET OPTIONS"))
        } else {
            StatementKind::Expire { target }
        });
    }
    if is_at(0, "SET") && is_at(1, "DEFAULT") {
        return Some(StatementKind::Inert(format!("ALTER {kind} SET DEFAULT")));
    }
    if kind != "TABLE" {
        return None;
    }
    Some(StatementKind::Alter { target })
}

/// Whether a list contains only options that keep a table's rows.
fn keeps_rows(options: &[TokenWithSpan]) -> bool {
    let mut depth = 0_usize;
    options.iter().enumerate().all(|(at, token)| {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Eq | Token::Assignment if depth == 1 => {
                return KEEPING.iter().any(|name| {
                    at.checked_sub(1)
                        .is_some_and(|before| is(options.get(before), name))
                });
            }
            _ => {}
        }
        true
    })
}

/// Reads BREAK and similar statements, with a label.
fn jump(tokens: &[TokenWithSpan]) -> Option<Jump> {
    let label = || match tokens.get(1).map(|token| &token.token) {
        Some(Token::Word(word)) => Some(word.value.to_lowercase()),
        Some(_) | None => None,
    };
    let begins = |word: &str| is(tokens.first(), word);
    if begins("BREAK") || begins("LEAVE") {
        return Some(Jump::Leave(label()));
    }
    if begins("CONTINUE") || begins("ITERATE") {
        return Some(Jump::Continue(label()));
    }
    if begins("RETURN") {
        return Some(Jump::Return);
    }
    begins("RAISE").then_some(Jump::Raise)
}

/// Returns the table of `DROP ROW ACCESS POLICY p ON t` or `DROP ALL ROW ACCESS
/// POLICIES ON t`.
fn dropped_policy(words: &StatementWords<'_>) -> Option<TableName> {
    let one = words.begin(&["DROP", "ROW", "ACCESS", "POLICY"]);
    let all = words.begin(&["DROP", "ALL", "ROW", "ACCESS", "POLICIES"]);
    if !one && !all {
        return None;
    }
    target(words, words.after("ON")?)
}

/// Reads a statement that changes who may read a table or a whole dataset.
fn access(tokens: &[TokenWithSpan]) -> Option<StatementKind> {
    let words = StatementWords::of(tokens);
    let place = if words.begin(&["ALTER", "SCHEMA"]) {
        1
    } else if words.begin(&["GRANT"]) || words.begin(&["REVOKE"]) {
        tokens.iter().position(|token| is(Some(token), "ON"))? + 1
    } else {
        return None;
    };
    let kinds: [(&[&str], bool); 5] = [
        (&["SCHEMA"], true),
        (&["TABLE"], false),
        (&["VIEW"], false),
        (&["EXTERNAL", "TABLE"], false),
        (&["MATERIALIZED", "VIEW"], false),
    ];
    let (length, dataset) = kinds.iter().find_map(|(kind, dataset)| {
        let mut parts = kind.iter().enumerate();
        let here = parts.all(|(at, word)| is(tokens.get(place + at), word));
        here.then_some((kind.len(), *dataset))
    })?;
    Some(StatementKind::Access {
        dataset,
        target: target(&words, place + length)?,
    })
}

/// Reads DROP of an object that a statement may read or call.
fn dropped(words: &StatementWords<'_>) -> Option<StatementKind> {
    let kinds: [(&[&str], DroppedObject); 10] = [
        (&["DROP", "TABLE", "FUNCTION"], DroppedObject::TableFunction),
        (&["DROP", "TABLE"], DroppedObject::Table),
        (&["DROP", "EXTERNAL", "TABLE"], DroppedObject::Table),
        (&["DROP", "SNAPSHOT", "TABLE"], DroppedObject::Table),
        (&["DROP", "VIEW"], DroppedObject::Table),
        (&["DROP", "MATERIALIZED", "VIEW"], DroppedObject::Table),
        (&["DROP", "FUNCTION"], DroppedObject::Function),
        (&["DROP", "PROCEDURE"], DroppedObject::Procedure),
        (&["DROP", "SCHEMA"], DroppedObject::Dataset),
        (&["UNDROP", "SCHEMA"], DroppedObject::Dataset),
    ];
    let (length, object) = kinds
        .iter()
        .find_map(|(kind, object)| Some((words.length(kind)?, *object)))?;
    Some(StatementKind::Drop {
        object,
        target: target(words, length)?,
    })
}

/// Reads `LOAD DATA INTO d.t FROM FILES (…)`.
fn load(words: &StatementWords<'_>) -> Option<StatementKind> {
    let mut at = words.after("INTO").or_else(|| words.after("OVERWRITE"))?;
    let temporary = words.has("TEMP") || words.has("TEMPORARY");
    at += 2 * usize::from(temporary);
    Some(StatementKind::Load {
        target: target(words, at)?,
        temporary,
    })
}

/// Returns the name of the table at an index.
fn target(words: &StatementWords<'_>, at: usize) -> Option<TableName> {
    let (parts, _) = words.path(at)?;
    Some(TableName::new(parts.iter().map(String::as_str)))
}
