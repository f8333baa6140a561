//! Failures of the program, as opposed to findings about datasets.

use std::fmt;
use std::path::{Path, PathBuf};

use super::output;
use crate::catalog::CatalogError;
use crate::record::WriteError;
use crate::report::{self, Diagnostic, InertSource, InertText, PlaceLabel};
use crate::source::files::{self, ReadError};
use crate::toml_text::{LoadError, nearest};
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
    /// What a setting of a configuration names can't be used.
    Setting {
        /// Where the setting is written.
        place: String,
        /// Its name.
        key: String,
        /// Why not.
        failure: Box<Self>,
    },
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
            Self::Read(error) => {
                error.fmt(f)?;
                match error {
                    ReadError::Missing { path } => match similar(path) {
                        Some(meant) => write!(f, "; did you mean `{}`?", meant.display()),
                        None => f.write_str("; check the path"),
                    },
                    _ => Ok(()),
                }
            }
            Self::Assess(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::Definitions(error) => error.fmt(f),
            Self::Setting {
                place,
                key,
                failure,
            } => {
                write!(f, "{place}: `{key}`: {failure}")?;
                let unreadable = matches!(
                    **failure,
                    Self::Assess(AssessError::Load(LoadError::Unreadable { .. }))
                );
                match unreadable {
                    true => write!(f, "; correct the path, or remove `{key}`"),
                    false => Ok(()),
                }
            }
            Self::Write(path, error) => {
                write!(f, "{}: cannot be written: {error}", path.display())
            }
        }
    }
}

/// Entries of a folder among which a similar name is looked for.
const ENTRIES: usize = 1_000;

/// A file or folder beside a path that is not there, with a similar name.
fn similar(path: &Path) -> Option<PathBuf> {
    let folder = files::listed(path.parent()?);
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let names: Vec<String> = entries
        .take(ENTRIES)
        .filter(|entry| entry.path().is_dir() || files::is_sql(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let meant = nearest(path.file_name()?.to_str()?, &names)?;
    Some(path.with_file_name(meant))
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
        let cause = match self {
            Self::Setting { failure, .. } => failure,
            other => other,
        };
        if let Self::Assess(AssessError::Load(LoadError::Invalid {
            what: _,
            source_text,
            errors,
        })) = cause
        {
            let handler = report::handler(&output::stderr_options());
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
        output::write_stderr(&text);
    }
}
