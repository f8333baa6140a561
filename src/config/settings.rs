//! Where a configuration says what: its settings with their lines, for the reports that
//! name the one that decided.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobSet;
use toml::de::{DeTable, DeValue};

use crate::source::{SourceText, Span};
use crate::toml_text::span;

/// Characters of a value that are shown.
const LONGEST: usize = 60;

/// One setting at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    file: Arc<Path>,
    /// Its key, with dots: `project.published`.
    pub key: String,
    /// Its value as written, on one line.
    pub value: String,
    /// Line and column of its key, or of the item of its list, both from 1.
    pub at: (usize, usize),
    /// The items of its list; none if it holds one value.
    items: Vec<Self>,
}

impl Setting {
    /// The file that it is written in.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// The settings of one configuration, in the order of its text.
#[derive(Debug, Clone, Default)]
pub struct Settings(Vec<Setting>);

impl Settings {
    /// Collects the settings of a document.
    pub(super) fn new(source: &SourceText, document: &DeTable<'_>) -> Self {
        let mut collector = Collector {
            source,
            file: Arc::from(PathBuf::from(source.path())),
            found: Vec::new(),
        };
        collector.table("", document);
        collector.found.sort_by_key(|setting| setting.at);
        Self(collector.found)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.0.iter()
    }

    /// The one of a key.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.0.iter().find(|setting| setting.key == key)
    }

    /// An item of the list of a key; the whole setting if it is no list.
    pub fn item(&self, key: &str, at: usize) -> Option<&Setting> {
        let setting = self.get(key)?;
        Some(setting.items.get(at).unwrap_or(setting))
    }
}

struct Collector<'a> {
    source: &'a SourceText,
    file: Arc<Path>,
    found: Vec<Setting>,
}

impl Collector<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = match prefix {
                "" => key.get_ref().to_string(),
                prefix => format!("{prefix}.{}", key.get_ref()),
            };
            match value.get_ref() {
                // A variable of a template may hold a table: that is its value.
                DeValue::Table(below) if !prefix.contains('.') => {
                    self.table(&name, below);
                }
                DeValue::Array(items) => {
                    let items = items.iter().map(|item| {
                        self.setting(&name, span(item.span()), span(item.span()), Vec::new())
                    });
                    let items = items.collect();
                    let setting = self.setting(&name, span(key.span()), span(value.span()), items);
                    self.found.push(setting);
                }
                _ => {
                    let setting =
                        self.setting(&name, span(key.span()), span(value.span()), Vec::new());
                    self.found.push(setting);
                }
            }
        }
    }

    fn setting(&self, key: &str, place: Span, value: Span, items: Vec<Setting>) -> Setting {
        let at = self.source.position(place.start);
        let written = self.source.slice(value);
        let words: Vec<&str> = written.split_whitespace().collect();
        let mut value: String = words.join(" ");
        if value.chars().count() > LONGEST {
            value = value.chars().take(LONGEST - 1).collect();
            value.push('…');
        }
        Setting {
            file: Arc::clone(&self.file),
            key: key.to_owned(),
            value,
            at: (at.line, at.column),
            items,
        }
    }
}

/// Patterns of paths, in the order of their list.
#[derive(Debug, Clone, Default)]
pub struct Patterns(pub(super) GlobSet);

impl Patterns {
    /// Whether one of them matches.
    pub fn is_match(&self, path: &Path) -> bool {
        self.0.is_match(path)
    }

    /// The place in the list of the first that matches.
    pub fn first_match(&self, path: &Path) -> Option<usize> {
        self.0.matches(path).into_iter().min()
    }
}

/// Why a file is not checked, with the setting that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unchecked<'a> {
    /// A pattern of `exclude` matches.
    Excluded(Option<&'a Setting>),
    /// No pattern of `include` does.
    NotIncluded(Option<&'a Setting>),
    /// The layout keeps tests and checks there.
    Test(Option<&'a Setting>),
    /// `published` names it not.
    Unpublished(Option<&'a Setting>),
    /// Its owners' metadata has no publishing label.
    Unlabelled(Option<&'a Setting>),
}
