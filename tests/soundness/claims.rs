//! What the analysis claims of a query, and whether rows refute it.

use headcount::catalog::{Catalog, TableName, TableShape};
use headcount::facts::{Facts, analyze};
use headcount::interpret::{Cell, Database, Execution, Row, Value};
use headcount::plan::bind::bind;
use headcount::plan::{Operator, Plan};
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::syntax::{StatementKind, parse};

/// What is claimed of the published rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    /// People behind each row.
    pub row: Option<u64>,
    /// Rows whose value in this column is another than the text stand for so
    /// many people.
    pub folded: Vec<(usize, String, u64)>,
    /// People whose values are in each cell of this column.
    pub cells: Vec<Option<u64>>,
    /// Columns no two rows agree on.
    pub keys: Vec<Vec<usize>>,
}

/// A query that was understood.
pub struct Subject {
    pub plan: Plan,
    pub claims: Claims,
}

/// How a plan is analyzed: as it is, or with a mistake.
pub type Analyzer<'a> = dyn Fn(&Plan, &Registry) -> Claims + 'a;

/// What the analysis claims.
pub fn claimed(plan: &Plan, registry: &Registry) -> Claims {
    let facts = analyze(plan, registry);
    of(plan, &facts)
}

/// The claims that facts make of a plan's root.
pub fn of(plan: &Plan, facts: &Facts) -> Claims {
    let Some(root) = plan.root() else {
        return Claims::default();
    };
    Claims {
        row: facts.relation(root).k(),
        ..Claims::default()
    }
}

struct Shapes<'r>(&'r Registry);

impl Catalog for Shapes<'_> {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let columns = self.0.table(table)?.columns.clone()?;
        Some(TableShape {
            columns,
            complete: true,
        })
    }

    fn knows(&self, _: &TableName, _: &[&str]) -> bool {
        false
    }
}

/// Binds and analyzes a text. An error says what was not understood: the
/// generator writes nothing that should not be.
pub fn subject(sql: &str, registry: &Registry, analyzer: &Analyzer) -> Result<Subject, String> {
    let source = SourceText::new("query.sql", sql);
    let script = parse(&source);
    for statement in &script.statements {
        if let StatementKind::Failed(error) = &statement.kind {
            return Err(error.message.clone());
        }
    }
    let mut datasets = bind(&source, &script, &Shapes(registry));
    if datasets.len() != 1 {
        return Err(format!("{} datasets", datasets.len()));
    }
    let dataset = datasets.remove(0);
    if let Some(problem) = dataset.problems.first() {
        return Err(problem.message.clone());
    }
    let claims = analyzer(&dataset.plan, registry);
    Ok(Subject {
        plan: dataset.plan,
        claims,
    })
}

/// Why the rows refute a claim, if they do.
pub fn refuted(claims: &Claims, execution: &Execution) -> Option<String> {
    let rows = execution.result();
    for row in rows {
        if let (Some(least), Some(people)) = (claims.row, row.people.count())
            && u64::from(people) < least
        {
            return Some(format!(
                "the row {} stands for {people} of the {least} people claimed",
                shown(row)
            ));
        }
        for (column, other, least) in &claims.folded {
            let label = row.cells.get(*column).map(|cell| &cell.value);
            let is_other = matches!(label, Some(Value::String(text)) if **text == **other);
            if !is_other
                && let Some(people) = row.people.count()
                && u64::from(people) < *least
            {
                return Some(format!(
                    "the row {} is not '{other}' and stands for {people} of {least} people",
                    shown(row)
                ));
            }
        }
        for (cell, claim) in row.cells.iter().zip(&claims.cells) {
            if let (Some(least), Some(people)) = (claim, cell.count())
                && u64::from(people) < *least
            {
                return Some(format!(
                    "the value {} in {} stands for {people} of {least} people",
                    cell.value,
                    shown(row)
                ));
            }
        }
    }
    for key in &claims.keys {
        for (at, row) in rows.iter().enumerate() {
            let same = |other: &Row| {
                key.iter().all(
                    |column| match (row.cells.get(*column), other.cells.get(*column)) {
                        (Some(a), Some(b)) => a.value.same(&b.value),
                        _ => false,
                    },
                )
            };
            if rows[..at].iter().any(same) {
                return Some(format!("two rows agree on the key {key:?}: {}", shown(row)));
            }
        }
    }
    None
}

pub fn shown(row: &Row) -> String {
    let cells: Vec<String> = row
        .cells
        .iter()
        .map(|cell: &Cell| cell.value.to_string())
        .collect();
    format!("({})", cells.join(", "))
}

/// The operators of `design/plan.md` that stand in a plan.
pub fn operators(plan: &Plan) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (_, relation) in plan.relations() {
        let name = match &relation.operator {
            Operator::Scan(_) => "Scan",
            Operator::Rows(_) => "Rows",
            Operator::Filter { .. } => "Filter",
            Operator::Project { .. } => "Project",
            Operator::Aggregate(aggregate) if aggregate.privacy.is_some() => "Aggregate (privacy)",
            Operator::Aggregate(aggregate) if !aggregate.sets.is_empty() => "Aggregate (sets)",
            Operator::Aggregate(_) => match relation.origin.word {
                "PIVOT" => "Aggregate (PIVOT)",
                "DISTINCT" => "Aggregate (DISTINCT)",
                _ => "Aggregate",
            },
            Operator::Window { .. } => "Window",
            Operator::Join { kind, .. } => match kind {
                headcount::plan::JoinKind::Inner => "Join (inner)",
                headcount::plan::JoinKind::Cross => "Join (cross)",
                headcount::plan::JoinKind::Left => "Join (left)",
                headcount::plan::JoinKind::Right => "Join (right)",
                headcount::plan::JoinKind::Full => "Join (full)",
                headcount::plan::JoinKind::Semi => "Join (semi)",
                headcount::plan::JoinKind::Anti => "Join (anti)",
            },
            Operator::Unnest { .. } => "Unnest",
            Operator::SetOperation { operator, .. } => match operator {
                headcount::plan::SetOperator::Union => "SetOperation (union)",
                headcount::plan::SetOperator::Intersect => "SetOperation (intersect)",
                headcount::plan::SetOperator::Except => "SetOperation (except)",
            },
            Operator::Sort { .. } => "Sort",
            Operator::Limit { .. } => "Limit",
            Operator::Reader { .. } => "Reader",
            Operator::Recursion { .. } => "Recursion",
            Operator::Loop { .. } => "Loop",
            Operator::Model { .. } => "Model",
            Operator::Opaque { .. } => "Opaque",
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a database refutes what is claimed of a text.
pub fn refutes(
    sql: &str,
    database: &Database,
    registry: &Registry,
    analyzer: &Analyzer,
) -> Option<String> {
    let subject = subject(sql, registry, analyzer).ok()?;
    let execution = headcount::interpret::run(&subject.plan, database).ok()?;
    refuted(&subject.claims, &execution)
}
