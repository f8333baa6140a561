//! Finds the macros that the texts of a dbt project name. The references between
//! macros are computed once per project, not once per model.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::macros::DISPATCHED;
use super::project::{DbtPackage, DbtProject};

/// Names of macros by package; the name of the project's own package is empty.
pub(super) type MacroNames = BTreeMap<String, BTreeSet<String>>;

/// The references of all macros of a project.
#[derive(Debug, Clone, Default)]
pub(super) struct MacroReferences {
    /// The macros that a word may mean, each with the index of its package.
    by_word: FxHashMap<String, Vec<(usize, String)>>,
    /// The properties of each macro, by the index of its package and its name.
    of: FxHashMap<(usize, String), MacroProperties>,
}

/// The properties of a macro's text.
#[derive(Debug, Clone, Default)]
pub(super) struct MacroProperties {
    /// The macros that it names.
    pub(super) macros: MacroNames,
    /// Whether it may return a value.
    pub(super) returns: bool,
}

impl MacroReferences {
    /// Computes the references of all macros of a project.
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
                let need = MacroProperties {
                    macros: needs.named(project, &words),
                    returns: words.contains("return"),
                };
                needs.of.insert((at, name.clone()), need);
            }
        }
        needs
    }

    /// Returns the macros that words may name.
    fn named(&self, project: &DbtProject, words: &BTreeSet<&str>) -> MacroNames {
        let mut found: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (at, name) in words
            .iter()
            .filter_map(|word| self.by_word.get(*word))
            .flatten()
        {
            found.entry(*at).or_default().insert(name.clone());
        }
        let mut needed = MacroNames::new();
        for (at, names) in found {
            // The project's own macros are called by a bare name or with the
            // package's name.
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
    fn needs(&self) -> &MacroReferences {
        self.needs.get_or_init(|| MacroReferences::of(self))
    }

    /// Returns the macros that a text itself names.
    pub(super) fn named(&self, text: &str) -> MacroNames {
        self.needs().named(self, &words(text))
    }

    /// Returns the properties of a macro of a package.
    pub(super) fn need(&self, package: &str, name: &str) -> Option<&MacroProperties> {
        let own = |known: &DbtPackage| known.name == package;
        let at = match package.is_empty() {
            true => 0,
            false => self.packages.iter().position(own)?,
        };
        self.needs().of.get(&(at, name.to_owned()))
    }
}

/// Splits a text into words, including those of its strings.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
        .collect()
}
