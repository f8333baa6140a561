//! The functions that a repository defines: `sql/PROJECT/DATASET/NAME/udf.sql`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::catalog::layout::place;
use crate::plan::{Foreign, Routines};
use crate::source::files::listed;
use crate::source::template::{self, TemplateSettings};
use crate::source::{SourceText, files};
use crate::syntax;

/// Functions by name, in lower case.
#[derive(Debug, Default)]
pub(super) struct Functions {
    texts: Vec<Routines>,
    /// By the whole name, and by dataset and name alone where only one project
    /// has such; `None` where several do.
    by_name: HashMap<String, Option<usize>>,
}

impl Functions {
    /// All under a folder. A text of which not every part is certain is left out:
    /// its functions then are ones that nobody can see into.
    pub(super) fn under(root: &Path, templates: &TemplateSettings) -> Self {
        let mut functions = Self::default();
        let root = std::path::absolute(listed(root)).unwrap_or_else(|_| root.to_owned());
        for path in files::under(&root.join("sql")).unwrap_or_default() {
            if path.file_name().is_none_or(|name| name != "udf.sql") {
                continue;
            }
            let (Some(place), Ok(text)) = (place(&path), files::read(shown(&path))) else {
                continue;
            };
            let rendered = template::render(&text, templates);
            let [rendering] = rendered.renderings.as_slice() else {
                continue;
            };
            if rendered.capped.is_some() || !rendering.problems.is_empty() {
                continue;
            }
            let source = SourceText::new(text.path(), rendering.text.as_str());
            let script = syntax::parse(&source);
            let at = functions.texts.len();
            functions.texts.push(Routines {
                text: Arc::new(Foreign {
                    written: text,
                    map: rendering.map.clone(),
                }),
                rendered: source,
                script,
            });
            let whole = place.table.to_string().to_lowercase();
            let short = place.table.short().to_lowercase();
            functions.by_name.insert(whole, Some(at));
            functions
                .by_name
                .entry(short)
                .and_modify(|known| *known = None)
                .or_insert(Some(at));
        }
        functions
    }

    /// The text that defines a function: of a project, where the name says none.
    pub(super) fn get(&self, name: &str, project: Option<&str>) -> Option<&Routines> {
        let of_project = project.map(|project| format!("{}.{name}", project.to_lowercase()));
        let own = of_project.and_then(|name| self.by_name.get(&name));
        let at = own.or_else(|| self.by_name.get(name))?;
        at.map(|at| &self.texts[at])
    }
}

/// A path as messages show it.
fn shown(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path)
}
