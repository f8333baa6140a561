//! Rewrites models of SQLMesh: a header, and macros that begin with `@`.
//!
//! The macros become tags of Jinja, so that conditions, unknown values and the map
//! work as for any template.

use std::ops::Range;
use std::path::Path;

use super::brackets::{closing, skip_quoted, skip_space, split_at_comma, starts_with, trimmed};
use super::place::{PLACEHOLDER, is_placeholder};
use super::rewrite::{self, Broken, Rewritten, literal, unknown};
use super::scan::{Part, scan};
use super::unknown::is_name;
use crate::budget;

/// The header of a model.
pub(super) struct Model {
    /// From the word `MODEL` to the end of its statement.
    header: Range<usize>,
    /// The name of the table that the model creates; `None` if the header has no
    /// name.
    pub(super) name: Option<String>,
    /// Whether it is a model, not an audit or a metric.
    pub(super) makes: bool,
    /// Whether it has blueprints: several models, each with values of its own.
    pub(super) blueprints: bool,
}

impl Model {
    /// Returns the name if it is fully known.
    pub(super) fn known_name(&self) -> Option<String> {
        self.name.clone().filter(|name| !is_placeholder(name))
    }

    /// Returns the table that it creates, as far as it is known. A model without a
    /// name has the name of its file.
    pub(super) fn made(&self, path: &Path) -> Option<String> {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let by_file = || format!("{PLACEHOLDER}value.{}", stem.unwrap_or(PLACEHOLDER));
        self.makes
            .then(|| self.name.clone().unwrap_or_else(by_file))
    }
}

/// The maximum depth of nested macros.
const DEPTH: usize = 20;
/// The maximum number of elements that `@EACH` expands.
const LARGEST: usize = 1_000;

/// Reads the header at the start of a text.
pub(super) fn model(text: &str) -> Option<Model> {
    let start = skip_space(text, 0);
    let word = ["MODEL", "AUDIT", "METRIC"]
        .into_iter()
        .find(|word| starts_with(text, start, word))?;
    let open = skip_space(text, start + word.len());
    if text.as_bytes().get(open) != Some(&b'(') {
        return None;
    }
    let close = closing(text, open)?;
    let mut end = close + 1;
    let semicolon = skip_space(text, end);
    match text.as_bytes().get(semicolon) {
        Some(b';') => end = semicolon + 1,
        // `MODEL (…)` alone is the model of a seed.
        None => {}
        Some(_) => return None,
    }
    let name = (word == "MODEL")
        .then(|| name(&text[open + 1..close]))
        .flatten();
    Some(Model {
        header: start..end,
        name,
        makes: word == "MODEL",
        blueprints: properties(&text[open + 1..close])
            .any(|(key, _)| key.eq_ignore_ascii_case("blueprints")),
    })
}

/// The kind that the header of a model declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlMeshKind {
    /// The header declares no kind.
    Unsaid,
    /// A kind, by its name.
    Named(String),
    /// A computed or unreadable kind.
    Unknown,
}

/// Returns the kind of a text's model; `None` if the text is not a model.
pub fn sqlmesh_kind(text: &str) -> Option<SqlMeshKind> {
    let start = skip_space(text, 0);
    if !starts_with(text, start, "MODEL") {
        return None;
    }
    let open = skip_space(text, start + "MODEL".len());
    if text.as_bytes().get(open) != Some(&b'(') {
        return None;
    }
    let close = closing(text, open)?;
    let mut kinds = properties(&text[open + 1..close])
        .filter(|(key, _)| key.eq_ignore_ascii_case("kind"))
        .map(|(_, value)| kind(value));
    Some(match (kinds.next(), kinds.next()) {
        (None, _) => SqlMeshKind::Unsaid,
        (Some(only), None) => only,
        (Some(_), Some(_)) => SqlMeshKind::Unknown,
    })
}

/// Reads a kind: `FULL`, or `VIEW (materialized true)`.
fn kind(value: &str) -> SqlMeshKind {
    let length = value
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    let (name, rest) = value.split_at(length);
    let after = &rest[skip_space(rest, 0)..];
    match after.is_empty() || after.starts_with('(') {
        true if !name.is_empty() => SqlMeshKind::Named(name.to_owned()),
        _ => SqlMeshKind::Unknown,
    }
}

