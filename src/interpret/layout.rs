//! Properties of a plan that are computed before it is executed.
//!
//! They are the private inputs behind each relation, the inputs that are one because
//! they are joined on the person, and the relations that read rows of an outer
//! query.

use std::collections::HashSet;
use std::rc::Rc;

use super::{Database, PrivateInput};
use crate::budget::spend;
use crate::plan::{ColId, Comparison, Expr, ExprKind, JoinKind, Operator, Plan, RelId};

/// The layout of a plan, see the module.
#[derive(Debug)]
pub(super) struct Layout {
    /// The inputs behind each relation, in the order in which they are read.
    inputs: Vec<Vec<PrivateInput>>,
    /// Parents in a union-find structure: each input, or one with which it was
    /// joined.
    parents: Vec<u32>,
    scans: Vec<Option<RelId>>,
    /// The input whose person a column identifies.
    ///
    /// `None` unless the column is an unchanged copy of the identifier.
    units: Vec<Option<PrivateInput>>,
    /// Whether a relation reads rows of an outer query or of a previous round.
    open: Vec<bool>,
    free: Vec<HashSet<ColId>>,
    loops: Vec<HashSet<RelId>>,
    joined: bool,
    /// The columns of each relation's rows.
    ///
    /// If no schema declares the columns of a table, a column that is used above is
    /// added to the scan after the relations in between were created. The plan then
    /// does not list it for these relations.
    columns: Vec<Rc<[ColId]>>,
}

impl Layout {
    pub(super) fn of(plan: &Plan, database: &Database, joined: bool) -> Self {
        let mut layout = Self {
            inputs: Vec::new(),
            parents: Vec::new(),
            scans: Vec::new(),
            units: vec![None; plan.column_count()],
            open: Vec::new(),
            free: Vec::new(),
            loops: Vec::new(),
            joined,
            columns: Vec::new(),
        };
        for (id, _) in plan.relations() {
            let columns = layout.columns_of(plan, id);
            spend(1 + columns.len() / 16);
            layout.columns.push(columns.into());
            let inputs = layout.inputs_of(plan, database, id);
            spend(inputs.len() / 16);
            layout.inputs.push(inputs);
            layout.dependencies(plan, id);
        }
        layout
    }

    /// Returns the columns of a relation's rows, in their order.
    pub(super) fn columns(&self, relation: RelId) -> Rc<[ColId]> {
        self.columns
            .get(relation.0 as usize)
            .map_or_else(|| Rc::from([]), Rc::clone)
    }

    fn columns_of(&self, plan: &Plan, id: RelId) -> Vec<ColId> {
        let relation = plan.relation(id);
        let below = |input: &RelId| self.columns(*input).to_vec();
        match &relation.operator {
            Operator::Filter { input, .. }
            | Operator::Sort { input, .. }
            | Operator::Limit { input, .. } => below(input),
            Operator::Window { input, windows } => {
                let mut columns = below(input);
                columns.extend(windows.iter().map(|(column, _)| *column));
                columns
            }
            Operator::Aggregate(aggregate) => {
                let keys = aggregate.keys.iter().map(|key| key.column);
                let made = aggregate.aggregates.iter().map(|(column, _)| *column);
                keys.chain(made).collect()
            }
            Operator::Join {
                kind: JoinKind::Semi | JoinKind::Anti,
                left,
                ..
            } => below(left),
            Operator::Join {
                left,
                right,
                merged,
                ..
            } => {
                let mut columns: Vec<ColId> = merged.iter().map(|(column, ..)| *column).collect();
                columns.extend(below(left));
                columns.extend(below(right));
                columns
            }
            Operator::Unnest {
                input,
                element,
                offset,
                ..
            } => {
                let mut columns = input.iter().flat_map(below).collect::<Vec<_>>();
                columns.push(*element);
                columns.extend(offset);
                columns
            }
            Operator::Scan(_)
            | Operator::Rows(_)
            | Operator::Project { .. }
            | Operator::SetOperation { .. }
            | Operator::Reader { .. }
            | Operator::Recursion { .. }
            | Operator::Loop { .. }
            | Operator::Model { .. }
            | Operator::Opaque { .. } => relation.columns.clone(),
        }
    }

    /// Returns the representative of all inputs that were joined with this one.
    pub(super) fn find(&self, population: PrivateInput) -> PrivateInput {
        let mut at = population.0;
        while let Some(parent) = self.parents.get(at as usize)
            && *parent != at
        {
            at = *parent;
        }
        PrivateInput(at)
    }

    pub(super) fn scan_of(&self, population: PrivateInput) -> Option<RelId> {
        self.scans.get(population.0 as usize).copied().flatten()
    }

    /// Whether a relation cannot be executed on its own.
    pub(super) fn is_open(&self, relation: RelId) -> bool {
        self.open.get(relation.0 as usize).copied().unwrap_or(true)
    }

    /// Returns the input of a scan; `None` if its table contains no people.
    pub(super) fn scanned(&self, relation: RelId) -> Option<PrivateInput> {
        self.listed(relation).first().map(|input| self.find(*input))
    }

