//! The layout of bigquery-etl: `sql/PROJECT/DATASET/TABLE/query.sql`.

use std::path::{Path, PathBuf};

use crate::catalog::TableName;
use crate::source::files;

/// The location of a file in a bigquery-etl tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLocation {
    /// The table that the file creates, or belongs to.
    pub table: TableName,
    /// Whether a file of this name creates the table, unlike checks, functions and
    /// notes.
    pub makes: bool,
    /// The folder of the table.
    pub folder: PathBuf,
}

impl TableLocation {
    /// Returns the path of the table's `metadata.yaml`, which may not exist.
    pub fn metadata(&self) -> PathBuf {
        self.folder.join("metadata.yaml")
    }

    /// Returns the path of the table's `schema.yaml`, which may not exist.
    pub fn schema(&self) -> PathBuf {
        self.folder.join("schema.yaml")
    }

    /// Returns the path of the dataset's `dataset_metadata.yaml`, which may not
    /// exist.
    pub fn dataset_metadata(&self) -> PathBuf {
        self.folder
            .parent()
            .unwrap_or(&self.folder)
            .join("dataset_metadata.yaml")
    }
}

/// Returns the location of a file; `None` if it is not in the folder of a table.
pub fn place(file: &Path) -> Option<TableLocation> {
    let folder = file.parent()?;
    let names: Vec<&str> = folder
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect::<Option<_>>()?;
    let [.., "sql", project, dataset, table] = names.as_slice() else {
        return None;
    };
    Some(TableLocation {
        table: TableName::new([*project, *dataset, *table]),
        makes: makes(file.file_name()?.to_str()?),
        folder: folder.to_owned(),
    })
}

/// Queries beside a table that test it and write nothing.
const CHECKS: [&str; 2] = ["checks.sql", "bigeye_custom_rules.sql"];

/// Whether the path of a file shows that it holds no dataset.
///
/// Such files are checks of a table, and tests of the tree's own tools.
pub fn is_test(root: &Path, file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    let checks = name.is_some_and(|name| CHECKS.contains(&name)) && place(file).is_some();
    checks || file.starts_with(root.join("tests"))
}

/// Whether no SQL in the folder of a `metadata.yaml` makes the folder's table.
pub fn is_without_sql(metadata: &Path) -> bool {
    let folder = place(&files::absolute(metadata)).map(|place| place.folder);
    folder.is_some_and(|folder| makers(&folder).is_empty())
}

/// The stems of files that create the table of their folder, except numbered parts.
const MAKING: [&str; 5] = ["query", "view", "materialized_view", "script", "init"];

/// Returns the files of a folder that create its table.
///
/// These are the files with the stems in `MAKING`, and all parts: `part1`, `part2`,
/// …
pub fn makers(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(usize, usize, String)> = names(folder)
        .into_iter()
        .filter(|name| makes(name))
        .map(|name| {
            let stem = name.strip_suffix(".sql").unwrap_or(&name);
            let known = MAKING.iter().position(|known| *known == stem);
            let part = stem.strip_prefix("part").and_then(|part| part.parse().ok());
            (known.unwrap_or(MAKING.len()), part.unwrap_or(0), name)
        })
        .collect();
    found.sort();
    found
        .into_iter()
        .map(|(_, _, name)| folder.join(name))
        .collect()
}

/// Extensions of programs, which may write a table in ways that no query shows.
const PROGRAMS: [&str; 14] = [
    "bash", "go", "ipynb", "java", "jl", "js", "php", "pl", "py", "r", "rb", "scala", "sh", "ts",
];

/// Returns the programs of a folder, without tests.
pub fn programs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = names(folder)
        .into_iter()
        .filter(|name| {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            let known = |known: &&str| ending.eq_ignore_ascii_case(known);
            PROGRAMS.iter().any(known) && !is_of_tests(name)
        })
        .map(|name| folder.join(name))
        .collect();
    found.sort();
    found
}

/// Whether a program belongs to pytest or only marks a package; neither writes a
/// table.
fn is_of_tests(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".py") else {
        return false;
    };
    matches!(stem, "__init__" | "conftest") || stem.starts_with("test_") || stem.ends_with("_test")
}

/// Returns the names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

fn makes(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".sql") else {
        return false;
    };
    let part = stem
        .strip_prefix("part")
        .is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()));
    part || MAKING.contains(&stem)
}

/// Whether a folder is the root of a bigquery-etl tree.
///
/// Such a root has the project file beside `sql`, or a `dataset_metadata.yaml` two
/// folders below `sql`.
pub fn is_tree(root: &Path) -> bool {
    let sql = root.join("sql");
    if !sql.is_dir() {
        return false;
    }
    if root.join("bqetl_project.yaml").is_file() {
        return true;
    }
    let folders = |path: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_dir())
            .collect()
    };
    folders(&sql)
        .iter()
        .flat_map(|project| folders(project))
        .any(|dataset| dataset.join("dataset_metadata.yaml").is_file())
}
