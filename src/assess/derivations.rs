//! Derivations of the datasets of a text, with fingerprints of texts that are not
//! analyzed.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::Surroundings;
use super::declared::TextDeclarations;
use super::localize::Texts;
use super::spelled;
use crate::catalog::TableName;
use crate::derivation::{
    Condition, ConditionKind, Derivation, MADE_BY, OWN_TEXT, RowDerivation, SourceTexts,
};
use crate::facts::Facts;
use crate::plan::bind::Dataset;
use crate::plan::{Definitions, ExprKind, Literal, Operator, Plan, Segment, TableMaker};
use crate::source::template::is_placeholder;
use crate::source::{SourceMap, SourceText, Span, digest, files};
use crate::syntax::{LexemeKind, fingerprint, lexemes};

/// The maximum number of names that are followed per dataset; others are not
/// compared.
const MOST_TEXTS: usize = 500;

/// Part of the names of parameters that stand for values which a template assumes.
const ASSUMED: &str = "assumed";

/// The text as written, and the map from the rendered text back to it.
#[derive(Clone, Copy)]
pub(super) struct Template<'a> {
    pub(super) written: &'a SourceText,
    pub(super) map: &'a SourceMap,
}

/// The analyzed text, with the context that its derivations need.
pub(super) struct TextContext<'a> {
    pub(super) rendered: &'a SourceText,
    pub(super) template: Template<'a>,
    /// The project of the table that the text creates.
    pub(super) project: Option<&'a str>,
    /// Fingerprints of the text and of all texts that its words may name; computed
    /// on demand.
    pub(super) whole: OnceCell<BTreeMap<String, String>>,
}

impl<'a> TextContext<'a> {
    /// Creates the context of a text that is not a template.
    pub(super) fn plain(text: &'a SourceText, map: &'a SourceMap) -> Self {
        Self {
            rendered: text,
            template: Template { written: text, map },
            project: None,
            whole: OnceCell::new(),
        }
    }

    /// Computes the derivation of a dataset.
    pub(super) fn derivation(
        &self,
        dataset: &Dataset,
        facts: &Facts<'_>,
        texts: &Texts<'_>,
        around: &Surroundings<'_>,
    ) -> Derivation {
        let Some(root) = dataset.plan.root() else {
            return Derivation {
                columns: Vec::new(),
                rows: RowDerivation {
                    texts: self.whole(around),
                    ..RowDerivation::default()
                },
            };
        };
        let spelling = AuthorSpelling { own: self, texts };
        let mut derivation = Derivation::new(&dataset.plan, facts, root, &spelling);
        let mut doubted = VecDeque::new();
        // The text of an operator that is not understood contains the names of its
        // inputs.
        for (_, relation) in dataset.plan.relations() {
            if matches!(
                relation.operator,
                Operator::Opaque { .. } | Operator::Model { .. }
            ) {
                let text = SourceText::new("", spelling.slice(relation.origin.span));
                doubted.extend(names(&text));
            }
        }
        derivation.rows.kept = match dataset.statement {
            "insert" | "merge" => !dataset.fresh,
            _ => false,
        };
        let told = &mut derivation.rows.texts;
        told.extend(doubts(dataset));
        if has_template_values(&dataset.plan) {
            let segments = dataset.grafted.segments.iter();
            let foreign = segments.map(|segment| &segment.text.written);
            let all = std::iter::once(self.template.written).chain(foreign);
            let tags: BTreeSet<String> = all.flat_map(|text| tags(text.text())).collect();
            if !tags.is_empty() {
                let tags: Vec<String> = tags.into_iter().collect();
                told.insert(
                    "a value of the template".to_owned(),
                    digest(&tags.join("\n")),
                );
            }
        }
        self.declared(dataset, &mut derivation.rows);
        self.parameters(dataset, &mut derivation, around);
        for name in &derivation.rows.opaque {
            doubted.push_back(TableName::new(bare(name).split('.')));
        }
        for (definition, _) in &dataset.grafted.tables {
            if !definition.doubts.is_empty() {
                doubted.push_back(definition.table.clone());
            }
        }
        for (_, relation) in dataset.plan.relations() {
            let Operator::Scan(table) = &relation.operator else {
                continue;
            };
            match around.made(&table.name) {
                Some(TableMaker::NotFollowed(_) | TableMaker::Cyclic(_)) => {
                    doubted.push_back(table.name.clone());
                }
                // The table may be created by something other than SQL.
                None if around.registry.table(&table.name).is_none()
                    && !self.makes(&table.name, around) =>
                {
                    doubted.push_back(table.name.clone());
                }
                None | Some(TableMaker::Statements(_)) => {}
            }
        }
        collect(doubted, around, &mut derivation.rows.texts);
        derivation
    }

