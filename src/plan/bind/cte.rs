//! Named relations of WITH: each is one relation with any number of readers.

use sqlparser::ast;

use super::expr::marked;
use super::{Binder, ColId, Expansion, Operator, RelId};
use crate::plan::SetOperator;
use crate::source::Span;
use crate::syntax::marker;

/// The visible names of WITH, innermost last.
#[derive(Default)]
pub(super) struct Ctes {
    entries: Vec<(String, Cte)>,
}

/// The meaning of a name of WITH.
#[derive(Clone)]
pub(super) enum Cte {
    /// A relation that is already bound.
    Relation(RelId),
    /// The rows of the previous round, while the step of a recursion is bound.
    Loop { anchor: RelId, read: bool },
    /// A CTE under WITH RECURSIVE that is defined further down.
    Forward,
}

impl Ctes {
    pub(super) fn mark(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn reset(&mut self, mark: usize) {
        self.entries.truncate(mark);
    }

    pub(super) fn push(&mut self, name: &str, cte: Cte) {
        self.entries.push((name.to_owned(), cte));
    }

    fn find(&mut self, name: &str) -> Option<&mut Cte> {
        self.entries
            .iter_mut()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, cte)| cte)
    }
}

impl Binder<'_> {
    /// Binds the relations of a WITH clause.
    pub(super) fn with(&mut self, with: &ast::With) {
        let ast::With {
            with_token: _,
            recursive,
            cte_tables,
        } = with;
        if *recursive {
            for cte in cte_tables {
                self.ctes.push(&cte.alias.name.value, Cte::Forward);
            }
        }
        for cte in cte_tables {
            let ast::Cte {
                alias,
                query,
                from,
                materialized: _,
                closing_paren_token: _,
            } = cte;
            if from.is_some() {
                let span = self.places.ident(&alias.name);
                self.unsupported("FROM after a CTE", span);
            }
            let relation = if *recursive {
                self.recursive(&alias.name.value, query)
            } else {
                self.query(query)
            };
            let relation = self.renamed(relation, &alias.columns);
            self.ctes.push(&alias.name.value, Cte::Relation(relation));
        }
    }

    /// Renames the columns as in `WITH t(a, b) AS …`.
    fn renamed(&mut self, relation: RelId, names: &[ast::TableAliasColumnDef]) -> RelId {
        if names.is_empty() {
            return relation;
        }
        let read = self.reader(relation, Span::default());
        for (column, name) in self.columns_of(read).into_iter().zip(names) {
            self.plan
                .column_mut(column)
                .name
                .clone_from(&name.name.value);
        }
        read
    }

    /// Binds a CTE under WITH RECURSIVE.
    ///
    /// One that does not read itself is bound as a plain query.
    fn recursive(&mut self, name: &str, query: &ast::Query) -> RelId {
        let ast::SetExpr::SetOperation {
            left,
            op: ast::SetOperator::Union,
            set_quantifier,
            right,
        } = &*query.body
        else {
            return self.query(query);
        };
        let depth = match query.pipe_operators.as_slice() {
            [] => None,
            [only] => match depth_column(only) {
                Some(name) => Some(name),
                None => return self.query(query),
            },
            _ => return self.query(query),
        };
        if query.with.is_some() {
            return self.query(query);
        }
        let span = self.places.query(query);
        let anchor = self.set_expr(left, None);
        let mark = self.ctes.mark();
        self.ctes.push(
            name,
            Cte::Loop {
                anchor,
                read: false,
            },
        );
        let step = self.set_expr(right, None);
        let read = matches!(self.ctes.find(name), Some(Cte::Loop { read: true, .. }));
        self.ctes.reset(mark);
        if !read {
            return self.query(query);
        }
        let (from_anchor, from_step) = (self.columns_of(anchor), self.columns_of(step));
        let mut columns = Vec::new();
        for (at, anchor_column) in from_anchor.iter().enumerate() {
            let Some(step_column) = from_step.get(at).or(from_step.last()) else {
                break;
            };
            let name = self.plan.column(*anchor_column).name.clone();
            let column = if self.is_rest(*anchor_column) {
                self.rest(Expansion::Unknown, Vec::new(), span)
            } else {
                self.column(name, span)
            };
            columns.push((column, *anchor_column, *step_column));
        }
        let outputs: Vec<_> = columns.iter().map(|(column, ..)| *column).collect();
        let mut relation = self.add(
            Operator::Recursion {
                anchor,
                step,
                columns,
            },
            outputs,
            "WITH RECURSIVE",
            span,
        );
        if matches!(
            set_quantifier,
            ast::SetQuantifier::Distinct | ast::SetQuantifier::None
        ) {
            relation = self.distinct(relation, "UNION DISTINCT", span);
        }
        match depth {
            Some((name, at)) => self.with_depth(relation, name, at),
            None => relation,
        }
    }

    /// Adds the column of WITH DEPTH: the round in which a row was computed.
    pub(super) fn with_depth(&mut self, relation: RelId, name: String, at: &ast::Ident) -> RelId {
        let span = self.places.span(at.span);
        let value = self.unsupported_expr("WITH DEPTH", span);
        let mut outputs: Vec<_> = self
            .columns_of(relation)
            .into_iter()
            .map(|column| self.pass(column, span))
            .collect();
        outputs.push((self.column(name, span), value));
        self.project(relation, outputs, "WITH DEPTH", span)
    }

    /// Returns a new reader of the relation that a name of WITH stands for.
    pub(super) fn named_relation(&mut self, name: &str, span: Span) -> Option<RelId> {
        let found = match self.ctes.find(name)? {
            Cte::Loop { anchor, read } => {
                *read = true;
                Cte::Loop {
                    anchor: *anchor,
                    read: true,
                }
            }
            known @ (Cte::Relation(_) | Cte::Forward) => known.clone(),
        };
        Some(match found {
            Cte::Relation(relation) => self.reader(relation, span),
            Cte::Loop { anchor, read: _ } => self.round_before(anchor, span),
            Cte::Forward => {
                self.unsupported(
                    &format!("`{name}`, a recursive CTE that is read before it is defined,"),
                    span,
                );
                let column = self.rest(Expansion::Unknown, Vec::new(), span);
                self.add(
                    Operator::Opaque {
                        inputs: Vec::new(),
                        reads: Vec::new(),
                        why: format!("the CTE {name} is read before it is defined"),
                    },
                    vec![column],
                    "WITH RECURSIVE",
                    span,
                )
            }
        })
    }

    /// Adds a reader of a named relation, with columns of its own.
    pub(super) fn reader(&mut self, of: RelId, span: Span) -> RelId {
        let originals = self.columns_of(of);
        let originals = self.listed(&originals);
        let relation = self.add(
            Operator::Reader {
                of,
                columns: Vec::new(),
            },
            Vec::new(),
            "FROM",
            span,
        );
        let pairs: Vec<(ColId, ColId)> = originals
            .iter()
            .map(|original| {
                let known = self.plan.column(*original);
                let (name, place) = (known.name.clone(), known.span);
                let copy = match known.rest.clone() {
                    Some(rest) => {
                        let mut without = rest.without;
                        without.extend(self.names_made_of(*original));
                        self.rest(Expansion::Reader(relation, *original), without, place)
                    }
                    None => self.column(name, place),
                };
                (copy, *original)
            })
            .collect();
        let columns = pairs.iter().map(|(copy, _)| *copy).collect();
        let made = self.plan.relation_mut(relation);
        made.columns = columns;
        made.operator = Operator::Reader { of, columns: pairs };
        relation
    }

    fn round_before(&mut self, anchor: RelId, span: Span) -> RelId {
        let pairs: Vec<_> = self
            .columns_of(anchor)
            .into_iter()
            .map(|original| {
                let name = self.plan.column(original).name.clone();
                let copy = if self.is_rest(original) {
                    self.rest(Expansion::Unknown, Vec::new(), span)
                } else {
                    self.column(name, span)
                };
                (copy, original)
            })
            .collect();
        let columns = pairs.iter().map(|(copy, _)| *copy).collect();
        self.add(
            Operator::Loop {
                columns: pairs,
                anchor,
            },
            columns,
            "WITH RECURSIVE",
            span,
        )
    }

    /// Returns the names that already became columns of their own from a rest
    /// column.
    pub(super) fn names_made_of(&self, rest: ColId) -> Vec<String> {
        self.expanded
            .get(&rest)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    }
}

/// Returns the name of the depth column if a pipe operator encodes WITH DEPTH.
pub(super) fn depth_column(operator: &ast::PipeOperator) -> Option<(String, &ast::Ident)> {
    let ast::PipeOperator::Call { function, alias: _ } = operator else {
        return None;
    };
    let at = function.name.0.first()?.as_ident()?;
    let name = marked::text(marked::arguments_of(function).first()?)?;
    (at.value == marker::DEPTH).then_some((name, at))
}

/// Converts the parser's set operator to that of the plan.
pub(super) fn set_operator(operator: ast::SetOperator) -> SetOperator {
    match operator {
        ast::SetOperator::Union => SetOperator::Union,
        ast::SetOperator::Except | ast::SetOperator::Minus => SetOperator::Except,
        ast::SetOperator::Intersect => SetOperator::Intersect,
    }
}
