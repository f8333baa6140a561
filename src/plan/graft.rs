//! One plan put into another: a table that another file makes is read through
//! the plan of what makes it.

use super::{
    Aggregate, AggregateCall, ColId, Column, Expansion, Expr, ExprKind, KeyColumn, Operator, Plan,
    PrivacyClause, ReadTable, RelId, Relation, Rest, Window,
};
use crate::source::Span;

/// By how much ids and places grow.
struct Graft {
    relations: u32,
    columns: u32,
    bytes: u32,
}

impl Plan {
    /// Number of relations; ids are below it.
    pub fn relation_count(&self) -> usize {
        self.relations.len()
    }

    /// Puts all relations and columns of another plan into this one and returns
    /// its root. Its places are moved behind `bytes`, since they lie in another
    /// text. `None` where it has no root, and then nothing is put in.
    pub fn graft(&mut self, other: &Plan, bytes: u32) -> Option<RelId> {
        let root = other.root?;
        let graft = Graft {
            relations: small(self.relations.len()),
            columns: small(self.columns.len()),
            bytes,
        };
        for column in &other.columns {
            let column = graft.made(column);
            self.columns.push(column);
        }
        for relation in &other.relations {
            let mut relation: Relation = relation.clone();
            graft.operator(&mut relation.operator);
            relation.origin.span = relation.origin.span.moved(bytes);
            graft.cols(relation.columns.iter_mut());
            self.relations.push(relation);
        }
        Some(graft.of(root))
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Span {
    /// The same place in a text that stands behind so many bytes. "No place"
    /// stays what it is.
    pub(crate) fn moved(self, bytes: u32) -> Self {
        if self == Self::default() {
            return self;
        }
        Self {
            start: self.start.saturating_add(bytes),
            end: self.end.saturating_add(bytes),
        }
    }
}

impl Graft {
    fn of(&self, id: RelId) -> RelId {
        RelId(id.0 + self.relations)
    }

    fn rel(&self, id: &mut RelId) {
        *id = self.of(*id);
    }

    fn col(&self, id: &mut ColId) {
        id.0 += self.columns;
    }

    fn cols<'c>(&self, ids: impl IntoIterator<Item = &'c mut ColId>) {
        for id in ids {
            self.col(id);
        }
    }

    fn made(&self, column: &Column) -> Column {
        let Column { name, span, rest } = column;
        Column {
            name: name.clone(),
            span: span.moved(self.bytes),
            rest: rest.as_ref().map(|rest| {
                let Rest { of, without } = rest;
                let mut of = of.clone();
                match &mut of {
                    Expansion::Scan(relation) | Expansion::Set(relation) => self.rel(relation),
                    Expansion::Projected(relation, column)
                    | Expansion::Grouped(relation, column)
                    | Expansion::Reader(relation, column) => {
                        self.rel(relation);
                        self.col(column);
                    }
                    Expansion::Struct(relation, value) => {
                        self.rel(relation);
                        self.expr(value);
                    }
                    Expansion::Unknown => {}
                }
                Rest {
                    of,
                    without: without.clone(),
                }
            }),
        }
    }

    fn expr(&self, expr: &mut Expr) {
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            expr.span = expr.span.moved(self.bytes);
            match &mut expr.kind {
                ExprKind::Column(column) => self.col(column),
                ExprKind::Lambda(names, _) => self.cols(names),
                ExprKind::Subquery(subquery) => {
                    self.rel(&mut subquery.relation);
                    self.cols(&mut subquery.outer);
                }
                ExprKind::Literal(_)
                | ExprKind::Parameter(_)
                | ExprKind::Variable(_)
                | ExprKind::Call { .. }
                | ExprKind::Field(..)
                | ExprKind::Element(..)
                | ExprKind::Struct(_)
                | ExprKind::Array(_)
                | ExprKind::Case(_)
                | ExprKind::Cast { .. }
                | ExprKind::And(_)
                | ExprKind::Or(_)
                | ExprKind::Not(_)
                | ExprKind::Compare(..)
                | ExprKind::InList { .. }
                | ExprKind::IsNull(_)
                | ExprKind::Either(_)
                | ExprKind::Unknown(_) => {}
            }
            open.extend(expr.children_mut());
        }
    }

