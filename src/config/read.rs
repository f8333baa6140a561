//! Parsing of the configuration from TOML.

use std::collections::BTreeMap;
use std::path::Path;

use globset::{GlobBuilder, GlobSetBuilder};
use toml::de::{DeTable, DeValue};

use super::settings::{Patterns, Settings};
use super::{Config, FailOn, RuleSetting, project};
use crate::rules::{self, RuleGroup, Severity};
use crate::source::template::TemplateSettings;
use crate::source::{SourceText, Span};
use crate::toml_text::{Fields, TomlError, Value, document, span, table_of};

/// The keys of the configuration.
pub(super) const TOP: &[&str] = &[
    "registry", "include", "exclude", "fail_on", "rules", "template", "project",
];
/// The keys of `[template]`.
pub(super) const TEMPLATE: &[&str] = &["variables", "flags", "metric_hub"];
const FAIL_ON: &[(&str, FailOn)] = &[
    ("review", FailOn::Review),
    ("error", FailOn::Error),
    ("never", FailOn::Never),
];
const SETTINGS: &[(&str, RuleSetting)] = &[
    ("error", RuleSetting::Severity(Severity::Error)),
    ("warning", RuleSetting::Severity(Severity::Warning)),
    ("note", RuleSetting::Severity(Severity::Note)),
    ("off", RuleSetting::Off),
];

/// Reads the whole configuration, or returns all of its errors.
pub(super) fn read(source: &SourceText, folder: &Path) -> Result<Config, Vec<TomlError>> {
    let document = &document(source)?;
    let mut errors = Vec::new();
    let start = Span::new(0, source.text().lines().next().map_or(0, str::len));
    let mut top = Fields::new("the configuration", document, start, TOP, &mut errors);
    let registry = top.string("registry").map(|path| folder.join(path));
    let fail_on = top.word("fail_on", FAIL_ON);
    let include = globs(&mut top, "include");
    let exclude = globs(&mut top, "exclude");
    let rules = table(document, "rules", &mut errors)
        .map(|(table, place)| rule_settings(table, place, &mut errors))
        .unwrap_or_default();
    let template = table(document, "template", &mut errors)
        .map(|(table, place)| template(table, place, folder, &mut errors))
        .unwrap_or_else(|| TemplateSettings {
            search_path: vec![folder.to_owned()],
            ..TemplateSettings::default()
        });
    let project = table(document, "project", &mut errors)
        .map(|(table, place)| project::read(table, place, folder, &mut errors))
        .unwrap_or_default();
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span);
        return Err(errors);
    }
    Ok(Config {
        registry,
        fail_on,
        rules,
        template,
        project,
        trusted: None,
        alone: false,
        settings: Settings::new(source, document),
        folder: folder.to_owned(),
        include,
        exclude,
    })
}

/// Returns the table under a key; any other value is an error.
fn table<'t, 'i>(
    document: &'t DeTable<'i>,
    key: &str,
    errors: &mut Vec<TomlError>,
) -> Option<(&'t DeTable<'i>, Span)> {
    let value = document.get(key)?;
    let place = span(value.span());
    let help = format!("write a table: `{key}.NAME = VALUE`, or `[{key}]` with its keys below");
    table_of(key, &help, value, errors).map(|table| (table, place))
}

/// Patterns of paths; one that ends with `/` names all below it.
pub(super) fn globs(top: &mut Fields<'_, '_>, key: &str) -> Option<Patterns> {
    top.value(key)?;
    let mut set = GlobSetBuilder::new();
    for (pattern, place) in top.strings(key) {
        let whole = if pattern.ends_with('/') {
            format!("{pattern}**")
        } else {
            pattern
        };
        match GlobBuilder::new(&whole).literal_separator(true).build() {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => top.error(
                place,
                format!("invalid pattern in `{key}`: {}", error.kind()),
                "write a path with `*`, `**`, `?` or `[…]`",
            ),
        }
    }
    // Each pattern was built alone, so that together they can only be too large.
    set.build().ok().map(Patterns)
}

fn rule_settings(
    table: &DeTable<'_>,
    place: Span,
    errors: &mut Vec<TomlError>,
) -> BTreeMap<&'static str, RuleSetting> {
    let names: Vec<String> = table.keys().map(|key| key.get_ref().to_string()).collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut fields = Fields::new("[rules]", table, place, &known, errors);
    let mut settings = BTreeMap::new();
    for key in table.keys() {
        let name: &str = key.get_ref();
        match rules::find(name) {
            None => fields.error(
                span(key.span()),
                format!("unknown rule `{name}`"),
                rules::known(name),
            ),
            Some(rule) => {
                let Some(setting) = fields.word(name, SETTINGS) else {
                    continue;
                };
                let fixed =
                    rule.group() == RuleGroup::Disclosure && rule.severity == Severity::Error;
                if fixed && setting != RuleSetting::Severity(Severity::Error) {
                    fields.error(
                        span(key.span()),
                        format!("`{name}` is an error of the HC2xx family, which cannot be lowered or turned off"),
                        "remove it; fix or approve the findings of this rule",
                    );
                    continue;
                }
                settings.insert(rule.code, setting);
            }
        }
    }
    settings
}

fn template(
    found: &DeTable<'_>,
    place: Span,
    folder: &Path,
    errors: &mut Vec<TomlError>,
) -> TemplateSettings {
    let mut fields = Fields::new("[template]", found, place, TEMPLATE, errors);
    let metric_hub = fields.string("metric_hub").map(|path| folder.join(path));
    let variables = table(found, "variables", errors).map(|(table, _)| table);
    let variables = variables
        .into_iter()
        .flat_map(|table| table.iter())
        .map(|(key, value)| (key.get_ref().to_string(), json(value)))
        .collect();
    let flags = table(found, "flags", errors);
    let flags = flags
        .map(|(table, place)| {
            let known: Vec<String> = table.keys().map(|key| key.get_ref().to_string()).collect();
            let names: Vec<&str> = known.iter().map(String::as_str).collect();
            let mut fields = Fields::new("flags", table, place, &names, errors);
            known
                .iter()
                .filter_map(|name| Some((name.clone(), fields.boolean(name)?)))
                .collect()
        })
        .unwrap_or_default();
    TemplateSettings {
        variables,
        flags,
        metric_hub,
        search_path: vec![folder.to_owned()],
        defaults_hold: false,
        ..TemplateSettings::default()
    }
}

/// Converts a value for use in templates; dates become strings.
fn json(value: &Value<'_>) -> serde_json::Value {
    match value.get_ref() {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.to_string().into(), Into::into),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .map_or_else(|_| number.as_str().into(), Into::into),
        DeValue::Boolean(truth) => (*truth).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(items) => items.iter().map(json).collect::<Vec<_>>().into(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}
