//! Comparison of two disclosures, field by field.

mod columns;
mod derived;
mod forms;
mod unions;

use std::collections::BTreeSet;

pub use forms::{changes, grown};

use super::{ApprovedSource, Disclosure};
use crate::numbers::GroupedNumber;
use crate::policy::Level;
use crate::rules::{self, Severity};

/// Whether a change discloses more or less about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The change discloses more.
    More,
    /// The change discloses less.
    Less,
}

/// The part of a disclosure that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Whether the dataset could be assessed.
    Assessed,
    /// The level.
    Level,
    /// The minimum bucket of the rows.
    Bucket,
    /// The fold of small groups into "Other".
    Fold,
    /// The grain, with the key that was added or removed.
    Grain(String),
    /// A column.
    Column(String),
    /// A base column.
    Source(String),
    /// The rows that are read, and the conditions that select them.
    Rows,
    /// A text that is not understood, or a function whose body is not visible.
    Text(String),
    /// The number of findings of a rule, by its code.
    Finding(String),
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The part that changed.
    pub field: Field,
    /// Whether the change discloses more or less.
    pub direction: Direction,
    /// The change as one clause that continues "it now discloses more: ".
    pub message: String,
}

/// Returns all changes between two disclosures that disclose more or less.
fn between(before: &Disclosure, after: &Disclosure) -> Vec<Change> {
    let mut found = ChangeList(Vec::new());
    match (before.assessed, after.assessed) {
        (true, false) => {
            found.more(Field::Assessed, "the dataset can no longer be assessed");
            return found.0;
        }
        (false, true) => {
            // The approved content is not known field by field.
            found.more(
                Field::Assessed,
                "the approved dataset could not be assessed, and it was changed since",
            );
            return found.0;
        }
        (false, false) => {
            derived::texts(before, after, &mut found);
            return found.0;
        }
        (true, true) => {}
    }
    rows(before, after, &mut found);
    grain(before, after, &mut found);
    columns::columns(before, after, &mut found);
    derived::rows(before, after, &mut found);
    derived::texts(before, after, &mut found);
    sources(before, after, &mut found);
    findings(before, after, &mut found);
    found.0
}

struct ChangeList(Vec<Change>);

impl ChangeList {
    fn more(&mut self, field: Field, message: impl Into<String>) {
        self.add(field, Direction::More, message.into());
    }

    fn less(&mut self, field: Field, message: impl Into<String>) {
        self.add(field, Direction::Less, message.into());
    }

    fn add(&mut self, field: Field, direction: Direction, message: String) {
        self.0.push(Change {
            field,
            direction,
            message,
        });
    }
}

/// Returns a level in words.
pub(crate) fn format_level(level: Option<Level>) -> String {
    level.map_or_else(
        || "no level".to_owned(),
        |level| format!("level {}", level.number()),
    )
}

fn people(bucket: Option<u64>) -> String {
    bucket.map_or_else(
        || "no proven number of".to_owned(),
        |k| GroupedNumber(k).to_string(),
    )
}

fn rows(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    let (was, is) = (before.level, after.level);
    if is != was {
        let message = format!("{} became {}", format_level(was), format_level(is));
        let direction = if is > was {
            Direction::More
        } else {
            Direction::Less
        };
        found.add(Field::Level, direction, message);
    }
    let personal = after.level.is_some();
    if personal && after.bucket < before.bucket {
        found.more(
            Field::Bucket,
            format!(
                "each row stood for at least {} people, and now stands for {} people",
                people(before.bucket),
                people(after.bucket)
            ),
        );
    } else if after.bucket > before.bucket {
        found.less(
            Field::Bucket,
            format!(
                "each row stood for {} people, and now stands for at least {} people",
                people(before.bucket),
                people(after.bucket)
            ),
        );
    }
    if before.residual && !after.residual && after.bucket < before.bucket {
        found.more(
            Field::Fold,
            "the fold of small groups into “Other” was removed",
        );
    } else if after.residual && !before.residual && before.bucket.is_some() {
        found.more(
            Field::Fold,
            "small groups are folded into “Other”, which itself has no minimum",
        );
    } else if before.residual && !after.residual {
        found.less(Field::Fold, "no “Other” row without a minimum remains");
    }
}

