//! A lower bound on the cost of an analysis: parsing every file with `sqlparser`
//! alone, without preprocessing. `benches/ratio` compares `headcount check` with it.
//!
//! Arguments: files and directories. Prints the numbers of files and of parsed
//! files; with `--list`, the names of the parsed files.

use std::path::Path;

use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;
use walkdir::WalkDir;

fn main() {
    // `cargo bench` adds its own option.
    let (options, paths): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let list = options.iter().any(|option| option == "--list");
    let (mut files, mut parsed) = (0, 0);
    for path in &paths {
        for entry in WalkDir::new(path).into_iter().flatten() {
            if entry.path().extension() != Some("sql".as_ref()) {
                continue;
            }
            files += 1;
            if parses(entry.path()) {
                parsed += 1;
                if list {
                    println!("{}", entry.path().display());
                }
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
