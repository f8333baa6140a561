//! Comparison of the derivations of rows.

use super::{ChangeList, Field};
use crate::derivation::{Condition, ConditionKind, RowDerivation, covers, function_of};
use crate::record::Disclosure;

/// Compares the keys, as expressions.
pub(super) fn grain(
    was: &RowDerivation,
    is: &RowDerivation,
    after: &Disclosure,
    found: &mut ChangeList,
) {
    let Some(before) = &was.grain else {
        return;
    };
    let Some(now) = &is.grain else {
        if after.level.is_some() {
            found.more(
                Field::Grain(String::new()),
                "the grain of the rows is now unknown",
            );
        }
        return;
    };
    let names = || {
        let sources = after.sources.iter().map(|source| source.name.as_str());
        sources.chain(is.tables.iter().map(String::as_str))
    };
    // An approved key with alternatives covers one key only: two keys may not both
    // be it.
    let mut used = vec![false; before.len()];
    for key in now {
        let approved = before.iter().zip(&used).position(|(known, used)| {
            let covered = |way: &String| {
                known
                    .iter()
                    .any(|known| covers(known, way) || function_of(known, way, names()))
            };
            (known.len() == 1 || !used) && key.iter().all(covered)
        });
        match approved {
            Some(at) => used[at] = true,
            None => found.more(
                Field::Grain(column_of(after, key)),
                format!("the grain is finer by `{}`", key.join("` or `")),
            ),
        }
    }
    for key in before.iter().filter(|key| !now.contains(key)) {
        let key = key.join("` or `");
        found.less(
            Field::Grain(key.clone()),
            format!("the grain is coarser: without `{key}`"),
        );
    }
}

/// Returns the published column that is the key, otherwise the last name of the key.
fn column_of(after: &Disclosure, key: &[String]) -> String {
    let column = after.columns.iter().find(|column| column.made == key);
    match (column, key.first()) {
        (Some(column), _) => column.name.clone(),
        (None, Some(key)) => key.rsplit('.').next().unwrap_or(key).to_owned(),
        (None, None) => String::new(),
    }
}

/// Compares the tables, the populations, the conditions and the limit.
pub(super) fn rows(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    let (Some(was), Some(is)) = (&before.rows, &after.rows) else {
        return;
    };
    let tables: Vec<String> = is
        .tables
        .difference(&was.tables)
        .map(|table| format!("`{table}`"))
        .collect();
    if !tables.is_empty() {
        found.more(
            Field::Rows,
            format!("the query also reads {}", tables.join(", ")),
        );
    }
    let other = is.populations.iter().find(|rows| {
        let known = |approved: &String| covers(approved, rows);
        !was.populations.iter().any(known)
    });
    if let Some(rows) = other
        && tables.is_empty()
    {
        found.more(
            Field::Rows,
            format!(
                "the rows come from `{rows}`: approved `{}`",
                was.populations.join("` or `")
            ),
        );
    }
    super::unions::unions(was, is, after, found);
    if is.kept && !was.kept {
        found.more(
            Field::Rows,
            "the table now keeps the rows of earlier runs; as approved, each run replaced the rows",
        );
    }
    conditions(before, was, is, found);
    match (was.limit, is.limit) {
        (Some(most), None) => found.more(
            Field::Rows,
            format!("LIMIT returned {most} rows, and now all rows are returned"),
        ),
        (Some(most), Some(now)) if now > most => found.more(
            Field::Rows,
            format!("LIMIT returned {most} rows, and now {now}"),
        ),
        _ => {}
    }
}

fn conditions(
    before: &Disclosure,
    was: &RowDerivation,
    is: &RowDerivation,
    found: &mut ChangeList,
) {
    let kept = |condition: &&Condition| {
        is.conditions
            .iter()
            .any(|known| covers(&condition.made, &known.made))
    };
    let all_kept = was.conditions.iter().all(|condition| kept(&condition));
    for condition in &is.conditions {
        let known = was
            .conditions
            .iter()
            .any(|known| covers(&known.made, &condition.made));
        let message = format!("the rows are selected by `{}`", condition.made);
        match condition.kind {
            _ if known => {}
            ConditionKind::Sensitive => found.more(Field::Rows, message),
            ConditionKind::Measured | ConditionKind::Joined if all_kept => {
                found.less(Field::Rows, message);
            }
            // It replaces another condition, whose removal is reported.
            ConditionKind::Measured | ConditionKind::Joined => {}
        }
    }
    for condition in &was.conditions {
        // A threshold is covered by the bucket that it proves.
        let told = before.bucket.is_some() && condition.kind == ConditionKind::Measured;
        if !kept(&condition) && !told {
            found.more(
                Field::Rows,
                format!(
                    "the rows were selected by `{}`, and no longer are",
                    condition.made
                ),
            );
        }
    }
}

/// Compares functions without a visible body, and texts that were not understood.
pub(super) fn texts(before: &Disclosure, after: &Disclosure, found: &mut ChangeList) {
    let (Some(was), Some(is)) = (&before.rows, &after.rows) else {
        return;
    };
    for name in is.opaque.difference(&was.opaque) {
        found.more(
            Field::Text(name.clone()),
            format!("`{name}`, whose body is not visible, was not part of the approval"),
        );
    }
    for (of, print) in &is.texts {
        let message = match was.texts.get(of) {
            Some(known) if known == print => continue,
            Some(_) => format!("{of} was changed, and what it discloses is not visible"),
            None => {
                format!("{of} was not part of the approval, and what it discloses is not visible")
            }
        };
        found.more(Field::Text(of.clone()), message);
    }
}
