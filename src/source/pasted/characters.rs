//! Replaces characters that word processors and browsers substitute for plain ones.
//!
//! Strings, quoted names and comments are unchanged, except for Redash's parameters,
//! which also occur in strings.

use super::MappedText;
use super::lines::Line;
use crate::source::{SourceText, Span};

/// The lexical context of the current character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LexicalContext {
    Code,
    LineComment,
    BlockComment,
    /// A string or a quoted name, up to this quote.
    Quoted {
        quote: char,
        triple: bool,
    },
    /// A string that a curly quote opened.
    CurlyQuote(CurlyQuote),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CurlyQuote {
    Single,
    Double,
}

impl CurlyQuote {
    fn of(c: char) -> Option<Self> {
        match c {
            '‘' | '’' | '‚' | '‛' => Some(Self::Single),
            '“' | '”' | '„' | '‟' => Some(Self::Double),
            _ => None,
        }
    }

    fn plain(self) -> char {
        match self {
            Self::Single => '\'',
            Self::Double => '"',
        }
    }
}

/// The replaced characters by kind, each with the place of the first one.
#[derive(Default)]
struct ReplacedCharacters {
    spaces: Count,
    ends: Count,
    nothing: Count,
    quotes: Count,
    signs: Count,
    entities: Count,
    escapes: Count,
    parameters: Count,
}

#[derive(Default)]
struct Count {
    count: usize,
    first: u32,
}

impl Count {
    fn at(&mut self, place: Span) {
        if self.count == 0 {
            self.first = place.start;
        }
        self.count += 1;
    }

    fn report_replaced(&self, source: &SourceText, one: &str, many: &str, taken: &mut Vec<String>) {
        let at = source.position(self.first);
        match self.count {
            0 => {}
            1 => taken.push(format!("{one} (line {}, column {})", at.line, at.column)),
            count => taken.push(format!(
                "{count} {many} (the first in line {}, column {})",
                at.line, at.column
            )),
        }
    }
}

/// How much is read as something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Characters that SQL has nowhere outside of strings and comments.
    Strict,
    /// Also what a page or a chat writes in the place of a character: entities of HTML,
    /// escapes of Markdown, dashes, and the closing mark of a string whose opening one is
    /// straight. Only where the text does not parse otherwise.
    Lenient,
}

/// Writes a text with plain characters.
pub(super) fn plain(
    source: &SourceText,
    from: MappedText,
    reading: Reading,
    taken: &mut Vec<String>,
) -> MappedText {
    let mut met = ReplacedCharacters::default();
    let mut into = MappedText::default();
    let mut state = LexicalContext::Code;
    for piece in &from.pieces {
        if !piece.exact {
            into.made(&from.text[piece.start..piece.end], piece.written);
            continue;
        }
        let end = piece.written.end as usize;
        let mut at = piece.written.start as usize;
        while let Some(rest) = source.text().get(at..end).filter(|rest| !rest.is_empty()) {
            if let Some((parameter, length)) = parameter(rest) {
                let place = Span::new(at, at + length);
                met.parameters.at(place);
                into.made(&parameter, place);
                at += length;
                continue;
            }
            if reading == Reading::Lenient
                && let Some((text, kind, length, next)) = state.lenient(rest)
            {
                let place = Span::new(at, at + length);
                met.counter(kind).at(place);
                into.made(text, place);
                state = next;
                at += length;
                continue;
            }
            let (next, length) = state.step(rest);
            match state.plain(rest) {
                Some((text, count)) => {
                    let place = Span::new(at, at + length);
                    met.counter(count).at(place);
                    into.made(text, place);
                }
                None => into.exact(source.text(), at, at + length),
            }
            state = next;
            at += length;
        }
    }
    met.report_replaced(source, taken);
    into
}

/// Which lines begin outside of strings and comments.
pub(super) fn lines_in_code(text: &str, lines: &[Line]) -> Vec<bool> {
    let mut state = LexicalContext::Code;
    lines
        .iter()
        .map(|line| {
            let code = state == LexicalContext::Code;
            let mut at = line.start;
            let end = if line.kept { line.next } else { line.start };
            while let Some(rest) = text.get(at..end).filter(|rest| !rest.is_empty()) {
                let (next, length) = state.step(rest);
                state = next;
                at += length;
            }
            // A comment ends with its line also if the line's end was removed.
            if state == LexicalContext::LineComment {
                state = LexicalContext::Code;
            }
            code
        })
        .collect()
}

