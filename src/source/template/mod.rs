//! Renders templates to SQL, with a map from the rendering back to the written text.
//!
//! A template gives several renderings if it depends on conditions that nobody
//! decided (`is_init()`); each of them is assessed. An unknown value becomes a
//! placeholder in the SQL and is reported as a [`TemplateProblem`]. All later
//! stations work on the text of a [`Rendering`]; its [`SourceMap`] translates places
//! back to the written text.

mod asked;
mod assumed;
mod attributes;
mod beside;
mod block_tag;
mod blocks;
mod brackets;
mod context;
mod dbt;
mod depth;
mod detect;
#[cfg(test)]
mod engine_tests;
mod environment;
mod expression;
mod jinja;
mod keywords;
mod lazy;
mod lex;
mod loader;
mod lookups;
mod metric_hub;
mod mutable;
mod names;
mod outline;
mod place;
mod problem;
mod purity;
mod python;
mod reckon;
mod repr;
mod rewrite;
mod run;
mod scan;
#[cfg(test)]
mod scope_tests;
mod settings;
mod sizes;
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

use rustc_hash::FxHashSet;

use super::{SourceText, Span, map};
use crate::budget;
use dbt::Macros;
use detect::TextKind;
use jinja::{COMPARED, Failure, Template};
use loader::Loader;
use metric_hub::MetricHub;
use rewrite::{Broken, Rewritten};

pub use super::SourceMap;
pub use assumed::is_assumed;
pub use beside::{AffectedTables, SideStatement, operations};
pub use blocks::{NamedBlock, named_blocks};
pub use dbt::{
    DbtConfig, DbtEnabled, DbtHook, DbtMacro, DbtMaterialization, DbtPackage, DbtProject,
    DbtTableNames, DbtTableSettings, DbtVersions, MODELS as DBT_MODELS,
};
pub use lookups::Lookups;
pub use place::{PLACEHOLDER, is_placeholder};
pub use problem::TemplateProblem;
pub use settings::{SqlMeshProject, TemplateSettings};
pub use sqlmesh::{SqlMeshKind, sqlmesh_kind};

/// The maximum number of renderings of one template.
pub const MOST_RENDERINGS: usize = 16;
/// The maximum number of runs of one template; several runs may give the same text.
const MOST_RUNS: usize = 64;
/// The maximum length of a template in bytes.
const LONGEST: usize = 20 << 20;

/// The renderings of a text.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The distinct renderings; never empty.
    pub renderings: Vec<Rendering>,
    /// Set if the template has more renderings than `renderings` holds.
    pub capped: Option<OmittedRenderings>,
}

/// Reports that a template has more renderings than the limits allow.
#[derive(Debug, Clone)]
pub struct OmittedRenderings {
    /// The undecided conditions. Each one that `[template] flags` decides reduces
    /// the number of renderings.
    pub flags: Vec<String>,
}

/// The text of a template for one combination of its undecided conditions.
#[derive(Debug, Clone)]
pub struct Rendering {
    /// The SQL.
    pub text: String,
    /// Maps places of the rendering back to the written text.
    pub map: SourceMap,
    /// The decisions of its conditions, such as `is_init() is true, x is false`.
    /// `None` for the only rendering of a text.
    pub variant: Option<String>,
    /// The parts that could not be rendered, each with its place in the written
    /// text.
    pub problems: Vec<TemplateProblem>,
    /// The placeholders of unknown values, in bytes of the rendering. A finding
    /// about a placeholder alone repeats what `problems` reports.
    pub placeholders: Vec<Span>,
    /// The assumptions of this rendering: defaults of variables that no setting
    /// gives.
    pub assumptions: Vec<String>,
    /// Whether query parameters replace values that are made of defaults.
    pub(crate) parameters: bool,
    /// Whether another run may give another text. True if it depends on configured
    /// values, or on a choice between several branches.
    pub given: bool,
    /// The name of the table that the text creates, if a header declares it.
    pub target: Option<String>,
    /// The same name as far as it is known, with placeholders.
    pub makes: Option<String>,
    /// Statements that the tool runs in addition to this text.
    pub beside: Vec<SideStatement>,
    /// The settings of the table in dbt's `config()`.
    pub configured: DbtConfig,
}

impl Rendering {
    /// Whether nothing of the template could be rendered.
    pub(crate) fn is_failed(&self) -> bool {
        self.text == failed_text()
    }

    /// Adds the problems, statements and settings of another run with the same text.
    fn join(&mut self, other: Self) {
        let mut known: FxHashSet<TemplateProblem> = self.problems.iter().cloned().collect();
        for problem in other.problems {
            if known.insert(problem.clone()) {
                self.problems.push(problem);
            }
        }
        for beside in other.beside {
            budget::spend(self.beside.len() / COMPARED);
            if !self.beside.contains(&beside) {
                self.beside.push(beside);
            }
        }
        self.configured.join(&other.configured);
        self.given |= other.given;
    }

