//! How often a file is run, and what becomes of the rows of earlier runs.
//!
//! One row per client in each run is several rows per client in a table that keeps
//! them.

use std::path::Path;

use yaml_serde::Value;

use super::files_of::{DefiningFile, DefiningFiles};
use super::writers::ReadContext;
use crate::catalog::layout::ScheduleTargets;
use crate::catalog::{sqlmesh, text};
use crate::config::Layout;
use crate::plan::Plan;
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::template::{
    DbtConfig, DbtMaterialization, DbtProject, SqlMeshKind, named_blocks, sqlmesh_kind,
};
use crate::source::{SourceText, files};

/// The effect of a run of an unnamed query on the rows of earlier runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunEffect {
    /// The rows are removed: the table is replaced.
    Replace,
    /// Nothing is declared. The rows are assumed to stay if the query differs
    /// between runs.
    Unsaid,
    /// The rows stay.
    Add,
}

impl RunEffect {
    /// Returns the declared effect of a file that creates a table, in one of its
    /// renderings.
    pub(super) fn of(
        reading: &ReadContext<'_>,
        makers: &DefiningFiles,
        maker: &DefiningFile,
        written: &str,
        configured: &DbtConfig,
    ) -> Self {
        let templates = reading.templates;
        match reading.layout {
            Some(Layout::BigqueryEtl) => {
                // A query of another folder adds its rows to those of the table's
                // own queries.
                if makers.folder.as_deref() != maker.path.parent() {
                    return Self::Add;
                }
                match &makers.folder {
                    Some(folder) => of_metadata(&folder.join("metadata.yaml")),
                    None => Self::Unsaid,
                }
            }
            Some(Layout::Dbt) => {
                of_model(templates.dbt.as_deref(), &maker.path, written, configured)
            }
            Some(Layout::Plain) | None => of_sqlmesh(reading.root, &maker.path, written),
        }
    }

    /// Whether a file that creates a table certainly adds its rows to those of
    /// earlier runs.
    ///
    /// Without `makers`, the answer is true only for a SQLMesh model that does so.
    pub(super) fn always_adds(
        reading: &ReadContext<'_>,
        makers: Option<&DefiningFiles>,
        written: &SourceText,
        configured: &DbtConfig,
    ) -> bool {
        let file = files::absolute(Path::new(written.path()));
        let own = |maker: &&DefiningFile| files::absolute(&maker.path) == file;
        let Some(makers) = makers else {
            return sqlmesh_kind(written.text()).is_some()
                && of_sqlmesh(reading.root, &file, written.text()) == Self::Add;
        };
        makers.files.iter().find(own).is_some_and(|maker| {
            Self::of(reading, makers, maker, written.text(), configured) == Self::Add
        })
    }

    /// Whether a table that such a query writes may contain the rows of several
    /// runs.
    ///
    /// `given` is true if its text, or that of a view that it reads, contains values
    /// that may differ in the next run.
    pub(super) fn keep_rows(self, plan: &Plan, given: bool) -> bool {
        match self {
            Self::Add => true,
            Self::Unsaid => given || plan.differs_between_runs(),
            Self::Replace => plan.has_parameters(),
        }
    }
}

/// Returns the effect of the scheduled query, from bigquery-etl's metadata.
fn of_metadata(path: &Path) -> RunEffect {
    if !path.is_file() {
        return RunEffect::Unsaid;
    }
    let shown = path.display().to_string();
    let Some(metadata) = text::read(path)
        .ok()
        .and_then(|read| text::yaml(&shown, &read).ok())
    else {
        return RunEffect::Add;
    };
    let Some(scheduling) = metadata.get("scheduling").filter(|said| !said.is_null()) else {
        let partitioned = metadata
            .get("bigquery")
            .and_then(|bigquery| bigquery.get("time_partitioning"))
            .is_some_and(|said| !said.is_null());
        return if partitioned {
            RunEffect::Add
        } else {
            RunEffect::Unsaid
        };
    };
    let mut appends = false;
    let mut replaces = false;
    match scheduling.get("arguments").filter(|said| !said.is_null()) {
        None => {}
        Some(Value::Sequence(all)) if all.iter().all(Value::is_string) => {
            for argument in all.iter().filter_map(Value::as_str) {
                appends |= may_append(argument);
                replaces |= argument.trim_start_matches('-') == "replace";
            }
        }
        Some(Value::String(all)) => appends = may_append(all),
        // Arguments that are not a list of strings are not understood.
        Some(_) => appends = true,
    }
    // Each run writes one partition, or the destination is not understood.
    let decorated = ScheduleTargets::of(scheduling).is_none_or(|said| {
        let mut destinations = said.destinations.iter();
        destinations.any(|table| table.contains('$'))
    });
    if appends || decorated {
        return RunEffect::Add;
    }
    match scheduling.get("date_partition_parameter") {
        // Each run writes the whole table.
        Some(Value::Null) if !replaces => RunEffect::Replace,
        Some(Value::Null) => RunEffect::Unsaid,
        // Each run writes the partition of its day.
        Some(_) | None => RunEffect::Add,
    }
}

