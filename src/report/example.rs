//! Renders a counterexample as text: the rows of the tables, the result of the query
//! on them, and the people behind each row of the result.

use super::words;
use crate::counterexample::{Counterexample, ExampleRow};

/// Largest number of result rows that are shown; rows of few people come first.
const ROWS: usize = 6;

/// Returns the lines of the text; details are indented.
pub fn lines(example: &Counterexample) -> Vec<String> {
    let mut lines = Vec::new();
    let scaled: Vec<String> = example
        .scaled
        .iter()
        .map(|(from, to)| format!("{to} instead of {from}"))
        .collect();
    if !scaled.is_empty() {
        lines.push(format!("scaled down: {}", scaled.join(", ")));
    }
    for table in &example.tables {
        lines.push(format!("{} ({})", table.name, table.columns.join(", ")));
        for row in &table.rows {
            lines.push(format!("  {}", row.join(", ")));
        }
        if table.rows.is_empty() {
            lines.push("  no rows".to_owned());
        }
    }
    lines.push(format!("publishes ({})", example.columns.join(", ")));
    let mut rows: Vec<&ExampleRow> = example.rows.iter().collect();
    rows.sort_by_key(|row| !row.is_small(example.least));
    for row in rows.iter().take(ROWS) {
        lines.push(format!("  {}: {}", row.values.join(", "), behind(row)));
    }
    if rows.len() > ROWS {
        lines.push(format!(
            "  and {} more",
            words::plural(rows.len() - ROWS, "row")
        ));
    }
    lines
}

/// Names the people behind a row.
fn behind(row: &ExampleRow) -> String {
    let Some(count) = row.count else {
        return "no person".to_owned();
    };
    let people = row
        .people
        .iter()
        .min_by_key(|(_, people)| people.len())
        .map(|(_, people)| people.join(", "))
        .unwrap_or_default();
    match count {
        0 => "no person who can be named".to_owned(),
        1 => format!("1 person, {people}"),
        more => format!("{more} people, {people}"),
    }
}
