//! Patterns of table names that are known in part: a writer may receive its target
//! at run time.

use std::fmt;

use rustc_hash::FxHashSet;

use super::{TableName, with_placeholders};
use crate::source::template::PLACEHOLDER;

/// A part of a table's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NamePart {
    /// Omitted: the default of the run applies.
    Omitted,
    /// Completely known.
    Known(String),
    /// Known up to a prefix.
    Begins(String),
}

/// Whether two names refer to the same table, from least to most certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// They refer to different tables.
    No,
    /// They may refer to the same table, depending on the unknown parts.
    Perhaps,
    /// They refer to the same table.
    Certain,
}

/// A table's name, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TablePattern {
    project: NamePart,
    dataset: NamePart,
    table: NamePart,
}

impl TablePattern {
    /// Creates the pattern that matches any table.
    pub fn any() -> Self {
        let any = || NamePart::Begins(String::new());
        Self {
            project: any(),
            dataset: any(),
            table: any(),
        }
    }

    /// Creates the pattern of a table with a known name in any dataset.
    pub fn in_any_dataset(table: &str) -> Self {
        Self {
            table: NamePart::Known(table.to_owned()),
            ..Self::any()
        }
    }

    /// Creates the pattern of any table in the dataset of `name`, such as a
    /// procedure's.
    pub fn in_dataset_of(name: &TableName) -> Self {
        Self {
            table: NamePart::Begins(String::new()),
            ..Self::of(name)
        }
    }

    /// Creates the pattern of a name as written.
    ///
    /// A partition decorator is removed. A placeholder for an unknown value, or text
    /// that another program substitutes, ends the known prefix of its part.
    pub fn of(name: &TableName) -> Self {
        let written = name.to_string();
        let name = TableName::new([&*with_placeholders(&written)]).undecorated();
        // Legacy SQL separates the project by a colon.
        let legacy = match name.parts() {
            [before @ .., dataset, table] => dataset
                .rsplit_once(':')
                .filter(|(project, dataset)| !project.is_empty() && !dataset.is_empty())
                .map(|(project, dataset)| {
                    let mut parts = before.to_vec();
                    parts.extend([project, dataset, table].map(str::to_owned));
                    TableName::new(parts.iter().map(String::as_str))
                }),
            _ => None,
        };
        let name = legacy.unwrap_or(name);
        let parts = name.parts();
        let first = parts.len().saturating_sub(3);
        // A project may begin with a domain, which contains dots and ends in a
        // colon.
        let mut parts: Vec<String> = match parts {
            [] => Vec::new(),
            _ if first == 0 => parts.to_vec(),
            _ => {
                let mut named = vec![parts[..=first].join(".")];
                named.extend_from_slice(&parts[first + 1..]);
                named
            }
        };
        let unknown = |part: &String| known_prefix_end(part).is_some();
        // The value that is substituted for the first part may itself contain dots.
        let open = parts.first().is_some_and(unknown);
        let mut next = || match parts.pop() {
            Some(part) => NamePart::of(&part),
            None if open => NamePart::Begins(String::new()),
            None => NamePart::Omitted,
        };
        let (table, dataset, project) = (next(), next(), next());
        Self {
            project,
            dataset,
            table,
        }
    }

    /// Adds the project that the name omits.
    #[must_use]
    pub fn in_project(mut self, project: Option<&str>) -> Self {
        if let (NamePart::Omitted, NamePart::Known(_) | NamePart::Begins(_), Some(project)) =
            (&self.project, &self.dataset, project)
        {
            self.project = NamePart::Known(project.to_owned());
        }
        self
    }

    /// Returns the last part in lower case, if it is completely known.
    pub fn last(&self) -> Option<String> {
        match &self.table {
            NamePart::Known(table) => Some(table.to_lowercase()),
            NamePart::Omitted | NamePart::Begins(_) => None,
        }
    }

    /// Returns the name if it consists of a known table name only.
    pub fn alone(&self) -> Option<TableName> {
        match (&self.project, &self.dataset, &self.table) {
            (NamePart::Omitted, NamePart::Omitted, NamePart::Known(table)) => {
                Some(TableName::new([table.as_str()]))
            }
            _ => None,
        }
    }

