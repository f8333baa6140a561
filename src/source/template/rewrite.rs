//! The template that Jinja is given: what was written, with expressions that show
//! what is unknown, and with a stand-in for each tag that can't be rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::expression::{Expression, NotAnExpression};
use super::scan::{Part, Tag};
use super::{context, statement};

/// A template for Jinja, and where its bytes were written.
#[derive(Debug, Default)]
pub(super) struct Rewritten {
    /// The template.
    pub(super) text: String,
    segments: Vec<Segment>,
    /// The tags in order; an index here names a tag for good.
    pub(super) tags: Vec<RewrittenTag>,
    /// What is lost, whatever is rendered.
    pub(super) lost: Vec<Lost>,
    /// Names that its statements may give a value.
    pub(super) assigned: BTreeSet<String>,
    /// The statements that are open, but for conditions.
    open: Vec<Open>,
}

/// A tag in the template for Jinja.
#[derive(Debug, Clone)]
pub(super) struct RewrittenTag {
    rewritten: Range<usize>,
    /// Its inside in the text as written.
    pub(super) written: Range<usize>,
}

/// What an open statement does with what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// It writes it where it stands.
    Block,
    /// As that, and gives names a value for it.
    Scope,
    /// It keeps it.
    Buffer,
    /// It is a block that is left away.
    LostBlock,
}

/// Something that is left away.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    /// Where it is written.
    pub(super) written: Range<usize>,
    /// Why.
    pub(super) why: String,
}

#[derive(Debug)]
struct Segment {
    start: usize,
    end: usize,
    written: Range<usize>,
    exact: bool,
}

/// Why an expression is unknown that can't be read.
const NO_EXPRESSION: &str = "it is no expression of Jinja";

