//! Verification of edits: a candidate is accepted only if a complete assessment of
//! the edited text proves its bucket.

use similar::{Algorithm, DiffOp, TextDiff};

use super::tree::{FileSurroundings, Tree};
use super::{assess_in, assess_pasted_in, rendered_paste};
use crate::assess::{
    AnalysisDetail, DatasetSelector, Surroundings, counterexample, fault, proposals,
};
use crate::assessment::{Assessment, FileAssessment, Mend, Mended};
use crate::budget::{self, Stop};
use crate::mend::{Edit, Fix, FixCandidate, FixProposal, apply};
use crate::policy::Level;
use crate::registry::{Registry, ResidualOther};
use crate::source::template::{Rendered, TemplateSettings};
use crate::source::{SourceText, Span};

/// The rules whose findings an edit of a threshold can fix.
const MENDED: [&str; 11] = [
    "HC101", "HC102", "HC103", "HC104", "HC105", "HC106", "HC107", "HC108", "HC109", "HC110",
    "HC114",
];

/// Selects the edits that are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestedEdits {
    /// Edits that only change a threshold, as fixes of findings.
    Fixes,
    /// Also edits that remove columns, for `--to-level 2`.
    Level2,
}

/// The context in which edits are tried.
#[derive(Clone, Copy)]
pub(super) struct EditTrial<'a> {
    pub(super) registry: &'a Registry,
    pub(super) tree: Option<&'a Tree>,
    pub(super) templates: &'a TemplateSettings,
    pub(super) wanted: RequestedEdits,
    /// Whether texts are pastes, from which parts that are not SQL are removed.
    pub(super) pasted: bool,
}

