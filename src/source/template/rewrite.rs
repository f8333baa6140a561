//! Builds the template that MiniJinja runs from the written one. Expressions expose
//! unknown values, and a stand-in replaces each tag that cannot be rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::block_tag::{self, OpenStatement};
use super::expression::{Expression, NotAnExpression};
use super::mutable::LOST;
use super::outline::Outline;
use super::scan::{Part, Tag};

/// A template for MiniJinja, and the written place of each of its bytes.
#[derive(Debug, Default)]
pub(super) struct Rewritten {
    /// The text of the template.
    pub(super) text: String,
    segments: Vec<Segment>,
    /// The tags in order; an index into this list identifies a tag permanently.
    pub(super) tags: Vec<RewrittenTag>,
    /// Dropped statements, which are reported for every rendering.
    pub(super) lost: Vec<DroppedTag>,
    /// Names to which its statements may give a value.
    pub(super) assigned: BTreeSet<String>,
    /// Names to which the templates that bring it in may have given a value.
    pub(super) around: BTreeSet<String>,
    /// The open statements.
    pub(super) open: Vec<OpenStatement>,
}

/// A tag in the template for MiniJinja.
#[derive(Debug, Clone)]
pub(super) struct RewrittenTag {
    rewritten: Range<usize>,
    /// The inside of the tag in the written text.
    pub(super) written: Range<usize>,
}

/// A dropped statement.
#[derive(Debug, Clone)]
pub(super) struct DroppedTag {
    /// Its place in the written text.
    pub(super) written: Range<usize>,
    /// The reason.
    pub(super) why: String,
}

#[derive(Debug)]
struct Segment {
    start: usize,
    end: usize,
    written: Range<usize>,
    exact: bool,
}

/// The reason why an unreadable expression is unknown.
pub(super) const NO_EXPRESSION: &str = "not a Jinja expression";

/// The reasons why tags cannot be rendered, by the index of the tag.
pub(super) type Broken = BTreeMap<usize, String>;

impl Rewritten {
    /// Copies written text.
    pub(super) fn copy(&mut self, text: &str, written: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(&text[written.clone()]);
        self.segments.push(Segment {
            start,
            end: self.text.len(),
            written,
            exact: true,
        });
    }

    /// Adds text that replaces a written range.
    pub(super) fn put(&mut self, with: &str, written: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(with);
        self.segments.push(Segment {
            start,
            end: self.text.len(),
            written,
            exact: false,
        });
    }

    /// Returns the written place of a range of the template, and whether it is
    /// literal.
    pub(super) fn written(&self, range: Range<usize>) -> (Range<usize>, bool) {
        let at = self
            .segments
            .partition_point(|segment| segment.end <= range.start);
        match self.segments.get(at).or(self.segments.last()) {
            Some(segment) if segment.exact => {
                let from = range.start.clamp(segment.start, segment.end) - segment.start;
                let to = range.end.clamp(segment.start, segment.end) - segment.start;
                let base = segment.written.start;
                (base + from..base + to.max(from), range.end <= segment.end)
            }
            Some(segment) => (segment.written.clone(), false),
            None => (0..0, false),
        }
    }

    /// Splits a range of the template into runs that come from one place each.
    /// Returns each run with its written place, and whether it is literal.
    pub(super) fn runs(&self, range: Range<usize>) -> Vec<(Range<usize>, Range<usize>, bool)> {
        let first = self
            .segments
            .partition_point(|segment| segment.end <= range.start);
        self.segments[first..]
            .iter()
            .take_while(|segment| segment.start < range.end)
            .map(|segment| {
                let run = segment.start.max(range.start)..segment.end.min(range.end);
                let (written, exact) = self.written(run.clone());
                (run, written, exact)
            })
            .collect()
    }

    /// Returns the tag that contains the start of a range of the template.
    pub(super) fn tag_at(&self, range: &Range<usize>) -> Option<usize> {
        let at = self
            .tags
            .partition_point(|tag| tag.rewritten.end <= range.start);
        let tag = self.tags.get(at)?;
        (tag.rewritten.start <= range.start).then_some(at)
    }

