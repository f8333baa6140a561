//! Comparison of the values that occur together in the rows of unions and constants.

use super::{ChangeList, Field};
use crate::derivation::{Arms, RowDerivation, covers, function_of};
use crate::record::Disclosure;

/// Reports each union that was not approved.
///
/// A union is approved if each of its arms is an arm of one approved union, with the
/// same columns or fewer.
pub(super) fn unions(
    was: &RowDerivation,
    is: &RowDerivation,
    after: &Disclosure,
    found: &mut ChangeList,
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

/// The maximum number of steps of the search for corresponding columns.
const TRIED: usize = 10_000;

fn approved(known: &Arms, now: &Arms, names: &[&str]) -> bool {
    let width = now.first().map_or(0, Vec::len);
    // The first element of each arm is the population of its rows.
    let mut taken = vec![0];
    let mut tries = 0;
    width > 0 && matched(known, now, names, &mut taken, width, &mut tries)
}

/// Searches for an approved column for each column of the arms.
///
/// The assignment must make each arm as a whole one of the approved arms.
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
