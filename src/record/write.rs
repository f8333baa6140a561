//! From an entry to TOML, its keys always in the same order, so that a change of
//! one thing is a change of one line.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::read::role_word;
use super::{Approval, ApprovedColumn, ApprovedSource, Entry, SCHEMA_VERSION};

const HEADER: &str = "# What was approved of this dataset. `headcount approve` writes it; see docs/publishing-record.md.\n";

impl Entry {
    /// The text of its file.
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
        document["disclosure"] = Item::Table(self.disclosure());
        document.to_string()
    }

    fn disclosure(&self) -> Table {
        let known = &self.disclosure;
        let mut table = Table::new();
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
            one_a_line(&mut sources);
            table["source"] = value(sources);
        }
        table
    }
}

/// TOML's numbers are signed; more people than that there are not.
fn number(number: u64) -> Item {
    value(i64::try_from(number).unwrap_or(i64::MAX))
}

fn lines(texts: &[String]) -> Array {
    let mut array: Array = texts.iter().collect();
    if texts.len() > 1 {
        one_a_line(&mut array);
    }
    array
}

fn one_a_line(array: &mut Array) {
    for item in array.iter_mut() {
        item.decor_mut().set_prefix("\n  ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
}

fn day(text: &str) -> Item {
    // What is no day was never taken.
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
    table["role"] = value(role_word(column.role));
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
    if !column.made.trim().is_empty() {
        table["made"] = value(column.made.as_str());
    }
    table["sources"] = value(column.sources.iter().collect::<Array>());
    table
}

/// Only what is held against it, so that most are a name and a category.
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
