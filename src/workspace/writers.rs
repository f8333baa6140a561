//! The bound statements that write a table.

use std::path::Path;
use std::sync::Arc;

use super::files_of::{DefiningFile, DefiningFiles};
use super::renderings::Renderings;
use super::runs::RunEffect;
use super::served::NestedConfigs;
use crate::assess::{self, Surroundings};
use crate::catalog::{NameMatch, TablePattern};
use crate::config::Layout;
use crate::plan::bind::{Dataset, ProblemKind, bind_writers};
use crate::plan::{Definition, Doubt, ForeignText, TableMaker, Writer};
use crate::source::template::TemplateSettings;
use crate::source::{SourceText, Span, files};
use crate::syntax::{self, StatementKind};

/// How the files of a repository are rendered and run.
pub(super) struct ReadContext<'a> {
    pub(super) root: &'a Path,
    pub(super) layout: Option<Layout>,
    pub(super) templates: &'a TemplateSettings,
    /// The nested configurations, which apply to their own files.
    pub(super) served: &'a NestedConfigs,
    /// Known renderings.
    pub(super) renderings: &'a Renderings,
}

impl<'a> ReadContext<'a> {
    /// Returns how one file is rendered and run, according to its configuration.
    pub(super) fn of(&self, file: &Path) -> Self {
        match self.served.serving(file) {
            Some(own) => Self {
                root: &own.root,
                layout: Some(own.layout),
                templates: &own.templates,
                ..*self
            },
            None => Self { ..*self },
        }
    }
}

/// Follows the files that create a table.
///
/// `around` returns the context of a file, and the project for names without one in
/// it.
pub(super) fn writers<'a>(
    makers: &DefiningFiles,
    reading: &ReadContext<'_>,
    around: impl Fn(&DefiningFile) -> (Surroundings<'a>, Option<String>),
) -> TableMaker {
    let mut found = DefinitionBuilder {
        definition: Definition {
            table: makers.table.clone(),
            writers: Vec::new(),
            repeated: false,
            given: false,
            deleted: makers.deleted.clone(),
            doubts: makers.doubts.clone(),
            height: 1,
        },
    };
    for maker in &makers.files {
        let (around, project) = around(maker);
        found.file(makers, maker, reading, &around, project.as_deref());
    }
    let definition = found.definition;
    if definition.writers.is_empty() {
        if definition.doubts.is_empty() {
            return not_followed(makers, "no statement of it was understood");
        }
        return TableMaker::NotFollowed(definition.doubts);
    }
    TableMaker::Statements(Arc::new(definition))
}

/// Returns the definition of a table whose files are not followed, with the reason.
pub(super) fn not_followed(makers: &DefiningFiles, why: &str) -> TableMaker {
    let last = makers.files.last();
    let path = last.map(|maker| maker.path.display().to_string());
    let path = path.unwrap_or_default();
    let message = said(makers, &path, why);
    TableMaker::NotFollowed(vec![Doubt {
        text: Arc::new(ForeignText::as_written(SourceText::new(path, ""))),
        span: Span::default(),
        dynamic: false,
        message,
        help: HELP.to_owned(),
    }])
}

const HELP: &str = "run `headcount check` on that file for the part and its fix";

struct DefinitionBuilder {
    definition: Definition,
}

impl DefinitionBuilder {
    fn file(
        &mut self,
        makers: &DefiningFiles,
        maker: &DefiningFile,
        reading: &ReadContext<'_>,
        around: &Surroundings<'_>,
        project: Option<&str>,
    ) {
        let shown = maker.path.display().to_string();
        let written = match files::read(&maker.path) {
            Ok(written) => written,
            Err(error) => {
                let text = Arc::new(ForeignText::as_written(SourceText::new(shown.as_str(), "")));
                self.doubt(makers, &shown, &text, Span::default(), &error.to_string());
                return;
            }
        };
        let reading = &reading.of(&maker.path);
        let rendered = reading.renderings.of(&written, reading.templates);
        if rendered.capped.is_some() {
            let text = Arc::new(ForeignText::as_written(written.clone()));
            let why = "its template has more renderings than are analysed";
            self.doubt(makers, &shown, &text, first_line(&written), why);
        }
        for rendering in rendered.renderings {
            let configured = &rendering.configured;
            let runs = RunEffect::of(reading, makers, maker, written.text(), configured);
            self.definition.given |= rendering.given;
            if let Some(problem) = rendering.problems.first() {
                let text = Arc::new(ForeignText::as_written(written.clone()));
                let why = "a part of its template cannot be rendered";
                self.doubt(makers, &shown, &text, problem.span, why);
            }
            let mut beside = rendering.beside.iter();
            if let Some(why) = beside.find_map(|beside| assess::doubt(beside, &written)) {
                let text = Arc::new(ForeignText::as_written(written.clone()));
                self.doubt(makers, &shown, &text, first_line(&written), &why);
            }
            let text = SourceText::new(written.path(), rendering.text);
            let script = syntax::parse(&text);
            let foreign = Arc::new(ForeignText {
                written: written.clone(),
                map: rendering.map,
                given: false,
            });
            script.each(&mut |statement| {
                if matches!(statement.kind, StatementKind::Failed(_)) {
                    let why = "a statement of it could not be parsed";
                    self.doubt(makers, &shown, &foreign, statement.span, why);
                }
            });
            let own = Span::new(0, text.text().len() + 1).end;
            for dataset in bind_writers(&text, &script, around, around) {
                if writes(&dataset, makers, maker, project) {
                    self.dataset(makers, &shown, &foreign, own, dataset, runs);
                }
            }
        }
    }

