//! The claims of the analysis about a query, and whether rows refute them.

use std::cmp::Ordering;

use headcount::catalog::{Catalog, TableName, TableShape};
use headcount::facts::{Facts, Mutation, analyze, analyze_with};
use headcount::interpret::{Cell, Database, Execution, Row, Value};
use headcount::plan::bind::bind;
use headcount::plan::{ColId, Literal, Operator, Plan, RelId};
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::syntax::{StatementKind, parse};

/// Claims about the published rows of a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    /// Lower bound on the people of each row; `None` if nothing is claimed.
    pub row: Option<u64>,
    /// The claim about rows that are not a residual, if it is stronger.
    pub folded: Option<FoldClaim>,
    /// Lower bound on the people of each cell, by column; residual rows are exempt.
    pub cells: Vec<Option<u64>>,
    /// Positions of columns that are keys of the last grouping: they identify a row.
    pub labels: Vec<usize>,
    /// Lower bound on the people that each cell depends on if it depends on any.
    ///
    /// `None` for values of one person, collected values, and values that other
    /// rows' people influence.
    pub influenced: Vec<Option<u64>>,
    /// Claimed dependencies between the values of each relation.
    pub relations: Vec<DependencyClaims>,
}

impl Claims {
    /// Lower bound on the people of each row that is not a residual.
    pub fn bucket(&self) -> Option<u64> {
        self.folded.as_ref().map(|folded| folded.least).or(self.row)
    }
}

/// The claim that rows without any residual label stand for at least `least` people.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldClaim {
    pub residuals: Vec<(usize, Literal)>,
    pub least: u64,
}

/// Claimed keys, dependencies, constants, never-NULL columns and equal columns.
#[derive(Debug, Clone, PartialEq)]
pub struct DependencyClaims {
    pub relation: RelId,
    pub keys: Vec<Vec<ColId>>,
    pub determined: Vec<(ColId, ColId)>,
    pub fixed: Vec<ColId>,
    pub not_null: Vec<ColId>,
    pub equal: Vec<(ColId, ColId)>,
}

/// A query that was parsed and bound, with its claims.
pub struct BoundQuery {
    pub plan: Plan,
    pub claims: Claims,
}

/// An analysis of a plan, either the real one or one with a mutation.
pub type Analyzer<'a> = dyn Fn(&Plan, &Registry) -> Claims + 'a;

/// Returns the claims of the real analysis.
pub fn claimed(plan: &Plan, registry: &Registry) -> Claims {
    let facts = analyze(plan, registry);
    of(plan, &facts)
}

/// Returns the claims of an analysis in which one rule is wrong.
pub fn analyze_claims_with(mistake: Mutation, plan: &Plan, registry: &Registry) -> Claims {
    of(plan, &analyze_with(plan, registry, Some(mistake)))
}

/// Collects the claims that facts make about a plan's root.
pub fn of(plan: &Plan, facts: &Facts) -> Claims {
    let Some(root) = plan.root() else {
        return Claims::default();
    };
    let rows = facts.relation(root);
    let columns = &plan.relation(root).columns;
    let place = |number| columns.iter().position(|c| facts.number(*c) == number);
    let mut folded = None;
    if let Some(least) = rows.bucket().filter(|least| rows.k() < Some(*least)) {
        let residuals: Option<Vec<_>> = rows
            .folds
            .iter()
            .filter(|fold| fold.pooled)
            .map(|fold| Some((place(fold.label)?, fold.residual.clone())))
            .collect();
        folded = residuals.map(|residuals| FoldClaim { residuals, least });
    }
    // If the label of a residual is not published, residual rows cannot be
    // recognized, so nothing is claimed about cells.
    let told = folded.is_some() || rows.k() == rows.bucket();
    let labels = rows.keys.iter().flatten();
    let labels = labels.filter_map(|key| place(facts.number(key.column)));
    Claims {
        labels: labels.collect(),
        influenced: columns
            .iter()
            .map(|column| {
                let value = facts.column(*column);
                let own = value.single.is_some() || value.collection.is_some();
                let open = own || !value.influences.is_empty();
                rows.in_cell(value).filter(|_| told && !open)
            })
            .collect(),
        row: rows.k(),
        folded,
        cells: columns
            .iter()
            .map(|column| rows.in_cell(facts.column(*column)).filter(|_| told))
            .collect(),
        relations: plan
            .relations()
            .map(|(id, _)| depends(plan, facts, id))
            .collect(),
    }
}

fn depends(plan: &Plan, facts: &Facts, relation: RelId) -> DependencyClaims {
    let rows = &facts.relation(relation).dependencies;
    let columns = &plan.relation(relation).columns;
    let named = |number| columns.iter().copied().find(|c| facts.number(*c) == number);
    let determined = columns
        .iter()
        .flat_map(|a| columns.iter().map(|b| (*a, *b)))
        .filter(|(a, b)| a != b && facts.determines(relation, &[*a], *b))
        .collect();
    DependencyClaims {
        relation,
        keys: rows
            .keys
            .iter()
            .filter(|key| key.nulls == 1)
            .filter_map(|key| key.columns.iter().map(|n| named(*n)).collect())
            .collect(),
        determined,
        fixed: rows.fixed.iter().filter_map(|n| named(*n)).collect(),
        not_null: rows.not_null.iter().filter_map(|n| named(*n)).collect(),
        equal: rows
            .equal
            .iter()
            .filter_map(|pair| Some((named(pair.left)?, named(pair.right)?)))
            .collect(),
    }
}

struct RegistryCatalog<'r>(&'r Registry);

impl Catalog for RegistryCatalog<'_> {
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

