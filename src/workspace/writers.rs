//! The statements that write a table, bound.

use std::sync::Arc;

use super::files_of::Makers;
use crate::assess::Surroundings;
use crate::plan::bind::{Dataset, bind_with};
use crate::plan::{Definition, Foreign, MadeBy, Writer};
use crate::source::template::{self, TemplateSettings};
use crate::source::{SourceText, files};
use crate::syntax::{self, StatementKind};

/// Follows the files that make a table.
pub(super) fn writers(
    makers: &Makers,
    around: &Surroundings<'_>,
    templates: &TemplateSettings,
) -> MadeBy {
    let mut definition = Definition {
        table: makers.table.clone(),
        writers: Vec::new(),
        repeated: false,
        doubt: None,
    };
    let mut last = String::new();
    for path in &makers.files {
        let shown = path.display().to_string();
        last.clone_from(&shown);
        let Ok(written) = files::read(path) else {
            let why = format!("is made by {shown}, which can't be read");
            return MadeBy::NotFollowed(why);
        };
        let rendered = template::render(&written, templates);
        let mut doubt = rendered
            .capped
            .as_ref()
            .map(|_| "its template may go in more ways than are followed".to_owned());
        for rendering in rendered.renderings {
            if doubt.is_none() && !rendering.problems.is_empty() {
                doubt = Some("a part of its template can't be rendered".to_owned());
            }
            let text = SourceText::new(written.path(), rendering.text);
            let script = syntax::parse(&text);
            script.each(&mut |statement| {
                if doubt.is_none() && matches!(statement.kind, StatementKind::Failed(_)) {
                    doubt = Some("a statement of it is not understood".to_owned());
                }
            });
            let foreign = Arc::new(Foreign {
                written: written.clone(),
                map: rendering.map,
            });
            let own = crate::source::Span::new(0, text.text().len() + 1).end;
            for dataset in bind_with(&text, &script, around, around) {
                if !writes(&dataset, makers) {
                    continue;
                }
                if doubt.is_none() {
                    doubt = dataset
                        .problems
                        .first()
                        .map(|problem| problem.message.clone());
                }
                if dataset.plan.root().is_none() {
                    doubt.get_or_insert("a statement of it is not understood".to_owned());
                    continue;
                }
                let adds = !dataset.statement.starts_with("create");
                definition.repeated |=
                    adds && (dataset.plan.has_parameters() || dataset.statement != "query");
                definition.writers.push(Writer {
                    plan: dataset.plan,
                    text: Arc::clone(&foreign),
                    own,
                    grafted: dataset.grafted,
                });
            }
        }
        if let Some(why) = doubt
            && definition.doubt.is_none()
        {
            definition.doubt = Some(format!("{shown}: {why}"));
        }
    }
    if definition.writers.is_empty() {
        let why = format!("is made by {last}, of which nothing was understood");
        return MadeBy::NotFollowed(why);
    }
    MadeBy::Statements(Arc::new(definition))
}

/// Whether a statement writes the table.
fn writes(dataset: &Dataset, makers: &Makers) -> bool {
    match &dataset.target {
        Some(target) => target.short().eq_ignore_ascii_case(&makers.table.short()),
        None => makers.unnamed && dataset.statement == "query",
    }
}
