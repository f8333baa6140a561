//! The layout of bigquery-etl: `sql/PROJECT/DATASET/TABLE/query.sql`.

use std::path::{Path, PathBuf};

use crate::catalog::TableName;
use crate::source::files;

/// A file of such a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The table that the file makes, or belongs to.
    pub table: TableName,
    /// Whether its name is one of those that make the table. Checks, functions
    /// and notes beside them make none.
    pub makes: bool,
    /// The folder of the table.
    pub folder: PathBuf,
}

impl Place {
    /// Where the table's `metadata.yaml` would stand.
    pub fn metadata(&self) -> PathBuf {
        self.folder.join("metadata.yaml")
    }

    /// Where the table's `schema.yaml` would stand.
    pub fn schema(&self) -> PathBuf {
        self.folder.join("schema.yaml")
    }

    /// Where the dataset's `dataset_metadata.yaml` would stand.
    pub fn dataset_metadata(&self) -> PathBuf {
        self.folder
            .parent()
            .unwrap_or(&self.folder)
            .join("dataset_metadata.yaml")
    }
}

/// The place of a file; `None` where it lies in no folder of a table.
pub fn place(file: &Path) -> Option<Place> {
    let folder = file.parent()?;
    let names: Vec<&str> = folder
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect::<Option<_>>()?;
    let [.., "sql", project, dataset, table] = names.as_slice() else {
        return None;
    };
    Some(Place {
        table: TableName::new([*project, *dataset, *table]),
        makes: makes(file.file_name()?.to_str()?),
        folder: folder.to_owned(),
    })
}

/// The queries beside a table that test it and write nothing.
const CHECKS: [&str; 2] = ["checks.sql", "bigeye_custom_rules.sql"];

/// Whether a file of a tree holds no dataset by its place: a check of a table, or a
/// test of the tree's own tools.
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

/// What the files are called that make the table of their folder, as far as they
/// are not numbered parts.
const MAKING: [&str; 5] = ["query", "view", "materialized_view", "script", "init"];

/// The files of a folder that make its table: those of these names, and all parts
/// of it, `part1`, `part2`, …
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

/// Endings of programs, which may write a table in ways that no query shows.
const PROGRAMS: [&str; 14] = [
    "bash", "go", "ipynb", "java", "jl", "js", "php", "pl", "py", "r", "rb", "scala", "sh", "ts",
];

/// The programs of a folder.
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

/// Whether a program is one of pytest's, or makes a folder a package: neither is run
/// for a table.
fn is_of_tests(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".py") else {
        return false;
    };
    matches!(stem, "__init__" | "conftest") || stem.starts_with("test_") || stem.ends_with("_test")
}

/// The names of the files in a folder.
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

/// Whether a folder is the root of such a tree: one with its project file beside
/// `sql`, or with a `dataset_metadata.yaml` two below that.
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
