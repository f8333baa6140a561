//! Options of tables and exports that are computed from data.
//!
//! A variable whose value derives from data discloses it through the effect of the
//! option, such as the time at which a table expires.

use super::graph::{Graph, NodeId, Step};
use crate::source::SourceText;
use crate::syntax::{LexemeKind, lexemes};

/// The keyword before the parentheses of options.
const WORD: &str = "OPTIONS";

/// The effect of such an option.
pub(super) const OPTIONED: &str = "an option is made of data";

impl Graph<'_> {
    /// Returns whether an option of a node's statement is computed from data.
    pub(super) fn options_of_data(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let text = node.places.slice(node.span);
        if !matches!(node.step, Step::Run(_)) || !has_options(text) {
            return false;
        }
        let state = self.state(id);
        words_of_options(text).any(|word| {
            let versions = state.variable(node.frame, word);
            let name = word.to_lowercase();
            word.eq_ignore_ascii_case("SELECT")
                || versions
                    .is_some_and(|versions| versions.iter().any(|id| self.is_data(*id, &name)))
        })
    }
}

/// Returns whether a text may contain options; most statements do not.
fn has_options(text: &str) -> bool {
    let mut windows = text.as_bytes().windows(WORD.len());
    windows.any(|bytes| bytes.eq_ignore_ascii_case(WORD.as_bytes()))
}

/// Iterates over the words inside the parentheses after each OPTIONS.
///
/// Words in string literals are skipped.
fn words_of_options(text: &str) -> impl Iterator<Item = &str> {
    let mut depth: Option<usize> = None;
    parts(text).filter_map(move |part| {
        match (depth, part) {
            (None, word) if word.eq_ignore_ascii_case(WORD) => depth = Some(0),
            (None, _) => {}
            (Some(open), "(") => depth = Some(open + 1),
            (Some(open), ")") => depth = (open > 1).then(|| open - 1),
            // A column or variable with this name.
            (Some(0), _) => depth = None,
            (Some(_), word) => return Some(word),
        }
        None
    })
}

/// Iterates over the words and signs of a text, in order.
///
/// String literals and comments are skipped; a quoted name is split into words.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let is_of_word = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '@';
    let lexemes = lexemes(&SourceText::new("", text)).into_iter();
    lexemes.flat_map(move |lexeme| {
        let part = text.get(lexeme.span.range()).unwrap_or_default();
        let words: Vec<&str> = if lexeme.kind == LexemeKind::Quoted {
            part.split(|sign| !is_of_word(sign)).collect()
        } else if part.ends_with(['\'', '"']) {
            Vec::new()
        } else {
            vec![part]
        };
        words.into_iter().filter(|word| !word.is_empty())
    })
}
