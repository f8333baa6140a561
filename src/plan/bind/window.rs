//! Analytic calls.

use sqlparser::ast;

use super::Binder;
use crate::plan::{AggregateCall, Expr, Window, WindowFrame};
use crate::source::Span;

/// What stands in the parentheses of OVER.
#[derive(Default)]
struct Specification {
    partition_by: Vec<Expr>,
    order_by: Vec<Expr>,
    framed: bool,
}

impl Binder<'_> {
    /// An analytic call becomes a column of a window operator.
    pub(super) fn window_call(
        &mut self,
        call: AggregateCall,
        over: &ast::WindowType,
        span: Span,
    ) -> Expr {
        let mut specification = Specification::default();
        match over {
            ast::WindowType::WindowSpec(spec) => self.specification(spec, &mut specification, 0),
            ast::WindowType::NamedWindow(name) => {
                self.named_window(name, &mut specification, 0);
            }
        }
        let frame = if specification.order_by.is_empty() && !specification.framed {
            WindowFrame::Partition
        } else {
            WindowFrame::Part
        };
        let window = Window {
            call,
            partition_by: specification.partition_by,
            order_by: specification.order_by,
            frame,
        };
        let column = self.column(String::new(), span);
        match self.hoist() {
            Some(hoist) => {
                hoist.windows.push((column, window));
                Expr::column(column, span)
            }
            None => self.unsupported_expr("an analytic function in this place", span),
        }
    }

    fn specification(&mut self, spec: &ast::WindowSpec, into: &mut Specification, depth: usize) {
        let ast::WindowSpec {
            window_name,
            partition_by,
            order_by,
            window_frame,
        } = spec;
        if let Some(name) = window_name {
            self.named_window(name, into, depth + 1);
        }
        for key in partition_by {
            let key = self.expr(key);
            into.partition_by.push(key);
        }
        for key in order_by {
            let key = self.expr(&key.expr);
            into.order_by.push(key);
        }
        into.framed |= window_frame.is_some();
    }

    fn named_window(&mut self, name: &ast::Ident, into: &mut Specification, depth: usize) {
        let span = self.places.span(name.span);
        let found = self.windows.last().and_then(|windows| {
            windows
                .iter()
                .find(|ast::NamedWindowDefinition(known, _)| {
                    known.value.eq_ignore_ascii_case(&name.value)
                })
                .cloned()
        });
        match found {
            Some(ast::NamedWindowDefinition(_, ast::NamedWindowExpr::WindowSpec(spec)))
                if depth < 32 =>
            {
                self.specification(&spec, into, depth + 1);
            }
            Some(ast::NamedWindowDefinition(_, ast::NamedWindowExpr::NamedWindow(other)))
                if depth < 32 =>
            {
                self.named_window(&other, into, depth + 1);
            }
            Some(_) | None => {
                into.framed = true;
                self.unsupported(
                    &format!("the window `{}`, defined nowhere,", name.value),
                    span,
                );
            }
        }
    }
}
