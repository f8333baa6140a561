//! `headcount record`: writes the public record of reviews as a static site.

use std::path::{Path, PathBuf};

use super::args::RecordSite;
use super::configurations::{Configurations, STDIN};
use super::git::Repository;
use super::session::{Order, sessions};
use super::trust::TrustedBase;
use super::{CLEAN, FAILED, Failure, output, record, run, session};
use crate::assess::AnalysisDetail;
use crate::catalog::layout::metadata_of;
use crate::record::{Entry, Record};
use crate::report::{Commit, Committed, SITE_DATA, TableDescriptions, plural, site};
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::{SourceText, files};
use crate::storage;

pub(super) fn run(wanted: &RecordSite) -> Result<u8, Failure> {
    let first = wanted
        .paths
        .first()
        .map_or(Path::new("."), PathBuf::as_path);
    TrustedBase::refuse(&wanted.common, "record")?;
    let mut configs = Configurations::new(&wanted.common.configured)?;
    let config = configs.serving(first)?;
    let held = record::load(wanted.common.record.as_deref(), &config, first)?;
    if !held.is_kept() {
        return Err(Failure::Usage(format!(
            "{}: no publishing record; run `headcount approve PATH --bug NUMBER` to create it",
            held.folder().display()
        )));
    }
    let today = record::today(wanted.date.as_deref())?;
    let ignored = wanted.common.ignored();
    let gathered = run::gather(&wanted.paths, &mut configs, STDIN, ignored)?;
    let mut inputs = gathered.inputs;
    inputs.retain(|input| input.config.publishes(&input.at));
    let order = Order::of(&inputs);
    // The site shows one record, whatever configurations its datasets have.
    let folder = held.folder().to_owned();
    let mut runs = Vec::new();
    for mut session in sessions(inputs, (first, config), Some(&folder))? {
        let mut registries = session.registries(&wanted.common, AnalysisDetail::Made)?;
        let mut run = session::assess(&mut session, &mut registries, &wanted.common)?;
        record::compare_with_record(&mut run, &session.held, &today, &session.config)?;
        runs.push(run);
    }
    let assessed = order.merge(runs);
    let failed = run::report_faults(&assessed.files) || gathered.failed;
    let described = assessed.files.iter().filter_map(|file| {
        let path = file.source.path();
        Some((path.to_owned(), metadata_of(Path::new(path))?))
    });
    let described = TableDescriptions(described.collect());
    let committed = committed(&held);
    let files = site(&held, &assessed, &described, &committed, &today)
        .map_err(|error| Failure::Usage(format!("cannot make a page: {error}")))?;
    let pages = files.iter().filter(|(path, _)| path.ends_with(".html"));
    let datasets = pages.count().saturating_sub(1);
    let before = published(&wanted.html);
    // Pages that an earlier site here linked to and this one does not are removed.
    let is_gone = |path: &Path| before.iter().any(|gone| Path::new(gone) == path);
    storage::replace_folder(&wanted.html, &files, &is_gone)
        .map_err(|error| Failure::Write(wanted.html.clone(), error))?;
    let datasets = plural(datasets, "dataset");
    output::tell(&format!(
        "{}: {datasets}",
        wanted.html.join("index.html").display()
    ));
    Ok(if failed { FAILED } else { CLEAN })
}

/// The commits that recorded the approvals, where git knows the files of the record. A
/// clone without the whole history does not show which commit wrote what.
fn committed(held: &Record) -> Committed {
    let mut committed = Committed::default();
    let folder = files::absolute(held.folder());
    let Ok(repository) = Repository::around(&folder) else {
        return committed;
    };
    if repository.is_shallow() {
        return committed;
    }
    for entry in held.entries() {
        let Some(place) = &entry.place else {
            continue;
        };
        let path = files::absolute(&place.path);
        let mut found = vec![None; entry.approvals.len()];
        // The commits come oldest first.
        for commit in repository.commits_of(&path) {
            let then = repository.text_at(&commit.id, &path);
            let then = then.and_then(|text| {
                Entry::parse(&SourceText::new(path.display().to_string(), text)).ok()
            });
            let approvals = then.map_or_else(Vec::new, |then| then.approvals);
            for (approval, found) in entry.approvals.iter().zip(&mut found) {
                if found.is_none() && approvals.contains(approval) {
                    *found = Commit::new(&commit.id, commit.seconds);
                }
            }
            if found.iter().all(Option::is_some) {
                break;
            }
        }
        committed.0.insert(entry.dataset.clone(), found);
    }
    committed
}

/// Returns the pages and data files of datasets that an existing site in a folder
/// lists.
fn published(folder: &Path) -> Vec<String> {
    let Ok(text) = bounded::read_to_string(&folder.join(SITE_DATA), LARGEST_TEXT) else {
        return Vec::new();
    };
    let data: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    data["datasets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|dataset| dataset["page"].as_str()?.strip_suffix(".html"))
        // A path must not lead out of the folder.
        .filter(|page| {
            let slug = page.strip_prefix("datasets/").unwrap_or("/");
            !slug.contains(['/', '\\']) && !slug.starts_with('.')
        })
        .flat_map(|page| [format!("{page}.html"), format!("{page}.json")])
        .collect()
}
