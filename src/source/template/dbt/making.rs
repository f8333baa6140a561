//! How dbt creates the table of a model, and whether the model is enabled. Read from
//! `config()`, properties files and `dbt_project.yml`.

use std::collections::BTreeSet;

/// How the table of a model is created.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DbtMaterialization {
    /// By a materialization of this name.
    Named(String),
    /// By a materialization that is computed or cannot be read.
    Unknown,
}

/// dbt's own default.
const DEFAULT: &str = "view";
/// The materializations of dbt and of its adapter for BigQuery that store the rows
/// of the model's query.
const OWN: [&str; 6] = [
    "ephemeral",
    "incremental",
    "materialized_view",
    "snapshot",
    "table",
    "view",
];
/// Those of them that keep no row of an earlier run.
const WHOLE: [&str; 4] = ["ephemeral", "materialized_view", "table", "view"];

impl DbtMaterialization {
    /// Returns a materialization by name; a name that is a template is unknown.
    pub fn named(name: &str) -> Self {
        let plain = |c: char| c.is_alphanumeric() || c == '_';
        if !name.is_empty() && name.chars().all(plain) {
            Self::Named(name.to_owned())
        } else {
            Self::Unknown
        }
    }

    /// Returns the materialization of a model that declares none.
    pub fn usual() -> Self {
        Self::Named(DEFAULT.to_owned())
    }

    /// Returns the name, if it is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Unknown => None,
        }
    }

    /// Whether each run recomputes all rows.
    pub fn is_whole(&self) -> bool {
        self.name().is_some_and(|name| WHOLE.contains(&name))
    }

    /// Whether it is or may be one of dbt's own.
    pub fn may_be_own(&self) -> bool {
        self.name().is_none_or(|name| OWN.contains(&name))
    }
}

/// Whether a model is part of its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DbtEnabled {
    /// The model is disabled.
    No,
    /// The model is part of the project.
    Yes,
    /// The setting is computed, or there are contradicting settings.
    Undecided,
}

/// What YAML declares about the table of a file.
#[derive(Debug, Clone, Default)]
pub struct DbtTableSettings {
    /// The materializations in `dbt_project.yml` of its package, one for each file
    /// of this name.
    pub project: BTreeSet<DbtMaterialization>,
    /// The materializations in properties files, which take precedence over
    /// `project`.
    pub properties: BTreeSet<DbtMaterialization>,
    /// The materializations that take precedence over all others. A project can
    /// declare them for a package that is installed in it.
    pub imposed: BTreeSet<DbtMaterialization>,
    /// The declarations of whether it is part of the project.
    pub enabled: BTreeSet<DbtEnabled>,
}

impl DbtTableSettings {
    /// Returns the possible materializations, given the declarations of the file.
    /// `said` has one for each rendering; with `unread`, the YAML may declare any
    /// other.
    pub(super) fn ways(
        &self,
        said: &[Option<DbtMaterialization>],
        unread: bool,
    ) -> BTreeSet<DbtMaterialization> {
        let mut ways = self.imposed.clone();
        ways.extend(said.iter().flatten().cloned());
        if said.iter().any(Option::is_none) {
            let yaml = match self.properties.is_empty() {
                true => &self.project,
                false => &self.properties,
            };
            ways.extend(yaml.iter().cloned());
            if yaml.is_empty() {
                ways.insert(DbtMaterialization::usual());
            }
            if unread {
                ways.insert(DbtMaterialization::Unknown);
            }
        }
        ways
    }

    /// Whether the model is part of the project.
    pub(super) fn enabled(&self) -> DbtEnabled {
        let mut said = self.enabled.iter();
        match (said.next(), said.next()) {
            (None, _) => DbtEnabled::Yes,
            (Some(only), None) => *only,
            (Some(_), Some(_)) => DbtEnabled::Undecided,
        }
    }
}

/// The materializations that the calls of `config()` declare. They may differ when
/// dbt parses the project, before it executes anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbtConfig {
    /// One for each rendering; `None` if the rendering declares none.
    pub ways: Vec<Option<DbtMaterialization>>,
    /// Whether the template reads `execute`.
    pub executing: bool,
}

impl Default for DbtConfig {
    fn default() -> Self {
        Self {
            ways: vec![None],
            executing: false,
        }
    }
}

impl DbtConfig {
    /// Returns the configuration of a text about which nothing is known.
    pub(in crate::source::template) fn unknown() -> Self {
        Self {
            ways: vec![Some(DbtMaterialization::Unknown)],
            executing: false,
        }
    }

    /// Adds the configuration of another rendering.
    pub(in crate::source::template) fn join(&mut self, other: &Self) {
        for way in &other.ways {
            if !self.ways.contains(way) {
                self.ways.push(way.clone());
            }
        }
        self.executing |= other.executing;
    }
}
