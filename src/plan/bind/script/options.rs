//! Options of tables and exports: a variable that data have given its value tells of
//! them in what the option does, like the time at which a table is gone.

use super::graph::{Graph, NodeId, Step};
use crate::source::SourceText;
use crate::syntax::{LexemeKind, lexemes};

/// What stands before the parentheses around options.
const WORD: &str = "OPTIONS";

/// What such an option does.
pub(super) const OPTIONED: &str = "an option is made of data";

impl Graph<'_> {
    /// Whether an option of the statement of a node is made of data.
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

/// Whether a text may have options at all: most statements are not read for them.
fn has_options(text: &str) -> bool {
    let mut windows = text.as_bytes().windows(WORD.len());
    windows.any(|bytes| bytes.eq_ignore_ascii_case(WORD.as_bytes()))
}

/// The words between the parentheses behind each OPTIONS, those in quotes left out.
fn words_of_options(text: &str) -> impl Iterator<Item = &str> {
    let mut depth: Option<usize> = None;
    parts(text).filter_map(move |part| {
        match (depth, part) {
            (None, word) if word.eq_ignore_ascii_case(WORD) => depth = Some(0),
            (None, _) => {}
            (Some(open), "(") => depth = Some(open + 1),
            (Some(open), ")") => depth = (open > 1).then(|| open - 1),
            // A column or a variable of that name.
            (Some(0), _) => depth = None,
            (Some(_), word) => return Some(word),
        }
        None
    })
}

/// The words and signs of a text, in order, without literals of text and comments; of a
/// name in backticks its words.
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
