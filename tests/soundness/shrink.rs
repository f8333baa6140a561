//! Shrinks a refuted claim: removes rows of the database, then parts of the query,
//! as long as the claim is still refuted.

use headcount::interpret::{Database, Value};

use crate::query::{Body, Group, JoinCondition, Query, Select, Source, SqlExpression};

/// Shrinks a query and a database. `refuted` decides whether a smaller pair is kept.
pub fn shrink(
    mut query: Query,
    mut database: Database,
    refuted: &dyn Fn(&Query, &Database) -> bool,
) -> (Query, Database) {
    database = rows(&query, database, refuted);
    while let Some(smaller) = smaller(&query)
        .into_iter()
        .find(|smaller| refuted(smaller, &database))
    {
        query = smaller;
        database = rows(&query, database, refuted);
    }
    (query, database)
}

/// Removes rows, then replaces integers with 0.
pub fn rows(
    query: &Query,
    mut database: Database,
    refuted: &dyn Fn(&Query, &Database) -> bool,
) -> Database {
    let mut at = (0, 0);
    while let Some(table) = database.tables.get(at.0) {
        if at.1 >= table.rows.len() {
            at = (at.0 + 1, 0);
            continue;
        }
        let mut fewer = database.clone();
        fewer.tables[at.0].rows.remove(at.1);
        if refuted(query, &fewer) {
            database = fewer;
        } else {
            at.1 += 1;
        }
    }
    for table in 0..database.tables.len() {
        for row in 0..database.tables[table].rows.len() {
            for column in 0..database.tables[table].columns.len() {
                if !matches!(database.tables[table].rows[row][column], Value::Int(number) if number != 0)
                {
                    continue;
                }
                let mut simpler = database.clone();
                simpler.tables[table].rows[row][column] = Value::Int(0);
                if refuted(query, &simpler) {
                    database = simpler;
                }
            }
        }
    }
    database
}

/// Returns the queries that are one step simpler.
fn smaller(query: &Query) -> Vec<Query> {
    let mut all = Vec::new();
    if query.ordered || query.limited {
        all.push(Query {
            ordered: false,
            limited: false,
            ..query.clone()
        });
    }
    match &query.body {
        Body::Set { op, arms } => {
            all.extend(arms.iter().cloned());
            for (at, arm) in arms.iter().enumerate() {
                for arm in smaller(arm) {
                    let mut arms = arms.clone();
                    arms[at] = arm;
                    all.push(Query {
                        body: Body::Set { op, arms },
                        ..query.clone()
                    });
                }
            }
        }
        Body::Select(select) => {
            if let Source::Sub(inner, _) = &select.from {
                all.push((**inner).clone());
            }
            all.extend(query.with.iter().map(|(_, inner)| inner.clone()));
            for select in smaller_selects(select) {
                all.push(Query {
                    body: Body::Select(Box::new(select)),
                    ..query.clone()
                });
            }
            for (at, (_, inner)) in query.with.iter().enumerate() {
                for inner in smaller(inner) {
                    let mut changed = query.clone();
                    changed.with[at].1 = inner;
                    all.push(changed);
                }
            }
        }
        Body::Recursive { anchor, .. } => all.push((**anchor).clone()),
    }
    all
}

fn smaller_selects(select: &Select) -> Vec<Select> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Select)| {
        let mut changed = select.clone();
        change(&mut changed);
        if changed != *select {
            all.push(changed);
        }
    };
    with(&|select| select.filter = None);
    with(&|select| select.qualify = None);
    with(&|select| select.having = None);
    with(&|select| select.distinct = false);
    with(&|select| {
        if let Group::Sets(_, keys) = &select.group {
            select.group = Group::Keys(keys.clone());
        }
    });
    for at in 0..select.items.len() {
        if select.items.len() > 1 {
            with(&|select| {
                let (item, _) = select.items.remove(at);
                if let Group::Keys(keys) = &mut select.group
                    && keys.len() > 1
                {
                    keys.retain(|key| *key != item);
                }
            });
        }
    }
    let places: [fn(&mut Select) -> &mut Option<SqlExpression>; 3] = [
        |select| &mut select.filter,
        |select| &mut select.having,
        |select| &mut select.qualify,
    ];
    for place in places {
        let mut changed = select.clone();
        if let Some(condition) = place(&mut changed).clone() {
            for simpler in smaller_expressions(&condition) {
                with(&|select| *place(select) = Some(simpler.clone()));
            }
        }
    }
    for from in smaller_sources(&select.from) {
        with(&|select| select.from = from.clone());
    }
    all
}

fn smaller_expressions(expr: &SqlExpression) -> Vec<SqlExpression> {
    match expr {
        SqlExpression::Op("AND" | "OR", parts) => parts.clone(),
        SqlExpression::Not(inner) => vec![(**inner).clone()],
        SqlExpression::Case(branches, _) => branches
            .iter()
            .map(|(condition, _)| condition.clone())
            .collect(),
        SqlExpression::Call("IF", parts) => parts.first().cloned().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn smaller_sources(source: &Source) -> Vec<Source> {
    match source {
        Source::Sub(query, alias) => smaller(query)
            .into_iter()
            .map(|query| Source::Sub(Box::new(query), alias.clone()))
            .collect(),
        Source::Join {
            kind,
            left,
            right,
            on,
        } => {
            let mut all = vec![(**left).clone(), (**right).clone()];
            if !matches!(on, JoinCondition::None) && *kind != "JOIN" {
                all.push(Source::Join {
                    kind: "JOIN",
                    left: left.clone(),
                    right: right.clone(),
                    on: on.clone(),
                });
            }
            for left in smaller_sources(left) {
                all.push(Source::Join {
                    kind,
                    left: Box::new(left),
                    right: right.clone(),
                    on: on.clone(),
                });
            }
            for right in smaller_sources(right) {
                all.push(Source::Join {
                    kind,
                    left: left.clone(),
                    right: Box::new(right),
                    on: on.clone(),
                });
            }
            all
        }
        Source::Unnest { left, .. } => vec![(**left).clone()],
        Source::Pivot { .. }
        | Source::Unpivot { .. }
        | Source::Constants(_)
        | Source::Table(..)
        | Source::Named(..) => Vec::new(),
    }
}
