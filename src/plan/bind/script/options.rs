//! Options of tables and exports: a variable that data have given its value tells of
//! them in what the option does, like the time at which a table is gone.

use super::graph::{Graph, NodeId, Step};

/// What such an option does.
pub(super) const OPTIONED: &str = "an option is made of data";

impl Graph<'_> {
    /// Whether an option of the statement of a node is made of data.
    pub(super) fn options_of_data(&self, id: NodeId) -> bool {
        let node = self.node(id);
        if !matches!(node.step, Step::Run(_)) {
            return false;
        }
        let state = self.state(id);
        words_of_options(node.places.slice(node.span)).any(|word| {
            let versions = state.variable(node.frame, word);
            let name = word.to_lowercase();
            word.eq_ignore_ascii_case("SELECT")
                || versions
                    .is_some_and(|versions| versions.iter().any(|id| self.is_data(*id, &name)))
        })
    }
}

/// The words between the parentheses behind each OPTIONS, those in quotes left out.
fn words_of_options(text: &str) -> impl Iterator<Item = &str> {
    let mut depth: Option<usize> = None;
    parts(text).filter_map(move |part| {
        match (depth, part) {
            (None, word) if word.eq_ignore_ascii_case("OPTIONS") => depth = Some(0),
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

/// The words and signs of a text, in order, without what stands in quotes and comments.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let is_of_word = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '@';
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let sign = rest.chars().next()?;
            let skipped = if sign == '\'' || sign == '"' {
                Some(1 + closing(rest.get(1..).unwrap_or_default(), sign))
            } else if rest.starts_with("--") || sign == '#' {
                Some(rest.find('\n').unwrap_or(rest.len()))
            } else if rest.starts_with("/*") {
                Some(rest.find("*/").map_or(rest.len(), |end| end + 2))
            } else {
                sign.is_whitespace().then(|| sign.len_utf8())
            };
            if let Some(length) = skipped {
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            let length = if is_of_word(sign) {
                let end = rest.find(|sign| !is_of_word(sign));
                end.unwrap_or(rest.len())
            } else {
                sign.len_utf8()
            };
            let (part, behind) = rest.split_at(length);
            rest = behind;
            return Some(part);
        }
    })
}

/// The place behind the quote that closes a text.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if sign == '\\' {
            escaped = true;
        } else if sign == quote {
            return at + 1;
        }
    }
    text.len()
}
