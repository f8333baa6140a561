//! The datasets before and after a change: each side with the repository of then.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::Common;
use super::base::BaseTree;
use super::readers::Changed;
use super::{Failure, run};
use crate::config::Config;
use crate::report::Run;
use crate::source::{SourceText, files};
use crate::workspace::Registries;

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

/// What the changed files, relative to the top, may change: as it was at the base,
/// and as it is.
pub(super) fn both(
    changed: &BTreeSet<PathBuf>,
    base: &str,
    top: &Path,
    config: &Config,
    common: &Common,
) -> Result<(Run, Run), Failure> {
    let then = BaseTree::of(top, base)?;
    let mut was = Side {
        root: then.path().to_owned(),
        config: then.config(config, top),
    }
    .assess(changed, common, |config| {
        then.registries(config, common, top)
    })?;
    let mut is = Side {
        root: top.to_owned(),
        config: config.clone(),
    }
    .assess(changed, common, |config| run::registries(config, common))?;
    // A table that is gone was read before, and a new one is read after.
    let touched: BTreeSet<PathBuf> = was.touched.union(&is.touched).cloned().collect();
    was.retain(&touched);
    is.retain(&touched);
    was.shown_at(top);
    Ok((was.run, is.run))
}

/// The repository before or after.
struct Side {
    root: PathBuf,
    config: Config,
}

/// What was found on one side.
struct Assessed {
    root: PathBuf,
    run: Run,
    /// The files, relative to the root, whose datasets the change may change.
    touched: BTreeSet<PathBuf>,
}

impl Side {
    /// Assesses what changed, and what is published where it may have changed with
    /// it.
    fn assess(
        self,
        paths: &BTreeSet<PathBuf>,
        common: &Common,
        registries: impl Fn(&Config) -> Result<Registries, Failure>,
    ) -> Result<Assessed, Failure> {
        let whole: Vec<PathBuf> = paths.iter().map(|path| self.root.join(path)).collect();
        let changed = Changed::of(&whole);
        let mut files: BTreeSet<PathBuf> = whole
            .into_iter()
            .filter(|path| files::is_sql(path) && path.is_file())
            .collect();
        if changed.may_reach_others(&self.config) {
            let folder = self.config.folder();
            let folder = if folder.as_os_str().is_empty() {
                &self.root
            } else {
                folder
            };
            let below = files::under(folder)?;
            files.extend(
                below
                    .into_iter()
                    .filter(|file| self.config.covers(file) && self.config.publishes(file))
                    .map(|file| self.root.join(within(&file, &self.root))),
            );
        }
        let texts = files
            .iter()
            .map(|file| files::read(run::near(file)))
            .collect::<Result<Vec<SourceText>, _>>()?;
        let mut registries = registries(&self.config)?;
        let run = run::assess(&mut registries, texts, &self.config, common)?;
        let touched = run
            .files
            .iter()
            .filter(|file| changed.touches(file))
            .map(|file| within(Path::new(file.source.path()), &self.root))
            .collect();
        Ok(Assessed {
            root: self.root,
            run,
            touched,
        })
    }
}

impl Assessed {
    fn retain(&mut self, touched: &BTreeSet<PathBuf>) {
        let root = &self.root;
        self.run
            .files
            .retain(|file| touched.contains(&within(Path::new(file.source.path()), root)));
    }

    /// Names the files as they are called in the work tree, wherever they were read.
    fn shown_at(&mut self, top: &Path) {
        for file in &mut self.run.files {
            let read = file.source.path().to_owned();
            let file_of_now = top.join(within(Path::new(&read), &self.root));
            let shown = run::near(&file_of_now).display().to_string();
            for dataset in &mut file.datasets {
                if let Some(ordinal) = dataset.identity.strip_prefix(&read) {
                    dataset.identity = format!("{shown}{ordinal}");
                }
            }
            file.source = SourceText::new(shown.as_str(), file.source.text());
        }
    }
}
