//! The steps by which a column derives, as places in the query.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::flow::Flow;
use super::{ANY_COLUMN, Input, RowCondition, Step, StepKind};
use crate::plan::{
    AggregateCall, ColId, Expr, ExprKind, Operator, Plan, RelId, SetOperator, SubqueryKind,
};
use crate::source::Span;

/// The definition of a column.
#[derive(Clone)]
enum Origin<'p> {
    Base(Input),
    Expression(&'p Expr),
    Call {
        call: &'p AggregateCall,
        /// PARTITION BY and ORDER BY of a window.
        over: Vec<&'p Expr>,
    },
    /// The same value under other ids; a keyword combines several of them.
    Copies(&'static str, Span, Vec<ColId>),
    Constants(Vec<&'p Expr>),
    Member(&'p Expr),
    Opaque {
        why: String,
        of: Vec<ColId>,
        reads: &'p [Expr],
    },
    /// A parameter of a function literal.
    Nothing,
}

/// The definitions of all columns of a plan.
pub(super) struct Origins<'p> {
    plan: &'p Plan,
    columns: Vec<Origin<'p>>,
    /// The original of each column that is a copy, through all steps; otherwise
    /// itself.
    originals: Vec<ColId>,
}

impl<'p> Origins<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let mut origins = Self {
            plan,
            columns: vec![Origin::Nothing; plan.column_count()],
            originals: (0..).map(ColId).take(plan.column_count()).collect(),
        };
        for (id, _) in plan.relations() {
            origins.relation(id);
        }
        origins
    }

    fn set(&mut self, column: ColId, origin: Origin<'p>) {
        // The columns that it copies were defined earlier.
        let original = match &origin {
            Origin::Expression(expr) => expr.as_column().map(|of| self.original(of)),
            Origin::Copies(_, _, of) => {
                // Both may be copies of one column, for example in two runs of one
                // statement.
                let mut originals = of.iter().map(|one| self.original(*one));
                let first = originals.next();
                first.filter(|first| originals.all(|one| one == *first))
            }
            Origin::Base(_)
            | Origin::Call { .. }
            | Origin::Constants(_)
            | Origin::Member(_)
            | Origin::Opaque { .. }
            | Origin::Nothing => None,
        };
        self.originals[column.0 as usize] = original.unwrap_or(column);
        self.columns[column.0 as usize] = origin;
    }

    fn relation(&mut self, id: RelId) {
        let plan = self.plan;
        let relation = plan.relation(id);
        let (word, span) = (relation.origin.word, relation.origin.span);
        match &relation.operator {
            Operator::Scan(table) => {
                let named = table.columns.iter().cloned();
                let rest = table.rest.map(|rest| (rest, ANY_COLUMN.to_owned()));
                for (column, field) in named.chain(rest) {
                    let table = table.name.to_string();
                    self.set(column, Origin::Base(Input { table, field }));
                }
            }
            Operator::Rows(rows) => {
                for (at, column) in relation.columns.iter().enumerate() {
                    let values = rows.iter().filter_map(|row| row.get(at)).collect();
                    self.set(*column, Origin::Constants(values));
                }
            }
            Operator::Project { columns, .. } => {
                for (column, expr) in columns {
                    self.set(*column, Origin::Expression(expr));
                }
            }
            Operator::Aggregate(aggregate) => {
                for key in &aggregate.keys {
                    self.set(key.column, Origin::Expression(&key.expr));
                }
                for (column, call) in &aggregate.aggregates {
                    let over = Vec::new();
                    self.set(*column, Origin::Call { call, over });
                }
            }
            Operator::Window { windows, .. } => {
                for (column, window) in windows {
                    let call = &window.call;
                    let over = window.partition_by.iter().chain(&window.order_by).collect();
                    self.set(*column, Origin::Call { call, over });
                }
            }
            Operator::Join { merged, .. } => {
                for (column, left, right) in merged {
                    self.set(*column, Origin::Copies("USING", span, vec![*left, *right]));
                }
            }
            Operator::Unnest {
                array,
                element,
                offset,
                ..
            } => {
                self.set(*element, Origin::Member(array));
                if let Some(offset) = offset {
                    self.set(*offset, Origin::Member(array));
                }
            }
            Operator::SetOperation { operator, inputs } => {
                for (at, column) in relation.columns.iter().enumerate() {
                    let arms = match operator {
                        SetOperator::Union => inputs.as_slice(),
                        // INTERSECT and EXCEPT only compare with the other arms.
                        SetOperator::Intersect | SetOperator::Except => &inputs[..1],
                    };
                    let from = arms
                        .iter()
                        .filter_map(|(_, from)| from.get(at).copied().flatten())
                        .collect();
                    self.set(*column, Origin::Copies(word, span, from));
                }
            }
            Operator::Reader { columns, .. } | Operator::Loop { columns, .. } => {
                for (new, original) in columns {
                    self.set(*new, Origin::Copies(word, span, vec![*original]));
                }
            }
            Operator::Recursion { columns, .. } => {
                for (new, first, next) in columns {
                    self.set(*new, Origin::Copies(word, span, vec![*first, *next]));
                }
            }
            Operator::Model { function, inputs } => {
                let why = format!("{function} makes it");
                self.opaque(&relation.columns, why, inputs, &[]);
            }
            Operator::Opaque { inputs, reads, why } => {
                self.opaque(&relation.columns, why.clone(), inputs, reads);
            }
            Operator::Filter { .. } | Operator::Sort { .. } | Operator::Limit { .. } => {}
        }
    }

    fn opaque(&mut self, columns: &[ColId], why: String, inputs: &[RelId], reads: &'p [Expr]) {
        let of: Vec<ColId> = inputs
            .iter()
            .flat_map(|input| self.plan.relation(*input).columns.iter().copied())
            .collect();
        for column in columns {
            let (why, of) = (why.clone(), of.clone());
            self.set(*column, Origin::Opaque { why, of, reads });
        }
    }

    /// Returns the steps by which a column derives.
    pub(super) fn steps(&self, column: ColId) -> Vec<Step<Span>> {
        let mut walk = Walk {
            origins: self,
            visited: FxHashSet::default(),
        };
        walk.column(column, false)
    }

    /// Returns the base column that an expression copies unchanged.
    fn base(&self, expr: &Expr) -> Option<Input> {
        match &expr.kind {
            ExprKind::Column(column) => self.base_of(*column),
            ExprKind::Field(inner, name) => {
                let Input { table, field } = self.base(inner)?;
                let field = format!("{field}.{name}");
                Some(Input { table, field })
            }
            _ => None,
        }
    }

    fn base_of(&self, column: ColId) -> Option<Input> {
        match &self.columns[self.original(column).0 as usize] {
            Origin::Base(input) => Some(input.clone()),
            Origin::Expression(expr) | Origin::Member(expr) => self.base(expr),
            Origin::Copies(..)
            | Origin::Call { .. }
            | Origin::Constants(_)
            | Origin::Opaque { .. }
            | Origin::Nothing => None,
        }
    }

    /// Returns the original of a column that is a copy; otherwise the column itself.
    fn original(&self, column: ColId) -> ColId {
        self.originals[column.0 as usize]
    }
}

