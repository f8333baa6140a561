//! The table's rows, a file for each family, and the search in them.
//!
//! Where it is doubtful what a function keeps, the class here is the one that
//! keeps more: a function that might let an identifier be read back is
//! [`ScalarClass::Encoding`](super::ScalarClass::Encoding).

mod aggregates;
mod analytic;
mod arrays;
mod conversions;
mod geography;
mod graph;
mod hashing;
mod json;
mod math;
mod models;
mod network;
mod operators;
mod relations;
mod sketches;
mod strings;
mod time;

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{FunctionClass, FunctionInfo, NullBehaviour};

/// Functions of which the table says the same.
struct Group {
    class: FunctionClass,
    null: NullBehaviour,
    may_fail: bool,
    names: &'static [&'static str],
}

/// Functions that give NULL for NULL and never fail.
const fn plain(class: FunctionClass, names: &'static [&'static str]) -> Group {
    Group {
        class,
        null: NullBehaviour::Propagates,
        may_fail: false,
        names,
    }
}

/// Functions that give NULL for NULL and may fail.
const fn failing(class: FunctionClass, names: &'static [&'static str]) -> Group {
    Group {
        class,
        null: NullBehaviour::Propagates,
        may_fail: true,
        names,
    }
}

/// Functions that may make a value of NULL and never fail.
const fn handling(class: FunctionClass, names: &'static [&'static str]) -> Group {
    Group {
        class,
        null: NullBehaviour::Handles,
        may_fail: false,
        names,
    }
}

/// Functions that may make a value of NULL and may fail.
const fn handling_failing(class: FunctionClass, names: &'static [&'static str]) -> Group {
    Group {
        class,
        null: NullBehaviour::Handles,
        may_fail: true,
        names,
    }
}

/// All families.
const FAMILIES: &[&[Group]] = &[
    aggregates::GROUPS,
    analytic::GROUPS,
    arrays::GROUPS,
    conversions::GROUPS,
    geography::GROUPS,
    graph::GROUPS,
    hashing::GROUPS,
    json::GROUPS,
    math::GROUPS,
    models::GROUPS,
    network::GROUPS,
    operators::GROUPS,
    relations::GROUPS,
    sketches::GROUPS,
    strings::GROUPS,
    time::GROUPS,
];

static TABLE: LazyLock<FxHashMap<&'static str, FunctionInfo>> = LazyLock::new(|| {
    FAMILIES
        .iter()
        .copied()
        .flatten()
        .flat_map(|group| {
            group.names.iter().map(|&name| {
                let info = FunctionInfo {
                    name,
                    class: group.class,
                    null: group.null,
                    may_fail: group.may_fail,
                };
                (name, info)
            })
        })
        .collect()
});

/// Looks a function or operator up by its name, in any case. `SAFE.` before it
/// is ignored, which leaves to the caller that such a call gives NULL where the
/// function alone would fail.
pub fn lookup(name: &str) -> Option<&'static FunctionInfo> {
    let upper = if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        Cow::Owned(name.to_ascii_uppercase())
    } else {
        Cow::Borrowed(name)
    };
    TABLE.get(upper.strip_prefix("SAFE.").unwrap_or(&upper))
}

#[cfg(test)]
mod tests;
