//! Collects the macros of a dbt project that a text needs, as templates to import.
//!
//! dbt gives each macro the names that it gives the model, and none that the model
//! sets. Therefore the macros are imported without context.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::needs::MacroNames;
use super::project::{DbtMacro, DbtPackage, DbtProject};
use crate::budget;
use crate::source::template::loader::isolated;

/// The prefix of the name of a template with the macros of a package. The name of
/// the project's own package is empty.
const MODULE: &str = "macros of dbt ";

/// The prefixes with which `adapter.dispatch` searches a macro, in order.
pub(super) const DISPATCHED: [&str; 2] = ["bigquery__", "default__"];

/// The macros that a text needs.
#[derive(Debug, Default)]
pub(in crate::source::template) struct Macros {
    /// The tags that import them into the text.
    pub(in crate::source::template) imports: String,
    /// The templates that contain them, by name.
    pub(in crate::source::template) modules: BTreeMap<String, String>,
    /// The files that define them.
    pub(in crate::source::template) files: BTreeSet<PathBuf>,
}

impl Macros {
    /// Collects the macros that a text of a project needs, directly and indirectly.
    pub(in crate::source::template) fn needed(
        project: &DbtProject,
        path: &str,
        text: &str,
    ) -> Self {
        let mut direct = project.named(text);
        // In a package, a bare name may mean the package's own macro or the
        // project's. Neither is imported, so that the call is unknown.
        let own = project.package_of(path).map(|own| &own.macros);
        let first = project.packages.first().map(|first| &first.macros);
        if let (Some(own), Some(first)) = (own, first)
            && !std::ptr::eq(own, first)
            && let Some(bare) = direct.get_mut("")
        {
            bare.retain(|name| !own.contains_key(name));
        }
        direct.retain(|_, names| !names.is_empty());
        let mut all = MacroNames::new();
        let mut files = BTreeSet::new();
        let mut waiting = vec![&direct];
        while let Some(needed) = waiting.pop() {
            for (package, names) in needed {
                let known = all.entry(package.clone()).or_default();
                for name in names {
                    if known.insert(name.clone())
                        && let Some(found) = find(project, package, name)
                        && let Some(need) = project.need(package, name)
                    {
                        budget::charge_included(1);
                        files.insert(found.file.clone());
                        waiting.push(&need.macros);
                    }
                }
            }
        }
        let modules = all.iter().map(|(package, names)| {
            let module = module(project, package, names);
            (format!("{MODULE}{package}"), module)
        });
        Self {
            imports: imports(&direct, isolated),
            modules: modules.collect(),
            files,
        }
    }
}

fn package<'p>(project: &'p DbtProject, name: &str) -> Option<&'p DbtPackage> {
    if name.is_empty() {
        return project.packages.first();
    }
    project.packages.iter().find(|package| package.name == name)
}

fn find<'p>(project: &'p DbtProject, from: &str, name: &str) -> Option<&'p DbtMacro> {
    package(project, from)?.macros.get(name)
}

/// Returns the tags that import macros; `template` writes the name of their
/// template.
fn imports(needed: &MacroNames, template: impl Fn(&str) -> String) -> String {
    let import = |(package, names): (&String, &BTreeSet<String>)| {
        let template = template(&format!("{MODULE}{package}"));
        if package.is_empty() {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("{{% from \"{template}\" import {} %}}", names.join(", "))
        } else {
            format!("{{% import \"{template}\" as {package} %}}")
        }
    };
    needed.iter().map(import).collect()
}

/// Builds a template with some macros of a package. Macros that return a value are
/// wrapped.
fn module(project: &DbtProject, package: &str, names: &BTreeSet<String>) -> String {
    let texts = || {
        names
            .iter()
            .filter_map(|name| Some((name, find(project, package, name)?.text.as_str())))
    };
    let needs = || {
        names
            .iter()
            .filter_map(|name| Some((name, project.need(package, name)?)))
    };
    let mut outside = MacroNames::new();
    for (_, need) in needs() {
        for (other, found) in &need.macros {
            if other != package {
                let known = outside.entry(other.clone()).or_default();
                known.extend(found.iter().cloned());
            }
        }
    }
    // The project's own macros have one definition under both names.
    let own = project.packages.first();
    if own.is_some_and(|own| own.name == package) {
        outside.remove("");
    }
    // The project and the package have a macro of the same name: a bare name means
    // the project's and a qualified name the package's. Both are dropped, so that
    // each call is unknown.
    let shared: BTreeSet<String> = match outside.get_mut("") {
        Some(own) => {
            let shared = own.intersection(names).cloned().collect();
            own.retain(|name| !names.contains(name));
            shared
        }
        None => BTreeSet::new(),
    };
    outside.retain(|_, names| !names.is_empty());
    let mut module = imports(&outside, str::to_owned);
    let alone = |name: &&String| !shared.contains(*name);
    for (_, text) in texts().filter(|(name, _)| alone(name)) {
        module.push_str(text);
    }
    for (name, need) in needs().filter(|(name, _)| alone(name)) {
        if need.returns {
            module.push_str(&format!("{{% set {name} = __returning({name}) %}}"));
        }
    }
    module
}
