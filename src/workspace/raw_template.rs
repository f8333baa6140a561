//! The unrendered text of a template, with all its branches in sequence.
//!
//! It shows what the template may write in branches that were not rendered.

use std::ops::Range;

use crate::source::Span;
use crate::source::template::{PLACEHOLDER, TemplateSettings};

/// Keywords of which a query needs at least one to write a table.
const WRITING: [&str; 13] = [
    "alter", "call", "clone", "create", "delete", "drop", "execute", "import", "insert", "load",
    "merge", "truncate", "update",
];
/// Keywords with which a template includes the text of another file.
const TAKING: [&str; 3] = ["extends", "import", "include"];

/// Filters and methods that cannot introduce a semicolon.
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

/// Whether a configured template value may contain statements.
pub(super) fn values_may_write(templates: &TemplateSettings) -> bool {
    templates
        .variables
        .values()
        .any(|value| has_writing_words(&value.to_string(), false, &|_| false))
}

/// Whether a text may write tables; most texts are queries, and are not read
/// further.
///
/// `runs` recognizes words with which a template of the repository may run
/// statements.
pub(super) fn may_write(text: &str, values_may: bool, runs: &dyn Fn(&str) -> bool) -> bool {
    !is_query(text)
        || has_writing_words(text, values_may, runs)
        || tags(text).any(may_emit_semicolon)
}

/// Returns the content of a template's tags, without the braces.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let opens = |text: &str| ["{{", "{%"].iter().filter_map(|open| text.find(open)).min();
        let open = opens(rest)?;
        let inside = &rest[open + 2..];
        let part = &inside[..opens(inside).unwrap_or(inside.len())];
        rest = &inside[part.len()..];
        // Braces inside an expression may be followed directly by those that close
        // the tag.
        let close = ["}}", "%}"]
            .iter()
            .filter_map(|close| part.rfind(close))
            .max();
        Some(part[..close.unwrap_or(part.len())].trim_matches(['-', '+']))
    })
}

/// Returns the ranges of tags that include other templates at the start of a
/// statement.
pub(super) fn include_tags(text: &str) -> impl Iterator<Item = Range<usize>> {
    let start = text.as_ptr() as usize;
    tags(text).filter_map(move |tag| {
        let word = tag.trim_start();
        let brings = ["include", "extends"].iter().any(|known| {
            let rest = word.strip_prefix(known);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        });
        let offset = tag.as_ptr() as usize - start;
        let open = text[..offset].rfind("{%")?;
        (brings && begins(&text[..open])).then(|| open..offset + tag.len())
    })
}

/// Whether a statement begins after a text; tags and comments are skipped.
fn begins(before: &str) -> bool {
    let mut rest = before.trim_end();
    loop {
        if rest.is_empty() || rest.ends_with(';') {
            return true;
        }
        let open = match rest.get(rest.len().saturating_sub(2)..) {
            Some("%}") => "{%",
            Some("#}") => "{#",
            Some("*/") => "/*",
            _ => {
                let line = rest.rsplit('\n').next().unwrap_or(rest);
                let signs = ["--", "#"];
                let Some(at) = signs.iter().filter_map(|sign| line.find(sign)).min() else {
                    return false;
                };
                rest = rest[..rest.len() - line.len() + at].trim_end();
                continue;
            }
        };
        rest = match rest.rfind(open) {
            Some(at) => rest[..at].trim_end(),
            None => return true,
        };
    }
}

/// Returns strings in tags that may be statements, with their ranges.
///
/// Operands other than strings that are concatenated with them become placeholders.
pub(super) fn quoted(text: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    let start = text.as_ptr() as usize;
    tags(text).flat_map(move |tag| {
        let offset = tag.as_ptr() as usize - start;
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(open) = tag[at..].find(['\'', '"']).map(|open| at + open) {
            let Some((joined, end)) = joined(tag, open) else {
                break;
            };
            if has_writing_words(&joined, false, &|_| false) {
                found.push((offset + open..offset + end, joined));
            }
            at = end;
        }
        found
    })
}

/// Returns a string of a tag with everything that is concatenated, and its end.
fn joined(tag: &str, open: usize) -> Option<(String, usize)> {
    let (mut joined, mut end) = literal(tag, open)?;
    loop {
        let rest = &tag[end..];
        let sign = end + (rest.len() - rest.trim_start().len());
        if !tag[sign..].starts_with(['~', '+']) {
            return Some((joined, end));
        }
        let rest = &tag[sign + 1..];
        let next = sign + 1 + (rest.len() - rest.trim_start().len());
        match literal(tag, next) {
            Some((text, after)) => {
                joined.push_str(&text);
                end = after;
            }
            None => {
                joined.push_str(PLACEHOLDER);
                joined.push_str("value");
                end = operand(tag, next);
            }
        }
    }
}

