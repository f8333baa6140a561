//! The layout of dbt: `dbt_project.yml`, models, macros, properties files, and the
//! packages that are installed in the project.

mod hooks;
mod making;
mod properties;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use walkdir::WalkDir;

use crate::catalog::{CatalogError, text};
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::files;
use crate::source::template::{
    DbtMacro, DbtMaterialization, DbtPackage, DbtProject, DbtTableNames, named_blocks,
};
use making::PackageSettings;

/// The file that makes a folder a project.
pub const PROJECT_FILE: &str = "dbt_project.yml";

/// The maximum depth of a project below the folder of the configuration.
const DEEPEST: usize = 4;

/// The settings of `dbt_project.yml`.
struct Settings {
    shown: String,
    source: String,
    values: Value,
}

impl Settings {
    fn load(root: &Path) -> Result<Option<Self>, CatalogError> {
        let path = root.join(PROJECT_FILE);
        if !path.is_file() {
            return Ok(None);
        }
        let shown = path.display().to_string();
        let source = text::read(&path)?;
        let values = text::yaml_with_dates(&shown, &source)?;
        let values = serde_json::to_value(&values).map_err(|error| {
            let message = format!("not a project file of dbt: {error}");
            CatalogError::new(&shown, message, "write keys as strings")
        })?;
        Ok(Some(Self {
            shown,
            source,
            values,
        }))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key)?.as_str()
    }

    /// Returns the folders under the first of these keys, otherwise the default one.
    fn folders(&self, keys: &[&str], usual: &str) -> Vec<PathBuf> {
        let listed = keys.iter().find_map(|key| self.values.get(key)?.as_array());
        match listed {
            Some(paths) => paths
                .iter()
                .filter_map(Value::as_str)
                .map(|path| files::shown(Path::new(path)))
                .collect(),
            None => vec![PathBuf::from(usual)],
        }
    }

    /// Returns the values of `var()` for the files of a package.
    ///
    /// The package's own values precede those of all packages.
    fn variables(&self, package: &str) -> BTreeMap<String, Value> {
        let Some(all) = self.values.get("vars").and_then(Value::as_object) else {
            return BTreeMap::new();
        };
        let own = all.get(package).and_then(Value::as_object);
        all.iter()
            .chain(own.into_iter().flatten())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// Reads the project in a folder, or the only one below it.
///
/// What cannot be read is reported, and treated as absent.
pub fn load(folder: &Path) -> (DbtProject, Vec<CatalogError>) {
    let mut errors = Vec::new();
    let root = project_below(folder);
    let settings = settings_of(&root, &mut errors);
    let own = package(&root, settings.as_ref(), None);
    let mut packages = vec![own];
    let installed = settings
        .as_ref()
        .and_then(|settings| settings.text("packages-install-path"))
        .unwrap_or("dbt_packages");
    for installed in [installed, "dbt_modules"] {
        for folder in inside(&root, installed).iter().flat_map(|at| folders(at)) {
            if let Some(own) = settings_of(&folder, &mut errors) {
                let found = package(&folder, Some(&own), settings.as_ref());
                packages.push(found);
            }
        }
    }
    (DbtProject::of(packages), errors)
}

fn settings_of(root: &Path, errors: &mut Vec<CatalogError>) -> Option<Settings> {
    match Settings::load(root) {
        Ok(settings) => settings,
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

/// Returns the folder if it is a project, otherwise the only project below it.
fn project_below(folder: &Path) -> PathBuf {
    let folder = files::listed(folder);
    if folder.join(PROJECT_FILE).is_file() {
        return folder.to_owned();
    }
    let passed = |name: &str| {
        name.starts_with('.')
            || matches!(
                name,
                "dbt_packages" | "dbt_modules" | "target" | "node_modules"
            )
    };
    let walk = WalkDir::new(folder)
        .max_depth(DEEPEST)
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_name().to_str().is_some_and(passed)
        });
    let mut found = walk
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == PROJECT_FILE)
        .filter_map(|entry| entry.path().parent().map(Path::to_owned));
    match (found.next(), found.next()) {
        (Some(only), None) => only,
        _ => folder.to_owned(),
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// Reads one package; `project` is the project that installs it.
fn package(root: &Path, settings: Option<&Settings>, project: Option<&Settings>) -> DbtPackage {
    let mut package = DbtPackage {
        name: settings
            .and_then(|settings| settings.text("name"))
            .unwrap_or_default()
            .to_owned(),
        root: files::absolute(root),
        unread: settings.is_none(),
        overrides: match project {
            None => true,
            Some(project) => may_override_builtins(project),
        },
        ..DbtPackage::default()
    };
    let configuring = PackageSettings {
        own: settings,
        project,
    };
    for settings in settings.into_iter().chain(project) {
        package.variables.extend(settings.variables(&package.name));
    }
    let listed = |keys: &[&str], usual: &str| match settings {
        Some(settings) => settings.folders(keys, usual),
        None => vec![PathBuf::from(usual)],
    };
    let model_paths = match settings {
        Some(_) => listed(&["model-paths", "source-paths"], "models"),
        None => vec![PathBuf::new()],
    };
    let snapshot_paths = listed(&["snapshot-paths"], "snapshots");
    let macro_paths = listed(&["macro-paths"], "macros");
    let seed_paths = listed(&["seed-paths", "data-paths"], "seeds");
    let other_paths = [
        seed_paths.clone(),
        listed(&["analysis-paths"], "analyses"),
        listed(&["test-paths"], "tests"),
    ];
    let other_paths = other_paths.concat();
    let all_paths = || {
        let own = model_paths.iter().chain(&snapshot_paths);
        own.chain(&macro_paths).chain(&other_paths)
    };
    package.folders = all_paths()
        .map(|folder| files::absolute(&root.join(folder)))
        .collect();
    let mut placed: Vec<(String, PathBuf)> = Vec::new();
    for folder in &model_paths {
        for path in files_in(root, folder, &["sql", "py"]) {
            let inside = path.strip_prefix(root).unwrap_or(&path).to_owned();
            let first = inside.components().next().map(|part| part.as_os_str());
            let other = ["target", "dbt_packages", "macros", "tests", "analyses"];
            let passed = settings.is_none()
                && (first.is_some_and(|first| other.iter().any(|name| first == *name))
                    || inside.extension().is_some_and(|ending| ending == "py"));
            if passed && !inside.starts_with("models") {
                continue;
            }
            let Some(stem) = stem(&path) else {
                continue;
            };
            let below = inside.strip_prefix(folder).unwrap_or(&inside);
            let below = below.with_extension("");
            configuring.file(&mut package, "models", &stem, &below);
            let text = bounded::read_to_string(&path, LARGEST_TEXT).unwrap_or_default();
            named(&mut package, &stem, &text);
            placed.push((stem.clone(), below));
            package.models.entry(stem).or_default().push(path);
        }
    }
    // The models with SQL files, in which their hooks are read.
    let is_sql = |path: &PathBuf| path.extension().is_some_and(|ending| ending != "py");
    let mut written: BTreeSet<String> = package
        .models
        .iter()
        .filter(|(_, files)| files.iter().any(is_sql))
        .map(|(stem, _)| stem.clone())
        .collect();
    for folder in snapshot_paths.iter().filter(|_| settings.is_some()) {
        for path in files_in(root, folder, &["sql"]) {
            let text = bounded::read_to_string(&path, LARGEST_TEXT).unwrap_or_default();
            let blocks = named_blocks(&text, "snapshot").unwrap_or_default();
            let inside = path.strip_prefix(root).unwrap_or(&path);
            let below = inside.strip_prefix(folder).unwrap_or(inside);
            if let Some(stem) = stem(&path) {
                let below = below.with_extension("");
                configuring.file(&mut package, "snapshots", &stem, &below);
                named(&mut package, &stem, &text);
                written.insert(stem.clone());
                let making = package.making.entry(stem.to_lowercase()).or_default();
                let snapshot = DbtMaterialization::named("snapshot");
                making.imposed.insert(snapshot);
            }
            for block in blocks {
                package
                    .models
                    .entry(block.name)
                    .or_default()
                    .push(path.clone());
            }
        }
    }
    for folder in &macro_paths {
        for path in files_in(root, folder, &["sql"]) {
            let text = bounded::read_to_string(&path, LARGEST_TEXT).unwrap_or_default();
            for block in named_blocks(&text, "macro").unwrap_or_default() {
                let found = DbtMacro {
                    text: block.text,
                    file: path.clone(),
                };
                package.macros.insert(block.name, found);
            }
            for block in named_blocks(&text, "materialization").unwrap_or_default() {
                package.materializations.insert(block.name, path.clone());
            }
        }
    }
    if let Some(settings) = settings {
        package.operations = hooks::operations(settings);
    }
    let below = |path: &Path, folder: &Path| {
        let inside = path.strip_prefix(root).unwrap_or(path);
        inside.strip_prefix(folder).unwrap_or(inside).to_owned()
    };
    for folder in all_paths() {
        for path in files_in(root, folder, &["yml", "yaml"]) {
            let below = below(path.parent().unwrap_or(root), folder);
            let read = properties::read(&path, &below, &mut package, &configuring);
            package.unread |= read.is_none();
        }
    }
    for folder in &seed_paths {
        for path in files_in(root, folder, &["csv"]) {
            if let Some(stem) = stem(&path) {
                let below = below(&path, folder).with_extension("");
                let found = configuring.hooks(&package.name, "seeds", &below);
                package.operations.extend(hooks::of_node(found, &stem));
            }
        }
    }
    // The settings of a version are below the name of the model.
    let versions: Vec<(String, String, String)> = package
        .versions
        .iter()
        .flat_map(|(model, versions)| {
            let files = versions.files.iter();
            files.map(|(version, file)| (file.clone(), model.clone(), format!("v{version}")))
        })
        .collect();
    for (file, model, version) in versions {
        for (_, below) in placed.iter().filter(|(stem, _)| *stem == file) {
            let folder = below.parent().unwrap_or(below);
            let below = folder.join(&model).join(&version);
            configuring.file(&mut package, "models", &file, &below);
        }
    }
    package.hooks.retain(|_, hooks| !hooks.is_empty());
    for (stem, found) in &package.hooks {
        if !written.contains(stem) {
            let found = hooks::of_node(found.clone(), stem);
            package.operations.extend(found);
        }
    }
    package
}

/// Adds the table names that the text of a file declares.
fn named(package: &mut DbtPackage, stem: &str, text: &str) {
    let names = package.names.entry(stem.to_lowercase()).or_default();
    names.join(&DbtTableNames::from_model_text(text));
}

/// Returns a folder that a project names, if it is inside the project's repository.
fn inside(root: &Path, folder: impl AsRef<Path>) -> Option<PathBuf> {
    let folder = root.join(folder);
    bounded::is_below(files::listed(&folder), &bounded::boundary(root)).then_some(folder)
}

/// Whether macros of installed packages may override dbt's own.
fn may_override_builtins(project: &Settings) -> bool {
    let listed = project.values.get("dispatch").and_then(Value::as_array);
    let spaces = listed.into_iter().flatten();
    let mut spaces = spaces.filter_map(|said| said.get("macro_namespace"));
    spaces.any(|space| space.as_str() == Some("dbt"))
}

fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_str()?.to_owned())
}

/// Returns the files with these extensions below a folder of a package, sorted by
/// name.
///
/// There are none if the folder is outside of the repository.
fn files_in(root: &Path, folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let Some(folder) = inside(root, folder) else {
        return Vec::new();
    };
    WalkDir::new(files::listed(&folder))
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let path = entry.into_path();
            path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
        })
        .filter(|path| {
            path.extension().is_some_and(|ending| {
                endings
                    .iter()
                    .any(|wanted| ending.eq_ignore_ascii_case(wanted))
            })
        })
        .collect()
}
