//! Edits of a text.

use crate::source::Span;

/// A replacement of a part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The replaced bytes; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// Edits that correct a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The effect of the edits, in the imperative: "add HAVING …".
    pub title: String,
    /// Whether the edits can be applied without human judgement.
    ///
    /// They then remove nothing but rows of too few people.
    pub safe: bool,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

impl Edit {
    /// Creates an insertion.
    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self {
            span: Span::new(at, at),
            text: text.into(),
        }
    }

    /// Creates a replacement.
    pub(super) fn replace(span: Span, text: impl Into<String>) -> Self {
        Self {
            span,
            text: text.into(),
        }
    }
}

/// Sorts edits by their place, and removes duplicates.
pub fn ordered(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by(|a, b| (a.span, &a.text).cmp(&(b.span, &b.text)));
    edits.dedup();
    edits
}

/// Returns the number of bytes that edits remove and insert.
pub fn size(edits: &[Edit]) -> usize {
    edits
        .iter()
        .map(|edit| edit.span.len() + edit.text.len())
        .sum()
}

/// Applies edits to a text.
///
/// `None` if two edits overlap, or if one is not within the text.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut done = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in ordered(edits.to_vec()) {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        done.push_str(text.get(at..start)?);
        // The replaced bytes must exist.
        text.get(start..end)?;
        done.push_str(&edit.text);
        at = end;
    }
    done.push_str(text.get(at..)?);
    Some(done)
}

#[cfg(test)]
mod tests {
    use super::{Edit, apply};
    use crate::source::Span;

    #[test]
    fn edits_are_applied_in_the_order_of_the_text() {
        let edits = [
            Edit::insert(6, "!"),
            Edit::replace(Span::new(0, 2), "so"),
            Edit::insert(6, "!"),
        ];
        assert_eq!(apply("ab cde", &edits).as_deref(), Some("so cde!"));
    }

    #[test]
    fn what_touches_the_same_bytes_is_no_edit() {
        let twice = [
            Edit::replace(Span::new(0, 3), "x"),
            Edit::replace(Span::new(2, 4), "y"),
        ];
        assert_eq!(apply("abcde", &twice), None);
        assert_eq!(apply("é", &[Edit::insert(1, "x")]), None);
        assert_eq!(apply("a", &[Edit::insert(2, "x")]), None);
    }
}
