//! Labels of a `metadata.yaml` that were most likely meant to publish, and do not: an
//! owner would believe that the dataset is published, and checked.

use yaml_serde::{Mapping, Value};

use super::metadata::publishes;
use crate::catalog::text;
use crate::toml_text::distance;

/// The labels that publish a table.
pub const LABELS: [&str; 2] = ["public_json", "public_bigquery"];

/// Letters by which a label may differ from one that publishes.
const FAR: usize = 2;

/// A label that was most likely meant as one that publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisspeltLabel {
    /// As it is written.
    pub written: String,
    /// What was meant.
    pub meant: &'static str,
    /// Whether it stands outside of `labels`.
    pub outside: bool,
    /// Its line and column, both from 1, if they are found.
    pub at: Option<(usize, usize)>,
}

/// The publishing label that a name was most likely meant as; `None` for one of them,
/// and for any other name.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    if LABELS.contains(&name) {
        return None;
    }
    let known = || LABELS.into_iter();
    known().find(|label| is_near(name, label))
}

fn is_near(name: &str, label: &str) -> bool {
    if name.chars().count().abs_diff(label.len()) > FAR {
        return false;
    }
    let plain = |c: char| match c {
        '-' | ' ' | '.' => '_',
        c => c.to_ascii_lowercase(),
    };
    let name: String = name.chars().map(plain).collect();
    distance(&name, label) <= FAR
}

/// Whether a text may hold a label that publishes or was meant to, by its words. An
/// escape may write a name in other letters.
pub(super) fn may_publish(source: &str) -> bool {
    source.contains("public_")
        || source.contains('\\')
        || source
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-' || c == '.'))
            .any(|word| LABELS.iter().any(|label| is_near(word, label)))
}

/// The labels among those of a table, and among the keys beside them, that were meant to
/// publish. One that says `false` publishes nothing however it is spelt.
pub(super) fn labels(source: &str, top: &Mapping, labels: Option<&Mapping>) -> Vec<MisspeltLabel> {
    let mut found = Vec::new();
    for (name, value) in labels.into_iter().flatten() {
        if let Some((written, meant)) = named(name, value, meant) {
            let at = text::place(source, &["labels", &written]);
            found.push(MisspeltLabel {
                at: at.or_else(|| text::place(source, &["labels"])),
                outside: false,
                written,
                meant,
            });
        }
    }
    let own = |name: &str| {
        let exact = LABELS.into_iter().find(|label| *label == name);
        exact.or_else(|| meant(name))
    };
    for (name, value) in top {
        if let Some((written, meant)) = named(name, value, own) {
            found.push(MisspeltLabel {
                at: text::place(source, &[&written]),
                outside: true,
                written,
                meant,
            });
        }
    }
    found
}

fn named(
    name: &Value,
    value: &Value,
    meant: impl Fn(&str) -> Option<&'static str>,
) -> Option<(String, &'static str)> {
    let Value::String(name) = name else {
        return None;
    };
    let meant = meant(name).filter(|_| publishes(value))?;
    Some((name.clone(), meant))
}

#[cfg(test)]
mod tests {
    use super::{may_publish, meant};

    #[test]
    fn near_names_are_found_and_other_labels_are_not() {
        for (name, label) in [
            ("public_bigqery", "public_bigquery"),
            ("public-json", "public_json"),
            ("Public_JSON", "public_json"),
            ("publicjson", "public_json"),
            ("pubilc_json", "public_json"),
            ("public_big_query", "public_bigquery"),
        ] {
            assert_eq!(meant(name), Some(label), "{name}");
            assert!(may_publish(&format!("labels: {{{name}: true}}")), "{name}");
        }
        for name in [
            "public_json",
            "public_bigquery",
            "public",
            "published",
            "bigquery",
            "schedule",
            "table_type",
            "review_bugs",
            "incremental",
            "shredder_mitigation",
        ] {
            assert_eq!(meant(name), None, "{name}");
        }
        assert!(!may_publish(
            "labels:\n  incremental: true\nbigquery: null\n"
        ));
    }
}
