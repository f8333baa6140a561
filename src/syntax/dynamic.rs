//! Reads EXECUTE IMMEDIATE: statements in a constant string belong to the script.

use sqlparser::ast;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::dialect::GoogleSql;
use super::index::bytes;
use super::parse::{StatementReader, nested};
use super::script::{ExecuteImmediate, Script, StatementKind};
use super::skeleton::skeletons;
use super::words::is;
use crate::source::{SourceText, Span};

/// The maximum depth of nested strings.
const DEPTH_LIMIT: usize = 3;
/// The maximum number of bytes of all strings of a file, each with the text before
/// it.
pub(super) const BYTES_LIMIT: usize = 64 << 20;

/// A text that is known before the script runs, and its place.
#[derive(Debug, Clone)]
pub(super) struct ConstantText {
    text: String,
    /// The place of the text, without quotes if it is written literally.
    place: Span,
}

impl StatementReader<'_> {
    /// Reads `EXECUTE IMMEDIATE string INTO a, b USING 1 AS x`.
    pub(super) fn dynamic(&mut self, start: usize, end: usize) -> Option<StatementKind> {
        let tokens = self.tokens;
        let tokens = tokens.get(start + 2..end)?;
        let ends = |word: &str| {
            let mut depth = 0_usize;
            tokens.iter().position(|token| {
                match &token.token {
                    Token::LParen => depth += 1,
                    Token::RParen => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0 && is(Some(token), word)
            })
        };
        let using = ends("USING");
        // Text after USING belongs to its list, which then cannot be read.
        let into = ends("INTO").filter(|into| using.is_none_or(|using| *into < using));
        let last = into.or(using).unwrap_or(tokens.len());
        let expr = parsed(tokens.get(..last)?);
        let text = expr.as_ref().and_then(|expr| self.constant(expr));
        let script = text.and_then(|text| self.in_string(text));
        let text = expr.filter(|_| script.is_none());
        let likely = match &text {
            Some(expr) => skeletons(self.tokens, expr),
            None => Vec::new(),
        };
        let into = into.map_or_else(Vec::new, |at| {
            tokens[at + 1..using.unwrap_or(tokens.len())]
                .iter()
                .filter_map(|token| match &token.token {
                    Token::Word(word) => Some(word.value.to_lowercase()),
                    _ => None,
                })
                .collect()
        });
        let using = match using {
            None => Vec::new(),
            Some(at) => values(&tokens[at + 1..])?,
        };
        Some(StatementKind::ExecuteImmediate(ExecuteImmediate {
            script: script.map(Box::new),
            text: text.map(Box::new),
            likely,
            into,
            using,
        }))
    }

    /// Notes `DECLARE name STRING DEFAULT 'text'`, whose text may be executed.
    pub(super) fn note_constants(&mut self, start: usize, end: usize) {
        let tokens = &self.tokens[start..end];
        if !is(tokens.first(), "DECLARE") {
            return;
        }
        let Some(at) = tokens.iter().position(|token| is(Some(token), "DEFAULT")) else {
            return;
        };
        let text = parsed(&tokens[at + 1..]).and_then(|expr| self.constant(&expr));
        for token in &tokens[1..at] {
            let Token::Word(word) = &token.token else {
                continue;
            };
            let name = word.value.to_lowercase();
            // A variable that is declared twice or assigned later is not constant.
            let constant = text
                .clone()
                .filter(|_| !self.assigned.contains(&name) && !self.constants.contains_key(&name));
            self.constants.insert(name, constant);
        }
    }

    fn constant(&self, expr: &ast::Expr) -> Option<ConstantText> {
        if let ast::Expr::Nested(inner) = expr {
            return self.constant(inner);
        }
        if let ast::Expr::Value(value) = expr {
            let text = string(&value.value)?;
            let written = bytes(value.span);
            // A string without escapes is literally in the file.
            let inside = self.source.slice(written).find(text);
            let start = written.start as usize + inside.unwrap_or(0);
            return Some(ConstantText {
                text: text.to_owned(),
                place: Span::new(start, start + text.len()),
            });
        }
        if let ast::Expr::Identifier(name) = expr {
            return self.constants.get(&name.value.to_lowercase())?.clone();
        }
        if let ast::Expr::BinaryOp {
            left,
            op: ast::BinaryOperator::StringConcat,
            right,
        } = expr
        {
            return joined([self.constant(left)?, self.constant(right)?]);
        }
        if let ast::Expr::Function(call) = expr
            && call.name.to_string().eq_ignore_ascii_case("CONCAT")
            && let ast::FunctionArguments::List(list) = &call.args
        {
            let parts: Option<Vec<ConstantText>> = list
                .args
                .iter()
                .map(|arg| match arg {
                    ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(part)) => {
                        self.constant(part)
                    }
                    _ => None,
                })
                .collect();
            return joined(parts?);
        }
        None
    }

    /// Parses the statements of a text, at their places in the file.
    fn in_string(&mut self, text: ConstantText) -> Option<(SourceText, Script)> {
        let ConstantText { text, place } = text;
        let start = place.start as usize;
        // Concatenated texts may be longer than the written ones.
        let fits = start + text.len() <= self.source.text().len();
        let size = start + text.len();
        if self.nesting >= DEPTH_LIMIT || !fits || self.bytes_left < size || start < 4 {
            return None;
        }
        self.bytes_left -= size;
        // A comment as long as the text before the string, so that places in the
        // parsed text are places in the file.
        let before = format!("/*{}*/", " ".repeat(start - 4));
        let source = SourceText::new(self.source.path(), before + &text);
        let script = nested(&source, self.nesting + 1, self.bytes_left);
        Some((source, script))
    }
}

fn parsed(tokens: &[TokenWithSpan]) -> Option<ast::Expr> {
    let dialect = GoogleSql::for_tokens(tokens.len());
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens.to_vec());
    let expr = parser.parse_expr().ok()?;
    (parser.peek_token().token == Token::EOF).then_some(expr)
}

/// Reads `1 AS x, name, 'text'`.
fn values(tokens: &[TokenWithSpan]) -> Option<Vec<(ast::Expr, Option<String>)>> {
    let dialect = GoogleSql::for_tokens(tokens.len());
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens.to_vec());
    let mut values = Vec::new();
    loop {
        let value = parser.parse_expr().ok()?;
        let named = parser.parse_keyword(sqlparser::keywords::Keyword::AS);
        let name = if named {
            Some(parser.parse_identifier().ok()?.value.to_lowercase())
        } else {
            None
        };
        values.push((value, name));
        if !parser.consume_token(&Token::Comma) {
            break;
        }
    }
    (parser.peek_token().token == Token::EOF).then_some(values)
}

fn joined(parts: impl IntoIterator<Item = ConstantText>) -> Option<ConstantText> {
    parts.into_iter().reduce(|mut all, part| {
        all.text.push_str(&part.text);
        all
    })
}

pub(super) fn string(value: &ast::Value) -> Option<&str> {
    match value {
        ast::Value::SingleQuotedString(text)
        | ast::Value::DoubleQuotedString(text)
        | ast::Value::TripleSingleQuotedString(text)
        | ast::Value::TripleDoubleQuotedString(text)
        | ast::Value::SingleQuotedRawStringLiteral(text)
        | ast::Value::DoubleQuotedRawStringLiteral(text)
        | ast::Value::TripleSingleQuotedRawStringLiteral(text)
        | ast::Value::TripleDoubleQuotedRawStringLiteral(text) => Some(text),
        _ => None,
    }
}
