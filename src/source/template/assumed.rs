//! Handles defaults of variables that no setting gives.
//!
//! A default is the value of one run; the next run may use another value. So a
//! default is an unknown value that remembers its default. A condition on it is
//! undecided, as on any unknown value, and a name or another part of the text that
//! is made of it is open. If it is printed as a value (a number or a string), it
//! becomes a query parameter: a run has some value there, and which one is unknown.

use std::ops::Range;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::keywords::TYPED;
use super::lex::{EmbeddedMark, SqlToken, SqlTokenKind, lex};
use super::run::Mark;

/// The prefix of parameters that replace defaults.
const PARAMETER: &str = "assumed_";

/// Whether a parameter of a query replaces a default.
pub fn is_assumed(name: &str) -> bool {
    name.trim_start_matches('@').starts_with(PARAMETER)
}

/// Keywords that require a literal; that literal determines no value of a row.
const LITERAL: &[&str] = &["LIMIT", "OFFSET", "INTERVAL", "JSON"];

/// Returns a default as a template prints it; `None` if it is not a value of SQL.
pub(super) fn printed(default: &Value) -> Option<String> {
    match default.kind() {
        ValueKind::String => default.as_str().map(str::to_owned),
        ValueKind::Number => Some(default.to_string()),
        ValueKind::Bool => Some(if default.is_true() { "True" } else { "False" }.to_owned()),
        ValueKind::Undefined
        | ValueKind::None
        | ValueKind::Bytes
        | ValueKind::Seq
        | ValueKind::Map
        | ValueKind::Iterable
        | ValueKind::Plain
        | ValueKind::Invalid
        | _ => None,
    }
}

/// A value of SQL that is made of defaults, and its replacement.
pub(super) struct PrintedValue {
    /// The bytes of the value.
    pub(super) range: Range<usize>,
    /// The number of its first mark.
    pub(super) number: usize,
    /// The replacing text.
    pub(super) with: String,
}

/// Finds the values of SQL that are made of defaults alone. `part` decides if a
/// token is part of a name.
pub(super) fn printed_values(
    text: &str,
    tokens: &[SqlToken],
    inside: &[EmbeddedMark],
    marks: &[Mark],
    part: &dyn Fn(usize) -> bool,
) -> Vec<PrintedValue> {
    let default = |number: usize| match marks.get(number) {
        Some(Mark::Unknown { default, .. }) => default.as_deref(),
        Some(Mark::Table(_)) | None => None,
    };
    if !(0..marks.len()).any(|number| default(number).is_some()) {
        return Vec::new();
    }
    let mut values = Values::default();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let word = before.map_or_else(String::new, |before| {
            text[before.range.clone()].to_ascii_uppercase()
        });
        let typed = before.filter(|_| TYPED.contains(&word.as_str()));
        let literal = LITERAL.contains(&word.as_str());
        match token.kind {
            SqlTokenKind::Mark(number) => {
                let Some(default) = default(number).filter(|_| !part(at)) else {
                    continue;
                };
                match value(default) {
                    Some(_) if literal => values.keep(token.range.clone(), number, default),
                    Some(SqlTokenKind::Text) => {
                        values.put(token.range.clone(), number, typed, &word, default)
                    }
                    Some(_) if typed.is_none() => {
                        values.put(token.range.clone(), number, None, "", default);
                    }
                    Some(_) | None => {}
                }
            }
            SqlTokenKind::Text => {
                let within = |inside: &&EmbeddedMark| {
                    token.range.start <= inside.range.start && inside.range.end <= token.range.end
                };
                let mut of = inside.iter().filter(within).peekable();
                let Some(first) = of.peek().map(|first| first.number) else {
                    continue;
                };
                let mut all = String::new();
                let mut from = token.range.start;
                let mut whole = true;
                for mark in of {
                    all.push_str(&text[from..mark.range.start]);
                    from = mark.range.end;
                    match default(mark.number) {
                        Some(default) => all.push_str(default),
                        None => whole = false,
                    }
                }
                all.push_str(&text[from..token.range.end]);
                // A quote in a default ends the string.
                if !whole || value(&all) != Some(SqlTokenKind::Text) {
                    continue;
                }
                if literal {
                    values.keep(token.range.clone(), first, &all);
                } else {
                    values.put(token.range.clone(), first, typed, &word, &all);
                }
            }
            SqlTokenKind::Word
            | SqlTokenKind::Number
            | SqlTokenKind::Quoted
            | SqlTokenKind::Sign => {}
        }
    }
    values.all
}

/// Whether a text is a single value of SQL: a string or a number.
fn value(text: &str) -> Option<SqlTokenKind> {
    let lexed = lex(text).tokens;
    match lexed.as_slice() {
        [only] if matches!(only.kind, SqlTokenKind::Text | SqlTokenKind::Number) => Some(only.kind),
        [only] if ["True", "False"].contains(&&text[only.range.clone()]) => {
            Some(SqlTokenKind::Number)
        }
        [sign, only] if only.kind == SqlTokenKind::Number && &text[sign.range.clone()] == "-" => {
            Some(SqlTokenKind::Number)
        }
        [whole, point, rest]
            if whole.kind == SqlTokenKind::Number
                && &text[point.range.clone()] == "."
                && rest.kind == SqlTokenKind::Number =>
        {
            Some(SqlTokenKind::Number)
        }
        _ => None,
    }
}

#[derive(Default)]
struct Values {
    all: Vec<PrintedValue>,
    /// The distinct values by default; each has a parameter of its own.
    known: Vec<(usize, String)>,
}

impl Values {
    fn put(
        &mut self,
        range: Range<usize>,
        number: usize,
        typed: Option<&SqlToken>,
        word: &str,
        default: &str,
    ) {
        let key = (number, default.to_owned());
        let at = self.known.iter().position(|known| *known == key);
        let at = at.unwrap_or_else(|| {
            self.known.push(key);
            self.known.len() - 1
        });
        let parameter = format!("@{PARAMETER}{}", at + 1);
        let (range, with) = match typed {
            Some(typed) => (
                typed.range.start..range.end,
                format!("CAST({parameter} AS {word})"),
            ),
            None => (range, parameter),
        };
        self.all.push(PrintedValue {
            range,
            number,
            with,
        });
    }

    fn keep(&mut self, range: Range<usize>, number: usize, default: &str) {
        self.all.push(PrintedValue {
            range,
            number,
            with: default.to_owned(),
        });
    }
}
