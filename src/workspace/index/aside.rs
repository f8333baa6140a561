//! Statements that run without a SQL file: dbt hooks, schedules of bigquery-etl, and
//! statements in the configuration of SQLMesh.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::{Builder, Call, Routine, WritingFile, lossy};
use crate::catalog::layout::dbt::PROJECT_FILE;
use crate::catalog::layout::{place, scheduled_elsewhere};
use crate::catalog::{TablePattern, sqlmesh};
use crate::plan::ForeignText;
use crate::plan::bind::{WriteKind, writes};
use crate::source::template::{self, SideStatement, TemplateSettings};
use crate::source::{SourceText, Span, files};
use crate::syntax;

impl Builder {
    /// Adds what a statement that runs beside the text of a file may write.
    pub(super) fn beside(&mut self, beside: &SideStatement, file: usize) {
        let said = match &beside.place {
            Some(place) => format!("the {} in {place}", beside.kind),
            None => format!("its {}", beside.kind),
        };
        let first = self.index.entries.len();
        let Some(texts) = &beside.sql else {
            let kind = WriteKind::Hidden(format!("{said} is unknown"));
            self.push(TablePattern::any(), beside.span, kind, file);
            self.index.entries[first].beside = true;
            return;
        };
        for text in texts {
            let source = SourceText::new("", text.as_str());
            let script = syntax::parse(&source);
            let found = writes(&source, &script);
            for write in found.writes {
                let kind = match write.kind {
                    WriteKind::ExecuteImmediate => WriteKind::ExecuteImmediate,
                    deleted @ WriteKind::Deleted(_) => deleted,
                    WriteKind::Rows | WriteKind::Hidden(_) => {
                        WriteKind::Hidden(format!("{said} may write it"))
                    }
                };
                self.push(write.target, beside.span, kind, file);
            }
            for call in found.calls {
                self.calls.push(Call {
                    name: call.name,
                    span: beside.span,
                    routine: call.routine.map(|routine| Routine::of(&routine, None)),
                    file,
                    project: None,
                    generator: false,
                });
            }
        }
        for entry in &mut self.index.entries[first..] {
            entry.beside = true;
        }
    }

    /// Adds the statements in SQLMesh configurations.
    pub(super) fn configured(&mut self, root: &Path) {
        for config in sqlmesh::config_folders(root)
            .iter()
            .filter_map(|folder| sqlmesh::config_in(folder))
            .filter(|config| !config.statements.is_empty())
        {
            let text = files::read(&config.path).unwrap_or_else(|_| lossy(&config.path));
            let what = "the configuration of SQLMesh runs a statement";
            let hidden = || WriteKind::Hidden(what.to_owned());
            let file = self.index.files.len();
            for statement in config.statements {
                // A macro or a template may expand to any statement.
                let known = statement.filter(|sql| !sql.contains(['@', '{']));
                let Some(sql) = known else {
                    self.push(TablePattern::any(), Span::default(), hidden(), file);
                    continue;
                };
                let source = SourceText::new("", sql);
                let found = writes(&source, &syntax::parse(&source));
                for write in found.writes {
                    let kind = match write.kind {
                        deleted @ WriteKind::Deleted(_) => deleted,
                        WriteKind::Rows | WriteKind::Hidden(_) | WriteKind::ExecuteImmediate => {
                            hidden()
                        }
                    };
                    self.push(write.target, Span::default(), kind, file);
                }
                for call in found.calls {
                    self.calls.push(Call {
                        name: call.name,
                        span: Span::default(),
                        routine: None,
                        file,
                        project: None,
                        generator: false,
                    });
                }
            }
            self.index.files.push(WritingFile {
                path: config.path,
                text: Arc::new(ForeignText::as_written(text)),
                checked: OnceLock::new(),
            });
        }
    }

    /// Adds the table that a file creates by its path in bigquery-etl's layout.
    pub(super) fn placed(&mut self, path: &Path) {
        let Some(place) = place(&files::absolute(path)).filter(|place| place.makes) else {
            return;
        };
        let what = "a folder with its own configuration creates it".to_owned();
        let file = self.index.files.len();
        self.push(
            TablePattern::of(&place.table),
            Span::default(),
            WriteKind::Hidden(what),
            file,
        );
        let text = files::read(path).unwrap_or_else(|_| lossy(path));
        self.index.files.push(WritingFile {
            path: path.to_owned(),
            text: Arc::new(ForeignText::as_written(text)),
            checked: OnceLock::new(),
        });
    }

    /// Adds the statements that a dbt project runs before and after each run.
    pub(super) fn operated(&mut self, templates: &TemplateSettings) {
        let Some(project) = templates.dbt.as_deref() else {
            return;
        };
        let Some(path) = project.packages.first().map(|own| own.root.clone()) else {
            return;
        };
        let path = files::shown(&path.join(PROJECT_FILE));
        let text = files::read(&path).unwrap_or_else(|_| lossy(&path));
        let file = self.index.files.len();
        for beside in template::operations(&text, templates) {
            self.beside(&beside, file);
        }
        self.index.files.push(WritingFile {
            path,
            text: Arc::new(ForeignText::as_written(text)),
            checked: OnceLock::new(),
        });
    }

    /// Adds the queries that are scheduled to write another table than their
    /// folder's.
    pub(super) fn scheduled(&mut self, root: &Path) {
        for scheduled in scheduled_elsewhere(root) {
            let text = files::read(&scheduled.query).unwrap_or_else(|_| lossy(&scheduled.query));
            let file = self.index.files.len();
            self.index.files.push(WritingFile {
                path: scheduled.query,
                text: Arc::new(ForeignText::as_written(text)),
                checked: OnceLock::new(),
            });
            let known = scheduled.hidden.is_none();
            let kind = scheduled.hidden.map_or(WriteKind::Rows, WriteKind::Hidden);
            let at = self.push(scheduled.table, Span::default(), kind, file);
            self.index.entries[at].unnamed = known;
        }
    }
}
