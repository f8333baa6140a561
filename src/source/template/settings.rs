//! What the configuration says of templates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::Value;

use super::unknown::convert;
use super::{DbtProject, Lookups};
use crate::source::files;

/// What is known of templates beforehand (`[template]` in `headcount.toml`).
#[derive(Debug, Clone, Default)]
pub struct TemplateSettings {
    /// Values by name. A name may be an expression as it is written in the
    /// template, too: `target.name`, `lookback()`.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Which way a condition goes, by its text: `is_init` or `is_init()`,
    /// `target.name == 'prod'`. What is not here is rendered both ways.
    pub flags: BTreeMap<String, bool>,
    /// A local copy of metric-hub, or its folder `definitions`.
    pub metric_hub: Option<PathBuf>,
    /// Where included and imported templates are looked for, after the folder of
    /// the file that names them.
    pub search_path: Vec<PathBuf>,
    /// Whether defaults of variables that nobody gives are taken as they are, as a
    /// tool that shows a rendering does. Else what depends on one is not constant.
    pub defaults_hold: bool,
    /// The project of dbt that the files are of.
    pub dbt: Option<Arc<DbtProject>>,
    /// The projects of SQLMesh, by their folders.
    pub sqlmesh: Arc<BTreeMap<PathBuf, SqlMeshProject>>,
    /// The variables of the project that a model is of, while it is rendered.
    pub(crate) model: Option<BTreeMap<String, serde_json::Value>>,
    /// Where the files that templates ask for are noted, if somebody wants to know.
    pub lookups: Option<Arc<Lookups>>,
}

/// What the configuration of a project of SQLMesh says.
#[derive(Debug, Clone, Default)]
pub struct SqlMeshProject {
    /// The variables of all its models, by their names in lower case.
    pub variables: BTreeMap<String, serde_json::Value>,
}

impl TemplateSettings {
    /// Whether these say the same, so that a text has the same renderings with both.
    /// Where somebody wants to know what is asked for, each rendering is a new one.
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

    /// With the variables of the project of SQLMesh that a file is of. Those that are
    /// given here come first.
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

    /// The value of a variable of SQLMesh, as its macros write it: a text in quotes.
    pub(super) fn given_to_models(&self, name: &str) -> Option<Value> {
        let of_project = self.model.as_ref().and_then(|model| model.get(name));
        let given = self.variables.get(name)?;
        Some(match given {
            serde_json::Value::String(text) if of_project == Some(given) => {
                Value::from(format!("'{}'", text.replace('\'', "''")))
            }
            other => convert(other),
        })
    }

    /// What is given for an expression: by its text, or, for a call, by the
    /// function with empty parentheses.
    pub(super) fn variable(&self, text: &str) -> Option<&serde_json::Value> {
        self.variables.get(text).or_else(|| {
            let (function, arguments) = text.split_once('(')?;
            let call = arguments.ends_with(')') && !arguments.is_empty();
            call.then(|| self.variables.get(&format!("{function}()")))?
        })
    }

    /// What is given for a condition: by its text, or, for a call, by the
    /// function with empty parentheses or none.
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
