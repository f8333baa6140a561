//! A template as it is written, for what it may write in a way that was not
//! rendered: the text of all its branches, one after another.

use std::ops::Range;

use crate::source::Span;
use crate::source::template::{PLACEHOLDER, TemplateSettings};

/// Words without which a text writes no table.
const WRITING: [&str; 11] = [
    "alter", "call", "clone", "create", "delete", "execute", "import", "insert", "load", "merge",
    "update",
];
/// Words with which a template takes in the text of another file.
const TAKING: [&str; 3] = ["extends", "import", "include"];

/// Filters and methods that write no semicolon where there was none.
const KEEPING: &[&str] = &[
    "abs",
    "batch",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "lstrip",
    "map",
    "max",
    "min",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "rstrip",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "strip",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "wordcount",
];

/// Whether what the configuration gives for templates may hold statements.
pub(super) fn may_hide_writes(templates: &TemplateSettings) -> bool {
    templates
        .variables
        .values()
        .any(|value| has_writing_words(&value.to_string(), false, &|_| false))
}

/// Whether a text may write tables. Most are queries, and are not read further. `runs`
/// tells the words with which a template of the repository may have statements run.
pub(super) fn may_write(text: &str, values_may: bool, runs: &dyn Fn(&str) -> bool) -> bool {
    !is_query(text) || has_writing_words(text, values_may, runs) || tags(text).any(may_end_a_query)
}

/// What stands between the braces of a template's tags.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let opens = |text: &str| ["{{", "{%"].iter().filter_map(|open| text.find(open)).min();
        let open = opens(rest)?;
        let inside = &rest[open + 2..];
        let part = &inside[..opens(inside).unwrap_or(inside.len())];
        rest = &inside[part.len()..];
        // Braces inside an expression may close one after another.
        let close = ["}}", "%}"]
            .iter()
            .filter_map(|close| part.rfind(close))
            .max();
        Some(part[..close.unwrap_or(part.len())].trim_matches(['-', '+']))
    })
}

/// The insides of strings in tags that may be statements.
pub(super) fn quoted(text: &str) -> impl Iterator<Item = Range<usize>> {
    let start = text.as_ptr() as usize;
    tags(text).flat_map(move |tag| {
        let offset = tag.as_ptr() as usize - start;
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(open) = tag[at..].find(['\'', '"']).map(|open| at + open) {
            let quote = &tag[open..=open];
            let inside = open + 1;
            let Some(length) = tag[inside..].find(quote) else {
                break;
            };
            let range = offset + inside..offset + inside + length;
            if has_writing_words(&text[range.clone()], false, &|_| false) {
                found.push(range);
            }
            at = inside + length + 1;
        }
        found
    })
}

/// Whether a tag may write a semicolon that does not stand in it: then what follows a
/// query may be another statement, of whatever words.
fn may_end_a_query(tag: &str) -> bool {
    let word = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let mut filters = tag.split('|').skip(1);
    tag.contains(['\\', '%'])
        || word(tag) == "filter"
        || filters.any(|filter| !KEEPING.contains(&word(filter).as_str()))
        || ["format", "translate"]
            .iter()
            .any(|name| tag.contains(name))
}

/// Whether a text is one statement that begins as a query does.
fn is_query(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let comment = ["--", "#"].into_iter().any(|sign| rest.starts_with(sign));
        let end = if comment {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|end| end + 2)
        } else {
            break;
        };
        let Some(end) = end else {
            return false;
        };
        rest = rest[end..].trim_start();
    }
    let first = rest.trim_start_matches(['(', ' ', '\n', '\t', '\r']);
    let reads = ["SELECT", "WITH", "FROM"].into_iter().any(|word| {
        first
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    });
    let only = rest.trim_end().trim_end_matches(';');
    reads && !only.contains(';')
}