/// Returns the content of the string that begins at a position, and its end.
fn literal(tag: &str, open: usize) -> Option<(String, usize)> {
    let quote = tag[open..]
        .chars()
        .next()
        .filter(|c| ['\'', '"'].contains(c))?;
    let inside = &tag[open + 1..];
    let mut escaped = false;
    let length = inside.find(|c: char| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((inside[..length].to_owned(), open + length + 2))
}

/// Returns the end of an operand that begins at a position and is not a string.
fn operand(tag: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(c) = tag[at..].chars().next() {
        match c {
            '\'' | '"' => {
                let Some((_, end)) = literal(tag, at) else {
                    return tag.len();
                };
                at = end;
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            '~' | '+' | ',' | '%' if depth == 0 => break,
            _ => {}
        }
        at += c.len_utf8();
    }
    at
}

/// Whether a tag may write a semicolon that is not visible in it.
///
/// Then any other statement may follow a query.
fn may_emit_semicolon(tag: &str) -> bool {
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

/// Whether a text is a single statement that begins like a query.
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
    /// The text, with a placeholder for each value.
    pub(super) text: String,
    /// The start of each piece in `text` and in the written text.
    ///
    /// A piece that replaces other text also has the end of that in the written
    /// text.
    starts: Vec<(usize, usize, Option<usize>)>,
}

impl RawTemplate {
    /// Removes the tags.
    ///
    /// If `dbt` is true, a tag `ref()` is replaced by a table with the name of the
    /// model.
    pub(super) fn of(written: &str, dbt: bool) -> Self {
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
                raw.piece(rest, at, None);
                break;
            };
            raw.piece(&rest[..found], at, None);
            let close = match open {
                "{{" => "}}",
                "{%" => "%}",
                _ => "#}",
            };
            let end = rest[found..]
                .find(close)
                .map_or(rest.len(), |close| found + close + 2);
            let put = if open == "{{" {
                let tag = &rest[found + 2..end.min(rest.len())];
                let model = referred(tag).filter(|_| dbt);
                let model = model.map_or(String::new(), |model| format!(".{model}"));
                format!("{PLACEHOLDER}value{model}")
            } else {
                " ".to_owned()
            };
            raw.piece(&put, at + found, Some(at + end));
            at += end;
        }
        raw
    }

    fn piece(&mut self, text: &str, written: usize, end: Option<usize>) {
        self.starts.push((self.text.len(), written, end));
        self.text.push_str(text);
    }

    /// Maps a span back to the written text.
    pub(super) fn written(&self, span: Span) -> Span {
        let at = |offset: u32, last: bool| {
            let offset = offset as usize;
            let piece = self.starts.partition_point(|(start, _, _)| {
                if last {
                    *start < offset
                } else {
                    *start <= offset
                }
            });
            let piece = piece.checked_sub(1).and_then(|at| self.starts.get(at));
            match piece {
                None => offset,
                Some((_, _, Some(end))) if last => *end,
                Some((_, written, Some(_))) => *written,
                Some((start, written, None)) => written + (offset - start),
            }
        };
        Span::new(
            at(span.start, false),
            at(span.end, true).max(at(span.start, false)),
        )
    }
}

/// Returns the model that a tag names if the tag is a call of `ref()` alone.
fn referred(tag: &str) -> Option<&str> {
    let tag = tag.trim_end_matches("}}").trim_matches(['-', '+']).trim();
    let arguments = tag.strip_prefix("ref")?.trim_start();
    let arguments = arguments.strip_prefix('(')?.strip_suffix(')')?;
    // The package precedes the model, and a version follows it.
    let mut names = arguments.split(',').map(str::trim);
    let named = names.rfind(|name| name.starts_with(['\'', '"']))?;
    let name = named.trim_matches(['\'', '"']);
    let part = |c: char| c.is_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(part)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{RawTemplate, include_tags, may_write, quoted};
    use crate::source::Span;

    #[test]
    fn all_branches_are_there() {
        let written = "{% if a %}INSERT INTO {{ d }}.t{% else %}SELECT{# x #} 1{% endif %}";
        let raw = RawTemplate::of(written, false);
        assert_eq!(raw.text, " INSERT INTO unrendered_value.t SELECT  1 ");
        let at = raw.text.find("SELECT").expect("it is there");
        let place = raw.written(Span::new(at, at + 6));
        assert_eq!(&written[place.start as usize..place.end as usize], "SELECT");
    }

    #[test]
    fn a_model_is_named_by_its_reference() {
        let raw = |written| RawTemplate::of(written, true).text;
        assert_eq!(raw("{{ ref('big') }}"), "unrendered_value.big");
        assert_eq!(raw("{{ ref('p', 'big', v=2) }}"), "unrendered_value.big");
        assert_eq!(raw("{{ ref(x) }}"), "unrendered_value");
    }

    #[test]
    fn strings_are_read_with_what_they_are_joined_with() {
        let found = |text| quoted(text).map(|(_, text)| text).collect::<Vec<String>>();
        for tag in [
            "{% do run_query('INSERT INTO ' ~ schema ~ '.big SELECT 1') %}",
            "{{ f('INSERT INTO ' + target['schema'] + '.big SELECT 1', 'x') }}",
        ] {
            assert_eq!(found(tag), ["INSERT INTO unrendered_value.big SELECT 1"]);
        }
        assert_eq!(found("{{ f('INSERT ' ~ \"d.t\") }}"), ["INSERT d.t"]);
        assert_eq!(found("{{ f('x', 'y') }}"), Vec::<String>::new());
    }

    #[test]
    fn tags_that_bring_in_templates_are_found() {
        let text = "{%- include x %} {% included %} -- a\n{% extends 'y' %} a {% include z %}";
        let found: Vec<&str> = include_tags(text).map(|tag| &text[tag]).collect();
        assert_eq!(found, ["{%- include x ", "{% extends 'y' "]);
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
