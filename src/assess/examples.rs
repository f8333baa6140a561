//! Counterexamples: the fewest rows of which a dataset publishes a group that is
//! too small.

use super::Which;
use super::proposals::of_dataset;
use crate::counterexample::{Counterexample, search};
use crate::registry::Registry;
use crate::source::SourceText;
use crate::source::template::Rendered;

/// Looks for the smallest one of a dataset, each way that its template goes.
/// Where none is found that proves nothing.
pub fn counterexample(
    source: &SourceText,
    rendered: &Rendered,
    registry: &Registry,
    which: Which<'_>,
) -> Option<Counterexample> {
    rendered.renderings.iter().find_map(|rendering| {
        let text = SourceText::new(source.path(), rendering.text.as_str());
        of_dataset(&text, rendering, registry, which, |dataset| {
            search(&dataset.plan, registry, registry.policy().min_bucket)
        })?
    })
}