    /// Whether nothing in the pattern distinguishes the name from any other.
    pub fn is_any(&self) -> bool {
        *self == Self::any()
    }

    /// Whether every part that is present is completely known.
    pub fn is_known(&self) -> bool {
        [&self.project, &self.dataset, &self.table]
            .into_iter()
            .all(|part| !matches!(part, NamePart::Begins(_)))
    }

    /// Returns other patterns of the name for the case that a substituted value
    /// contains dots.
    ///
    /// `project.{table}` is `project.dataset.table` then.
    fn spread(&self) -> Vec<Self> {
        let any = || NamePart::Begins(String::new());
        let of = |project, dataset, table| Self {
            project,
            dataset,
            table,
        };
        match (&self.project, &self.dataset, &self.table) {
            (_, NamePart::Known(_), NamePart::Begins(start)) => {
                let start = NamePart::Begins(start.clone());
                vec![of(self.dataset.clone(), start, any())]
            }
            (NamePart::Begins(project), NamePart::Begins(first), last) if project.is_empty() => {
                let mut all = Vec::new();
                if !first.is_empty() {
                    let first = NamePart::Begins(first.clone());
                    all.push(of(first.clone(), any(), last.clone()));
                    all.push(of(first, last.clone(), any()));
                }
                if matches!(last, NamePart::Begins(start) if !start.is_empty()) {
                    all.push(of(any(), last.clone(), any()));
                    if first.is_empty() {
                        all.push(of(last.clone(), any(), any()));
                    }
                }
                all
            }
            _ => Vec::new(),
        }
    }

    /// Whether any pattern of [`Self::spread`] may match another name.
    ///
    /// The first part is taken for a project rather than a dataset only if its
    /// characters allow it, or if the other name has a project.
    fn may_expand_to(&self, other: &Self) -> bool {
        let of_project = |part: &NamePart| match part {
            NamePart::Known(text) | NamePart::Begins(text) => {
                text.is_empty() || is_of_project(text)
            }
            NamePart::Omitted => false,
        };
        let is_there = other.project != NamePart::Omitted;
        self.spread().iter().any(|name| {
            (is_there || of_project(&name.project)) && name.compare_parts(other) != NameMatch::No
        })
    }

    /// Returns the pattern of `first.{rest}` if `first` is one of the given
    /// projects.
    pub fn in_one_of(&self, projects: &FxHashSet<String>) -> Option<Self> {
        let NamePart::Known(first) = &self.dataset else {
            return None;
        };
        let known = projects.contains(&first.to_lowercase());
        self.spread().pop().filter(|_| known)
    }

    /// Returns the project in lower case, if it is completely known.
    pub fn project(&self) -> Option<String> {
        match &self.project {
            NamePart::Known(project) => Some(project.to_lowercase()),
            NamePart::Omitted | NamePart::Begins(_) => None,
        }
    }

    /// Compares two patterns.
    pub fn compare(&self, other: &Self) -> NameMatch {
        let plain = self.compare_parts(other);
        if plain == NameMatch::No && (self.may_expand_to(other) || other.may_expand_to(self)) {
            return NameMatch::Perhaps;
        }
        plain
    }

    fn compare_parts(&self, other: &Self) -> NameMatch {
        self.table
            .compare(&other.table, false)
            .min(self.dataset.compare(&other.dataset, false))
            .min(self.project.compare(&other.project, true))
    }
}

/// Whether a part contains a character that is valid in projects but not in
/// datasets.
fn is_of_project(part: &str) -> bool {
    part.contains(['-', ':'])
}

/// Returns the offset at which the known prefix of a part ends, if it does.
///
/// It ends at a placeholder, or at a character that is invalid in names and
/// therefore marks a substitution by another program.
fn known_prefix_end(part: &str) -> Option<usize> {
    let sign = |c: char| "<>[]{}%$@!?=&^~|\\/#;".contains(c);
    let placeholder = part.to_ascii_lowercase().find(PLACEHOLDER);
    placeholder.into_iter().chain(part.find(sign)).min()
}

impl NamePart {
    fn of(part: &str) -> Self {
        match known_prefix_end(part) {
            Some(at) => Self::Begins(part.get(..at).unwrap_or_default().to_owned()),
            None => Self::Known(part.to_owned()),
        }
    }