/// Iterates over the properties of a header, each as its first word and the rest.
fn properties(all: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= all.len() {
            return None;
        }
        let start = skip_space(all, at);
        let end = split_at_comma(all, start);
        at = end + 1;
        let property = all.get(start..end)?;
        let length = property
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let (key, rest) = property.split_at(length);
        Some((key, rest[skip_space(rest, 0)..].trim_end()))
    })
}

/// Reads `name db.table`; the result of a macro in it is unknown.
fn name(all: &str) -> Option<String> {
    let (_, value) = properties(all).find(|(key, _)| key.eq_ignore_ascii_case("name"))?;
    let mut name = String::new();
    let mut at = 0;
    while let Some(c) = value[at..].chars().next() {
        let after = skip_space(value, at);
        if after > at {
            at = after;
            continue;
        }
        at += c.len_utf8();
        match c {
            '`' | '"' | '\'' => {}
            '@' => {
                name.push_str(PLACEHOLDER);
                name.push_str("value");
                at = after_macro(value, at);
            }
            c => name.push(c),
        }
    }
    Some(name).filter(|name| !name.is_empty())
}

/// Returns the end of a macro whose name begins at a byte.
fn after_macro(text: &str, from: usize) -> usize {
    if text[from..].starts_with('{') {
        return text[from..]
            .find('}')
            .map_or(text.len(), |end| from + end + 1);
    }
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text[from..]
        .find(|c| !part(c))
        .map_or(text.len(), |end| from + end);
    match text[end..].starts_with('(') {
        true => closing(text, end).map_or(text.len(), |close| close + 1),
        false => end,
    }
}

/// Builds the template for MiniJinja from a model.
pub(super) fn template(text: &str, model: &Model, broken: &Broken) -> Rewritten {
    let mut into = Rewritten::default();
    into.copy(text, 0..model.header.start);
    // Spaces keep everything after the header at its written place.
    let blank: String = text[model.header.clone()]
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    into.put(&blank, model.header.clone());
    let mut writer = Writer {
        into,
        text,
        broken,
        blueprints: model.blueprints,
        definitions: Vec::new(),
    };
    writer.blocks(model.header.end);
    writer.into
}

struct Writer<'a> {
    into: Rewritten,
    text: &'a str,
    broken: &'a Broken,
    /// Whether names may be variables of a blueprint.
    blueprints: bool,
    /// `@DEF(name, value)`.
    definitions: Vec<(String, Range<usize>)>,
}

