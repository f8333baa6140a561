//! The base columns of each column, and of the rows of each relation.
//!
//! They are computed in one pass over the plan, inputs first.

use std::rc::Rc;

use super::inputs::{BaseColumnNames, BaseColumnSet};
use super::{ANY_COLUMN, FlowKind, Input, Inputs};
use crate::plan::functions::{AggregateClass, FunctionClass, FunctionInfo, ScalarClass};
use crate::plan::{
    Aggregate, AggregateCall, ColId, Expr, ExprKind, JoinKind, Operator, Plan, RelId, SetOperator,
    Subquery, SubqueryKind, member, one_of, only_star,
};

/// The base columns that contribute to a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ColumnFlow {
    pub(super) set: BaseColumnSet,
    /// The base columns that the value copies unchanged.
    ///
    /// A field of the value is a field of these.
    bases: Vec<u32>,
    /// The fields of a struct, or of the structs in an array, that the query
    /// creates.
    fields: Vec<(String, Rc<ColumnFlow>)>,
}

impl ColumnFlow {
    fn base(id: u32) -> Self {
        Self {
            set: BaseColumnSet::of(id),
            bases: vec![id],
            fields: Vec::new(),
        }
    }

    /// Adds base columns that contribute through a step.
    fn add(&mut self, other: &BaseColumnSet, kind: FlowKind, masking: bool) {
        self.set.add(other, kind, masking);
    }

    /// Returns the value that may be any of several values.
    fn one_of(values: impl IntoIterator<Item = Rc<Self>>) -> Self {
        let mut values = values.into_iter();
        let mut all = values
            .next()
            .map_or_else(Self::default, Rc::unwrap_or_clone);
        for value in values {
            all.or(&value);
        }
        all
    }

    /// Makes the value either itself or another one.
    ///
    /// The result is a copy of a base column if both are, and keeps the fields that
    /// both have.
    fn or(&mut self, other: &Self) {
        self.add(&other.set, FlowKind::Identity, false);
        one_of(&mut self.bases, &other.bases);
        if self.fields.is_empty() {
            self.fields.clone_from(&other.fields);
            return;
        }
        for (at, (name, value)) in self.fields.iter_mut().enumerate() {
            let same = |(known, _): &&(String, Rc<ColumnFlow>)| known.eq_ignore_ascii_case(name);
            let here = other.fields.get(at).filter(same);
            if let Some((_, theirs)) = here.or_else(|| other.fields.iter().find(same)) {
                Rc::make_mut(value).or(theirs);
            }
        }
    }

    /// Generalizes the value to any round of a recursion.
    ///
    /// A round may select a field of the value of the previous round, and so on, so
    /// the value is no longer an unchanged base column.
    fn generalize_rounds(&mut self) {
        self.bases.clear();
        for (_, field) in &mut self.fields {
            Rc::make_mut(field).generalize_rounds();
        }
    }

    /// Adds conditions that decide about the value, and thus about each of its
    /// fields.
    fn decided_by(&mut self, conditions: &BaseColumnSet) {
        self.add(conditions, FlowKind::Conditional, false);
        for (_, field) in &mut self.fields {
            Rc::make_mut(field).decided_by(conditions);
        }
    }
}

/// The values of all columns, and what decides about the rows of all relations.
pub(super) struct Flow<'p> {
    plan: &'p Plan,
    names: BaseColumnNames,
    columns: Vec<Rc<ColumnFlow>>,
    rows: Vec<Rc<BaseColumnSet>>,
}

