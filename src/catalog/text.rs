//! YAML and JSON as values, and where in the text their keys stand.

use std::path::Path;

use serde_yaml_ng::Value;

use super::CatalogError;

/// Reads a file as text.
pub(crate) fn read(path: &Path) -> Result<String, CatalogError> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        CatalogError::new(
            &shown,
            format!("it can't be read: {error}"),
            "check that the file is there and may be read",
        )
    })?;
    String::from_utf8(bytes).map_err(|error| {
        CatalogError::new(
            &shown,
            format!(
                "the byte at offset {} belongs to no character",
                error.utf8_error().valid_up_to()
            ),
            "save the file as UTF-8",
        )
    })
}

/// Reads a text as YAML; several documents are an error.
pub(crate) fn yaml(path: &str, text: &str) -> Result<Value, CatalogError> {
    serde_yaml_ng::from_str(text).map_err(|error| {
        let at = error.location().map(|place| (place.line(), place.column()));
        CatalogError {
            path: path.to_owned(),
            at,
            message: format!("not YAML: {error}"),
            help: None,
        }
    })
}

/// Reads a text as JSON.
pub(crate) fn json(path: &str, text: &str) -> Result<serde_json::Value, CatalogError> {
    serde_json::from_str(text).map_err(|error| CatalogError {
        path: path.to_owned(),
        at: Some((error.line(), error.column().max(1))),
        message: format!("not JSON: {error}"),
        help: None,
    })
}

/// The line and column of a key below other keys of a block of YAML. Keys in
/// flow style are not found: a place is for people, and nothing hangs on it.
pub(crate) fn place(text: &str, keys: &[&str]) -> Option<(usize, usize)> {
    let mut found = None;
    let mut keys = keys.iter();
    let mut wanted = keys.next()?;
    let mut outside: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        let body = line.trim_start();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let indent = line.len() - body.len();
        if outside.is_some_and(|outside| indent <= outside) {
            return found;
        }
        let key = body.trim_start_matches("- ").trim_start();
        let named = ["", "\"", "'"].iter().any(|quote| {
            key.strip_prefix(*quote)
                .and_then(|rest| rest.strip_prefix(*wanted))
                .and_then(|rest| rest.strip_prefix(*quote))
                .is_some_and(|rest| rest.starts_with(':'))
        });
        if named {
            found = Some((number + 1, line.chars().count() - key.chars().count() + 1));
            outside = Some(indent);
            match keys.next() {
                Some(next) => wanted = next,
                None => return found,
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_of_keys() {
        let text = "# a: no\na:\n  b:\n    c: 1\nd:\n  c: 2\n  'e': 3\n";
        assert_eq!(place(text, &["a"]), Some((2, 1)));
        assert_eq!(place(text, &["a", "b", "c"]), Some((4, 5)));
        assert_eq!(place(text, &["d", "c"]), Some((6, 3)));
        assert_eq!(place(text, &["d", "e"]), Some((7, 3)));
        assert_eq!(place(text, &["a", "e"]), Some((2, 1)));
        assert_eq!(place(text, &["f"]), None);
    }
}
