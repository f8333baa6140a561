//! `headcount check`: every dataset under the paths.

use std::path::{Path, PathBuf};

use super::args::Check;
use super::{FAILED, Failure, output, run};
use crate::config::FailOn;
use crate::report::Detail;

pub(super) fn run(check: &Check) -> Result<u8, Failure> {
    let targets = output::targets(&check.common)?;
    let first = check.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let config = run::config(first, &check.common.configured)?;
    let (texts, failed) = run::texts(&check.paths, &config, &check.common.stdin_filename)?;
    let mut assessed = run::assess(texts, &config, &check.common)?;
    run::choose(&mut assessed, &config, &check.common)?;
    let fail_on = check
        .fail_on
        .map(FailOn::from)
        .or(config.fail_on)
        .unwrap_or(FailOn::Review);
    let status = run::status(&assessed, fail_on);
    output::write(&assessed, &targets, &check.common, Detail::Check)?;
    Ok(if failed { FAILED } else { status })
}
