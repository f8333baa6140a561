//! Typed targets: variables, arguments and results of functions, columns of tables.
//!
//! A number that is stored in one is rounded as by a cast to its type.

use sqlparser::ast;

use super::super::Binder;
use super::literal::type_text;
use crate::plan::{Expr, ExprKind, Literal};
use crate::source::Span;

/// The type of a target.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan::bind) enum PlaceType<'t> {
    /// The type of the value.
    OfValue,
    /// A declared type.
    Declared(&'t ast::DataType),
    /// An unknown type, which may be any.
    Unseen,
}

impl Binder<'_> {
    /// Returns a value as a target of this type holds it.
    pub(in crate::plan::bind) fn placed(
        &mut self,
        value: Expr,
        place: PlaceType<'_>,
        span: Span,
    ) -> Expr {
        if !value.is_fixed() || !may_be_rounded(&value) {
            return value;
        }
        match place {
            PlaceType::Declared(to) if rounds(to) => self.cast(value, to, false, None, span),
            PlaceType::OfValue | PlaceType::Declared(_) => value,
            PlaceType::Unseen => {
                let unseen = Literal::Other("TYPE".to_owned(), "?".to_owned());
                let args = vec![value, Expr::new(ExprKind::Literal(unseen), span)];
                self.call_of("CAST", args, span)
            }
        }
    }
}

/// Returns whether a type may round a number of another type.
fn rounds(data_type: &ast::DataType) -> bool {
    let text = type_text(data_type);
    ["NUMERIC", "DECIMAL", "INT"]
        .iter()
        .any(|name| text.contains(name))
}

/// Returns whether a value is made of constants only and may not be a whole number.
fn may_be_rounded(value: &Expr) -> bool {
    if let ExprKind::Literal(literal) = &value.kind {
        return literal.may_be_rounded();
    }
    let mut constants = false;
    let mut others = false;
    value.walk(&mut |part| {
        constants |= matches!(part.kind, ExprKind::Literal(_));
        others |= matches!(part.kind, ExprKind::Parameter(_) | ExprKind::Variable(_));
    });
    constants && !others
}
