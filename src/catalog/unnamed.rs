//! Names that no table of BigQuery has: a parameter, or a part of a template that
//! another program fills in before the query runs.

use super::{TableName, with_placeholders};
use crate::source::template::is_placeholder;

/// How much of a table's name cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnamed {
    /// The project alone. Its dataset and table are named, as in a name that leaves
    /// the project out.
    Project,
    /// The dataset or the table: nothing tells which table is read.
    Table,
}

impl TableName {
    /// How much of it cannot be read, and the first such part. Letters, marks, numbers,
    /// `_`, `-` and spaces make a table's name; `*` may end a wildcard, and `$` or `@`
    /// begin a decorator (cloud.google.com/bigquery/docs/tables#table_naming). A dash
    /// is accepted in every part: it belongs to projects and to `region-us`.
    pub fn unnamed(&self) -> Option<(Unnamed, &str)> {
        let parts = self.parts();
        let last = parts.len().saturating_sub(1);
        let mut found = None;
        for (at, part) in parts.iter().enumerate() {
            let named = if at == last {
                is_table(part)
            } else {
                is_container(part)
            };
            if named && !is_placeholder(part) {
                continue;
            }
            // The two last parts are the dataset and the table.
            if at + 2 > last {
                return Some((Unnamed::Table, part));
            }
            found.get_or_insert((Unnamed::Project, part.as_str()));
        }
        found
    }
}

/// A table, with a wildcard or a decorator.
fn is_table(part: &str) -> bool {
    let bare = part.strip_suffix(" (model)").unwrap_or(part);
    if let Some(prefix) = bare.strip_suffix('*') {
        return prefix.is_empty() || is_word(prefix);
    }
    match bare.split_once(['$', '@']) {
        Some((table, decorator)) => is_word(table) && is_decorator(decorator),
        None => is_word(bare),
    }
}

/// `20240101`, `-3600000-`, `__UNPARTITIONED__`: a word is a variable of a shell.
fn is_decorator(text: &str) -> bool {
    let is_time = |c: char| c.is_ascii_digit() || c == '-';
    let special = text.starts_with("__") && text.ends_with("__");
    !text.is_empty() && (text.chars().all(is_time) || special && is_word(text))
}

/// A project or a dataset. A project may have a domain (`example.com:project`), and a
/// legacy name a colon behind the project.
fn is_container(part: &str) -> bool {
    match part.split_once(':') {
        Some((before, after)) => is_word(before) && is_word(after),
        None => is_word(part),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_of_a_name) && with_placeholders(text) == text
}

/// Beyond ASCII, marks are in no class of the standard library: signs that quote or
/// separate are refused instead.
fn is_of_a_name(c: char) -> bool {
    match c {
        '_' | '-' | ' ' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        '\u{2000}'..='\u{200a}' | '\u{2010}'..='\u{2015}' | '\u{203f}' | '\u{2040}' => true,
        '\u{80}'..='\u{bf}' => c.is_alphanumeric() || c == '\u{a0}',
        '\u{2000}'..='\u{206f}' | '\u{2e00}'..='\u{2e7f}' | '\u{3001}'..='\u{3030}' => false,
        '\u{ff00}'..='\u{ff0f}' | '\u{fff0}'..='\u{ffff}' => false,
        _ => !c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::{TableName, Unnamed};

    #[test]
    fn placeholder_in_a_name_is_no_table() {
        for (name, expected) in [
            ("@t", Unnamed::Table),
            ("@@t", Unnamed::Table),
            ("@p.@d.main", Unnamed::Table),
            ("foo.@t", Unnamed::Table),
            ("foo.t@x", Unnamed::Table),
            ("foo.t$day", Unnamed::Table),
            ("{p}.{d}.{t}", Unnamed::Table),
            ("p.d.events_{day}", Unnamed::Table),
            ("%s.main", Unnamed::Table),
            ("<dataset>.main", Unnamed::Table),
            ("[dataset].main", Unnamed::Table),
            ("d.#{t}", Unnamed::Table),
            ("d.", Unnamed::Table),
            (".t", Unnamed::Table),
            ("p..t", Unnamed::Table),
            (":t", Unnamed::Table),
            ("d.a*b", Unnamed::Table),
            ("d.\u{ab}t\u{bb}", Unnamed::Table),
            ("unrendered_tbl", Unnamed::Table),
            ("d.x_unrendered_day", Unnamed::Table),
            ("{p}.d.t", Unnamed::Project),
            ("${p}.d.t", Unnamed::Project),
            ("unrendered_p.d.t", Unnamed::Project),
            ("@p.d.INFORMATION_SCHEMA.TABLES", Unnamed::Project),
        ] {
            let found = TableName::new([name]).unnamed().map(|(how, _)| how);
            assert_eq!(found, Some(expected), "{name}");
        }
    }

    #[test]
    fn name_that_a_table_can_have_is_read() {
        for name in [
            "t",
            "d.t",
            "moz-fx-data-shared-prod.telemetry.main_v5",
            "example.com:project.d.t",
            "project:d.t",
            "d.events_*",
            "d.*",
            "d.t$20240101",
            "d.t$__UNPARTITIONED__",
            "d.t@-3600000-",
            "d.t@1700000000000",
            "region-us.INFORMATION_SCHEMA.JOBS",
            "p.catalog.namespace.t",
            "d.b\u{e4}r baz",
            "d.ba\u{308}r",
            "d.\u{30c6}\u{30fc}\u{30d6}\u{30eb}",
            "_script.t",
        ] {
            assert_eq!(TableName::new([name]).unnamed(), None, "{name}");
        }
        assert_eq!(TableName::new(["d.m"]).of_model().unnamed(), None);
    }
}
