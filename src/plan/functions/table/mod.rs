//! The rows of the function table, one file per family, and the lookup.
//!
//! If it is doubtful what a function preserves, its class is the one that preserves
//! more: a function from which an identifier might be recovered is
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

/// Functions with the same properties.
struct Group {
    class: FunctionClass,
    null: NullBehaviour,
    may_fail: bool,
    names: &'static [&'static str],
}

/// Creates a group of functions that give NULL for NULL and never fail.
const fn plain(class: FunctionClass, names: &'static [&'static str]) -> Group {
    Group {
        class,
        null: NullBehaviour::Propagates,
        may_fail: false,
        names,
    }
}

/// Creates a group of functions that give NULL for NULL and may fail.
const fn failing(class: FunctionClass, names: &'static [&'static str]) -> Group {
    Group {
        class,
        null: NullBehaviour::Propagates,
        may_fail: true,
        names,
    }
}

/// Creates a group of functions that may give a value for NULL and never fail.
const fn handling(class: FunctionClass, names: &'static [&'static str]) -> Group {
    Group {
        class,
        null: NullBehaviour::Handles,
        may_fail: false,
        names,
    }
}

/// Creates a group of functions that may give a value for NULL and may fail.
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

/// Looks up a function or operator by its name, in any case.
///
/// The prefix `SAFE.` is ignored: the caller must handle that such a call gives NULL
/// if the function itself would fail.
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
