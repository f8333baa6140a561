//! `headcount review`: reviews one query in detail.

use std::path::Path;

use super::args::Review;
use super::configurations::{Configurations, place_of_stdin};
use super::{Failure, output, record, run, settings};
use crate::config::FailOn;
use crate::report::{Gate, ReportDetail};
use crate::workspace::RequestedEdits;

pub(super) fn run(review: &Review) -> Result<u8, Failure> {
    let targets = output::targets(&review.common)?;
    let wanted = wanted(review)?;
    let stdin = review.file == Path::new("-");
    // In a document, the blocks of SQL are read, as in a pasted text.
    let pasted = stdin || is_markdown(&review.file);
    let name = review.common.stdin_filename.as_str();
    let at = if stdin {
        place_of_stdin(name)
    } else {
        review.file.clone()
    };
    let mut configs = Configurations::of(&review.common, &at)?;
    let config = configs.serving(&at)?;
    if review.file.is_dir() {
        return Err(Failure::Usage(format!(
            "{0}: is a directory, and `review` reads one file; name a file, or run `headcount check {0}`",
            review.file.display()
        )));
    }
    if stdin {
        output::prompt("paste the query, then press Ctrl-D");
    }
    let text = run::text(&review.file, &review.common.stdin_filename)?;
    let mut registries = run::registries(&config, &review.common)?;
    let mut assessed = if pasted {
        run::assess_pasted(&mut registries, text, &config)?
    } else {
        run::assess(&mut registries, vec![text], &config, &review.common)?
    };
    run::mend(
        &mut registries,
        &mut assessed,
        &config,
        &review.common,
        wanted,
        pasted,
    )?;
    run::examples(&mut registries, &mut assessed, &config, pasted)?;
    if !stdin {
        let held = record::load(review.common.record.as_deref(), &config, &review.file)?;
        record::compare_with_record(&mut assessed, &held, &record::today(None)?, &config)?;
        record::describe(&mut assessed, &config);
    }
    if review.common.verbose {
        let registry = review.common.registry.as_ref();
        let registry = registry.map(|_| ("registry", "--registry"));
        let options: Vec<(&str, &str)> = registry.into_iter().collect();
        assessed.settings = settings::used(&config, &assessed, &options);
    }
    run::select_findings(&mut assessed, &config, &review.common)?;
    if let Some(wanted) = &review.dataset {
        pick(&mut assessed, wanted)?;
    }
    let empty = assessed.files.iter().all(|file| file.datasets.is_empty());
    if empty {
        output::warn("no SELECT found: there is no dataset to review");
    }
    assessed.notes = configs.notes();
    output::note_root(&mut assessed);
    let fail_on = review.fail_on.map_or(FailOn::Never, FailOn::from);
    let gate = Gate::from(fail_on);
    let status = run::status(&assessed, gate);
    output::write(
        &assessed,
        &targets,
        &review.common,
        ReportDetail::Review,
        gate,
    )?;
    Ok(status)
}

/// Returns whether a file is a document that may contain blocks of SQL.
fn is_markdown(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| {
        ending.eq_ignore_ascii_case("md") || ending.eq_ignore_ascii_case("markdown")
    })
}

/// Returns which edits are searched.
fn wanted(review: &Review) -> Result<RequestedEdits, Failure> {
    match review.to_level.as_deref() {
        None => Ok(RequestedEdits::Fixes),
        Some("2") => Ok(RequestedEdits::Level2),
        Some(other) => Err(Failure::Usage(format!(
            "--to-level {other}: edits are proposed to level 2 alone, the one that a minimum bucket gives; write --to-level 2"
        ))),
    }
}

/// Keeps only the dataset with a name, which may lack its leading parts.
fn pick(run: &mut crate::report::Run, wanted: &str) -> Result<(), Failure> {
    let names: Vec<String> = run
        .files
        .iter()
        .flat_map(|file| &file.datasets)
        .map(|dataset| dataset.name.clone())
        .collect();
    let ends = |name: &str| {
        name.eq_ignore_ascii_case(wanted)
            || name
                .to_lowercase()
                .ends_with(&format!(".{}", wanted.to_lowercase()))
    };
    if !names.iter().any(|name| ends(name)) {
        return Err(Failure::Usage(format!(
            "there is no dataset `{wanted}`; there are: {}",
            names.join(", ")
        )));
    }
    for file in &mut run.files {
        file.datasets.retain(|dataset| ends(&dataset.name));
    }
    Ok(())
}
