//! Defaults of variables that nobody gives.
//!
//! A default is the value of one run: the next may be given another. So it is an
//! unknown value that remembers its default. A condition on it goes both ways, as on
//! any unknown, and a name or another part of the text that is made of it is open.
//! What is printed as a value, a number or a string, becomes a parameter: that a run
//! has one is known, and which one is not.

use std::ops::Range;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::keywords::TYPED;
use super::lex::{Inside, Kind, Token, lex};
use super::run::Mark;

/// How the parameters begin that stand for defaults.
const PARAMETER: &str = "assumed_";

/// Whether a parameter of a query stands for a default.
pub fn is_assumed(name: &str) -> bool {
    name.trim_start_matches('@').starts_with(PARAMETER)
}

/// Words that a literal has to follow; what they say decides about no value.
const LITERAL: &[&str] = &["LIMIT", "OFFSET", "INTERVAL", "JSON"];

/// A default as a template prints it; `None` for what is no value of SQL.
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

/// A value of SQL that is made of defaults, and what stands for it.
pub(super) struct Printed {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// The number of its first mark.
    pub(super) number: usize,
    /// What stands there.
    pub(super) with: String,
}

/// Where values of SQL are made of defaults alone; `part` tells whether a token is part
/// of a name.
pub(super) fn printed_values(
    text: &str,
    tokens: &[Token],
    inside: &[Inside],
    marks: &[Mark],
    part: &dyn Fn(usize) -> bool,
) -> Vec<Printed> {
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
            Kind::Mark(number) => {
                let Some(default) = default(number).filter(|_| !part(at)) else {
                    continue;
                };
                match value(default) {
                    Some(_) if literal => values.keep(token.range.clone(), number, default),
                    Some(Kind::Text) => {
                        values.put(token.range.clone(), number, typed, &word, default)
                    }
                    Some(_) if typed.is_none() => {
                        values.put(token.range.clone(), number, None, "", default);
                    }
                    Some(_) | None => {}
                }
            }
            Kind::Text => {
                let within = |inside: &&Inside| {
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
                // A default with a quote in it ends the string.
                if !whole || value(&all) != Some(Kind::Text) {
                    continue;
                }
                if literal {
                    values.keep(token.range.clone(), first, &all);
                } else {
                    values.put(token.range.clone(), first, typed, &word, &all);
                }
            }
            Kind::Word | Kind::Number | Kind::Quoted | Kind::Sign => {}
        }
    }
    values.all
}

/// Whether a text is one value of SQL: a string or a number.
fn value(text: &str) -> Option<Kind> {
    let lexed = lex(text).tokens;
    match lexed.as_slice() {
        [only] if matches!(only.kind, Kind::Text | Kind::Number) => Some(only.kind),
        [only] if ["True", "False"].contains(&&text[only.range.clone()]) => Some(Kind::Number),
        [sign, only] if only.kind == Kind::Number && &text[sign.range.clone()] == "-" => {
            Some(Kind::Number)
        }
        [whole, point, rest]
            if whole.kind == Kind::Number
                && &text[point.range.clone()] == "."
                && rest.kind == Kind::Number =>
        {
            Some(Kind::Number)
        }
        _ => None,
    }
}

#[derive(Default)]
struct Values {
    all: Vec<Printed>,
    /// What the values are by default: one parameter for each.
    known: Vec<(usize, String)>,
}

impl Values {
    fn put(
        &mut self,
        range: Range<usize>,
        number: usize,
        typed: Option<&Token>,
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
        self.all.push(Printed {
            range,
            number,
            with,
        });
    }

    fn keep(&mut self, range: Range<usize>, number: usize, default: &str) {
        self.all.push(Printed {
            range,
            number,
            with: default.to_owned(),
        });
    }
}
