//! Approximates a text that a script builds at run time. The result has its constant
//! parts, with placeholders for unknown values between them.

use sqlparser::ast;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use rustc_hash::FxHashMap;

use super::dialect::GoogleSql;
use super::words::is;
use crate::budget::spend;
use crate::source::template::PLACEHOLDER;

/// The maximum number of texts of one expression.
const MOST: usize = 16;
/// The maximum depth of variables that refer to variables.
const DEPTH: usize = 8;
/// The maximum length of one text in bytes.
const LONGEST: usize = 1 << 20;

/// Returns the possible texts of an expression; empty if one is too long.
pub(super) fn skeletons(tokens: &[TokenWithSpan], expr: &ast::Expr) -> Vec<String> {
    let mut finder = Finder {
        tokens,
        open: Vec::new(),
        known: FxHashMap::default(),
        cut: false,
    };
    let texts = finder.texts(expr);
    if texts.iter().any(|text| text.len() > LONGEST) {
        return Vec::new();
    }
    texts
}

fn unknown() -> Vec<String> {
    vec![format!("{PLACEHOLDER}value")]
}

struct Finder<'a> {
    /// The tokens of the whole text.
    tokens: &'a [TokenWithSpan],
    /// The variables that are being resolved.
    open: Vec<String>,
    /// The texts of resolved variables.
    known: FxHashMap<String, Vec<String>>,
    /// Whether a variable was not resolved because of the open ones.
    cut: bool,
}

impl Finder<'_> {
    fn texts(&mut self, expr: &ast::Expr) -> Vec<String> {
        spend(1);
        let mut texts = match expr {
            ast::Expr::Nested(inner) => self.texts(inner),
            ast::Expr::Prefixed { value, .. } => self.texts(value),
            ast::Expr::Value(value) => match super::dynamic::string(&value.value) {
                Some(text) => vec![text.to_owned()],
                None => unknown(),
            },
            ast::Expr::Identifier(name) => self.variable(&name.value.to_lowercase()),
            ast::Expr::BinaryOp {
                left,
                op: ast::BinaryOperator::StringConcat,
                right,
            } => {
                let left = self.texts(left);
                let right = self.texts(right);
                joined(left, &right)
            }
            ast::Expr::Case {
                case_token: _,
                end_token: _,
                operand: _,
                conditions,
                else_result,
            } => {
                let mut texts = Vec::new();
                for when in conditions {
                    texts.extend(self.texts(&when.result));
                }
                if let Some(otherwise) = else_result {
                    texts.extend(self.texts(otherwise));
                }
                texts
            }
            ast::Expr::Function(call) => self.call(call),
            _ => unknown(),
        };
        if texts.len() > MOST {
            texts = unknown();
        }
        texts
    }

    fn call(&mut self, call: &ast::Function) -> Vec<String> {
        let Some(args) = arguments(call) else {
            return unknown();
        };
        match (call.name.to_string().to_uppercase().as_str(), &*args) {
            ("CONCAT", args) => args.iter().fold(vec![String::new()], |texts, part| {
                let part = self.texts(part);
                joined(texts, &part)
            }),
            ("FORMAT", [format, values @ ..]) => {
                let formats = self.texts(format);
                let values: Vec<Vec<String>> =
                    values.iter().map(|value| self.texts(value)).collect();
                formats
                    .iter()
                    .flat_map(|format| formatted(format, &values))
                    .collect()
            }
            ("IF", [_, yes, no]) => {
                let mut texts = self.texts(yes);
                texts.extend(self.texts(no));
                texts
            }
            ("IFNULL" | "COALESCE", args) => args.iter().flat_map(|arg| self.texts(arg)).collect(),
            ("REPLACE", [text, from, to]) => {
                let (texts, from, to) = (self.texts(text), self.texts(from), self.texts(to));
                match (from.as_slice(), to.as_slice()) {
                    ([from], to) if !from.is_empty() && !from.contains(PLACEHOLDER) => texts
                        .iter()
                        .flat_map(|text| to.iter().map(|to| text.replace(from, to)))
                        .collect(),
                    _ => unknown(),
                }
            }
            ("TRIM" | "LTRIM" | "RTRIM", [text]) => self.texts(text),
            _ => unknown(),
        }
    }

    /// Returns the texts that a variable may hold: all that are assigned anywhere.
    fn variable(&mut self, name: &str) -> Vec<String> {
        if self.open.len() >= DEPTH || self.open.iter().any(|open| open == name) {
            self.cut = true;
            return unknown();
        }
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        spend(self.tokens.len() / 64);
        let Some(values) = given(self.tokens, name) else {
            self.known.insert(name.to_owned(), unknown());
            return unknown();
        };
        let outer = std::mem::take(&mut self.cut);
        self.open.push(name.to_owned());
        let mut texts: Vec<String> = Vec::new();
        for value in &values {
            for text in self.texts(value) {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        self.open.pop();
        if texts.is_empty() {
            texts = unknown();
        }
        if !self.cut {
            self.known.insert(name.to_owned(), texts.clone());
        }
        self.cut |= outer;
        texts
    }
}

/// Returns the expressions that a text assigns to a variable. `None` if it may be
/// assigned in another way.
fn given(tokens: &[TokenWithSpan], name: &str) -> Option<Vec<ast::Expr>> {
    let mut values = Vec::new();
    for statement in tokens.split(|token| token.token == Token::SemiColon) {
        for (at, token) in statement.iter().enumerate() {
            if !names(token, name) {
                continue;
            }
            let before = at.checked_sub(1).and_then(|before| statement.get(before));
            let next = statement.get(at + 1).map(|token| &token.token);
            if is(before, "SET") && next == Some(&Token::Eq) {
                values.push(expression(&statement[at + 2..])?);
            } else if is(before, "FOR") || is(before, "OUT") || is(before, "INOUT") {
                return None;
            } else if let Some(declared) = statement[..at]
                .iter()
                .rposition(|token| is(Some(token), "DECLARE"))
                && !statement[declared..at]
                    .iter()
                    .any(|token| is(Some(token), "DEFAULT"))
            {
                if let Some(default) = statement[at..]
                    .iter()
                    .position(|token| is(Some(token), "DEFAULT"))
                {
                    values.push(expression(&statement[at + default + 1..])?);
                }
            } else {
                let begins = |word: &str| is(statement.first(), word);
                let into = statement[..at].iter().any(|token| is(Some(token), "INTO"));
                let several = begins("SET") && next != Some(&Token::Eq) && {
                    let equals = statement.iter().position(|token| token.token == Token::Eq);
                    equals.is_some_and(|equals| at < equals)
                };
                if begins("CALL") || several || begins("EXECUTE") && into {
                    return None;
                }
            }
        }
    }
    // A variable that is never assigned is a parameter or a column.
    (!values.is_empty()).then_some(values)
}

/// Whether a token is a variable's name, with or without backticks.
fn names(token: &TokenWithSpan, name: &str) -> bool {
    matches!(&token.token, Token::Word(word) if word.value.eq_ignore_ascii_case(name))
}

fn expression(tokens: &[TokenWithSpan]) -> Option<ast::Expr> {
    spend(10 + tokens.len());
    let dialect = GoogleSql::for_tokens(tokens.len());
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens.to_vec());
    let expr = parser.parse_expr().ok()?;
    (parser.peek_token().token == Token::EOF).then_some(expr)
}

