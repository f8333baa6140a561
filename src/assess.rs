//! The complete pipeline for a text, from SQL to assessments.

mod beside;
mod comments;
mod declared;
mod derivations;
mod examples;
mod filled;
mod lineages;
mod localize;
mod metadata;
mod proposals;
mod reads;
mod renderings;
mod scoped;
mod shapes;
mod spelled;
mod stopped;

pub use beside::{Targets, doubt, written};
pub use examples::counterexample;
pub use lineages::{DatasetLineage, PlacedText, lineages};
pub use metadata::metadata;
pub use proposals::{DatasetSelector, proposals};
pub use reads::{ReadColumn, Reads, reads};
pub use renderings::assess;
pub use shapes::{AnalysisDetail, Surroundings};
pub use stopped::{fault, stopped, unread};

use std::cell::OnceCell;

use crate::assessment::{ApprovalState, Assessment};
use crate::budget;
use crate::derivation::Derivation;
use crate::facts::analyze;
use crate::plan::bind::{Dataset, bind_with};
use crate::policy::{self, Answer, Decision, Evidence, Question, QuestionId, Verdict};
use crate::registry::Registry;
use crate::rules::{self, Finding, RuleContext, Severity, syntax_error};
use crate::source::SourceText;
use crate::syntax::{self, Script, StatementKind};
use derivations::{Template, TextContext};
use localize::Texts;

/// Assesses every dataset of a text without templates.
///
/// `target` names the table that a query writes, if a file beside the text declares
/// it.
fn sql(
    source: &SourceText,
    around: &Surroundings<'_>,
    target: Option<&str>,
    template: Template<'_>,
) -> TextAssessment {
    let BoundText {
        datasets,
        mut findings,
        directed,
    } = bind_text(source, around);
    let own = TextContext {
        rendered: source,
        template,
        project: target.and_then(|target| match target.split('.').collect::<Vec<_>>()[..] {
            [project, _, _] => Some(project),
            _ => None,
        }),
        whole: OnceCell::new(),
    };
    let mut datasets: Vec<Assessment> = datasets
        .into_iter()
        .enumerate()
        .map(|(at, dataset)| assess_dataset(&own, &dataset, at, around, target))
        .collect();
    let public = around.public_table();
    let comments = directed.apply(source, public, &mut datasets, &mut findings);
    TextAssessment {
        datasets,
        findings,
        comments,
    }
}

/// The datasets and findings of a text, without the syntax trees of its statements.
///
/// The trees take most of the memory, and are freed before the analysis of the
/// datasets.
struct BoundText {
    datasets: Vec<Dataset>,
    findings: Vec<Finding>,
    directed: comments::ScriptDirectives,
}

fn bind_text(source: &SourceText, around: &Surroundings<'_>) -> BoundText {
    let script = syntax::parse(source);
    BoundText {
        findings: syntax_errors(&script),
        datasets: bind_with(source, &script, around, around),
        directed: comments::ScriptDirectives::of(script),
    }
}

/// Returns a finding for each statement that could not be parsed.
fn syntax_errors(script: &Script) -> Vec<Finding> {
    let mut findings = Vec::new();
    script.each(&mut |statement| {
        if let StatementKind::Failed(error) = &statement.kind {
            findings.push(syntax_error::of(error));
        }
    });
    findings
}

/// The datasets, findings and directive comments of a text.
struct TextAssessment {
    datasets: Vec<Assessment>,
    findings: Vec<Finding>,
    comments: Vec<comments::Comment>,
}

/// Returns the name that identifies a dataset across runs.
fn identity(source: &SourceText, dataset: &Dataset, at: usize, target: Option<&str>) -> String {
    match (&dataset.target, target) {
        (Some(target), _) => target.to_string(),
        (None, Some(target)) => target.to_owned(),
        (None, None) => format!("{}#{}", source.path(), at + 1),
    }
}

/// Assesses a dataset, or reports that its analysis exceeds the budget of its file.
fn assess_dataset(
    own: &TextContext<'_>,
    dataset: &Dataset,
    at: usize,
    around: &Surroundings<'_>,
    target: Option<&str>,
) -> Assessment {
    match budget::part(|| analyze_dataset(own, dataset, at, around, target)) {
        Ok(assessment) => assessment,
        Err(stop) => stopped::assess_given_up(own, dataset, at, around, target, &stop),
    }
}

