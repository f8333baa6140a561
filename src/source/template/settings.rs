//! The settings of templates in the configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::Value;

use super::unknown::convert;
use super::{DbtProject, Lookups};
use crate::source::files;

/// The settings of all templates (`[template]` in `headcount.toml`).
#[derive(Debug, Clone, Default)]
pub struct TemplateSettings {
    /// Values by name. A name may also be an expression as written in the template:
    /// `target.name`, `lookback()`.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Decisions of conditions, by their text: `is_init` or `is_init()`,
    /// `target.name == 'prod'`. Any other condition is rendered both ways.
    pub flags: BTreeMap<String, bool>,
    /// A local copy of metric-hub, or its folder `definitions`.
    pub metric_hub: Option<PathBuf>,
    /// The folders in which included and imported templates are searched. The folder
    /// of the file that names them comes first.
    pub search_path: Vec<PathBuf>,
    /// Whether defaults of variables that no setting gives count as known values.
    /// This serves the display of a rendering. Otherwise, anything that depends on a
    /// default is not constant.
    pub defaults_hold: bool,
    /// The dbt project of the files.
    pub dbt: Option<Arc<DbtProject>>,
    /// The SQLMesh projects, by their folders.
    pub sqlmesh: Arc<BTreeMap<PathBuf, SqlMeshProject>>,
    /// The variables of a model's project, while the model is rendered.
    pub(crate) model: Option<BTreeMap<String, serde_json::Value>>,
    /// Records the files that templates look up, if set.
    pub lookups: Option<Arc<Lookups>>,
}

/// The configuration of a SQLMesh project.
#[derive(Debug, Clone, Default)]
pub struct SqlMeshProject {
    /// The variables of all its models, by their names in lower case.
    pub variables: BTreeMap<String, serde_json::Value>,
}

impl TemplateSettings {
    /// Whether a text has the same renderings under both settings. If lookups are
    /// recorded, this is always false, because only a new rendering records them.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let Self {
            variables,
            flags,
            metric_hub,
            search_path,
            defaults_hold,
            dbt,
            sqlmesh,
            model,
            lookups,
        } = self;
        let same_project = match (dbt, &other.dbt) {
            (Some(one), Some(another)) => Arc::ptr_eq(one, another),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        lookups.is_none()
            && other.lookups.is_none()
            && same_project
            && Arc::ptr_eq(sqlmesh, &other.sqlmesh)
            && *defaults_hold == other.defaults_hold
            && *metric_hub == other.metric_hub
            && *search_path == other.search_path
            && *flags == other.flags
            && *model == other.model
            && *variables == other.variables
    }

    /// Adds the variables of a file's SQLMesh project. Variables of these settings
    /// take precedence.
    pub(super) fn for_model(&self, path: &Path) -> Self {
        let mut settings = self.clone();
        settings.model = self
            .project_of(path)
            .map(|project| project.variables.clone());
        for (name, value) in settings.model.iter().flatten() {
            let given = settings.variables.entry(name.clone());
            given.or_insert_with(|| value.clone());
        }
        settings
    }

    fn project_of(&self, path: &Path) -> Option<&SqlMeshProject> {
        if self.sqlmesh.is_empty() {
            return None;
        }
        let path = files::absolute(path);
        let mut folders = path.ancestors().skip(1);
        folders.find_map(|folder| self.sqlmesh.get(folder))
    }

    /// Returns a variable of SQLMesh as its macros write it: texts are quoted.
    pub(super) fn sqlmesh_variable(&self, name: &str) -> Option<Value> {
        let of_project = self.model.as_ref().and_then(|model| model.get(name));
        let given = self.variables.get(name)?;
        Some(match given {
            serde_json::Value::String(text) if of_project == Some(given) => {
                Value::from(format!("'{}'", text.replace('\'', "''")))
            }
            other => convert(other),
        })
    }

    /// Returns the value of an expression, by its text. A call may also match the
    /// function with empty parentheses.
    pub(super) fn variable(&self, text: &str) -> Option<&serde_json::Value> {
        self.variables.get(text).or_else(|| {
            let (function, arguments) = text.split_once('(')?;
            let call = arguments.ends_with(')') && !arguments.is_empty();
            call.then(|| self.variables.get(&format!("{function}()")))?
        })
    }

    /// Returns the decision of a condition, by its text. A call may also match the
    /// function with or without empty parentheses.
    pub(super) fn flag(&self, text: &str) -> Option<bool> {
        if let Some(flag) = self.flags.get(text) {
            return Some(*flag);
        }
        let (function, arguments) = text.split_once('(')?;
        if !arguments.ends_with(')') {
            return None;
        }
        self.flags
            .get(&format!("{function}()"))
            .or_else(|| self.flags.get(function))
            .copied()
    }
}