impl Writer<'_> {
    /// Rewrites the text after the header; text between `JINJA_QUERY_BEGIN` and
    /// `JINJA_END` is Jinja.
    fn blocks(&mut self, from: usize) {
        let mut at = from;
        while let Some((open, body)) =
            self.marker(at, &["JINJA_QUERY_BEGIN", "JINJA_STATEMENT_BEGIN"])
        {
            self.code(at..open, &[], DEPTH);
            let (close, after) = self
                .marker(body, &["JINJA_END"])
                .unwrap_or((self.text.len(), self.text.len()));
            match scan(self.text, body..close) {
                Ok(parts) => rewrite::parts(&mut self.into, self.text, &parts, self.broken),
                Err(_) => {
                    let parts = [Part::Text(body..close)];
                    rewrite::parts(&mut self.into, self.text, &parts, self.broken);
                }
            }
            at = after;
        }
        self.code(at..self.text.len(), &[], DEPTH);
    }

    /// Finds the first marker of a block, with its semicolon.
    fn marker(&self, from: usize, words: &[&str]) -> Option<(usize, usize)> {
        words
            .iter()
            .filter_map(|word| {
                let at = from + self.text.get(from..)?.find(word)?;
                let semicolon = skip_space(self.text, at + word.len());
                let closed = self.text.as_bytes().get(semicolon) == Some(&b';');
                Some((
                    at,
                    if closed {
                        semicolon + 1
                    } else {
                        at + word.len()
                    },
                ))
            })
            .min()
    }

    /// Rewrites SQL with macros; `bound` gives some names a value.
    fn code(&mut self, range: Range<usize>, bound: &[(&str, Range<usize>)], depth: usize) {
        // A text that is expanded several times is paid for each time.
        budget::spend(8 + range.len() / 16);
        let text = self.text;
        let bytes = text.as_bytes();
        let mut from = range.start;
        let mut at = range.start;
        while at < range.end {
            let next = skip_quoted(text, at).min(range.end);
            if next > at {
                at = next;
                continue;
            }
            match bytes[at] {
                b'@' if bytes.get(at + 1) == Some(&b'@') => {
                    at += 2;
                    while at < range.end && bytes[at] == b'@' {
                        at += 1;
                    }
                }
                b'@' => match self.at_sign(at, range.end) {
                    Some(call) => {
                        self.copy(from..at);
                        let end = call.end;
                        self.call(&call, at..end, bound, depth);
                        (from, at) = (end, end);
                    }
                    None => at += 1,
                },
                _ => at += 1,
            }
        }
        self.copy(from..range.end);
    }

    /// Copies text; braces in it are not tags.
    fn copy(&mut self, range: Range<usize>) {
        let mut from = range.start;
        while let Some((at, _)) = super::scan::opening(self.text, from, range.end) {
            self.into.copy(self.text, from..at);
            self.into.put("{{ \"{\" }}", at..at + 1);
            from = at + 1;
        }
        if from < range.end {
            self.into.copy(self.text, from..range.end);
        }
    }

    fn at_sign(&self, at: usize, end: usize) -> Option<Call> {
        let bytes = self.text.as_bytes();
        let braced = bytes.get(at + 1) == Some(&b'{');
        let start = if braced { at + 2 } else { at + 1 };
        let length = self.text[start..end]
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let name = &self.text[start..start + length];
        if !is_name(name) {
            return None;
        }
        let mut after = start + length;
        if braced {
            if bytes.get(after) != Some(&b'}') {
                return None;
            }
            after += 1;
        }
        let mut arguments = None;
        if !braced && bytes.get(after) == Some(&b'(') {
            let close = closing(self.text, after).filter(|close| *close < end)?;
            let mut list = Vec::new();
            let mut from = after + 1;
            while from < close {
                let to = split_at_comma(&self.text[..close], from);
                list.push(trimmed(self.text, from..to));
                from = to + 1;
            }
            arguments = Some(list);
            after = close + 1;
        }
        Some(Call {
            name: name.to_owned(),
            arguments,
            end: after,
        })
    }

    fn call(
        &mut self,
        call: &Call,
        place: Range<usize>,
        bound: &[(&str, Range<usize>)],
        depth: usize,
    ) {
        let name = call.name.to_ascii_lowercase();
        let Some(depth) = depth.checked_sub(1) else {
            let why = "macros are nested too deeply";
            return self.put_unknown(place, why);
        };
        let Some(arguments) = &call.arguments else {
            return self.name(&name, place, bound, depth);
        };
        let argument = |at: usize| arguments.get(at).cloned();
        match (name.as_str(), argument(0), argument(1)) {
            ("def", Some(defined), Some(value)) => {
                let defined = self.text[defined]
                    .trim_start_matches('@')
                    .to_ascii_lowercase();
                self.definitions.push((defined, value));
                // Its semicolon stays, as an empty statement.
                self.into.put("", place);
            }
            ("if", Some(condition), Some(yes)) => {
                self.condition(&condition, place.clone());
                self.code(yes, bound, depth);
                if let Some(no) = argument(2) {
                    self.into.put("{% else %}", place.clone());
                    self.code(no, bound, depth);
                }
                self.into.put("{% endif %}", place);
            }
            ("each", Some(items), Some(body)) => self.each(&items, &body, place, bound, depth),
            // Variables of a blueprint are not variables of the configuration.
            ("blueprint_var", Some(_), _) => {
                self.put_unknown(place, "each blueprint has another value");
            }
            ("var", Some(variable), default) => {
                let variable = self.text[variable].trim_matches(['\'', '"']).to_owned();
                let variable = literal(&variable.to_ascii_lowercase());
                let value = match default {
                    // The settings decide; otherwise the default is one of many
                    // possible values.
                    Some(default) => {
                        let default = literal(&self.text[default]);
                        format!("{{{{ __assumed({variable}, {default}) }}}}")
                    }
                    None => format!("{{{{ __variable({variable}) }}}}"),
                };
                self.into.put(&value, place);
            }
            // It is a single value in any context.
            ("eval", Some(body), None) if !self.text[body.clone()].starts_with('\'') => {
                self.into.put("(", place.clone());
                self.code(body, bound, depth);
                self.into.put(")", place);
            }
            ("sql", Some(body), None) if !self.text[body.clone()].starts_with('\'') => {
                self.code(body, bound, depth);
            }
            ("and" | "or", Some(_), _) => {
                let between = format!(" {} ", name.to_ascii_uppercase());
                self.into.put("(", place.clone());
                for (at, part) in arguments.iter().enumerate() {
                    if at > 0 {
                        self.into.put(&between, place.clone());
                    }
                    self.code(part.clone(), bound, depth);
                }
                self.into.put(")", place);
            }
            ("where" | "having" | "group_by" | "order_by" | "limit", Some(condition), None) => {
                self.condition(&condition, place.clone());
                let words = name.to_ascii_uppercase().replace('_', " ");
                self.into.put(&format!("{words}{{% endif %}}"), place);
            }
            _ => self.put_unknown(place, "unknown macro"),
        }
    }

    /// Rewrites `@name` without arguments.
    fn name(
        &mut self,
        name: &str,
        place: Range<usize>,
        bound: &[(&str, Range<usize>)],
        depth: usize,
    ) {
        if let Some((_, value)) = bound.iter().rev().find(|(known, _)| *known == name) {
            return self.code(value.clone(), &[], depth);
        }
        let defined = self
            .definitions
            .iter()
            .rev()
            .find(|(known, _)| known == name);
        if let Some((_, value)) = defined {
            return self.code(value.clone(), &[], depth);
        }
        if is_parameter(name) {
            // A parameter of the query has the same meaning: a value of the run.
            return self.copy(place);
        }
        if self.blueprints && name != "this_model" {
            return self.put_unknown(place, "each blueprint may have another value");
        }
        let value = match name {
            "this_model" => "{{ this }}".to_owned(),
            _ => format!("{{{{ __variable({}) }}}}", literal(name)),
        };
        self.into.put(&value, place);
    }

    fn condition(&mut self, condition: &Range<usize>, place: Range<usize>) {
        let text = self.text[condition.clone()].trim();
        let test = match text.to_ascii_lowercase().as_str() {
            "true" | "1" => "true".to_owned(),
            "false" | "0" => "false".to_owned(),
            _ => format!("__value({})", literal(text)),
        };
        self.into.put(&format!("{{% if {test} %}}"), place);
    }

    /// Expands `@EACH([a, b], x -> …)`: the body for each element, separated by
    /// commas.
    fn each(
        &mut self,
        items: &Range<usize>,
        body: &Range<usize>,
        place: Range<usize>,
        bound: &[(&str, Range<usize>)],
        depth: usize,
    ) {
        let text = self.text;
        let listed = text[items.clone()].starts_with(['[', '('])
            && text[items.clone()].ends_with([']', ')']);
        let lambda = text[body.clone()].split_once("->");
        let (Some((parameter, inner)), true) = (lambda, listed) else {
            return self.put_unknown(place, "the sequence of the loop is unknown");
        };
        let parameter = parameter.trim().to_ascii_lowercase();
        let inner = trimmed(text, body.end - inner.len()..body.end);
        let mut from = items.start + 1;
        let close = items.end - 1;
        let mut count = 0;
        while from < close {
            let to = split_at_comma(&text[..close], from);
            let item = trimmed(text, from..to);
            if count > 0 {
                self.into.put(", ", place.clone());
            }
            count += 1;
            if count > LARGEST {
                return self.put_unknown(place, "the sequence of the loop is too long");
            }
            let mut bound = bound.to_vec();
            bound.push((parameter.as_str(), item));
            self.code(inner.clone(), &bound, depth);
            from = to + 1;
        }
    }

    fn put_unknown(&mut self, place: Range<usize>, why: &str) {
        let stand_in = format!("{{{{ {} }}}}", unknown(&self.text[place.clone()], why));
        self.into.put(&stand_in, place);
    }
}

/// A call of a macro.
struct Call {
    name: String,
    arguments: Option<Vec<Range<usize>>>,
    end: usize,
}

/// Whether a name denotes a time or another property of a model's run.
fn is_parameter(name: &str) -> bool {
    let time = name
        .strip_prefix("start_")
        .or_else(|| name.strip_prefix("end_"))
        .or_else(|| name.strip_prefix("execution_"));
    matches!(
        time,
        Some("date" | "ds" | "ts" | "tstz" | "dt" | "dtntz" | "hour" | "epoch" | "millis")
    ) || matches!(
        name,
        "gateway" | "runtime_stage" | "model_kind_name" | "physical_version"
    )
}