fn analyze_dataset(
    own: &TextContext<'_>,
    dataset: &Dataset,
    at: usize,
    around: &Surroundings<'_>,
    target: Option<&str>,
) -> Assessment {
    let registry = around.registry;
    let plan = &dataset.plan;
    let facts = filled::facts(dataset, target, registry);
    let identity = identity(own.rendered, dataset, at, target);
    let (mut decision, mut findings) = match plan.root() {
        Some(root) => {
            let evidence = Evidence::gather(plan, &facts, root, &dataset.grafted);
            let mut decision = policy::decide(plan, &facts, &evidence, registry);
            if around.told >= AnalysisDetail::Columns {
                policy::add_columns(plan, &facts, &evidence, registry, &mut decision);
            }
            let context = RuleContext {
                dataset,
                plan,
                facts: &facts,
                rows: facts.relation(root),
                evidence: &evidence,
                decision: &decision,
                registry,
                known: rules::ContextCache::default(),
            };
            let findings = rules::check(&context);
            (decision, findings)
        }
        None => unassessed(dataset, registry),
    };
    let texts = Texts {
        segments: &dataset.grafted.segments,
    };
    let mut derivation = if around.told >= AnalysisDetail::Made {
        own.derivation(dataset, &facts, &texts, around)
    } else {
        Derivation::default()
    };
    texts.decision(&mut decision);
    scoped::spell(&mut decision.scope, own.rendered, &texts);
    for finding in &mut findings {
        texts.finding(finding);
    }
    let assessed = !decision.unread;
    if !assessed && around.told >= AnalysisDetail::Made {
        // An unassessed dataset is compared by its texts alone.
        derivation.rows.texts.extend(own.whole(around));
    }
    let (verdict, lacks_only_reviews) = verdict(&decision, &findings, assessed);
    Assessment {
        name: identity.clone(),
        identity,
        statement: dataset.statement,
        span: dataset.span,
        assessed,
        variant: None,
        internal: None,
        decision,
        derivation,
        others: Vec::new(),
        verdict,
        lacks_only_reviews,
        findings,
        mend: None,
        example: None,
        record: ApprovalState::default(),
        described: None,
        upstream: dataset.grafted.files(),
    }
}

/// Decides about a statement without a plan, from its binding problems alone.
fn unassessed(dataset: &Dataset, registry: &Registry) -> (Decision, Vec<Finding>) {
    let why = dataset
        .problems
        .first()
        .map_or("the statement was not understood", |problem| {
            problem.message.as_str()
        });
    let decision = policy::unassessed(registry, why);
    let plan = crate::plan::Plan::default();
    let facts = analyze(&plan, registry);
    let rows = crate::facts::RelationFacts::unknown();
    let evidence = Evidence::none();
    let context = RuleContext {
        dataset,
        plan: &plan,
        facts: &facts,
        rows: &rows,
        evidence: &evidence,
        decision: &decision,
        registry,
        known: rules::ContextCache::default(),
    };
    let findings = rules::check_without_plan(&context);
    (decision, findings)
}

/// Computes the verdict, and whether a missing data review alone prevents
/// publication.
///
/// A dataset is publishable if all four answers are "no", all of it was understood,
/// and no safety rule reported a warning or an error (contract, "JSON"). The flag is
/// true only if the missing data review is the single answer other than "no", that
/// answer is "yes" rather than "unknown", and nothing else stands against
/// publication.
fn verdict(decision: &Decision, findings: &[Finding], assessed: bool) -> (Verdict, bool) {
    let unsafe_finding = findings
        .iter()
        .any(|finding| finding.severity >= Severity::Warning && finding.rule.group().is_safety());
    let open = |question: &&Question| question.answer != Answer::No;
    let mut open = decision.questions.iter().filter(open);
    match (open.next(), assessed && !unsafe_finding) {
        (None, true) => (Verdict::Publishable, false),
        (Some(only), true) => {
            let is_review = only.id == QuestionId::MissingDataReview;
            let is_known = only.answer == Answer::Yes;
            (Verdict::ExtraReview, is_review && is_known)
        }
        (_, false) => (Verdict::ExtraReview, false),
    }
}
