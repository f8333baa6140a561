//! `headcount record`: the public record of reviews as a static site.

use std::path::Path;

use super::args::RecordSite;
use super::{CLEAN, FAILED, Failure, output, record, run};
use crate::report::{SITE_DATA, plural, site};

pub(super) fn run(wanted: &RecordSite) -> Result<u8, Failure> {
    let first = run::first(&wanted.paths);
    let config = run::config(first, &wanted.common.configured)?;
    let held = record::load(wanted.common.record.as_deref(), &config, first)?;
    if !held.is_kept() {
        return Err(Failure::Usage(format!(
            "{}: there is no publishing record; `headcount approve` begins one",
            held.folder().display()
        )));
    }
    let today = record::today(wanted.date.as_deref())?;
    let (mut texts, failed) = run::texts(&wanted.paths, &config, "<stdin>")?;
    texts.retain(|text| config.publishes(Path::new(text.path())));
    let mut registries = run::registries(&config, &wanted.common)?;
    let mut assessed = run::assess(&mut registries, texts, &config, &wanted.common)?;
    record::hold(&mut assessed, &held, &today, &config)?;
    let files = site(&held, &assessed, &today)
        .map_err(|error| Failure::Usage(format!("a page can't be made: {error}")))?;
    let pages = files.iter().filter(|(path, _)| path.ends_with(".html"));
    let datasets = pages.count().saturating_sub(1);
    let before = published(&wanted.html);
    for (path, text) in &files {
        let path = wanted.html.join(path);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text));
        written.map_err(|error| Failure::Write(path.clone(), error))?;
    }
    // A page that a site made here before links to, and this one does not.
    for gone in before {
        if !files.iter().any(|(path, _)| *path == gone) {
            let path = wanted.html.join(gone);
            if path.is_file() {
                std::fs::remove_file(&path).map_err(|error| Failure::Write(path, error))?;
            }
        }
    }
    let datasets = plural(datasets, "dataset");
    output::tell(&format!(
        "{}: {datasets}",
        wanted.html.join("index.html").display()
    ));
    Ok(if failed { FAILED } else { CLEAN })
}

/// The pages of the site that is in a folder already, with the data beside them.
fn published(folder: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(folder.join(SITE_DATA)) else {
        return Vec::new();
    };
    let data: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    data["datasets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|dataset| dataset["page"].as_str()?.strip_suffix(".html"))
        // No path that leads out of it.
        .filter(|page| {
            let slug = page.strip_prefix("datasets/").unwrap_or("/");
            !slug.contains(['/', '\\']) && !slug.starts_with('.')
        })
        .flat_map(|page| [format!("{page}.html"), format!("{page}.json")])
        .collect()
}
