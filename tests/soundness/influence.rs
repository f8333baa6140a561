//! Tests the claim by its definition, on plans: whatever changes after a person is
//! removed depends on that person (`design/proof.md`, "What is claimed").
//!
//! The data exclude contributions that do not show: zeros and NULLs in a sum, and a
//! person who is in each of the groups that are merged into one row, so that the row
//! vanishes without that person alone.

use std::collections::BTreeMap;

use fastrand::Rng;
use headcount::interpret::{Database, Execution, ExecutionError, Row, Value, run};
use headcount::plan::{Operator, Plan};
use headcount::registry::Registry;

use crate::claims::{Claims, claimed, is_residual, shown, subject};
use crate::tables::{integer, number};

/// The rows of one label: one entry per row, and the sorted values of each claimed
/// column, compared as they are displayed.
type PublishedParts = BTreeMap<RowPart, Vec<String>>;

/// A part of the rows of one label: the rows themselves, or one column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RowPart {
    Rows,
    Column(usize),
}

/// Restricts a database to one group per person, and makes each contribution show.
///
/// The group is the same in all tables, a table with days keeps one row per person,
/// and NULL metrics become numbers that change every sum.
pub fn settled(rng: &mut Rng, mut database: Database) -> Database {
    let mut homes: Vec<(Value, Vec<Value>)> = Vec::new();
    for table in &mut database.tables {
        let Some(unit) = table.unit else { continue };
        let labels = labels(&table.columns);
        let metrics = [column(&table.columns, "n"), column(&table.columns, "v")];
        let once = column(&table.columns, "day").is_some();
        let mut seen: Vec<Value> = Vec::new();
        table.rows.retain(|row| {
            let person = &row[unit];
            if matches!(person, Value::Null) {
                return true;
            }
            let again = seen.iter().any(|known| known.same(person));
            seen.push(person.clone());
            let mine: Vec<Value> = labels.iter().map(|at| row[*at].clone()).collect();
            let home = homes.iter().find(|(known, _)| known.same(person));
            let moved = home.is_some_and(|(_, home)| !same(home, &mine));
            if home.is_none() {
                homes.push((person.clone(), mine));
            }
            !(moved || once && again)
        });
        for row in &mut table.rows {
            for at in metrics.into_iter().flatten() {
                if matches!(row[at], Value::Null) {
                    row[at] = Value::Int(number(rng));
                }
            }
        }
    }
    database
}

/// Returns whether each person has one group and no number is NULL or 0.
///
/// Only such databases refute a claim, also while a refuted claim is shrink_database.
fn is_settled(database: &Database) -> bool {
    let mut homes: Vec<(&Value, Vec<Value>)> = Vec::new();
    database.tables.iter().all(|table| {
        let Some(unit) = table.unit else { return true };
        let labels = labels(&table.columns);
        table.rows.iter().all(|row| {
            let shows = table.columns.iter().zip(row).all(|(name, value)| {
                !integer(name) || !matches!(value, Value::Null | Value::Int(0))
            });
            let mine: Vec<Value> = labels.iter().map(|at| row[*at].clone()).collect();
            match homes.iter().find(|(person, _)| person.same(&row[unit])) {
                _ if matches!(row[unit], Value::Null) => shows,
                Some((_, home)) => shows && same(home, &mine),
                None => {
                    homes.push((&row[unit], mine));
                    shows
                }
            }
        })
    })
}

fn column(columns: &[String], name: &str) -> Option<usize> {
    columns.iter().position(|known| known == name)
}

fn labels(columns: &[String]) -> Vec<usize> {
    let labels = ["country", "os"].iter();
    labels.filter_map(|name| column(columns, name)).collect()
}

fn same(mine: &[Value], theirs: &[Value]) -> bool {
    mine.iter()
        .zip(theirs)
        .all(|(mine, theirs)| mine.same(theirs))
}

