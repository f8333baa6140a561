//! The tables that random queries read, with random rows.

use fastrand::Rng;
use headcount::interpret::{Database, Table, Value};
use headcount::registry::Registry;
use headcount::source::SourceText;

/// The registry of the tables: `t` has several rows per person, `p` one row per
/// person, `q` one per person and day, `e` is another table of people, `d` has no
/// people.
pub const REGISTRY: &str = r#"
schema_version = 1

[units.client]
person = true

[[column]]
name = "id"
role = "identifier"
unit = "client"
category = 1

[[column]]
name = "day"
role = "dimension"
category = 1
resolution = "day"

[[table]]
name = "t"
unit_column = "id"
not_null = ["country", "os", "n"]
columns = ["id", "country", "os", "n", "v"]

[[table]]
name = "p"
unit_column = "id"
keys = [["id"]]
not_null = ["id", "country", "os", "n"]
columns = ["id", "country", "os", "n", "v"]

[[table]]
name = "q"
unit_column = "id"
keys = [["id", "day"]]
not_null = ["day", "country", "os", "n"]
columns = ["id", "day", "country", "os", "n", "v"]

[[table]]
name = "e"
unit_column = "id"
not_null = ["country", "os"]
columns = ["id", "country", "os", "n", "v"]

[[table]]
name = "d"
personal = false
keys = [["os"]]
not_null = ["os", "label"]
columns = ["os", "label"]
"#;

pub const COUNTRIES: [&str; 2] = ["DE", "FR"];
pub const SYSTEMS: [&str; 2] = ["mac", "win"];
const PEOPLE: [&str; 7] = ["a", "b", "c", "f", "g", "h", "i"];

pub fn registry() -> Registry {
    let source = SourceText::new("dimension-registry.toml", REGISTRY);
    Registry::parse(&source).expect("the registry of the tests is valid")
}

/// Returns the column names of a table.
pub fn columns(table: &str) -> &'static [&'static str] {
    match table {
        "q" => &["id", "day", "country", "os", "n", "v"],
        "d" => &["os", "label"],
        _ => &["id", "country", "os", "n", "v"],
    }
}

pub fn integer(column: &str) -> bool {
    matches!(column, "n" | "v" | "day")
}

/// Returns a random database.
///
/// The groups of a country and a system have about `k` people: none, one, k-1, k or
/// k+1. Some people have several rows or are in several groups, and some rows have
/// no identifier.
pub fn database(rng: &mut Rng, k: usize) -> Database {
    let mut tables = Vec::new();
    for name in ["t", "p", "q", "e", "d"] {
        let names = columns(name);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        if name == "d" {
            for os in SYSTEMS {
                if rng.u8(..5) > 0 {
                    let label = if rng.bool() { "x" } else { "y" };
                    rows.push(vec![Value::string(os), Value::string(label)]);
                }
            }
        } else if rng.u8(..12) > 0 {
            rows = people(rng, name, k);
        }
        tables.push(Table {
            name: name.to_owned(),
            columns: names.iter().map(|&name| name.to_owned()).collect(),
            rows,
            unit: (name != "d").then_some(0),
        });
    }
    Database {
        tables,
        parameters: Vec::new(),
        limit: 2,
    }
}

fn people(rng: &mut Rng, name: &str, k: usize) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut used: Vec<(Option<&str>, i64)> = Vec::new();
    let nulls = name != "p" && rng.u8(..3) > 0;
    for country in COUNTRIES {
        for os in SYSTEMS {
            let size = *rng
                .choice([0, 0, 1, k - 1, k - 1, k, k, k + 1].iter())
                .unwrap_or(&0);
            let first = rng.usize(..PEOPLE.len());
            for at in 0..size {
                let person = PEOPLE[(first + at) % PEOPLE.len()];
                let turns = if name == "p" {
                    1
                } else {
                    1 + usize::from(rng.u8(..3) == 0)
                };
                for _ in 0..turns {
                    add(rng, name, &mut rows, &mut used, Some(person), country, os);
                }
            }
            if nulls && rng.u8(..3) == 0 {
                add(rng, name, &mut rows, &mut used, None, country, os);
            }
        }
    }
    rows
}

/// Returns a number that other numbers are unlikely to add up to.
///
/// Its absence from a sum therefore shows. It is never 0, and it is negative in one
/// of four cases, so that conditions on it fail.
pub fn number(rng: &mut Rng) -> i64 {
    let size = 1_i64 << rng.u32(..40);
    let odd = size + 2 * rng.i64(0..1_000) + 1;
    if rng.u8(..4) == 0 { -odd } else { odd }
}

/// Adds a row, unless the table's key forbids it.
fn add<'p>(
    rng: &mut Rng,
    name: &str,
    rows: &mut Vec<Vec<Value>>,
    used: &mut Vec<(Option<&'p str>, i64)>,
    person: Option<&'p str>,
    country: &str,
    os: &str,
) {
    let day = rng.i64(1..3);
    let key = match name {
        "p" => Some((person, 0)),
        "q" => Some((person, day)),
        _ => None,
    };
    if let Some(key) = key {
        if used.contains(&key) {
            return;
        }
        used.push(key);
    }
    let mut row = vec![person.map_or(Value::Null, Value::string)];
    if name == "q" {
        row.push(Value::Int(day));
    }
    row.push(Value::string(country));
    row.push(Value::string(os));
    let n = number(rng);
    row.push(if name == "e" && rng.u8(..4) == 0 {
        Value::Null
    } else {
        Value::Int(n)
    });
    row.push(if rng.u8(..3) == 0 {
        Value::Null
    } else {
        Value::Int(number(rng))
    });
    rows.push(row);
}

/// Renders a database for people.
pub fn show(database: &Database) -> String {
    let mut text = String::new();
    for table in &database.tables {
        if table.rows.is_empty() {
            continue;
        }
        text.push_str(&format!("  {}({})\n", table.name, table.columns.join(", ")));
        for row in &table.rows {
            let row: Vec<String> = row.iter().map(ToString::to_string).collect();
            text.push_str(&format!("    {}\n", row.join(", ")));
        }
    }
    text
}
