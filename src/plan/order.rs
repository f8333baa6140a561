//! Topological order of relations: each one after everything that it reads.
//!
//! While a query is bound, a subquery in its SELECT list comes before the grouping
//! whose columns it reads. An analysis that visits a plan from the front needs that
//! grouping first.

use super::relations::Reads;
use super::{Expansion, Expr, ExprKind, Operator, Plan, RelId};

impl Plan {
    /// Sorts the relations and returns the new id of each old one.
    ///
    /// Relations that nothing reads are kept, at the end.
    pub(super) fn sort(&mut self) -> Vec<RelId> {
        let reads = self.relations.reads();
        if let Some(ids) = in_order(reads) {
            return ids;
        }
        let inside = inside_expressions(reads);
        let mut order = Order {
            reads,
            taken: vec![false; self.relations.len()],
            order: Vec::with_capacity(self.relations.len()),
        };
        for (at, inside) in inside.into_iter().enumerate() {
            if !inside {
                order.take(at);
            }
        }
        // Subqueries of relations that nothing reads.
        for at in 0..self.relations.len() {
            order.take(at);
        }
        let order = order.order;
        let mut ids = vec![RelId(0); order.len()];
        for (new, old) in order.iter().enumerate() {
            ids[*old] = id(new);
        }
        if order.iter().enumerate().all(|(new, old)| new == *old) {
            return ids;
        }
        let mut relations: Vec<_> = std::mem::take(self.relations.list_mut())
            .into_iter()
            .map(Some)
            .collect();
        *self.relations.list_mut() = order
            .iter()
            // Each relation is in the order once.
            .filter_map(|old| relations[*old].take())
            .collect();
        let renumber = |relation: &mut RelId| *relation = ids[relation.0 as usize];
        for relation in self.relations.list_mut() {
            relation.operator.visit_relations(&renumber);
        }
        for column in &mut self.columns {
            if let Some(rest) = &mut column.rest {
                rest.of.visit_relations(&renumber);
            }
        }
        if let Some(root) = &mut self.root {
            renumber(root);
        }
        ids
    }
}

fn places(reads: &Reads) -> impl DoubleEndedIterator<Item = usize> {
    reads.all().map(|RelId(at)| at as usize)
}

/// Returns the unchanged ids if the relations are in order already.
///
/// In order means: each relation comes after everything that it reads, and no
/// expression reads a relation.
fn in_order(reads: &[Reads]) -> Option<Vec<RelId>> {
    reads
        .iter()
        .enumerate()
        .all(|(at, reads)| reads.subqueries.is_empty() && places(reads).all(|below| below < at))
        .then(|| (0..reads.len()).map(id).collect())
}

/// Returns which relations are read in expressions, directly or transitively.
pub(super) fn inside_expressions(reads: &[Reads]) -> Vec<bool> {
    let mut inside = vec![false; reads.len()];
    let mut open: Vec<usize> = reads
        .iter()
        .flat_map(|reads| reads.subqueries.iter().map(|RelId(at)| *at as usize))
        .collect();
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut inside[at], true) {
            open.extend(places(&reads[at]));
        }
    }
    inside
}

/// A traversal that visits what a relation reads before the relation itself.
///
/// Its inputs come first, because its subqueries may read their columns.
struct Order<'p> {
    reads: &'p [Reads],
    taken: Vec<bool>,
    order: Vec<usize>,
}

impl Order<'_> {
    fn take(&mut self, at: usize) {
        // Iterative, because a plan may be deeper than the stack allows.
        let mut open = vec![(at, false)];
        while let Some((at, ready)) = open.pop() {
            if ready {
                self.order.push(at);
            } else if !std::mem::replace(&mut self.taken[at], true) {
                open.push((at, true));
                open.extend(places(&self.reads[at]).rev().map(|at| (at, false)));
            }
        }
    }
}

fn id(at: usize) -> RelId {
    RelId(u32::try_from(at).unwrap_or(u32::MAX))
}

impl Operator {
    /// Applies `change` to each relation that it names, also in its expressions.
    fn visit_relations(&mut self, change: &impl Fn(&mut RelId)) {
        match self {
            Self::Scan(_) | Self::Rows(_) => {}
            Self::Filter { input, .. }
            | Self::Project { input, .. }
            | Self::Window { input, .. }
            | Self::Sort { input, .. }
            | Self::Limit { input, .. }
            | Self::Reader { of: input, .. } => change(input),
            Self::Aggregate(aggregate) => change(&mut aggregate.input),
            Self::Join { left, right, .. } => {
                change(left);
                change(right);
            }
            Self::Unnest { input, .. } => input.iter_mut().for_each(change),
            Self::SetOperation { inputs, .. } => {
                inputs.iter_mut().for_each(|(input, _)| change(input));
            }
            Self::Recursion { anchor, step, .. } => {
                change(anchor);
                change(step);
            }
            Self::Loop { anchor, .. } => change(anchor),
            Self::Model { inputs, .. } | Self::Opaque { inputs, .. } => {
                inputs.iter_mut().for_each(change);
            }
        }
        for expr in self.expressions_mut() {
            visit_subqueries(expr, change);
        }
    }
}

impl Expansion {
    fn visit_relations(&mut self, change: &impl Fn(&mut RelId)) {
        match self {
            Self::Scan(relation)
            | Self::Set(relation)
            | Self::Projected(relation, _)
            | Self::GroupedNumber(relation, _)
            | Self::Reader(relation, _) => change(relation),
            Self::Struct(relation, value) => {
                change(relation);
                visit_subqueries(value, change);
            }
            Self::Unknown => {}
        }
    }
}

fn visit_subqueries(expr: &mut Expr, change: &impl Fn(&mut RelId)) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        if let ExprKind::Subquery(subquery) = &mut expr.kind {
            change(&mut subquery.relation);
        }
        open.extend(expr.children_mut());
    }
}
