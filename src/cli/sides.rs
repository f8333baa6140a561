//! A repository before a change and after it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::args::Common;
use super::base::BaseTree;
use super::changes::{Before, Changes};
use super::configurations::Configurations;
use super::git::{self, Repository};
use super::readers::{Reach, Served};
use super::session::{Input, by_config};
use super::{Failure, labels, run};
use crate::assess;
use crate::assessment::{Assessment, FileAssessment};
use crate::config::FILE_NAME;
use crate::policy::Verdict;
use crate::record::{Disclosure, key};
use crate::rules::Severity;
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::files;

/// A path relative to a folder, where it lies below that.
pub(super) fn within(path: &Path, root: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let whole = here.join(path);
    let canonical = |path: &Path| path.canonicalize().ok();
    let below = |path: &Path, root: &Path| path.strip_prefix(root).map(Path::to_owned).ok();
    below(&whole, root)
        .or_else(|| below(&canonical(&whole)?, &canonical(root)?))
        .unwrap_or(whole)
}

/// The files that a change is looked for in: all of the repositories around it, and
/// what changed itself, wherever it lies.
pub(super) fn looked_at(
    changes: &Changes,
    configs: &mut Configurations,
    common: &Common,
) -> Result<(Vec<Served>, bool), Failure> {
    let failed = std::cell::Cell::new(false);
    let tell = |failure: Failure| {
        failure.tell();
        failed.set(true);
    };
    let mut found: BTreeMap<PathBuf, Served> = BTreeMap::new();
    let mut add = |served: Vec<Served>| {
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

/// The tops of the repositories that a change lies in. Outside of git, that is where
/// the outermost configuration stands, else the working directory.
pub(super) fn roots(changes: &Changes) -> Vec<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let mut roots: Vec<PathBuf> = Vec::new();
    if let Some(before) = &changes.before {
        roots.push(before.top.clone());
    }
    for path in &changes.paths {
        if roots.iter().any(|root| path.starts_with(root)) {
            continue;
        }
        let folder = git::standing(path);
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

/// The text of a file that changed, as it is or, if it is gone, was.
pub(super) fn text_of(path: &Path, before: Option<&Before>) -> Option<String> {
    if let Ok(text) = bounded::read_to_string(path, LARGEST_TEXT) {
        return Some(text);
    }
    let before = before?;
    let repository = Repository::around(&before.top).ok()?;
    repository.text_at(&before.commit, path)
}

/// Assesses files as they were, each with what served it then.
pub(super) fn assess_before(
    tree: &BaseTree,
    served: Vec<Served>,
    common: &Common,
) -> Result<Vec<FileAssessment>, Failure> {
    let mut inputs = Vec::new();
    let mut assessed = Vec::new();
    for (at, config) in served {
        // What could not be read then says nothing.
        match files::read(&at) {
            Ok(text) if files::is_sql(&at) => inputs.push(Input::of(at, text, config)),
            // A label that published a table which SQL made says nothing by itself.
            Ok(text) if labels::is_label(&at) => assessed.push(assess::metadata(text)),
            Ok(_) | Err(_) => {}
        }
    }
    for (config, texts) in by_config(inputs) {
        let mut registries = tree.registries(&config, common)?;
        assessed.extend(run::assess(&mut registries, texts, &config, common)?.files);
    }
    Ok(assessed)
}

/// What is said of a dataset, to be compared.
#[derive(PartialEq)]
struct Said {
    assessed: bool,
    internal: Option<String>,
    verdict: Verdict,
    disclosure: Vec<Disclosure>,
    findings: Vec<(&'static str, Severity)>,
}

impl Said {
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

/// What was said of datasets before a change.
pub(super) struct WasSaid {
    top: PathBuf,
    /// By what the datasets are called.
    datasets: FxHashMap<String, (Vec<Said>, bool)>,
}

impl WasSaid {
    /// Assesses files of the work tree as they were.
    pub(super) fn of(
        before: &Before,
        files: &[PathBuf],
        reach: &Reach,
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
        let mut datasets: FxHashMap<String, (Vec<Said>, bool)> = FxHashMap::default();
        for file in assess_before(&tree, served, common)? {
            for dataset in &file.datasets {
                let name = key(file.source.path(), &dataset.identity, tree.path());
                let read = reach.is_read_by(dataset, &|path| tree.now(Path::new(path)));
                let known = datasets.entry(name).or_default();
                known.0.push(Said::of(dataset));
                known.1 |= read;
            }
        }
        Ok(Self {
            top: before.top.clone(),
            datasets,
        })
    }

    /// The datasets of files of which something else was said, or that read what
    /// changed, by what they are called.
    pub(super) fn changed(&self, files: &[&FileAssessment]) -> HashSet<String> {
        let mut now: FxHashMap<String, Vec<Said>> = FxHashMap::default();
        for file in files {
            for dataset in &file.datasets {
                let name = self.name(file, dataset);
                now.entry(name).or_default().push(Said::of(dataset));
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

    /// What a dataset of now is called.
    pub(super) fn name(&self, file: &FileAssessment, dataset: &Assessment) -> String {
        key(file.source.path(), &dataset.identity, &self.top)
    }
}