    /// Returns a function that maps the inputs of `from` to those of `to`.
    ///
    /// Inputs at the same position correspond to each other.
    pub(super) fn renaming(
        &self,
        from: RelId,
        to: RelId,
    ) -> impl Fn(PrivateInput) -> Option<PrivateInput> + '_ {
        let (from, to) = (self.listed(from), self.listed(to));
        move |population| {
            let place = from
                .iter()
                .position(|known| self.find(*known) == population)?;
            spend(place / 16);
            to.get(place).map(|input| self.find(*input))
        }
    }

    fn listed(&self, relation: RelId) -> &[PrivateInput] {
        self.inputs
            .get(relation.0 as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// Returns the inputs behind a relation, each once.
    fn behind(&self, relation: RelId) -> Vec<PrivateInput> {
        let mut behind: Vec<PrivateInput> = Vec::new();
        for input in self.listed(relation) {
            let input = self.find(*input);
            spend(behind.len() / 16);
            if !behind.contains(&input) {
                behind.push(input);
            }
        }
        behind
    }

    fn fresh(&mut self, scan: Option<RelId>) -> PrivateInput {
        let next = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        self.parents.push(next);
        self.scans.push(scan);
        PrivateInput(next)
    }

    /// Creates a new input for each input of another relation.
    fn copied(&mut self, of: RelId) -> Vec<PrivateInput> {
        self.behind(of)
            .into_iter()
            .map(|input| {
                let scan = self.scan_of(input);
                self.fresh(scan)
            })
            .collect()
    }

    fn unit(&self, column: ColId) -> Option<PrivateInput> {
        self.units
            .get(column.0 as usize)
            .copied()
            .flatten()
            .map(|input| self.find(input))
    }

    fn set_unit(&mut self, column: ColId, unit: Option<PrivateInput>) {
        if let Some(known) = self.units.get_mut(column.0 as usize) {
            *known = unit;
        }
    }

    fn inputs_of(&mut self, plan: &Plan, database: &Database, id: RelId) -> Vec<PrivateInput> {
        match &plan.relation(id).operator {
            Operator::Scan(table) => {
                let known = database.table(&table.name.to_string());
                let Some((known, unit)) = known.and_then(|table| Some((table, table.unit?))) else {
                    return Vec::new();
                };
                let input = self.fresh(Some(id));
                let name = known.columns.get(unit);
                for (column, called) in &table.columns {
                    if name.is_some_and(|name| name.eq_ignore_ascii_case(called)) {
                        self.set_unit(*column, Some(input));
                    }
                }
                vec![input]
            }
            Operator::Rows(_) | Operator::Model { .. } | Operator::Opaque { .. } => Vec::new(),
            Operator::Filter { input, predicate } => {
                self.unite_equated_units(predicate);
                self.behind(*input)
            }
            Operator::Project { input, columns } => {
                let mut inputs = self.behind(*input);
                for (column, expr) in columns {
                    self.set_unit(*column, expr.as_column().and_then(|from| self.unit(from)));
                    self.beside(expr, &mut inputs);
                }
                inputs
            }
            Operator::Aggregate(aggregate) => {
                let mut inputs = self.behind(aggregate.input);
                for key in &aggregate.keys {
                    let unit = key.expr.as_column().and_then(|from| self.unit(from));
                    self.set_unit(key.column, unit);
                    self.beside(&key.expr, &mut inputs);
                }
                for (_, call) in &aggregate.aggregates {
                    for expr in call.expressions() {
                        self.beside(expr, &mut inputs);
                    }
                }
                inputs
            }
            Operator::Window { input, windows } => {
                let mut inputs = self.behind(*input);
                for (_, window) in windows {
                    for expr in window.call.expressions() {
                        self.beside(expr, &mut inputs);
                    }
                }
                inputs
            }
            Operator::Sort { input, .. } | Operator::Limit { input, .. } => self.behind(*input),
            Operator::Unnest { input, array, .. } => {
                let mut inputs = input.map(|input| self.behind(input)).unwrap_or_default();
                self.beside(array, &mut inputs);
                inputs
            }
            Operator::Join {
                kind,
                left,
                right,
                condition,
                correlated: _,
                merged,
            } => {
                if matches!(kind, JoinKind::Semi | JoinKind::Anti) {
                    return self.behind(*left);
                }
                if let Some(condition) = condition {
                    self.unite_equated_units(condition);
                }
                for (column, mine, theirs) in merged {
                    self.unite_units(*mine, *theirs);
                    let (mine, theirs) = (self.unit(*mine), self.unit(*theirs));
                    let unit = match kind {
                        JoinKind::Right => theirs,
                        JoinKind::Full => mine.filter(|_| mine == theirs),
                        JoinKind::Inner
                        | JoinKind::Cross
                        | JoinKind::Left
                        | JoinKind::Semi
                        | JoinKind::Anti => mine,
                    };
                    self.set_unit(*column, unit);
                }
                let mut inputs = self.behind(*left);
                inputs.extend(self.behind(*right));
                inputs
            }
            Operator::SetOperation { operator, inputs } => {
                let first = inputs.first().map(|(input, _)| self.behind(*input));
                if !matches!(operator, crate::plan::SetOperator::Union) {
                    return first.unwrap_or_default();
                }
                let lists: Vec<Vec<PrivateInput>> = inputs
                    .iter()
                    .map(|(input, _)| self.behind(*input))
                    .collect();
                let length = lists.iter().map(Vec::len).max().unwrap_or(0);
                let outputs: Vec<PrivateInput> = (0..length)
                    .map(|at| {
                        let scan = lists.iter().find_map(|list| self.scan_of(*list.get(at)?));
                        self.fresh(scan)
                    })
                    .collect();
                for (at, column) in plan.relation(id).columns.iter().enumerate() {
                    let mut places = inputs.iter().zip(&lists).map(|((_, feeds), list)| {
                        let unit = self.unit(feeds.get(at).copied().flatten()?)?;
                        list.iter().position(|input| *input == unit)
                    });
                    let place = places.next().flatten();
                    let everywhere = place.is_some() && places.all(|other| other == place);
                    let unit = place.filter(|_| everywhere).and_then(|at| outputs.get(at));
                    let unit = unit.copied();
                    self.set_unit(*column, unit);
                }
                outputs
            }
            Operator::Reader { of, columns } => self.copy(*of, columns),
            Operator::Loop { columns, anchor } => self.copy(*anchor, columns),
            Operator::Recursion { anchor, step, .. } => {
                let longer = if self.behind(*anchor).len() < self.behind(*step).len() {
                    *step
                } else {
                    *anchor
                };
                self.copied(longer)
            }
        }
    }

    fn copy(&mut self, of: RelId, columns: &[(ColId, ColId)]) -> Vec<PrivateInput> {
        let (before, copies) = (self.behind(of), self.copied(of));
        for (copy, original) in columns {
            let unit = self.unit(*original).and_then(|unit| {
                let place = before.iter().position(|input| *input == unit)?;
                copies.get(place).copied()
            });
            self.set_unit(*copy, unit);
        }
        copies
    }

    /// Adds the inputs of subqueries whose rows contribute to a row.
    fn beside(&self, expr: &Expr, inputs: &mut Vec<PrivateInput>) {
        expr.walk(&mut |part| {
            if let ExprKind::Subquery(subquery) = &part.kind {
                inputs.extend(self.behind(subquery.relation));
            }
        });
    }

    /// Unites the inputs of two identifiers that a condition equates.
    fn unite_equated_units(&mut self, condition: &Expr) {
        let mut open = vec![condition];
        while let Some(part) = open.pop() {
            match &part.kind {
                ExprKind::And(parts) => open.extend(parts),
                ExprKind::Compare(Comparison::Eq | Comparison::Same, left, right) => {
                    if let (Some(left), Some(right)) = (left.as_column(), right.as_column()) {
                        self.unite_units(left, right);
                    }
                }
                _ => {}
            }
        }
    }

    fn unite_units(&mut self, left: ColId, right: ColId) {
        if let (true, Some(left), Some(right)) = (self.joined, self.unit(left), self.unit(right))
            && left != right
            && let Some(parent) = self.parents.get_mut(right.0 as usize)
        {
            *parent = left.0;
        }
    }

    fn dependencies(&mut self, plan: &Plan, id: RelId) {
        let relation = plan.relation(id);
        let operator = &relation.operator;
        let inputs = operator.inputs();
        let mut visible: HashSet<ColId> = HashSet::new();
        let mut loops: HashSet<RelId> = HashSet::new();
        for input in &inputs {
            visible.extend(self.columns(*input).iter());
            loops.extend(self.loops.get(input.0 as usize).into_iter().flatten());
        }
        let mut free: HashSet<ColId> = HashSet::new();
        for input in &inputs {
            free.extend(self.free.get(input.0 as usize).into_iter().flatten());
        }
        if let Operator::Join {
            left,
            correlated: true,
            ..
        } = operator
        {
            for column in self.columns(*left).iter() {
                free.remove(column);
            }
        }
        // ORDER BY may read columns that the SELECT list omits. A key that it cannot
        // read does not sort.
        let expressions = match operator {
            Operator::Sort { .. } => Vec::new(),
            other => other.expressions(),
        };
        for expr in expressions {
            expr.walk(&mut |part| match &part.kind {
                ExprKind::Column(column) if !visible.contains(column) => {
                    free.insert(*column);
                }
                ExprKind::Subquery(subquery) => {
                    let at = subquery.relation.0 as usize;
                    let inside = self.free.get(at).into_iter().flatten();
                    free.extend(inside.filter(|column| !visible.contains(column)));
                    loops.extend(self.loops.get(at).into_iter().flatten());
                }
                _ => {}
            });
        }
        match operator {
            Operator::Loop { anchor, .. } => {
                loops.insert(*anchor);
            }
            Operator::Recursion { anchor, .. } => {
                loops.remove(anchor);
            }
            _ => {}
        }
        self.open.push(!free.is_empty() || !loops.is_empty());
        self.free.push(free);
        self.loops.push(loops);
    }
}
