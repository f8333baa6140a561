//! Formatting of an entry as TOML. Keys are in a fixed order, so that one change of
//! an entry changes one line.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::read::{UNKNOWN, role_name};
use super::{Approval, ApprovedColumn, ApprovedSource, Disclosure, Entry, SCHEMA_VERSION};
use crate::derivation::{Condition, RowDerivation};
use crate::toml_text::written;

const HEADER: &str = "# What was approved for this dataset. Written by `headcount approve`; see docs/publishing-record.md.\n";

impl Entry {
    /// Returns the text of the entry's file.
    pub fn to_toml(&self) -> String {
        let mut document = DocumentMut::new();
        document.decor_mut().set_prefix(HEADER);
        document["schema_version"] = number(SCHEMA_VERSION);
        document["dataset"] = value(self.dataset.as_str());
        document["paths"] = value(lines(&self.paths));
        let mut approvals = ArrayOfTables::new();
        for approval in &self.approvals {
            approvals.push(self::approval(approval));
        }
        document["approval"] = Item::ArrayOfTables(approvals);
        let disclosures: ArrayOfTables = self.disclosures.iter().map(disclosure).collect();
        document["disclosure"] = Item::ArrayOfTables(disclosures);
        written(document)
    }
}

fn disclosure(known: &Disclosure) -> Table {
    let mut table = Table::new();
    if let Some(variant) = &known.variant {
        table["variant"] = value(variant.as_str());
    }
    table["assessed"] = value(known.assessed);
    if let Some(level) = known.level {
        table["level"] = number(u64::from(level.number()));
    }
    if let Some(bucket) = known.bucket {
        table["bucket"] = number(bucket);
    }
    if known.residual {
        table["residual"] = value("unbounded");
    }
    if let Some(grain) = &known.grain {
        table["grain"] = value(grain.iter().collect::<Array>());
    }
    if let Some(rows) = &known.rows {
        self::rows(rows, &mut table);
        if known.assessed && rows.grain.is_none() {
            table["keys"] = value(UNKNOWN);
        }
    }
    if !known.findings.is_empty() {
        let mut findings = Table::new();
        for (code, count) in &known.findings {
            findings[code] = number(*count);
        }
        table["findings"] = Item::Table(findings);
    }
    if !known.columns.is_empty() {
        table["column"] = Item::ArrayOfTables(known.columns.iter().map(column).collect());
    }
    if !known.sources.is_empty() {
        let mut sources: Array = known.sources.iter().map(source).collect();
        one_per_line(&mut sources);
        table["source"] = value(sources);
    }
    table
}

/// Adds the derivation of the rows; empty parts are omitted.
fn rows(rows: &RowDerivation, table: &mut Table) {
    let mut list = |key: &str, texts: &[String]| {
        if !texts.is_empty() {
            table[key] = value(lines(texts));
        }
    };
    list("populations", &rows.populations);
    list("tables", &rows.tables.iter().cloned().collect::<Vec<_>>());
    list("opaque", &rows.opaque.iter().cloned().collect::<Vec<_>>());
    if let Some(keys) = &rows.grain {
        let mut keys: Array = keys
            .iter()
            .map(|ways| Value::Array(ways.iter().collect()))
            .collect();
        if keys.len() > 1 {
            one_per_line(&mut keys);
        }
        table["keys"] = value(keys);
    }
    if let Some(limit) = rows.limit {
        table["limit"] = number(limit);
    }
    if rows.kept {
        table["kept"] = value(true);
    }
    if !rows.unions.is_empty() {
        let arms = rows.unions.iter().zip(1..).flat_map(|(arms, number)| {
            let number: u64 = number;
            arms.iter().map(move |arm| {
                let first = std::iter::once(number.to_string());
                Value::Array(first.chain(arm.iter().cloned()).collect())
            })
        });
        let mut arms: Array = arms.collect();
        one_per_line(&mut arms);
        table["unions"] = value(arms);
    }
    if !rows.conditions.is_empty() {
        let mut conditions: Array = rows.conditions.iter().map(condition).collect();
        one_per_line(&mut conditions);
        table["condition"] = value(conditions);
    }
    if !rows.texts.is_empty() {
        let mut texts: Array = rows.texts.iter().map(text).collect();
        one_per_line(&mut texts);
        table["text"] = value(texts);
    }
}

fn condition(condition: &Condition) -> Value {
    let mut table = InlineTable::new();
    table.insert("made", condition.made.as_str().into());
    table.insert("kind", condition.kind.word().into());
    Value::InlineTable(table)
}

fn text((of, print): (&String, &String)) -> Value {
    let mut table = InlineTable::new();
    table.insert("of", of.as_str().into());
    if !print.is_empty() {
        table.insert("print", print.as_str().into());
    }
    Value::InlineTable(table)
}

/// TOML's integers are signed; the maximum exceeds the number of all people.
fn number(number: u64) -> Item {
    value(i64::try_from(number).unwrap_or(i64::MAX))
}

fn lines(texts: &[String]) -> Array {
    let mut array: Array = texts.iter().collect();
    if texts.len() > 1 {
        one_per_line(&mut array);
    }
    array
}

fn one_per_line(array: &mut Array) {
    for item in array.iter_mut() {
        item.decor_mut().set_prefix("\n  ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
}

fn day(text: &str) -> Item {
    // An invalid date is rejected before.
    match text.parse::<toml_edit::Datetime>() {
        Ok(date) => value(date),
        Err(_) => value(text),
    }
}

fn approval(approval: &Approval) -> Table {
    let mut table = Table::new();
    table["kind"] = value(approval.kind.word());
    table["bug"] = value(approval.bug.as_str());
    table["date"] = day(&approval.date);
    if let Some(until) = &approval.until {
        table["until"] = day(until);
    }
    table["by"] = value(approval.by.as_str());
    table["version"] = value(approval.version.as_str());
    if let Some(level) = approval.level {
        table["level"] = number(u64::from(level));
    }
    if let Some(bucket) = approval.bucket {
        table["bucket"] = number(bucket);
    }
    table["columns"] = value(approval.columns.iter().collect::<Array>());
    table["fingerprints"] = value(lines(&approval.fingerprints));
    table
}

fn column(column: &ApprovedColumn) -> Table {
    let mut table = Table::new();
    table["name"] = value(column.name.as_str());
    table["role"] = value(role_name(column.role));
    if let Some(category) = column.category {
        table["category"] = number(u64::from(category));
    }
    if let Some(reason) = &column.sensitive {
        table["sensitive"] = value(reason.as_str());
    }
    if let Some(level) = column.level {
        table["level"] = number(u64::from(level.number()));
    }
    if let Some(bucket) = column.bucket {
        table["bucket"] = number(bucket);
    }
    if let Some(resolution) = column.resolution {
        table["resolution"] = value(resolution.word());
    }
    table["made"] = value(lines(&column.made));
    table["sources"] = value(column.sources.iter().collect::<Array>());
    table
}

/// Formats a source by its exceptional properties only: most have a name and a
/// category.
fn source(source: &ApprovedSource) -> Value {
    let mut table = InlineTable::new();
    table.insert("name", source.name.as_str().into());
    if let Some(category) = source.category {
        table.insert("category", i64::from(category).into());
    }
    if source.measured {
        table.insert("measured", true.into());
    }
    if let Some(reason) = &source.sensitive {
        table.insert("sensitive", reason.as_str().into());
    }
    if !source.registered {
        table.insert("registered", false.into());
    }
    if !source.reviewed {
        table.insert("reviewed", false.into());
    }
    Value::InlineTable(table)
}
