//! Statements that a tool runs in addition to the text of a template. These are
//! dbt's hooks, and statements that a template executes while it is rendered.

use std::path::Path;

use super::run::RecordedStatement;
use super::{DbtConfig, DbtTableNames, TemplateSettings, render_text};
use crate::source::{SourceText, Span, files};

/// A statement that runs in addition to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideStatement {
    /// The kind of statement, such as `post-hook`.
    pub kind: String,
    /// The place in the text that runs it; the whole text if another file runs it.
    pub span: Span,
    /// The other file, with its line.
    pub place: Option<String>,
    /// The SQL, one text for each rendering; `None` if it is unknown.
    pub sql: Option<Vec<String>>,
    /// The text that defines it, if it cannot be read as SQL.
    pub defined: Option<String>,
    /// The tables whose rows it may change.
    pub reach: AffectedTables,
    /// Further names of the text's table, besides the name of the file.
    pub names: DbtTableNames,
}

/// The tables whose rows an additional statement may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AffectedTables {
    /// Only the table that the text creates. Changes of other tables are reported
    /// with those tables, or it is not even known to be a statement.
    Own,
    /// Any table.
    Any,
}

/// Converts a statement that the template itself executes.
pub(super) fn noted(
    noted: RecordedStatement,
    span: Span,
    path: &str,
    settings: &TemplateSettings,
) -> SideStatement {
    let sql = match noted.sql {
        Some(sql) if noted.template => rendered(path, &sql, settings),
        Some(sql) => Some(vec![sql]),
        None => None,
    };
    SideStatement {
        kind: noted.kind,
        span,
        place: None,
        sql,
        defined: None,
        reach: noted.reach,
        names: names(path, settings),
    }
}

fn names(path: &str, settings: &TemplateSettings) -> DbtTableNames {
    let project = settings.dbt.as_deref();
    project.map_or_else(DbtTableNames::default, |project| {
        project.names_of(Path::new(path))
    })
}

/// Collects the statements that other files run with a text, or with each run.
pub(super) fn of_files(source: &SourceText, settings: &TemplateSettings) -> Vec<SideStatement> {
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
    let hooks = hooks
        .into_iter()
        .flatten()
        .map(|hook| (hook, AffectedTables::Any));
    // Operations are compared with each table separately.
    let operations = operations.map(|hook| (hook, AffectedTables::Own));
    hooks
        .chain(operations)
        .map(|(hook, reach)| SideStatement {
            kind: hook.kind.clone(),
            span: Span::new(0, source.text().len()),
            place: Some(hook.place.clone()),
            sql: hook
                .sql
                .as_deref()
                .and_then(|sql| rendered(source.path(), sql, settings)),
            defined: hook.sql.clone(),
            reach,
            names: names(source.path(), settings),
        })
        .collect()
}

/// Collects the statements that dbt projects run before and after each run. They are
/// rendered in the context of a file.
pub fn operations(source: &SourceText, settings: &TemplateSettings) -> Vec<SideStatement> {
    let mut found = of_files(source, settings);
    let hooked = |beside: &SideStatement| beside.reach == AffectedTables::Own;
    found.retain(hooked);
    found
}

/// Collects the macros that create a model's table instead of dbt's own.
pub(super) fn of_making(
    source: &SourceText,
    settings: &TemplateSettings,
    configured: &DbtConfig,
) -> Vec<SideStatement> {
    let project = settings.dbt.iter();
    let own = project.flat_map(|project| project.own_makers(source.path(), configured));
    own.map(|(kind, file)| SideStatement {
        kind,
        span: Span::new(0, source.text().len()),
        place: file.map(|file| file.display().to_string()),
        sql: None,
        defined: file
            .and_then(|file| files::read(file).ok())
            .map(|text| text.text().to_owned()),
        reach: AffectedTables::Own,
        names: DbtTableNames::default(),
    })
    .collect()
}

/// Renders a template inside another one, with placeholders for unknown values.
/// `None` if statements of it may be missing.
fn rendered(path: &str, sql: &str, settings: &TemplateSettings) -> Option<Vec<String>> {
    let rendered = render_text(&SourceText::new(path, sql), settings);
    let known = rendered.capped.is_none()
        && rendered
            .renderings
            .iter()
            .all(|rendering| !rendering.problems.iter().any(|problem| problem.absent));
    if !known {
        return None;
    }
    // Statements that it runs while it is rendered run as well.
    let mut texts = Vec::new();
    for rendering in rendered.renderings {
        texts.push(rendering.text);
        for beside in rendering.beside {
            texts.extend(beside.sql?);
        }
    }
    Some(texts)
}
