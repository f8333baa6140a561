//! `headcount check`: checks every published dataset under the paths.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Check;
use super::changes::ChangedFiles;
use super::configurations::{Configurations, place_of_stdin};
use super::readers::ChangeReach;
use super::recorded::RecordedFiles;
use super::session::{Order, Session, SessionInput, sessions};
use super::sides::{EarlierAssessments, find_candidate_files, roots, text_of};
use super::{
    CLEAN, FAILED, Failure, aliases, fix, labels, ndjson, output, record, run, session, settings,
};
use crate::assess::AnalysisDetail;
use crate::assessment::Assessment;
use crate::config::{Config, FailOn};
use crate::report::{Format, Gate, ReportDetail, Run};
use crate::rules::syntax_error;
use crate::source::{SourceText, files};
use crate::workspace::{Registries, RequestedEdits, reads_as_paste};

pub(super) fn run(check: &Check) -> Result<u8, Failure> {
    let targets = output::targets(&check.common)?;
    let start = check.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let mut configs = Configurations::of(&check.common, start)?;
    if check.ndjson {
        return ndjson::run(check, &mut configs);
    }
    let found = if check.readers || check.staged || check.base.is_some() {
        find_changed_inputs(check, &mut configs)?
    } else {
        under_paths(check, &mut configs)?
    };
    let first = match check.paths.first() {
        Some(path) if path == Path::new("-") => place_of_stdin(&check.common.stdin_filename),
        Some(path) => path.clone(),
        None => PathBuf::from("."),
    };
    let serving = configs.serving(&first)?;
    let order = Order::of(&found.inputs);
    let shows_columns = targets.iter().any(|target| target.format.shows_columns());
    let asked = SessionOptions {
        check,
        today: record::today(check.date.as_deref())?,
        // The comparison of before and after needs all details.
        shown: if shows_columns || found.change.is_some() {
            AnalysisDetail::Made
        } else {
            AnalysisDetail::Verdict
        },
        wants_fixes: targets.iter().any(|target| target.format == Format::Json),
        wants_next_steps: targets.iter().any(|target| target.format == Format::Human),
    };
    let record = check.common.record.as_deref();
    let mut parts = Vec::new();
    for session in sessions(found.inputs, (&first, serving), record)? {
        parts.push(asked.assess(session)?);
    }
    if let Some(change) = &found.change {
        change.retain(&mut parts, check, &mut configs)?;
    }
    for part in &mut parts {
        asked.finish(part, check.fix || check.diff)?;
    }
    let stdin = check
        .paths
        .iter()
        .any(|path| path == Path::new("-"))
        .then_some(check.common.stdin_filename.as_str());
    let mut targets = targets;
    if check.diff || check.fix {
        let fixed = parts.iter().flat_map(|part| fix::of(&part.run));
        let mut fixed: Vec<fix::FixedFile> = fixed.collect();
        fixed.sort_by_cached_key(|file| order.place(file.before.path()));
        if check.diff {
            fix::print_diff(&fixed)?;
        } else {
            fix::write(&fixed, stdin)?;
            let mut datasets = parts.iter().flat_map(|part| &part.run.files);
            let wanted = datasets.any(|file| file.datasets.iter().any(Assessment::stops));
            let changed = fixed.iter().any(fix::FixedFile::changed);
            if wanted && !changed && stdin.is_none() && !check.common.quiet {
                output::tell("no file was changed: no finding has a safe edit");
            }
            // An excluded text on standard input is printed unchanged.
            if let Some(text) = &found.excluded {
                output::print_data(text.text())?;
            }
            for part in &mut parts {
                let session = &mut part.session;
                let is_label = |text: &SourceText| {
                    let mut labels = session.labels.iter();
                    labels.any(|label| label.path() == text.path())
                };
                let texts = fix::of(&part.run).into_iter().map(|file| file.after);
                session.texts = texts.filter(|text| !is_label(text)).collect();
            }
            // The files have changed, so the repository is read again.
            let parts_before = std::mem::take(&mut parts);
            for part in parts_before {
                let mut part = asked.assess(part.session)?;
                asked.finish(&mut part, false)?;
                parts.push(part);
            }
        }
        if check.diff || stdin.is_some() {
            // Standard output contains the diff, or the fixed text.
            targets.retain(|target| target.file.is_some());
        }
    }
    let gates = parts.iter().map(|part| gate(check, &part.session.config));
    let gates: Vec<Gate> = gates.collect();
    let status = parts.iter().zip(&gates);
    let status = status.map(|(part, gate)| run::status(&part.run, *gate));
    let status = status.max().unwrap_or(CLEAN);
    let strictest = gates.into_iter().reduce(Gate::stricter);
    let strictest = strictest.unwrap_or(Gate::from(FailOn::Review));
    let mut assessed = order.merge(parts.into_iter().map(|part| part.run).collect());
    assessed.notes = configs.notes();
    assessed.unread = found.unread;
    output::note_root(&mut assessed);
    output::write(
        &assessed,
        &targets,
        &check.common,
        ReportDetail::Check,
        strictest,
    )?;
    if let Some(name) = stdin {
        warn_of_paste(&assessed, name, &first, &mut configs)?;
    }
    // The process ends here; freeing the results piece by piece would only take
    // time.
    std::mem::forget(assessed);
    Ok(if found.failed { FAILED } else { status })
}

