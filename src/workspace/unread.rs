//! Files that create a table and are not queries of it: only their texts are known.

use std::path::PathBuf;

use rustc_hash::FxHashMap;
use walkdir::WalkDir;

use super::files_of::is_folder;
use super::tree::Tree;
use crate::catalog::layout::programs;
use crate::catalog::{NameMatch, TableName, TablePattern};
use crate::config::Layout;
use crate::source::template::DbtProject;

impl Tree {
    /// Returns files that create a table and are not analyzed.
    ///
    /// These are the programs in the table's folder, the queries of other folders
    /// that write it, and the rows of seeds.
    pub(super) fn unanalyzed_files(
        &self,
        layout: Layout,
        table: &TableName,
        project: Option<&str>,
    ) -> Vec<PathBuf> {
        match layout {
            Layout::BigqueryEtl => {
                let table = table.in_project(project);
                let mut found = Vec::new();
                if let [project, dataset, name] = table.parts()
                    && [project, dataset, name]
                        .into_iter()
                        .all(|part| is_folder(part))
                {
                    let folder = self.root.join("sql").join(project).join(dataset);
                    found.extend(programs(&folder.join(name)));
                }
                let index = self.index(layout);
                for (entry, sameness) in index.writers(&TablePattern::of(&table)) {
                    if sameness == NameMatch::Certain {
                        found.push(index.file(entry).path.clone());
                    }
                }
                found
            }
            Layout::Dbt => {
                let seeds = self.seeds.get_or_init(|| match &self.templates.dbt {
                    Some(project) => seeds(project),
                    None => FxHashMap::default(),
                });
                let name = table.parts().last().map(|name| name.to_lowercase());
                let found = name.and_then(|name| seeds.get(&name));
                found.cloned().unwrap_or_default()
            }
            Layout::Plain => Vec::new(),
        }
    }
}

/// Returns the files of seeds, by the names of their tables in lower case.
fn seeds(project: &DbtProject) -> FxHashMap<String, Vec<PathBuf>> {
    let mut found: FxHashMap<String, Vec<PathBuf>> = FxHashMap::default();
    let folders = project.packages.iter().flat_map(|package| &package.folders);
    for folder in folders {
        let walk = WalkDir::new(folder).sort_by_file_name();
        for entry in walk.into_iter().filter_map(Result::ok) {
            let path = entry.path();
            let rows = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
            if let (true, Some(stem)) = (rows && entry.file_type().is_file(), path.file_stem()) {
                let name = stem.to_string_lossy().to_lowercase();
                found.entry(name).or_default().push(path.to_owned());
            }
        }
    }
    found
}