fn arguments(call: &ast::Function) -> Option<Vec<&ast::Expr>> {
    let ast::FunctionArguments::List(list) = &call.args else {
        return None;
    };
    list.args
        .iter()
        .map(|arg| match arg {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(part)) => Some(part),
            _ => None,
        })
        .collect()
}

/// Concatenates each text with each of the following ones.
fn joined(texts: Vec<String>, after: &[String]) -> Vec<String> {
    if texts.len() * after.len() > MOST {
        return unknown();
    }
    texts
        .iter()
        .flat_map(|text| after.iter().map(move |part| format!("{text}{part}")))
        .collect()
}

/// Returns the results of FORMAT: each `%…x` is replaced by its value.
fn formatted(format: &str, values: &[Vec<String>]) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut values = values.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        texts = joined(texts, &[rest[..at].to_owned()]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            texts = joined(texts, &["%".to_owned()]);
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        let Some(end) = end else {
            return unknown();
        };
        let plain = end == 0 && matches!(rest.as_bytes()[end], b's' | b't');
        let value = values.next();
        let part = match value {
            Some(known) if plain => known.clone(),
            Some(_) | None => unknown(),
        };
        texts = joined(texts, &part);
        rest = &rest[end + 1..];
    }
    joined(texts, &[rest.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::super::{StatementKind, parse};
    use crate::source::SourceText;

    fn texts(sql: &str) -> Vec<String> {
        let script = parse(&SourceText::new("q.sql", sql));
        let mut found = Vec::new();
        script.each(&mut |statement| {
            if let StatementKind::ExecuteImmediate(dynamic) = &statement.kind {
                found.extend(dynamic.likely.clone());
            }
        });
        found
    }

    #[test]
    fn constant_parts_of_an_executed_text_are_known() {
        for (sql, expected) in [
            (
                "EXECUTE IMMEDIATE FORMAT('INSERT INTO %s.big SELECT %d%%', @d, 1)",
                "INSERT INTO unrendered_value.big SELECT unrendered_value%",
            ),
            (
                "EXECUTE IMMEDIATE 'CREATE TABLE `' || project || '`.d.t_' || day || ' AS SELECT 1'",
                "CREATE TABLE `unrendered_value`.d.t_unrendered_value AS SELECT 1",
            ),
            (
                "DECLARE q STRING; SET q = CONCAT('INSERT INTO d.t ', x); EXECUTE IMMEDIATE q",
                "INSERT INTO d.t unrendered_value",
            ),
            (
                "DECLARE q STRING; SET `q` = CONCAT('INSERT INTO d.t ', x); EXECUTE IMMEDIATE q",
                "INSERT INTO d.t unrendered_value",
            ),
            (
                "DECLARE q STRING DEFAULT 'MERGE $t'; EXECUTE IMMEDIATE REPLACE(q, '$t', 'd.t')",
                "MERGE d.t",
            ),
        ] {
            assert_eq!(texts(sql), [expected], "{sql}");
        }
    }

    #[test]
    fn a_text_that_may_be_anything_is_unknown() {
        for sql in [
            "EXECUTE IMMEDIATE q",
            "DECLARE q STRING DEFAULT 'SELECT 1'; CALL d.p(q); EXECUTE IMMEDIATE q || ''",
            "DECLARE q STRING DEFAULT 'SELECT 1'; CALL d.p(`q`); EXECUTE IMMEDIATE q || ''",
            "DECLARE q STRING; SET (a, q) = (SELECT AS STRUCT 1, 'x'); EXECUTE IMMEDIATE q",
        ] {
            let unknown = |text: &String| text.starts_with("unrendered_value");
            assert!(texts(sql).iter().all(unknown), "{sql}: {:?}", texts(sql));
            assert!(!texts(sql).is_empty(), "{sql}");
        }
    }
}