/// The plain meaning of a special character.
#[derive(Clone, Copy)]
enum CharacterClass {
    Space,
    LineEnd,
    Nothing,
    Quote,
    Sign,
    Entity,
    Escape,
}

/// Entities of HTML, with what they stand for.
const ENTITIES: [(&str, &str); 12] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&apos;", "'"),
    ("&#96;", "`"),
    ("&#x60;", "`"),
    ("&nbsp;", " "),
    ("&#160;", " "),
];

impl LexicalContext {
    /// What a text begins with that is written for something else, with the bytes that it
    /// takes and where the reader is after it.
    fn lenient(self, rest: &str) -> Option<(&'static str, CharacterClass, usize, Self)> {
        let c = rest.chars().next()?;
        let length = c.len_utf8();
        let sign = |text| Some((text, CharacterClass::Sign, length, self));
        match self {
            Self::Code => {
                if let Some((entity, text)) = ENTITIES
                    .into_iter()
                    .find(|(entity, _)| rest.starts_with(entity))
                {
                    // A quotation mark opens a string.
                    let (next, _) = Self::Code.step(text);
                    return Some((text, CharacterClass::Entity, entity.len(), next));
                }
                let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
                if escaped.is_some_and(|c| "_*<>[]()#+-.!|~=`".contains(c)) {
                    return Some(("", CharacterClass::Escape, 1, self));
                }
                match c {
                    '\u{2010}'..='\u{2013}' | '\u{2212}' => sign("-"),
                    '≥' => sign(">="),
                    '≤' => sign("<="),
                    '≠' => sign("!="),
                    _ => None,
                }
            }
            Self::Quoted {
                quote,
                triple: false,
            } => {
                let entity = ENTITIES
                    .into_iter()
                    .find(|(entity, text)| rest.starts_with(entity) && text.starts_with(quote));
                if let Some((entity, text)) = entity {
                    return Some((text, CharacterClass::Entity, entity.len(), Self::Code));
                }
                let curly = CurlyQuote::of(c).filter(|curly| curly.plain() == quote)?;
                let text = match curly {
                    CurlyQuote::Single => "'",
                    CurlyQuote::Double => "\"",
                };
                Some((text, CharacterClass::Quote, length, Self::Code))
            }
            Self::Quoted { .. } | Self::LineComment | Self::BlockComment | Self::CurlyQuote(_) => {
                None
            }
        }
    }

    /// Returns the context after the first token of a text, and its length in bytes.
    fn step(self, rest: &str) -> (Self, usize) {
        let mut chars = rest.chars();
        let Some(c) = chars.next() else {
            return (self, 0);
        };
        let one = c.len_utf8();
        match self {
            Self::Code => match c {
                '-' if rest.starts_with("--") => (Self::LineComment, 2),
                '#' => (Self::LineComment, 1),
                '/' if rest.starts_with("/*") => (Self::BlockComment, 2),
                '\'' | '"' | '`' => {
                    let triple = c != '`' && rest.len() >= 3 && rest[1..].starts_with([c]) && {
                        rest[2..].starts_with([c])
                    };
                    let quoted = Self::Quoted { quote: c, triple };
                    (quoted, if triple { 3 } else { 1 })
                }
                c => match CurlyQuote::of(c) {
                    Some(curly) => (Self::CurlyQuote(curly), one),
                    None => (Self::Code, one),
                },
            },
            Self::LineComment if c == '\n' => (Self::Code, 1),
            Self::BlockComment if rest.starts_with("*/") => (Self::Code, 2),
            Self::LineComment | Self::BlockComment => (self, one),
            Self::Quoted { quote, triple } => match c {
                // Even in a raw string, the next character does not end it.
                '\\' => (self, one + chars.next().map_or(0, char::len_utf8)),
                '\n' if !triple => (Self::Code, 1),
                c if c == quote && !triple => (Self::Code, 1),
                c if c == quote && chars.as_str().starts_with(&quote.to_string().repeat(2)) => {
                    (Self::Code, 3)
                }
                _ => (self, one),
            },
            Self::CurlyQuote(curly) => {
                let ends = c == '\n' || c == curly.plain() || CurlyQuote::of(c) == Some(curly);
                (if ends { Self::Code } else { self }, one)
            }
        }
    }

