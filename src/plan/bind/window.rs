//! Analytic calls.

use sqlparser::ast;

use super::Binder;
use crate::plan::functions::{AggregateClass, FunctionClass};
use crate::plan::{AggregateCall, Expr, Window, WindowFrame};
use crate::source::Span;

/// The content of the parentheses of OVER.
struct Specification {
    partition_by: Vec<Expr>,
    order_by: Vec<Expr>,
    frame: Option<ast::WindowFrame>,
    /// Whether all windows that it names are defined.
    known: bool,
}

impl Binder<'_> {
    /// Lowers an analytic call to a column of a window operator.
    pub(super) fn window_call(
        &mut self,
        call: AggregateCall,
        over: &ast::WindowType,
        span: Span,
    ) -> Expr {
        let mut specification = Specification {
            partition_by: Vec::new(),
            order_by: Vec::new(),
            frame: None,
            known: true,
        };
        match over {
            ast::WindowType::WindowSpec(spec) => self.specification(spec, &mut specification, 0),
            ast::WindowType::NamedWindow(name) => {
                self.named_window(name, &mut specification, 0);
            }
        }
        let whole = match &specification.frame {
            // Only the value of an aggregate over all rows does not depend on their
            // order.
            Some(frame) => is_whole(frame) && is_aggregate(&call),
            None => specification.order_by.is_empty(),
        };
        let frame = if whole && specification.known {
            WindowFrame::Partition
        } else {
            WindowFrame::Part
        };
        let window = Window {
            call,
            partition_by: specification.partition_by,
            order_by: specification.order_by,
            frame,
            bounds: specification.frame.as_ref().map(shown_frame),
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
            let bound = self.expr(&key.expr);
            let key = self.directed(bound, key);
            into.order_by.push(key);
        }
        if window_frame.is_some() {
            into.frame.clone_from(window_frame);
        }
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
                into.known = false;
                self.unsupported(
                    &format!("the window `{}`, defined nowhere,", name.value),
                    span,
                );
            }
        }
    }
}

/// Renders a frame as written, with its default end if it has none.
fn shown_frame(frame: &ast::WindowFrame) -> String {
    let ast::WindowFrame {
        units,
        start_bound,
        end_bound,
    } = frame;
    let end = end_bound
        .as_ref()
        .unwrap_or(&ast::WindowFrameBound::CurrentRow);
    format!("{units} BETWEEN {start_bound} AND {end}")
}

/// Returns whether a frame contains all rows of its partition.
fn is_whole(frame: &ast::WindowFrame) -> bool {
    let ast::WindowFrame {
        units: _,
        start_bound,
        end_bound,
    } = frame;
    matches!(start_bound, ast::WindowFrameBound::Preceding(None))
        && matches!(end_bound, Some(ast::WindowFrameBound::Following(None)))
}

/// Returns whether a call yields one value for a set of rows, whatever their order.
fn is_aggregate(call: &AggregateCall) -> bool {
    matches!(
        call.info.map(|info| info.class),
        Some(FunctionClass::Aggregate(class)) if class != AggregateClass::Collecting
    )
}
