//! Builds a query's twin: SQL that returns the same rows with the people of each
//! row.
//!
//! The people are in arrays, one column for each private table that is read. The
//! twin is built from the generator's tree and does not depend on plans, so that an
//! engine's result for it discloses errors of the binder and the interpreter.

use crate::query::{Body, Group, Query, Select, Source, SqlExpression, item, unnest};

/// Returns the twin's text, and how many people columns follow the query's own.
///
/// The columns are `pp0`, `pp1`, …. `None` if arrays of people cannot be carried
/// along: with collected elements, PIVOT, recursion, LIMIT and GoogleSQL's privacy
/// clause.
pub fn twin(query: &Query) -> Option<(String, usize)> {
    let (text, people) = TwinScope::default().query(query)?;
    // The engine displays an empty array as NULL, so each array begins with a mark.
    let marked: String = (0..people)
        .map(|at| format!(", ARRAY_CONCAT(['-'], twin.pp{at}) AS pp{at}"))
        .collect();
    let names: Vec<String> = query
        .names()
        .iter()
        .map(|name| format!("twin.{name}"))
        .collect();
    let text = format!("SELECT {}{marked} FROM ({text}) AS twin", names.join(", "));
    Some((text, people))
}

/// The names of WITH, each with its number of people columns.
#[derive(Clone, Default)]
struct TwinScope {
    named: Vec<(String, usize)>,
}

/// The text of FROM, and the expressions that yield the people of its rows.
type FromClause = (String, Vec<String>);

impl TwinScope {
    fn query(&self, query: &Query) -> Option<(String, usize)> {
        let mut scope = self.clone();
        let mut with = Vec::new();
        for (name, inner) in &query.with {
            let (text, people) = scope.query(inner)?;
            with.push(format!("{name} AS ({text})"));
            scope.named.push((name.clone(), people));
        }
        // The engine is free to choose the rows that LIMIT keeps.
        if query.limited {
            return None;
        }
        let (body, people) = match &query.body {
            Body::Select(select) => scope.select(select)?,
            Body::Set { op, arms } => scope.set(op, arms)?,
            Body::Recursive { .. } => return None,
        };
        let with = if with.is_empty() {
            String::new()
        } else {
            format!("WITH {} ", with.join(", "))
        };
        Some((with + &body, people))
    }

    fn select(&self, select: &Select) -> Option<(String, usize)> {
        if select.threshold.is_some() {
            return None;
        }
        let (from, mut people) = self.source(&select.from)?;
        let mut select = select.clone();
        let grouped = select.is_grouped();
        // The people of a scalar subquery are added to those of the row.
        for (value, _) in &select.items {
            if let SqlExpression::Scalar(inner) = value {
                if grouped {
                    return None;
                }
                let (text, count) = self.query(inner)?;
                people.extend(
                    (0..count).map(|at| format!("(SELECT one.pp{at} FROM ({text}) AS one)")),
                );
            }
        }
        if select.distinct {
            let windows = select
                .items
                .iter()
                .any(|(value, _)| matches!(value, SqlExpression::Over { .. }));
            if windows || grouped || people.iter().any(|people| people.starts_with('(')) {
                return None;
            }
            select.distinct = false;
            select.group = Group::Keys(
                select
                    .items
                    .iter()
                    .map(|(value, _)| value.clone())
                    .collect(),
            );
        }
        let collects = select.is_grouped();
        let mut items: Vec<String> = select.items.iter().map(item).collect();
        items.extend(people.iter().enumerate().map(|(at, people)| {
            if collects {
                format!("ARRAY_CONCAT_AGG({people}) AS pp{at}")
            } else {
                format!("{people} AS pp{at}")
            }
        }));
        let text = format!(
            "SELECT {} FROM {from}{}",
            items.join(", "),
            select.clauses()
        );
        Some((text, people.len()))
    }

