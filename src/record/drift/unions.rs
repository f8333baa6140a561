//! Which values stand together in the rows of unions and constants.

use super::{Field, Found};
use crate::derivation::{Arms, RowDerivation, covers, function_of};
use crate::record::Disclosure;

/// Each union of today has to be one that was approved: each of its arms one of that
/// one's arms, with the same columns of it or fewer.
pub(super) fn unions(
    was: &RowDerivation,
    is: &RowDerivation,
    after: &Disclosure,
    found: &mut Found,
) {
    let names: Vec<&str> = after
        .sources
        .iter()
        .map(|source| source.name.as_str())
        .chain(is.tables.iter().map(String::as_str))
        .collect();
    for arms in &is.unions {
        if was.unions.iter().any(|known| approved(known, arms, &names)) {
            continue;
        }
        let other = arms
            .iter()
            .find(|arm| !was.unions.iter().flatten().any(|known| known == *arm));
        let arm = other.or(arms.first()).map(|arm| arm.join(", "));
        found.more(
            Field::Rows,
            format!(
                "values are combined that were not: `{}`",
                arm.unwrap_or_default()
            ),
        );
    }
}

/// Columns that are tried in the place of one.
const TRIED: usize = 10_000;

fn approved(known: &Arms, now: &Arms, names: &[&str]) -> bool {
    let width = now.first().map_or(0, Vec::len);
    // The first of each is where its rows come from.
    let mut taken = vec![0];
    let mut tries = 0;
    width > 0 && matched(known, now, names, &mut taken, width, &mut tries)
}

/// Finds for each column of the arms one that was approved, so that each arm as a whole
/// is one of the approved ones.
fn matched(
    known: &Arms,
    now: &Arms,
    names: &[&str],
    taken: &mut Vec<usize>,
    width: usize,
    tries: &mut usize,
) -> bool {
    *tries += 1;
    if *tries > TRIED {
        return false;
    }
    let fits = now.iter().all(|arm| {
        known.iter().any(|approved| {
            taken.iter().enumerate().all(|(at, of)| {
                approved.get(*of).zip(arm.get(at)).is_some_and(|(was, is)| {
                    covers(was, is) || (at > 0 && function_of(was, is, names.iter().copied()))
                })
            })
        })
    });
    if !fits {
        return false;
    }
    if taken.len() == width {
        return true;
    }
    let columns = known.first().map_or(0, Vec::len);
    for of in 1..columns {
        taken.push(of);
        if matched(known, now, names, taken, width, tries) {
            return true;
        }
        taken.pop();
    }
    false
}