impl EditTrial<'_> {
    /// Searches for an edit for each dataset of a file.
    pub(super) fn file(&self, file: &mut FileAssessment) {
        // All trials of a file share one budget; edits found before it is exceeded
        // remain.
        if let Err(stop) = budget::frame(|| self.each_dataset(file)) {
            for dataset in &mut file.datasets {
                if self.wanted == RequestedEdits::Level2 && dataset.mend.is_none() {
                    dataset.mend = Some(impossible(&stop.message()));
                }
            }
            failed(file, &stop);
        }
    }

    fn each_dataset(&self, file: &mut FileAssessment) {
        for at in 0..file.datasets.len() {
            let dataset = &file.datasets[at];
            let told = dataset
                .findings
                .iter()
                .any(|finding| MENDED.contains(&finding.rule.code));
            if self.wanted == RequestedEdits::Fixes && !told {
                continue;
            }
            let mend = self.dataset(file, at);
            let dataset = &mut file.datasets[at];
            if let Mend::Edit(mended) = &mend
                && let Some(finding) = dataset
                    .findings
                    .iter_mut()
                    .find(|finding| MENDED.contains(&finding.rule.code) && finding.fix.is_none())
            {
                finding.fix = Some(mended.fix.clone());
            }
            if self.wanted == RequestedEdits::Level2 {
                dataset.mend = Some(mend);
            }
        }
    }

    fn dataset(&self, file: &FileAssessment, at: usize) -> Mend {
        let dataset = &file.datasets[at];
        if !dataset.assessed {
            return impossible("the statement was not understood");
        }
        let decision = &dataset.decision;
        if decision
            .level
            .is_none_or(|level| level <= Level::MinimumBucket)
        {
            let open = decision.bucket.residual_unbounded
                && self.registry.policy().residual_other != ResidualOther::Allow;
            return open
                .then(|| self.bounded_residual(file, at))
                .flatten()
                .unwrap_or(Mend::NotNeeded);
        }
        let proposal = self.proposal(file, at);
        if let Some((candidate, after)) = self.best(file, at, &proposal) {
            return edit(
                candidate.fix.clone(),
                candidate.costs.clone(),
                &after.datasets[at],
            );
        }
        let without = proposal
            .without_columns
            .as_ref()
            .filter(|_| self.wanted == RequestedEdits::Level2);
        if let Some(found) = without.and_then(|without| self.fewer_columns(file, at, without)) {
            return found;
        }
        let left = match proposal.candidates.first() {
            Some(candidate) if self.wanted == RequestedEdits::Level2 => self
                .after(file, &candidate.fix.edits)
                .filter(|after| after.datasets.len() == file.datasets.len())
                .map_or_else(Vec::new, |after| self.proposal(&after, at).uncounted),
            Some(_) | None => Vec::new(),
        };
        Mend::Impossible {
            why: why(dataset, &proposal, &left),
        }
    }

    fn proposal(&self, file: &FileAssessment, at: usize) -> FixProposal {
        let rendered = self.rendered(file);
        let around = self.neighbours(file);
        proposals(
            &file.source,
            &rendered,
            &around.surroundings(),
            which(file, at),
        )
    }

    /// Searches for rows that show why a bucket is not proven.
    pub(super) fn examples(&self, file: &mut FileAssessment) {
        // An example is optional, so an exceeded budget changes nothing else.
        if let Err(stop) = budget::frame(|| self.each_example(file)) {
            failed(file, &stop);
        }
    }

    fn each_example(&self, file: &mut FileAssessment) {
        for at in 0..file.datasets.len() {
            let told = file.datasets[at]
                .findings
                .iter()
                .any(|finding| MENDED.contains(&finding.rule.code));
            if file.datasets[at].decision.level == Some(Level::Aggregated) && told {
                let rendered = self.rendered(file);
                let around = self.neighbours(file);
                let found = counterexample(
                    &file.source,
                    &rendered,
                    &around.surroundings(),
                    which(file, at),
                );
                file.datasets[at].example = found;
            }
        }
    }

    fn neighbours(&self, file: &FileAssessment) -> FileSurroundings<'_> {
        FileSurroundings::of(self.tree, self.registry, file.source.path())
    }

    fn rendered(&self, file: &FileAssessment) -> Rendered {
        budget::spend(file.source.text().len() / 2);
        if self.pasted {
            rendered_paste(&file.source, self.templates).0
        } else {
            super::rendered(self.tree, &file.source, self.templates)
        }
    }

    /// Returns the first candidate after which the bucket is proven.
    fn best<'p>(
        &self,
        file: &FileAssessment,
        at: usize,
        proposal: &'p FixProposal,
    ) -> Option<(&'p FixCandidate, FileAssessment)> {
        // Only a user who requests level 2 sees the assumptions of a guessed
        // candidate.
        let guesses = self.wanted == RequestedEdits::Level2;
        let candidates = proposal.candidates.iter();
        let candidates = candidates.filter(|candidate| guesses || !candidate.guessed);
        self.first(file, at, candidates, |_| true)
    }

    /// Returns the first candidate that proves the bucket and satisfies `accepts`.
    fn first<'c>(
        &self,
        file: &FileAssessment,
        at: usize,
        mut candidates: impl Iterator<Item = &'c FixCandidate>,
        accepts: impl Fn(&Assessment) -> bool,
    ) -> Option<(&'c FixCandidate, FileAssessment)> {
        candidates.find_map(|candidate| {
            let after = self.after(file, &candidate.fix.edits)?;
            let found = reaches_level_2(file, &after, at) && accepts(&after.datasets[at]);
            found.then_some((candidate, after))
        })
    }

    /// Returns an edit after which the residual of a fold is removed, or bounded as
    /// well.
    fn bounded_residual(&self, file: &FileAssessment, at: usize) -> Option<Mend> {
        let proposal = self.proposal(file, at);
        let bounded = |dataset: &Assessment| !dataset.decision.bucket.residual_unbounded;
        let candidates = proposal.without_residual.iter();
        let (candidate, after) = self.first(file, at, candidates, bounded)?;
        let dataset = &after.datasets[at];
        Some(edit(
            candidate.fix.clone(),
            candidate.costs.clone(),
            dataset,
        ))
    }

    /// Assesses the file after edits; `None` if they cannot be applied.
    fn after(&self, file: &FileAssessment, edits: &[Edit]) -> Option<FileAssessment> {
        let text = apply(file.source.text(), edits)?;
        let text = SourceText::new(file.source.path(), text);
        // The whole text is read again for each edit, also by parts that do not
        // count steps.
        budget::spend(text.text().len() / 2);
        let around = self.neighbours(file);
        // A trial does not need the derivations of columns.
        let surroundings = Surroundings {
            told: AnalysisDetail::Columns,
            ..around.surroundings()
        };
        Some(if self.pasted {
            assess_pasted_in(text, &surroundings, self.templates)
        } else {
            assess_in(text, &surroundings, self.templates)
        })
    }

    /// Returns an edit that removes columns, and adds a threshold if that is not
    /// enough.
    fn fewer_columns(
        &self,
        file: &FileAssessment,
        at: usize,
        without: &FixCandidate,
    ) -> Option<Mend> {
        let fewer = self.after(file, &without.fix.edits)?;
        if reaches_level_2(file, &fewer, at) {
            let dataset = &fewer.datasets[at];
            return Some(edit(without.fix.clone(), without.costs.clone(), dataset));
        }
        if fewer.datasets.len() != file.datasets.len() || !is_no_worse(file, &fewer, at) {
            return None;
        }
        let proposal = self.proposal(&fewer, at);
        let (candidate, after) = self.best(&fewer, at, &proposal)?;
        let fix = Fix {
            title: format!("{}, and {}", without.fix.title, candidate.fix.title),
            safe: false,
            edits: between(file.source.text(), after.source.text()),
        };
        let costs = [&without.costs[..], &candidate.costs[..]].concat();
        Some(edit(fix, costs, &after.datasets[at]))
    }
}