fn has_writing_words(text: &str, values_may: bool, runs: &dyn Fn(&str) -> bool) -> bool {
    let template = text.contains("{{") || text.contains("{%") || text.contains('@');
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .any(|word| {
            let is = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
            is(&WRITING) || is(&["rename"]) || template && (is(&TAKING) || runs(word))
        })
        || template && values_may
}

/// A template without its tags.
#[derive(Debug)]
pub(super) struct RawTemplate {
    /// Text, with a name for each value.
    pub(super) text: String,
    /// Where pieces of it begin, there and in what is written.
    starts: Vec<(usize, usize)>,
}

impl RawTemplate {
    /// Takes the tags off.
    pub(super) fn of(written: &str) -> Self {
        let mut raw = Self {
            text: String::with_capacity(written.len()),
            starts: Vec::new(),
        };
        let mut at = 0;
        while at < written.len() {
            let rest = &written[at..];
            let next = ["{{", "{%", "{#"]
                .into_iter()
                .filter_map(|open| Some((rest.find(open)?, open)))
                .min();
            let Some((found, open)) = next else {
                raw.piece(rest, at);
                break;
            };
            raw.piece(&rest[..found], at);
            let close = match open {
                "{{" => "}}",
                "{%" => "%}",
                _ => "#}",
            };
            let end = rest[found..]
                .find(close)
                .map_or(rest.len(), |close| found + close + 2);
            let put = if open == "{{" {
                format!("{PLACEHOLDER}value")
            } else {
                " ".to_owned()
            };
            raw.piece(&put, at + found);
            at += end;
        }
        raw
    }

    fn piece(&mut self, text: &str, written: usize) {
        self.starts.push((self.text.len(), written));
        self.text.push_str(text);
    }

    /// Where something of it is written.
    pub(super) fn written(&self, span: Span) -> Span {
        let at = |offset: u32, last: bool| {
            let offset = offset as usize;
            let piece = self.starts.partition_point(|(start, _)| {
                if last {
                    *start < offset
                } else {
                    *start <= offset
                }
            });
            let Some((start, written)) = piece.checked_sub(1).and_then(|at| self.starts.get(at))
            else {
                return offset;
            };
            let end = self.starts.get(piece).map_or(usize::MAX, |(_, next)| *next);
            (written + (offset - start)).min(end)
        };
        Span::new(
            at(span.start, false),
            at(span.end, true).max(at(span.start, false)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{RawTemplate, may_write};
    use crate::source::Span;

    #[test]
    fn all_branches_are_there() {
        let written = "{% if a %}INSERT INTO {{ d }}.t{% else %}SELECT{# x #} 1{% endif %}";
        let raw = RawTemplate::of(written);
        assert_eq!(raw.text, " INSERT INTO unrendered_value.t SELECT  1 ");
        let at = raw.text.find("SELECT").expect("it is there");
        let place = raw.written(Span::new(at, at + 6));
        assert_eq!(&written[place.start as usize..place.end as usize], "SELECT");
    }

    #[test]
    fn a_query_writes_nothing() {
        let may_write = |text: &str| may_write(text, false, &|word| word == "fill");
        for text in [
            "SELECT updated, create_date FROM d.inserts",
            "-- a\n/* b */ (select 1);\n",
            "SELECT {{ x | default(1) }} FROM {{ ref('t') }} {% if a %}WHERE b{% endif %}",
            "SELECT '{' AS fill, 5 % 3",
        ] {
            assert!(!may_write(text), "{text}");
        }
        for text in [
            "insert d.t select 1",
            "SELECT 1; FROBNICATE d.t",
            "{% include 'x.sql' %}",
            "SELECT 1 {{ '\\x3b' }} {{ 'tresni' | reverse }} INTO d.t SELECT 2",
            "SELECT 1 {{ '%c' % 59 }} {{ x }}",
            "SELECT 1 {{ '<' | e | last }} {{ x }}",
            "SELECT 1 {% set x = '{:c}'.format(59) %}{{ x }}",
            "SELECT 1 {{- fill() }}",
        ] {
            assert!(may_write(text), "{text}");
        }
    }
}
