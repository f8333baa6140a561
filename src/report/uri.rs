//! Converts paths to URIs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All characters except RFC 3986's unreserved ones and the separator of paths.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Returns a path as a URI reference, and whether it is relative.
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

/// Returns a path with slashes, whichever separator the system uses.
pub(super) fn slashes(path: &str) -> String {
    if std::path::MAIN_SEPARATOR == '\\' {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    }
}

/// Returns a path relative to the folder from which `prefix` leads to the folder of
/// the path. An absolute path stays.
pub(super) fn below(prefix: &str, path: &str) -> String {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') || drive || path == "<stdin>" {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in prefix.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{below, reference};

    #[test]
    fn path_is_seen_from_the_root_of_the_repository() {
        for (prefix, path, seen) in [
            ("", "sql/a.sql", "sql/a.sql"),
            ("", "./a.sql", "a.sql"),
            ("sub/dir", "a.sql", "sub/dir/a.sql"),
            ("sub/dir", "../b.sql", "sub/b.sql"),
            ("", "../b.sql", "../b.sql"),
            ("sub", "/tmp/a.sql", "/tmp/a.sql"),
        ] {
            assert_eq!(below(prefix, path), seen);
        }
    }

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