/// Records an internal error; the assessment that was made before it remains valid.
fn failed(file: &mut FileAssessment, stop: &Stop) {
    if stop.is_fault() {
        file.fault = Some(stop.message());
        file.findings.push(fault(&file.source, stop));
    }
}

fn edit(fix: Fix, costs: Vec<String>, after: &Assessment) -> Mend {
    Mend::Edit(Box::new(Mended {
        fix,
        costs,
        level: after.decision.level,
        bucket: after.decision.bucket.clone(),
        verdict: after.verdict,
    }))
}

fn impossible(why: &str) -> Mend {
    Mend::Impossible {
        why: vec![why.to_owned()],
    }
}

/// Whether a dataset of an edited file is at level 2, and the others are no worse.
///
/// Its bucket must be proven, too.
fn reaches_level_2(before: &FileAssessment, after: &FileAssessment, at: usize) -> bool {
    let Some(dataset) = after.datasets.get(at) else {
        return false;
    };
    let bucket = &dataset.decision.bucket;
    dataset.assessed
        && dataset.decision.level == Some(Level::MinimumBucket)
        && bucket.proven >= Some(bucket.required)
        && is_no_worse(before, after, at)
}

/// Whether an edited file has the same datasets and no new parts that are not
/// understood.
///
/// No other dataset may have a higher level, and none may be unassessed that was
/// assessed before.
fn is_no_worse(before: &FileAssessment, after: &FileAssessment, at: usize) -> bool {
    let unclear = |file: &FileAssessment| {
        file.datasets
            .iter()
            .flat_map(|dataset| &dataset.findings)
            .chain(&file.findings)
            .filter(|finding| finding.rule.code < "HC100")
            .count()
    };
    before.datasets.len() == after.datasets.len()
        && unclear(after) <= unclear(before)
        && before
            .datasets
            .iter()
            .zip(&after.datasets)
            .enumerate()
            .all(|(other, (was, is))| {
                was.identity == is.identity
                    && was.assessed <= is.assessed
                    && (other == at || is.decision.level <= was.decision.level)
            })
}

/// Returns why no edit was found.
///
/// `left` are tables whose people the best edit does not count.
fn why(dataset: &Assessment, proposal: &FixProposal, left: &[String]) -> Vec<String> {
    let mut why = proposal.missing.clone();
    if !left.is_empty() {
        let tables: Vec<String> = left.iter().map(|table| format!("`{table}`")).collect();
        why.push(format!(
            "even with a threshold, rows still stand for people of {}, whom it does not count; only a table of things, such as a list of countries, may be declared `personal = false` in the registry",
            tables.join(", ")
        ));
    } else if !proposal.candidates.is_empty() {
        why.push("no tested threshold edit proves it".to_owned());
    }
    if let Some(because) = dataset.decision.level_because.first()
        && !why.contains(&because.message)
    {
        why.push(because.message.clone());
    }
    if why.is_empty() {
        why.push("its groups are not created in this text".to_owned());
    }
    why
}

/// Returns the edits, line by line, that turn one text into another.
fn between(before: &str, after: &str) -> Vec<Edit> {
    let edits = by_line(before, after);
    if apply(before, &edits).as_deref() == Some(after) {
        return edits;
    }
    // The line ends are counted differently: replace the whole text.
    vec![Edit {
        span: Span::new(0, before.len()),
        text: after.to_owned(),
    }]
}

fn by_line(before: &str, after: &str) -> Vec<Edit> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_lines(before, after);
    let starts = |lines: &[&str]| {
        let mut at = 0;
        let mut starts = vec![0];
        for line in lines {
            at += line.len();
            starts.push(at);
        }
        starts
    };
    let old = starts(&before.split_inclusive('\n').collect::<Vec<_>>());
    let new = starts(&after.split_inclusive('\n').collect::<Vec<_>>());
    diff.ops()
        .iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .filter_map(|op| {
            let (was, is) = (op.old_range(), op.new_range());
            let text = after.get(*new.get(is.start)?..*new.get(is.end)?)?;
            Some(Edit {
                span: Span::new(*old.get(was.start)?, *old.get(was.end)?),
                text: text.to_owned(),
            })
        })
        .collect()
}

/// Returns the selector of a dataset of a file.
fn which(file: &FileAssessment, at: usize) -> DatasetSelector<'_> {
    let identity = file.datasets[at].identity.as_str();
    let nth = file.datasets[..at]
        .iter()
        .filter(|dataset| dataset.identity == identity)
        .count();
    DatasetSelector { identity, nth }
}
