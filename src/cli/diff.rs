//! `headcount diff`: what a change does to each dataset, before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::Diff;
use super::readers::Changed;
use super::sides::{both, within};
use super::{CLEAN, Failure, STOP, output, record, run};
use crate::assessment::FileAssessment;
use crate::config::Config;
use crate::record::{Compared, Comparison, key};
use crate::report::{self, DiffFormat, Format, Run};
use crate::source::files;

pub(super) fn run(diff: &Diff) -> Result<u8, Failure> {
    let first = run::first(&diff.paths);
    let config = run::config(first, &diff.common.configured)?;
    let start = files::absolute(first);
    let start = if start.is_dir() {
        start
    } else {
        start.parent().map_or(start.clone(), Path::to_owned)
    };
    let top = PathBuf::from(
        record::git(&start, &["rev-parse", "--show-toplevel"])
            .map_err(|why| Failure::Usage(format!("`diff` compares with a commit of git: {why}")))?
            .trim(),
    );
    let base = base(diff, &top)?;
    let changed = changed(diff, &base, &top, &config)?;
    let (mut was, mut is) = if changed.is_empty() {
        let nothing = Run::of(Vec::new(), 0);
        (nothing.clone(), nothing)
    } else {
        both(&changed, &base, &top, &config, &diff.common)?
    };
    let held = record::load(diff.common.record.as_deref(), &config, first)?;
    let today = record::today(diff.date.as_deref())?;
    record::hold(&mut is, &held, &today, &config)?;
    run::choose(&mut was, &config, &diff.common)?;
    run::choose(&mut is, &config, &diff.common)?;
    let compared = Comparison {
        base: base.clone(),
        datasets: compare(&was.files, &is.files, held.root(), &|path| {
            changed.contains(&within(Path::new(path), &top))
        }),
    };
    let (format, file) = target(diff)?;
    let text = report::comparison(&compared, format);
    match file {
        Some(path) => {
            std::fs::write(&path, text).map_err(|error| Failure::Write(path, error))?;
        }
        None => output::print(&text)?,
    }
    let stop = match diff.fail_on.map(crate::config::FailOn::from) {
        None | Some(crate::config::FailOn::Never) => false,
        Some(fail_on) => run::status(&is, fail_on) == STOP,
    };
    Ok(if stop { STOP } else { CLEAN })
}

/// The format and where it goes.
fn target(diff: &Diff) -> Result<(DiffFormat, Option<PathBuf>), Failure> {
    let targets = output::targets(&diff.common)?;
    let [target] = targets.as_slice() else {
        return Err(Failure::Usage(
            "`diff` writes one format; give --format once".to_owned(),
        ));
    };
    let format = match target.format {
        Format::Human => DiffFormat::Human,
        Format::Markdown => DiffFormat::Markdown,
        Format::Json => DiffFormat::Json,
        Format::Concise | Format::Sarif | Format::Github | Format::Gitlab => {
            let names: Vec<&str> = DiffFormat::ALL.iter().map(|(name, _)| *name).collect();
            return Err(Failure::Usage(format!(
                "`diff` has no such format; its formats are {}",
                names.join(", ")
            )));
        }
    };
    Ok((format, target.file.clone()))
}

/// The commit that is compared with: where the branch left the given revision, so
/// that what others did since is not taken for this change's.
fn base(diff: &Diff, top: &Path) -> Result<String, Failure> {
    let wrong = |why: String| {
        Failure::Usage(format!(
            "--base {}: git knows no such commit here: {why}",
            diff.base
        ))
    };
    let commit = format!("{}^{{commit}}", diff.base);
    let named = record::git(
        top,
        &[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ],
    )
    .map_err(wrong)?;
    let named = named.trim().to_owned();
    // Histories without a common commit are compared as they stand.
    Ok(record::git(top, &["merge-base", &named, "HEAD"])
        .map(|common| common.trim().to_owned())
        .unwrap_or(named))
}

/// The files that differ from the base, committed or not, relative to the top, and
/// of which something may depend.
fn changed(
    diff: &Diff,
    base: &str,
    top: &Path,
    config: &Config,
) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut args = vec!["diff", "--name-only", "--no-renames", "-z", base, "--"];
    let mut others = vec!["ls-files", "--others", "--exclude-standard", "-z", "--"];
    let paths: Vec<String> = diff
        .paths
        .iter()
        .map(|path| {
            let path = files::absolute(path);
            format!(":(literal){}", path.display())
        })
        .collect();
    args.extend(paths.iter().map(String::as_str));
    others.extend(paths.iter().map(String::as_str));
    let ask = |args: &[&str]| record::git(top, args).map_err(Failure::Usage);
    let listed = format!("{}{}", ask(&args)?, ask(&others)?);
    Ok(listed
        .split('\0')
        .map(PathBuf::from)
        .filter(|path| Changed::speaks(&top.join(path), config))
        .filter(|path| !files::is_sql(path) || config.covers(&top.join(path)))
        .collect())
}

/// The datasets of both sides by name. Those of files that did not change are
/// there where what they disclose did.
fn compare(
    before: &[FileAssessment],
    after: &[FileAssessment],
    root: &Path,
    changed: &dyn Fn(&str) -> bool,
) -> Vec<Compared> {
    let mut sides: BTreeMap<String, Compared> = BTreeMap::new();
    for (files, later) in [(before, false), (after, true)] {
        for file in files {
            for dataset in &file.datasets {
                let name = key(file.source.path(), &dataset.identity, root);
                let known = sides
                    .entry(name.clone())
                    .or_insert_with(|| Compared::new(name, file.source.path()));
                known.add(dataset, later);
            }
        }
    }
    sides
        .into_values()
        .filter(|compared| changed(&compared.path) || compared.is_changed())
        .collect()
}
