//! The JSON Schema of `headcount.toml`, with a description of every key.
//!
//! Editors read it; `docs/schema/headcount-toml.schema.json` is a copy of it.

use serde_json::{Value, json};

use crate::rules::RULES;

/// Returns the schema, as in the file in `docs/schema/`.
pub fn schema() -> String {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://github.com/mozilla/headcount/blob/main/docs/schema/headcount-toml.schema.json",
        "title": "headcount.toml",
        "description": "The settings of a repository's queries. Every key is optional; paths are relative to the folder of the file.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "registry": {
                "type": "string",
                "description": "The column registry, instead of the nearest dimension-registry.toml above each query.",
            },
            "include": patterns("The files to check; all files if absent."),
            "exclude": patterns("The files to exclude, even if they are named on the command line."),
            "fail_on": {
                "enum": ["review", "error", "never"],
                "default": "review",
                "description": "Exit `headcount check` with status 1 when a dataset needs extra review, when a finding is an error, or never.",
            },
            "rules": {
                "type": "object",
                "description": "The severity of a rule's findings, by code or name; `off` hides them. Levels, answers and verdicts do not change.",
                "propertyNames": {"enum": names()},
                "additionalProperties": {"enum": ["error", "warning", "note", "off"]},
            },
            "project": {
                "type": "object",
                "additionalProperties": false,
                "description": "Properties of the repository.",
                "properties": {
                    "layout": {
                        "enum": ["plain", "bigquery-etl", "dbt"],
                        "description": "Which file creates which table, so that a query is assessed together with the queries that create its source tables.",
                    },
                    "published": {
                        "oneOf": [
                            {"enum": ["all", "labelled"]},
                            {"type": "array", "items": {"type": "string"}},
                        ],
                        "default": "all",
                        "description": "Which datasets `headcount check` assesses: all, those that their metadata.yaml marks as public, or those whose files match patterns. All other files still serve as definitions of source tables.",
                    },
                    "schemas": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Files that declare the columns of tables, and folders of such files: BigQuery's JSON (`bq show --schema`, named DATASET.TABLE.json or DATASET/TABLE.json), a properties file or manifest.json of dbt, schema.yaml of bigquery-etl.",
                    },
                    "record": {
                        "type": "string",
                        "description": "The folder of the publishing record.",
                    },
                },
            },
            "template": {
                "type": "object",
                "additionalProperties": false,
                "description": "Known values of templates.",
                "properties": {
                    "variables": {
                        "type": "object",
                        "description": "Values by name. A name may be an expression as written in the template: `target.name`, `lookback()`.",
                    },
                    "flags": {
                        "type": "object",
                        "additionalProperties": {"type": "boolean"},
                        "description": "The result of a condition, by its text: `is_init()`. For a condition that is not listed, both branches are assessed.",
                    },
                    "metric_hub": {
                        "type": "string",
                        "description": "A local copy of metric-hub, or its folder `definitions`.",
                    },
                },
            },
        },
    });
    // Keys are strings and numbers are finite: this cannot fail.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn patterns(what: &str) -> Value {
    json!({
        "type": "array",
        "items": {"type": "string"},
        "description": format!("{what} Patterns with `*`, `**`, `?` and `[…]`; a pattern that ends with `/` covers everything below it."),
    })
}

fn names() -> Vec<&'static str> {
    let codes = RULES.iter().map(|rule| rule.code);
    codes.chain(RULES.iter().map(|rule| rule.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::schema;
    use crate::config::project::PROJECT;
    use crate::config::read::{TEMPLATE, TOP};

    fn keys(of: &serde_json::Value) -> Vec<String> {
        let keys = of["properties"].as_object().expect("it has keys").keys();
        let mut keys: Vec<String> = keys.cloned().collect();
        keys.sort();
        keys
    }

    fn sorted(known: &[&str]) -> Vec<String> {
        let mut known: Vec<String> = known.iter().map(|key| (*key).to_owned()).collect();
        known.sort();
        known
    }

    #[test]
    fn every_key_that_is_read_is_in_it_with_what_it_says() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).expect("it is JSON");
        assert_eq!(keys(&schema), sorted(TOP));
        assert_eq!(keys(&schema["properties"]["template"]), sorted(TEMPLATE));
        assert_eq!(keys(&schema["properties"]["project"]), sorted(PROJECT));
        let mut all: Vec<&serde_json::Value> = Vec::new();
        for part in [&schema, &schema["properties"]["template"]] {
            all.extend(part["properties"].as_object().expect("keys").values());
        }
        for key in all {
            assert!(key["description"].is_string(), "{key}");
        }
    }

    #[test]
    fn what_is_valid_is_read_and_the_other_is_not() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).expect("it is JSON");
        let validator = jsonschema::validator_for(&schema).expect("it is a schema");
        for (text, valid) in [
            ("", true),
            (
                "registry = 'a.toml'\ninclude = ['sql/**']\nfail_on = 'never'",
                true,
            ),
            (
                "[rules]\nHC304 = 'off'\nmissing-minimum-bucket = 'note'",
                true,
            ),
            (
                "[template]\nflags = { is_init = true }\nvariables = { a = [1] }",
                true,
            ),
            ("[project]\nrecord = 'reviews/'", true),
            ("[project]\nrecords = 'reviews/'", false),
            ("colour = 3", false),
            ("fail_on = 'sometimes'", false),
            ("exclude = 'sql'", false),
            ("[rules]\nHC999 = 'off'", false),
            ("[template]\nflags = { is_init = 'yes' }", false),
        ] {
            let value: serde_json::Value = toml::from_str(text).expect("it is TOML");
            assert_eq!(validator.is_valid(&value), valid, "{text}");
            let source = crate::source::SourceText::new("headcount.toml", text);
            let read = crate::config::Config::parse(&source, std::path::Path::new(""));
            assert_eq!(read.is_ok(), valid, "{text}");
        }
    }
}