    fn compare(&self, other: &Self, any_case: bool) -> NameMatch {
        let begins = |text: &str, start: &str| {
            text.get(..start.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(start))
        };
        let perhaps = |is: bool| {
            if is {
                NameMatch::Perhaps
            } else {
                NameMatch::No
            }
        };
        match (self, other) {
            (Self::Omitted, Self::Omitted) => NameMatch::Certain,
            (Self::Omitted, _) | (_, Self::Omitted) => NameMatch::Perhaps,
            (Self::Known(mine), Self::Known(theirs)) if mine == theirs => NameMatch::Certain,
            (Self::Known(mine), Self::Known(theirs)) if mine.eq_ignore_ascii_case(theirs) => {
                if any_case {
                    NameMatch::Certain
                } else {
                    // The dataset may be case-insensitive.
                    NameMatch::Perhaps
                }
            }
            (Self::Known(_), Self::Known(_)) => NameMatch::No,
            (Self::Known(text), Self::Begins(start)) | (Self::Begins(start), Self::Known(text)) => {
                perhaps(begins(text, start))
            }
            (Self::Begins(mine), Self::Begins(theirs)) => {
                perhaps(begins(mine, theirs) || begins(theirs, mine))
            }
        }
    }
}

impl fmt::Display for TablePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.project, &self.dataset, &self.table];
        let parts = parts.into_iter().filter_map(|part| match part {
            NamePart::Omitted => None,
            NamePart::Known(part) => Some(part.clone()),
            NamePart::Begins(part) => Some(format!("{part}…")),
        });
        f.write_str(&parts.collect::<Vec<_>>().join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::{NameMatch, TablePattern};
    use crate::catalog::TableName;

    fn compare(one: &str, other: &str) -> NameMatch {
        let of = |name: &str| TablePattern::of(&TableName::new([name]));
        let sameness = of(one).compare(&of(other));
        assert_eq!(sameness, of(other).compare(&of(one)), "{one} {other}");
        sameness
    }

    #[test]
    fn names_mean_one_table_as_far_as_they_are_known() {
        for (one, other) in [
            ("d.t", "d.t"),
            ("p.d.t", "P.d.t"),
            ("d.t$20240101", "d.t"),
            ("google.com:p.d.t", "google.com:p.d.t"),
            ("p:d.t", "p.d.t"),
            ("google.com:p:d.t", "google.com:p.d.t"),
        ] {
            assert_eq!(compare(one, other), NameMatch::Certain, "{one} {other}");
        }
        for (one, other) in [
            ("d.t", "p.d.t"),
            ("t", "d.t"),
            ("d.T", "d.t"),
            ("unrendered_ds.t", "p.d.t"),
            ("{cfg.ds}.t", "p.d.t"),
            ("d.{t}", "d.t"),
            ("d.t_${DAY}", "d.t_2"),
            ("unrendered_t", "p.d.t"),
            ("d.t_unrendered_x", "d.t_2"),
            ("d.t_unrendered_x", "d.t_2_unrendered_y"),
            ("my-proj.{t}", "my-proj.d.t"),
            ("my-proj.{t}", "d.t"),
            ("my-proj.d{t}", "d_2.t"),
            ("proj.%s", "proj.d.t"),
            ("{p}.{t}", "d.t"),
            ("{p}.d_{t}", "d_2.t"),
            ("d{t}", "d_2.t"),
            ("my-{t}", "my-proj.d.t"),
            ("stage_{p}.t", "stage_p.d.t"),
            ("d.<T>", "d.t"),
            ("[[T]]", "d.t"),
            ("d.$1", "d.t"),
            ("d.<%= T %>", "d.t"),
        ] {
            assert_eq!(compare(one, other), NameMatch::Perhaps, "{one} {other}");
        }
        for (one, other) in [
            ("d.t", "e.t"),
            ("p.d.t", "q.d.t"),
            ("d.t_unrendered_x", "d.u"),
            ("d.t_${DAY}", "d.u"),
            ("d.unrendered_x", "e.t"),
            ("d.unrendered_x", "p.e.t"),
            ("stage_{p}.t", "d.t"),
            ("my-proj.{t}", "my-other.d.t"),
        ] {
            assert_eq!(compare(one, other), NameMatch::No, "{one} {other}");
        }
    }
}
