//! Paths as URIs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but RFC 3986's unreserved characters and what parts a path.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A path as the reference of a URI, and whether it is relative.
pub(super) fn reference(path: &str) -> (String, bool) {
    let path = slashes(path);
    let path = path.strip_prefix("./").unwrap_or(&path);
    let encoded = utf8_percent_encode(path, ENCODED).to_string();
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes().get(2) == Some(&b'/');
    if drive {
        (format!("file:///{encoded}"), false)
    } else if path.starts_with('/') {
        (format!("file://{encoded}"), false)
    } else {
        (encoded, true)
    }
}

/// A path with slashes, whichever the system writes.
pub(super) fn slashes(path: &str) -> String {
    if std::path::MAIN_SEPARATOR == '\\' {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn a_path_is_a_reference() {
        for (path, uri, relative) in [
            ("sql/a.sql", "sql/a.sql", true),
            ("./a b.sql", "a%20b.sql", true),
            ("<stdin>", "%3Cstdin%3E", true),
            ("a:b.sql", "a%3Ab.sql", true),
            ("a%\nb::é.sql", "a%25%0Ab%3A%3A%C3%A9.sql", true),
            ("/tmp/a.sql", "file:///tmp/a.sql", false),
            ("C:/a.sql", "file:///C%3A/a.sql", false),
        ] {
            assert_eq!(reference(path), (uri.to_owned(), relative), "{path}");
        }
    }
}
