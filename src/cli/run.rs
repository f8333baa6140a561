//! What `check` and `review` share: reading, assessing, choosing what is shown,
//! the exit status.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Common, Configured};
use super::progress::Progress;
use super::{CLEAN, Failure, STOP, output};
use crate::assessment::Assessment;
use crate::catalog::{Schemas, layout};
use crate::config::{Config, FailOn, Layout, RuleSetting};
use crate::report::Run;
use crate::rules::{Finding, RULES, Severity};
use crate::source::files::listed;
use crate::source::{SourceText, files};
use crate::workspace::{Registries, Tree, Wanted};

/// The configuration for a run that begins with this path.
pub(super) fn config(first: &Path, given: &Configured) -> Result<Config, Failure> {
    if given.no_config {
        return Ok(Config::default());
    }
    if let Some(path) = &given.config {
        return Ok(Config::load(path)?);
    }
    let start = if first == Path::new("-") {
        Path::new(".")
    } else {
        first
    };
    Ok(match Config::find_upward(start) {
        Some(path) => Config::load(&path)?,
        None => recognised(start).unwrap_or_default(),
    })
}

/// What is plainly the tree of bigquery-etl or of dbt around a path, which is told.
fn recognised(start: &Path) -> Option<Config> {
    let absolute = std::path::absolute(start).ok()?;
    let (root, layout) = absolute.ancestors().find_map(|folder| {
        if layout::is_tree(folder) {
            Some((folder, Layout::BigqueryEtl))
        } else if folder.join("dbt_project.yml").is_file() {
            Some((folder, Layout::Dbt))
        } else {
            None
        }
    })?;
    let shown = near(root);
    output::warn(&format!(
        "{} is laid out as {}, so tables are followed into the files that make them; say so in headcount.toml ([project] layout = \"{}\"), or give --no-config",
        listed(shown).display(),
        layout.word(),
        layout.word()
    ));
    Some(Config::recognised(shown, layout))
}

/// The repository that a configuration speaks of.
fn tree(config: &Config) -> Result<Option<Arc<Tree>>, Failure> {
    let project = &config.project;
    // Messages show paths as short as those that were given.
    let root = near(config.folder());
    let given: Vec<PathBuf> = project
        .schemas
        .iter()
        .map(|path| near(path).to_owned())
        .collect();
    let declared = if project.layout == Some(Layout::Dbt) && given.is_empty() {
        let (declared, errors) = Schemas::of_dbt(root);
        for error in errors {
            output::warn(&error.to_string());
        }
        declared
    } else {
        Schemas::of_paths(&given)?
    };
    if project.layout.is_none() && declared.is_empty() {
        return Ok(None);
    }
    let tree = Tree::new(root, project.layout, declared, &config.template);
    Ok(Some(Arc::new(tree)))
}

/// A path as it is seen from here, where it lies below; empty for this folder.
pub(super) fn near(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path)
}

/// The first of the paths that were given, from which the configuration is found.
pub(super) fn first(paths: &[PathBuf]) -> &Path {
    paths.first().map_or(Path::new("."), PathBuf::as_path)
}

/// The text of one file; `-` is standard input, and is called so.
pub(super) fn text(file: &Path, stdin_filename: &str) -> Result<SourceText, Failure> {
    if file == Path::new("-") {
        Ok(files::read_stdin(stdin_filename)?)
    } else if file.exists() {
        Ok(files::read(file)?)
    } else {
        let path = file.to_owned();
        Err(Failure::Read(files::ReadError::Missing { path }))
    }
}

/// The texts under paths, and whether some could not be read, which is told.
pub(super) fn texts(
    paths: &[PathBuf],
    config: &Config,
    stdin_filename: &str,
) -> Result<(Vec<SourceText>, bool), Failure> {
    let failed = Cell::new(false);
    let tell = |failure: Failure| {
        failure.tell();
        failed.set(true);
    };
    let mut texts = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            texts.push(files::read_stdin(stdin_filename)?);
            continue;
        }
        for file in found(path, config, &tell) {
            // One that can't be read does not keep the others from being read.
            match files::read(&file) {
                Ok(text) => texts.push(text),
                Err(error) => tell(error.into()),
            }
        }
    }
    Ok((texts, failed.get()))
}

