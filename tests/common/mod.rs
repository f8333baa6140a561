//! What several tests share.

use jsonschema::Validator;

/// The schema of the JSON report.
pub fn schema() -> Validator {
    let text = include_str!("../../docs/schema/headcount.schema.json");
    let schema: serde_json::Value = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
}

/// Fails where a report does not keep to the schema.
pub fn valid(validator: &Validator, json: &str, name: &str) {
    let report: serde_json::Value = serde_json::from_str(json).expect("a report is JSON");
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}
