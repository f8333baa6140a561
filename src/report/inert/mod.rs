//! Text that is safe to print, whatever its parts contain.
//!
//! A terminal, a log or a reader must not act on anything in the output. Names,
//! queries, messages and paths come from strangers, and are not changed until they
//! become output. The command line prints only [`InertText`], which escapes all that
//! is added to it, and data that another program reads unchanged.

mod characters;
mod source;

use std::fmt::{self, Display, Write as _};
use std::ops::Deref;

use miette::{GraphicalReportHandler, LabeledSpan, MietteDiagnostic, Report};
use serde::Serialize;

pub(crate) use characters::{escape_line, is_active};
pub(crate) use source::InertSource;

use characters::{escape_commands, escape_hashes, escape_json, escape_styled, escape_tabbed};

/// A text that is safe to print.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InertText(String);

impl InertText {
    /// Creates an empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one line. Line ends within it are escaped, so that it stays one line.
    pub fn line(&mut self, line: impl Display) {
        self.0
            .push_str(&escape_commands(&escape_line(&line.to_string())));
        self.0.push('\n');
    }

    /// Adds one line whose parts have styles. Line ends and escape sequences within
    /// a part are escaped, so that no part styles another.
    pub(super) fn painted(&mut self, parts: &[(anstyle::Style, &str)]) {
        let mut line = String::new();
        for (style, part) in parts {
            // Writing to a String cannot fail.
            let _ = write!(line, "{style}{}{style:#}", escape_line(part));
        }
        self.0.push_str(&escape_commands(&line));
        self.0.push('\n');
    }

    /// Adds lines of a query or of a drawing without colours. Tabs stay.
    pub fn block(&mut self, lines: &str) {
        self.each_line(lines, |line| {
            escape_commands(&escape_tabbed(without_cr(line))).into_owned()
        });
    }

    /// Adds a diff. Its lines keep the line ends of the file: LF or CR LF.
    pub fn difference(&mut self, lines: &str) {
        self.each_line(lines, |line| {
            let bare = without_cr(line);
            format!(
                "{}{}",
                escape_commands(&escape_tabbed(bare)),
                &line[bare.len()..]
            )
        });
    }

    /// Adds lines that were drawn with colours, which stay.
    pub(crate) fn styled(&mut self, lines: &str) {
        self.each_line(lines, |line| {
            escape_commands(&escape_styled(without_cr(line))).into_owned()
        });
    }

