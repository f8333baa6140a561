//! Functions that several commands share: reading files, assessing them, selecting
//! findings, and the exit status.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

use rustc_hash::FxHashSet;

use super::args::{Common, Configured};
use super::configurations::{Configurations, STDIN, place_of_stdin};
use super::progress::Progress;
use super::session::SessionInput;
use super::{CLEAN, FAILED, Failure, STOP, git, output, settings};
use crate::assessment::FileAssessment;
use crate::catalog::Schemas;
use crate::config::{self, Config, Layout, RuleSetting};
use crate::report::{Gate, Run};
use crate::rules::{self, Finding, RULES};
use crate::source::files::GitIgnoreMode;
use crate::source::{SourceText, files};
use crate::workspace::{NestedConfig, Registries, RequestedEdits, Tree};

/// Returns the configuration of one file; `-` is standard input, under the given
/// name.
pub(super) fn config(
    file: &Path,
    stdin_filename: &str,
    given: &Configured,
) -> Result<Arc<Config>, Failure> {
    let mut configs = Configurations::new(given)?;
    if file == Path::new("-") {
        configs.serving_stdin(stdin_filename)
    } else {
        configs.serving(file)
    }
}

/// Creates the repository of a configuration; `None` if it has no layout and no
/// schemas.
fn tree(config: &Config) -> Result<Option<Arc<Tree>>, Failure> {
    let project = &config.project;
    // Messages show paths relative to the working directory.
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
        Schemas::load_paths(&given)
            .map_err(|error| settings::blame(config, "project.schemas", None, error))?
    };
    if project.layout.is_none() && declared.is_empty() {
        return Ok(None);
    }
    let tree = Tree::new(root, project.layout, declared, &config.template);
    let (config, root) = (config.clone(), root.to_owned());
    let (around, folder) = (config.clone(), root.clone());
    let tree = tree.serving(Box::new(move || inside(&around, &folder)));
    let tree = tree.checking(Box::new(move || checked(&config, &root)));
    Ok(Some(Arc::new(tree)))
}

/// Returns the nested configurations of a repository. One that cannot be read sets
/// no value, so that templates in its folder have unknown values.
fn inside(config: &Config, root: &Path) -> Vec<NestedConfig> {
    if config.alone {
        return Vec::new();
    }
    let found = NestedConfig::files_below(root).into_iter();
    found
        .map(|file| {
            let folder = file.parent().unwrap_or(&file).to_owned();
            let stored = config::read_at(config.trusted.as_deref(), &file);
            let own = Config::load_from(&stored, &file);
            let mut own = own.unwrap_or_else(|_| Config::recognised(&folder, Layout::Plain));
            own.read_dbt();
            own.read_sqlmesh();
            NestedConfig {
                root: folder,
                layout: own.project.layout.unwrap_or(Layout::Plain),
                templates: own.template,
            }
        })
        .collect()
}

/// Returns the files that a run over the whole repository checks. Files that cannot
/// be listed are not checked, nor are files of a nested configuration.
fn checked(config: &Config, root: &Path) -> Vec<PathBuf> {
    let root = files::listed(root);
    let found = files::checked_under(root, GitIgnoreMode::Skipped, &files::is_sql);
    let own = |path: &PathBuf| {
        let inside = path.ancestors().skip(1);
        let inside = inside.take_while(|folder| *folder != root && !folder.as_os_str().is_empty());
        !inside
            .into_iter()
            .any(|folder| folder.join(config::FILE_NAME).is_file())
    };
    let mut found = found.unwrap_or_default();
    found.retain(|path| own(path) && config.covers(path) && config.publishes(path));
    found
}

/// Returns a path relative to the working directory if it is below it; empty for the
/// directory itself.
pub(super) fn near(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path)
}

/// Reads the text of one file; `-` is standard input, under the given name.
pub(super) fn text(file: &Path, stdin_filename: &str) -> Result<SourceText, Failure> {
    if file == Path::new("-") {
        Ok(files::read_stdin(stdin_filename)?)
    } else if files::is_there(file) {
        Ok(files::read(file)?)
    } else {
        let path = file.to_owned();
        Err(Failure::Read(files::ReadError::Missing { path }))
    }
}

