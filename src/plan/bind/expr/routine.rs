//! Calls of functions that other files define.

use std::rc::Rc;
use std::sync::Arc;

use super::super::Binder;
use super::super::scope::Frame;
use super::super::script::Function;
use super::call::INLINE_LIMIT;
use super::place::PlaceType;
use crate::plan::routine::{types, visible};
use crate::plan::{Definitions, Expr, Segment};
use crate::source::Span;
use crate::syntax::Places;

impl<'a> Binder<'a> {
    /// Returns a function that another file defines; its text becomes part of the
    /// plan.
    pub(super) fn routine(&mut self, key: &str, span: Span) -> Option<Function<'a>> {
        if let Some(known) = self.routines.get(key) {
            return known.clone();
        }
        let definitions: &'a dyn Definitions = self.definitions;
        let found = definitions.function(key).and_then(|routines| {
            let function = routines.function(key)?;
            let (args, body) = visible(function)?;
            let (types, returns) = types(function);
            let base = self.grafted.extent;
            let length = Span::new(0, routines.rendered.text().len() + 1).end;
            self.grafted.extent = base.saturating_add(length);
            self.grafted.segments.push(Segment {
                start: base,
                end: self.grafted.extent,
                text: Arc::clone(&routines.text),
                read_at: span,
            });
            Some(Function {
                args,
                types,
                returns,
                body,
                places: Rc::new(Places::behind(&routines.rendered, &routines.script, base)),
            })
        });
        self.routines.insert(key.to_owned(), found.clone());
        found
    }

    /// Inlines a function of another file.
    ///
    /// `None` if a part of it is not understood, or if it grows too large: the call
    /// is then one of a function whose body is not visible.
    pub(super) fn inlined_routine(
        &mut self,
        function: &Function<'a>,
        args: &[Expr],
        span: Span,
    ) -> Option<Expr> {
        let size: usize = args.iter().map(Expr::size).sum();
        // Half of the limit is reserved for the functions of the script itself.
        let share = super::super::INLINE_SIZE_LIMIT / 2;
        if self.inlined >= INLINE_LIMIT || self.inlined_size.saturating_add(size) > share {
            return None;
        }
        self.inlined_size += size;
        let problems = self.problems.len();
        self.inlined += 1;
        let frame = Frame {
            names: self.placed_arguments(function, args.to_vec(), span),
            closed: true,
            ..Frame::default()
        };
        let outside = self.environment.outside();
        let mut body = self.elsewhere(&outside, &function.places, |binder| {
            binder.frames.push(frame);
            let body = binder.without_hoist(|binder| binder.expr(function.body));
            binder.frames.pop();
            body
        });
        self.inlined -= 1;
        if self.problems.len() > problems {
            self.problems.truncate(problems);
            return None;
        }
        body = self.returned(function, body, span);
        self.grows_too_large(body.size());
        body.span = span;
        Some(body)
    }

    /// Returns the arguments of a call by name, as the function's parameters hold
    /// them.
    pub(super) fn placed_arguments(
        &mut self,
        function: &Function<'a>,
        args: Vec<Expr>,
        span: Span,
    ) -> Vec<(String, Expr)> {
        let mut types = function.types.iter();
        let mut placed = Vec::with_capacity(args.len());
        for (name, value) in function.args.iter().zip(args) {
            let place = types
                .next()
                .map_or(PlaceType::Unseen, |to| PlaceType::Declared(to));
            placed.push((name.clone(), self.placed(value, place, span)));
        }
        placed
    }

    /// Returns the result of a function, given the value of its body.
    pub(super) fn returned(&mut self, function: &Function<'a>, body: Expr, span: Span) -> Expr {
        let place = function
            .returns
            .map_or(PlaceType::OfValue, PlaceType::Declared);
        self.placed(body, place, span)
    }
}
