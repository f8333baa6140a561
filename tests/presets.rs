//! The presets of `init` hold every column of the public schemas: `tests/presets/` lists
//! these, as their pages document them, with what must be known of a column.

use headcount::catalog::TableName;
use headcount::registry::{Preset, RegisteredRole, Registry, Resolution};
use headcount::source::SourceText;

/// What is wrong with a preset: column by column of the schema's tables.
fn wrong(preset: Preset, schema: &str) -> Vec<String> {
    let registry = Registry::parse(&SourceText::new("preset.toml", preset.text()));
    let registry = registry.expect("the preset is valid");
    let mut wrong = Vec::new();
    let mut table = None;
    let mut columns = 0;
    for line in schema.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            table = Some(TableName::new([name.trim_end_matches(']')]));
            continue;
        }
        let mut words = line.split_whitespace();
        let (Some(column), Some(table)) = (words.next(), &table) else {
            continue;
        };
        columns += 1;
        let declared = registry.table(table);
        if declared.is_some_and(|table| table.personal == Some(false)) {
            continue;
        }
        let path: Vec<&str> = column.split('.').collect();
        let Some(entry) = registry.column(Some(table), &path) else {
            wrong.push(format!("{table}: no entry for `{column}`"));
            continue;
        };
        let identifier = entry.role == RegisteredRole::Identifier;
        let right = match words.next() {
            Some("identifier") => identifier,
            Some("free") => entry.category.is_none() && !identifier,
            Some("web") => entry.category == Some(3),
            Some(reason @ ("location" | "revenue")) => entry.sensitive.as_deref() == Some(reason),
            Some(word) => entry.resolution.map(Resolution::word) == Some(word),
            None => identifier || entry.category.is_some(),
        };
        if !right {
            wrong.push(format!("{table}: the entry of `{column}` is wrong: {line}"));
        }
    }
    assert!(columns > 100, "{columns} columns");
    wrong
}

#[test]
fn every_documented_column_has_the_right_entry() {
    let all = [
        (Preset::Ga4, include_str!("presets/ga4.txt")),
        (Preset::Ga360, include_str!("presets/ga360.txt")),
        (Preset::Firebase, include_str!("presets/firebase.txt")),
        (Preset::Omop, include_str!("presets/omop.txt")),
    ];
    let wrong: Vec<String> = all
        .into_iter()
        .flat_map(|(preset, schema)| wrong(preset, schema))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
