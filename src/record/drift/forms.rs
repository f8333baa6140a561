//! Comparison of datasets with several forms: one for each statement that writes the
//! dataset, in each rendering of a template.

use super::{Change, Direction, between};
use crate::record::Disclosure;

/// Returns the changes that disclose more than what was approved.
pub fn grown(before: &[Disclosure], after: &[Disclosure]) -> Vec<Change> {
    let mut found = changes(before, after);
    found.retain(|change| change.direction == Direction::More);
    found
}

/// Returns all changes that disclose more or less.
///
/// A form is approved if one of the approved forms discloses as much, so each form
/// is compared with the nearest approved one.
pub fn changes(before: &[Disclosure], after: &[Disclosure]) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    for form in after {
        let nearest = before
            .iter()
            .map(|approved| {
                let changes = between(approved, form);
                let more = changes
                    .iter()
                    .filter(|change| change.direction == Direction::More)
                    .count();
                let rank = (more, approved.variant != form.variant, changes.len());
                (rank, changes)
            })
            .min_by_key(|(rank, _)| *rank);
        let Some((_, changes)) = nearest else {
            continue;
        };
        for mut change in changes {
            if let (Some(variant), true) = (&form.variant, after.len() > 1) {
                change.message = format!("if {variant}: {}", change.message);
            }
            if !found.contains(&change) {
                found.push(change);
            }
        }
    }
    found
}
