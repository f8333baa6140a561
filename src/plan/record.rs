//! A value that is one of several, and a struct that others were put into: what
//! the analysis and the lineage both follow.

/// A value that may be more base columns than these is none of them.
const MOST: usize = 64;

/// The base columns of which a value is one that may be either of two values: none
/// where one of these is no base column, or where they are too many.
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

/// What a `*` put into a struct with all its fields, where one alone did.
pub fn only_star<V>(fields: &[(String, V)]) -> Option<&V> {
    let mut stars = fields.iter().filter(|(name, _)| name == "*");
    let (_, star) = stars.next()?;
    stars.next().is_none().then_some(star)
}
