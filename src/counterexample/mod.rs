//! The smallest database in which a published row stands for too few people: a
//! few rows, what the query gives of them, and who is behind each row. It says
//! why a threshold does not hold better than any rule's words.
//!
//! Numbers in the thousands need thousands of rows, so the query's thresholds are
//! [scaled](scale) first: where 5,000 people are required, 3 are looked for. The
//! search is random with a fixed seed and ends after a number of tries; where
//! nothing is found, nothing is shown, and that proves nothing.

mod fill;
mod guess;
mod scale;

#[cfg(test)]
mod tests;

use fastrand::Rng;

use crate::budget;
use crate::interpret::{Database, Execution, Stop, run};
use crate::plan::{Operator, Plan};
use crate::registry::Registry;

/// Databases that are tried.
const TRIES: usize = 400;

/// Finds after which the smallest is taken.
const FINDS: usize = 5;

/// A database that shows that a threshold does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// How many people were required in it: 3, in place of a larger number.
    pub least: u64,
    /// Constants of the query and what stood in their place, each pair once.
    pub scaled: Vec<(i64, i64)>,
    /// The tables that the query reads; those without rows too.
    pub tables: Vec<ExampleTable>,
    /// The names of the published columns.
    pub columns: Vec<String>,
    /// What the query gives.
    pub rows: Vec<ExampleRow>,
}

/// A table of a counterexample; values are as SQL writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleTable {
    /// Its name.
    pub name: String,
    /// Its columns, as far as the query reads them.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// A published row of a counterexample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleRow {
    /// Its values, as SQL writes them.
    pub values: Vec<String>,
    /// The people behind it, for each table of people that it was derived from.
    pub people: Vec<(String, Vec<String>)>,
    /// How many they are: of the table with fewest; `None` where no table of
    /// people is behind it.
    pub count: Option<u32>,
}

impl ExampleRow {
    /// Whether it stands for fewer people than `least`.
    pub fn is_small(&self, least: u64) -> bool {
        self.count.is_some_and(|count| u64::from(count) < least)
    }
}

/// Looks for the smallest database in which a row that the plan publishes stands
/// for fewer than `required` people, scaled. A search that takes more steps than a file
/// may ends with what it has found.
pub fn search(plan: &Plan, registry: &Registry, required: u64) -> Option<Counterexample> {
    let mut best = None;
    // What is found later is only smaller.
    let _ = budget::part(|| tries(plan, registry, required, &mut best));
    best
}

fn tries(
    plan: &Plan,
    registry: &Registry,
    required: u64,
    best: &mut Option<Counterexample>,
) -> Option<()> {
    let scaled = scale::scaled(plan, required);
    let shape = guess::tables(&scaled.plan, registry)?;
    let mut rng = Rng::with_seed(1);
    let mut least = usize::MAX;
    let (mut finds, mut refused) = (0, 0);
    for attempt in 0..TRIES {
        let database = fill::database(&shape, &mut rng, attempt);
        match run(&scaled.plan, &database) {
            Ok(execution) if shows(&execution, scaled.least) => {
                let database = shrunk(database, &|smaller| {
                    run(&scaled.plan, smaller)
                        .is_ok_and(|execution| shows(&execution, scaled.least))
                });
                if size(&database) < least {
                    least = size(&database);
                    let execution = run(&scaled.plan, &database).ok()?;
                    *best = Some(told(&scaled, &database, &execution));
                }
                finds += 1;
                if finds == FINDS {
                    break;
                }
            }
            Ok(_) | Err(Stop::Failed(_) | Stop::TooLarge) => {}
            // Another database would hardly be executed either.
            Err(Stop::Unsupported(_)) => {
                refused += 1;
                if refused == FINDS {
                    break;
                }
            }
        }
    }
    Some(())
}

fn shows(execution: &Execution, least: u64) -> bool {
    execution.result().iter().any(|row| {
        row.people
            .count()
            .is_some_and(|count| u64::from(count) < least)
    })
}

fn size(database: &Database) -> usize {
    database.tables.iter().map(|table| table.rows.len()).sum()
}

/// Without the rows that it takes no part of.
fn shrunk(mut database: Database, still: &dyn Fn(&Database) -> bool) -> Database {
    for table in 0..database.tables.len() {
        let mut row = 0;
        while row < database.tables[table].rows.len() {
            let mut smaller = database.clone();
            smaller.tables[table].rows.remove(row);
            if still(&smaller) {
                database = smaller;
            } else {
                row += 1;
            }
        }
    }
    database
}

fn told(scaled: &scale::Scaled, database: &Database, execution: &Execution) -> Counterexample {
    let plan = &scaled.plan;
    let tables = database
        .tables
        .iter()
        .map(|table| ExampleTable {
            name: table.name.clone(),
            columns: table.columns.clone(),
            rows: table
                .rows
                .iter()
                .map(|row| row.iter().map(ToString::to_string).collect())
                .collect(),
        })
        .collect();
    let rows = execution
        .result()
        .iter()
        .map(|row| ExampleRow {
            values: row
                .cells
                .iter()
                .map(|cell| cell.value.to_string())
                .collect(),
            people: row
                .people
                .members()
                .map(|(population, members)| {
                    let names = members
                        .into_iter()
                        .filter_map(|member| execution.person(member))
                        .map(ToString::to_string)
                        .collect();
                    (table_of(plan, execution, population), names)
                })
                .collect(),
            count: row.people.count(),
        })
        .collect();
    let columns = plan
        .root()
        .map(|root| execution.columns(root))
        .iter()
        .flat_map(|columns| columns.iter())
        .map(|column| plan.column(*column).name.clone())
        .collect();
    Counterexample {
        least: scaled.least,
        scaled: scaled.constants.clone(),
        tables,
        columns,
        rows,
    }
}

fn table_of(plan: &Plan, execution: &Execution, population: crate::interpret::Pop) -> String {
    let scan = execution.scan_of(population);
    match scan.map(|scan| &plan.relation(scan).operator) {
        Some(Operator::Scan(table)) => table.name.to_string(),
        _ => String::new(),
    }
}
