//! Ambiguous names: an undeclared column, or a name from outside the query.

use std::rc::Rc;

use super::scope::{ElementFields, RangeVariable, Scope, with_fields};
use super::{Binder, ColId, Expr, Operator};
use crate::plan::ExprKind;
use crate::source::Span;

impl Binder<'_> {
    /// Returns whether a name was resolved to a field of an element of unknown
    /// fields.
    pub(super) fn is_guessed(&self, scope: &Scope, expr: &Expr) -> bool {
        let ExprKind::Field(base, _) = &expr.kind else {
            return false;
        };
        let guessed = scope.bare().filter_map(|range| range.element.as_ref());
        guessed
            .filter(|element| element.fields == ElementFields::Unknown)
            .any(|element| base.as_column() == Some(element.column))
    }

    /// Returns a name that was resolved to an undeclared column of a frame, together
    /// with the range variable or column of an enclosing query that may be meant
    /// instead.
    ///
    /// A range variable may always be meant. A plain name is only looked for outside if
    /// the table of the undeclared column contains no people: otherwise the registry's
    /// entry for its name applies, as for any column.
    pub(super) fn or_enclosing(
        &mut self,
        guessed: Expr,
        from: usize,
        crossed: &[usize],
        path: &[(&str, Span)],
        span: Span,
    ) -> Expr {
        let [(first, first_span), tail @ ..] = path else {
            return guessed;
        };
        let scope = Rc::clone(&self.frames[from].scope);
        let named = self.frames[from].named(first).is_some();
        if named || self.is_sure(&scope, first) || self.is_declared(&scope, first) {
            return guessed;
        }
        let plain = scope.bare().any(|range| {
            let scan = range.scan.map(|scan| &self.plan.relation(scan).operator);
            matches!(scan, Some(Operator::Scan(table)) if !self.catalog.may_contain_people(&table.name))
        });
        let mut crossed = crossed.to_vec();
        let mut at = from;
        while at > 0 && !self.frames[at].closed {
            crossed.push(at);
            at -= 1;
            let scope = Rc::clone(&self.frames[at].scope);
            let range = scope.ranges.iter().find(|range| range.has_name(first));
            let around = match (range, tail.split_first()) {
                (Some(range), Some(((name, name_span), fields))) => {
                    let column = self.column_of(range, name, first_span.join(*name_span));
                    Some(with_fields(column, fields, span))
                }
                _ if plain => {
                    let found = self.look_up_in(at, first, *first_span);
                    found.map(|found| with_fields(found, tail, span))
                }
                _ => None,
            };
            if let Some(around) = around {
                self.note_correlation(&crossed, at, &around);
                return Expr::new(ExprKind::Either(vec![guessed, around]), span);
            }
        }
        guessed
    }

    /// Returns a guessed field, or it and the outer column that may be meant
    /// instead.
    pub(super) fn or_around(
        &mut self,
        guessed: Expr,
        from: usize,
        mut crossed: Vec<usize>,
        name: &str,
        span: Span,
    ) -> Expr {
        crossed.push(from);
        for at in (0..from).rev() {
            if let Some(around) = self.sure_column(at, name, span) {
                self.note_correlation(&crossed, at, &around);
                return Expr::new(ExprKind::Either(vec![guessed, around]), span);
            }
            if self.frames[at].closed {
                break;
            }
            crossed.push(at);
        }
        guessed
    }

    /// Returns an undeclared column together with the argument or variable of its
    /// name.
    ///
    /// The argument or variable of the script is meant if the table has no such
    /// column.
    pub(super) fn or_declared(
        &mut self,
        column: Expr,
        from: usize,
        mut crossed: Vec<usize>,
        name: &str,
        span: Span,
    ) -> Expr {
        crossed.push(from);
        for at in (0..=from).rev() {
            if let Some(argument) = self.frames[at].argument(name) {
                let mut value = argument.clone();
                value.span = span;
                self.note_correlation(&crossed, at, &value);
                return Expr::new(ExprKind::Either(vec![column, value]), span);
            }
            if self.frames[at].closed {
                break;
            }
            if at < from {
                crossed.push(at);
            }
        }
        match self.variable(name, span) {
            Some(value) => Expr::new(ExprKind::Either(vec![column, value]), span),
            None => column,
        }
    }

    /// Returns whether a function's argument takes precedence over what was found.
    ///
    /// It does if that is a field of an array's element with unknown fields.
    pub(super) fn is_argument_before(&self, at: usize, name: &str, found: &Expr) -> bool {
        self.is_guessed(&self.frames[at].scope, found) && self.is_argument(name)
    }

    fn is_argument(&self, name: &str) -> bool {
        let mut frames = self.frames.iter();
        frames.any(|frame| frame.argument(name).is_some())
    }

    /// Returns whether a frame's name may be a variable or argument of the script.
    ///
    /// It may if only undeclared columns match the name.
    pub(super) fn is_undeclared_before_variable(&self, at: usize, name: &str) -> bool {
        let frame = &self.frames[at];
        frame.named(name).is_none()
            && !self.is_sure(&frame.scope, name)
            && self.is_variable_before(&frame.scope, name)
    }

    /// Returns whether a FROM clause certainly has something with this name.
    fn is_sure(&self, scope: &Scope, name: &str) -> bool {
        let is_it = |column: &ColId| self.plan.column(*column).is_certainly_named(name);
        let field =
            |range: &RangeVariable| match range.element.as_ref().map(|element| &element.fields) {
                Some(ElementFields::Known(fields)) => {
                    fields.iter().any(|field| field.eq_ignore_ascii_case(name))
                }
                Some(ElementFields::None | ElementFields::Unknown) | None => false,
            };
        let columns = scope.bare().map(|range| range.columns.len());
        super::scope::search(columns.sum());
        scope.ranges.iter().any(|range| range.has_name(name))
            || scope.merged.iter().any(is_it)
            || scope
                .bare()
                .any(|range| range.columns.iter().any(is_it) || field(range))
    }

    /// Returns the column of a frame that certainly has this name.
    fn sure_column(&mut self, at: usize, name: &str, span: Span) -> Option<Expr> {
        let scope = Rc::clone(&self.frames[at].scope);
        if let Some(range) = scope.ranges.iter().find(|range| range.has_name(name)) {
            return Some(self.whole_row(range, span));
        }
        let columns = scope.bare().flat_map(|range| &range.columns);
        let mut all = columns.chain(&scope.merged);
        let found = all.find(|column| self.plan.column(**column).is_certainly_named(name));
        found.map(|column| Expr::column(*column, span))
    }

    /// Returns whether the script declares a variable or argument with this name.
    ///
    /// `false` if another file shows that a table in scope has such a column.
    fn is_variable_before(&self, scope: &Scope, name: &str) -> bool {
        let declared = self.environment.has_variable(name) || self.is_argument(name);
        declared
            && !scope.bare().flat_map(|range| &range.columns).any(|column| {
                let rest = self.plan.column(*column).rest.as_ref();
                let Some(super::Expansion::Scan(scan)) = rest.map(|rest| &rest.of) else {
                    return false;
                };
                matches!(
                    &self.plan.relation(*scan).operator,
                    Operator::Scan(table) if self.catalog.knows(&table.name, &[name])
                )
            })
    }
}