/// The files under a path that the configuration covers.
pub(super) fn found(path: &Path, config: &Config, tell: &impl Fn(Failure)) -> Vec<PathBuf> {
    let mut found = match files::under(path) {
        Ok(found) => found,
        Err(error) => {
            tell(error.into());
            return Vec::new();
        }
    };
    if found.is_empty() {
        output::warn(&format!("{}: no .sql file is in it", path.display()));
    }
    found.retain(|file| config.covers(file));
    found
}

/// Assesses texts.
pub(super) fn assess(
    registries: &mut Registries,
    texts: Vec<SourceText>,
    config: &Config,
    common: &Common,
) -> Result<Run, Failure> {
    let progress = Progress::of(texts.len(), common.quiet);
    let (files, min_bucket) =
        registries.assess(texts, &config.template, common.jobs, &|| progress.step())?;
    Ok(Run::of(files, min_bucket))
}

/// Looks for edits that mend what was assessed.
pub(super) fn mend(
    registries: &mut Registries,
    run: &mut Run,
    config: &Config,
    common: &Common,
    wanted: Wanted,
    pasted: bool,
) -> Result<(), Failure> {
    registries.mend(
        &mut run.files,
        &config.template,
        common.jobs,
        wanted,
        pasted,
    )?;
    Ok(())
}

/// Looks for the rows that show why a minimum bucket is not proven.
pub(super) fn examples(
    registries: &mut Registries,
    run: &mut Run,
    config: &Config,
    pasted: bool,
) -> Result<(), Failure> {
    registries.examples(&mut run.files, &config.template, pasted)?;
    Ok(())
}

/// Assesses a pasted text.
pub(super) fn assess_pasted(
    registries: &mut Registries,
    text: SourceText,
    config: &Config,
) -> Result<Run, Failure> {
    let (file, min_bucket) = registries.assess_pasted(text, &config.template)?;
    Ok(Run::of(vec![file], min_bucket))
}

/// The registries that serve a run, and the repository around its files. What is
/// read of either is kept, so a run has one of them until files are written.
pub(super) fn registries(config: &Config, common: &Common) -> Result<Registries, Failure> {
    registries_of(config, common.registry.as_deref())
}

/// The same with the registry that was given, if one was.
pub(super) fn registries_of(config: &Config, given: Option<&Path>) -> Result<Registries, Failure> {
    let registries = match given.or(config.registry.as_deref()) {
        Some(path) => Registries::given(path)?,
        None => Registries::default(),
    };
    Ok(registries.within(tree(config)?))
}

/// Leaves away the findings that were not asked for. The verdicts stay.
pub(super) fn choose(run: &mut Run, config: &Config, common: &Common) -> Result<(), Failure> {
    for word in common.select.iter().chain(&common.ignore) {
        if !RULES.iter().any(|rule| names(word, rule.code, rule.name)) {
            return Err(Failure::Usage(format!(
                "there is no rule `{word}`; `headcount explain` lists them"
            )));
        }
    }
    let keep = |code: &str, name: &str| {
        let selected =
            common.select.is_empty() || common.select.iter().any(|word| names(word, code, name));
        selected && !common.ignore.iter().any(|word| names(word, code, name))
    };
    let choose = |findings: &mut Vec<Finding>| {
        findings.retain(|finding| keep(finding.rule.code, finding.rule.name));
        findings.retain_mut(|finding| match config.rules.get(finding.rule.code) {
            Some(RuleSetting::Off) => false,
            Some(RuleSetting::Severity(severity)) => {
                finding.severity = *severity;
                true
            }
            None => true,
        });
    };
    for file in &mut run.files {
        choose(&mut file.findings);
        for dataset in &mut file.datasets {
            choose(&mut dataset.findings);
        }
    }
    Ok(())
}

/// Whether a word names a rule: its code, the beginning of it, or its name.
fn names(word: &str, code: &str, name: &str) -> bool {
    let prefix = word.len() >= 3 && code.to_lowercase().starts_with(&word.to_lowercase());
    prefix || name.eq_ignore_ascii_case(word)
}

/// The exit status for what was found.
pub(super) fn status(run: &Run, fail_on: FailOn) -> u8 {
    let stop = match fail_on {
        FailOn::Never => false,
        FailOn::Error => run
            .findings()
            .any(|(_, finding)| finding.severity == Severity::Error),
        FailOn::Review => run
            .files
            .iter()
            .flat_map(|file| &file.datasets)
            .any(Assessment::stops),
    };
    if stop { STOP } else { CLEAN }
}
