//! Statements that the tool which renders a template runs beside its text: hooks of
//! dbt, and what a template executes while it is rendered.

use std::path::Path;

use super::run::Noted;
use super::{DbtConfigured, TemplateSettings, render_text};
use crate::source::{SourceText, Span, files};

/// A statement that runs beside a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// What it is: `post-hook`.
    pub kind: String,
    /// Where the text has it run; all of the text if another file says so.
    pub span: Span,
    /// The other file, with its line.
    pub place: Option<String>,
    /// What runs, in each way that it may go; `None` if that is not known.
    pub sql: Option<Vec<String>>,
    /// The text that says what it does, where nobody reads it as SQL.
    pub defined: Option<String>,
    /// Whose rows it may change.
    pub reach: Reach,
}

/// Whose rows a statement may change that runs beside a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of the table that the text makes. What it may do to others is said with
    /// them, or it is not known to be a statement at all.
    Own,
    /// Those of any table.
    Any,
}

/// A statement that a template itself says.
pub(super) fn noted(noted: Noted, span: Span, path: &str, settings: &TemplateSettings) -> Beside {
    let sql = match noted.sql {
        Some(sql) if noted.template => rendered(path, &sql, settings),
        Some(sql) => Some(vec![sql]),
        None => None,
    };
    Beside {
        kind: noted.kind,
        span,
        place: None,
        sql,
        defined: None,
        reach: noted.reach,
    }
}

/// The statements that other files have run beside a text, or before and after all.
pub(super) fn of_files(source: &SourceText, settings: &TemplateSettings) -> Vec<Beside> {
    let Some(project) = &settings.dbt else {
        return Vec::new();
    };
    let stem = Path::new(source.path()).file_stem();
    let hooks = project
        .package_of(source.path())
        .zip(stem.and_then(|stem| stem.to_str()))
        .and_then(|(package, stem)| package.hooks.get(stem));
    let packages = project.packages.iter();
    let operations = packages.flat_map(|package| &package.operations);
    let hooks = hooks.into_iter().flatten().map(|hook| (hook, Reach::Any));
    // These are held against each table by itself.
    let operations = operations.map(|hook| (hook, Reach::Own));
    hooks
        .chain(operations)
        .map(|(hook, reach)| Beside {
            kind: hook.kind.clone(),
            span: Span::new(0, source.text().len()),
            place: Some(hook.place.clone()),
            sql: hook
                .sql
                .as_deref()
                .and_then(|sql| rendered(source.path(), sql, settings)),
            defined: hook.sql.clone(),
            reach,
        })
        .collect()
}

/// What makes the table of a model in place of dbt's own ways to do so.
pub(super) fn of_making(
    source: &SourceText,
    settings: &TemplateSettings,
    configured: &DbtConfigured,
) -> Vec<Beside> {
    let project = settings.dbt.iter();
    let own = project.flat_map(|project| project.own_makers(source.path(), configured));
    own.map(|(kind, file)| Beside {
        kind,
        span: Span::new(0, source.text().len()),
        place: file.map(|file| file.display().to_string()),
        sql: None,
        defined: file
            .and_then(|file| files::read(file).ok())
            .map(|text| text.text().to_owned()),
        reach: Reach::Own,
    })
    .collect()
}

/// What a template that is a text of another one gives; `None` if a part of it is
/// not known.
fn rendered(path: &str, sql: &str, settings: &TemplateSettings) -> Option<Vec<String>> {
    let rendered = render_text(&SourceText::new(path, sql), settings);
    let known = rendered.capped.is_none()
        && rendered
            .renderings
            .iter()
            .all(|rendering| rendering.problems.is_empty());
    if !known {
        return None;
    }
    // What it has run itself while it is rendered, runs then too.
    let mut texts = Vec::new();
    for rendering in rendered.renderings {
        texts.push(rendering.text);
        for beside in rendering.beside {
            texts.extend(beside.sql?);
        }
    }
    Some(texts)
}