    fn exprs<'e>(&self, exprs: impl IntoIterator<Item = &'e mut Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn call(&self, call: &mut AggregateCall) {
        let AggregateCall {
            name: _,
            info: _,
            args,
            distinct: _,
            filter,
            decided_by,
            limit,
            ignore_nulls: _,
            span,
        } = call;
        self.exprs(args);
        self.exprs(filter);
        self.exprs(decided_by);
        self.exprs(limit);
        *span = span.moved(self.bytes);
    }

    fn operator(&self, operator: &mut Operator) {
        match operator {
            Operator::Scan(ReadTable {
                name: _,
                columns,
                rest,
                as_of,
            }) => {
                self.cols(columns.iter_mut().map(|(column, _)| column));
                self.cols(rest);
                self.exprs(as_of);
            }
            Operator::Rows(rows) => self.exprs(rows.iter_mut().flatten()),
            Operator::Filter { input, predicate } => {
                self.rel(input);
                self.expr(predicate);
            }
            Operator::Project { input, columns } => {
                self.rel(input);
                for (column, value) in columns {
                    self.col(column);
                    self.expr(value);
                }
            }
            Operator::Aggregate(Aggregate {
                input,
                keys,
                sets: _,
                aggregates,
                privacy,
            }) => {
                self.rel(input);
                for KeyColumn { column, expr } in keys {
                    self.col(column);
                    self.expr(expr);
                }
                for (column, call) in aggregates {
                    self.col(column);
                    self.call(call);
                }
                if let Some(PrivacyClause {
                    kind: _,
                    options,
                    span,
                }) = privacy
                {
                    self.exprs(options.iter_mut().map(|(_, value)| value));
                    *span = span.moved(self.bytes);
                }
            }
            Operator::Window { input, windows } => {
                self.rel(input);
                for (column, window) in windows {
                    let Window {
                        call,
                        partition_by,
                        order_by,
                        frame: _,
                    } = window;
                    self.col(column);
                    self.call(call);
                    self.exprs(partition_by);
                    self.exprs(order_by);
                }
            }
            Operator::Join {
                kind: _,
                left,
                right,
                condition,
                correlated: _,
                merged,
            } => {
                self.rel(left);
                self.rel(right);
                self.exprs(condition);
                for (made, left, right) in merged {
                    self.cols([made, left, right]);
                }
            }
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer: _,
            } => {
                if let Some(input) = input {
                    self.rel(input);
                }
                self.expr(array);
                self.col(element);
                self.cols(offset);
            }
            Operator::SetOperation {
                operator: _,
                inputs,
            } => {
                for (input, columns) in inputs {
                    self.rel(input);
                    self.cols(columns.iter_mut().flatten());
                }
            }
            Operator::Sort { input, by } => {
                self.rel(input);
                self.exprs(by);
            }
            Operator::Limit { input } => self.rel(input),
            Operator::Reader { of, columns } => {
                self.rel(of);
                for (new, original) in columns {
                    self.cols([new, original]);
                }
            }
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => {
                self.rel(anchor);
                self.rel(step);
                for (new, first, next) in columns {
                    self.cols([new, first, next]);
                }
            }
            Operator::Loop { columns, anchor } => {
                self.rel(anchor);
                for (new, original) in columns {
                    self.cols([new, original]);
                }
            }
            Operator::Model {
                function: _,
                inputs,
            } => inputs.iter_mut().for_each(|input| self.rel(input)),
            Operator::Opaque {
                inputs,
                reads,
                why: _,
            } => {
                inputs.iter_mut().for_each(|input| self.rel(input));
                self.exprs(reads);
            }
        }
    }
}
