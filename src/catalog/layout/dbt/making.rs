//! YAML settings for how a model's table is created, and whether the model is
//! enabled.

use std::path::Path;

use serde_json::Value;

use super::{Settings, hooks};
use crate::source::template::{DbtEnabled, DbtHook, DbtMaterialization, DbtPackage, DbtTableNames};

/// A mapping of settings, and the keys that lead to it.
pub(super) type Level<'a> = (Vec<&'a str>, &'a Value);

/// Returns the settings of `dbt_project.yml` that apply to a file of a package.
///
/// There is one level per folder of the file, from the outermost to the innermost.
pub(super) fn levels<'a>(
    settings: &'a Settings,
    section: &'a str,
    package: &'a str,
    below: &'a Path,
) -> Vec<Level<'a>> {
    let parts = below.iter().filter_map(|part| part.to_str());
    let mut keys = vec![section];
    let mut levels = Vec::new();
    let mut at = settings.values.get(section);
    for part in std::iter::once(package).chain(parts) {
        let Some(config) = at else {
            return levels;
        };
        levels.push((keys.clone(), config));
        at = config.get(part);
        keys.push(part);
    }
    levels.extend(at.map(|config| (keys, config)));
    levels
}

/// Returns the setting of a key, with or without a plus sign.
fn said<'v>(config: &'v Value, key: &str) -> Option<&'v Value> {
    let plus = config.get(format!("+{key}"));
    // A folder may have the same name as a setting.
    let bare = config.get(key).filter(|value| !value.is_object());
    match (plus, bare) {
        // Only dbt decides which of two contradictory settings applies.
        (Some(one), Some(other)) if one != other => Some(&Value::Null),
        (one, other) => one.or(other),
    }
}

/// Returns the materialization in a mapping of settings.
pub(super) fn materialized(config: &Value) -> Option<DbtMaterialization> {
    let value = said(config, "materialized")?;
    Some(match value.as_str() {
        Some(name) => DbtMaterialization::named(name),
        None => DbtMaterialization::Unknown,
    })
}

/// Returns whether a mapping of settings enables its models.
pub(super) fn enabled(config: &Value) -> Option<DbtEnabled> {
    let value = said(config, "enabled")?;
    Some(match value.as_bool() {
        Some(true) => DbtEnabled::Yes,
        Some(false) => DbtEnabled::No,
        None => DbtEnabled::Undecided,
    })
}

/// Adds the alias in a mapping of settings.
pub(super) fn aliased(names: &mut DbtTableNames, config: &Value) {
    if let Some(alias) = said(config, "alias") {
        names.add(alias.as_str());
    }
}

/// The `dbt_project.yml` settings that apply to files of a package.
pub(super) struct PackageSettings<'a> {
    /// The settings of the package itself.
    pub(super) own: Option<&'a Settings>,
    /// The settings of the project that installs the package.
    pub(super) project: Option<&'a Settings>,
}

impl PackageSettings<'_> {
    /// Returns the hooks for a node of a package.
    pub(super) fn hooks(&self, package: &str, section: &str, below: &Path) -> Vec<DbtHook> {
        let mut found = Vec::new();
        for settings in self.own.into_iter().chain(self.project) {
            for (keys, config) in levels(settings, section, package, below) {
                found.extend(hooks::of_config(
                    config,
                    &settings.shown,
                    &settings.source,
                    &keys,
                ));
            }
        }
        found
    }

    /// Adds the settings of a file to its package.
    ///
    /// `below` is the path of the file relative to the folder of its kind, without
    /// extension.
    pub(super) fn file(&self, package: &mut DbtPackage, section: &str, stem: &str, below: &Path) {
        let name = package.name.clone();
        let found = self.hooks(&name, section, below);
        let hooks = package.hooks.entry(stem.to_owned()).or_default();
        for hook in found {
            if !hooks.contains(&hook) {
                hooks.push(hook);
            }
        }
        let names = package.names.entry(stem.to_lowercase()).or_default();
        for settings in self.own.into_iter().chain(self.project) {
            for (_, config) in levels(settings, section, &name, below) {
                aliased(names, config);
            }
        }
        let innermost = |settings: Option<&Settings>| {
            let levels = settings.map(|settings| levels(settings, section, &name, below));
            let levels = levels.unwrap_or_default();
            let configs = || levels.iter().rev().map(|(_, config)| *config);
            (
                configs().find_map(materialized),
                configs().find_map(enabled),
            )
        };
        let making = package.making.entry(stem.to_lowercase()).or_default();
        let (materialized, enabled) = innermost(self.own);
        let usual = DbtMaterialization::usual;
        making.project.insert(materialized.unwrap_or_else(usual));
        making.enabled.extend(enabled);
        let (materialized, enabled) = innermost(self.project);
        making.imposed.extend(materialized);
        making.enabled.extend(enabled);
    }
}
