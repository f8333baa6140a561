//! Renders the lineage of datasets as a tree, as JSON or as a drawing.

mod drawing;
mod open_lineage;
mod tree;

use super::InertText;
use crate::assess::DatasetLineage;

/// A format of `headcount lineage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageFormat {
    /// A tree for each column.
    Tree,
    /// Column-lineage facets of OpenLineage.
    Json,
    /// A graph of the tables for Mermaid.
    Mermaid,
    /// A graph of the tables for Graphviz.
    Dot,
    /// The relational plan, for developers of headcount.
    Plan,
}

/// Renders the lineage of datasets.
pub fn render(datasets: &[DatasetLineage], format: LineageFormat) -> InertText {
    match format {
        LineageFormat::Tree => tree::render(datasets),
        LineageFormat::Json => open_lineage::render(datasets),
        LineageFormat::Mermaid => drawing::mermaid(datasets),
        LineageFormat::Dot => drawing::dot(datasets),
        LineageFormat::Plan => {
            let mut text = InertText::new();
            for dataset in datasets {
                text.line(tree::heading(dataset));
                text.block(dataset.plan.as_deref().unwrap_or_default());
            }
            text
        }
    }
}
