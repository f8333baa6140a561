//! The claim as it is defined, on plans: each person is left out in turn, and what
//! changes then depends on them (`design/proof.md`, "What is claimed").

use std::collections::BTreeMap;

use headcount::interpret::{Database, Execution, Row, Stop, Value, run};
use headcount::plan::{Operator, Plan};

use crate::claims::{Claims, is_residual, shown};

/// The rows of one label, told by how many there are and by each claimed column's
/// values. A value is compared as it is shown.
type Places = BTreeMap<Place, Vec<String>>;

/// The rows themselves, or the values of a column in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Rows,
    Column(usize),
}

/// Why some person's absence refutes a claim, if it does: a row that is published,
/// or a value in it, depends on somebody, and on fewer people than are claimed.
pub fn refuted(
    claims: &Claims,
    plan: &Plan,
    database: &Database,
    execution: &Execution,
) -> Option<String> {
    claims.bucket().filter(|least| *least >= 2)?;
    // Which rows a LIMIT keeps is not in the plan.
    if plan
        .relations()
        .any(|(_, relation)| matches!(relation.operator, Operator::Limit { .. }))
    {
        return None;
    }
    let before = published(claims, execution);
    let mut depends: BTreeMap<(&str, Place), Vec<String>> = BTreeMap::new();
    for person in persons(database) {
        let after = match run(plan, &without(database, &person)) {
            Ok(execution) => published(claims, &execution),
            // Nothing is published then.
            Err(Stop::Failed(_)) => BTreeMap::new(),
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
        claimed(claims, row).find_map(|(place, least)| {
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

/// What is claimed of a row and of the values in it.
fn claimed<'c>(claims: &'c Claims, row: &Row) -> impl Iterator<Item = (Place, u64)> + use<'c> {
    let (row, cells) = if is_residual(claims, row) {
        (claims.row, false)
    } else {
        (claims.bucket(), true)
    };
    let cells = claims.influenced.iter().enumerate().filter(move |_| cells);
    row.map(|least| (Place::Rows, least))
        .into_iter()
        .chain(cells.filter_map(|(at, claim)| Some((Place::Column(at), (*claim)?))))
        .filter(|(_, least)| *least >= 2)
}

/// A row's label: the values of the columns that are keys of the last grouping.
fn label(claims: &Claims, row: &Row) -> String {
    let values = claims.labels.iter().map(|at| &row.cells[*at].value);
    values.map(|value| format!("{value}|")).collect()
}

fn published(claims: &Claims, execution: &Execution) -> BTreeMap<String, Places> {
    let mut rows: BTreeMap<String, Places> = BTreeMap::new();
    for row in execution.result() {
        let places = rows.entry(label(claims, row)).or_default();
        places.entry(Place::Rows).or_default().push(String::new());
        for (at, claim) in claims.influenced.iter().enumerate() {
            if claim.is_some() {
                let values = places.entry(Place::Column(at)).or_default();
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