/// Returns why the absence of a person refutes a claim, if it does.
///
/// A claim is refuted if a published row, or a value in it, depends on at least one
/// person but on fewer people than claimed.
pub fn refuted(
    claims: &Claims,
    plan: &Plan,
    database: &Database,
    execution: &Execution,
) -> Option<String> {
    claims.bucket().filter(|least| *least >= 2)?;
    // The plan does not determine which rows a LIMIT keeps.
    if !is_settled(database)
        || plan
            .relations()
            .any(|(_, relation)| matches!(relation.operator, Operator::Limit { .. }))
    {
        return None;
    }
    let before = published(claims, execution);
    let mut depends: BTreeMap<(&str, RowPart), Vec<String>> = BTreeMap::new();
    for person in persons(database) {
        let after = match run(plan, &without(database, &person)) {
            Ok(execution) => published(claims, &execution),
            // A query that fails publishes nothing.
            Err(ExecutionError::Failed(_)) => BTreeMap::new(),
            Err(_) => return None,
        };
        for (label, places) in &before {
            let left = after.get(label);
            for (place, values) in places {
                if left.and_then(|places| places.get(place)) != Some(values) {
                    let people = depends.entry((label, *place)).or_default();
                    people.push(person.to_string());
                }
            }
        }
    }
    execution.result().iter().find_map(|row| {
        let label = label(claims, row);
        claims_on(claims, row).find_map(|(place, least)| {
            let people = depends.get(&(label.as_str(), place))?;
            ((people.len() as u64) < least).then(|| {
                format!(
                    "{place:?} of {} depends on {} alone, not on {least} people",
                    shown(row),
                    people.join(", ")
                )
            })
        })
    })
}

/// Yields the claims of at least two people about a row and the values in it.
fn claims_on<'c>(claims: &'c Claims, row: &Row) -> impl Iterator<Item = (RowPart, u64)> + use<'c> {
    let (row, cells) = if is_residual(claims, row) {
        (claims.row, false)
    } else {
        (claims.bucket(), true)
    };
    let cells = claims.influenced.iter().enumerate().filter(move |_| cells);
    row.map(|least| (RowPart::Rows, least))
        .into_iter()
        .chain(cells.filter_map(|(at, claim)| Some((RowPart::Column(at), (*claim)?))))
        .filter(|(_, least)| *least >= 2)
}

/// Returns a row's label: the values of the last grouping's published keys.
fn label(claims: &Claims, row: &Row) -> String {
    let values = claims.labels.iter().map(|at| &row.cells[*at].value);
    values.map(|value| format!("{value}|")).collect()
}

fn published(claims: &Claims, execution: &Execution) -> BTreeMap<String, PublishedParts> {
    let mut rows: BTreeMap<String, PublishedParts> = BTreeMap::new();
    for row in execution.result() {
        let places = rows.entry(label(claims, row)).or_default();
        places.entry(RowPart::Rows).or_default().push(String::new());
        for (at, claim) in claims.influenced.iter().enumerate() {
            if claim.is_some() {
                let values = places.entry(RowPart::Column(at)).or_default();
                values.push(row.cells[at].value.to_string());
            }
        }
    }
    for values in rows.values_mut().flat_map(BTreeMap::values_mut) {
        values.sort_unstable();
    }
    rows
}

fn persons(database: &Database) -> Vec<Value> {
    let mut persons: Vec<Value> = Vec::new();
    for table in &database.tables {
        let Some(unit) = table.unit else { continue };
        for person in table.rows.iter().map(|row| &row[unit]) {
            if !matches!(person, Value::Null) && !persons.iter().any(|known| known.same(person)) {
                persons.push(person.clone());
            }
        }
    }
    persons
}

fn without(database: &Database, person: &Value) -> Database {
    let mut fewer = database.clone();
    for table in &mut fewer.tables {
        if let Some(unit) = table.unit {
            table.rows.retain(|row| !row[unit].same(person));
        }
    }
    fewer
}

#[test]
fn a_condition_over_other_people_is_refuted() {
    let registry = crate::tables::registry();
    let two = |plan: &Plan, registry: &Registry| Claims {
        row: Some(2),
        ..claimed(plan, registry)
    };
    let refuted_in = |filter: &str| {
        let sql = format!(
            "SELECT country, COUNT(DISTINCT id) AS c FROM t {filter} \
             GROUP BY country HAVING COUNT(DISTINCT id) >= 2"
        );
        let subject = subject(&sql, &registry, &two).expect("the query is understood");
        let mut rng = Rng::with_seed(1);
        let found = (0..300).filter(|_| {
            let database = crate::tables::database(&mut rng, 2);
            let database = settled(&mut rng, database);
            run(&subject.plan, &database).is_ok_and(|execution| {
                refuted(&subject.claims, &subject.plan, &database, &execution).is_some()
            })
        });
        found.count()
    };
    assert_eq!(refuted_in("WHERE os = 'mac'"), 0);
    assert_ne!(
        refuted_in("WHERE EXISTS (SELECT 1 FROM p WHERE p.os = 'mac')"),
        0
    );
    assert_ne!(refuted_in("WHERE os IN (SELECT os FROM e)"), 0);
}