    /// Whether this text itself creates a table.
    fn makes(&self, table: &TableName, around: &Surroundings<'_>) -> bool {
        let own = Path::new(self.rendered.path());
        let own = files::absolute(own);
        let texts = around.definitions.texts(table);
        texts
            .iter()
            .any(|text| files::absolute(Path::new(text.path())) == own)
    }

    /// Records what the text and the texts of its upstream tables declare around
    /// their queries.
    fn declared(&self, dataset: &Dataset, rows: &mut RowDerivation) {
        let segments = dataset.grafted.segments.iter();
        let foreign = segments.map(|segment| &segment.text.written);
        let declared = TextDeclarations::by(std::iter::once(self.rendered).chain(foreign));
        for name in &rows.opaque {
            if let Some(print) = declared.function_of(name) {
                rows.texts.insert(format!("function {}", bare(name)), print);
            }
        }
        let condition = |made: String, kind| Condition { made, kind };
        // A type that rounds or truncates values is one more step that discloses
        // less.
        let types = declared.types().cloned();
        let types = types.map(|made| condition(made, ConditionKind::Joined));
        rows.conditions.extend(types);
        let settings = declared.settings();
        let settings = settings.map(|made| condition(made, ConditionKind::Sensitive));
        rows.conditions.extend(settings);
        let upstream = dataset.grafted.tables.iter();
        let upstream = upstream.map(|(definition, _)| &definition.table);
        for table in dataset.target.iter().chain(upstream) {
            rows.conditions
                .extend(declared.changes(table).map(|change| {
                    let kind = match change.other {
                        true => ConditionKind::Sensitive,
                        false => ConditionKind::Joined,
                    };
                    condition(format!("afterwards: {}", change.text), kind)
                }));
        }
        rows.conditions.sort();
        rows.conditions.dedup();
    }

    /// Records the values that runs assign to the query parameters of the dataset.
    fn parameters(
        &self,
        dataset: &Dataset,
        derivation: &mut Derivation,
        around: &Surroundings<'_>,
    ) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (_, relation) in dataset.plan.relations() {
            for value in relation.operator.expressions() {
                value.walk(&mut |part| {
                    if let ExprKind::Parameter(name) = &part.kind {
                        names.insert(name.trim_start_matches('@').to_lowercase());
                    }
                });
            }
        }
        if names.is_empty() {
            return;
        }
        let segments = dataset.grafted.segments.iter();
        let foreign = segments.map(|segment| segment.text.written.path());
        let paths: BTreeSet<&str> = std::iter::once(self.rendered.path())
            .chain(foreign)
            .collect();
        let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in paths {
            for (name, value) in around.definitions.parameters(path) {
                if names.contains(&name) {
                    given.entry(name).or_default().insert(value);
                }
            }
        }
        for (name, values) in given {
            let values: Vec<String> = values.into_iter().collect();
            let texts = &mut derivation.rows.texts;
            texts.insert(format!("the parameter @{name}"), values.join(" "));
        }
    }

    /// Returns the fingerprints of the text itself and of all texts that its words
    /// may name.
    pub(super) fn whole(&self, around: &Surroundings<'_>) -> BTreeMap<String, String> {
        let whole = self.whole.get_or_init(|| {
            let mut found = BTreeMap::new();
            found.insert(OWN_TEXT.to_owned(), fingerprint(self.rendered));
            collect(names(self.rendered), around, &mut found);
            found
        });
        whole.clone()
    }
}

/// Returns fingerprints of texts that are not completely analyzed, by their file
/// names.
///
/// A file in another language is included with all its content.
fn doubts(dataset: &Dataset) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for problem in &dataset.problems {
        let within = |segment: &&Segment| {
            segment.start <= problem.span.start && problem.span.start < segment.end
        };
        if let Some(segment) = dataset.grafted.segments.iter().find(within) {
            let text = &segment.text.written;
            let path = Path::new(text.path());
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let prints = found.entry(format!("what {name} does"));
            prints.or_default().insert(print(text));
        }
    }
    let joined = |prints: BTreeSet<String>| prints.into_iter().collect::<Vec<_>>().join(" ");
    let found = found.into_iter();
    found.map(|(of, prints)| (of, joined(prints))).collect()
}

/// Whether a plan contains values that are known only to a template.
fn has_template_values(plan: &Plan) -> bool {
    plan.relations().any(|(_, relation)| {
        let expressions = relation.operator.expressions();
        expressions.into_iter().any(|expr| {
            let mut found = false;
            expr.walk(&mut |part| {
                found |= match &part.kind {
                    ExprKind::Parameter(name) => name.contains(ASSUMED),
                    ExprKind::Literal(Literal::String(text)) => is_placeholder(text),
                    ExprKind::Call { name, .. } => is_placeholder(name),
                    // In a template, an expression that is not understood may
                    // contain a template value.
                    ExprKind::Unknown(_) => true,
                    _ => false,
                };
            });
            found
        })
    }) || plan
        .relations()
        .any(|(_, relation)| match &relation.operator {
            Operator::Scan(table) => table.columns.iter().any(|(_, name)| is_placeholder(name)),
            _ => false,
        })
}