/// Binds and analyzes a query text.
///
/// Returns an error if the query is not understood. The generator writes only
/// queries that must be understood.
pub fn subject(sql: &str, registry: &Registry, analyzer: &Analyzer) -> Result<BoundQuery, String> {
    let source = SourceText::new("query.sql", sql);
    let script = parse(&source);
    for statement in &script.statements {
        if let StatementKind::Failed(error) = &statement.kind {
            return Err(error.message.clone());
        }
    }
    let mut datasets = bind(&source, &script, &RegistryCatalog(registry));
    if datasets.len() != 1 {
        return Err(format!("{} datasets", datasets.len()));
    }
    let dataset = datasets.remove(0);
    if let Some(problem) = dataset.problems.first() {
        return Err(problem.message.clone());
    }
    let claims = analyzer(&dataset.plan, registry);
    Ok(BoundQuery {
        plan: dataset.plan,
        claims,
    })
}

/// Returns why the rows of an execution refute a claim, if they do.
pub fn refuted(claims: &Claims, execution: &Execution) -> Option<String> {
    for row in execution.result() {
        if let (Some(least), Some(people)) = (claims.row, row.people.count())
            && u64::from(people) < least
        {
            return Some(format!(
                "the row {} stands for {people} of the {least} people claimed",
                shown(row)
            ));
        }
        if let Some(folded) = &claims.folded {
            if is_residual(claims, row) {
                continue;
            }
            if let Some(people) = row.people.count()
                && u64::from(people) < folded.least
            {
                return Some(format!(
                    "the row {} is no residual and stands for {people} of {} people",
                    shown(row),
                    folded.least
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
    claims
        .relations
        .iter()
        .find_map(|claimed| independent(claimed, execution))
}

/// Returns whether a row has a residual label, so that it contains folded groups.
pub fn is_residual(claims: &Claims, row: &Row) -> bool {
    let residuals = claims.folded.iter().flat_map(|folded| &folded.residuals);
    residuals
        .into_iter()
        .any(|(at, residual)| is(row, *at, residual))
}

/// Returns whether the cell at a position is equal to a literal.
fn is(row: &Row, at: usize, literal: &Literal) -> bool {
    match (row.cells.get(at).map(|cell| &cell.value), literal) {
        (Some(Value::Null), Literal::Null) => true,
        (Some(Value::String(text)), Literal::String(known)) => **text == **known,
        (Some(Value::Int(number)), Literal::Int(known)) => number == known,
        _ => false,
    }
}

/// Returns why the rows of a relation refute its claimed dependencies, if they do.
fn independent(claimed: &DependencyClaims, execution: &Execution) -> Option<String> {
    let rows = execution.rows(claimed.relation)?;
    let columns = execution.columns(claimed.relation);
    let at = |column: &ColId| columns.iter().position(|known| known == column);
    let same = |a: &Row, b: &Row, at: usize| a.cells[at].value.same(&b.cells[at].value);
    // Rows that agree are adjacent after sorting. Comparing all pairs would be too
    // slow, because joins may have thousands of rows.
    let sorted = |by: &[usize]| {
        let mut sorted: Vec<&Row> = rows.iter().collect();
        sorted.sort_by(|a, b| {
            let orders = by
                .iter()
                .map(|at| a.cells[*at].value.order(&b.cells[*at].value));
            orders.fold(Ordering::Equal, Ordering::then)
        });
        sorted
    };
    let told = |what: &str, row: &Row| {
        Some(format!(
            "{what} does not hold in relation {}: {}",
            claimed.relation.0,
            shown(row)
        ))
    };
    for row in rows {
        for column in &claimed.not_null {
            if at(column).is_some_and(|at| matches!(row.cells[at].value, Value::Null)) {
                return told(&format!("never NULL ({})", column.0), row);
            }
        }
        for (a, b) in &claimed.equal {
            if let (Some(a), Some(b)) = (at(a), at(b))
                && !row.cells[a].value.same(&row.cells[b].value)
            {
                return told("an equality", row);
            }
        }
    }
    for at in claimed.fixed.iter().filter_map(at) {
        if let Some(pair) = rows.windows(2).find(|pair| !same(&pair[0], &pair[1], at)) {
            return told("a constant", &pair[1]);
        }
    }
    for key in &claimed.keys {
        let Some(places) = key.iter().map(at).collect::<Option<Vec<usize>>>() else {
            continue;
        };
        let rows = sorted(&places);
        let twice = |pair: &&[&Row]| places.iter().all(|at| same(pair[0], pair[1], *at));
        if let Some(pair) = rows.windows(2).find(twice) {
            return told(&format!("a key {key:?}"), pair[1]);
        }
    }
    for (by, column) in &claimed.determined {
        let Some((first, second)) = at(by).zip(at(column)) else {
            continue;
        };
        let rows = sorted(&[first]);
        let differ =
            |pair: &&[&Row]| same(pair[0], pair[1], first) && !same(pair[0], pair[1], second);
        if let Some(pair) = rows.windows(2).find(differ) {
            return told(&format!("{} determines {}", by.0, column.0), pair[1]);
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

/// Returns the names of the operators of `design/plan.md` that a plan contains.
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

/// Returns why a database refutes the claims about a query text, if it does.
pub fn refutes(
    sql: &str,
    database: &Database,
    registry: &Registry,
    analyzer: &Analyzer,
) -> Option<String> {
    let subject = subject(sql, registry, analyzer).ok()?;
    let execution = headcount::interpret::run(&subject.plan, database).ok()?;
    let (claims, plan) = (&subject.claims, &subject.plan);
    refuted(claims, &execution)
        .or_else(|| crate::influence::refuted(claims, plan, database, &execution))
}