/// Why tags can't be rendered as they are, by their indices.
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

    /// Puts text for what is written at a place.
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

    /// The written place of a range of the template, and whether it is literal.
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

    /// A range of the template in runs that come from one place each, with the
    /// written place, and whether it is literal.
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

    /// The tag that a range of the template lies in.
    pub(super) fn tag_at(&self, range: &Range<usize>) -> Option<usize> {
        let at = self
            .tags
            .partition_point(|tag| tag.rewritten.end <= range.start);
        let tag = self.tags.get(at)?;
        (tag.rewritten.start <= range.start).then_some(at)
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
    for part in parts {
        match part {
            Part::Text(range) => into.copy(text, range.clone()),
            Part::Comment(range) => into.put(&text[range.clone()], range.clone()),
            Part::Expression(tag) => {
                let start = into.start_tag();
                let place = tag.trimmed(text);
                let index = into.tags.len();
                let inside = &text[tag.inner.clone()];
                let written = match broken.get(&index) {
                    Some(why) => unknown(&text[place.clone()], why),
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
                block(into, text, tag, index, broken.get(&index));
                into.end_tag(start, place);
            }
        }
    }
}

/// The whole tag with another inside.
fn tagged(into: &mut Rewritten, text: &str, tag: &Tag, inside: &str, place: Range<usize>) {
    let open = &text[tag.outer.start..tag.inner.start];
    let close = &text[tag.inner.end..tag.outer.end];
    into.put(&format!("{open} {inside} {close}"), place);
}

fn output(inside: &str) -> Result<String, NotAnExpression> {
    let mut expression = Expression::new(inside)?;
    let written = expression.tuple()?;
    if expression.done() {
        Ok(written)
    } else {
        Err(NotAnExpression)
    }
}

/// An expression for what can't be known.
pub(super) fn unknown(text: &str, why: &str) -> String {
    format!("__unknown({}, {})", literal(text), literal(why))
}

/// A string of Jinja.
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

/// Tags that Jinja knows and that are copied.
const COPIED: &[&str] = &[
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

/// The word that a block tag begins with, and what comes after.
pub(super) fn keyword(inside: &str) -> (&str, &str) {
    let inside = inside.trim();
    let end = inside
        .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .unwrap_or(inside.len());
    inside.split_at(end)
}

/// Whether a word begins a block tag, of Jinja or of dbt.
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

fn block(into: &mut Rewritten, text: &str, tag: &Tag, index: usize, broken: Option<&String>) {
    let inside = &text[tag.inner.clone()];
    let place = tag.trimmed(text);
    let (word, rest) = keyword(inside);
    let why = broken.map(String::as_str);
    let lose = |into: &mut Rewritten, why: &str| {
        into.lost.push(Lost {
            written: place.clone(),
            why: why.to_owned(),
        });
        tagged(into, text, tag, "if true", place.clone());
        into.put("{% endif %}", place.clone());
    };
    context::note(word, rest, &mut into.assigned);
    let buffered = into.open.contains(&Open::Buffer);
    let scoped = into.open.iter().any(|open| *open != Open::Block);
    match word {
        "macro" | "call" | "filter" => into.open.push(Open::Buffer),
        "set" if targets(rest, "=").is_err() => into.open.push(Open::Buffer),
        "for" | "with" => into.open.push(Open::Scope),
        "block" if scoped => {
            into.open.push(Open::LostBlock);
            lose(
                into,
                "what a block inside another statement sees is not followed",
            );
            return;
        }
        "block" => into.open.push(Open::Block),
        "endmacro" | "endcall" | "endfilter" | "endset" | "endfor" | "endwith" | "endblock" => {
            let closed = into.open.pop();
            if closed == Some(Open::LostBlock) {
                return;
            }
        }
        "include" if buffered && context::is_isolated(word, rest) => {
            lose(into, "Jinja writes it before what stands around it");
            return;
        }
        _ => {}
    }
    let written = match word {
        "if" | "elif" => decision(word, rest, why),
        "for" => iteration(rest, index, why),
        "set" => assignment(rest, why),
        "do" => match why {
            Some(why) => return lose(into, why),
            None => effect(rest),
        },
        "include" | "extends" | "import" | "from" => match why {
            Some(why) => {
                if word == "include" {
                    tagged(into, text, tag, "if true", place.clone());
                    let stand_in =
                        format!("{{{{ {} }}}}{{% endif %}}", unknown(inside.trim(), why));
                    return into.put(&stand_in, place);
                }
                return lose(into, why);
            }
            None => loading(word, rest, index),
        },
        // The body of a snapshot is its query; the others define something, and
        // say nothing here.
        "snapshot" => Ok("if true".to_owned()),
        "endsnapshot" | "endmaterialization" | "endtest" | "enddocs" => Ok("endif".to_owned()),
        "materialization" | "test" | "docs" => Ok("if false".to_owned()),
        "macro" | "call" | "with" | "filter" => match statement::rewritten(word, rest) {
            Ok(written) => Ok(written),
            Err(NotAnExpression) => return lose(into, "it is no statement of Jinja"),
        },
        _ if COPIED.contains(&word) => Ok(inside.trim().to_owned()),
        _ => return lose(into, &format!("`{word}` is no tag that is known")),
    };
    match written {
        Ok(written) => tagged(into, text, tag, &written, place),
        Err(NotAnExpression) => lose(into, "it is no statement of Jinja"),
    }
}

fn decision(word: &str, rest: &str, why: Option<&str>) -> Result<String, NotAnExpression> {
    let understood = || -> Result<String, NotAnExpression> {
        let mut expression = Expression::new(rest)?;
        let condition = expression.condition()?;
        if expression.done() {
            Ok(condition)
        } else {
            Err(NotAnExpression)
        }
    };
    let condition = match why {
        Some(why) => unknown(rest.trim(), why),
        None => understood().unwrap_or_else(|NotAnExpression| unknown(rest.trim(), NO_EXPRESSION)),
    };
    Ok(format!("{word} {condition}"))
}

fn iteration(rest: &str, index: usize, why: Option<&str>) -> Result<String, NotAnExpression> {
    let (targets, count, after) = targets(rest, "in")?;
    let mut expression = Expression::new(after)?;
    let over = expression.iterable()?;
    let source = after[..expression.offset()].trim();
    let over = match why {
        Some(why) => unknown(source, why),
        None => over,
    };
    let mut tail = String::new();
    if expression.eat("if") {
        tail = format!(" if {}", expression.condition()?);
    }
    if expression.eat("recursive") {
        tail.push_str(" recursive");
    }
    if !expression.done() {
        return Err(NotAnExpression);
    }
    Ok(format!(
        "for {targets} in __iterate({count}, {over}, {index}, {}){tail}",
        literal(source)
    ))
}

fn assignment(rest: &str, why: Option<&str>) -> Result<String, NotAnExpression> {
    let Ok((targets, count, value)) = targets(rest, "=") else {
        return statement::rewritten("set", rest);
    };
    let value = match why {
        Some(why) => unknown(value.trim(), why),
        None => {
            output(value).unwrap_or_else(|NotAnExpression| unknown(value.trim(), NO_EXPRESSION))
        }
    };
    if count > 1 {
        return Ok(format!("set {targets} = __spread({count}, ({value}))"));
    }
    Ok(format!("set {targets} = {value}"))
}

fn effect(rest: &str) -> Result<String, NotAnExpression> {
    // `do` takes calls alone; a call of ours takes any expression.
    Ok(format!("do __effect({})", output(rest)?))
}

fn loading(word: &str, rest: &str, index: usize) -> Result<String, NotAnExpression> {
    let mut expression = Expression::new(rest)?;
    let name = expression.whole()?;
    let tail = expression.rest();
    let isolated = context::is_isolated(word, tail);
    Ok(format!(
        "{word} __template({index}, {name}, {isolated}) {tail}"
    ))
}

/// The names before a word or sign, how many they are, and what comes after.
fn targets<'a>(rest: &'a str, until: &str) -> Result<(String, usize, &'a str), NotAnExpression> {
    let bytes = rest.as_bytes();
    let mut at = 0;
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'=' if until == "=" => {
                return counted(&rest[..at], &rest[at + 1..]);
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let start = at;
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                if depth == 0 && &rest[start..at] == until {
                    return counted(&rest[..start], &rest[at..]);
                }
                continue;
            }
            b',' | b'.' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => return Err(NotAnExpression),
        }
        at += 1;
    }
    Err(NotAnExpression)
}

fn counted<'a>(names: &str, after: &'a str) -> Result<(String, usize, &'a str), NotAnExpression> {
    let names = names.trim();
    if names.is_empty() {
        return Err(NotAnExpression);
    }
    let bare = names
        .strip_prefix('(')
        .and_then(|names| names.strip_suffix(')'))
        .unwrap_or(names);
    let mut depth = 0usize;
    let mut count = 1;
    for byte in bare.trim_end_matches([',', ' ']).bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => count += 1,
            _ => {}
        }
    }
    Ok((names.to_owned(), count, after))
}
