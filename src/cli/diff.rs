//! `headcount diff`: compares the datasets before and after a change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Diff;
use super::base::BaseTree;
use super::changes::{BaseCommit, ChangedFiles};
use super::configurations::Configurations;
use super::readers::{ChangeReach, ServedFile};
use super::session::{Order, SessionInput, sessions};
use super::sides::{assess_before, find_candidate_files, text_of, within};
use super::{CLEAN, FAILED, Failure, STOP, aliases, labels, output, record, run, session};
use crate::assess::{self, AnalysisDetail};
use crate::assessment::FileAssessment;
use crate::config::FailOn;
use crate::record::{Comparison, DatasetComparison, key};
use crate::report::{self, DiffFormat, Format, Gate, Run};
use crate::source::{SourceText, files};
use crate::storage;

pub(super) fn run(diff: &Diff) -> Result<u8, Failure> {
    let first = diff.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let mut configs = Configurations::of(&diff.common, first)?;
    let serving = configs.serving(first)?;
    let mut changes = ChangedFiles::since_revision(first, &diff.base, &diff.paths)?;
    aliases::add(&mut changes.paths, first)?;
    let Some(before) = changes.before.clone() else {
        return Err(Failure::Usage(format!(
            "--base {}: unknown git commit; fetch it: `git fetch origin` (in CI: `fetch-depth: 0`)",
            diff.base
        )));
    };
    let root = record::load(diff.common.record.as_deref(), &serving, first)?
        .root()
        .to_owned();
    let mut sides = Sides {
        diff,
        changes: &changes,
        before: &before,
        failed: false,
        queries: BTreeSet::new(),
        published: BTreeSet::new(),
    };
    let (was, mut is) = sides.assess(&mut configs, first)?;
    is.notes = configs.notes();
    let changed = |path: &str| {
        sides
            .queries
            .contains(&within(Path::new(path), &before.top))
    };
    let compared = Comparison {
        notes: report::notes(&is),
        base: before.commit.clone(),
        datasets: compare(&was, &is.files, &root, &changed),
    };
    let stop = match diff.fail_on.map(FailOn::from) {
        None | Some(FailOn::Never) => false,
        Some(fail_on) => {
            let mut told = retain_compared(is, &compared, &root, &changed);
            // A dataset that is not published is shown, but fails nothing.
            told.files
                .retain(|file| sides.published.contains(file.source.path()));
            run::status(&told, Gate::from(fail_on)) == STOP
        }
    };
    let (format, file) = target(diff)?;
    let text = report::comparison(&compared, format);
    match file {
        Some(path) => {
            storage::replace(&path, &text).map_err(|error| Failure::Write(path, error))?;
        }
        None => output::print(&text)?,
    }
    Ok(match (sides.failed, stop) {
        (true, _) => FAILED,
        (false, true) => STOP,
        (false, false) => CLEAN,
    })
}

/// Returns the format of the report and its file, if any.
fn target(diff: &Diff) -> Result<(DiffFormat, Option<PathBuf>), Failure> {
    let targets = output::targets(&diff.common)?;
    let [target] = targets.as_slice() else {
        return Err(Failure::Usage(
            "`diff` writes a single format; use --format once".to_owned(),
        ));
    };
    let format = match target.format {
        Format::Human => DiffFormat::Human,
        Format::Markdown => DiffFormat::Markdown,
        Format::Json => DiffFormat::Json,
        Format::Concise | Format::Sarif | Format::Github | Format::Gitlab => {
            let names: Vec<&str> = DiffFormat::ALL.iter().map(|(name, _)| *name).collect();
            return Err(Failure::Usage(format!(
                "unknown format of `diff`; known formats: {}",
                names.join(", ")
            )));
        }
    };
    Ok((format, target.file.clone()))
}

/// The repository before and after the change.
struct Sides<'a> {
    diff: &'a Diff,
    changes: &'a ChangedFiles,
    before: &'a BaseCommit,
    /// Whether some file could not be read; the failure was already reported.
    failed: bool,
    /// The files that changed, or that include a changed file, relative to the top.
    queries: BTreeSet<PathBuf>,
    /// Files of the work tree whose datasets are published.
    published: BTreeSet<String>,
}

/// The files of one side, and what the change reaches among them. The keys are paths
/// relative to the top.
struct Side {
    served: BTreeMap<PathBuf, ServedFile>,
    reach: ChangeReach,
}

impl Side {
    /// Returns the files to assess: queries that changed themselves, published or
    /// not, and other files that are published and may be reached.
    fn reached(&self) -> impl Iterator<Item = &PathBuf> {
        let reached = self.served.iter().filter(|(_, (path, config))| {
            self.reach.is_query(path)
                || ((self.reach.names(path) || self.reach.may_reach(config))
                    && config.publishes(path))
        });
        reached.map(|(within, _)| within)
    }
}

