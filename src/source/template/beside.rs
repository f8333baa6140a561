//! Statements that the tool which renders a template runs beside its text: hooks of
//! dbt, and what a template executes while it is rendered.

use std::path::Path;

use super::run::Noted;
use super::{DbtConfigured, DbtNames, TemplateSettings, render_text};
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
    /// The names that the table of the text may have besides that of the file.
    pub names: DbtNames,
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
        names: names(path, settings),
    }
}

fn names(path: &str, settings: &TemplateSettings) -> DbtNames {
    let project = settings.dbt.as_deref();
    project.map_or_else(DbtNames::default, |project| {
        project.names_of(Path::new(path))
    })
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
            names: names(source.path(), settings),
        })
        .collect()
}

/// The statements that the projects of dbt have run before and after each run, as a
/// file sees them.
pub fn operations(source: &SourceText, settings: &TemplateSettings) -> Vec<Beside> {
    let mut found = of_files(source, settings);
    let hooked = |beside: &Beside| beside.reach == Reach::Own;
    found.retain(hooked);
    found
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
        names: DbtNames::default(),
    })
    .collect()
}

/// What a template that is a text of another one gives, with what stands for values
/// that are not known; `None` if nobody sees which statements it has.
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
