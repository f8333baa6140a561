//! The true places of what the parser gives too short ones, or none.

use sqlparser::ast;
use sqlparser::ast::Spanned;

use super::index::bytes;
use super::script::{Script, SelectClause};
use crate::source::{SourceText, Span};

/// Finds the bytes of parts of a tree.
pub struct Places<'a> {
    source: &'a SourceText,
    script: &'a Script,
}

impl<'a> Places<'a> {
    /// Over the text that a script was parsed from.
    pub fn new(source: &'a SourceText, script: &'a Script) -> Self {
        Self { source, script }
    }

    /// The text of a place.
    pub fn slice(&self, span: Span) -> &'a str {
        self.source.slice(span)
    }

    /// The privacy clause of the SELECT that begins at a byte.
    pub fn clause(&self, select: u32) -> Option<&'a SelectClause> {
        let clauses = &self.script.clauses;
        let at = clauses
            .binary_search_by_key(&select, |clause| clause.select)
            .ok()?;
        clauses.get(at)
    }

    /// A parser's span; the empty one stays empty.
    pub fn span(&self, span: sqlparser::tokenizer::Span) -> Span {
        bytes(self.source, span)
    }

    /// A name.
    pub fn ident(&self, ident: &ast::Ident) -> Span {
        self.span(ident.span)
    }

    /// A dotted name.
    pub fn object_name(&self, name: &ast::ObjectName) -> Span {
        name.0
            .iter()
            .filter_map(|part| part.as_ident())
            .fold(Span::default(), |span, part| span.join(self.ident(part)))
    }

    /// A SELECT from its first word.
    pub fn select(&self, select: &ast::Select) -> Span {
        let token = self.span(select.select_token.0.span);
        select
            .projection
            .iter()
            .fold(token, |span, item| span.join(self.span(item.span())))
    }

    /// A query: its first SELECT's list stands for it.
    pub fn query(&self, query: &ast::Query) -> Span {
        let mut body = &*query.body;
        loop {
            match body {
                ast::SetExpr::Select(select) => return self.select(select),
                ast::SetExpr::SetOperation { left, .. } => body = left,
                ast::SetExpr::Query(inner) => body = &inner.body,
                ast::SetExpr::Values(_)
                | ast::SetExpr::Insert(_)
                | ast::SetExpr::Update(_)
                | ast::SetExpr::Delete(_)
                | ast::SetExpr::Merge(_)
                | ast::SetExpr::Table(_) => return self.span(query.span()),
            }
        }
    }

    /// An expression, to its last parenthesis. A chain of operators of any
    /// length is walked in a loop.
    pub fn expr(&self, expr: &ast::Expr) -> Span {
        let mut right = Span::default();
        let mut at = expr;
        while let ast::Expr::BinaryOp {
            left,
            op: _,
            right: operand,
        } = at
        {
            if right.is_empty() {
                right = self.expr(operand);
            }
            at = left;
        }
        self.operand(at).join(right)
    }

    fn operand(&self, expr: &ast::Expr) -> Span {
        let index = &self.script.index;
        if let ast::Expr::Function(call) = expr {
            return index.call(self.object_name(&call.name));
        }
        let inner = match expr {
            ast::Expr::Nested(inner) => return index.around(self.expr(inner), false),
            ast::Expr::Cast { expr, .. }
            | ast::Expr::Extract { expr, .. }
            | ast::Expr::Ceil { expr, .. }
            | ast::Expr::Floor { expr, .. }
            | ast::Expr::Substring { expr, .. }
            | ast::Expr::Trim { expr, .. } => Some(self.expr(expr)),
            ast::Expr::Struct { values, fields: _ } => values.first().map(|first| self.expr(first)),
            _ => None,
        };
        match inner {
            Some(inner) if !inner.is_empty() => index.around(inner, true),
            Some(_) | None => self.span(expr.span()),
        }
    }
}