impl Sides<'_> {
    /// Returns the datasets before, and those after, compared with the record.
    fn assess(
        &mut self,
        configs: &mut Configurations,
        first: &Path,
    ) -> Result<(Vec<FileAssessment>, Run), Failure> {
        let common = &self.diff.common;
        let top = &self.before.top;
        if self.changes.paths.is_empty() {
            return Ok((Vec::new(), Run::of(Vec::new(), 0)));
        }
        let (found, failed) = find_candidate_files(self.changes, configs, common)?;
        self.failed |= failed;
        let now = self.side(found, &self.changes.paths, top)?;
        let mut tree = BaseTree::of(self.before, common)?;
        let paths: BTreeSet<PathBuf> = self
            .changes
            .paths
            .iter()
            .map(|path| tree.then(path))
            .collect();
        let mut served = Vec::new();
        for path in files::under(tree.path())? {
            let config = tree.serving(&path, configs)?;
            if config.covers(&path) {
                served.push((path, config));
            }
        }
        for path in paths.iter().filter(|path| files::is_sql(path)) {
            let config = tree.serving(path, configs)?;
            if path.is_file() && config.covers(path) {
                served.push((path.clone(), config));
            }
        }
        let then = self.side(served, &paths, tree.path())?;
        let reached: BTreeSet<PathBuf> = now.reached().chain(then.reached()).cloned().collect();
        for (within, (path, _)) in now.served.iter().chain(&then.served) {
            if now.reach.names(path) || then.reach.names(path) {
                self.queries.insert(within.clone());
            }
        }
        let of = |side: &Side| -> Vec<ServedFile> {
            let served = reached.iter().filter_map(|within| {
                let (path, config) = side.served.get(within)?;
                let shown = side.reach.is_query(path) || config.publishes(path);
                shown.then(|| (path.clone(), Arc::clone(config)))
            });
            served.collect()
        };
        let mut before = of(&then);
        before.extend(labels::beside(paths.iter(), |label| {
            tree.serving(label, configs)
        })?);
        let mut was = assess_before(&tree, before, common)?;
        show_work_tree_paths(&mut was, &tree);
        self.failed |= run::report_faults(&was);
        let mut is = self.assess_after(of(&now), configs, first)?;
        let labels = labels::beside(self.changes.paths.iter(), |label| configs.serving(label))?;
        for (label, _) in labels {
            let text = files::read(run::near(&label))?;
            self.published.insert(text.path().to_owned());
            self.queries.insert(within(&label, top));
            is.files.push(assess::metadata(text));
        }
        Ok((was, is))
    }

    fn side(
        &self,
        served: Vec<ServedFile>,
        changed: &BTreeSet<PathBuf>,
        root: &Path,
    ) -> Result<Side, Failure> {
        let common = &self.diff.common;
        let registry = common.registry.as_deref();
        let before = Some(self.before);
        let reach = ChangeReach::of(changed, &served, registry, common.jobs, &|path| {
            text_of(path, before)
        })?;
        let served = served
            .into_iter()
            .map(|served| (within(&served.0, root), served));
        Ok(Side {
            served: served.collect(),
            reach,
        })
    }

    fn assess_after(
        &mut self,
        served: Vec<ServedFile>,
        configs: &mut Configurations,
        first: &Path,
    ) -> Result<Run, Failure> {
        let common = &self.diff.common;
        let mut inputs = Vec::new();
        for (at, config) in served {
            match files::read(&at) {
                Ok(text) => {
                    if config.publishes(&at) {
                        self.published.insert(text.path().to_owned());
                    }
                    inputs.push(SessionInput::of(at, text, config));
                }
                Err(error) => {
                    Failure::from(error).tell();
                    self.failed = true;
                }
            }
        }
        let order = Order::of(&inputs);
        let today = record::today(self.diff.date.as_deref())?;
        let mut runs = Vec::new();
        let serving = (first, configs.serving(first)?);
        for mut session in sessions(inputs, serving, common.record.as_deref())? {
            let mut registries = session.registries(common, AnalysisDetail::Made)?;
            let mut run = session::assess(&mut session, &mut registries, common)?;
            record::compare_with_record(&mut run, &session.held, &today, &session.config)?;
            run::select_findings(&mut run, &session.config, common)?;
            runs.push(run);
        }
        let run = order.merge(runs);
        self.failed |= run::report_faults(&run.files);
        Ok(run)
    }
}

/// Keeps the results of a run for the compared datasets and for changed files.
fn retain_compared(
    mut run: Run,
    compared: &Comparison,
    root: &Path,
    changed: &dyn Fn(&str) -> bool,
) -> Run {
    let datasets = compared.datasets.iter();
    let told: BTreeSet<&str> = datasets.map(|known| known.dataset.as_str()).collect();
    for file in &mut run.files {
        let path = file.source.path();
        if !changed(path) {
            file.findings.clear();
        }
        file.datasets
            .retain(|dataset| told.contains(&*key(path, &dataset.identity, root)));
    }
    run
}

/// Renames files of the commit to their paths in the work tree.
fn show_work_tree_paths(before: &mut [FileAssessment], tree: &BaseTree) {
    for file in before {
        let read = file.source.path().to_owned();
        let now = tree.now(Path::new(&read));
        let shown = run::near(&now).display().to_string();
        for dataset in &mut file.datasets {
            if let Some(ordinal) = dataset.identity.strip_prefix(&read) {
                dataset.identity = format!("{shown}{ordinal}");
            }
        }
        file.source = SourceText::new(shown.as_str(), file.source.text());
    }
}

/// Pairs the datasets of both sides by name. A dataset of an unchanged file is
/// included only if its disclosure changed.
fn compare(
    before: &[FileAssessment],
    after: &[FileAssessment],
    root: &Path,
    changed: &dyn Fn(&str) -> bool,
) -> Vec<DatasetComparison> {
    let mut sides: BTreeMap<String, DatasetComparison> = BTreeMap::new();
    for (files, later) in [(before, false), (after, true)] {
        for file in files {
            for dataset in &file.datasets {
                let name = key(file.source.path(), &dataset.identity, root);
                let known = sides
                    .entry(name.clone())
                    .or_insert_with(|| DatasetComparison::new(name, file.source.path()));
                known.add(dataset, later);
            }
        }
    }
    sides
        .into_values()
        .filter(|compared| changed(&compared.path) || compared.is_changed())
        .collect()
}