/// Warns that standard input is read as it is, if only `review` would understand it: what an
/// editor sends is SQL, of which nothing is to be left out.
fn warn_of_paste(
    run: &Run,
    name: &str,
    first: &Path,
    configs: &mut Configurations,
) -> Result<(), Failure> {
    let of_stdin = run.files.iter().find(|file| file.source.path() == name);
    let unread = of_stdin.filter(|file| {
        let mut findings = file.findings.iter();
        findings.any(|finding| std::ptr::eq(finding.rule, &raw const syntax_error::RULE))
    });
    let Some(file) = unread else {
        return Ok(());
    };
    if reads_as_paste(&file.source, &configs.serving(first)?.template) {
        output::warn(&format!(
            "{name}: `check` reads standard input as it is, and this looks like a paste; `headcount review -` ignores fences, quotation marks and the text around SQL"
        ));
    }
    Ok(())
}

/// Returns the conditions under which the run fails. If neither the command line nor
/// the configuration sets them, the hook (`--staged`) passes datasets that lack only
/// data reviews: an author cannot have these at the time of the commit. The verdict
/// stays the same.
pub(super) fn gate(check: &Check, config: &Config) -> Gate {
    let wanted = check.fail_on.map(FailOn::from).or(config.fail_on);
    Gate {
        fail_on: wanted.unwrap_or(FailOn::Review),
        reviews_may_wait: wanted.is_none() && check.staged,
        before_commit: check.staged,
    }
}

/// The inputs of a check.
struct CheckInputs {
    inputs: Vec<SessionInput>,
    /// Whether some file could not be read; the failure was already reported.
    failed: bool,
    /// Files that could not be read.
    unread: Vec<String>,
    /// Standard input, if its configuration excludes it.
    excluded: Option<SourceText>,
    change: Option<ReachedChange>,
}