/// Returns the content of each tag of a template, with normalized white space.
fn tags(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        rest = &rest[at + 2..];
        let end = rest.find("}}").into_iter().chain(rest.find("%}")).min();
        let end = end.unwrap_or(rest.len());
        found.push(normal(rest[..end].trim_matches(['-', '+'])));
        rest = &rest[end..];
    }
    found
}

/// Collects fingerprints of the texts behind names, and transitively behind their
/// names.
///
/// At most [`MOST_TEXTS`] names are followed.
fn collect(
    mut open: VecDeque<TableName>,
    around: &Surroundings<'_>,
    found: &mut BTreeMap<String, String>,
) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while let Some(name) = open.pop_front() {
        let shown = name.to_string().to_lowercase();
        if seen.len() >= MOST_TEXTS || !seen.insert(shown.clone()) {
            continue;
        }
        let texts = around.definitions.texts(&name);
        if texts.is_empty() {
            continue;
        }
        let mut prints: Vec<String> = texts.iter().map(print).collect();
        prints.sort();
        found.insert(format!("{MADE_BY}{shown}"), prints.join(" "));
        open.extend(texts.iter().flat_map(names));
    }
}

/// Returns a fingerprint of a text; comments and white space of SQL do not affect
/// it.
fn print(text: &SourceText) -> String {
    if files::is_sql(Path::new(text.path())) {
        fingerprint(text)
    } else {
        digest(text.text())
    }
}

/// Returns all words of a text that may be names of tables or functions.
fn names(text: &SourceText) -> VecDeque<TableName> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut continued = false;
    for lexeme in lexemes(text) {
        match lexeme.kind {
            LexemeKind::Word | LexemeKind::Quoted => {
                let word = text.slice(lexeme.span).trim_matches('`').to_owned();
                match found.last_mut() {
                    Some(name) if continued => name.push(word),
                    _ => found.push(vec![word]),
                }
                continued = false;
            }
            LexemeKind::Period => continued = true,
            _ => continued = false,
        }
    }
    let unique: BTreeSet<Vec<String>> = found.into_iter().collect();
    unique
        .iter()
        .map(|parts| TableName::new(parts.iter().map(String::as_str)))
        .collect()
}

fn bare(name: &str) -> String {
    name.replace('`', "").to_lowercase()
}

struct AuthorSpelling<'a> {
    own: &'a TextContext<'a>,
    texts: &'a Texts<'a>,
}

impl AuthorSpelling<'_> {
    /// Returns the text that contains a position, and the position in it as written.
    fn place(&self, span: Span) -> (&SourceText, Span) {
        self.texts.written(span).unwrap_or_else(|| {
            let template = self.own.template;
            (template.written, template.map.written(span))
        })
    }

    /// Returns the text of a span as its author wrote it.
    fn slice(&self, span: Span) -> String {
        let (text, span) = self.place(span);
        text.slice(span).to_owned()
    }
}

impl SourceTexts for AuthorSpelling<'_> {
    fn written(&self, span: Span) -> Option<String> {
        if span.is_empty() {
            return None;
        }
        let text = normal(&self.slice(span));
        (!text.is_empty()).then_some(text)
    }

    fn head(&self, span: Span) -> Option<String> {
        let text = SourceText::new("", self.slice(span));
        let mut words = Vec::new();
        let mut depth = 0_usize;
        for lexeme in lexemes(&text) {
            let word = text.slice(lexeme.span);
            match word {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ if depth == 0 && word.eq_ignore_ascii_case("AS") => break,
                _ => {}
            }
            let is_word = lexeme.kind == LexemeKind::Word;
            words.push(if is_word {
                word.to_lowercase()
            } else {
                word.to_owned()
            });
        }
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn called(&self, span: Span) -> Option<String> {
        if span.is_empty() {
            return None;
        }
        let (text, span) = self.place(span);
        spelled::called(text, span)
    }

    fn sample(&self, span: Span) -> Option<String> {
        let (text, span) = self.place(span);
        spelled::sample(text, span)
    }

    fn project(&self) -> Option<&str> {
        self.own.project
    }
}

/// Removes white space except for one blank between two words.
pub(super) fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if blank && word(c) && normal.ends_with(word) {
            normal.push(' ');
        }
        blank = false;
        normal.push(c);
    }
    normal
}
