//! Random rows for tables, small groups among them.

use fastrand::Rng;

use super::guess::{DatabaseShape, GuessedTable};
use crate::budget::spend;
use crate::interpret::{Database, Table, Value};

/// The people in the tables.
const PEOPLE: [&str; 5] = ["ann", "bob", "cat", "dan", "eve"];

/// Largest number of rows of a table in the first attempts; later ones have more.
const ROWS: usize = 5;

/// Creates a random database. `attempt` is the number of databases before it.
pub(super) fn database(shape: &DatabaseShape, rng: &mut Rng, attempt: usize) -> Database {
    let most = ROWS + attempt / 50;
    Database {
        tables: shape
            .tables
            .iter()
            .map(|table| filled(table, rng, most))
            .collect(),
        parameters: shape.parameters.clone(),
        limit: most,
    }
}

fn filled(table: &GuessedTable, rng: &mut Rng, most: usize) -> Table {
    // In half of the databases the rows are alike, so that large groups occur.
    let alike = rng.bool();
    let usual: Vec<Value> = table
        .columns
        .iter()
        .map(|column| rng.choice(&column.pool).cloned().unwrap_or(Value::Null))
        .collect();
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for _ in 0..rng.usize(1..=most) {
        spend(1 + table.columns.len() / 4);
        let row: Vec<Value> = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                if column.nullable && rng.u8(..8) == 0 {
                    Value::Null
                } else if table.unit == Some(at) {
                    Value::string(PEOPLE[rng.usize(..PEOPLE.len())])
                } else if alike && rng.u8(..6) > 0 {
                    usual[at].clone()
                } else {
                    rng.choice(&column.pool).cloned().unwrap_or(Value::Null)
                }
            })
            .collect();
        let taken = table.keys.iter().any(|key| {
            rows.iter()
                .any(|other| key.iter().all(|part| other[*part].same(&row[*part])))
        });
        if !taken {
            rows.push(row);
        }
    }
    Table {
        name: table.name.clone(),
        columns: table
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect(),
        rows,
        unit: table.unit,
    }
}