/// The traversal of the tree of one column.
struct Walk<'o, 'p> {
    origins: &'o Origins<'p>,
    /// The columns whose parts were listed earlier.
    visited: FxHashSet<ColId>,
}

impl<'p> Walk<'_, 'p> {
    fn column(&mut self, column: ColId, decides: bool) -> Vec<Step<Span>> {
        if let Some(input) = self.origins.base_of(column) {
            return vec![leaf(StepKind::Base(input), decides)];
        }
        let origins = self.origins;
        let column = origins.original(column);
        let (what, parts) = match &origins.columns[column.0 as usize] {
            Origin::Expression(expr) => {
                if !self.visited.insert(column) {
                    return vec![leaf(StepKind::Repeated(expr.span), decides)];
                }
                (StepKind::Expression(expr.span), self.parts([*expr], false))
            }
            Origin::Call { call, over } => {
                if !self.visited.insert(column) {
                    return vec![leaf(StepKind::Repeated(call.span), decides)];
                }
                let mut parts = self.parts(&call.args, false);
                let deciding = call.filter.iter().chain(&call.decided_by);
                parts.extend(self.parts(deciding.chain(&call.limit), true));
                parts.extend(self.parts(over.iter().copied(), true));
                (StepKind::Expression(call.span), parts)
            }
            Origin::Copies(word, span, of) => {
                if !self.visited.insert(column) {
                    return vec![leaf(StepKind::Repeated(*span), decides)];
                }
                let mut parts: Vec<Step<Span>> = Vec::new();
                for one in of {
                    for part in self.column(*one, false) {
                        if !parts.contains(&part) {
                            parts.push(part);
                        }
                    }
                }
                (StepKind::Combined(word, *span), parts)
            }
            Origin::Constants(values) => {
                let steps = values
                    .iter()
                    .map(|value| leaf(StepKind::Expression(value.span), decides));
                return steps.collect();
            }
            Origin::Member(array) => {
                if !self.visited.insert(column) {
                    return vec![leaf(StepKind::Repeated(array.span), decides)];
                }
                (
                    StepKind::Expression(array.span),
                    self.parts([*array], false),
                )
            }
            Origin::Opaque { why, of, reads } => {
                if !self.visited.insert(column) {
                    return vec![leaf(StepKind::Unknown(why.clone()), decides)];
                }
                let mut parts = Vec::new();
                for one in of {
                    parts.extend(self.column(*one, false));
                }
                parts.extend(self.parts(*reads, false));
                (StepKind::Unknown(why.clone()), parts)
            }
            Origin::Base(_) | Origin::Nothing => return Vec::new(),
        };
        vec![Step {
            what,
            decides,
            parts,
        }]
    }

    /// Returns the steps of the columns in expressions, each once, in textual order.
    fn parts(
        &mut self,
        exprs: impl IntoIterator<Item = &'p Expr>,
        decides: bool,
    ) -> Vec<Step<Span>> {
        let mut found = Vec::new();
        for expr in exprs {
            self.part(expr, decides, &mut found);
        }
        found
    }

    fn part(&mut self, expr: &'p Expr, decides: bool, found: &mut Vec<Step<Span>>) {
        let mut add = |steps: Vec<Step<Span>>| {
            for step in steps {
                if !found.contains(&step) {
                    found.push(step);
                }
            }
        };
        if let Some(input) = self.origins.base(expr) {
            return add(vec![leaf(StepKind::Base(input), decides)]);
        }
        if let ExprKind::Field(base, name) = &expr.kind {
            return self.field(base, &mut vec![name], decides, found);
        }
        match &expr.kind {
            ExprKind::Column(column) => add(self.column(*column, decides)),
            ExprKind::Unknown(why) => add(vec![leaf(StepKind::Unknown(why.clone()), decides)]),
            ExprKind::Case(case) => {
                for (condition, value) in &case.branches {
                    self.part(condition, true, found);
                    self.part(value, decides, found);
                }
                if let Some(value) = &case.otherwise {
                    self.part(value, decides, found);
                }
            }
            ExprKind::Element(base, index) => {
                self.part(base, decides, found);
                self.part(index, true, found);
            }
            ExprKind::Subquery(subquery) => {
                let columns = &self.origins.plan.relation(subquery.relation).columns;
                let (values, looked_for) = match &subquery.kind {
                    SubqueryKind::Scalar | SubqueryKind::Array => (decides, None),
                    SubqueryKind::In(value) => (true, Some(value)),
                    SubqueryKind::Exists => return,
                };
                if let Some(value) = looked_for {
                    self.part(value, decides, found);
                }
                for column in columns {
                    for step in self.column(*column, values) {
                        if !found.contains(&step) {
                            found.push(step);
                        }
                    }
                }
            }
            _ => {
                for child in expr.children() {
                    self.part(child, decides, found);
                }
            }
        }
    }
}

