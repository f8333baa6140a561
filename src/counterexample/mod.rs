//! Search for a small database in which a published row stands for too few people.
//!
//! A counterexample is a few rows, the result of the query on them, and the people
//! behind each row of the result. It explains why a threshold does not hold better
//! than the message of any rule.
//!
//! Numbers in the thousands need thousands of rows, so the query's thresholds are
//! [scaled](scale) first: if 5,000 people are required, the search looks for rows of
//! fewer than 3. The search is random with a fixed seed, and ends after a number of
//! attempts. If it finds nothing, that proves nothing.

mod fill;
mod guess;
mod scale;

#[cfg(test)]
mod tests;

use fastrand::Rng;

use crate::budget;
use crate::interpret::{Database, Execution, ExecutionError, run};
use crate::plan::{Operator, Plan};
use crate::registry::Registry;

/// Number of databases that are tried.
const TRIES: usize = 400;

/// Number of finds after which the search ends with the smallest one.
const FINDS: usize = 5;

/// A database which shows that a threshold does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// Number of people that is required in it: 3 in place of a larger number.
    pub least: u64,
    /// Constants of the query with their replacements, each pair once.
    pub scaled: Vec<(i64, i64)>,
    /// The tables that the query reads, also those without rows.
    pub tables: Vec<ExampleTable>,
    /// The names of the published columns.
    pub columns: Vec<String>,
    /// The rows of the result.
    pub rows: Vec<ExampleRow>,
}

/// A table of a counterexample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleTable {
    /// The name of the table.
    pub name: String,
    /// The columns that the query reads; `(person)` if it reads no identifier.
    pub columns: Vec<String>,
    /// The rows, with values as SQL writes them.
    pub rows: Vec<Vec<String>>,
}

/// A published row of a counterexample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleRow {
    /// The values, as SQL writes them.
    pub values: Vec<String>,
    /// The people behind the row, for each table of people from which it derives.
    pub people: Vec<(String, Vec<String>)>,
    /// Number of people behind the row, in the table with the fewest.
    ///
    /// `None` if no table of people is behind it.
    pub count: Option<u32>,
}

impl ExampleRow {
    /// Whether the row stands for fewer than `least` people.
    pub fn is_small(&self, least: u64) -> bool {
        self.count.is_some_and(|count| u64::from(count) < least)
    }
}

/// Searches a small database in which a published row has too few people.
///
/// Too few are fewer than `required`, after scaling. A search that exceeds its part
/// of the budget of the file returns what it has found so far.
pub fn search(plan: &Plan, registry: &Registry, required: u64) -> Option<Counterexample> {
    let mut best = None;
    // If the budget ends the search, the best find so far is still valid.
    let _ = budget::part(|| try_databases(plan, registry, required, &mut best));
    best
}

fn try_databases(
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
                let database = shrink_database(database, &|smaller| {
                    run(&scaled.plan, smaller)
                        .is_ok_and(|execution| shows(&execution, scaled.least))
                });
                if size(&database) < least {
                    least = size(&database);
                    let execution = run(&scaled.plan, &database).ok()?;
                    *best = Some(describe(&scaled, &database, &execution));
                }
                finds += 1;
                if finds == FINDS {
                    break;
                }
            }
            Ok(_) | Err(ExecutionError::Failed(_) | ExecutionError::TooLarge) => {}
            // The interpreter would hardly run the query on another database either.
            Err(ExecutionError::Unsupported(_)) => {
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

/// Removes the rows without which the database still shows the same.
fn shrink_database(mut database: Database, still: &dyn Fn(&Database) -> bool) -> Database {
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

fn describe(scaled: &scale::Scaled, database: &Database, execution: &Execution) -> Counterexample {
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

fn table_of(
    plan: &Plan,
    execution: &Execution,
    population: crate::interpret::PrivateInput,
) -> String {
    let scan = execution.scan_of(population);
    match scan.map(|scan| &plan.relation(scan).operator) {
        Some(Operator::Scan(table)) => table.name.to_string(),
        _ => String::new(),
    }
}