fn grain(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    match (&before.rows, &after.rows) {
        (Some(was), Some(is)) => derived::grain(was, is, after, found),
        (None, _) | (_, None) => named_grain(before, after, found),
    }
}

/// Compares the grain by the names of the keys, which is all that version 1 stored.
fn named_grain(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    let Some(was) = &before.grain else {
        return;
    };
    let Some(is) = &after.grain else {
        if after.level.is_some() {
            found.more(
                Field::Grain(String::new()),
                "the grain of the rows is now unknown",
            );
        }
        return;
    };
    let has =
        |keys: &[String], wanted: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(wanted));
    for key in is.iter().filter(|key| !has(was, key)) {
        found.more(
            Field::Grain(key.clone()),
            format!("the grain is finer by `{key}`"),
        );
    }
    for key in was.iter().filter(|key| !has(is, key)) {
        found.less(
            Field::Grain(key.clone()),
            format!("the grain is coarser: without `{key}`"),
        );
    }
}

/// Returns what the questions object to in a base column.
fn defects(source: &ApprovedSource) -> Vec<String> {
    let mut defects = Vec::new();
    if !source.registered {
        defects.push("is not in the registry".to_owned());
    } else if let (Some(category @ 3..), false) = (source.category, source.measured) {
        defects.push(format!("is category {category}"));
    }
    if let Some(reason) = &source.sensitive {
        defects.push(format!("is sensitive ({reason})"));
    }
    if source.registered && !source.reviewed {
        defects.push("has no data review".to_owned());
    }
    defects
}

fn sources(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    for source in &after.sources {
        let known = before
            .sources
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(&source.name))
            .map(defects)
            .unwrap_or_default();
        let new: Vec<String> = defects(source)
            .into_iter()
            .filter(|defect| !known.contains(defect))
            .collect();
        if !new.is_empty() {
            found.more(
                Field::Source(source.name.clone()),
                format!("`{}` is used, and {}", source.name, new.join(" and ")),
            );
        }
    }
    for source in &before.sources {
        let gone = !after
            .sources
            .iter()
            .any(|known| known.name.eq_ignore_ascii_case(&source.name));
        if gone && !defects(source).is_empty() {
            found.less(
                Field::Source(source.name.clone()),
                format!("`{}` is no longer used", source.name),
            );
        }
    }
}

/// Whether the number of findings of a rule is reported, because no other field
/// covers it.
fn counts(code: &str) -> bool {
    // Defects of the threshold are covered by the bucket, those of base columns by
    // the base columns, and the matrix by the level.
    let elsewhere = ("HC101".."HC111").contains(&code) || ("HC301".."HC306").contains(&code);
    !elsewhere && rules::find(code).is_some_and(|rule| rule.severity >= Severity::Warning)
}

fn findings(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    let count = |of: &Disclosure, code: &str| of.findings.get(code).copied().unwrap_or(0);
    let codes: BTreeSet<&String> = before
        .findings
        .keys()
        .chain(after.findings.keys())
        .collect();
    for code in codes {
        let (was, is) = (count(before, code), count(after, code));
        let name = rules::find(code).map_or("", |rule| rule.name);
        let gone = code == "HC101" && was == 0 && is > 0 && before.bucket.is_none();
        // The conditions on rows are compared instead, if the entry stored them.
        if gone && before.level.is_some() && before.rows.is_none() {
            found.more(
                Field::Finding(code.clone()),
                "the faulty threshold was removed",
            );
        } else if counts(code) && is > was {
            found.more(
                Field::Finding(code.clone()),
                if was == 0 {
                    format!("{code} {name} was not part of the approval")
                } else {
                    format!("{code} {name} fires {is} times: approved {was}")
                },
            );
        } else if counts(code) && is < was {
            found.less(
                Field::Finding(code.clone()),
                format!("{code} {name} fires {is} times: approved {was}"),
            );
        }
    }
}
