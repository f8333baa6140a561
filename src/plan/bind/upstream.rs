//! Tables that other files make: their plans become part of the reader's.

use sqlparser::ast;

use super::problem::ProblemKind;
use super::{Binder, Origin, RelId};
use crate::catalog::TableName;
use crate::plan::Definition;
use crate::plan::{MadeBy, Segment};
use crate::source::Span;

/// More relations than these in one plan are not followed.
const SIZE_LIMIT: usize = 1_000;

impl Binder<'_> {
    /// The rows of a table that another file makes; `None` where nobody is known
    /// to make it, or it can't be followed.
    pub(super) fn upstream(&mut self, name: &TableName, span: Span) -> Option<RelId> {
        let key = name.to_string().to_lowercase();
        if let Some(known) = self.read_upstream.get(&key) {
            let known = *known;
            return known.map(|relation| self.reader(relation, span));
        }
        let relation = match self.definitions.made(name)? {
            MadeBy::Statements(definition)
                if self.plan.relation_count() + definition.size() <= SIZE_LIMIT =>
            {
                self.made_upstream(name, &definition, span)
            }
            MadeBy::Statements(_) => {
                self.not_followed(
                    &format!("the table `{name}` is made of too many others"),
                    span,
                );
                None
            }
            MadeBy::OfItself(through) => {
                self.problem(
                    ProblemKind::Unsupported,
                    span,
                    format!(
                        "the table `{name}` is made of itself, through {}, so nothing is proven of its rows",
                        through.join(", ")
                    ),
                    "declare what its rows are in a [[table]] entry of the registry, or break the cycle",
                );
                None
            }
            MadeBy::NotFollowed(why) => {
                self.not_followed(&format!("the table `{name}` {why}"), span);
                None
            }
        };
        self.read_upstream.insert(key, relation);
        relation.map(|relation| self.reader(relation, span))
    }

    fn made_upstream(
        &mut self,
        name: &TableName,
        definition: &Definition,
        span: Span,
    ) -> Option<RelId> {
        if let Some(doubt) = &definition.doubt {
            self.problem(
                ProblemKind::Unsupported,
                span,
                format!("the table `{name}` is made by {doubt}"),
                "`headcount check` on that file tells which part, and how to mend it",
            );
        }
        let mut arms = Vec::new();
        for writer in &definition.writers {
            let base = self.extent;
            let relation = self.plan.graft(&writer.plan, base)?;
            self.segments.push(Segment {
                start: base,
                end: base.saturating_add(writer.own),
                text: writer.text.clone(),
                read_at: span,
            });
            self.segments
                .extend(writer.segments.iter().map(|inner| Segment {
                    start: inner.start.saturating_add(base),
                    end: inner.end.saturating_add(base),
                    text: inner.text.clone(),
                    read_at: inner.read_at.moved(base),
                }));
            self.extent = base.saturating_add(writer.extent);
            arms.push(relation);
        }
        if definition.repeated {
            // Two runs of one statement: what holds in each need not hold in both.
            let again: Vec<RelId> = arms.iter().map(|arm| self.reader(*arm, span)).collect();
            arms = arms.iter().map(|arm| self.reader(*arm, span)).collect();
            arms.extend(again);
        }
        match arms.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => {
                let all = self.combine(ast::SetOperator::Union, ast::SetQuantifier::All, arms);
                // Nobody wrote this union: it is what reading the table is.
                self.plan.relation_mut(all).origin = Origin { word: "FROM", span };
                Some(all)
            }
        }
    }
}