impl<'p> Walk<'_, 'p> {
    /// Adds the steps of a field of a value.
    ///
    /// `path` contains the field names in reverse order: of `a.b.c`, `c` is first.
    /// Only the selected field of a struct that the query creates contributes.
    fn field(
        &mut self,
        base: &'p Expr,
        path: &mut Vec<&'p str>,
        decides: bool,
        found: &mut Vec<Step<Span>>,
    ) {
        if let Some(Input { table, mut field }) = self.origins.base(base) {
            for name in path.iter().rev() {
                field.push('.');
                field.push_str(name);
            }
            let step = leaf(StepKind::Base(Input { table, field }), decides);
            if !found.contains(&step) {
                found.push(step);
            }
            return;
        }
        match &base.kind {
            ExprKind::Field(inner, name) => {
                path.push(name);
                self.field(inner, path, decides, found);
                path.pop();
            }
            ExprKind::Column(column) => {
                let original = self.origins.original(*column);
                match self.origins.columns[original.0 as usize] {
                    Origin::Expression(next) | Origin::Member(next) => {
                        self.field(next, path, decides, found);
                    }
                    _ => self.part(base, decides, found),
                }
            }
            ExprKind::Struct(fields) => {
                let Some(name) = path.pop() else {
                    return self.part(base, decides, found);
                };
                let value = fields.iter().find_map(|(known, value)| {
                    let known = known.as_deref()?;
                    known.eq_ignore_ascii_case(name).then_some(value)
                });
                match value {
                    Some(value) if path.is_empty() => self.part(value, decides, found),
                    Some(value) => self.field(value, path, decides, found),
                    None => self.part(base, decides, found),
                }
                path.push(name);
            }
            ExprKind::Case(case) => {
                for (condition, value) in &case.branches {
                    self.part(condition, true, found);
                    self.field(value, path, decides, found);
                }
                if let Some(value) = &case.otherwise {
                    self.field(value, path, decides, found);
                }
            }
            ExprKind::Array(items) => {
                for item in items {
                    self.field(item, path, decides, found);
                }
            }
            _ => self.part(base, decides, found),
        }
    }
}