    /// Wraps a text that needs no rendering.
    fn plain(source: &SourceText) -> Self {
        Self {
            text: source.text().to_owned(),
            map: SourceMap::identity(source.text().len()),
            variant: None,
            problems: Vec::new(),
            placeholders: Vec::new(),
            assumptions: Vec::new(),
            parameters: false,
            given: false,
            target: None,
            makes: None,
            beside: Vec::new(),
            configured: DbtConfig::default(),
        }
    }
}

/// Whether a text is its own rendering under any settings.
pub fn is_plain(source: &SourceText, settings: &TemplateSettings) -> bool {
    let text = source.text();
    settings.dbt.is_none()
        && scan::opening(text, 0, text.len()).is_none()
        && sqlmesh::model(text).is_none()
}

/// Renders a text; a text that is not a template is its own rendering.
pub fn render(source: &SourceText, settings: &TemplateSettings) -> Rendered {
    budget::give(source.text().len());
    let mut rendered = render_text(source, settings);
    if settings.dbt.is_none() {
        return rendered;
    }
    configured_before(&mut rendered, source, settings);
    let hooks = beside::of_files(source, settings);
    for rendering in &mut rendered.renderings {
        let making = beside::of_making(source, settings, &rendering.configured);
        rendering.beside.extend(hooks.iter().cloned().chain(making));
    }
    rendered
}

/// Reads `config()` as dbt does at parse time, with `execute` false. dbt reads
/// `config()` before it executes anything, so a template that reads `execute` is
/// rendered a second time for its settings.
fn configured_before(rendered: &mut Rendered, source: &SourceText, settings: &TemplateSettings) {
    let asked = |rendering: &Rendering| rendering.configured.executing;
    if settings.flags.contains_key("execute") || !rendered.renderings.iter().any(asked) {
        return;
    }
    let mut reading = settings.clone();
    reading.flags.insert("execute".to_owned(), false);
    let before = render_text(source, &reading).renderings;
    let Some((first, others)) = before.split_first() else {
        return;
    };
    let mut configured = first.configured.clone();
    others
        .iter()
        .for_each(|other| configured.join(&other.configured));
    for rendering in &mut rendered.renderings {
        rendering.configured = configured.clone();
        for beside in before.iter().flat_map(|before| &before.beside) {
            if !rendering.beside.contains(beside) {
                rendering.beside.push(beside.clone());
            }
        }
    }
}

fn render_text(source: &SourceText, settings: &TemplateSettings) -> Rendered {
    let text = source.text();
    let braces = scan::opening(text, 0, text.len()).is_some();
    let model = sqlmesh::model(text);
    let kind = match (&model, braces) {
        (Some(_), _) => TextKind::Template,
        (None, true) => detect::kind(text),
        (None, false) => TextKind::Plain,
    };
    if kind == TextKind::Plain {
        return Rendered::one(Rendering::plain(source));
    }
    if text.contains([run::OPEN, run::CLOSE]) {
        let message =
            "the template contains a character that Unicode reserves for programs".to_owned();
        return Rendered::one(failed(source, Span::new(0, text.len()), message));
    }
    if text.len() > LONGEST {
        let message = "the template is longer than the limit".to_owned();
        return Rendered::one(failed(source, Span::new(0, text.len()), message));
    }
    let parts = match (&model, scan::scan(text, 0..text.len())) {
        (Some(_), _) => Vec::new(),
        (None, Ok(parts)) => parts,
        (None, Err(_)) if kind == TextKind::Undecided => {
            return Rendered::one(Rendering::plain(source));
        }
        (None, Err(unclosed)) => {
            let message = "the template cannot be rendered: this tag is not closed".to_owned();
            let place = jinja::clamp(text, unclosed.at);
            return Rendered::one(failed(source, place, message));
        }
    };
    if let Some(tag) = depth::too_deep(text, &parts) {
        let message = format!(
            "the template cannot be rendered: more than {} nested statements",
            depth::DEEPEST
        );
        return Rendered::one(failed(
            source,
            jinja::clamp(text, tag.outer.clone()),
            message,
        ));
    }
    let macros = match (&settings.dbt, &model) {
        (Some(project), None) => Macros::needed(project, source.path(), text),
        (_, _) => Macros::default(),
    };
    let rewrite = |broken: &Broken| match &model {
        Some(model) => sqlmesh::template(text, model, broken),
        None => {
            let mut rewritten = Rewritten::default();
            rewritten.put(&macros.imports, 0..0);
            rewrite::parts(&mut rewritten, text, &parts, broken);
            rewritten
        }
    };
    let target = model.as_ref().and_then(sqlmesh::Model::known_name);
    let path = std::path::Path::new(source.path());
    let made = model.as_ref().and_then(|model| model.made(path));
    let modules = macros.modules.clone();
    let mut loader = Loader::new(source, &settings.search_path, modules);
    loader.lookups.clone_from(&settings.lookups);
    if let Some(lookups) = &settings.lookups {
        macros.files.iter().for_each(|file| lookups.note(file));
    }
    loader.note(&rewrite(&Broken::new()).text);
    let template = Template {
        text,
        settings: Arc::new(match model {
            Some(_) => settings.for_model(std::path::Path::new(source.path())),
            None => settings.clone(),
        }),
        hub: Arc::new(MetricHub::new(settings.metric_hub.clone())),
        loader: Arc::new(loader),
        this: this(source, settings, target.as_deref()),
        path: source.path(),
        rewrite: &rewrite,
    };
    let mut rendered = every_way(source, &template, kind);
    if kind == TextKind::Undecided {
        rendered.add_written(source);
    }
    for rendering in &mut rendered.renderings {
        rendering.target.clone_from(&target);
        rendering.makes.clone_from(&made);
    }
    rendered
}

