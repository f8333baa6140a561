//! The layout of bigquery-etl: `sql/PROJECT/DATASET/TABLE/query.sql`.

use std::path::{Path, PathBuf};

use crate::catalog::TableName;

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

/// What the files are called that make the table of their folder, as far as they
/// are not numbered parts.
const MAKING: [&str; 5] = ["query", "view", "materialized_view", "script", "init"];

/// The files of a folder that make its table: those of these names, else its parts
/// `part1`, `part2`, …
pub fn makers(folder: &Path) -> Vec<PathBuf> {
    let files: Vec<PathBuf> = MAKING
        .iter()
        .map(|stem| folder.join(format!("{stem}.sql")))
        .filter(|path| path.is_file())
        .collect();
    if !files.is_empty() {
        return files;
    }
    (1..)
        .map(|part| folder.join(format!("part{part}.sql")))
        .take_while(|path| path.is_file())
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
