//! The settings in properties files of a package: versions, sources, hooks, and how
//! tables are created.

use std::path::Path;

use serde_json::Value;

use super::hooks;
use super::making::{self, PackageSettings};
use crate::catalog::text;
use crate::source::template::{DbtPackage, DbtVersions};

/// Adds the settings of a properties file to its package.
///
/// `None` if the file cannot be read. The error is reported where the columns of its
/// tables are read, and dbt does not run then. `below` is the folder of the file,
/// relative to the folder of its kind.
pub(super) fn read(
    path: &Path,
    below: &Path,
    package: &mut DbtPackage,
    configuring: &PackageSettings<'_>,
) -> Option<()> {
    let shown = path.display().to_string();
    let source = text::read(path).ok()?;
    let document = text::yaml(&shown, &source).ok()?;
    let document = serde_json::to_value(&document).ok()?;
    let list = |value: &Value, key: &str| -> Vec<Value> {
        value
            .get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    for section in ["models", "snapshots"] {
        for model in list(&document, section) {
            let Some(name) = model.get("name").and_then(Value::as_str) else {
                continue;
            };
            versions(package, name, &model);
            made(package, name, &model, &list(&model, "versions"));
            // A snapshot that is declared in YAML has no SQL file.
            if section == "snapshots" && model.get("relation").is_some() {
                let found = configuring.hooks(&package.name, section, &below.join(name));
                package.operations.extend(hooks::of_node(found, name));
            }
            let configs = std::iter::once(model.clone()).chain(list(&model, "versions"));
            for config in configs.filter_map(|of| of.get("config").cloned()) {
                let found = hooks::of_config(&config, &shown, &source, &[section]);
                let files: Vec<String> = match package.versions.get(name) {
                    Some(versions) => versions.files.values().cloned().collect(),
                    None => vec![name.to_owned()],
                };
                for file in files {
                    package
                        .hooks
                        .entry(file)
                        .or_default()
                        .extend(found.iter().cloned());
                }
            }
        }
    }
    for seed in list(&document, "seeds") {
        if let Some((name, config)) = seed
            .get("name")
            .and_then(Value::as_str)
            .zip(seed.get("config"))
        {
            let found = hooks::of_config(config, &shown, &source, &["seeds"]);
            package.operations.extend(hooks::of_node(found, name));
        }
    }
    for declared in list(&document, "sources") {
        source_tables(package, &declared, list(&declared, "tables"));
    }
    Some(())
}

/// Adds how the tables of a model are created; a version's setting precedes the
/// model's.
fn made(package: &mut DbtPackage, name: &str, model: &Value, versions: &[Value]) {
    let of = |of: Option<&Value>| {
        let config = of.and_then(|of| of.get("config"));
        let of = |config| (making::materialized(config), making::enabled(config));
        config.map_or((None, None), of)
    };
    let (materialized, enabled) = of(Some(model));
    let files = match package.versions.get(name) {
        Some(known) => known.files.clone(),
        None => [(String::new(), name.to_owned())].into(),
    };
    for (version, file) in files {
        let is_it = |of: &&Value| of.get("v").and_then(word).as_ref() == Some(&version);
        let (own, on) = of(versions.iter().find(is_it));
        let names = package.names.entry(file.to_lowercase()).or_default();
        let said = versions.iter().filter(is_it).chain([model]);
        said.filter_map(|of| of.get("config"))
            .for_each(|config| making::aliased(names, config));
        if !version.is_empty() {
            names.add(Some(&format!("{name}_v{version}")));
        }
        let making = package.making.entry(file.to_lowercase()).or_default();
        let materialized = own.or_else(|| materialized.clone());
        making.properties.extend(materialized);
        making.enabled.extend(on.or(enabled));
    }
}

/// Adds the versions of a model.
///
/// The file of a version is the one that it names, otherwise the model's name with
/// the version; the latest version may be in a file without a version.
fn versions(package: &mut DbtPackage, name: &str, model: &Value) {
    let Some(listed) = model.get("versions").and_then(Value::as_array) else {
        return;
    };
    let mut known: Vec<(String, Option<&str>)> = Vec::new();
    for version in listed {
        let Some(v) = version.get("v").and_then(word) else {
            continue;
        };
        let defined = version.get("defined_in").and_then(Value::as_str);
        known.push((v, defined));
    }
    let number = |version: &String| version.parse::<f64>().ok();
    let latest = model.get("latest_version").and_then(word).or_else(|| {
        let versions = known.iter().map(|(version, _)| version);
        versions
            .max_by(|a, b| match (number(a), number(b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => a.cmp(b),
            })
            .cloned()
    });
    let Some(latest) = latest else {
        return;
    };
    let mut found = DbtVersions {
        latest: latest.clone(),
        ..DbtVersions::default()
    };
    for (version, defined) in known {
        let mut file = defined.map_or_else(|| format!("{name}_v{version}"), str::to_owned);
        let dotted = format!("{name}.v{version}");
        if !package.models.contains_key(&file) && package.models.contains_key(&dotted) {
            file = dotted;
        }
        if !package.models.contains_key(&file)
            && version == latest
            && package.models.contains_key(name)
        {
            name.clone_into(&mut file);
        }
        found.files.insert(version, file);
    }
    package.versions.insert(name.to_owned(), found);
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Adds the tables of a source, with their names in BigQuery.
fn source_tables(package: &mut DbtPackage, source: &Value, tables: Vec<Value>) {
    let text = |of: &Value, keys: &[&str]| -> Option<String> {
        let value = keys.iter().find_map(|key| of.get(key))?;
        Some(value.as_str()?.to_owned())
    };
    let Some(name) = text(source, &["name"]) else {
        return;
    };
    let schema = text(source, &["schema", "dataset"]).unwrap_or_else(|| name.clone());
    let database = text(source, &["database", "project"]);
    for table in &tables {
        let Some(own) = text(table, &["name"]) else {
            continue;
        };
        let called = text(table, &["identifier"]).unwrap_or_else(|| own.clone());
        let open = |part: &String| part.contains("{{") || part.contains("{%");
        let parts = if open(&schema) || open(&called) {
            vec![format!("dbt-source-{name}"), own.clone()]
        } else {
            let database = database.iter().filter(|database| !open(database)).cloned();
            database.chain([schema.clone(), called]).collect()
        };
        package.sources.insert((name.clone(), own), parts);
    }
}
