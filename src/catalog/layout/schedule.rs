//! Queries of bigquery-etl that write another table than that of their folder.
//!
//! `metadata.yaml` and `backfill.yaml` schedule them. A schedule that is not
//! completely understood may write any table of the dataset.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;
use yaml_serde::Value;

use super::{TableLocation, makers, place, programs};
use crate::catalog::{TableName, TablePattern, text};
use crate::source::template::PLACEHOLDER;
use crate::source::{bounded, files};

/// A scheduled query that writes a table, or something that may write one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledWrite {
    /// The file of the query, or the file whose schedule cannot be followed.
    pub query: PathBuf,
    /// The tables that may be written.
    pub table: TablePattern,
    /// The reason why the written rows are unknown; `None` if they are known.
    pub hidden: Option<String>,
}

/// Returns the scheduled queries of a tree, in the order of the files that declare
/// them.
pub fn scheduled_elsewhere(root: &Path) -> Vec<ScheduledWrite> {
    let walk = WalkDir::new(root.join("sql"))
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok);
    let mut found = Vec::new();
    for entry in walk {
        let path = entry.path();
        let Some(own) = place(&files::absolute(path)) else {
            continue;
        };
        let mut reading = ScheduleReader {
            root,
            path,
            own,
            found: &mut found,
        };
        match entry.file_name().to_str() {
            Some("metadata.yaml") => reading.metadata(),
            Some("backfill.yaml") => reading.backfill(),
            _ => {}
        }
    }
    found
}

/// The reading of one file that schedules queries.
struct ScheduleReader<'a> {
    root: &'a Path,
    path: &'a Path,
    own: TableLocation,
    found: &'a mut Vec<ScheduledWrite>,
}

impl ScheduleReader<'_> {
    /// Parses the file, if it may contain a word, possibly in an escaped spelling.
    ///
    /// A file that cannot be read is recorded as writing any table of the dataset.
    fn read(&mut self, word: &str) -> Option<Value> {
        let shown = self.path.display().to_string();
        let source = match text::read(self.path) {
            Ok(source) => source,
            Err(error) => {
                self.any(&error.to_string());
                return None;
            }
        };
        if !source.contains(word) && !source.contains('\\') {
            return None;
        }
        match text::yaml(&shown, &source) {
            Ok(value) => Some(value),
            Err(error) => {
                self.any(&error.to_string());
                None
            }
        }
    }

    /// Records that any table of the dataset may be written.
    fn any(&mut self, why: &str) {
        self.found.push(ScheduledWrite {
            query: files::shown(self.path),
            table: TablePattern::in_dataset_of(&self.own.table),
            hidden: Some(format!(
                "its settings for running queries cannot be read: {why}"
            )),
        });
    }

    fn metadata(&mut self) {
        let Some(metadata) = self.read("scheduling") else {
            return;
        };
        let scheduling = match metadata.get("scheduling") {
            None | Some(Value::Null) => return,
            Some(scheduling @ Value::Mapping(_)) => scheduling,
            Some(_) => return self.any("`scheduling` is not a table"),
        };
        let Some(said) = ScheduleTargets::of(scheduling) else {
            return self.any("a name or an argument is not a string");
        };
        let tables = said.tables(&self.own);
        if said.legacy {
            for table in &tables {
                self.found.push(ScheduledWrite {
                    query: files::shown(self.path),
                    table: TablePattern::of(table),
                    hidden: Some(
                        "its query runs as legacy SQL, which headcount does not read".to_owned(),
                    ),
                });
            }
        }
        let folder = self.folder();
        match &said.query {
            Some(query) => self.query(query, &tables),
            None => {
                for query in makers(&folder) {
                    self.rows(&query, &tables);
                }
                for program in programs(&folder) {
                    self.program(&program, &tables);
                }
            }
        }
    }

    /// Records the queries that backfills name; they write the folder's own table.
    fn backfill(&mut self) {
        let Some(backfills) = self.read("custom_query_path") else {
            return;
        };
        let entries = match &backfills {
            Value::Null => return,
            Value::Mapping(entries) => entries,
            _ => return self.any("not a table of backfills"),
        };
        let own = [self.own.table.clone()];
        for entry in entries.values() {
            match entry.get("custom_query_path") {
                None | Some(Value::Null) => {}
                Some(Value::String(query)) => self.query(query, &own),
                Some(_) => self.any("`custom_query_path` is not a string"),
            }
        }
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(self.root).to_owned()
    }

    /// Records a query by its path in the repository: a file, or a folder of parts.
    fn query(&mut self, named: &str, tables: &[TableName]) {
        let query = self.root.join(named);
        let boundary = bounded::boundary(self.root);
        if !bounded::is_below(&query, &boundary) {
            return self.hidden(tables, &format!("{named} is outside of the repository"));
        }
        if query.is_dir() {
            let parts = makers(&query);
            let programs = programs(&query);
            if parts.is_empty() && programs.is_empty() {
                return self.hidden(tables, &format!("{named} contains no query"));
            }
            for part in parts {
                self.rows(&part, tables);
            }
            for program in programs {
                self.program(&program, tables);
            }
        } else if query.is_file() && files::is_sql(&query) {
            self.rows(&query, tables);
        } else if query.is_file() {
            self.program(&query, tables);
        } else {
            self.hidden(tables, &format!("{named} does not exist"));
        }
    }

    /// Records that a query writes tables other than that of its own folder.
    fn rows(&mut self, query: &Path, tables: &[TableName]) {
        let folder = self.folder();
        let here =
            query.parent() == Some(&*folder) && makers(&folder).iter().any(|maker| maker == query);
        for table in tables {
            if !(here && table.undecorated() == self.own.table) {
                self.found.push(ScheduledWrite {
                    query: files::shown(query),
                    table: TablePattern::of(table),
                    hidden: None,
                });
            }
        }
    }

    fn program(&mut self, program: &Path, tables: &[TableName]) {
        let shown = program.display().to_string();
        self.hidden(
            tables,
            &format!("headcount does not read the program {shown}"),
        );
    }

    fn hidden(&mut self, tables: &[TableName], why: &str) {
        for table in tables {
            self.found.push(ScheduledWrite {
                query: files::shown(self.path),
                table: TablePattern::of(table),
                hidden: Some(why.to_owned()),
            });
        }
    }
}