/// The inputs under some paths.
pub(super) struct GatheredInputs {
    pub(super) inputs: Vec<SessionInput>,
    /// Whether some file could not be read; the failure was already reported.
    pub(super) failed: bool,
    /// The files of it.
    pub(super) unread: Vec<String>,
    /// Standard input, if its configuration excludes it.
    pub(super) excluded: Option<SourceText>,
}

/// Reads the texts under paths that their configurations cover.
pub(super) fn gather(
    paths: &[PathBuf],
    configs: &mut Configurations,
    stdin_filename: &str,
    ignored: GitIgnoreMode,
) -> Result<GatheredInputs, Failure> {
    let failed = Cell::new(false);
    let tell = |failure: Failure| {
        failure.tell();
        failed.set(true);
    };
    let mut inputs = Vec::new();
    let mut excluded = None;
    let mut uncovered = Vec::new();
    let mut unread = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            let text = files::read_stdin(stdin_filename)?;
            let config = configs.serving_stdin(stdin_filename)?;
            if is_excluded(stdin_filename, &config) {
                excluded = Some(text);
            } else {
                let at = place_of_stdin(stdin_filename);
                inputs.push(SessionInput::of(at, text, config));
            }
            continue;
        }
        let found = found(path, configs, ignored, &tell)?;
        if found.is_empty {
            output::warn(&format!(
                "{}: contains no .sql file; name the files or the folder of the queries",
                path.display()
            ));
        } else if found.covered.is_empty() && path.is_file() {
            uncovered.push((path.as_path(), configs.serving(path)?));
        }
        if path.is_file() && !files::is_sql(path) {
            output::warn(&format!(
                "{}: is read as SQL, although its name does not end with .sql",
                path.display()
            ));
        }
        for (at, config) in found.covered {
            // A file that cannot be read does not stop the others.
            match files::read(&at) {
                Ok(text) => inputs.push(SessionInput::of(at, text, config)),
                Err(error) => {
                    unread.push(at.display().to_string());
                    tell(error.into());
                }
            }
        }
    }
    settings::warn_unchecked(&uncovered);
    Ok(GatheredInputs {
        inputs,
        failed: failed.get(),
        unread,
        excluded,
    })
}

/// Returns whether the configuration excludes standard input. It can exclude it only
/// by the file name that the user gave.
pub(super) fn is_excluded(name: &str, config: &Config) -> bool {
    name != STDIN && !config.covers(Path::new(name))
}

/// The files under a path.
pub(super) struct Found {
    /// The files that their configurations cover, with these.
    pub(super) covered: Vec<(PathBuf, Arc<Config>)>,
    /// Whether there is no file at all, covered or not.
    pub(super) is_empty: bool,
}

/// Finds the files under a path. A path that cannot be read is reported, and does
/// not count as empty.
pub(super) fn found(
    path: &Path,
    configs: &mut Configurations,
    ignored: GitIgnoreMode,
    tell: &impl Fn(Failure),
) -> Result<Found, Failure> {
    // An invalid configuration is reported even if no file is found.
    configs.serving(path)?;
    let all = match listed(path, ignored, &files::is_sql) {
        Ok(found) => found,
        Err(error) => {
            tell(error.into());
            return Ok(Found {
                covered: Vec::new(),
                is_empty: false,
            });
        }
    };
    let is_empty = all.is_empty();
    let mut covered = Vec::with_capacity(all.len());
    for file in all {
        let config = configs.serving(&file)?;
        if config.covers(&file) {
            covered.push((file, config));
        }
    }
    Ok(Found { covered, is_empty })
}

/// Reports a failure of git once, although git is asked for each kind of file.
static GIT_FAILURE_REPORTED: Once = Once::new();

