//! Reads the named blocks of a template as written.

use super::rewrite::keyword;
use super::scan::{Part, scan};
use super::unknown::is_name;

/// A named block: `{% macro NAME(…) %} … {% endmacro %}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedBlock {
    /// Its name.
    pub name: String,
    /// The text of the block, with its tags.
    pub text: String,
}

/// Returns the outermost blocks of a kind (`macro`, `snapshot`). `None` if the text
/// cannot be read as a template.
pub fn named_blocks(text: &str, kind: &str) -> Option<Vec<NamedBlock>> {
    let end = format!("end{kind}");
    let mut blocks = Vec::new();
    let mut open: Option<(String, usize)> = None;
    let mut depth = 0_usize;
    for part in scan(text, 0..text.len()).ok()? {
        let Part::Block(tag) = part else {
            continue;
        };
        let (word, rest) = keyword(&text[tag.inner.clone()]);
        if word == kind {
            if depth == 0 {
                let name: String = rest
                    .trim_start()
                    .chars()
                    .take_while(|character| character.is_ascii_alphanumeric() || *character == '_')
                    .collect();
                open = Some((name, tag.outer.start));
            }
            depth += 1;
        } else if word == end {
            depth = depth.saturating_sub(1);
            if depth == 0
                && let Some((name, start)) = open.take()
                && is_name(&name)
            {
                let text = text[start..tag.outer.end].to_owned();
                blocks.push(NamedBlock { name, text });
            }
        }
    }
    Some(blocks)
}