/// Finds all inputs under the paths that are published or on record.
fn under_paths(check: &Check, configs: &mut Configurations) -> Result<CheckInputs, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if check.paths.is_empty() {
        &here[..]
    } else {
        &check.paths
    };
    let stdin = check.common.stdin_filename.as_str();
    let gathered = run::gather(paths, configs, stdin, check.common.ignored())?;
    let mut inputs = gathered.inputs;
    let mut failed = gathered.failed;
    let is_empty = inputs.is_empty();
    let mut unpublished = Vec::new();
    if !check.all {
        let mut recorded = RecordedFiles::new(check.common.record.as_deref());
        let mut published = Vec::new();
        for input in inputs {
            if input.text.path() == stdin
                || input.config.publishes(&input.at)
                || recorded.names(&input.at, &input.config)?
            {
                published.push(input);
            } else {
                unpublished.push(input);
            }
        }
        inputs = published;
    }
    let named = unpublished.iter().filter(|input| paths.contains(&input.at));
    let named = named.map(|input| (input.at.as_path(), Arc::clone(&input.config)));
    let named: Vec<_> = named.collect();
    settings::warn_unchecked(&named);
    for label in labels::under(paths, configs, check.common.ignored(), check.all)? {
        match SessionInput::label(label) {
            Ok(input) => inputs.push(input),
            Err(failure) => {
                failure.tell();
                failed = true;
            }
        }
    }
    if inputs.is_empty() && !is_empty && named.is_empty() && !check.common.quiet {
        output::warn("no dataset under the paths is published; --all checks all of them");
    }
    Ok(CheckInputs {
        inputs,
        failed,
        unread: gathered.unread,
        excluded: gathered.excluded,
        change: None,
    })
}

/// Finds the inputs that a change may reach and that are published or on record.
fn find_changed_inputs(
    check: &Check,
    configs: &mut Configurations,
) -> Result<CheckInputs, Failure> {
    let start = check.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let mut changes = match &check.base {
        Some(revision) => ChangedFiles::since_revision(start, revision, &[])?,
        None if check.staged => ChangedFiles::staged(start)?,
        None => ChangedFiles::default(),
    };
    let mut failed = changes.add(&check.paths) > 0 || changes.differs;
    aliases::add(&mut changes.paths, start)?;
    let mut served = Vec::new();
    let mut labels = Vec::new();
    if !changes.paths.is_empty() {
        let (found, unlisted) = find_candidate_files(&changes, configs, &check.common)?;
        served = found;
        failed |= unlisted;
        let roots: Vec<PathBuf> = roots(&changes)
            .iter()
            .map(|root| files::listed(run::near(root)).to_owned())
            .collect();
        labels = labels::under(&roots, configs, check.common.ignored(), check.all)?;
    }
    let queries = served.len();
    served.append(&mut labels);
    let before = changes.before.as_ref();
    let reach = ChangeReach::of(
        &changes.paths,
        &served,
        check.common.registry.as_deref(),
        check.common.jobs,
        &|path| text_of(path, before),
    )?;
    let mut inputs = Vec::new();
    let mut unread = Vec::new();
    let mut recorded = RecordedFiles::new(check.common.record.as_deref());
    for (place, (at, config)) in served.into_iter().enumerate() {
        let label = place >= queries;
        let reached = reach.names(&at) || reach.may_reach(&config);
        if !reached {
            continue;
        }
        let published = label || check.all || config.publishes(&at);
        if !published && !recorded.names(&at, &config)? {
            continue;
        }
        let shown = at.display().to_string();
        let input = if label {
            SessionInput::label((at, config))
        } else {
            let read = files::read(&at).map_err(Failure::from);
            read.map(|text| SessionInput::of(at, text, config))
        };
        match input {
            Ok(input) => inputs.push(input),
            Err(failure) => {
                failure.tell();
                unread.push(shown);
                failed = true;
            }
        }
    }
    // Files that did not change themselves are compared with their assessment before
    // the change.
    let compared = inputs.iter().filter(|input| !reach.names(&input.at));
    let compared = compared.map(|input| input.at.clone()).collect();
    Ok(CheckInputs {
        inputs,
        failed,
        unread,
        excluded: None,
        change: Some(ReachedChange {
            reach,
            changes,
            compared,
        }),
    })
}

/// A change and what it may reach.
struct ReachedChange {
    reach: ChangeReach,
    changes: ChangedFiles,
    /// The inputs that did not change themselves.
    compared: Vec<PathBuf>,
}

