//! How dbt makes the table of a model, and whether the model is part of the project:
//! what `config()`, properties files and `dbt_project.yml` say of it.

use std::collections::BTreeSet;

/// How the table of a model is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DbtMaterialization {
    /// As this materialization makes it.
    Named(String),
    /// As one that is computed, or not understood.
    Unknown,
}

/// dbt's own default.
const DEFAULT: &str = "view";
/// Those that dbt brings along, with its adapter for BigQuery, and that make of a
/// model the rows of its query.
const OWN: [&str; 6] = [
    "ephemeral",
    "incremental",
    "materialized_view",
    "snapshot",
    "table",
    "view",
];
/// Those of them that leave no row of an earlier run.
const WHOLE: [&str; 4] = ["ephemeral", "materialized_view", "table", "view"];

impl DbtMaterialization {
    /// One by its name; a name that is a template is not known.
    pub fn named(name: &str) -> Self {
        let plain = |c: char| c.is_alphanumeric() || c == '_';
        if !name.is_empty() && name.chars().all(plain) {
            Self::Named(name.to_owned())
        } else {
            Self::Unknown
        }
    }

    /// The one that a model has of which nothing is said.
    pub fn usual() -> Self {
        Self::Named(DEFAULT.to_owned())
    }

    /// Its name, where that is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Unknown => None,
        }
    }

    /// Whether each run makes all rows anew.
    pub fn is_whole(&self) -> bool {
        self.name().is_some_and(|name| WHOLE.contains(&name))
    }

    /// Whether it is one of dbt's own, or may be.
    pub fn may_be_own(&self) -> bool {
        self.name().is_none_or(|name| OWN.contains(&name))
    }
}

/// Whether a model is part of its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DbtEnabled {
    /// It isn't.
    No,
    /// It is.
    Yes,
    /// That is computed, or said in several ways.
    Perhaps,
}

/// What YAML says of how the table of a file is made.
#[derive(Debug, Clone, Default)]
pub struct DbtMaking {
    /// What `dbt_project.yml` of its package says, for each file of the name.
    pub project: BTreeSet<DbtMaterialization>,
    /// What properties files say, which counts before that.
    pub properties: BTreeSet<DbtMaterialization>,
    /// What counts before all else: what the project says that a package is installed
    /// in.
    pub imposed: BTreeSet<DbtMaterialization>,
    /// What is said of its being part of the project.
    pub enabled: BTreeSet<DbtEnabled>,
}

impl DbtMaking {
    /// The ways in which the table may be made, given what the file itself says in
    /// each way that its template goes.
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
            (Some(_), Some(_)) => DbtEnabled::Perhaps,
        }
    }
}

/// What the calls of `config()` in one rendering say of the table, and whether that
/// may be otherwise where dbt reads them: then nothing is executed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbtConfigured {
    /// In each way that the template goes; `None` where it says nothing.
    pub ways: Vec<Option<DbtMaterialization>>,
    /// Whether it asked for `execute`.
    pub executing: bool,
}

impl Default for DbtConfigured {
    fn default() -> Self {
        Self {
            ways: vec![None],
            executing: false,
        }
    }
}

impl DbtConfigured {
    /// That of a text of which nothing is known.
    pub(in crate::source::template) fn unknown() -> Self {
        Self {
            ways: vec![Some(DbtMaterialization::Unknown)],
            executing: false,
        }
    }

    /// Adds the ways of another rendering.
    pub(in crate::source::template) fn join(&mut self, other: &Self) {
        for way in &other.ways {
            if !self.ways.contains(way) {
                self.ways.push(way.clone());
            }
        }
        self.executing |= other.executing;
    }
}
