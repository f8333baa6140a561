//! Why the program could not do its job.

use std::fmt;
use std::path::PathBuf;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
};

use crate::catalog::CatalogError;
use crate::source::files::ReadError;
use crate::toml_text::LoadError;
use crate::workspace::AssessError;

/// A failure, which ends with status 2.
#[derive(Debug)]
pub(super) enum Failure {
    /// Arguments that do not go together.
    Usage(String),
    /// A file.
    Read(ReadError),
    /// Registries or threads.
    Assess(AssessError),
    /// A file of definitions.
    Definitions(CatalogError),
    /// The report can't be written.
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
            Self::Read(error) => error.fmt(f),
            Self::Assess(error) => error.fmt(f),
            Self::Definitions(error) => error.fmt(f),
            Self::Write(path, error) => {
                write!(f, "{}: it can't be written: {error}", path.display())
            }
        }
    }
}

impl Failure {
    /// Tells it on standard error.
    pub(super) fn tell(&self) {
        let mut text = format!("headcount: {self}\n");
        if let Self::Assess(AssessError::Load(LoadError::Invalid {
            what: _,
            source_text,
            errors,
        })) = self
        {
            let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
            for error in errors {
                let mut diagnostic = MietteDiagnostic::new(error.message.clone())
                    .with_label(LabeledSpan::new_primary_with_span(None, error.span.range()));
                diagnostic.help.clone_from(&error.help);
                let report = Report::new(diagnostic).with_source_code(NamedSource::new(
                    source_text.path(),
                    source_text.text().to_owned(),
                ));
                if handler.render_report(&mut text, report.as_ref()).is_err() {
                    text.push_str(&format!("{}\n", error.message));
                }
            }
        }
        // Where standard error is closed nobody listens.
        let _ = std::io::Write::write_all(&mut anstream::stderr(), text.as_bytes());
    }
}
