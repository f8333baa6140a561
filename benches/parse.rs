//! The least that an analysis can cost: parsing every file with `sqlparser` alone,
//! as it comes. `benches/ratio` holds `headcount check` against it.
//!
//! Arguments: files and directories. Prints how many files there were and how many
//! parsed; with `--list`, the names of these instead.

use std::path::Path;

use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;
use walkdir::WalkDir;

fn main() {
    // `cargo bench` adds an argument of its own.
    let folders: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let list = folders.iter().any(|argument| argument == "--list");
    let (mut files, mut parsed) = (0, 0);
    for folder in folders.iter().filter(|argument| *argument != "--list") {
        for entry in WalkDir::new(folder).into_iter().flatten() {
            if entry.path().extension() != Some("sql".as_ref()) {
                continue;
            }
            files += 1;
            let whole = parses(entry.path());
            parsed += usize::from(whole);
            if list && whole {
                println!("{}", entry.path().display());
            }
        }
    }
    if !list {
        println!("{files} files, {parsed} parsed");
    }
}

fn parses(path: &Path) -> bool {
    std::fs::read_to_string(path)
        .is_ok_and(|text| Parser::parse_sql(&BigQueryDialect {}, &text).is_ok())
}
