//! Limits how deeply the statements of a template are nested.

use super::rewrite::keyword;
use super::scan::{Part, Tag};

/// The maximum depth of nested statements.
pub(super) const DEEPEST: usize = 100;

/// Statements that contain others, up to an end tag of their own.
const HOLDING: &[&str] = &[
    "for",
    "if",
    "macro",
    "call",
    "filter",
    "block",
    "with",
    "autoescape",
    "snapshot",
    "materialization",
    "test",
    "docs",
];

/// Returns the first statement beyond the maximum depth.
pub(super) fn too_deep<'p>(text: &str, parts: &'p [Part]) -> Option<&'p Tag> {
    let mut depth = 0_usize;
    for part in parts {
        let Part::Block(tag) = part else {
            continue;
        };
        let (word, rest) = keyword(&text[tag.inner.clone()]);
        if word.starts_with("end") {
            depth = depth.saturating_sub(1);
        } else if HOLDING.contains(&word) || word == "set" && !rest.contains('=') {
            depth += 1;
        }
        if depth > DEEPEST {
            return Some(tag);
        }
    }
    None
}
