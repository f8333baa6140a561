//! Guesses tables, columns, types and values worth trying from how a plan uses them.

use std::collections::BTreeMap;

use crate::budget::spend;
use crate::interpret::Value;
use crate::plan::{ColId, Expr, ExprKind, Literal, Operator, Plan, SubqueryKind};
use crate::registry::Registry;

/// The tables and parameters of a database.
pub(super) struct DatabaseShape {
    pub(super) tables: Vec<GuessedTable>,
    /// The values of parameters and variables, by name.
    pub(super) parameters: Vec<(String, Value)>,
}

/// A table that the plan reads.
pub(super) struct GuessedTable {
    pub(super) name: String,
    pub(super) columns: Vec<GuessedColumn>,
    /// The index of the column that identifies the person.
    pub(super) unit: Option<usize>,
    /// Unique keys, as indices of columns; only keys that are read completely.
    pub(super) keys: Vec<Vec<usize>>,
}

/// A column with the values that it may have.
pub(super) struct GuessedColumn {
    pub(super) name: String,
    pub(super) pool: Vec<Value>,
    pub(super) nullable: bool,
}

/// Name of the person's column if the query does not read it.
const UNREAD: &str = "(person)";

/// Guesses the tables that a plan reads; `None` if it reads none.
pub(super) fn tables(plan: &Plan, registry: &Registry) -> Option<DatabaseShape> {
    let mut uses = ColumnUses::of(plan);
    let mut tables: Vec<GuessedTable> = Vec::new();
    for (_, relation) in plan.relations() {
        let Operator::Scan(read) = &relation.operator else {
            continue;
        };
        let name = read.name.to_string();
        let entry = registry.table(&read.name);
        let at = match tables.iter().position(|known| known.name == name) {
            Some(at) => at,
            None => {
                tables.push(GuessedTable {
                    name: name.clone(),
                    columns: Vec::new(),
                    unit: None,
                    keys: Vec::new(),
                });
                tables.len() - 1
            }
        };
        let table = &mut tables[at];
        for (column, name) in &read.columns {
            spend(1 + table.columns.len() / 16);
            let nullable = !entry.is_some_and(|entry| {
                entry
                    .not_null
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name))
            });
            let pool = uses.pool(*column);
            match table
                .columns
                .iter_mut()
                .find(|known| known.name.eq_ignore_ascii_case(name))
            {
                // A column that is read twice may have the values of both uses.
                Some(known) => {
                    for value in pool {
                        spend(1 + known.pool.len() / 16);
                        if !known.pool.iter().any(|other| other.same(&value)) {
                            known.pool.push(value);
                        }
                    }
                }
                None => table.columns.push(GuessedColumn {
                    name: name.clone(),
                    pool,
                    nullable,
                }),
            }
        }
        if entry.is_some_and(|entry| entry.personal == Some(false)) {
            continue;
        }
        let named = entry.and_then(|entry| entry.unit_column.as_deref());
        let unit = table.columns.iter().position(|column| match named {
            Some(unit) => column.name.eq_ignore_ascii_case(unit),
            None => registry
                .column(Some(&read.name), &[&column.name])
                .and_then(|entry| registry.unit(entry.unit.as_deref()?))
                .is_some_and(|unit| unit.person),
        });
        table.unit = Some(unit.unwrap_or_else(|| {
            let known = table
                .columns
                .iter()
                .position(|column| column.name == UNREAD);
            known.unwrap_or_else(|| {
                table.columns.push(GuessedColumn {
                    name: UNREAD.to_owned(),
                    pool: Vec::new(),
                    nullable: false,
                });
                table.columns.len() - 1
            })
        }));
        let columns = &table.columns;
        table.keys = entry
            .map(|entry| entry.keys.as_slice())
            .unwrap_or_default()
            .iter()
            .filter_map(|key| {
                key.iter()
                    .map(|part| {
                        columns
                            .iter()
                            .position(|column| column.name.eq_ignore_ascii_case(part))
                    })
                    .collect()
            })
            .collect();
    }
    let parameters = uses.parameters();
    (!tables.is_empty()).then_some(DatabaseShape { tables, parameters })
}

