//! Names, fields and elements.

use sqlparser::ast;

use super::super::Binder;
use super::super::scope::field;
use crate::plan::{Expr, ExprKind, Literal, UNRENDERED};
use crate::source::Span;
use crate::source::template::is_placeholder;

/// The maximal number of parts of a dotted name, and of accesses after a value.
const PARTS_LIMIT: usize = 200;

impl Binder<'_> {
    pub(super) fn identifier(&mut self, ident: &ast::Ident, span: Span) -> Expr {
        if ident.quote_style.is_none()
            && let Some(variable) = self.parameter(&ident.value, span)
        {
            return variable;
        }
        if is_placeholder(&ident.value) {
            return Expr::unknown(UNRENDERED, span);
        }
        self.resolve(&ident.value, span)
    }

    pub(super) fn compound(&mut self, idents: &[ast::Ident], span: Span) -> Expr {
        if idents.len() > PARTS_LIMIT {
            let what = format!("a name of more than {PARTS_LIMIT} parts");
            return self.unsupported_expr(&what, span);
        }
        if let Some(first) = idents.first()
            && first.quote_style.is_none()
            && let Some(base) = self.parameter(&first.value, span)
        {
            return idents[1..]
                .iter()
                .fold(base, |base, ident| field(base, &ident.value, span));
        }
        if idents.iter().any(|ident| is_placeholder(&ident.value)) {
            return Expr::unknown(UNRENDERED, span);
        }
        let path: Vec<_> = idents
            .iter()
            .map(|ident| (ident.value.as_str(), self.places.span(ident.span)))
            .collect();
        self.resolve_path(&path, span)
    }

    pub(super) fn field_access(
        &mut self,
        root: &ast::Expr,
        chain: &[ast::AccessExpr],
        span: Span,
    ) -> Expr {
        if chain.len() > PARTS_LIMIT {
            let what = format!("a value read through more than {PARTS_LIMIT} dots and brackets");
            return self.unsupported_expr(&what, span);
        }
        // The chain of `a.b[0].c` also contains the names before the first bracket.
        let mut names = Vec::new();
        let mut rest = chain;
        if let ast::Expr::Identifier(ident) = root {
            names.push(ident.clone());
            while let [
                ast::AccessExpr::Dot(ast::Expr::Identifier(ident)),
                tail @ ..,
            ] = rest
            {
                names.push(ident.clone());
                rest = tail;
            }
        }
        let base_span = self.places.expr(root);
        // In `mozfun.map.get(m).key`, the names before the call belong to its name.
        if let [ast::AccessExpr::Dot(ast::Expr::Function(call)), tail @ ..] = rest
            && !names.is_empty()
        {
            let mut call = call.clone();
            let own = std::mem::take(&mut call.name.0);
            call.name.0 = names
                .into_iter()
                .map(ast::ObjectNamePart::Identifier)
                .chain(own)
                .collect();
            let base = self.function(&call, span);
            return self.accessed(base, tail, span);
        }
        let base = match names.as_slice() {
            [] => self.expr(root),
            [one] => self.identifier(one, base_span),
            many => self.compound(many, base_span),
        };
        self.accessed(base, rest, span)
    }

    /// Applies a chain of dots and brackets to a value.
    fn accessed(&mut self, mut base: Expr, chain: &[ast::AccessExpr], span: Span) -> Expr {
        for access in chain {
            base = match access {
                ast::AccessExpr::Dot(ast::Expr::Identifier(ident)) => {
                    field(base, &ident.value, span)
                }
                ast::AccessExpr::Dot(ast::Expr::CompoundIdentifier(idents)) => idents
                    .iter()
                    .fold(base, |base, ident| field(base, &ident.value, span)),
                ast::AccessExpr::Dot(ast::Expr::Function(call)) => self.chained(base, call, span),
                ast::AccessExpr::Dot(other) => {
                    self.expr(other);
                    self.unsupported_expr("this field access", span)
                }
                ast::AccessExpr::Subscript(ast::Subscript::Index { index }) => {
                    let index = self.subscript(index);
                    Expr::new(ExprKind::Element(Box::new(base), Box::new(index)), span)
                }
                ast::AccessExpr::Subscript(ast::Subscript::Slice {
                    lower_bound: _,
                    upper_bound: _,
                    stride: _,
                }) => self.unsupported_expr("an array slice", span),
            };
        }
        base
    }

    /// Binds the subscript in brackets, as a zero-based position.
    ///
    /// `OFFSET(i)` is `i`, `ORDINAL(i)` is `i - 1`. `SAFE_OFFSET` is kept, because
    /// it gives NULL if the others fail.
    fn subscript(&mut self, index: &ast::Expr) -> Expr {
        let span = self.places.expr(index);
        if let ast::Expr::Function(function) = index
            && let ast::FunctionArguments::List(ast::FunctionArgumentList {
                duplicate_treatment: None,
                args,
                clauses,
            }) = &function.args
            && let [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(position))] =
                args.as_slice()
            && clauses.is_empty()
        {
            let (safe, from_one) = match super::function_name(&function.name).as_str() {
                "OFFSET" => (false, false),
                "SAFE_OFFSET" => (true, false),
                "ORDINAL" => (false, true),
                "SAFE_ORDINAL" => (true, true),
                _ => return self.expr(index),
            };
            let mut position = self.expr(position);
            if from_one {
                position = self.less_one(position, span);
            }
            return if safe {
                self.call_of("SAFE_OFFSET", vec![position], span)
            } else {
                position
            };
        }
        if let ast::Expr::Value(value) = index
            && let Some(text) = value.value.clone().into_string()
        {
            return Expr::new(ExprKind::Literal(Literal::String(text)), span);
        }
        self.expr(index)
    }

    fn less_one(&mut self, position: Expr, span: Span) -> Expr {
        if let ExprKind::Literal(Literal::Int(number)) = position.kind
            && let Some(less) = number.checked_sub(1)
        {
            return Expr::new(ExprKind::Literal(Literal::Int(less)), span);
        }
        let one = Expr::new(ExprKind::Literal(Literal::Int(1)), span);
        self.call_of("-", vec![position, one], span)
    }

    /// Binds `@name`, `@@name` and `?`.
    ///
    /// The value is the argument of an executed string, or unknown. `None` for any
    /// other name.
    pub(super) fn parameter(&mut self, name: &str, span: Span) -> Option<Expr> {
        if !name.starts_with(['@', '?']) {
            return None;
        }
        Some(self.variable(name, span).unwrap_or_else(|| {
            let kind = if name.starts_with("@@") {
                ExprKind::Variable(name.to_owned())
            } else {
                ExprKind::Parameter(name.to_owned())
            };
            Expr::new(kind, span)
        }))
    }
}
