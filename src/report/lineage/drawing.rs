//! Draws the tables from which datasets derive, from the first to the last.

use std::collections::BTreeMap;

use crate::assess::DatasetLineage;
use crate::lineage::Upstream;
use crate::report::{InertText, escape_line};

/// A table in a drawing.
struct DrawnTable<'d> {
    name: &'d str,
    /// Whether the table is one of the datasets that are drawn.
    published: bool,
    /// Whether a known file creates the table.
    made: bool,
}

/// Returns all tables, and the pairs of a table and one that reads it.
fn drawn<'d>(datasets: &'d [DatasetLineage]) -> (Vec<DrawnTable<'d>>, Vec<(usize, usize)>) {
    let all = datasets.iter().map(|dataset| &dataset.lineage.upstream);
    let mut tables: BTreeMap<&str, DrawnTable<'d>> = BTreeMap::new();
    for Upstream { of, tables: known } in all.clone() {
        for (name, node) in known {
            let table = tables.entry(name).or_insert(DrawnTable {
                name,
                published: false,
                made: false,
            });
            table.published |= name == of;
            table.made |= !node.files.is_empty();
        }
    }
    let tables: Vec<DrawnTable<'d>> = tables.into_values().collect();
    let place = |name: &str| tables.iter().position(|table| table.name == name);
    let mut edges: Vec<(usize, usize)> = all
        .flat_map(|upstream| &upstream.tables)
        .flat_map(|(name, node)| {
            let reads = node.reads.iter();
            reads.filter_map(move |read| Some((place(read)?, place(name)?)))
        })
        .collect();
    edges.sort_unstable();
    edges.dedup();
    (tables, edges)
}

/// Writes a Mermaid `flowchart` from left to right. A dataset has a double border; a
/// table that no known file creates is a cylinder.
pub(super) fn mermaid(datasets: &[DatasetLineage]) -> InertText {
    let (tables, edges) = drawn(datasets);
    let mut text = InertText::new();
    text.line("flowchart LR");
    for (at, table) in tables.iter().enumerate() {
        let name = mermaid_text(table.name);
        let (open, close) = match (table.published, table.made) {
            (true, _) => ("[[", "]]"),
            (false, true) => ("[", "]"),
            (false, false) => ("[(", ")]"),
        };
        text.line(format_args!("  t{at}{open}\"{name}\"{close}"));
    }
    for (from, to) in edges {
        text.line(format_args!("  t{from} --> t{to}"));
    }
    text
}

/// Escapes a name for a quoted Mermaid string. Special characters are written by
/// their numbers, so that the name is neither markup nor a directive, and ends
/// neither the string nor a block of code.
fn mermaid_text(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in escape_line(name).chars() {
        if matches!(
            c,
            '#' | '&' | '"' | '<' | '>' | '`' | '%' | '{' | '}' | '\\'
        ) {
            text.push_str(&format!("#{};", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    text
}

/// Escapes a name for a quoted DOT string.
fn dot_text(name: &str) -> String {
    escape_line(name).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Writes a graph for Graphviz, with the shapes of [`mermaid`].
pub(super) fn dot(datasets: &[DatasetLineage]) -> InertText {
    let (tables, edges) = drawn(datasets);
    let mut text = InertText::new();
    text.line("digraph lineage {");
    text.line("  rankdir=LR;");
    text.line("  node [shape=box];");
    for (at, table) in tables.iter().enumerate() {
        let name = dot_text(table.name);
        let shape = match (table.published, table.made) {
            (true, _) => ", peripheries=2",
            (false, true) => "",
            (false, false) => ", shape=cylinder",
        };
        text.line(format_args!("  t{at} [label=\"{name}\"{shape}];"));
    }
    for (from, to) in edges {
        text.line(format_args!("  t{from} -> t{to};"));
    }
    text.line("}");
    text
}

#[cfg(test)]
mod tests {
    use super::{dot_text, mermaid_text};

    #[test]
    fn names_stay_in_their_quotes() {
        let name = "a\"]\n%%{init: {}}%% `<b>` #lt; \\";
        assert_eq!(
            mermaid_text(name),
            "a#34;]#92;n#37;#37;#123;init: #123;#125;#125;#37;#37; #96;#60;b#62;#96; #35;lt; #92;"
        );
        assert_eq!(dot_text(name), "a\\\"]\\\\n%%{init: {}}%% `<b>` #lt; \\\\");
    }
}
