//! Casts, and the declared types of structs and arrays.

use sqlparser::ast;

use super::super::Binder;
use super::literal;
use crate::plan::{Expr, ExprKind, Literal};
use crate::source::Span;

impl Binder<'_> {
    /// Binds the format of a cast, and its time zone if it has one.
    pub(super) fn cast_format(&mut self, format: &ast::CastFormat, span: Span) -> Vec<Expr> {
        match format {
            ast::CastFormat::Value(format) => vec![self.value(&format.value, span)],
            ast::CastFormat::ValueAtTimeZone(format, zone) => vec![
                self.value(&format.value, span),
                self.value(&zone.value, span),
            ],
        }
    }

    /// Lowers a cast; a lossless one of a constant is folded.
    ///
    /// A cast with a format, or to a type with parameters or elements, becomes a
    /// call, so that no rule mistakes it for the plain cast.
    pub(super) fn cast(
        &mut self,
        value: Expr,
        data_type: &ast::DataType,
        safe: bool,
        format: Option<Vec<Expr>>,
        span: Span,
    ) -> Expr {
        // A type names the fields of a struct that is written without names.
        let value = match self.with_fields_of(value, data_type) {
            Ok(named) => return Expr::new(named.kind, span),
            Err(value) => value,
        };
        let to = match (literal::plain_type(data_type), format) {
            (Some(to), None) => to,
            (_, format) => {
                let name = if safe { "SAFE_CAST" } else { "CAST" };
                let text = Literal::Other("TYPE".to_owned(), literal::type_text(data_type));
                let mut args = vec![value, Expr::new(ExprKind::Literal(text), span)];
                args.extend(format.into_iter().flatten());
                return self.call_of(name, args, span);
            }
        };
        if let ExprKind::Literal(literal) = &value.kind
            && let Some(folded) = literal::fold_cast(literal, &to)
        {
            return Expr::new(ExprKind::Literal(folded), span);
        }
        Expr::new(
            ExprKind::Cast {
                value: Box::new(value),
                to,
                safe,
            },
            span,
        )
    }

    /// Gives a struct, or an array of structs, the field names and types of its
    /// type.
    ///
    /// `Err` returns any other value unchanged.
    fn with_fields_of(&mut self, value: Expr, data_type: &ast::DataType) -> Result<Expr, Expr> {
        let Expr { kind, span } = value;
        match (kind, data_type) {
            (
                ExprKind::Array(mut items),
                ast::DataType::Array(
                    ast::ArrayElemTypeDef::AngleBracket(element)
                    | ast::ArrayElemTypeDef::SquareBracket(element, None)
                    | ast::ArrayElemTypeDef::Parenthesis(element),
                ),
            ) => {
                if items.is_empty()
                    && let ast::DataType::Struct(fields, _) = &**element
                {
                    // Of the elements of an empty array, only the field names are
                    // known.
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
                    .map(|item| {
                        let at = item.span;
                        self.cast(item, element, false, None, at)
                    })
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
                        let ast::StructField {
                            field_name,
                            field_type,
                            options: _,
                        } = field;
                        let name = field_name.as_ref().map(|name| name.value.clone());
                        let at = value.span;
                        (name, self.cast(value, field_type, false, None, at))
                    })
                    .collect();
                Ok(Expr::new(ExprKind::Struct(named), span))
            }
            (kind, _) => Err(Expr::new(kind, span)),
        }
    }
}
