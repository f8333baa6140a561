//! Which macros the texts of a project of dbt name. What the macros themselves name is
//! found out once a project, not once for each model that needs them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::macros::DISPATCHED;
use super::project::{DbtPackage, DbtProject};

/// Names of macros by package; the project's own package has no name.
pub(super) type Needed = BTreeMap<String, BTreeSet<String>>;

/// What the macros of a project need.
#[derive(Debug, Clone, Default)]
pub(super) struct Needs {
    /// The macros that a word may mean, with the place of their package.
    by_word: FxHashMap<String, Vec<(usize, String)>>,
    /// What each macro is, by the place of its package and its name.
    of: FxHashMap<(usize, String), Need>,
}

/// What is known of a macro by its text.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    /// The macros that it names.
    pub(super) macros: Needed,
    /// Whether it may return a value.
    pub(super) returns: bool,
}

impl Needs {
    /// Of all macros of a project.
    pub(super) fn of(project: &DbtProject) -> Self {
        let mut needs = Self::default();
        for (at, package) in project.packages.iter().enumerate() {
            for name in package.macros.keys() {
                let dispatched = DISPATCHED.into_iter();
                let bare = dispatched.filter_map(|prefix| name.strip_prefix(prefix));
                for word in bare.chain([name.as_str()]) {
                    let known = needs.by_word.entry(word.to_owned()).or_default();
                    known.push((at, name.clone()));
                }
            }
        }
        for (at, package) in project.packages.iter().enumerate() {
            for (name, own) in &package.macros {
                let words = words(&own.text);
                let need = Need {
                    macros: needs.named(project, &words),
                    returns: words.contains("return"),
                };
                needs.of.insert((at, name.clone()), need);
            }
        }
        needs
    }

    /// The macros that words name.
    fn named(&self, project: &DbtProject, words: &BTreeSet<&str>) -> Needed {
        let mut found: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (at, name) in words
            .iter()
            .filter_map(|word| self.by_word.get(*word))
            .flatten()
        {
            found.entry(*at).or_default().insert(name.clone());
        }
        let mut needed = Needed::new();
        for (at, names) in found {
            // The project's own are called by their names alone, or with the package's.
            if at == 0 {
                needed.insert(String::new(), names.clone());
            }
            let package = &project.packages[at].name;
            if !package.is_empty() && words.contains(package.as_str()) {
                needed.insert(package.clone(), names);
            }
        }
        needed
    }
}

impl DbtProject {
    fn needs(&self) -> &Needs {
        self.needs.get_or_init(|| Needs::of(self))
    }

    /// The macros that a text itself names.
    pub(super) fn named(&self, text: &str) -> Needed {
        self.needs().named(self, &words(text))
    }

    /// What is known of a macro of a package.
    pub(super) fn need(&self, package: &str, name: &str) -> Option<&Need> {
        let own = |known: &DbtPackage| known.name == package;
        let at = match package.is_empty() {
            true => 0,
            false => self.packages.iter().position(own)?,
        };
        self.needs().of.get(&(at, name.to_owned()))
    }
}

/// The words of a text, those of its strings included.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
        .collect()
}
