//! Counterexamples: the fewest rows for which a dataset publishes a group that is
//! too small.

use super::proposals::of_dataset;
use super::{DatasetSelector, Surroundings};
use crate::counterexample::{Counterexample, search};
use crate::plan::{Definitions, Operator};
use crate::source::SourceText;
use crate::source::template::Rendered;

/// Searches for a counterexample of a dataset, in each rendering of its template.
///
/// `None` proves nothing: a counterexample may exist all the same.
pub fn counterexample(
    source: &SourceText,
    rendered: &Rendered,
    around: &Surroundings<'_>,
    which: DatasetSelector<'_>,
) -> Option<Counterexample> {
    rendered.renderings.iter().find_map(|rendering| {
        let text = SourceText::new(source.path(), rendering.text.as_str());
        of_dataset(&text, rendering, around, which, |dataset| {
            // Rows cannot be invented for a table that other statements create.
            let made = dataset.plan.relations().any(|(_, relation)| {
                matches!(&relation.operator, Operator::Scan(table) if around.made(&table.name).is_some())
            });
            if made {
                return None;
            }
            search(
                &dataset.plan,
                around.registry,
                around.registry.policy().min_bucket,
            )
        })?
    })
}
