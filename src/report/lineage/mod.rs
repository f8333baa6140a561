//! Where datasets come from, as a tree, as JSON or as a drawing.

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
    /// OpenLineage's column-lineage facets.
    Json,
    /// The tables, as Mermaid draws them.
    Mermaid,
    /// The tables, as Graphviz draws them.
    Dot,
    /// The relational plan, for those who work on headcount.
    Plan,
}

/// Renders where datasets come from.
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