    fn set(&self, op: &str, arms: &[Query]) -> Option<(String, usize)> {
        let names = arms.first()?.names();
        let twins: Option<Vec<(String, usize)>> = arms.iter().map(|arm| self.query(arm)).collect();
        let twins = twins?;
        let all = names.join(", ");
        if let Some(rest) = op.strip_prefix("UNION ") {
            let people = twins.iter().map(|(_, people)| *people).max()?;
            // `arm.*` already includes the arm's people columns.
            let arms: Vec<String> = twins
                .iter()
                .map(|(text, known)| {
                    let missing: String = (*known..people)
                        .map(|at| format!(", CAST(NULL AS ARRAY<STRING>) AS pp{at}"))
                        .collect();
                    format!("SELECT arm.*{missing} FROM ({text}) AS arm")
                })
                .collect();
            let united = arms.join(" UNION ALL ");
            if rest == "ALL" {
                return Some((united, people));
            }
            let collected: String = (0..people)
                .map(|at| format!(", ARRAY_CONCAT_AGG(pp{at}) AS pp{at}"))
                .collect();
            return Some((
                format!("SELECT {all}{collected} FROM ({united}) GROUP BY {all}"),
                people,
            ));
        }
        let [(left, people), ..] = twins.as_slice() else {
            return None;
        };
        let right = arms.get(1)?;
        let equal: Vec<String> = names
            .iter()
            .zip(right.names())
            .map(|(mine, theirs)| format!("l.{mine} IS NOT DISTINCT FROM r.{theirs}"))
            .collect();
        let not = if op.starts_with("EXCEPT") { "NOT " } else { "" };
        let collected: String = (0..*people)
            .map(|at| format!(", ARRAY_CONCAT_AGG(l.pp{at}) AS pp{at}"))
            .collect();
        Some((
            format!(
                "SELECT {all}{collected} FROM ({left}) AS l WHERE {not}EXISTS (SELECT 1 FROM ({}) AS r WHERE {}) GROUP BY {all}",
                right.sql(),
                equal.join(" AND ")
            ),
            *people,
        ))
    }

    fn source(&self, source: &Source) -> Option<FromClause> {
        match source {
            Source::Constants(text) => Some((text.clone(), Vec::new())),
            Source::Table("d", alias) => Some((format!("d AS {alias}"), Vec::new())),
            Source::Table(name, alias) => Some((
                format!(
                    "(SELECT *, IF(id IS NULL, ARRAY<STRING>[], [id]) AS pp0 FROM {name}) AS {alias}"
                ),
                vec![format!("{alias}.pp0")],
            )),
            Source::Named(name, alias) => {
                let (_, people) = self.named.iter().rev().find(|(known, _)| known == name)?;
                let people = (0..*people).map(|at| format!("{alias}.pp{at}")).collect();
                Some((format!("{name} AS {alias}"), people))
            }
            Source::Sub(query, alias) => {
                let (text, people) = self.query(query)?;
                let people = (0..people).map(|at| format!("{alias}.pp{at}")).collect();
                Some((format!("({text}) AS {alias}"), people))
            }
            Source::Join {
                kind,
                left,
                right,
                on,
            } => {
                let (left, mut people) = self.source(left)?;
                let (right, others) = self.source(right)?;
                people.extend(others);
                Some((format!("{left} {kind} {right}{}", on.sql()), people))
            }
            Source::Unnest {
                left,
                array: array @ SqlExpression::List(_),
                alias,
                offset,
                outer,
            } => {
                let (left, people) = self.source(left)?;
                Some((
                    unnest(&left, array, alias, offset.as_deref(), *outer),
                    people,
                ))
            }
            Source::Unpivot {
                input,
                value,
                name,
                columns,
                alias,
            } => {
                let (text, people) = self.query(input)?;
                let people = (0..people).map(|at| format!("{alias}.pp{at}")).collect();
                Some((
                    format!(
                        "({text}) UNPIVOT({value} FOR {name} IN ({})) AS {alias}",
                        columns.join(", ")
                    ),
                    people,
                ))
            }
            Source::Unnest { .. } | Source::Pivot { .. } => None,
        }
    }
}
