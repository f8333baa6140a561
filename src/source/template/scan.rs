//! Splits a template into text and tags, without interpreting the tags. Delimiters
//! are read as in Jinja.

use std::ops::Range;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Text that is copied, or a `{% raw %}` block with its tags.
    Text(Range<usize>),
    /// `{# … #}`.
    Comment(Range<usize>),
    /// `{{ … }}`.
    Expression(Tag),
    /// `{% … %}`.
    Block(Tag),
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    /// The tag with its delimiters.
    pub(super) outer: Range<usize>,
    /// The tag without its delimiters and its marks of whitespace control.
    pub(super) inner: Range<usize>,
}

impl Tag {
    /// Returns its inside without surrounding white space, or all of it if it is
    /// empty.
    pub(super) fn trimmed(&self, text: &str) -> Range<usize> {
        let inner = text.get(self.inner.clone()).unwrap_or("");
        let start = self.inner.start + (inner.len() - inner.trim_start().len());
        let end = start + inner.trim().len();
        if start < end {
            start..end
        } else {
            self.outer.clone()
        }
    }
}

/// A tag that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// The opening delimiter.
    pub(super) at: Range<usize>,
}

/// Splits a range of a text into its parts.
pub(super) fn scan(text: &str, range: Range<usize>) -> Result<Vec<Part>, Unclosed> {
    let mut parts = Vec::new();
    let mut from = range.start;
    let mut at = range.start;
    while let Some((start, kind)) = opening(text, at, range.end) {
        let unclosed = || Unclosed {
            at: start..start + 2,
        };
        if kind == b'#' {
            let end = find(text, "#}", start + 2, range.end).ok_or_else(unclosed)? + 2;
            push_text(&mut parts, from..start);
            parts.push(Part::Comment(start..end));
            (from, at) = (end, end);
            continue;
        }
        let tag = tag(text, start, kind, range.end).ok_or_else(unclosed)?;
        let end = tag.outer.end;
        if kind == b'%' && text[tag.inner.clone()].trim() == "raw" {
            // Raw text is copied with its tags: Jinja reads it as it was written.
            let end = raw_end(text, end, range.end).ok_or_else(unclosed)?;
            push_text(&mut parts, from..start);
            parts.push(Part::Text(start..end));
            (from, at) = (end, end);
            continue;
        }
        push_text(&mut parts, from..start);
        parts.push(if kind == b'%' {
            Part::Block(tag)
        } else {
            Part::Expression(tag)
        });
        (from, at) = (end, end);
    }
    push_text(&mut parts, from..range.end);
    Ok(parts)
}

fn push_text(parts: &mut Vec<Part>, range: Range<usize>) {
    if !range.is_empty() {
        parts.push(Part::Text(range));
    }
}

/// Returns the next opening delimiter, and its second byte.
pub(super) fn opening(text: &str, from: usize, end: usize) -> Option<(usize, u8)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(brace) = text.get(at..end).and_then(|rest| rest.find('{')) {
        at += brace;
        match bytes[..end].get(at + 1) {
            Some(kind @ (b'{' | b'%' | b'#')) => return Some((at, *kind)),
            Some(_) | None => at += 1,
        }
    }
    None
}

fn find(text: &str, what: &str, from: usize, end: usize) -> Option<usize> {
    text.get(from..end)?.find(what).map(|found| from + found)
}

/// Reads the tag that opens at a byte. Strings in it may contain its delimiter, and
/// braces are balanced.
pub(super) fn tag(text: &str, start: usize, kind: u8, end: usize) -> Option<Tag> {
    let bytes = text.as_bytes();
    let mut at = start + 2;
    let marked = match bytes.get(at) {
        Some(b'-') => true,
        Some(b'+') => kind == b'%',
        Some(_) | None => false,
    };
    if marked {
        at += 1;
    }
    let inner = at;
    let mut depth = 0usize;
    while at < end {
        match bytes[at] {
            quote @ (b'\'' | b'"') => {
                at += 1;
                while at < end && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if at >= end {
                    return None;
                }
            }
            b'%' if kind == b'%' && at + 1 < end && bytes[at + 1] == b'}' => {
                return Some(close(bytes, start, inner, at));
            }
            b'}' if kind == b'{' && depth == 0 && at + 1 < end && bytes[at + 1] == b'}' => {
                return Some(close(bytes, start, inner, at));
            }
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

fn close(bytes: &[u8], start: usize, inner: usize, at: usize) -> Tag {
    let marked = at > inner && matches!(bytes[at - 1], b'-' | b'+');
    Tag {
        outer: start..at + 2,
        inner: inner..if marked { at - 1 } else { at },
    }
}

/// Returns the end of the `{% endraw %}` tag after a byte.
fn raw_end(text: &str, from: usize, end: usize) -> Option<usize> {
    let mut at = from;
    while let Some(start) = find(text, "{%", at, end) {
        if let Some(tag) = tag(text, start, b'%', end)
            && text[tag.inner.clone()].trim() == "endraw"
        {
            return Some(tag.outer.end);
        }
        at = start + 2;
    }
    None
}
