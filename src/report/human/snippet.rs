//! Draws a finding at its place in the text, in a few lines.

use std::ops::Range;

use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};

use super::super::inert::{Diagnostic, InertSource, InertText, PlaceLabel};
use super::super::{ReportDetail, ReportOptions, words};
use crate::assessment::FileAssessment;
use crate::rules::{Finding, Severity};
use crate::source::{SourceText, Span};

/// Number of drawn lines of the text, including one before and one after the places.
const LINES: usize = 6;

/// Draws the findings of one file.
pub(super) struct Snippets<'a> {
    handler: GraphicalReportHandler,
    file: &'a FileAssessment,
    source: InertSource,
    /// Whether all places are drawn, however far apart they are.
    whole: bool,
    links: bool,
}

/// Returns the renderer for these options.
pub(crate) fn handler(options: &ReportOptions) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if options.ascii {
            ThemeCharacters::ascii()
        } else {
            ThemeCharacters::unicode()
        },
        styles: if options.color {
            ThemeStyles::ansi()
        } else {
            ThemeStyles::none()
        },
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(options.width)
        .with_context_lines(context(options))
        .with_break_words(false)
        // A name with a dash is one word.
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_links(false)
}

/// Returns the number of lines that are drawn before and after the places. A check
/// of many datasets shows only where to look, so it draws none.
fn context(options: &ReportOptions) -> usize {
    match options.detail {
        ReportDetail::Check if !options.verbose => 0,
        ReportDetail::Check | ReportDetail::Review => 1,
    }
}

impl<'a> Snippets<'a> {
    pub(super) fn new(file: &'a FileAssessment, options: &ReportOptions) -> Self {
        Self {
            handler: handler(options),
            file,
            source: InertSource::new(&file.source),
            whole: options.verbose,
            links: options.links,
        }
    }

    /// Draws a finding: its code and message, its places and its help.
    pub(super) fn draw(&self, text: &mut InertText, finding: &Finding) {
        let rule = finding.rule;
        let written = &self.file.source;
        let window = Window::around(written, finding.span, self.whole);
        let mut labels = vec![PlaceLabel {
            range: window.primary.clone(),
            text: Some(&finding.label),
        }];
        let mut window = window;
        let mut beyond = Vec::new();
        for label in &finding.labels {
            if label.elsewhere.is_none() && (self.whole || window.takes(written, label.span)) {
                labels.push(PlaceLabel {
                    range: label.span.range(),
                    text: Some(&label.message),
                });
            } else {
                beyond.push(label);
            }
        }
        let url = rule.url();
        let diagnostic = Diagnostic {
            message: &format!("{} {}: {}", rule.code, rule.name, finding.message),
            severity: match finding.severity {
                Severity::Note => miette::Severity::Advice,
                Severity::Warning => miette::Severity::Warning,
                Severity::Error => miette::Severity::Error,
            },
            code: None,
            link: self.links.then_some((rule.code, url.as_str())),
            help: Some(finding.help.as_str()).filter(|help| !help.is_empty()),
            labels,
        };
        let source = (!finding.span.is_empty()).then_some(&self.source);
        text.diagnostic(&self.handler, source, &diagnostic);
        if let Some(place) = &finding.elsewhere {
            text.line(format_args!("  found at {place}, which this file reads"));
        }
        for label in beyond {
            let place = match &label.elsewhere {
                Some(place) => place.to_string(),
                None => words::place(written, label.span),
            };
            text.line(format_args!("  {place}: {}", label.message));
        }
    }
}

/// The lines that a drawing shows.
struct Window {
    primary: Range<usize>,
    first: usize,
    last: usize,
}

impl Window {
    /// Creates a window for the primary place. If the place has more lines than are
    /// drawn, its first line is enough: a whole statement is recognised by its
    /// beginning.
    fn around(source: &SourceText, span: Span, whole: bool) -> Self {
        let (first, last) = super::super::lines(source, span);
        let range = span.range();
        if whole || last - first + 3 <= LINES {
            return Self {
                primary: range,
                first,
                last,
            };
        }
        let text = &source.text()[range.clone()];
        let end = text.find(['\n', '\r']).unwrap_or(text.len());
        Self {
            primary: range.start..range.start + text[..end].trim_end().len(),
            first,
            last: first,
        }
    }

    /// Adds a place if the drawing stays small enough, and returns whether it was
    /// added.
    fn takes(&mut self, source: &SourceText, span: Span) -> bool {
        let (first, last) = super::super::lines(source, span);
        let (first, last) = (first.min(self.first), last.max(self.last));
        let fits = last - first + 3 <= LINES;
        if fits {
            (self.first, self.last) = (first, last);
        }
        fits
    }
}
