//! YAML and JSON texts as values, and the positions of their keys.

use std::path::Path;

use yaml_serde::Value;

use super::CatalogError;
use super::yaml::{self, Dates};
use crate::source::bounded::{self, LARGEST_DECLARATIONS};
use crate::source::encoding::Utf16;

/// Reads a file of declarations as UTF-8 text, up to a maximum size.
pub(crate) fn read(path: &Path) -> Result<String, CatalogError> {
    let shown = path.display().to_string();
    let bytes = bounded::read(path, LARGEST_DECLARATIONS).map_err(|error| {
        CatalogError::new(
            &shown,
            format!("cannot be read: {error}"),
            "check that the file exists and is readable",
        )
    })?;
    if let Some(found) = Utf16::detect(&bytes) {
        return Err(CatalogError {
            path: shown,
            at: None,
            message: found.to_string(),
            help: None,
        });
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        CatalogError::new(
            &shown,
            format!(
                "not UTF-8: invalid byte at offset {}",
                error.utf8_error().valid_up_to()
            ),
            "save the file as UTF-8",
        )
    })?;
    // The byte order mark that some editors write is not part of the text.
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Parses YAML the way Python tools do; several documents are an error.
pub(crate) fn yaml(path: &str, text: &str) -> Result<Value, CatalogError> {
    yaml::read(path, text, Dates::Texts)
}

/// Does the same as [`yaml()`], and marks dates with a tag.
pub(crate) fn yaml_with_dates(path: &str, text: &str) -> Result<Value, CatalogError> {
    yaml::read(path, text, Dates::Tagged)
}

/// Parses YAML 1.2 and applies merge keys (`<<: *name`); several documents are an
/// error.
pub(crate) fn yaml_1_2(path: &str, text: &str) -> Result<Value, CatalogError> {
    let wrong = |error: yaml_serde::Error| {
        let at = error.location().map(|place| (place.line(), place.column()));
        CatalogError {
            path: path.to_owned(),
            at,
            message: format!("not YAML: {error}"),
            help: None,
        }
    };
    let mut value: Value = yaml_serde::from_str(text).map_err(wrong)?;
    value.apply_merge().map_err(wrong)?;
    Ok(value)
}

/// Parses JSON.
pub(crate) fn json(path: &str, text: &str) -> Result<serde_json::Value, CatalogError> {
    serde_json::from_str(text).map_err(|error| CatalogError {
        path: path.to_owned(),
        at: Some((error.line(), error.column().max(1))),
        message: format!("not JSON: {error}"),
        help: None,
    })
}

/// Returns the line and column of the key at a path of keys in block-style YAML.
///
/// If only the beginning of the path is found, that is the position returned. Keys
/// in flow style are not found: a position is for display, and no result depends on
/// it.
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
    use super::{place, read, yaml};

    #[test]
    fn byte_order_mark_is_no_part_of_the_text() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "\u{feff}a: 1\n").expect("it is written");
        assert_eq!(read(file.path()).expect("it is read"), "a: 1\n");
    }

    #[test]
    fn scalars_are_what_pyyaml_makes_of_them() {
        let all = "a: 05000\nb: no\nc: '05000'\nd: 5_000\ne: 5000:00\nf: 1e3\ng: on\nh: 0x1F\ni: 08\nj: 1.5e+3\nk: 2024-01-02\nl: !!str 5\nm: 0o17\nn: y\no: ~\np: +1\nq: 1_0.5\nr: 0b11\ns: \"off\"\n";
        let value = yaml("f.yaml", all).expect("it is YAML");
        assert_eq!(value["a"], 2560);
        assert_eq!(value["b"], false);
        assert_eq!(value["c"], "05000");
        assert_eq!(value["d"], 5000);
        assert_eq!(value["e"], 300_000);
        assert_eq!(value["f"], "1e3");
        assert_eq!(value["g"], true);
        assert_eq!(value["h"], 31);
        assert_eq!(value["i"], "08");
        assert_eq!(value["j"], 1500.0);
        assert_eq!(value["k"], "2024-01-02");
        assert_eq!(value["l"], "5");
        assert_eq!(value["m"], "0o17");
        assert_eq!(value["n"], "y");
        assert!(value["o"].is_null());
        assert_eq!(value["p"], 1);
        assert_eq!(value["q"], 10.5);
        assert_eq!(value["r"], 3);
        assert_eq!(value["s"], "off");
    }

    #[test]
    fn of_equal_keys_the_last_counts() {
        let value = yaml("f.yaml", "a: 1\n'a': 2\n").expect("it is YAML");
        assert_eq!(value["a"], 2);
        let value = yaml("f.yaml", "on: 1\n").expect("it is YAML");
        assert_eq!(value[yaml_serde::Value::Bool(true)], 1);
    }

    #[test]
    fn nothing_is_read_without_end() {
        let mut bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
        for at in 1..12 {
            let many = vec![format!("*a{}", at - 1); 10].join(", ");
            bomb.push_str(&format!("a{at}: &a{at} [{many}]\n"));
        }
        assert!(yaml("f.yaml", &bomb).is_err());
        assert!(yaml("f.yaml", &"[".repeat(100_000)).is_err());
        assert!(yaml("f.yaml", "a: &a [*a]\n").is_err());
        assert!(yaml("f.yaml", "a: 1\n---\na: 2\n").is_err());
    }

    #[test]
    fn merge_keys_are_applied() {
        let text = "x: &x {a: 1, b: 1}\ny: {<<: *x, b: 2}\nz: {<<: [{a: 3}, *x]}\n";
        let value = yaml("f.yaml", text).expect("it is YAML");
        assert_eq!(value["y"]["a"], 1);
        assert_eq!(value["y"]["b"], 2);
        assert_eq!(value["z"]["a"], 3);
        assert!(value["y"].get("<<").is_none());
        assert!(yaml("f.yaml", "y: {<<: 1}\n").is_err());
        let text = "a: &a {p: true}\nb: &b {<<: *a}\nc: {<<: *b}\nd: {'<<': *a}\n";
        let value = yaml("f.yaml", text).expect("it is YAML");
        assert_eq!(value["c"]["p"], true);
        assert!(value["d"].get("p").is_none());
    }

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