/// Returns the values of query parameters in bigquery-etl's metadata, by name.
pub(super) fn parameters(path: &Path) -> Vec<(String, String)> {
    let shown = path.display().to_string();
    let read = path.is_file().then(|| text::read(path).ok()).flatten();
    let metadata = read.and_then(|read| text::yaml(&shown, &read).ok());
    let scheduling = metadata
        .as_ref()
        .and_then(|metadata| metadata.get("scheduling"));
    let Some(scheduling) = scheduling else {
        return Vec::new();
    };
    let mut given: Vec<&str> = strings(scheduling.get("parameters"));
    let arguments = strings(scheduling.get("arguments"));
    let mut words = arguments.iter().flat_map(|words| words.split_whitespace());
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('-');
        match word.strip_prefix("parameter") {
            Some("") => given.extend(words.next()),
            Some(rest) => given.extend(rest.strip_prefix('=')),
            None => {}
        }
    }
    let parts = given.iter().filter_map(|given| given.split_once(':'));
    parts
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect()
}

/// Returns the strings of a list, or a single string.
fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Sequence(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    }
}

/// Whether arguments may keep the rows of earlier runs.
fn may_append(arguments: &str) -> bool {
    let arguments = arguments.to_lowercase();
    let mut words = arguments.split_whitespace();
    words.any(|word| {
        let bare = word.trim_start_matches('-');
        bare.contains("append_table")
            || bare.contains("write_append")
            || bare.starts_with("noreplace")
            || bare
                .strip_prefix("replace=")
                .is_some_and(|said| said != "true")
    })
}

/// Returns the effect of a run of a dbt model.
fn of_model(
    project: Option<&DbtProject>,
    path: &Path,
    written: &str,
    configured: &DbtConfig,
) -> RunEffect {
    let history = named_blocks(written, "snapshot").is_none_or(|blocks| !blocks.is_empty());
    let ways = project.map(|project| {
        let path = path.display().to_string();
        project.materialized(&path, configured)
    });
    match ways {
        Some(ways) if !history && ways.iter().all(DbtMaterialization::is_whole) => {
            RunEffect::Replace
        }
        // `incremental`, a custom materialization, or an unknown one.
        Some(_) | None => RunEffect::Add,
    }
}

/// Returns the effect of a SQLMesh model, from its header or the project's
/// configuration.
fn of_sqlmesh(root: &Path, path: &Path, written: &str) -> RunEffect {
    let kind = match sqlmesh_kind(written) {
        Some(SqlMeshKind::Unsaid) | None => return of_defaults(root, path),
        Some(SqlMeshKind::Named(kind)) => kind,
        Some(SqlMeshKind::Unknown) => return RunEffect::Add,
    };
    of_kind(&kind)
}

fn of_kind(kind: &str) -> RunEffect {
    match kind.to_lowercase().as_str() {
        "view" | "full" | "embedded" | "seed" | "external" => RunEffect::Replace,
        _ => RunEffect::Add,
    }
}

/// Returns the effect of SQLMesh models without a kind, from the nearest
/// configuration.
///
/// Without a configuration or a default kind, such a model is a view.
fn of_defaults(root: &Path, path: &Path) -> RunEffect {
    let path = files::absolute(path);
    let boundary = bounded::boundary(root);
    let folders = path.ancestors().skip(1);
    for folder in folders.take_while(|folder| bounded::is_below(folder, &boundary)) {
        let Some(config) = sqlmesh::config_in(folder) else {
            continue;
        };
        return match config.kind {
            SqlMeshKind::Unsaid => RunEffect::Replace,
            SqlMeshKind::Named(kind) => of_kind(&kind),
            SqlMeshKind::Unknown => RunEffect::Add,
        };
    }
    RunEffect::Replace
}

/// Returns the names of the snapshots that a dbt file defines.
pub(super) fn snapshots(path: &Path) -> Vec<String> {
    let Ok(text) = bounded::read_to_string(path, LARGEST_TEXT) else {
        return Vec::new();
    };
    let blocks = named_blocks(&text, "snapshot").unwrap_or_default();
    blocks.into_iter().map(|block| block.name).collect()
}

#[cfg(test)]
mod tests {
    use super::{RunEffect, of_metadata};

    #[test]
    fn metadata_says_how_a_query_is_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("metadata.yaml");
        assert_eq!(of_metadata(&path), RunEffect::Unsaid);
        for (said, runs) in [
            ("friendly_name: x", RunEffect::Unsaid),
            ("scheduling:\n  dag_name: d", RunEffect::Add),
            (
                "scheduling:\n  date_partition_parameter: null",
                RunEffect::Replace,
            ),
            (
                "scheduling:\n  date_partition_parameter: null\n  arguments: [--append_table]",
                RunEffect::Add,
            ),
            (
                "scheduling:\n  date_partition_parameter: null\n  destination_table: t${{ds_nodash}}",
                RunEffect::Add,
            ),
            (
                "scheduling:\n  date_partition_parameter: null\n  arguments: --x=1 --append_table",
                RunEffect::Add,
            ),
            (
                "scheduling:\n  date_partition_parameter: null\n  arguments: ['--x=1 --append_table']",
                RunEffect::Add,
            ),
            (
                "scheduling:\n  date_partition_parameter: null\n  arguments: {a: b}",
                RunEffect::Add,
            ),
            (
                "scheduling:\n  date_partition_parameter: null\n  arguments: [--x=1]",
                RunEffect::Replace,
            ),
            (
                "bigquery:\n  time_partitioning:\n    type: day",
                RunEffect::Add,
            ),
            ("a: [", RunEffect::Add),
        ] {
            std::fs::write(&path, said).expect("it is written");
            assert_eq!(of_metadata(&path), runs, "{said}");
        }
    }
}
