//! The repository before and after a change.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::args::Common;
use super::base::BaseTree;
use super::changes::{BaseCommit, ChangedFiles};
use super::configurations::Configurations;
use super::git::{self, Repository};
use super::readers::{ChangeReach, ServedFile};
use super::session::{SessionInput, group_by_config};
use super::{Failure, labels, run};
use crate::assess;
use crate::assessment::{Assessment, FileAssessment};
use crate::config::FILE_NAME;
use crate::policy::Verdict;
use crate::record::{Disclosure, key};
use crate::rules::Severity;
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::files;

/// Returns a path relative to a folder, or the absolute path if it is not below it.
pub(super) fn within(path: &Path, root: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let whole = here.join(path);
    let canonical = |path: &Path| path.canonicalize().ok();
    let below = |path: &Path, root: &Path| path.strip_prefix(root).map(Path::to_owned).ok();
    below(&whole, root)
        .or_else(|| below(&canonical(&whole)?, &canonical(root)?))
        .unwrap_or(whole)
}

/// Returns the files that a change may concern: all files of the repositories around
/// it, and the changed files themselves. The flag is true if some could not be read.
pub(super) fn find_candidate_files(
    changes: &ChangedFiles,
    configs: &mut Configurations,
    common: &Common,
) -> Result<(Vec<ServedFile>, bool), Failure> {
    let failed = std::cell::Cell::new(false);
    let tell = |failure: Failure| {
        failure.tell();
        failed.set(true);
    };
    let mut found: BTreeMap<PathBuf, ServedFile> = BTreeMap::new();
    let mut add = |served: Vec<ServedFile>| {
        for (path, config) in served {
            found
                .entry(files::absolute(&path))
                .or_insert((path, config));
        }
    };
    for root in roots(changes) {
        let shown = files::listed(run::near(&root)).to_owned();
        let root = run::found(&shown, configs, common.ignored(), &tell)?;
        add(root.covered);
    }
    for path in changes.paths.iter().filter(|path| files::is_sql(path)) {
        let config = configs.serving(path)?;
        if path.is_file() && config.covers(path) {
            add(vec![(run::near(path).to_owned(), config)]);
        }
    }
    Ok((found.into_values().collect(), failed.get()))
}

/// Returns the tops of the repositories that contain a change. Outside of git, this
/// is the folder of the outermost configuration, otherwise the working directory.
pub(super) fn roots(changes: &ChangedFiles) -> Vec<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let mut roots: Vec<PathBuf> = Vec::new();
    if let Some(before) = &changes.before {
        roots.push(before.top.clone());
    }
    for path in &changes.paths {
        if roots.iter().any(|root| path.starts_with(root)) {
            continue;
        }
        let folder = git::nearest_folder(path);
        let outermost = |name: &str| {
            let mut above = folder.ancestors().collect::<Vec<_>>().into_iter().rev();
            above.find(|above| above.join(name).is_file())
        };
        let top = bounded::top(folder)
            .or_else(|| outermost(FILE_NAME))
            .or_else(|| path.starts_with(&here).then_some(here.as_path()))
            .unwrap_or(folder);
        roots.push(top.to_owned());
    }
    roots
}

/// Returns the text of a changed file, or its text before the change if it was
/// deleted.
pub(super) fn text_of(path: &Path, before: Option<&BaseCommit>) -> Option<String> {
    if let Ok(text) = bounded::read_to_string(path, LARGEST_TEXT) {
        return Some(text);
    }
    let before = before?;
    let repository = Repository::around(&before.top).ok()?;
    repository.text_at(&before.commit, path)
}

/// Assesses files of a commit, each with the configuration of that time.
pub(super) fn assess_before(
    tree: &BaseTree,
    served: Vec<ServedFile>,
    common: &Common,
) -> Result<Vec<FileAssessment>, Failure> {
    let mut inputs = Vec::new();
    let mut assessed = Vec::new();
    for (at, config) in served {
        // A file that could not be read then has no assessment to compare.
        match files::read(&at) {
            Ok(text) if files::is_sql(&at) => inputs.push(SessionInput::of(at, text, config)),
            // A label that published a table which SQL made says nothing by itself.
            Ok(text) if labels::is_label(&at) => assessed.push(assess::metadata(text)),
            Ok(_) | Err(_) => {}
        }
    }
    for (config, texts) in group_by_config(inputs) {
        let mut registries = tree.registries(&config, common)?;
        assessed.extend(run::assess(&mut registries, texts, &config, common)?.files);
    }
    Ok(assessed)
}

/// The parts of an assessment that are compared.
#[derive(PartialEq)]
struct ComparedAssessment {
    assessed: bool,
    internal: Option<String>,
    verdict: Verdict,
    disclosure: Vec<Disclosure>,
    findings: Vec<(&'static str, Severity)>,
}

impl ComparedAssessment {
    fn of(dataset: &Assessment) -> Self {
        let findings = dataset.findings.iter();
        let mut findings: Vec<_> = findings
            .map(|finding| (finding.rule.code, finding.severity))
            .collect();
        findings.sort_unstable();
        Self {
            assessed: dataset.assessed,
            internal: dataset.internal.clone(),
            verdict: dataset.verdict,
            disclosure: Disclosure::each(dataset),
            findings,
        }
    }
}

/// The assessments of datasets before a change.
pub(super) struct EarlierAssessments {
    top: PathBuf,
    /// Assessments by name of the dataset, and whether one of them read a changed
    /// file.
    datasets: FxHashMap<String, (Vec<ComparedAssessment>, bool)>,
}

impl EarlierAssessments {
    /// Assesses files of the work tree as they were before the change.
    pub(super) fn of(
        before: &BaseCommit,
        files: &[PathBuf],
        reach: &ChangeReach,
        configs: &mut Configurations,
        common: &Common,
    ) -> Result<Self, Failure> {
        let mut tree = BaseTree::of(before, common)?;
        let mut served = Vec::new();
        for file in files {
            let then = tree.then(file);
            if then.is_file() {
                let config = tree.serving(&then, configs)?;
                served.push((then, config));
            }
        }
        let mut datasets: FxHashMap<String, (Vec<ComparedAssessment>, bool)> = FxHashMap::default();
        for file in assess_before(&tree, served, common)? {
            for dataset in &file.datasets {
                let name = key(file.source.path(), &dataset.identity, tree.path());
                let read = reach.is_read_by(dataset, &|path| tree.now(Path::new(path)));
                let known = datasets.entry(name).or_default();
                known.0.push(ComparedAssessment::of(dataset));
                known.1 |= read;
            }
        }
        Ok(Self {
            top: before.top.clone(),
            datasets,
        })
    }

    /// Returns the names of the datasets that the change affected. These read a
    /// changed file before the change, or their assessment differs from the one
    /// before.
    pub(super) fn changed(&self, files: &[&FileAssessment]) -> HashSet<String> {
        let mut now: FxHashMap<String, Vec<ComparedAssessment>> = FxHashMap::default();
        for file in files {
            for dataset in &file.datasets {
                let name = self.name(file, dataset);
                now.entry(name)
                    .or_default()
                    .push(ComparedAssessment::of(dataset));
            }
        }
        now.into_iter()
            .filter(|(name, said)| match self.datasets.get(name) {
                Some((before, read)) => *read || before != said,
                None => true,
            })
            .map(|(name, _)| name)
            .collect()
    }

    /// Returns the name of a dataset of the work tree.
    pub(super) fn name(&self, file: &FileAssessment, dataset: &Assessment) -> String {
        key(file.source.path(), &dataset.identity, &self.top)
    }
}
