//! The order that ORDER BY requires.

use std::cmp::Ordering;

use super::relation::compare_keys;
use super::value::Value;
use crate::plan::{Expr, ExprKind};

/// The direction of a sort key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Direction {
    descending: bool,
    nulls_first: bool,
}

/// Separates the keys of ORDER BY from their directions.
pub(super) fn directed(by: &[Expr]) -> (Vec<Expr>, Vec<Direction>) {
    by.iter().map(direction).unzip()
}

fn direction(key: &Expr) -> (Expr, Direction) {
    if let ExprKind::Call { name, args, .. } = &key.kind
        && let [inner] = args.as_slice()
    {
        let (bare, known) = direction(inner);
        let direction = match name.as_str() {
            "DESC" => Direction {
                descending: true,
                nulls_first: false,
            },
            "NULLS FIRST" => Direction {
                nulls_first: true,
                ..known
            },
            "NULLS LAST" => Direction {
                nulls_first: false,
                ..known
            },
            _ => return (key.clone(), Direction::usual()),
        };
        return (bare, direction);
    }
    (key.clone(), Direction::usual())
}

impl Direction {
    /// Returns the default: ascending, with NULL first.
    fn usual() -> Self {
        Self {
            descending: false,
            nulls_first: true,
        }
    }
}

/// Compares two rows by the values of their sort keys.
pub(super) fn compare_directed(a: &[Value], b: &[Value], directions: &[Direction]) -> Ordering {
    a.iter()
        .zip(b)
        .zip(directions)
        .map(|((a, b), direction)| {
            let order = compare_keys(std::slice::from_ref(a), std::slice::from_ref(b));
            match (a.is_null(), b.is_null()) {
                (true, false) | (false, true) => {
                    if a.is_null() == direction.nulls_first {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
                (true, true) | (false, false) if direction.descending => order.reverse(),
                (true, true) | (false, false) => order,
            }
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
