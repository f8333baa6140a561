//! Failures of the program, as opposed to findings about datasets.

use std::fmt;
use std::path::PathBuf;

use super::output;
use crate::catalog::CatalogError;
use crate::record::WriteError;
use crate::report::{self, Diagnostic, InertSource, InertText, PlaceLabel};
use crate::source::files::ReadError;
use crate::toml_text::LoadError;
use crate::workspace::AssessError;

/// A failure; the program exits with status 2.
#[derive(Debug)]
pub(super) enum Failure {
    /// Invalid or conflicting arguments.
    Usage(String),
    /// A request that is refused, with the reasons.
    Refused(&'static str, Vec<String>),
    /// A file cannot be read.
    Read(ReadError),
    /// A registry is invalid, or threads cannot be started.
    Assess(AssessError),
    /// A file of definitions is invalid.
    Definitions(CatalogError),
    /// The publishing record cannot be written.
    Record(WriteError),
    /// A report or another file cannot be written.
    Write(PathBuf, std::io::Error),
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        Self::Definitions(error)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::Record(error)
    }
}

impl From<AssessError> for Failure {
    fn from(error: AssessError) -> Self {
        Self::Assess(error)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::Assess(AssessError::Load(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Refused(what, _) => write!(f, "{what}:"),
            Self::Read(error) => error.fmt(f),
            Self::Assess(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::Definitions(error) => error.fmt(f),
            Self::Write(path, error) => {
                write!(f, "{}: cannot be written: {error}", path.display())
            }
        }
    }
}

impl Failure {
    /// Reports the failure on standard error.
    pub(super) fn tell(&self) {
        let mut text = InertText::new();
        text.line(format_args!("headcount: {self}"));
        if let Self::Refused(_, reasons) = self {
            for reason in reasons {
                text.line(format_args!("  {reason}"));
            }
        }
        if let Self::Assess(AssessError::Load(LoadError::Invalid {
            what: _,
            source_text,
            errors,
        })) = self
        {
            let handler = report::handler(&output::drawn_beside());
            let source = InertSource::new(source_text);
            for error in errors {
                let diagnostic = Diagnostic {
                    message: &error.message,
                    severity: miette::Severity::Error,
                    code: None,
                    link: None,
                    help: error.help.as_deref(),
                    labels: vec![PlaceLabel {
                        range: error.span.range(),
                        text: None,
                    }],
                };
                text.diagnostic(&handler, Some(&source), &diagnostic);
            }
        }
        output::show_beside(&text);
    }
}
