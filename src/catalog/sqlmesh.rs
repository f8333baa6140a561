//! What the configuration of a project of SQLMesh says: `config.yaml` and its like.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;
use yaml_serde::Value;

use super::text;
use crate::source::bounded;
use crate::source::template::{SqlMeshKind, SqlMeshProject};

/// The files that SQLMesh reads, of YAML.
const FILES: [&str; 4] = ["config.yaml", "config.yml", "sqlmesh.yaml", "sqlmesh.yml"];
/// The one that is a program.
const PROGRAM: &str = "config.py";
/// Where statements stand that are run beside the models.
const OF_MODELS: [&str; 3] = ["pre_statements", "post_statements", "on_virtual_update"];
const OF_ALL: [&str; 2] = ["before_all", "after_all"];

/// Whether a file is the configuration of a project, by its name.
pub fn is_config(name: &str) -> bool {
    FILES.contains(&name) || name == PROGRAM
}

/// What the configuration of one folder says.
#[derive(Debug, Clone)]
pub struct SqlMeshConfig {
    /// The file.
    pub path: PathBuf,
    /// The kind of models that say none.
    pub kind: SqlMeshKind,
    /// What the variables are.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Statements that are run beside the models; `None` for one that is not known.
    pub statements: Vec<Option<String>>,
}

/// The configuration in a folder, if one is there. What can't be read may say anything.
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
    // Which of several counts, and what a program says, is not known.
    if program || second.is_some() {
        return Some(unknown(if program { folder.join(PROGRAM) } else { path }));
    }
    let shown = path.display().to_string();
    let read = text::read(&path).and_then(|source| {
        // A statement of Jinja may leave anything out.
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

/// The variables that are the same whatever the gateway.
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
        // A text may be a template of the environment, or mean another variable.
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

/// The folders below one that have a configuration.
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

/// The projects below a folder, by their own.
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
