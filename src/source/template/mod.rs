//! Templates: from the text as written to the SQL that it gives, with the way
//! back.
//!
//! A template gives several renderings where it depends on what nobody said
//! (`is_init()`), each of which is to be assessed. What is not known stands in
//! the SQL as a placeholder and is told as a [`TemplateProblem`]. All after this
//! station works on a [`Rendering`]'s text, and its [`SourceMap`] takes the places
//! back to the text as written.

mod brackets;
mod context;
mod dbt;
mod detect;
#[cfg(test)]
mod engine_tests;
mod environment;
mod expression;
mod jinja;
mod keywords;
mod lex;
mod loader;
mod metric_hub;
mod mutable;
mod place;
mod problem;
mod purity;
mod rewrite;
mod run;
mod scan;
mod settings;
mod sqlmesh;
mod statement;
mod strings;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod unknown;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::{SourceText, Span, map};
use detect::Kind;
use jinja::{Failure, Template};
use loader::Loader;
use metric_hub::MetricHub;
use rewrite::{Broken, Rewritten};

pub use super::SourceMap;
pub use dbt::MODELS as DBT_MODELS;
pub use place::{PLACEHOLDER, is_placeholder};
pub use problem::TemplateProblem;
pub use settings::TemplateSettings;

/// The most renderings of one template.
pub const MOST_RENDERINGS: usize = 16;
/// How often a template is run for them; several runs may give one text.
const MOST_RUNS: usize = 64;
/// The longest template.
const LONGEST: usize = 20 << 20;

/// What a text gives.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The renderings, all different; one at least.
    pub renderings: Vec<Rendering>,
    /// Where there are more than are given.
    pub capped: Option<Capped>,
}

/// That a template has more renderings than are given.
#[derive(Debug, Clone)]
pub struct Capped {
    /// The conditions that are open. Giving some of them under `[template] flags`
    /// leaves fewer renderings.
    pub flags: Vec<String>,
}

/// One way that a template goes.
#[derive(Debug, Clone)]
pub struct Rendering {
    /// The SQL.
    pub text: String,
    /// The way back to the text as written.
    pub map: SourceMap,
    /// Which way the open conditions went: `is_init() is true, x is false`. None
    /// where there is one rendering alone.
    pub variant: Option<String>,
    /// What could not be rendered, by its place in the text as written.
    pub problems: Vec<TemplateProblem>,
    /// What stands in the SQL for values that are not known, in bytes of the
    /// rendering: what is said of these alone is said by `problems` already.
    pub placeholders: Vec<Span>,
    /// What was taken for granted: defaults of variables that nobody gives.
    pub assumptions: Vec<String>,
    /// The name of the table that the text makes, where a header says it.
    pub target: Option<String>,
}

impl Rendering {
    /// The text as it is written.
    fn plain(source: &SourceText) -> Self {
        Self {
            text: source.text().to_owned(),
            map: SourceMap::identity(source.text().len()),
            variant: None,
            problems: Vec::new(),
            placeholders: Vec::new(),
            assumptions: Vec::new(),
            target: None,
        }
    }
}

/// Renders a text; one that is no template gives itself.
pub fn render(source: &SourceText, settings: &TemplateSettings) -> Rendered {
    let text = source.text();
    let braces = scan::opening(text, 0, text.len()).is_some();
    let model = sqlmesh::model(text);
    let kind = match (&model, braces) {
        (Some(_), _) => Kind::Template,
        (None, true) => detect::kind(text),
        (None, false) => Kind::Plain,
    };
    if kind == Kind::Plain {
        return Rendered::one(Rendering::plain(source));
    }
    if text.contains([run::OPEN, run::CLOSE]) {
        let message = "the template has a character that Unicode has for programs".to_owned();
        return Rendered::one(failed(source, Span::new(0, text.len()), message));
    }
    if text.len() > LONGEST {
        let message = "the template is longer than a template may be".to_owned();
        return Rendered::one(failed(source, Span::new(0, text.len()), message));
    }
    let parts = match (&model, scan::scan(text, 0..text.len())) {
        (Some(_), _) => Vec::new(),
        (None, Ok(parts)) => parts,
        (None, Err(_)) if kind == Kind::Perhaps => {
            return Rendered::one(Rendering::plain(source));
        }
        (None, Err(unclosed)) => {
            let message = "the template can't be rendered: this tag is not closed".to_owned();
            let place = jinja::clamp(text, unclosed.at);
            return Rendered::one(failed(source, place, message));
        }
    };
    let rewrite = |broken: &Broken| match &model {
        Some(model) => sqlmesh::template(text, model, broken),
        None => {
            let mut rewritten = Rewritten::default();
            rewrite::parts(&mut rewritten, text, &parts, broken);
            rewritten
        }
    };
    let target = model.as_ref().and_then(|model| model.name.clone());
    let mut loader = Loader::new(source.path(), &settings.search_path);
    loader.note(&rewrite(&Broken::new()).text);
    let template = Template {
        text,
        settings: Arc::new(settings.clone()),
        hub: Arc::new(MetricHub::new(settings.metric_hub.clone())),
        loader: Arc::new(loader),
        this: this(source, target.as_deref()),
        rewrite: &rewrite,
    };
    let mut rendered = every_way(source, &template, kind);
    if kind == Kind::Perhaps {
        rendered.add_written(source);
    }
    for rendering in &mut rendered.renderings {
        rendering.target.clone_from(&target);
    }
    rendered
}