impl ReachedChange {
    /// Keeps only the datasets that the change may have affected: those of changed
    /// files, those that read a changed file now or did so before, and those whose
    /// assessment differs from the one before.
    fn retain(
        &self,
        parts: &mut [AssessedSession],
        check: &Check,
        configs: &mut Configurations,
    ) -> Result<(), Failure> {
        let was = match &self.changes.before {
            Some(before) if !self.compared.is_empty() => Some(EarlierAssessments::of(
                before,
                &self.compared,
                &self.reach,
                configs,
                &check.common,
            )?),
            Some(_) | None => None,
        };
        let all: Vec<_> = parts.iter().flat_map(|part| &part.run.files).collect();
        let changed = was.as_ref().map(|was| was.changed(&all));
        for part in parts {
            let any = self.reach.any(&part.session.config);
            part.run.files.retain_mut(|file| {
                if file.fault.is_some() || self.reach.names(Path::new(file.source.path())) {
                    return true;
                }
                let mut datasets = std::mem::take(&mut file.datasets);
                datasets.retain(|dataset| {
                    let read = self.reach.is_read_by(dataset, &|path| PathBuf::from(path));
                    read || match (&was, &changed) {
                        (Some(was), Some(changed)) => changed.contains(&was.name(file, dataset)),
                        _ => any,
                    }
                });
                file.datasets = datasets;
                file.findings.clear();
                !file.datasets.is_empty()
            });
        }
        Ok(())
    }
}

/// A session with its results.
struct AssessedSession {
    session: Session,
    registries: Registries,
    run: Run,
}

/// The options that all sessions of a run share.
struct SessionOptions<'a> {
    check: &'a Check,
    today: String,
    shown: AnalysisDetail,
    wants_fixes: bool,
    /// Whether the report shows a command that fixes each blocked dataset.
    wants_next_steps: bool,
}

/// Largest number of datasets that need review for which fixes are searched only to
/// show the next step. The search assesses each of them again.
const MAX_DATASETS_FOR_EDITS: usize = 10;

impl SessionOptions<'_> {
    fn assess(&self, mut session: Session) -> Result<AssessedSession, Failure> {
        let common = &self.check.common;
        let mut registries = session.registries(common, self.shown)?;
        let run = session::assess(&mut session, &mut registries, common)?;
        Ok(AssessedSession {
            session,
            registries,
            run,
        })
    }

    /// Completes the results of a session. Searches for fixes if they are needed,
    /// compares the datasets with the record, and keeps only the selected findings.
    fn finish(&self, part: &mut AssessedSession, wants_fixes: bool) -> Result<(), Failure> {
        let config = Arc::clone(&part.session.config);
        let common = &self.check.common;
        let datasets = part.run.files.iter().flat_map(|file| &file.datasets);
        let few = datasets
            .filter(|one| one.stops())
            .nth(MAX_DATASETS_FOR_EDITS)
            .is_none();
        if wants_fixes || self.wants_fixes || self.wants_next_steps && few {
            let (registries, run) = (&mut part.registries, &mut part.run);
            run::mend(
                registries,
                run,
                &config,
                common,
                RequestedEdits::Fixes,
                false,
            )?;
        }
        record::compare_with_record(&mut part.run, &part.session.held, &self.today, &config)?;
        if common.verbose {
            let fail_on = self.check.fail_on.map(|_| ("fail_on", "--fail-on"));
            let registry = common.registry.as_ref().map(|_| ("registry", "--registry"));
            let record = common
                .record
                .as_ref()
                .map(|_| ("project.record", "--record"));
            let all = self.check.all.then_some(("project.published", "--all"));
            let options = [fail_on, registry, record, all].into_iter().flatten();
            let options: Vec<(&str, &str)> = options.collect();
            part.run.settings = settings::used(&config, &part.run, &options);
        }
        run::select_findings(&mut part.run, &config, common)
    }
}