/// How columns are used. Columns that are copies of one another form one class.
struct ColumnUses {
    parents: Vec<usize>,
    kinds: BTreeMap<usize, GuessedType>,
    pools: BTreeMap<usize, Vec<Value>>,
    compared: Vec<(String, ColId)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GuessedType {
    Number,
    Text,
    Truth,
    Date,
}

impl ColumnUses {
    fn of(plan: &Plan) -> Self {
        let mut uses = Self {
            parents: (0..plan.column_count()).collect(),
            kinds: BTreeMap::new(),
            pools: BTreeMap::new(),
            compared: Vec::new(),
        };
        for (_, relation) in plan.relations() {
            uses.copies(plan, relation);
        }
        for (_, relation) in plan.relations() {
            for expr in relation.operator.expressions() {
                expr.walk(&mut |part| uses.expression(plan, part));
            }
            uses.operator(&relation.operator);
        }
        uses
    }

    fn find(&self, column: ColId) -> usize {
        let mut at = column.0 as usize;
        while let Some(parent) = self.parents.get(at)
            && *parent != at
        {
            at = *parent;
        }
        at
    }

    fn join(&mut self, a: ColId, b: ColId) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(parent) = self.parents.get_mut(a) {
            *parent = b;
        }
    }

    fn join_expr(&mut self, column: ColId, expr: &Expr) {
        if let Some(other) = expr.as_column() {
            self.join(column, other);
        }
    }

    fn copies(&mut self, plan: &Plan, relation: &crate::plan::Relation) {
        match &relation.operator {
            Operator::Project { columns, .. } => {
                for (column, expr) in columns {
                    self.join_expr(*column, expr);
                }
            }
            Operator::Aggregate(aggregate) => {
                for key in &aggregate.keys {
                    self.join_expr(key.column, &key.expr);
                }
                for (column, call) in &aggregate.aggregates {
                    if let ("MIN" | "MAX" | "ANY_VALUE", Some(arg)) =
                        (call.name.as_str(), call.args.first())
                    {
                        self.join_expr(*column, arg);
                    }
                }
            }
            Operator::Reader { columns, .. } | Operator::Loop { columns, .. } => {
                for (copy, original) in columns {
                    self.join(*copy, *original);
                }
            }
            Operator::Recursion { columns, .. } => {
                for (out, first, next) in columns {
                    self.join(*out, *first);
                    self.join(*next, *first);
                }
            }
            Operator::Join { merged, .. } => {
                for (column, mine, theirs) in merged {
                    self.join(*column, *mine);
                    self.join(*theirs, *mine);
                }
            }
            Operator::SetOperation { inputs, .. } => {
                for (_, feeds) in inputs {
                    for (output, feed) in relation.columns.iter().zip(feeds) {
                        if let Some(feed) = feed {
                            self.join(*output, *feed);
                        }
                    }
                }
            }
            _ => {}
        }
        for expr in relation.operator.expressions() {
            expr.walk(&mut |part| match &part.kind {
                ExprKind::Compare(_, left, right) => {
                    if let Some(left) = left.as_column() {
                        self.join_expr(left, right);
                    }
                }
                ExprKind::Subquery(subquery) => {
                    if let SubqueryKind::In(value) = &subquery.kind
                        && let (Some(value), Some(column)) = (
                            value.as_column(),
                            plan.relation(subquery.relation).columns.first(),
                        )
                    {
                        self.join(value, *column);
                    }
                }
                _ => {}
            });
        }
    }

    fn is(&mut self, expr: &Expr, kind: GuessedType) {
        if let Some(column) = expr.as_column() {
            let class = self.find(column);
            self.kinds.entry(class).or_insert(kind);
        }
    }

    /// Records that a column is compared with an expression.
    fn record_comparison(&mut self, expr: &Expr, other: &Expr) {
        let Some(column) = expr.as_column() else {
            return;
        };
        let class = self.find(column);
        match &other.kind {
            ExprKind::Literal(literal) => {
                let (kind, values) = match literal {
                    Literal::Int(number) => (
                        GuessedType::Number,
                        vec![
                            Value::Int(*number),
                            Value::Int(number.saturating_add(1)),
                            Value::Int(number.saturating_sub(1)),
                        ],
                    ),
                    Literal::Float(number) => (GuessedType::Number, vec![Value::Float(*number)]),
                    Literal::String(text) => (GuessedType::Text, vec![Value::string(text)]),
                    Literal::Bool(_) => (GuessedType::Truth, Vec::new()),
                    Literal::Other(kind, text) if kind == "DATE" => {
                        (GuessedType::Date, vec![Value::Date(text.as_str().into())])
                    }
                    Literal::Null | Literal::Other(..) => return,
                };
                self.kinds.entry(class).or_insert(kind);
                self.pools.entry(class).or_default().extend(values);
            }
            ExprKind::Parameter(name) | ExprKind::Variable(name) => {
                self.compared.push((name.clone(), column));
            }
            _ => {}
        }
    }

