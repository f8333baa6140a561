//! The configuration of a SQLMesh project: `config.yaml` and its variants.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;
use yaml_serde::Value;

use super::text;
use crate::source::bounded;
use crate::source::template::{SqlMeshKind, SqlMeshProject};

/// The YAML files that SQLMesh reads.
const FILES: [&str; 4] = ["config.yaml", "config.yml", "sqlmesh.yaml", "sqlmesh.yml"];
/// The configuration file that is a program.
const PROGRAM: &str = "config.py";
/// The keys of statements that run beside the models.
const OF_MODELS: [&str; 3] = ["pre_statements", "post_statements", "on_virtual_update"];
const OF_ALL: [&str; 2] = ["before_all", "after_all"];

/// Whether a file is a project's configuration, by its name.
pub fn is_config(name: &str) -> bool {
    FILES.contains(&name) || name == PROGRAM
}

/// The configuration of one folder.
#[derive(Debug, Clone)]
pub struct SqlMeshConfig {
    /// The file.
    pub path: PathBuf,
    /// The kind of models that do not declare one.
    pub kind: SqlMeshKind,
    /// The values of the variables.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Statements that run beside the models; `None` for one whose text is unknown.
    pub statements: Vec<Option<String>>,
}

/// Reads the configuration in a folder, if there is one.
///
/// Of a configuration that cannot be read completely, every setting is unknown.
pub fn config_in(folder: &Path) -> Option<SqlMeshConfig> {
    let there = |name: &&str| folder.join(name).is_file();
    let mut found = FILES.iter().filter(|name| there(name));
    let (first, second) = (found.next(), found.next());
    let program = there(&PROGRAM);
    let name = match first {
        Some(first) => *first,
        None if program => PROGRAM,
        None => return None,
    };
    let path = folder.join(name);
    // It is unknown which of several files applies, and what a program configures.
    if program || second.is_some() {
        return Some(unknown(if program { folder.join(PROGRAM) } else { path }));
    }
    let shown = path.display().to_string();
    let read = text::read(&path).and_then(|source| {
        // A Jinja statement may omit any part of the file.
        let templated = source.contains("{%");
        Ok((text::yaml_1_2(&shown, &source)?, templated))
    });
    let Ok((values, false)) = read else {
        return Some(unknown(path));
    };
    Some(of_values(path, &values))
}

fn unknown(path: PathBuf) -> SqlMeshConfig {
    let of_sql = bounded::read_to_string(&path, bounded::LARGEST_DECLARATIONS);
    let may = of_sql.map_or(true, |text| {
        let mut keys = OF_MODELS.iter().chain(&OF_ALL);
        keys.any(|key| text.contains(key))
    });
    SqlMeshConfig {
        path,
        kind: SqlMeshKind::Unknown,
        variables: BTreeMap::new(),
        statements: if may { vec![None] } else { Vec::new() },
    }
}

fn of_values(path: PathBuf, values: &Value) -> SqlMeshConfig {
    let defaults = values.get("model_defaults");
    let kind = match defaults.and_then(|defaults| defaults.get("kind")) {
        None | Some(Value::Null) => SqlMeshKind::Unsaid,
        Some(Value::String(kind)) => SqlMeshKind::Named(kind.clone()),
        Some(_) => SqlMeshKind::Unknown,
    };
    let mut statements = Vec::new();
    let mut add = |said: Option<&Value>| match said {
        None | Some(Value::Null) => {}
        Some(Value::Sequence(all)) => {
            statements.extend(all.iter().map(|one| one.as_str().map(str::to_owned)));
        }
        Some(one) => statements.push(one.as_str().map(str::to_owned)),
    };
    for key in OF_MODELS {
        add(defaults.and_then(|defaults| defaults.get(key)));
    }
    for key in OF_ALL {
        add(values.get(key));
    }
    SqlMeshConfig {
        path,
        kind,
        variables: variables(values),
        statements,
    }
}

/// Returns the variables that no gateway overrides.
fn variables(values: &Value) -> BTreeMap<String, serde_json::Value> {
    let mut found = BTreeMap::new();
    let Some(Value::Mapping(all)) = values.get("variables") else {
        return found;
    };
    let gateways = values.get("gateways").and_then(Value::as_mapping);
    let of_gateways: Vec<&Value> = gateways
        .into_iter()
        .flat_map(|gateways| gateways.values())
        .filter_map(|gateway| gateway.get("variables"))
        .collect();
    let overridden = |name: &str| {
        of_gateways.iter().any(|variables| match variables {
            Value::Mapping(all) => all.keys().any(|key| {
                key.as_str()
                    .is_none_or(|key| key.eq_ignore_ascii_case(name))
            }),
            Value::Null => false,
            _ => true,
        })
    };
    for (name, value) in all {
        let Some(name) = name.as_str() else {
            continue;
        };
        // A string may be a template of the environment, or refer to another
        // variable.
        let open = value.as_str().is_some_and(|text| text.contains(['{', '@']));
        let simple = matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
        if let Ok(value) = serde_json::to_value(value)
            && simple
            && !open
            && !overridden(name)
        {
            found.insert(name.to_lowercase(), value);
        }
    }
    found
}

/// Returns the folders at and below a root that contain a configuration.
pub fn config_folders(root: &Path) -> Vec<PathBuf> {
    let walk = WalkDir::new(crate::source::files::listed(root))
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !(name.starts_with('.') || name == "node_modules")
        });
    let mut folders: Vec<PathBuf> = walk
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_config))
        .filter_map(|entry| entry.path().parent().map(Path::to_owned))
        .collect();
    folders.dedup();
    folders
}

/// Returns the projects at and below a root, by their absolute folders.
pub fn projects(root: &Path) -> BTreeMap<PathBuf, SqlMeshProject> {
    let folders = config_folders(root).into_iter();
    folders
        .filter_map(|folder| {
            let variables = config_in(&folder)?.variables;
            let folder = crate::source::files::absolute(&folder);
            Some((folder, SqlMeshProject { variables }))
        })
        .collect()
}