/// Returns the wanted files under a path, including ignored files that git tracks.
pub(super) fn listed(
    path: &Path,
    ignored: GitIgnoreMode,
    wanted: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, files::ReadError> {
    let mut found = files::checked_under(path, ignored, wanted)?;
    if ignored == GitIgnoreMode::Found || !path.is_dir() {
        return Ok(found);
    }
    let hidden = |path: &Path| {
        path.components()
            .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
    };
    let tracked = match git::tracked(path) {
        Ok(tracked) => tracked,
        // If git fails, ignored files may be part of the repository, so all files
        // are taken.
        Err(why) => {
            let warn = |text: String| GIT_FAILURE_REPORTED.call_once(|| output::warn(&text));
            warn(format!(
                "{}: git does not say which files it tracks, so those that .gitignore names are taken for them: {why}",
                path.display()
            ));
            return files::checked_under(path, GitIgnoreMode::Found, wanted);
        }
    };
    let known: FxHashSet<PathBuf> = found.iter().cloned().collect();
    let mut more: Vec<PathBuf> = Vec::new();
    for tracked in tracked {
        let below = tracked.strip_prefix(path).unwrap_or(&tracked);
        let shown = files::shown(&tracked);
        if wanted(&tracked) && !hidden(below) && !known.contains(&shown) && tracked.is_file() {
            more.push(shown);
        }
    }
    if !more.is_empty() {
        found.append(&mut more);
        found.sort();
        found.dedup();
    }
    Ok(found)
}

/// Assesses texts.
pub(super) fn assess(
    registries: &mut Registries,
    texts: Vec<SourceText>,
    config: &Config,
    common: &Common,
) -> Result<Run, Failure> {
    let progress = Progress::of(texts.len(), common.quiet);
    let (files, min_bucket) = registries.assess(texts, &config.template, common.jobs, &|step| {
        progress.step(step)
    })?;
    Ok(Run::of(files, min_bucket))
}

/// Searches for edits that fix the findings of a run.
pub(super) fn mend(
    registries: &mut Registries,
    run: &mut Run,
    config: &Config,
    common: &Common,
    wanted: RequestedEdits,
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

/// Searches for counterexamples that show why a minimum bucket is not proven.
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

/// Creates the registries of a run, with the repository around its files. Both keep
/// what they read, so a run uses one of them until it writes files.
pub(super) fn registries(config: &Config, common: &Common) -> Result<Registries, Failure> {
    registries_of(config, common.registry.as_deref())
}

/// Creates the registries with the given registry, if there is one.
pub(super) fn registries_of(config: &Config, given: Option<&Path>) -> Result<Registries, Failure> {
    let trusted = config.trusted.clone();
    let registries = match given.or(config.registry.as_deref()) {
        Some(path) => Registries::given(path, trusted)
            .map_err(|error| settings::blame(config, "registry", given, error))?,
        None => Registries::trusting(trusted),
    };
    Ok(registries.within(tree(config)?))
}

/// Removes the findings that options or the configuration deselect. Verdicts do not
/// change.
pub(super) fn select_findings(
    run: &mut Run,
    config: &Config,
    common: &Common,
) -> Result<(), Failure> {
    for word in common.select.iter().chain(&common.ignore) {
        if !RULES.iter().any(|rule| names(word, rule.code, rule.name)) {
            return Err(Failure::Usage(rules::unknown(word)));
        }
    }
    let keep = |code: &str, name: &str| {
        let selected =
            common.select.is_empty() || common.select.iter().any(|word| names(word, code, name));
        selected && !common.ignore.iter().any(|word| names(word, code, name))
    };
    let select_findings = |findings: &mut Vec<Finding>| {
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
        select_findings(&mut file.findings);
        for dataset in &mut file.datasets {
            select_findings(&mut dataset.findings);
        }
    }
    Ok(())
}

/// Returns whether a word selects a rule: its code, a prefix of the code, or its
/// name.
fn names(word: &str, code: &str, name: &str) -> bool {
    let prefix = word.len() >= 3 && code.to_lowercase().starts_with(&word.to_lowercase());
    prefix || name.eq_ignore_ascii_case(word)
}

/// Reports internal errors on standard error, and returns whether there were any.
/// This is for commands whose output contains only datasets.
pub(super) fn report_faults<'a>(files: impl IntoIterator<Item = &'a FileAssessment>) -> bool {
    let mut any = false;
    for fault in files.into_iter().filter_map(fault) {
        output::tell(&fault);
        any = true;
    }
    any
}

/// Describes the internal error in a file, if there was one.
pub(super) fn fault(file: &FileAssessment) -> Option<String> {
    let said = file.fault.as_ref()?;
    Some(format!("{}: {said}", file.source.path()))
}

/// Returns the exit status for the results of a run.
pub(super) fn status(run: &Run, gate: Gate) -> u8 {
    if run.files.iter().any(|file| file.fault.is_some()) {
        FAILED
    } else if gate.fails(run) {
        STOP
    } else {
        CLEAN
    }
}
