//! The tables of which a dataset is made, drawn from the first to the last.

use std::collections::BTreeMap;

use crate::assess::DatasetLineage;
use crate::lineage::Upstream;

/// A table in a drawing.
struct Drawn<'d> {
    name: &'d str,
    /// The dataset that is drawn.
    published: bool,
    /// Whether a file is known that makes it.
    made: bool,
}

/// All tables, and which goes into which.
fn drawn<'d>(datasets: &'d [DatasetLineage]) -> (Vec<Drawn<'d>>, Vec<(usize, usize)>) {
    let all = datasets.iter().map(|dataset| &dataset.lineage.upstream);
    let mut tables: BTreeMap<&str, Drawn<'d>> = BTreeMap::new();
    for Upstream { of, tables: known } in all.clone() {
        for (name, node) in known {
            let table = tables.entry(name).or_insert(Drawn {
                name,
                published: false,
                made: false,
            });
            table.published |= name == of;
            table.made |= !node.files.is_empty();
        }
    }
    let tables: Vec<Drawn<'d>> = tables.into_values().collect();
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

/// For Mermaid: `flowchart` from left to right. A dataset has a double wall, a
/// table that nothing known makes is a cylinder.
pub(super) fn mermaid(datasets: &[DatasetLineage]) -> String {
    let (tables, edges) = drawn(datasets);
    let mut text = "flowchart LR\n".to_owned();
    for (at, table) in tables.iter().enumerate() {
        let name = table
            .name
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace(['\n', '\r'], " ");
        let (open, close) = match (table.published, table.made) {
            (true, _) => ("[[", "]]"),
            (false, true) => ("[", "]"),
            (false, false) => ("[(", ")]"),
        };
        text.push_str(&format!("  t{at}{open}\"{name}\"{close}\n"));
    }
    for (from, to) in edges {
        text.push_str(&format!("  t{from} --> t{to}\n"));
    }
    text
}

/// For Graphviz.
pub(super) fn dot(datasets: &[DatasetLineage]) -> String {
    let (tables, edges) = drawn(datasets);
    let mut text = "digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    for (at, table) in tables.iter().enumerate() {
        let name = table
            .name
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace(['\n', '\r'], " ");
        let shape = match (table.published, table.made) {
            (true, _) => ", peripheries=2",
            (false, true) => "",
            (false, false) => ", shape=cylinder",
        };
        text.push_str(&format!("  t{at} [label=\"{name}\"{shape}];\n"));
    }
    for (from, to) in edges {
        text.push_str(&format!("  t{from} -> t{to};\n"));
    }
    text.push_str("}\n");
    text
}
