//! Counterexamples: the fewest rows of which a dataset publishes a group that is
//! too small.

use super::proposals::of_dataset;
use super::{Surroundings, Which};
use crate::counterexample::{Counterexample, search};
use crate::plan::{Definitions, Operator};
use crate::source::SourceText;
use crate::source::template::Rendered;

/// Looks for the smallest one of a dataset, each way that its template goes.
/// Where none is found that proves nothing.
pub fn counterexample(
    source: &SourceText,
    rendered: &Rendered,
    around: &Surroundings<'_>,
    which: Which<'_>,
) -> Option<Counterexample> {
    rendered.renderings.iter().find_map(|rendering| {
        let text = SourceText::new(source.path(), rendering.text.as_str());
        of_dataset(&text, rendering, around, which, |dataset| {
            // Rows of a table that is made elsewhere can't be made up.
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
