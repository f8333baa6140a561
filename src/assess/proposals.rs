//! Edits that may raise one dataset of a text to level 2, at their written
//! positions.

use super::Surroundings;
use crate::facts::analyze;
use crate::mend::{self, FixCandidate, FixProposal};
use crate::plan::bind::{Dataset, bind};
use crate::source::SourceText;
use crate::source::template::{Rendered, Rendering, SourceMap};
use crate::syntax;

/// Selects one dataset of a text.
#[derive(Debug, Clone, Copy)]
pub struct DatasetSelector<'a> {
    /// The identity of the dataset.
    pub identity: &'a str,
    /// The number of preceding datasets with the same identity.
    pub nth: usize,
}

/// Proposes edits for a dataset, even if other files create the tables that it
/// reads.
///
/// A template yields the candidates of each rendering, and one that combines the
/// best candidate of every rendering. An edit whose position is not written as it is
/// rendered is dropped.
pub fn proposals(
    source: &SourceText,
    rendered: &Rendered,
    around: &Surroundings<'_>,
    which: DatasetSelector<'_>,
) -> FixProposal {
    let mut all = FixProposal::default();
    let mut best: Vec<FixCandidate> = Vec::new();
    for rendering in &rendered.renderings {
        let text = SourceText::new(source.path(), rendering.text.as_str());
        let Some(found) = of_rendering(&text, rendering, around, which) else {
            continue;
        };
        let written: Vec<FixCandidate> = found
            .candidates
            .into_iter()
            .filter_map(|candidate| written(candidate, &rendering.map))
            .collect();
        best.extend(written.first().cloned());
        for candidate in written {
            if !all
                .candidates
                .iter()
                .any(|known| known.fix.edits == candidate.fix.edits)
            {
                all.candidates.push(candidate);
            }
        }
        let bounded = found.without_residual.into_iter();
        all.without_residual
            .extend(bounded.filter_map(|candidate| self::written(candidate, &rendering.map)));
        if all.without_columns.is_none() {
            all.without_columns = found
                .without_columns
                .and_then(|candidate| self::written(candidate, &rendering.map));
        }
        for why in found.missing {
            if !all.missing.contains(&why) {
                all.missing.push(why);
            }
        }
        for table in found.uncounted {
            if !all.uncounted.contains(&table) {
                all.uncounted.push(table);
            }
        }
    }
    all.candidates.extend(FixCandidate::together(best));
    all
}

fn of_rendering(
    text: &SourceText,
    rendering: &Rendering,
    around: &Surroundings<'_>,
    which: DatasetSelector<'_>,
) -> Option<FixProposal> {
    of_dataset(text, rendering, around, which, |dataset| {
        let facts = analyze(&dataset.plan, around.registry);
        let required = around.registry.policy().min_bucket;
        mend::propose(text, &dataset.plan, &facts, required)
    })
}

/// Applies a function to the selected dataset of a rendering, if the rendering has
/// it.
pub(super) fn of_dataset<T>(
    text: &SourceText,
    rendering: &Rendering,
    around: &Surroundings<'_>,
    which: DatasetSelector<'_>,
    act: impl FnOnce(&Dataset) -> T,
) -> Option<T> {
    let script = syntax::parse(text);
    let bound = bind(text, &script, around);
    let target = around.target(&rendering.target);
    let (_, dataset) = bound
        .iter()
        .enumerate()
        .filter(|(at, dataset)| super::identity(text, dataset, *at, target) == which.identity)
        .nth(which.nth)?;
    Some(act(dataset))
}

/// Maps a candidate to written positions; `None` if one of them is not written as
/// rendered.
fn written(mut candidate: FixCandidate, map: &SourceMap) -> Option<FixCandidate> {
    for edit in &mut candidate.fix.edits {
        edit.span = map.exact(edit.span)?;
    }
    Some(candidate)
}
