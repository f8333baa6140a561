//! Writes the column-lineage facet of OpenLineage.
//!
//! The facet is spec/facets/1-2-0/ColumnLineageDatasetFacet. Each dataset has its
//! columns with their base columns, and the base columns that decide about all
//! columns alike.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::assess::DatasetLineage;
use crate::lineage::{ANY_COLUMN, Inputs, Transformation};
use crate::report::InertText;

/// The namespace of BigQuery tables (OpenLineage, naming conventions).
const NAMESPACE: &str = "bigquery";
const SCHEMA: &str = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";

/// A dataset, with all renderings of its template combined.
#[derive(Default)]
struct Output<'d> {
    names: Vec<&'d str>,
    fields: BTreeMap<&'d str, Inputs>,
    rows: Inputs,
    tables: BTreeSet<&'d str>,
    problems: BTreeSet<&'d str>,
}

pub(super) fn render(datasets: &[DatasetLineage]) -> InertText {
    let mut order: Vec<&str> = Vec::new();
    let mut outputs: BTreeMap<&str, Output<'_>> = BTreeMap::new();
    for dataset in datasets {
        if !order.contains(&dataset.dataset.as_str()) {
            order.push(&dataset.dataset);
        }
        let output = outputs.entry(&dataset.dataset).or_default();
        for column in &dataset.lineage.columns {
            if !output.names.contains(&column.name.as_str()) {
                output.names.push(&column.name);
            }
            join(
                output.fields.entry(&column.name).or_default(),
                &column.inputs,
            );
        }
        join(&mut output.rows, &dataset.lineage.rows);
        let upstream = &dataset.lineage.upstream;
        let read = upstream
            .tables
            .iter()
            .filter(|(_, node)| node.reads.is_empty());
        output.tables.extend(
            read.map(|(name, _)| name.as_str())
                .filter(|name| *name != upstream.of),
        );
        output
            .problems
            .extend(dataset.problems.iter().map(String::as_str));
    }
    let inputs: BTreeSet<&str> = outputs
        .values()
        .flat_map(|output| output.tables.iter().copied())
        .collect();
    let document = json!({
        "schema_version": 1,
        "tool": {"name": "headcount", "version": env!("CARGO_PKG_VERSION")},
        "inputs": inputs
            .into_iter()
            .map(|name| json!({"namespace": NAMESPACE, "name": name}))
            .collect::<Vec<_>>(),
        "outputs": order
            .iter()
            .filter_map(|name| Some(of(name, outputs.get(name)?)))
            .collect::<Vec<_>>(),
    });
    InertText::json(&document)
}

fn join(to: &mut Inputs, from: &Inputs) {
    for (input, ways) in from {
        to.entry(input.clone()).or_default().extend(ways);
    }
}

fn of(name: &str, output: &Output<'_>) -> Value {
    let mut fields = Map::new();
    for column in &output.names {
        if let Some(inputs) = output.fields.get(column) {
            fields.insert((*column).to_owned(), json!({"inputFields": list(inputs)}));
        }
    }
    // A dataset that is only partly known is marked as incomplete for its readers.
    let unknown = output
        .fields
        .values()
        .flat_map(BTreeMap::keys)
        .any(|input| input.field == ANY_COLUMN);
    json!({
        "namespace": NAMESPACE,
        "name": name,
        "complete": output.problems.is_empty() && !unknown,
        "problems": output.problems,
        "facets": {
            "columnLineage": {
                "_producer": concat!("https://github.com/mozilla/headcount/tree/v", env!("CARGO_PKG_VERSION")),
                "_schemaURL": SCHEMA,
                "fields": fields,
                "dataset": list(&output.rows),
            },
        },
    })
}

fn list(inputs: &Inputs) -> Vec<Value> {
    inputs
        .iter()
        .map(|(input, ways)| {
            json!({
                "namespace": NAMESPACE,
                "name": input.table,
                "field": input.field,
                "transformations": ways.iter().map(way).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn way(way: &Transformation) -> Value {
    json!({
        "type": if way.kind.is_direct() { "DIRECT" } else { "INDIRECT" },
        "subtype": way.kind.word(),
        "description": "",
        "masking": way.masking,
    })
}
