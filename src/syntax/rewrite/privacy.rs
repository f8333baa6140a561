//! Removes `SELECT WITH AGGREGATION_THRESHOLD OPTIONS (…)` and similar clauses.

use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::super::dialect::GoogleSql;
use super::super::index::bytes;
use super::super::script::SelectClause;
use super::{closing, is};

/// The clauses of GoogleSQL.
pub(super) const KINDS: [&str; 3] = [
    "AGGREGATION_THRESHOLD",
    "DIFFERENTIAL_PRIVACY",
    "ANONYMIZATION",
];

/// Removes the clauses from the tokens, and returns them separately.
pub(super) fn take_out(tokens: Vec<TokenWithSpan>) -> (Vec<TokenWithSpan>, Vec<SelectClause>) {
    let mut clauses = Vec::new();
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        out.push(tokens[at].clone());
        let select = at;
        at += 1;
        if !is(tokens.get(select), "SELECT") || !is(tokens.get(at), "WITH") {
            continue;
        }
        let Some(kind) = KINDS.into_iter().find(|kind| is(tokens.get(at + 1), kind)) else {
            continue;
        };
        let mut end = at + 2;
        let mut options = Vec::new();
        if is(tokens.get(end), "OPTIONS") {
            let Some(close) = closing(&tokens, end + 1) else {
                continue;
            };
            let Some(read) = self::options(&tokens[end + 2..close]) else {
                continue;
            };
            options = read;
            end = close + 1;
        }
        clauses.push(SelectClause {
            select: bytes(tokens[select].span).start,
            kind: kind.to_owned(),
            options,
            span: bytes(tokens[at].span).join(bytes(tokens[end - 1].span)),
        });
        at = end;
    }
    (out, clauses)
}

/// Reads `name = value, …`.
fn options(tokens: &[TokenWithSpan]) -> Option<Vec<(String, sqlparser::ast::Expr)>> {
    let dialect = GoogleSql::for_tokens(tokens.len());
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens.to_vec());
    let mut options = Vec::new();
    while parser.peek_token().token != Token::EOF {
        let name = parser.parse_identifier().ok()?;
        parser.expect_token(&Token::Eq).ok()?;
        options.push((name.value, parser.parse_expr().ok()?));
        if !parser.consume_token(&Token::Comma) {
            break;
        }
    }
    (parser.peek_token().token == Token::EOF).then_some(options)
}