    /// Returns the replacement of a text's first character, if it has one.
    fn plain(self, rest: &str) -> Option<(&'static str, CharacterClass)> {
        let c = rest.chars().next()?;
        let quote = |curly: CurlyQuote| match curly {
            CurlyQuote::Single => ("'", CharacterClass::Quote),
            CurlyQuote::Double => ("\"", CharacterClass::Quote),
        };
        match self {
            Self::Code => match c {
                '\u{a0}'
                | '\u{1680}'
                | '\u{2000}'..='\u{200a}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{3000}' => Some((" ", CharacterClass::Space)),
                '\u{85}' | '\u{2028}' | '\u{2029}' => Some(("\n", CharacterClass::LineEnd)),
                '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}' => Some(("", CharacterClass::Nothing)),
                c => CurlyQuote::of(c).map(quote),
            },
            Self::CurlyQuote(curly) => (CurlyQuote::of(c) == Some(curly)).then(|| quote(curly)),
            Self::LineComment | Self::BlockComment | Self::Quoted { .. } => None,
        }
    }
}

impl ReplacedCharacters {
    fn counter(&mut self, kind: CharacterClass) -> &mut Count {
        match kind {
            CharacterClass::Space => &mut self.spaces,
            CharacterClass::LineEnd => &mut self.ends,
            CharacterClass::Nothing => &mut self.nothing,
            CharacterClass::Quote => &mut self.quotes,
            CharacterClass::Sign => &mut self.signs,
            CharacterClass::Entity => &mut self.entities,
            CharacterClass::Escape => &mut self.escapes,
        }
    }

    fn report_replaced(&self, source: &SourceText, taken: &mut Vec<String>) {
        for (count, one, many) in [
            (
                &self.spaces,
                "a non-breaking space was read as a plain space",
                "non-breaking spaces were read as plain spaces",
            ),
            (
                &self.ends,
                "an unusual line end was read as a plain line end",
                "unusual line ends were read as plain line ends",
            ),
            (
                &self.nothing,
                "a zero-width character was removed",
                "zero-width characters were removed",
            ),
            (
                &self.quotes,
                "a curly quotation mark was read as a straight quotation mark",
                "curly quotation marks were read as straight quotation marks",
            ),
            (
                &self.signs,
                "a typographic dash or operator was read as its plain form",
                "typographic dashes or operators were read as their plain forms",
            ),
            (
                &self.entities,
                "an HTML entity was read as its character",
                "HTML entities were read as their characters",
            ),
            (
                &self.escapes,
                "a backslash of Markdown was removed",
                "backslashes of Markdown were removed",
            ),
            (
                &self.parameters,
                "a parameter whose name contains spaces was read with underscores",
                "parameters whose names contain spaces were read with underscores",
            ),
        ] {
            count.report_replaced(source, one, many, taken);
        }
    }
}

/// Reads a Redash parameter whose name has spaces: `{{ Start date }}`. Returns it as
/// a template can name it, and its length in bytes. `None` for an expression of
/// Jinja.
fn parameter(rest: &str) -> Option<(String, usize)> {
    let inner = rest.strip_prefix("{{")?;
    let line = inner.split('\n').next()?;
    let (name, _) = line.split_once("}}")?;
    let length = name.len() + 4;
    let words: Vec<&str> = name
        .split([' ', '\t', '\u{a0}'])
        .filter(|word| !word.is_empty())
        .collect();
    let fits = |word: &&str| {
        let operator = matches!(*word, "and" | "else" | "if" | "in" | "is" | "not" | "or");
        !operator
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
    };
    if words.len() < 2 || !words.iter().all(fits) {
        return None;
    }
    let name = words.join("_");
    let digit = name.starts_with(|c: char| c.is_ascii_digit());
    let name = if digit { format!("_{name}") } else { name };
    Some((format!("{{{{ {name} }}}}"), length))
}