    /// Records a lost change, if a failed tag may have lost one.
    fn lose_change(&mut self, why: Option<&String>, place: &Range<usize>) {
        if let Some(why) = why.filter(|why| why.starts_with(LOST)) {
            self.lost.push(DroppedTag {
                written: place.clone(),
                why: why.clone(),
            });
        }
    }

    fn start_tag(&self) -> usize {
        self.text.len()
    }

    fn end_tag(&mut self, start: usize, written: Range<usize>) {
        let rewritten = start..self.text.len();
        self.tags.push(RewrittenTag { rewritten, written });
    }
}

/// Adds the parts of a text.
pub(super) fn parts(into: &mut Rewritten, text: &str, parts: &[Part], broken: &Broken) {
    let outline = Outline::new(text, parts);
    for hidden in block_tag::hidden(&outline.root) {
        into.put(&format!("{{% {hidden} %}}"), 0..0);
    }
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(range) => into.copy(text, range.clone()),
            Part::Comment(range) => into.put(&text[range.clone()], range.clone()),
            Part::Expression(tag) => {
                let start = into.start_tag();
                let place = tag.trimmed(text);
                let index = into.tags.len();
                let inside = &text[tag.inner.clone()];
                into.lose_change(broken.get(&index), &place);
                let written = match broken.get(&index) {
                    Some(why) => unknown(&text[place.clone()], why),
                    None if block_tag::calls_other_block(&into.open, &outline, inside) => {
                        unknown(&text[place.clone()], block_tag::INSIDE)
                    }
                    None => output(inside).unwrap_or_else(|NotAnExpression| {
                        unknown(&text[place.clone()], NO_EXPRESSION)
                    }),
                };
                tagged(into, text, tag, &written, place.clone());
                into.end_tag(start, place);
            }
            Part::Block(tag) => {
                let start = into.start_tag();
                let place = tag.trimmed(text);
                let index = into.tags.len();
                into.lose_change(broken.get(&index), &place);
                let written = block_tag::WrittenTag {
                    text,
                    tag,
                    index,
                    part: at,
                    outline: &outline,
                    why: broken.get(&index).map(String::as_str),
                };
                block_tag::block(into, &written);
                into.end_tag(start, place);
            }
        }
    }
}

/// Adds a whole tag with another inside.
pub(super) fn tagged(
    into: &mut Rewritten,
    text: &str,
    tag: &Tag,
    inside: &str,
    place: Range<usize>,
) {
    let open = &text[tag.outer.start..tag.inner.start];
    let close = &text[tag.inner.end..tag.outer.end];
    into.put(&format!("{open} {inside} {close}"), place);
}

pub(super) fn output(inside: &str) -> Result<String, NotAnExpression> {
    let mut expression = Expression::new(inside)?;
    let written = expression.tuple()?;
    if expression.done() {
        Ok(written)
    } else {
        Err(NotAnExpression)
    }
}

/// Returns an expression for an unknown value.
pub(super) fn unknown(text: &str, why: &str) -> String {
    format!("__unknown({}, {})", literal(text), literal(why))
}

/// Returns a string literal of Jinja.
pub(super) fn literal(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for character in text.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            other => written.push(other),
        }
    }
    written.push('"');
    written
}

/// Tags of Jinja that are copied unchanged.
pub(super) const COPIED: &[&str] = &[
    "else",
    "endif",
    "endfor",
    "macro",
    "endmacro",
    "call",
    "endcall",
    "filter",
    "endfilter",
    "block",
    "endblock",
    "with",
    "endwith",
    "endset",
    "autoescape",
    "endautoescape",
    "break",
    "continue",
];

/// Splits a block tag into its first word and the rest.
pub(super) fn keyword(inside: &str) -> (&str, &str) {
    let inside = inside.trim();
    let end = inside
        .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .unwrap_or(inside.len());
    inside.split_at(end)
}

/// Whether a word begins a block tag of Jinja or dbt.
pub(super) fn is_keyword(word: &str) -> bool {
    COPIED.contains(&word)
        || matches!(
            word,
            "if" | "elif"
                | "for"
                | "set"
                | "do"
                | "include"
                | "import"
                | "from"
                | "extends"
                | "raw"
                | "endraw"
                | "snapshot"
                | "endsnapshot"
                | "materialization"
                | "endmaterialization"
                | "test"
                | "endtest"
                | "docs"
                | "enddocs"
        )
}
