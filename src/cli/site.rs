//! `headcount record`: the public record of reviews as a static site.

use std::path::Path;

use super::args::RecordSite;
use super::{CLEAN, FAILED, Failure, output, record, run};
use crate::report::{plural, site};

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
    for (path, text) in &files {
        let path = wanted.html.join(path);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text));
        written.map_err(|error| Failure::Write(path.clone(), error))?;
    }
    let datasets = plural(datasets, "dataset");
    output::tell(&format!(
        "{}: {datasets}",
        wanted.html.join("index.html").display()
    ));
    Ok(if failed { FAILED } else { CLEAN })
}
