//! Helpers that several tests share.

use jsonschema::Validator;

/// Compiles the JSON schema of the report.
pub fn schema() -> Validator {
    let text = include_str!("../../docs/schema/headcount.schema.json");
    let schema: serde_json::Value = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
}

/// Panics if a report does not conform to the schema.
pub fn valid(validator: &Validator, json: &str, name: &str) {
    let report: serde_json::Value = serde_json::from_str(json).expect("a report is JSON");
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}
