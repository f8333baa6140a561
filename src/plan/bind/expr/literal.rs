//! Literals and constant folding.

use sqlparser::ast;
use sqlparser::ast::Value;

use super::super::Binder;
use crate::plan::{Expr, ExprKind, Literal};
use crate::source::Span;

impl Binder<'_> {
    pub(super) fn value(&mut self, value: &Value, span: Span) -> Expr {
        let literal = match value {
            Value::Number(text, _) => number(text),
            Value::SingleQuotedString(text)
            | Value::DoubleQuotedString(text)
            | Value::TripleSingleQuotedString(text)
            | Value::TripleDoubleQuotedString(text)
            | Value::SingleQuotedRawStringLiteral(text)
            | Value::DoubleQuotedRawStringLiteral(text)
            | Value::TripleSingleQuotedRawStringLiteral(text)
            | Value::TripleDoubleQuotedRawStringLiteral(text) => Literal::String(text.clone()),
            Value::SingleQuotedByteStringLiteral(text)
            | Value::DoubleQuotedByteStringLiteral(text)
            | Value::TripleSingleQuotedByteStringLiteral(text)
            | Value::TripleDoubleQuotedByteStringLiteral(text) => {
                Literal::Other("BYTES".to_owned(), text.clone())
            }
            Value::Boolean(value) => Literal::Bool(*value),
            Value::Null => Literal::Null,
            Value::Placeholder(name) => {
                // Each `?` is a separate parameter; its place distinguishes it.
                let place = format!("?{}", span.start);
                let name = if name.starts_with('@') { name } else { &place };
                return match self.parameter(name, span) {
                    Some(parameter) => parameter,
                    None => Expr::unknown("a parameter", span),
                };
            }
            Value::EscapedStringLiteral(_)
            | Value::UnicodeStringLiteral(_)
            | Value::NationalStringLiteral(_)
            | Value::HexStringLiteral(_)
            | Value::DollarQuotedString(_)
            | Value::QuoteDelimitedStringLiteral(_)
            | Value::NationalQuoteDelimitedStringLiteral(_) => {
                return self.unsupported_expr("a literal that BigQuery does not have", span);
            }
        };
        Expr::new(ExprKind::Literal(literal), span)
    }
}

/// Converts a numeric literal.
fn number(text: &str) -> Literal {
    let hex = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .and_then(|digits| i64::from_str_radix(digits, 16).ok());
    if let Some(value) = hex.or_else(|| text.parse().ok()) {
        Literal::Int(value)
    } else if let Ok(value) = text.parse() {
        Literal::Float(value)
    } else {
        Literal::Other("NUMERIC".to_owned(), text.to_owned())
    }
}

/// Returns the text of a type in upper case, including the fields of a struct.
pub(super) fn type_text(data_type: &ast::DataType) -> String {
    data_type.to_string().to_uppercase()
}

/// Returns the canonical name of a type without parameters and elements.
pub(super) fn plain_type(data_type: &ast::DataType) -> Option<String> {
    let text = type_text(data_type);
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain.then(|| match text.as_str() {
        "INTEGER" | "INT" | "BIGINT" | "SMALLINT" | "TINYINT" | "BYTEINT" => "INT64".to_owned(),
        "FLOAT" | "DOUBLE" => "FLOAT64".to_owned(),
        "BOOLEAN" => "BOOL".to_owned(),
        "DECIMAL" => "NUMERIC".to_owned(),
        "BIGDECIMAL" => "BIGNUMERIC".to_owned(),
        _ => text,
    })
}

/// Converts a typed literal such as `DATE '2026-01-01'`.
pub(super) fn typed(data_type: &ast::DataType, value: &Value) -> ExprKind {
    let text = value.clone().into_string().unwrap_or_default();
    let of_type = plain_type(data_type).unwrap_or_else(|| type_text(data_type));
    ExprKind::Literal(Literal::Other(of_type, text))
}

/// Creates a date part (`MONTH`) as a constant.
pub(in crate::plan::bind) fn date_part(part: &str, span: Span) -> Expr {
    Expr::new(
        ExprKind::Literal(Literal::Other("PART".to_owned(), part.to_uppercase())),
        span,
    )
}

/// Folds a cast of a constant, if the result is simple.
pub(super) fn fold_cast(literal: &Literal, to: &str) -> Option<Literal> {
    match (literal, to) {
        (Literal::Null, _) => Some(Literal::Null),
        (Literal::String(text), "INT64") => text.trim().parse().ok().map(Literal::Int),
        (Literal::String(text), "FLOAT64") => text.trim().parse().ok().map(Literal::Float),
        (Literal::Int(value), "INT64") => Some(Literal::Int(*value)),
        (Literal::Float(value), "FLOAT64") => Some(Literal::Float(*value)),
        (Literal::String(text), "STRING") => Some(Literal::String(text.clone())),
        (
            Literal::Int(_)
            | Literal::Float(_)
            | Literal::Bool(_)
            | Literal::String(_)
            | Literal::Other(..),
            _,
        ) => None,
    }
}

/// Folds arithmetic on integer constants; `None` on overflow.
pub(super) fn fold_arithmetic(sign: &str, a: &Literal, b: &Literal) -> Option<Literal> {
    let (Literal::Int(a), Literal::Int(b)) = (a, b) else {
        return None;
    };
    match sign {
        "+" => a.checked_add(*b).map(Literal::Int),
        "-" => a.checked_sub(*b).map(Literal::Int),
        "*" => a.checked_mul(*b).map(Literal::Int),
        _ => None,
    }
}