    fn expression(&mut self, _: &Plan, expr: &Expr) {
        match &expr.kind {
            ExprKind::Compare(_, left, right) => {
                self.record_comparison(left, right);
                self.record_comparison(right, left);
            }
            ExprKind::InList {
                value,
                list,
                unnest: false,
            } => {
                for member in list {
                    self.record_comparison(value, member);
                }
            }
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                for part in parts {
                    self.is(part, GuessedType::Truth);
                }
            }
            ExprKind::Not(inner) => self.is(inner, GuessedType::Truth),
            ExprKind::Case(case) => {
                for (condition, _) in &case.branches {
                    self.is(condition, GuessedType::Truth);
                }
            }
            ExprKind::Call { name, args, .. } => match name.as_str() {
                "+" | "-" | "*" | "/" | "MOD" | "DIV" | "ABS" | "ROUND" | "UNARY -" => {
                    for arg in args {
                        self.is(arg, GuessedType::Number);
                    }
                }
                "COALESCE" | "IFNULL" | "NULLIF" => {
                    for pair in args.windows(2) {
                        self.record_comparison(&pair[0], &pair[1]);
                    }
                }
                "UPPER" | "LOWER" | "CONCAT" | "||" | "SUBSTR" | "TRIM" | "LENGTH" | "LIKE"
                | "STARTS_WITH" | "ENDS_WITH" => {
                    for arg in args {
                        self.is(arg, GuessedType::Text);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn operator(&mut self, operator: &Operator) {
        let calls: Vec<&crate::plan::AggregateCall> = match operator {
            Operator::Aggregate(aggregate) => {
                aggregate.aggregates.iter().map(|(_, call)| call).collect()
            }
            Operator::Window { windows, .. } => {
                windows.iter().map(|(_, window)| &window.call).collect()
            }
            Operator::Filter { predicate, .. } => {
                self.is(predicate, GuessedType::Truth);
                Vec::new()
            }
            _ => Vec::new(),
        };
        for call in calls {
            let kind = match call.name.as_str() {
                "SUM" | "AVG" => GuessedType::Number,
                "COUNTIF" | "LOGICAL_AND" | "LOGICAL_OR" => GuessedType::Truth,
                "STRING_AGG" => GuessedType::Text,
                _ => continue,
            };
            for arg in &call.args {
                self.is(arg, kind);
            }
        }
    }

    /// Returns the values to try: those compared with the column, and some of its
    /// type.
    fn pool(&mut self, column: ColId) -> Vec<Value> {
        let class = self.find(column);
        let mut pool = self.pools.get(&class).cloned().unwrap_or_default();
        let kind = self.kinds.get(&class).copied().unwrap_or(GuessedType::Text);
        pool.extend(match kind {
            GuessedType::Number => vec![Value::Int(0), Value::Int(1)],
            GuessedType::Text => vec![Value::string("x"), Value::string("y")],
            GuessedType::Truth => vec![Value::Bool(true), Value::Bool(false)],
            GuessedType::Date => vec![Value::Date("2026-01-01".into())],
        });
        let mut distinct: Vec<Value> = Vec::new();
        for value in pool {
            if !distinct.iter().any(|known| known.same(&value)) {
                distinct.push(value);
            }
        }
        distinct
    }

    /// Returns the parameters, each with the first value of the column compared with
    /// it.
    fn parameters(&mut self) -> Vec<(String, Value)> {
        let compared = std::mem::take(&mut self.compared);
        compared
            .into_iter()
            .filter_map(|(name, column)| Some((name, self.pool(column).first()?.clone())))
            .collect()
    }
}
