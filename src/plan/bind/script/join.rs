//! The join of states where two paths of a script meet.
//!
//! What something is there may be what it is on either path.

use std::rc::Rc;

use imbl::HashMap;

use super::graph::NodeId;
use super::state::{Entry, OUTSIDE, TableKey, Tables, Versions};
use crate::budget;

/// Returns the sorted union.
pub(super) fn either(mine: &Versions, theirs: &Versions) -> Versions {
    if Rc::ptr_eq(mine, theirs) || theirs.iter().all(|one| mine.binary_search(one).is_ok()) {
        return Rc::clone(mine);
    }
    budget::spend((mine.len() + theirs.len()) / 16);
    let mut all: Vec<NodeId> = mine.iter().chain(theirs.iter()).copied().collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

/// Joins the versions of functions; returns whether they grew.
pub(super) fn join_maps<K: Clone + Eq + std::hash::Hash>(
    mine: &mut HashMap<K, Versions>,
    theirs: &HashMap<K, Versions>,
) -> bool {
    let outside: Versions = Rc::from([OUTSIDE]);
    let mut changed: Vec<(K, Versions)> = Vec::new();
    for (key, their) in theirs {
        let known = mine.get(key);
        let both = either(known.unwrap_or(&outside), their);
        if known.is_none_or(|known| known.len() < both.len()) {
            changed.push((key.clone(), both));
        }
    }
    for (key, known) in mine.iter() {
        if !theirs.contains_key(key) && !known.contains(&OUTSIDE) {
            changed.push((key.clone(), either(known, &outside)));
        }
    }
    let more = !changed.is_empty();
    mine.extend(changed);
    more
}

/// Joins the versions of tables; returns whether they grew.
///
/// A stored table that one side does not name has that side's versions of all other
/// tables; a temporary one has [`OUTSIDE`].
pub(super) fn join_tables(
    mine: &mut Tables,
    my_others: &Versions,
    theirs: &Tables,
    their_others: &Versions,
) -> bool {
    if mine.ptr_eq(theirs) {
        return false;
    }
    let absent: Versions = Rc::from([OUTSIDE]);
    let missing = |key: &TableKey, others: &Versions| {
        if key.temporary {
            Rc::clone(&absent)
        } else {
            Rc::clone(others)
        }
    };
    let none = Rc::new(Vec::new());
    let mut names: Vec<&String> = theirs.keys().collect();
    let own: Vec<String> = mine
        .keys()
        .filter(|name| !theirs.contains_key(*name))
        .cloned()
        .collect();
    names.extend(&own);
    let mut changed = Vec::new();
    for name in names {
        let (my, their) = (
            mine.get(name).unwrap_or(&none),
            theirs.get(name).unwrap_or(&none),
        );
        if Rc::ptr_eq(my, their) {
            continue;
        }
        let mut all = (**my).clone();
        let mut more = false;
        for entry in their.iter() {
            match all.iter_mut().find(|known| known.key == entry.key) {
                Some(known) => {
                    let both = either(&known.versions, &entry.versions);
                    more |= both.len() > known.versions.len();
                    known.versions = both;
                }
                None => {
                    let versions = either(&missing(&entry.key, my_others), &entry.versions);
                    all.push(Entry {
                        key: entry.key.clone(),
                        versions,
                    });
                    more = true;
                }
            }
        }
        for known in &mut all {
            if !their.iter().any(|entry| entry.key == known.key) {
                let both = either(&known.versions, &missing(&known.key, their_others));
                more |= both.len() > known.versions.len();
                known.versions = both;
            }
        }
        if more {
            changed.push((name.clone(), Rc::new(all)));
        }
    }
    let more = !changed.is_empty();
    mine.extend(changed);
    more
}
