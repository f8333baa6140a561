//! Procedure bodies in the graph of a script.
//!
//! A body occurs once for each call, and once if only other texts call it.

use std::rc::Rc;

use sqlparser::ast;

use super::build::{Builder, NODE_LIMIT};
use super::graph::{NodeId, ParameterValue, Step};
use crate::source::Span;
use crate::syntax::{Places, Procedure, Statement};

impl<'a> Builder<'a> {
    /// Adds the body of a procedure with its arguments; returns the frame of its
    /// variables.
    pub(super) fn body(
        &mut self,
        procedure: &'a Procedure,
        places: &Rc<Places<'a>>,
        given: &[Option<&'a ast::Expr>],
        span: Span,
    ) -> u32 {
        for (known, _, called) in &mut self.defined {
            *called |= std::ptr::eq(*known, procedure);
        }
        let caller = self.frame;
        self.frames += 1;
        let callee = self.frames;
        for (parameter, value) in procedure.parameters.iter().zip(given) {
            // The value is an expression of the caller's text.
            let value = match value {
                _ if parameter.starts_unset => ParameterValue::Null,
                Some(value) => ParameterValue::Value(value),
                None => ParameterValue::Nothing,
            };
            let give = Step::Give {
                parameter: &parameter.name,
                value,
                caller,
            };
            let id = self.then(give, span);
            self.nodes[id as usize].frame = callee;
        }
        let here = std::mem::replace(&mut self.places, Rc::clone(places));
        let around = std::mem::take(&mut self.around);
        self.running
            .push(std::ptr::from_ref(procedure).cast::<()>() as usize);
        self.frame = callee;
        let end = self.add_node(Step::Meet, span);
        self.exits.push(end);
        self.list(procedure.body.as_deref().unwrap_or_default());
        self.exits.pop();
        self.running.pop();
        self.frame = caller;
        self.around = around;
        self.places = here;
        self.go_on(end);
        callee
    }

    /// Adds the body of each procedure that the text does not call.
    pub(super) fn called_elsewhere(&mut self, entry: NodeId, exit: NodeId) {
        let mut slot = 1;
        let mut at = 0;
        // A procedure may define others.
        while let Some((procedure, places, called)) = self.defined.get(at).cloned() {
            at += 1;
            if called || procedure.body.is_none() || self.nodes.len() >= NODE_LIMIT {
                continue;
            }
            self.tails = vec![(entry, slot)];
            slot += 1;
            let span = procedure
                .body
                .as_deref()
                .and_then(<[Statement]>::first)
                .map_or(Span::default(), |body| body.span);
            let given = vec![None; procedure.parameters.len()];
            self.routine = Some(&procedure.name);
            self.body(procedure, &places, &given, span);
            self.routine = None;
            self.enter(exit);
        }
    }
}