/// The tables that a schedule names as targets.
#[derive(Debug, Default)]
pub(crate) struct ScheduleTargets {
    /// The names of the target tables.
    pub(crate) destinations: Vec<String>,
    /// The projects for names without one, in addition to the folder's project.
    projects: Vec<String>,
    /// The datasets for names without one, each with its project if the argument
    /// contains one.
    datasets: Vec<(Option<String>, String)>,
    /// The file of the query.
    query: Option<String>,
    /// Whether the query runs as legacy SQL.
    legacy: bool,
}

impl ScheduleTargets {
    /// Parses a schedule; `None` if a part of it is not understood.
    pub(crate) fn of(scheduling: &Value) -> Option<Self> {
        let word = |key: &str| match scheduling.get(key) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) => Some(Some(text.clone())),
            Some(_) => None,
        };
        let mut said = Self {
            destinations: word("destination_table")?.into_iter().collect(),
            projects: word("query_project")?.into_iter().collect(),
            query: word("query_file_path")?,
            ..Self::default()
        };
        let texts: Vec<&str> = match scheduling.get("arguments") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => vec![text],
            Some(Value::Sequence(all)) => all.iter().map(Value::as_str).collect::<Option<_>>()?,
            Some(_) => return None,
        };
        let words: Vec<&str> = texts.into_iter().flat_map(str::split_whitespace).collect();
        for (at, word) in words.iter().enumerate() {
            let bare = word.trim_matches(['\'', '"']).trim_start_matches('-');
            let (flag, value) = match bare.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (bare, words.get(at + 1).copied()),
            };
            let value = value.map(|value| value.trim_matches(['\'', '"']).to_owned());
            match flag {
                "use_legacy_sql" => {
                    let off = ["false", "0", "no", "f", "n"];
                    let value = value.filter(|_| bare.contains('='));
                    said.legacy |= value.is_none_or(|value| !off.contains(&&*value.to_lowercase()));
                }
                // `project:dataset` is a dataset of that project.
                "dataset_id" => said.datasets.extend(value.map(|value| {
                    let (project, dataset) = match value.rsplit_once([':', '.']) {
                        Some((project, dataset)) => (Some(project.to_owned()), dataset),
                        None => (None, value.as_str()),
                    };
                    (project, dataset.to_owned())
                })),
                "project_id" => said.projects.extend(value),
                _ if flag.starts_with("destination") => said.destinations.extend(value),
                _ => {}
            }
        }
        Some(said)
    }

    /// Returns the tables that the names may refer to, for every possible project
    /// and dataset.
    fn tables(&self, own: &TableLocation) -> Vec<TableName> {
        let mut tables = Vec::new();
        let [project, dataset, name] = own.table.parts() else {
            return tables;
        };
        let names = match self.destinations.as_slice() {
            [] => std::slice::from_ref(name),
            said => said,
        };
        for name in names {
            // A query that runs in another dataset or project may write there.
            for project in std::iter::once(project).chain(&self.projects) {
                let said = self.datasets.iter();
                let said = said.map(|(own, dataset)| (own.as_ref().unwrap_or(project), dataset));
                for (project, dataset) in std::iter::once((project, dataset)).chain(said) {
                    let found = table(project, dataset, name);
                    if !tables.contains(&found) {
                        tables.push(found);
                    }
                }
            }
        }
        tables
    }
}

