//! `headcount check --ndjson`: a line of JSON for each file as it is done.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use serde::Deserialize;

use super::args::Check;
use super::{CLEAN, FAILED, Failure, check, output, record, run};
use crate::assess::Told;
use crate::config::Config;
use crate::report::{Run, json_lines};
use crate::source::{SourceText, files};

/// What a line of standard input says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    sql: String,
}

/// Assesses what comes, as it comes. A line or a file that can't be read is told
/// on standard error, and the others are assessed.
pub(super) fn run(check: &Check, config: &Config) -> Result<u8, Failure> {
    let fail_on = check::fail_on(check, config);
    // What does not fit is told before anything is assessed.
    run::choose(&mut Run::of(Vec::new(), 0), config, &check.common)?;
    let first = check.paths.first().map_or(Path::new("."), |path| path);
    let today = record::today(check.date.as_deref())?;
    let held = record::load(check.common.record.as_deref(), config, first)?;
    let failed = AtomicBool::new(false);
    let tell = |failure: Failure| {
        failure.tell();
        failed.store(true, Ordering::Relaxed);
    };
    let status = AtomicU8::new(CLEAN);
    let texts = check
        .paths
        .iter()
        .flat_map(|path| texts(path, config, &tell));
    record::registries(&held, config, &check.common, Told::Columns)?.assess_each(
        texts,
        &config.template,
        check.common.jobs,
        |file, min_bucket| {
            let mut run = Run::of(vec![file], min_bucket);
            let written = record::hold(&mut run, &held, &today, config)
                .and_then(|()| run::choose(&mut run, config, &check.common))
                .and_then(|()| output::print(&json_lines(&run)));
            match written {
                Ok(()) => {
                    status.fetch_max(run::status(&run, fail_on), Ordering::Relaxed);
                }
                Err(failure) => tell(failure),
            }
        },
    )?;
    Ok(if failed.into_inner() {
        FAILED
    } else {
        status.into_inner()
    })
}

/// The texts of a path, each read when it is asked for.
fn texts<'a>(
    path: &'a Path,
    config: &'a Config,
    tell: &'a (impl Fn(Failure) + Sync),
) -> Box<dyn Iterator<Item = SourceText> + Send + 'a> {
    if path == Path::new("-") {
        let lines = BufReader::new(std::io::stdin()).split(b'\n');
        return Box::new(lines.zip(1_usize..).filter_map(move |(line, number)| {
            line.map_err(|error| format!("<stdin>:{number}: it can't be read: {error}"))
                .and_then(|line| text(&line, number))
                .unwrap_or_else(|message| {
                    tell(Failure::Usage(message));
                    None
                })
        }));
    }
    Box::new(
        run::found(path, config, tell)
            .into_iter()
            .filter_map(move |file| match files::read(&file) {
                Ok(text) => Some(text),
                Err(error) => {
                    tell(Failure::from(error));
                    None
                }
            }),
    )
}

/// The text of a line; an empty line holds none.
fn text(line: &[u8], number: usize) -> Result<Option<SourceText>, String> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let Line { path, sql } = serde_json::from_slice(line).map_err(|error| {
        format!(
            "<stdin>:{number}: {error}; a line is an object {{\"path\": \"…\", \"sql\": \"…\"}}"
        )
    })?;
    if sql.contains('\0') {
        return Err(format!(
            "<stdin>:{number}: the text of {path} holds a NUL, so it is no text of SQL"
        ));
    }
    Ok(Some(SourceText::new(path, sql)))
}
