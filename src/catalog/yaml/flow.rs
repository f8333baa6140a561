//! Lines inside of brackets and of quotes: PyYAML lets them begin anywhere, YAML 1.2
//! deeper than what they belong to alone.

/// What such a line begins with, so that it stands deeper than anything.
const DEEPER: &str = "                                                                ";

/// The text with its lines inside of brackets and quotes put deeper; `None` where there are
/// none. What stands in either means the same wherever its lines begin.
pub(super) fn indented(text: &str) -> Option<String> {
    let mut done = String::with_capacity(text.len() + 256);
    let mut scanner = Scanner::default();
    let mut changed = false;
    for line in text.split_inclusive('\n') {
        let inside = scanner.open > 0 || scanner.quote.is_some() && !ends_document(line);
        if inside && !line.trim().is_empty() {
            done.push_str(DEEPER);
            changed = true;
        }
        scanner.line(line);
        done.push_str(line);
    }
    changed.then_some(done)
}

/// Whether a line ends or begins a document, in quotes too.
fn ends_document(line: &str) -> bool {
    line.starts_with("---") || line.starts_with("...")
}

/// The state of the scanner at the end of the lines so far.
#[derive(Default)]
struct Scanner {
    /// The number of open brackets.
    open: usize,
    /// The open quote.
    quote: Option<char>,
    /// The column of the key whose block scalar continues in the lines below it.
    literal: Option<usize>,
}

impl Scanner {
    fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if self.open == 0 && self.quote.is_none() {
            match self.literal {
                Some(key) if indent > key || line.trim().is_empty() => return,
                Some(_) | None => self.literal = None,
            }
        }
        let mut key = indent;
        // Whether a value may begin here.
        let mut begins = true;
        let mut before = ' ';
        let mut rest = line.char_indices().peekable();
        while let Some((at, character)) = rest.next() {
            if let Some(quote) = self.quote {
                let escapes = quote == '"' && character == '\\';
                let doubled = quote == '\''
                    && character == quote
                    && rest.peek().is_some_and(|(_, next)| *next == quote);
                if escapes || doubled {
                    rest.next();
                } else if character == quote {
                    self.quote = None;
                }
                before = character;
                continue;
            }
            let blank = rest.peek().is_none_or(|(_, next)| next.is_whitespace());
            match character {
                '#' if before.is_whitespace() => return,
                '"' | '\'' if begins => {
                    self.quote = Some(character);
                    begins = false;
                }
                '[' | '{' if begins => self.open += 1,
                ']' | '}' if self.open > 0 => {
                    self.open -= 1;
                    begins = false;
                }
                ',' if self.open > 0 => begins = true,
                ':' if blank || self.open > 0 && !begins => begins = true,
                '-' | '?' if begins && blank => key = at + 2,
                '|' | '>' if begins && self.open == 0 => {
                    self.literal = Some(key);
                    return;
                }
                character if character.is_whitespace() => {}
                // A tag or an anchor precedes its value.
                '!' | '&' if begins => {
                    while rest.next_if(|(_, next)| !next.is_whitespace()).is_some() {}
                }
                _ => begins = false,
            }
            before = character;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::indented;
    use crate::catalog::yaml::{Dates, read};
    use yaml_serde::Value;

    fn value(text: &str) -> Value {
        read("m.yaml", text, Dates::Texts).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn lines_in_brackets_begin_anywhere() {
        for (written, meant) in [
            ("a: [\n  \"x\"\n]\nb: 1\n", "a: [x]\nb: 1"),
            (
                "s:\n  a: [\n\"x\",\ny\n  ]\n  b: 1\n",
                "s:\n  a: [x, y]\n  b: 1",
            ),
            (
                "s:\n- a: {\n x: [1,\n2]\n}\n- b\n",
                "s:\n- a: {x: [1, 2]}\n- b",
            ),
            (
                "d: |\n  a: [\n  text\nk: [ # [\n'it''s ['\n]\n",
                "d: |\n  a: [\n  text\nk: [\"it's [\"]",
            ),
            (
                "l:\n- d: >-\n    a [\n  k: [\n]\n",
                "l:\n- d: 'a ['\n  k: []",
            ),
        ] {
            assert_eq!(value(written), value(meant), "{written}");
        }
    }

    #[test]
    fn lines_in_quotes_begin_anywhere() {
        for (written, meant) in [
            ("d: 'one\ntwo.'\nk: 1\n", "d: one two.\nk: 1"),
            (
                "s:\n  d: \"one\n\n two \\\n  three\"\n",
                "s:\n  d: \"one\\ntwo three\"",
            ),
            ("d: 'it''s [\n: x'\n", "d: \"it's [ : x\""),
        ] {
            assert_eq!(value(written), value(meant), "{written}");
        }
        assert!(read("m.yaml", "d: 'one\n--- two'\n", Dates::Texts).is_err());
    }

    #[test]
    fn what_stands_in_no_brackets_stays() {
        for text in ["a: 1\nb: x [\nc: 'y'\n", "d: |\n  [\n  x\n", "# [\na: b\n"] {
            assert_eq!(indented(text), None, "{text}");
        }
    }
}
