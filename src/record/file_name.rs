//! The name of the file of a dataset's entry.

use crate::source::digest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that are not escaped in a file name: letters, digits and these.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');
/// The maximum length of a name without extension, in bytes; file systems allow 255.
const LONGEST: usize = 200;

/// Returns the name of the file that contains a dataset's entry.
///
/// The name has no separator and does not begin with a dot, so it stays in the
/// folder.
pub fn file_name(dataset: &str) -> String {
    let mut name = utf8_percent_encode(dataset, PLAIN).to_string();
    if let Some(rest) = name.strip_prefix('.') {
        name = format!("%2E{rest}");
    }
    if name.len() > LONGEST {
        let hex = digest(dataset);
        name.truncate(LONGEST - hex.len() - 1);
        name = format!("{name}-{hex}");
    }
    format!("{name}.toml")
}
