//! Comparison of columns.

use super::{ChangeList, Field, format_level, people};
use crate::derivation::{covers, function_of};
use crate::policy::Role;
use crate::record::{ApprovedColumn, Disclosure};

pub(super) fn columns(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    for column in &after.columns {
        match approved(before, column) {
            Some(was) => grew(before, after, was, column, found),
            None => found.more(
                Field::Column(column.name.clone()),
                format!("the column `{}` is new", column.name),
            ),
        }
    }
    for column in &before.columns {
        let kept = |other: &ApprovedColumn| {
            is_named(other, &column.name) || (!other.made.is_empty() && other.made == column.made)
        };
        if !after.columns.iter().any(kept) {
            found.less(
                Field::Column(column.name.clone()),
                format!("the column `{}` was removed", column.name),
            );
        }
    }
}

fn is_named(column: &ApprovedColumn, name: &str) -> bool {
    column.name.eq_ignore_ascii_case(name)
}

/// Returns the approved column that corresponds to a column.
///
/// This is the column of the same name, or, if that has another derivation, a column
/// with the same derivation under another name.
fn approved<'b>(before: &'b Disclosure, column: &ApprovedColumn) -> Option<&'b ApprovedColumn> {
    let named = before
        .columns
        .iter()
        .find(|known| is_named(known, &column.name));
    let made = |known: &ApprovedColumn| {
        !column.made.is_empty()
            && column.role != Role::Constant
            && column
                .made
                .iter()
                .all(|way| known.made.iter().any(|approved| covers(approved, way)))
    };
    match named {
        Some(known) if before.rows.is_none() || made(known) => Some(known),
        named => before
            .columns
            .iter()
            .find(|known| before.rows.is_some() && made(known))
            .or(named),
    }
}

fn grew(
    before: &Disclosure,
    after: &Disclosure,
    was: &ApprovedColumn,
    is: &ApprovedColumn,
    found: &mut ChangeList,
) {
    let mut told: Vec<String> = Vec::new();
    // A loss that affects all rows is reported for the rows.
    if is.level > was.level && after.level <= before.level {
        told.push(format!(
            "{} became {}",
            format_level(was.level),
            format_level(is.level)
        ));
    }
    if is.role == Role::Identifier && was.role != Role::Identifier {
        told.push("now an identifier".to_owned());
    }
    let with_the_rows = after.bucket < before.bucket && is.bucket >= after.bucket;
    if is.level.is_some() && is.bucket < was.bucket && !with_the_rows {
        told.push(format!(
            "each cell stood for at least {} people, and now stands for {} people",
            people(was.bucket),
            people(is.bucket)
        ));
    }
    let unknown = |column: &ApprovedColumn| match column.category {
        Some(category) => category,
        None if column.sources.is_empty() => 0,
        None => u8::MAX,
    };
    if unknown(is) > unknown(was) {
        told.push(match is.category {
            Some(category) => format!("now category {category}"),
            None => "the category is now unknown".to_owned(),
        });
    }
    if let (Some(reason), None) = (&is.sensitive, &was.sensitive) {
        told.push(format!("now sensitive ({reason})"));
    }
    if let Some(resolution) = is.resolution
        && is.is_label()
        && is.resolution > was.resolution
    {
        told.push(format!("now has the time resolution {}", resolution.word()));
    }
    let new: Vec<String> = is
        .sources
        .iter()
        .filter(|source| {
            // Column names are case-insensitive.
            let same = |known: &String| known.eq_ignore_ascii_case(source);
            !was.sources.iter().any(same)
        })
        .map(|source| format!("`{source}`"))
        .collect();
    if !new.is_empty() {
        told.push(format!("now also derives from {}", new.join(", ")));
    }
    if told.is_empty()
        && is.role != Role::Constant
        && let Some(way) = unapproved_derivation(before, after, was, is)
    {
        told.push(format!(
            "now computed in another way, which may disclose more: found `{way}`, approved `{}`",
            was.made.join("` or `")
        ));
    }
    if !told.is_empty() {
        found.more(
            Field::Column(is.name.clone()),
            format!("the column `{}`: {}", is.name, told.join("; ")),
        );
    }
}

/// Returns a derivation of a column that no approved derivation covers or
/// determines.
fn unapproved_derivation<'a>(
    before: &Disclosure,
    after: &Disclosure,
    was: &ApprovedColumn,
    is: &'a ApprovedColumn,
) -> Option<&'a String> {
    if before.rows.is_none() {
        return change_since_version_1(was, is);
    }
    is.made.iter().find(|way| {
        !was.made
            .iter()
            .any(|approved| covers(approved, way) || function_of(approved, way, names(after, is)))
    })
}

/// Returns the names of the data from which a column derives.
///
/// An expression that contains one of them beside an approved expression is not a
/// function of the approved expression alone.
fn names<'a>(after: &'a Disclosure, is: &'a ApprovedColumn) -> impl Iterator<Item = &'a str> {
    let tables = after.rows.iter().flat_map(|rows| &rows.tables);
    is.sources.iter().chain(tables).map(String::as_str)
}

/// Compares a column with an entry of version 1, as far as possible.
///
/// Only an unmodified base column is comparable: version 1 described everything else
/// in another form.
fn change_since_version_1<'a>(was: &ApprovedColumn, is: &'a ApprovedColumn) -> Option<&'a String> {
    let base = is.is_label() && was.made.iter().all(|way| was.sources.contains(way));
    if !base {
        return None;
    }
    is.made.iter().find(|way| {
        !was.made
            .iter()
            .any(|approved| way.ends_with(approved.as_str()) || function_of(approved, way, []))
    })
}
