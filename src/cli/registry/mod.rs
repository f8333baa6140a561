//! `headcount registry`. Each subcommand is one module.

pub(super) mod args;
mod check;
mod coverage;
mod import;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::configurations::STDIN;
use super::{Failure, run};
use crate::config::Config;
use crate::registry::{FILE_NAME, Registry};
use crate::source::{Position, SourceText};
use args::{Command, Common};

pub(super) fn run(registry: &args::Registry) -> Result<u8, Failure> {
    match &registry.command {
        Command::Check(check) => check::run(check),
        Command::Show(show) => show::run(show),
        Command::Import(import) => import::run(import),
        Command::Coverage(coverage) => coverage::run(coverage),
    }
}

/// Returns the registry file to use: the given one, that of the configuration, or
/// the nearest upward. `None` means the built-in registry.
fn chosen(start: &Path, common: &Common, config: &Config) -> Option<PathBuf> {
    common
        .registry
        .clone()
        .or_else(|| config.registry.clone())
        .or_else(|| Registry::find_upward(start))
}

/// Returns the text of a registry file, or of the built-in registry for `None`.
fn text(path: Option<&Path>) -> Result<SourceText, Failure> {
    Ok(match path {
        Some(path) => Registry::read_text(path)?,
        None => SourceText::new(format!("<built-in>/{FILE_NAME}"), Registry::builtin_text()),
    })
}

/// Parses a registry.
fn parsed(source: &SourceText) -> Result<Registry, Failure> {
    Registry::parse(source).map_err(|errors| Failure::from(Registry::invalid(source, errors)))
}

/// Returns the configuration of a path.
fn config(first: &Path, common: &Common) -> Result<Arc<Config>, Failure> {
    run::config(first, STDIN, &common.configured)
}

/// Formats a place as `file:line:column`.
fn place(source: &SourceText, offset: u32) -> String {
    let Position { line, column, .. } = source.position(offset);
    format!("{}:{line}:{column}", source.path())
}