/// Renders a template for each combination of its undecided conditions. The
/// combinations that differ from the first one in one condition come first.
fn every_way(source: &SourceText, template: &Template<'_>, kind: TextKind) -> Rendered {
    let mut waiting = VecDeque::from([BTreeMap::new()]);
    let mut renderings: Vec<Rendering> = Vec::new();
    let mut flags: Vec<String> = Vec::new();
    let mut shown_flags: FxHashSet<String> = FxHashSet::default();
    let mut runs = 0;
    while let Some(decided) = waiting.pop_front() {
        if renderings.len() >= MOST_RENDERINGS || runs >= MOST_RUNS {
            return Rendered {
                renderings,
                capped: Some(OmittedRenderings { flags }),
            };
        }
        runs += 1;
        let (rendering, discovered) = match template.render(&decided) {
            Ok(done) => (done.rendering, done.discovered),
            Err(failure) if kind == TextKind::Undecided && failure.syntax => {
                return Rendered::one(Rendering::plain(source));
            }
            Err(failure) => failing(source, *failure),
        };
        let mut way = decided;
        // Combinations beyond the limit only serve to detect that it is exceeded.
        let is_room = |waiting: &VecDeque<_>| runs + waiting.len() <= MOST_RUNS;
        for flag in discovered {
            if is_room(&waiting) {
                let mut other = way.clone();
                other.insert(flag.clone(), false);
                waiting.push_back(other);
            }
            let shown = run::condition_text(&flag).to_owned();
            if shown_flags.insert(shown.clone()) {
                flags.push(shown);
            }
            way.insert(flag, true);
        }
        match renderings
            .iter_mut()
            .find(|known| known.text == rendering.text)
        {
            Some(known) => known.join(rendering),
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

/// Returns the SQL that represents a template of which nothing could be rendered.
fn failed_text() -> String {
    format!("SELECT * FROM {PLACEHOLDER}template")
}

/// Builds the rendering of a failed template: a query over an unknown table.
fn failed(source: &SourceText, place: Span, message: String) -> Rendering {
    let text = failed_text();
    let name = Span::new("SELECT * FROM ".len(), text.len());
    let piece = map::MapPiece {
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
            open: true,
            absent: true,
        }],
        placeholders: vec![name],
        assumptions: Vec::new(),
        parameters: false,
        given: true,
        target: None,
        makes: None,
        beside: Vec::new(),
        configured: DbtConfig::unknown(),
    }
}

impl Rendered {
    /// Maps all places back through `before`, for a text that was itself derived
    /// from another text.
    pub fn map_through(mut self, before: &SourceMap) -> Self {
        for rendering in &mut self.renderings {
            rendering.map = rendering.map.through(before);
            for problem in &mut rendering.problems {
                problem.span = before.written(problem.span);
            }
            for beside in &mut rendering.beside {
                beside.span = before.written(beside.span);
            }
        }
        self
    }

    /// Adds the written text as a rendering, unless it equals one of them. Applies
    /// to a text that may be plain SQL.
    fn add_written(&mut self, source: &SourceText) {
        let text = source.text();
        // A rendering that differs only in comments has the same meaning.
        if let [only] = self.renderings.as_mut_slice()
            && only.problems.is_empty()
            && lex::are_alike(&only.text, text, true)
        {
            *only = Rendering {
                assumptions: std::mem::take(&mut only.assumptions),
                given: only.given,
                beside: std::mem::take(&mut only.beside),
                configured: std::mem::take(&mut only.configured),
                ..Rendering::plain(source)
            };
            return;
        }
        // A string that contains a default is a parameter, whatever its text.
        let known = |rendering: &Rendering| {
            rendering.parameters || lex::are_alike(&rendering.text, text, false)
        };
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
            variant: Some("not a template".to_owned()),
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

/// Returns dbt's `this`: the model's name, which is the name of the file.
fn this(
    source: &SourceText,
    settings: &TemplateSettings,
    target: Option<&str>,
) -> Option<Vec<String>> {
    if let Some(target) = target {
        return Some(target.split('.').map(str::to_owned).collect());
    }
    let stem = std::path::Path::new(source.path()).file_stem()?.to_str()?;
    let generic = matches!(
        stem,
        "query" | "view" | "script" | "init" | "checks" | "<stdin>"
    );
    let dataset = settings
        .dbt
        .as_ref()
        .and_then(|project| Some(project.dataset(project.package_of(source.path())?)))
        .unwrap_or_else(|| dbt::MODELS.to_owned());
    (!generic && unknown::is_name(stem)).then(|| vec![dataset, stem.to_owned()])
}
