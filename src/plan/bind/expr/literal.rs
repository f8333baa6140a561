//! Constants, and what can be computed of them.

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
            | Value::TripleDoubleQuotedRawStringLiteral(text)
            | Value::EscapedStringLiteral(text)
            | Value::UnicodeStringLiteral(text)
            | Value::NationalStringLiteral(text) => Literal::String(text.clone()),
            Value::SingleQuotedByteStringLiteral(text)
            | Value::DoubleQuotedByteStringLiteral(text)
            | Value::TripleSingleQuotedByteStringLiteral(text)
            | Value::TripleDoubleQuotedByteStringLiteral(text)
            | Value::HexStringLiteral(text) => Literal::Other("BYTES".to_owned(), text.clone()),
            Value::Boolean(value) => Literal::Bool(*value),
            Value::Null => Literal::Null,
            Value::Placeholder(name) => {
                let name = if name.starts_with('@') { name } else { "?" };
                return match self.parameter(name, span) {
                    Some(parameter) => parameter,
                    None => Expr::unknown("a parameter", span),
                };
            }
            Value::DollarQuotedString(_)
            | Value::QuoteDelimitedStringLiteral(_)
            | Value::NationalQuoteDelimitedStringLiteral(_) => {
                return self.unsupported_expr("a literal that BigQuery does not have", span);
            }
        };
        Expr::new(ExprKind::Literal(literal), span)
    }
}

/// A numeric literal.
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

/// A type's name, upper case, without its parameters.
pub(super) fn type_name(data_type: &ast::DataType) -> String {
    let text = data_type.to_string().to_uppercase();
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    match &text[..end] {
        "INTEGER" | "INT" | "BIGINT" | "SMALLINT" | "TINYINT" | "BYTEINT" => "INT64".to_owned(),
        "FLOAT" | "DOUBLE" => "FLOAT64".to_owned(),
        "BOOLEAN" => "BOOL".to_owned(),
        other => other.to_owned(),
    }
}

/// `DATE '2026-01-01'` and its like.
pub(super) fn typed(data_type: &ast::DataType, value: &Value) -> ExprKind {
    let text = value.clone().into_string().unwrap_or_default();
    ExprKind::Literal(Literal::Other(type_name(data_type), text))
}

/// A struct, or an array of structs, with the names that its type gives the
/// fields; `Err` gives the value back where it is neither.
pub(super) fn with_fields_of(value: Expr, data_type: &ast::DataType) -> Result<Expr, Expr> {
    let Expr { kind, span } = value;
    match (kind, data_type) {
        (
            ExprKind::Array(mut items),
            ast::DataType::Array(
                ast::ArrayElemTypeDef::AngleBracket(element)
                | ast::ArrayElemTypeDef::SquareBracket(element, _)
                | ast::ArrayElemTypeDef::Parenthesis(element),
            ),
        ) => {
            if items.is_empty()
                && let ast::DataType::Struct(fields, _) = &**element
            {
                // The names are all that is known of an empty array's elements.
                let null = |_: &ast::StructField| {
                    (None, Expr::new(ExprKind::Literal(Literal::Null), span))
                };
                items.push(Expr::new(
                    ExprKind::Struct(fields.iter().map(null).collect()),
                    span,
                ));
            }
            let items = items
                .into_iter()
                .map(|item| with_fields_of(item, element).unwrap_or_else(|item| item))
                .collect();
            Ok(Expr::new(ExprKind::Array(items), span))
        }
        (ExprKind::Struct(values), ast::DataType::Struct(fields, _))
            if values.len() == fields.len() =>
        {
            let named = values
                .into_iter()
                .zip(fields)
                .map(|((_, value), field)| {
                    let name = field.field_name.as_ref().map(|name| name.value.clone());
                    let value =
                        with_fields_of(value, &field.field_type).unwrap_or_else(|value| value);
                    (name, value)
                })
                .collect();
            Ok(Expr::new(ExprKind::Struct(named), span))
        }
        (kind, _) => Err(Expr::new(kind, span)),
    }
}

/// A date part (`MONTH`), as a constant.
pub(in crate::plan::bind) fn date_part(part: &str, span: Span) -> Expr {
    Expr::new(
        ExprKind::Literal(Literal::Other("PART".to_owned(), part.to_uppercase())),
        span,
    )
}

/// A cast of a constant whose result is plain.
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

/// Arithmetic on integer constants, without overflow.
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
