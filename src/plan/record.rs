//! Alternatives of a value, and the star of a struct.
//!
//! The analysis and the lineage both use these functions.

/// The maximal number of base columns that a value may derive from alternatively.
const MOST: usize = 64;

/// Adds to `mine` the base columns of a value that is either `mine` or `theirs`.
///
/// Clears `mine` if one of the two is empty (no base column), or if both together
/// exceed the limit.
pub fn one_of<T: Clone + PartialEq>(mine: &mut Vec<T>, theirs: &[T]) {
    let several = mine.len().saturating_add(theirs.len());
    if mine.is_empty() || theirs.is_empty() || several > MOST {
        mine.clear();
        return;
    }
    for one in theirs {
        if !mine.contains(one) {
            mine.push(one.clone());
        }
    }
}

/// Returns the value that a `*` put into a struct, if exactly one `*` did.
pub fn only_star<V>(fields: &[(String, V)]) -> Option<&V> {
    let mut stars = fields.iter().filter(|(name, _)| name == "*");
    let (_, star) = stars.next()?;
    stars.next().is_none().then_some(star)
}
