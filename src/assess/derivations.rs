//! How the datasets of a text are made, with the texts of what nobody can see into.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::Surroundings;
use super::declared::Declared;
use super::localize::Texts;
use super::spelled;
use crate::catalog::TableName;
use crate::derivation::{
    Condition, ConditionKind, Derivation, MADE_BY, OWN_TEXT, RowDerivation, Spelling,
};
use crate::facts::Facts;
use crate::plan::bind::Dataset;
use crate::plan::{Definitions, ExprKind, Literal, MadeBy, Operator, Plan, Segment};
use crate::source::template::is_placeholder;
use crate::source::{SourceMap, SourceText, Span, digest, files};
use crate::syntax::{LexemeKind, fingerprint, lexemes};

/// Texts that are looked at for one dataset; those behind them are not told apart.
const MOST_TEXTS: usize = 500;

/// In the names of parameters that stand for a value which a template takes for granted.
const ASSUMED: &str = "assumed";

/// The text as written, and the way back to it.
#[derive(Clone, Copy)]
pub(super) struct Template<'a> {
    pub(super) written: &'a SourceText,
    pub(super) map: &'a SourceMap,
}

/// A text and what is known of its parts.
pub(super) struct Own<'a> {
    pub(super) rendered: &'a SourceText,
    pub(super) template: Template<'a>,
    /// The project of the table that it makes.
    pub(super) project: Option<&'a str>,
    /// The text and all that its words may name, once that is asked.
    pub(super) whole: OnceCell<BTreeMap<String, String>>,
}

impl<'a> Own<'a> {
    /// A text that is no template.
    pub(super) fn plain(text: &'a SourceText, map: &'a SourceMap) -> Self {
        Self {
            rendered: text,
            template: Template { written: text, map },
            project: None,
            whole: OnceCell::new(),
        }
    }

    /// How a dataset is made.
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
        let spelling = Spelled { own: self, texts };
        let mut derivation = Derivation::new(&dataset.plan, facts, root, &spelling);
        let mut doubted = VecDeque::new();
        // What is not understood names what it is made of.
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
                Some(MadeBy::NotFollowed(_) | MadeBy::OfItself(_)) => {
                    doubted.push_back(table.name.clone());
                }
                // What is no SQL may make it all the same.
                None if around.registry.table(&table.name).is_none()
                    && !self.makes(&table.name, around) =>
                {
                    doubted.push_back(table.name.clone());
                }
                None | Some(MadeBy::Statements(_)) => {}
            }
        }
        collect(doubted, around, &mut derivation.rows.texts);
        derivation
    }

    /// Whether a table is made by this text itself.
    fn makes(&self, table: &TableName, around: &Surroundings<'_>) -> bool {
        let own = Path::new(self.rendered.path());
        let own = files::absolute(own);
        let texts = around.definitions.texts(table);
        texts
            .iter()
            .any(|text| files::absolute(Path::new(text.path())) == own)
    }

    /// Notes what the text, and those of what it reads, declare around their queries.
    fn declared(&self, dataset: &Dataset, rows: &mut RowDerivation) {
        let segments = dataset.grafted.segments.iter();
        let foreign = segments.map(|segment| &segment.text.written);
        let declared = Declared::by(std::iter::once(self.rendered).chain(foreign));
        for name in &rows.opaque {
            if let Some(print) = declared.function_of(name) {
                rows.texts.insert(format!("function {}", bare(name)), print);
            }
        }
        let condition = |made: String, kind| Condition { made, kind };
        // A type that rounds is one more step that tells less.
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

    /// Notes the values that runs give to the query parameters of which it is made.
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

    /// The text itself and all that its words may name.
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

/// The texts of which something is not followed, by the names of their files. A file of
/// another language counts with all that it says.
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

/// Whether a plan has values that only a template knows.
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
                    // Where a template stands, what is not understood may be of it.
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

/// What stands in the tags of a template, without the white space around.
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

/// The texts behind names, and those behind the names in these.
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

/// What tells a text from others: without comments and white space where it is SQL.
fn print(text: &SourceText) -> String {
    if files::is_sql(Path::new(text.path())) {
        fingerprint(text)
    } else {
        digest(text.text())
    }
}

/// All that may be names of tables and functions in a text.
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

struct Spelled<'a> {
    own: &'a Own<'a>,
    texts: &'a Texts<'a>,
}

impl Spelled<'_> {
    /// The text in which a place lies, and where in it its author wrote that.
    fn place(&self, span: Span) -> (&SourceText, Span) {
        self.texts.written(span).unwrap_or_else(|| {
            let template = self.own.template;
            (template.written, template.map.written(span))
        })
    }

    /// The text as its author wrote it.
    fn slice(&self, span: Span) -> String {
        let (text, span) = self.place(span);
        text.slice(span).to_owned()
    }
}

impl Spelling for Spelled<'_> {
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

/// A text without the white space that nothing depends on.
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