/// Renders a template for every way that its open conditions may go. Those that
/// differ in one condition from the first come first.
fn every_way(source: &SourceText, template: &Template<'_>, kind: Kind) -> Rendered {
    let mut waiting = VecDeque::from([BTreeMap::new()]);
    let mut renderings: Vec<Rendering> = Vec::new();
    let mut flags: Vec<String> = Vec::new();
    let mut runs = 0;
    while let Some(decided) = waiting.pop_front() {
        if renderings.len() >= MOST_RENDERINGS || runs >= MOST_RUNS {
            return Rendered {
                renderings,
                capped: Some(Capped { flags }),
            };
        }
        runs += 1;
        let (rendering, discovered) = match template.render(&decided) {
            Ok(done) => (done.rendering, done.discovered),
            Err(failure) if kind == Kind::Perhaps && failure.syntax => {
                return Rendered::one(Rendering::plain(source));
            }
            Err(failure) => failing(source, *failure),
        };
        let mut way = decided;
        for flag in discovered {
            let mut other = way.clone();
            other.insert(flag.clone(), false);
            waiting.push_back(other);
            if !flags.contains(&flag) {
                flags.push(flag.clone());
            }
            way.insert(flag, true);
        }
        match renderings
            .iter_mut()
            .find(|known| known.text == rendering.text)
        {
            Some(known) => {
                for problem in rendering.problems {
                    if !known.problems.contains(&problem) {
                        known.problems.push(problem);
                    }
                }
            }
            None => renderings.push(rendering),
        }
    }
    if let [only] = renderings.as_mut_slice() {
        only.variant = None;
    }
    Rendered {
        renderings,
        capped: None,
    }
}

fn failing(source: &SourceText, failure: Failure) -> (Rendering, Vec<String>) {
    let mut rendering = failed(source, failure.place, failure.message);
    rendering.variant = jinja::variant(&failure.notes.asked);
    (rendering, failure.notes.discovered)
}

/// A template of which nothing can be rendered: a query of which nothing is known.
fn failed(source: &SourceText, place: Span, message: String) -> Rendering {
    let text = format!("SELECT * FROM {PLACEHOLDER}template");
    let name = Span::new("SELECT * FROM ".len(), text.len());
    let piece = map::Piece {
        start: 0,
        end: text.len(),
        written: place,
        exact: false,
    };
    Rendering {
        map: SourceMap::new(source.text().len(), vec![piece]),
        text,
        variant: None,
        problems: vec![TemplateProblem {
            span: place,
            message,
            help: None,
        }],
        placeholders: vec![name],
        assumptions: Vec::new(),
        target: None,
    }
}

impl Rendered {
    /// The same renderings of a text that was itself made of another: all places
    /// are those of the other.
    pub fn of_text_made(mut self, before: &SourceMap) -> Self {
        for rendering in &mut self.renderings {
            rendering.map = rendering.map.through(before);
            for problem in &mut rendering.problems {
                problem.span = before.written(problem.span);
            }
        }
        self
    }

    /// Adds the text as it is written, for one that may be no template, where that
    /// is another one than all renderings.
    fn add_written(&mut self, source: &SourceText) {
        let text = source.text();
        // What is rendered in comments alone says nothing.
        if let [only] = self.renderings.as_mut_slice()
            && only.problems.is_empty()
            && lex::are_alike(&only.text, text, true)
        {
            *only = Rendering {
                assumptions: std::mem::take(&mut only.assumptions),
                ..Rendering::plain(source)
            };
            return;
        }
        let known = |rendering: &Rendering| lex::are_alike(&rendering.text, text, false);
        if self.renderings.iter().any(known) {
            return;
        }
        for rendering in &mut self.renderings {
            let variant = rendering.variant.take();
            let rendered = "its comments and strings are rendered".to_owned();
            rendering.variant = Some(match variant {
                Some(variant) => format!("{rendered}, {variant}"),
                None => rendered,
            });
        }
        self.renderings.push(Rendering {
            variant: Some("it is no template".to_owned()),
            ..Rendering::plain(source)
        });
    }

    fn one(rendering: Rendering) -> Self {
        Self {
            renderings: vec![rendering],
            capped: None,
        }
    }
}

/// dbt's `this`: the model's name, which is the file's.
fn this(source: &SourceText, target: Option<&str>) -> Option<Vec<String>> {
    if let Some(target) = target {
        return Some(target.split('.').map(str::to_owned).collect());
    }
    let stem = std::path::Path::new(source.path()).file_stem()?.to_str()?;
    let generic = matches!(
        stem,
        "query" | "view" | "script" | "init" | "checks" | "<stdin>"
    );
    (!generic && unknown::is_name(stem)).then(|| vec![dbt::MODELS.to_owned(), stem.to_owned()])
}