/// Completes a name with a dataset and project if it omits them.
///
/// What a template inserts into the name is unknown.
fn table(project: &str, dataset: &str, name: &str) -> TableName {
    // A partition belongs to the table.
    let name = match name.split_once('$') {
        Some((table, _)) if !table.is_empty() => table,
        Some(_) | None => name,
    };
    let mut known = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once("{{") {
        known.push_str(before);
        known.push_str(PLACEHOLDER);
        known.push_str("value");
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    known.push_str(rest);
    let known = known.replace(':', ".");
    let said = TableName::new([known.as_str()]);
    match said.parts() {
        [_] => TableName::new([project, dataset, known.as_str()]),
        [_, _] => TableName::new([project, known.as_str()]),
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use super::{ScheduledWrite, scheduled_elsewhere};
    use std::path::Path;

    #[test]
    fn a_query_may_write_a_table_of_another_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let found = |metadata: &str| -> Vec<String> {
            let here = root.join("sql/p/d/z");
            std::fs::create_dir_all(&here).expect("a folder");
            std::fs::write(here.join("query.sql"), "SELECT 1").expect("it is written");
            std::fs::write(here.join("other.sql"), "SELECT 2").expect("it is written");
            std::fs::write(here.join("metadata.yaml"), metadata).expect("it is written");
            let shown = |found: ScheduledWrite| {
                let query = found.query.strip_prefix(root).expect("below").to_owned();
                assert_eq!(query.parent(), Some(Path::new("sql/p/d/z")));
                let file = query
                    .file_name()
                    .expect("a file")
                    .to_string_lossy()
                    .into_owned();
                format!("{file} {}", found.table)
            };
            scheduled_elsewhere(root).into_iter().map(shown).collect()
        };
        for (said, expected) in [
            ("destination_table: t", vec!["query.sql p.d.t"]),
            (
                "destination_table: t${{ds_nodash}}",
                vec!["query.sql p.d.t"],
            ),
            ("destination_table: e.t", vec!["query.sql p.e.t"]),
            ("destination_table: z", vec![]),
            ("destination_table: null", vec![]),
            (
                "arguments: ['--destination_table=q:d.t', '--append_table']",
                vec!["query.sql q.d.t"],
            ),
            (
                "arguments: --destination_table d.t",
                vec!["query.sql p.d.t"],
            ),
            ("arguments: ['--dataset_id=q:e']", vec!["query.sql q.e.z"]),
            ("arguments: --dataset_id q.e", vec!["query.sql q.e.z"]),
            ("arguments: --dataset_id e", vec!["query.sql p.e.z"]),
            (
                "query_file_path: sql/p/d/z/other.sql",
                vec!["other.sql p.d.z"],
            ),
            (
                "query_file_path: sql/p/d/z/other.sql\n  destination_table: t",
                vec!["other.sql p.d.t"],
            ),
            ("query_file_path: sql/p/d/z/query.sql", vec![]),
        ] {
            assert_eq!(
                found(&format!("scheduling:\n  {said}\n")),
                expected,
                "{said}"
            );
        }
        let open = found("scheduling:\n  destination_table: t_{{ x }}\n");
        assert_eq!(open, ["query.sql p.d.t_…"]);
    }
}