    /// Adds each line as `escape` returns it. The argument of `escape` ends with CR
    /// if one is before the LF.
    fn each_line(&mut self, lines: &str, escape: impl Fn(&str) -> String) {
        for line in lines.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                Some(line) => {
                    self.0.push_str(&escape(line));
                    self.0.push('\n');
                }
                // A CR at the very end belongs to no line end.
                None => self.0.push_str(&escape(line).replace('\r', "\\r")),
            }
        }
    }

    /// Adds a finding or an error, drawn by miette at its place in the text. If it
    /// cannot be drawn, adds its message and its places.
    pub(crate) fn diagnostic(
        &mut self,
        handler: &GraphicalReportHandler,
        source: Option<&InertSource>,
        diagnostic: &Diagnostic<'_>,
    ) {
        let mut drawn = MietteDiagnostic::new(escape_line(diagnostic.message))
            .with_severity(diagnostic.severity);
        drawn.code = diagnostic.code.map(escape_line);
        drawn.help = diagnostic.help.map(|help| {
            // Only the first line of a help is a sentence; a block of text may
            // follow.
            let lines = help.split('\n').map(escape_line);
            lines.collect::<Vec<_>>().join("\n")
        });
        // All places are drawn with the text between them, as one piece.
        let starts = diagnostic.labels.iter().map(|label| label.range.start);
        let ends = diagnostic.labels.iter().map(|label| label.range.end);
        let piece = starts.min().unwrap_or(0)..ends.max().unwrap_or(0);
        let drawable = |source: &&InertSource| source.is_drawable(piece.clone());
        let undrawn = source.filter(|source| !drawable(source));
        let source = source.filter(drawable);
        if let Some(source) = source {
            let labels = diagnostic.labels.iter().enumerate().map(|(at, label)| {
                let text = label.text.filter(|text| !text.is_empty()).map(escape_line);
                let range = source.range(label.range.clone());
                if at == 0 {
                    LabeledSpan::new_primary_with_span(text, range)
                } else {
                    LabeledSpan::new_with_span(text, range)
                }
            });
            drawn.labels = Some(labels.collect());
        }
        let mut report = Report::new(drawn);
        if let Some(source) = source {
            report = report.with_source_code(source.clone());
        }
        let mut text = String::new();
        if handler.render_report(&mut text, report.as_ref()).is_ok() {
            let before = self.0.len();
            self.styled(&text);
            self.link(before, diagnostic.link);
        } else {
            let code = diagnostic.code.unwrap_or("error");
            self.line(format_args!("{code}: {}", diagnostic.message));
        }
        // The places of a piece that is too long to be drawn are written as
        // positions.
        if let Some(source) = undrawn {
            for label in &diagnostic.labels {
                let place = source.place(&label.range);
                self.line(format_args!(
                    "  at {place}: {}",
                    label.text.unwrap_or("here")
                ));
            }
        }
    }

    /// Links a word after byte `from`, if it is there, to a page (OSC 8). The word
    /// and the address must come from the program itself.
    fn link(&mut self, from: usize, link: Option<(&str, &str)>) {
        let Some((word, url)) = link else { return };
        if let Some(at) = self.0[from..].find(word).map(|at| at + from) {
            let linked = format!("\u{1b}]8;;{url}\u{1b}\\{word}\u{1b}]8;;\u{1b}\\");
            self.0.replace_range(at..at + word.len(), &linked);
        }
    }

    /// Adds a workflow command of GitHub Actions, which begins with two colons. The
    /// caller encodes its parts.
    pub(super) fn workflow_command(&mut self, command: &str) {
        self.0
            .push_str(&escape_hashes(&escape_line(command), "\\x23"));
        self.0.push('\n');
    }

    /// Adds another text.
    pub fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// Creates a page for a browser. Only characters are escaped, because its
    /// template escapes markup.
    pub(super) fn page(text: &str) -> Self {
        let mut page = Self::new();
        page.each_line(text, |line| escape_tabbed(without_cr(line)).into_owned());
        page
    }

    /// Creates a JSON document over several lines. Programs read the same values;
    /// active characters are written as JSON escapes.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        // Keys are strings and numbers are finite, so this cannot fail.
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        let mut text = escape_json(text);
        text.push('\n');
        Self(text)
    }

    /// Adds a JSON document as one line.
    pub(crate) fn json_line(&mut self, value: &serde_json::Value) {
        self.0.push_str(&escape_json(value.to_string()));
        self.0.push('\n');
    }
}

fn without_cr(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// The content of a drawing by [`InertText::diagnostic`].
pub(crate) struct Diagnostic<'a> {
    pub(crate) message: &'a str,
    pub(crate) severity: miette::Severity,
    pub(crate) code: Option<&'a str>,
    /// The word at the beginning of the message, and the page that it links to on a
    /// terminal.
    pub(crate) link: Option<(&'a str, &'a str)>,
    pub(crate) help: Option<&'a str>,
    /// The places; the primary place is first.
    pub(crate) labels: Vec<PlaceLabel<'a>>,
}

/// A place in the text, with its label.
pub(crate) struct PlaceLabel<'a> {
    /// Bytes of the original text.
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) text: Option<&'a str>,
}

impl Deref for InertText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Display for InertText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<[u8]> for InertText {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::InertText;

    #[test]
    fn a_line_stays_one_and_a_block_keeps_its_lines() {
        let mut text = InertText::new();
        text.line("a\n::error::b\r");
        text.block("a\\r\n\tb\r\n ::c\rd\n");
        text.difference("+e\r\n f\r");
        text.styled("\n\u{1b}[1mx\u{1b}[0m\r\n");
        assert_eq!(
            &*text,
            "a\\n::error::b\\r\na\\r\n\tb\n \\x3a:c\\rd\n+e\r\n f\\r\n\u{1b}[1mx\u{1b}[0m\n"
        );
    }
}