impl<'p> Flow<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let mut flow = Self {
            plan,
            names: BaseColumnNames::default(),
            columns: vec![Rc::default(); plan.column_count()],
            rows: Vec::with_capacity(plan.relation_count()),
        };
        for (id, relation) in plan.relations() {
            let rows = flow.relation(id, &relation.operator);
            flow.rows.push(rows);
        }
        flow
    }

    pub(super) fn column(&self, id: ColId) -> &ColumnFlow {
        &self.columns[id.0 as usize]
    }

    pub(super) fn inputs(&self, set: &BaseColumnSet) -> Inputs {
        self.names.inputs(set)
    }

    /// Returns the base columns of a set.
    pub(super) fn columns_of(&self, set: &BaseColumnSet) -> impl Iterator<Item = &Input> {
        set.ids().map(|id| self.names.get(id))
    }

    /// Returns the base columns that decide which rows a relation has.
    pub(super) fn rows(&self, id: RelId) -> &BaseColumnSet {
        &self.rows[id.0 as usize]
    }

    fn set(&mut self, id: ColId, value: ColumnFlow) {
        self.columns[id.0 as usize] = Rc::new(value);
    }

    fn copy(&mut self, to: ColId, from: ColId) {
        self.columns[to.0 as usize] = Rc::clone(&self.columns[from.0 as usize]);
    }

    fn relation(&mut self, id: RelId, operator: &Operator) -> Rc<BaseColumnSet> {
        match operator {
            Operator::Scan(table) => {
                let name = table.name.to_string();
                let named = table.columns.iter().cloned();
                let rest = table.rest.map(|rest| (rest, ANY_COLUMN.to_owned()));
                for (column, field) in named.chain(rest) {
                    let table = name.clone();
                    let id = self.names.number(Input { table, field });
                    self.set(column, ColumnFlow::base(id));
                }
                Rc::default()
            }
            Operator::Rows(rows) => {
                let columns = &self.plan.relation(id).columns;
                for (at, column) in columns.iter().enumerate() {
                    let values = rows.iter().filter_map(|row| row.get(at));
                    let all = ColumnFlow::one_of(values.map(|value| self.value(value)));
                    self.set(*column, all);
                }
                Rc::default()
            }
            Operator::Filter { input, predicate } => {
                self.deciding(*input, [predicate], FlowKind::Filter)
            }
            Operator::Project { input, columns } => {
                for (column, expr) in columns {
                    let value = self.value(expr);
                    self.columns[column.0 as usize] = value;
                }
                Rc::clone(&self.rows[input.0 as usize])
            }
            Operator::Aggregate(aggregate) => self.aggregate(aggregate),
            Operator::Window { input, windows } => {
                for (column, window) in windows {
                    let mut value = self.call(&window.call);
                    for part in window.partition_by.iter().chain(&window.order_by) {
                        let part = self.value(part);
                        value.add(&part.set, FlowKind::Window, false);
                    }
                    self.set(*column, value);
                }
                Rc::clone(&self.rows[input.0 as usize])
            }
            Operator::Join {
                kind,
                left,
                right,
                condition,
                correlated: _,
                merged,
            } => {
                let mut rows = self.rows(*left).clone();
                rows.add(self.rows(*right), FlowKind::Identity, false);
                let how = match kind {
                    JoinKind::Semi | JoinKind::Anti => FlowKind::Filter,
                    JoinKind::Inner
                    | JoinKind::Cross
                    | JoinKind::Left
                    | JoinKind::Right
                    | JoinKind::Full => FlowKind::Join,
                };
                if let Some(condition) = condition {
                    let condition = self.value(condition);
                    rows.add(&condition.set, how, false);
                }
                for (column, left, right) in merged {
                    let (mut value, right) = (self.column(*left).clone(), self.column(*right));
                    rows.add(&value.set, how, false);
                    rows.add(&right.set, how, false);
                    value.or(right);
                    self.set(*column, value);
                }
                Rc::new(rows)
            }
            Operator::Unnest {
                input,
                array,
                element,
                offset,
                outer: _,
            } => {
                let value = self.value(array);
                let mut rows = match input {
                    Some(input) => self.rows(*input).clone(),
                    None => BaseColumnSet::default(),
                };
                // Each member of the array creates a row.
                rows.add(&value.set, FlowKind::Join, false);
                if let Some(offset) = offset {
                    let mut place = ColumnFlow::default();
                    place.add(&value.set, FlowKind::Transformation, true);
                    self.set(*offset, place);
                }
                self.columns[element.0 as usize] = value;
                Rc::new(rows)
            }
            Operator::SetOperation { operator, inputs } => {
                self.set_operation(id, *operator, inputs)
            }
            Operator::Sort { input, by } => self.deciding(*input, by, FlowKind::Sort),
            Operator::Limit { input, .. } => Rc::clone(&self.rows[input.0 as usize]),
            Operator::Reader { of, columns } => {
                for (new, original) in columns {
                    self.copy(*new, *original);
                }
                Rc::clone(&self.rows[of.0 as usize])
            }
            Operator::Loop { columns, anchor } => {
                for (new, original) in columns {
                    let mut value = self.column(*original).clone();
                    value.generalize_rounds();
                    self.set(*new, value);
                }
                Rc::clone(&self.rows[anchor.0 as usize])
            }
            Operator::Recursion {
                anchor,
                step,
                columns,
            } => self.recursion(*anchor, *step, columns),
            Operator::Model { inputs, .. } => self.opaque(id, inputs, &[]),
            Operator::Opaque { inputs, reads, .. } => self.opaque(id, inputs, reads),
        }
    }

    /// Returns the rows of an input, with expressions that decide about them.
    fn deciding<'e>(
        &mut self,
        input: RelId,
        exprs: impl IntoIterator<Item = &'e Expr>,
        kind: FlowKind,
    ) -> Rc<BaseColumnSet> {
        let mut rows = self.rows(input).clone();
        for expr in exprs {
            rows.add(&self.value(expr).set, kind, false);
        }
        Rc::new(rows)
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Rc<BaseColumnSet> {
        let mut rows = self.rows(aggregate.input).clone();
        for key in &aggregate.keys {
            let value = self.value(&key.expr);
            rows.add(&value.set, FlowKind::GroupBy, false);
            self.columns[key.column.0 as usize] = value;
        }
        for (column, call) in &aggregate.aggregates {
            let value = self.call(call);
            self.set(*column, value);
        }
        Rc::new(rows)
    }

    fn set_operation(
        &mut self,
        id: RelId,
        operator: SetOperator,
        inputs: &[(RelId, Vec<Option<ColId>>)],
    ) -> Rc<BaseColumnSet> {
        let mut rows = BaseColumnSet::default();
        for (input, _) in inputs {
            rows.add(self.rows(*input), FlowKind::Identity, false);
        }
        let columns = &self.plan.relation(id).columns;
        for (at, column) in columns.iter().enumerate() {
            let mut all: Option<ColumnFlow> = None;
            for (arm, (_, from)) in inputs.iter().enumerate() {
                let Some(from) = from.get(at).copied().flatten() else {
                    continue;
                };
                let value = self.column(from);
                if operator != SetOperator::Union && arm > 0 {
                    // INTERSECT and EXCEPT only compare with this arm.
                    rows.add(&value.set, FlowKind::Filter, false);
                    continue;
                }
                match &mut all {
                    Some(all) => all.or(value),
                    None => all = Some(value.clone()),
                }
            }
            self.set(*column, all.unwrap_or_default());
        }
        Rc::new(rows)
    }

    /// Computes the fixed point of a recursion.
    ///
    /// It terminates because the sets only grow, and there are finitely many base
    /// columns and fields.
    fn recursion(
        &mut self,
        anchor: RelId,
        step: RelId,
        columns: &[(ColId, ColId, ColId)],
    ) -> Rc<BaseColumnSet> {
        let plan = self.plan;
        let (first, last) = (anchor.0 as usize + 1, step.0 as usize + 1);
        loop {
            let mut grown = false;
            for (new, before, next) in columns {
                let mut value = self.column(*before).clone();
                if self.column(*next) != &value {
                    value.or(self.column(*next));
                }
                value.generalize_rounds();
                // The next round reads this column where the first round reads the
                // anchor.
                if *self.column(*new) != value {
                    grown = true;
                    self.set(*new, value);
                }
            }
            if !grown {
                break;
            }
            for (id, relation) in plan.relations().take(last).skip(first) {
                if let Operator::Loop {
                    columns: read,
                    anchor: of,
                } = &relation.operator
                    && *of == anchor
                {
                    for (inner, original) in read {
                        let out = columns.iter().find(|(_, before, _)| before == original);
                        self.copy(*inner, out.map_or(*original, |(new, ..)| *new));
                    }
                    continue;
                }
                let rows = self.relation(id, &relation.operator);
                self.rows[id.0 as usize] = rows;
            }
        }
        let mut rows = self.rows(anchor).clone();
        rows.add(self.rows(step), FlowKind::Identity, false);
        Rc::new(rows)
    }

    /// Every output column may derive from every input column.
    fn opaque(&mut self, id: RelId, inputs: &[RelId], reads: &[Expr]) -> Rc<BaseColumnSet> {
        let plan = self.plan;
        let mut value = ColumnFlow::default();
        let mut rows = BaseColumnSet::default();
        for input in inputs {
            rows.add(self.rows(*input), FlowKind::Identity, false);
            for column in &plan.relation(*input).columns {
                let part = &self.column(*column).set;
                value.add(part, FlowKind::Transformation, false);
            }
        }
        for expr in reads {
            let part = self.value(expr);
            value.add(&part.set, FlowKind::Transformation, false);
        }
        rows.add(&value.set, FlowKind::Filter, false);
        for column in &plan.relation(id).columns {
            self.set(*column, value.clone());
        }
        Rc::new(rows)
    }

    fn call(&mut self, call: &AggregateCall) -> ColumnFlow {
        let aggregates = matches!(class(call.info), Some(FunctionClass::Aggregate(_)) | None);
        let counts = matches!(
            class(call.info),
            Some(FunctionClass::Aggregate(
                AggregateClass::Count | AggregateClass::CountIf | AggregateClass::ApproxCount
            ))
        );
        let kind = if aggregates {
            FlowKind::Aggregation
        } else {
            FlowKind::Transformation
        };
        let mut value = ColumnFlow::default();
        for arg in &call.args {
            let arg = self.value(arg);
            value.add(&arg.set, kind, counts);
            if value.fields.is_empty() {
                value.fields = aggregate_fields(&arg.fields, kind);
            }
        }
        for part in call
            .filter
            .iter()
            .chain(&call.decided_by)
            .chain(&call.limit)
        {
            let part = self.value(part);
            value.decided_by(&part.set);
        }
        value
    }

    /// Returns the base columns of an expression.
    pub(super) fn value(&mut self, expr: &Expr) -> Rc<ColumnFlow> {
        let mut all = ColumnFlow::default();
        if let Some((document, names)) = member(expr) {
            let mut value = self.value(document);
            let known = !value.bases.is_empty() || !value.fields.is_empty();
            if !known && is_element_of(expr, document) {
                return value;
            }
            for name in names.iter().filter(|_| known) {
                value = self.field(&value, name);
            }
            all.add(&value.set, FlowKind::Transformation, false);
            return Rc::new(all);
        }
        match &expr.kind {
            ExprKind::Column(column) => return Rc::clone(&self.columns[column.0 as usize]),
            ExprKind::Literal(_)
            | ExprKind::Parameter(_)
            | ExprKind::Variable(_)
            | ExprKind::Unknown(_) => {}
            ExprKind::Field(base, name) => {
                let base = self.value(base);
                return self.field(&base, name);
            }
            ExprKind::Element(base, index) => {
                all = (*self.value(base)).clone();
                let index = self.value(index);
                all.decided_by(&index.set);
            }
            ExprKind::Struct(fields) => {
                for (name, value) in fields {
                    let value = self.value(value);
                    all.add(&value.set, FlowKind::Identity, false);
                    all.fields.push((name.clone().unwrap_or_default(), value));
                }
            }
            ExprKind::Array(items) | ExprKind::Either(items) => {
                all = ColumnFlow::one_of(items.iter().map(|item| self.value(item)));
            }
            ExprKind::Case(case) => {
                let mut conditions = BaseColumnSet::default();
                for (condition, _) in &case.branches {
                    conditions.add(&self.value(condition).set, FlowKind::Conditional, false);
                }
                let values = case.branches.iter().map(|(_, value)| value);
                let values = values.chain(&case.otherwise);
                let some = values.filter(|value| !value.is_null());
                all = ColumnFlow::one_of(some.map(|value| self.value(value)));
                all.decided_by(&conditions);
            }
            ExprKind::Subquery(subquery) => return Rc::new(self.subquery(subquery)),
            ExprKind::Call { info, .. } => {
                let masking = matches!(
                    class(*info),
                    Some(FunctionClass::Scalar(
                        ScalarClass::Hash | ScalarClass::KeyedHash
                    ))
                );
                self.computed(expr, masking, &mut all);
            }
            ExprKind::Cast { .. }
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::InList { .. }
            | ExprKind::IsNull(_)
            | ExprKind::Lambda(..) => self.computed(expr, false, &mut all),
        }
        Rc::new(all)
    }

    fn computed(&mut self, expr: &Expr, masking: bool, all: &mut ColumnFlow) {
        for child in expr.children() {
            let child = self.value(child);
            all.add(&child.set, FlowKind::Transformation, masking);
        }
    }

    fn field(&mut self, base: &Rc<ColumnFlow>, name: &str) -> Rc<ColumnFlow> {
        let known = base
            .fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some((_, value)) = known {
            return Rc::clone(value);
        }
        if let Some(star) = only_star(&base.fields)
            && !star.bases.is_empty()
            && star
                .bases
                .iter()
                .all(|base| self.names.get(*base).field != ANY_COLUMN)
        {
            // The struct contains all fields of a base column.
            return self.field(star, name);
        }
        if base.bases.is_empty() {
            return Rc::clone(base);
        }
        let mut value = ColumnFlow::one_of(base.bases.iter().map(|whole| {
            let Input { table, field } = self.names.get(*whole).clone();
            let field = format!("{field}.{name}");
            Rc::new(ColumnFlow::base(self.names.number(Input { table, field })))
        }));
        // Whatever decides about a record decides about its fields.
        value.add(&base.set.deciding(), FlowKind::Identity, false);
        Rc::new(value)
    }

    fn subquery(&mut self, subquery: &Subquery) -> ColumnFlow {
        let mut all = ColumnFlow::default();
        all.add(self.rows(subquery.relation), FlowKind::Filter, false);
        let columns = &self.plan.relation(subquery.relation).columns;
        for column in columns {
            let value = &self.columns[column.0 as usize];
            match &subquery.kind {
                SubqueryKind::Scalar | SubqueryKind::Array => {
                    all.add(&value.set, FlowKind::Identity, false);
                    if let [_] = columns.as_slice() {
                        all.fields.clone_from(&value.fields);
                    }
                }
                SubqueryKind::In(_) => all.add(&value.set, FlowKind::Filter, false),
                SubqueryKind::Exists => {}
            }
        }
        if let SubqueryKind::In(value) = &subquery.kind {
            let value = self.value(value);
            all.add(&value.set, FlowKind::Transformation, false);
        }
        all
    }
}

/// Returns the fields of a struct after the aggregation of such structs.
fn aggregate_fields(
    fields: &[(String, Rc<ColumnFlow>)],
    kind: FlowKind,
) -> Vec<(String, Rc<ColumnFlow>)> {
    let of_one = |value: &ColumnFlow| {
        let mut field = ColumnFlow::default();
        field.add(&value.set, kind, false);
        field.fields = aggregate_fields(&value.fields, kind);
        Rc::new(field)
    };
    let named = fields.iter();
    named
        .map(|(name, value)| (name.clone(), of_one(value)))
        .collect()
}

/// Whether `expr` is an element of the array `of` itself.
fn is_element_of(expr: &Expr, of: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Element(base, _) if std::ptr::eq(&**base, of))
}

fn class(info: Option<&FunctionInfo>) -> Option<FunctionClass> {
    info.map(|info| info.class)
}