fn leaf(what: StepKind<Span>, decides: bool) -> Step<Span> {
    Step {
        what,
        decides,
        parts: Vec::new(),
    }
}

/// Returns the conditions and groupings below a relation, tables first.
pub(super) fn choices(plan: &Plan, flow: &mut Flow<'_>, root: RelId) -> Vec<RowCondition<Span>> {
    let mut choices: Vec<RowCondition<Span>> = Vec::new();
    for id in plan.below(root) {
        let relation = plan.relation(id);
        let exprs: Vec<&Expr> = match &relation.operator {
            Operator::Filter { predicate, .. } => vec![predicate],
            Operator::Join { condition, .. } => condition.iter().collect(),
            Operator::Aggregate(aggregate) => aggregate.keys.iter().map(|key| &key.expr).collect(),
            _ => continue,
        };
        let mut inputs: BTreeSet<Input> = BTreeSet::new();
        for expr in &exprs {
            let value = flow.value(expr);
            inputs.extend(flow.columns_of(&value.set).cloned());
        }
        if let Operator::Join { merged, .. } = &relation.operator {
            for (column, ..) in merged {
                inputs.extend(flow.columns_of(&flow.column(*column).set).cloned());
            }
        }
        let place = match &relation.operator {
            Operator::Filter { predicate, .. } => predicate.span,
            _ => relation.origin.span,
        };
        let choice = RowCondition {
            word: relation.origin.word,
            place,
            inputs,
        };
        // A condition on a parameter alone decides too, although it reads no base
        // column.
        if (!exprs.is_empty() || !choice.inputs.is_empty()) && !choices.contains(&choice) {
            choices.push(choice);
        }
    }
    choices
}