    fn dataset(
        &mut self,
        makers: &DefiningFiles,
        shown: &str,
        text: &Arc<ForeignText>,
        own: u32,
        dataset: Dataset,
        runs: RunEffect,
    ) {
        // One problem of the file itself suffices; those of other files are all
        // reported.
        let mut first = true;
        for problem in &dataset.problems {
            let here = problem.span.start < own;
            if first || !here {
                self.problem(makers, shown, text, own, &dataset, problem);
            }
            first &= !here;
        }
        if dataset.plan.root().is_none() {
            if dataset.problems.is_empty() {
                let why = "a statement of it is not understood";
                self.doubt(makers, shown, text, dataset.span, why);
            }
            return;
        }
        let mut read = dataset.grafted.tables.iter();
        self.definition.given |= read.any(|(table, _)| table.given);
        // The text of a called function may also depend on a template value.
        let mut read = dataset.grafted.segments.iter();
        self.definition.given |= read.any(|segment| segment.text.given);
        self.definition.repeated |= match dataset.statement {
            "query" => runs.keep_rows(&dataset.plan, self.definition.given),
            _ if dataset.fresh => false,
            statement => !statement.starts_with("create") && statement != "rename",
        };
        let read = dataset.grafted.tables.iter();
        let highest = read.map(|(table, _)| table.height + 1).max();
        self.definition.height = self.definition.height.max(highest.unwrap_or(1));
        self.definition.writers.push(Writer {
            plan: dataset.plan,
            text: Arc::clone(text),
            own,
            grafted: dataset.grafted,
            named: dataset.named,
        });
    }

    /// Records a problem of a statement.
    ///
    /// Its position may be in a file that this one reads: then the message is the
    /// one for that file.
    fn problem(
        &mut self,
        makers: &DefiningFiles,
        shown: &str,
        text: &Arc<ForeignText>,
        own: u32,
        dataset: &Dataset,
        problem: &crate::plan::bind::Problem,
    ) {
        let within = |segment: &&crate::plan::Segment| {
            segment.start <= problem.span.start && problem.span.start < segment.end
        };
        let segment = dataset.grafted.segments.iter().find(within);
        let dynamic = problem.kind == ProblemKind::DynamicSql;
        let doubt = match segment.filter(|_| problem.span.start >= own) {
            Some(segment) => Doubt {
                text: Arc::clone(&segment.text),
                span: Span {
                    start: problem.span.start - segment.start,
                    end: problem
                        .span
                        .end
                        .min(segment.end)
                        .saturating_sub(segment.start),
                },
                dynamic,
                message: problem.message.clone(),
                help: problem.help.clone(),
            },
            None => Doubt {
                text: Arc::clone(text),
                span: problem.span,
                dynamic,
                message: said(makers, shown, &problem.message),
                help: HELP.to_owned(),
            },
        };
        self.add(doubt);
    }

    fn doubt(
        &mut self,
        makers: &DefiningFiles,
        shown: &str,
        text: &Arc<ForeignText>,
        span: Span,
        why: &str,
    ) {
        self.add(Doubt {
            text: Arc::clone(text),
            span,
            dynamic: false,
            message: said(makers, shown, why),
            help: HELP.to_owned(),
        });
    }

    fn add(&mut self, doubt: Doubt) {
        let known = self.definition.doubts.iter().any(|known| {
            known.text.written.path() == doubt.text.written.path()
                && known.span == doubt.span
                && known.message == doubt.message
        });
        if !known {
            self.definition.doubts.push(doubt);
        }
    }
}

fn said(makers: &DefiningFiles, shown: &str, why: &str) -> String {
    format!("the table `{}` is created by {shown}: {why}", makers.table)
}

fn first_line(text: &SourceText) -> Span {
    Span::new(0, text.text().lines().next().map_or(0, str::len))
}

/// Whether a statement writes the table.
fn writes(
    dataset: &Dataset,
    makers: &DefiningFiles,
    maker: &DefiningFile,
    project: Option<&str>,
) -> bool {
    match &dataset.target {
        Some(target) => {
            let target = TablePattern::of(target).in_project(project);
            target.compare(&TablePattern::of(&makers.table)) == NameMatch::Certain
        }
        None => maker.unnamed && dataset.statement == "query",
    }
}
