//! What YAML says of how the table of a model is made, and whether the model is part
//! of the project.

use std::path::Path;

use serde_json::Value;

use super::{Settings, hooks};
use crate::source::template::{DbtEnabled, DbtHook, DbtMaterialization, DbtNames, DbtPackage};

/// A table of settings, and the keys that lead to it.
pub(super) type Level<'a> = (Vec<&'a str>, &'a Value);

/// The settings that `dbt_project.yml` has for a file of a package: those of each of
/// its folders, from the outermost on.
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

/// What a table of settings says under a key, with or without a plus sign.
fn said<'v>(config: &'v Value, key: &str) -> Option<&'v Value> {
    let plus = config.get(format!("+{key}"));
    // A folder may have the name of a setting.
    let bare = config.get(key).filter(|value| !value.is_object());
    match (plus, bare) {
        // What counts of two, dbt tells.
        (Some(one), Some(other)) if one != other => Some(&Value::Null),
        (one, other) => one.or(other),
    }
}

/// The materialization that a table of settings says.
pub(super) fn materialized(config: &Value) -> Option<DbtMaterialization> {
    let value = said(config, "materialized")?;
    Some(match value.as_str() {
        Some(name) => DbtMaterialization::named(name),
        None => DbtMaterialization::Unknown,
    })
}

/// What a table of settings says of its models' being part of the project.
pub(super) fn enabled(config: &Value) -> Option<DbtEnabled> {
    let value = said(config, "enabled")?;
    Some(match value.as_bool() {
        Some(true) => DbtEnabled::Yes,
        Some(false) => DbtEnabled::No,
        None => DbtEnabled::Perhaps,
    })
}

/// Adds the alias that a table of settings says.
pub(super) fn aliased(names: &mut DbtNames, config: &Value) {
    if let Some(alias) = said(config, "alias") {
        names.add(alias.as_str());
    }
}

/// Files whose settings `dbt_project.yml` gives.
pub(super) struct Configuring<'a> {
    /// The package's own.
    pub(super) own: Option<&'a Settings>,
    /// That of the project that it is installed in.
    pub(super) project: Option<&'a Settings>,
}

impl Configuring<'_> {
    /// The hooks that are said of something of a package.
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

    /// Adds what is said of a file to its package; `below` is its path in the folder
    /// of its kind, without the ending.
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
