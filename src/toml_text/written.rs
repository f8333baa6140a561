//! Safe writing of TOML.
//!
//! Values are written so that whoever reads a diff sees what they contain, and no
//! value can begin a line of its own.

use std::fmt::Write;

use toml_edit::visit_mut::{VisitMut, visit_document_mut};
use toml_edit::{DocumentMut, Formatted, Value};

use crate::source::is_active;

/// Formats a document, with every string that contains active characters escaped.
///
/// These are controls, format characters and line ends; the escaped string is a
/// single line.
pub(crate) fn written(mut document: DocumentMut) -> String {
    visit_document_mut(&mut Escaping, &mut document);
    document.to_string()
}

struct Escaping;

impl VisitMut for Escaping {
    fn visit_string_mut(&mut self, text: &mut Formatted<String>) {
        if !text.value().contains(is_active) {
            return;
        }
        if let Ok(Value::String(mut escaped)) = basic(text.value()).parse::<Value>() {
            *escaped.decor_mut() = text.decor().clone();
            *text = escaped;
        }
    }
}

/// Formats a string as a basic string on one line.
fn basic(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            _ if is_active(c) => {
                let number = u32::from(c);
                // Writing to a String cannot fail.
                let _ = match number {
                    0..=0xffff => write!(written, "\\u{number:04X}"),
                    _ => write!(written, "\\U{number:08X}"),
                };
            }
            _ => written.push(c),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use super::written;
    use toml_edit::{Array, DocumentMut, value};

    #[test]
    fn active_characters_are_escaped_and_read_back() {
        let hostile = "a\u{202e}\u{2066}b\n[evil]\r\n\t\"\\\u{1b}\u{e0001}\u{2028}";
        let mut document = DocumentMut::new();
        document["plain"] = value("it's \"plain\"");
        document["hostile"] = value(hostile);
        let mut list = Array::new();
        list.push(hostile);
        list.push("b");
        document["list"] = value(list);
        let text = written(document);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.is_ascii(), "{text}");
        let read: DocumentMut = text.parse().expect("it is TOML");
        assert_eq!(read["hostile"].as_str(), Some(hostile));
        assert_eq!(read["list"][0].as_str(), Some(hostile));
        assert_eq!(read["plain"].as_str(), Some("it's \"plain\""));
    }
}
