//! `headcount check`: every dataset under the paths.

use std::path::{Path, PathBuf};

use super::args::Check;
use super::readers::Changed;
use super::{FAILED, Failure, fix, ndjson, output, record, run};
use crate::assess::Told;
use crate::config::{Config, FailOn};
use crate::report::{Detail, Format};
use crate::workspace::Wanted;

pub(super) fn run(check: &Check) -> Result<u8, Failure> {
    let targets = output::targets(&check.common)?;
    let first = run::first(&check.paths);
    let config = run::config(first, &check.common.configured)?;
    if check.ndjson {
        return ndjson::run(check, &config);
    }
    let changed = check.readers.then(|| {
        let speaks = |path: &&PathBuf| path.is_dir() || Changed::speaks(path, &config);
        let paths: Vec<PathBuf> = check.paths.iter().filter(speaks).cloned().collect();
        Changed::of(&paths)
    });
    let paths = match &changed {
        Some(changed) => changed.looked_at(&check.paths, &config),
        None => check.paths.clone(),
    };
    let (mut texts, failed) = run::texts(&paths, &config, &check.common.stdin_filename)?;
    if !check.all {
        let given = check.common.stdin_filename.as_str();
        texts.retain(|text| text.path() == given || config.publishes(Path::new(text.path())));
    }
    let today = record::today(check.date.as_deref())?;
    let held = record::load(check.common.record.as_deref(), &config, first)?;
    let shows_columns = targets.iter().any(|target| target.format.shows_columns());
    let shown = if shows_columns {
        Told::Columns
    } else {
        Told::Verdict
    };
    let mut registries = record::registries(&held, &config, &check.common, shown)?;
    let mut assessed = run::assess(&mut registries, texts, &config, &check.common)?;
    if let Some(changed) = &changed {
        changed.retain(&mut assessed);
    }
    let wants_fixes = targets.iter().any(|target| target.format == Format::Json);
    if check.fix || check.diff || wants_fixes {
        run::mend(
            &mut registries,
            &mut assessed,
            &config,
            &check.common,
            Wanted::Fixes,
            false,
        )?;
    }
    record::hold(&mut assessed, &held, &today, &config)?;
    run::choose(&mut assessed, &config, &check.common)?;
    let stdin = check
        .paths
        .iter()
        .any(|path| path == Path::new("-"))
        .then_some(check.common.stdin_filename.as_str());
    let mut targets = targets;
    if check.diff {
        fix::print_diff(&fix::of(&assessed))?;
        // Standard output is the difference.
        targets.retain(|target| target.file.is_some());
    } else if check.fix {
        let fixed = fix::of(&assessed);
        fix::write(&fixed, stdin)?;
        if stdin.is_some() {
            targets.retain(|target| target.file.is_some());
        }
        let texts = fixed.into_iter().map(|file| file.after).collect();
        // What was read of the repository is written anew.
        registries = record::registries(&held, &config, &check.common, shown)?;
        assessed = run::assess(&mut registries, texts, &config, &check.common)?;
        if wants_fixes {
            run::mend(
                &mut registries,
                &mut assessed,
                &config,
                &check.common,
                Wanted::Fixes,
                false,
            )?;
        }
        record::hold(&mut assessed, &held, &today, &config)?;
        run::choose(&mut assessed, &config, &check.common)?;
    }
    let status = run::status(&assessed, fail_on(check, &config));
    output::write(&assessed, &targets, &check.common, Detail::Check)?;
    // The program ends: to free what it holds piece by piece takes longer.
    std::mem::forget(assessed);
    Ok(if failed { FAILED } else { status })
}

/// When to end with status 1.
pub(super) fn fail_on(check: &Check, config: &Config) -> FailOn {
    check
        .fail_on
        .map(FailOn::from)
        .or(config.fail_on)
        .unwrap_or(FailOn::Review)
}
