//! Renders the public record of reviews as a static site. It loads nothing from
//! other servers, does not track its readers, and is readable without scripts.

mod about;
mod committed;
mod drawing;
mod highlight;
mod view;

use std::collections::{BTreeSet, HashMap};

use crate::assessment::FileAssessment;
use crate::catalog::layout::Metadata;
use crate::numbers::GroupedNumber;
use crate::policy::Level;
use crate::source::digest;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use super::{InertText, Run};
use crate::record::Record;
pub use committed::{Commit, Committed};
use view::DatasetPage;

const STYLE: &str = include_str!("style.css");
const FILTER: &str = include_str!("filter.js");

/// The file that contains all data of the site for programs.
pub const DATA: &str = "record.json";

/// A file of the site: its path, with `/`, and its text.
pub type SiteFile = (String, InertText);

/// The metadata of the tables that files create, by the path of the file.
#[derive(Debug, Clone, Default)]
pub struct TableDescriptions(pub HashMap<String, Metadata>);

impl TableDescriptions {
    /// Returns the metadata of the table that a file creates.
    fn of(&self, file: &FileAssessment) -> Option<&Metadata> {
        self.0.get(file.source.path())
    }
}

/// The data that all pages share.
#[derive(Clone, Copy, Serialize)]
struct Frame<'a> {
    date: &'a str,
    version: &'a str,
}

/// The data of the index page.
#[derive(Serialize)]
struct IndexPage<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    required_text: String,
    notes: Vec<String>,
    pages: &'a [DatasetPage],
    levels: Vec<String>,
    statuses: Vec<&'static str>,
    /// All levels with their names.
    legend: Vec<(u8, &'static str)>,
}

/// Renders all files of the site of a day, from a record and the current datasets.
///
/// # Errors
/// If a template fails, which its tests exclude.
pub fn render(
    record: &Record,
    run: &Run,
    described: &TableDescriptions,
    committed: &Committed,
    today: &str,
) -> Result<Vec<SiteFile>, minijinja::Error> {
    let mut pages: Vec<DatasetPage> = record
        .entries()
        .map(|entry| view::page(entry, record, run, described, committed))
        .collect();
    pages.extend(view::unrecorded(record, run, described));
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("base.html", include_str!("base.html"))?;
    environment.add_template("index.html", include_str!("index.html"))?;
    environment.add_template("dataset.html", include_str!("dataset.html"))?;
    let levels: BTreeSet<String> = pages.iter().map(|page| page.level_key.clone()).collect();
    let statuses: BTreeSet<&'static str> = pages.iter().map(|page| page.status).collect();
    let frame = Frame {
        date: today,
        version: env!("CARGO_PKG_VERSION"),
    };
    let site = IndexPage {
        frame,
        required_text: GroupedNumber(run.min_bucket).to_string(),
        notes: super::notes(run)
            .iter()
            .map(|note| super::words::capital(note))
            .collect(),
        pages: &pages,
        levels: levels.into_iter().collect(),
        statuses: statuses.into_iter().collect(),
        legend: Level::ALL
            .into_iter()
            .map(|level| (level.number(), level.name()))
            .collect(),
    };
    let mut files = vec![
        ("style.css".to_owned(), InertText::page(STYLE)),
        ("filter.js".to_owned(), InertText::page(FILTER)),
        (
            "index.html".to_owned(),
            InertText::page(
                &environment
                    .get_template("index.html")?
                    .render(minijinja::context! { site => of(&site), up => "" })?,
            ),
        ),
        (DATA.to_owned(), InertText::json(&view::all(&pages, today))),
    ];
    let template = environment.get_template("dataset.html")?;
    let frame = of(&frame);
    for page in &pages {
        let html = template
            .render(minijinja::context! { site => frame.clone(), page => of(page), up => "../" })?;
        files.push((
            format!("datasets/{}.html", page.slug),
            InertText::page(&html),
        ));
        files.push((
            format!("datasets/{}.json", page.slug),
            InertText::json(&page.data),
        ));
    }
    Ok(files)
}

/// Converts a value for templates.
fn of(value: &impl Serialize) -> minijinja::Value {
    minijinja::Value::from(minijinja::value::Serde(value))
}

/// Returns the file name of a dataset's page: letters, digits and `_.-`, so that its
/// address needs no escapes. A hash distinguishes names that would become equal.
fn slug(dataset: &str) -> String {
    let plain: String = dataset
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "_.-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(120)
        .collect();
    if plain == dataset && !plain.starts_with('.') {
        return plain;
    }
    format!(
        "{}-{}",
        plain.trim_start_matches('.'),
        &digest(dataset)[..8]
    )
}
