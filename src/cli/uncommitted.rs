//! The inputs of an approval that have uncommitted changes.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::git::{self, Repository};
use super::readers::may_affect_datasets;
use crate::config::{Config, Layout};
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::files::{self, is_sql};

/// The files that an approval relies on.
pub(super) struct ApprovalInputs<'a> {
    /// The queries, and the files that create the tables that they read.
    pub(super) texts: BTreeSet<PathBuf>,
    pub(super) config: &'a Arc<Config>,
    /// The registry and the configuration of the command line.
    pub(super) registry: Option<&'a Path>,
    pub(super) given: Option<&'a Path>,
    /// The folder of the record, which is the output and therefore not checked.
    pub(super) record: &'a Path,
}

/// Stems of file names that describe the kind of file, not a table.
const GENERIC: &[&str] = &[
    "query",
    "view",
    "script",
    "init",
    "materialized_view",
    "udf",
];

impl ApprovalInputs<'_> {
    /// Returns the files that have uncommitted changes or that git does not know.
    ///
    /// # Errors
    /// If git does not answer.
    pub(super) fn uncommitted(&self) -> Result<BTreeSet<PathBuf>, String> {
        let mut wanted: BTreeSet<PathBuf> =
            self.texts.iter().map(|path| canonical_path(path)).collect();
        let beside = [
            self.registry,
            self.given,
            self.config.registry.as_deref(),
            self.config.template.metric_hub.as_deref(),
        ];
        wanted.extend(beside.into_iter().flatten().map(canonical_path));
        wanted.extend(
            self.config
                .project
                .schemas
                .iter()
                .map(|path| canonical_path(path)),
        );
        let mut tops: BTreeSet<PathBuf> = BTreeSet::new();
        for path in &wanted {
            let repository = Repository::around(git::nearest_folder(path))?;
            tops.insert(canonical_path(repository.top()));
        }
        let mut found = BTreeSet::new();
        for top in &tops {
            self.in_repository(top, &wanted, &mut found)?;
        }
        Ok(found)
    }

    fn in_repository(
        &self,
        top: &Path,
        wanted: &BTreeSet<PathBuf>,
        found: &mut BTreeSet<PathBuf>,
    ) -> Result<(), String> {
        let repository = Repository::around(top)?;
        let mut changed = repository.uncommitted()?;
        changed.extend(repository.changed_unseen()?);
        let record = canonical_path(self.record);
        let mut open = Vec::new();
        for path in changed {
            if path.starts_with(&record) {
                continue;
            }
            let is_wanted = wanted
                .iter()
                .any(|wanted| wanted.starts_with(&path) || path.starts_with(wanted));
            let may_affect_datasets =
                !is_sql(&path) && may_affect_datasets(&path, self.config, self.registry);
            let macros = self.config.project.layout == Some(Layout::Dbt)
                && path.components().any(|part| part.as_os_str() == "macros");
            // A deleted file was not read, and might have changed the result.
            let gone = is_sql(&path) && !path.exists();
            if is_wanted || may_affect_datasets || macros || gone {
                found.insert(path);
            } else {
                open.push(path);
            }
        }
        if !open.is_empty() {
            let named = ReferencedNames::by(wanted, &repository)?;
            found.extend(open.into_iter().filter(|path| named.may_be(path)));
        }
        Ok(())
    }
}

/// The names in the texts and in the templates that they include.
struct ReferencedNames {
    /// Names of files between quotes.
    files: HashSet<String>,
    /// All words, in lower case.
    words: HashSet<String>,
    /// Whether a template computes the name of a file that it includes.
    any: bool,
}

impl ReferencedNames {
    fn by(texts: &BTreeSet<PathBuf>, repository: &Repository) -> Result<Self, String> {
        let listed = repository.known()?;
        let mut by_name: HashMap<String, Vec<PathBuf>> = HashMap::new();
        for path in listed {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            by_name.entry(name.into_owned()).or_default().push(path);
        }
        let mut named = Self {
            files: HashSet::new(),
            words: HashSet::new(),
            any: false,
        };
        let mut seen: HashSet<PathBuf> = texts.iter().cloned().collect();
        let mut open: VecDeque<PathBuf> = texts.iter().cloned().collect();
        while let Some(path) = open.pop_front() {
            let Ok(bytes) = bounded::read(&path, LARGEST_TEXT) else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes);
            let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            named.words.extend(words.map(str::to_lowercase));
            if !text.contains("{%") && !text.contains("{{") {
                continue;
            }
            named.any |= includes_computed(&text);
            for quoted in text.split(['\'', '"']) {
                let name = quoted.rsplit('/').next().unwrap_or(quoted);
                if let Some(paths) = by_name.get(name) {
                    named.files.insert(name.to_owned());
                    for path in paths {
                        if seen.insert(path.clone()) {
                            open.push_back(path.clone());
                        }
                    }
                }
            }
        }
        Ok(named)
    }

    /// Returns whether a changed file may be an input of the texts. It may be
    /// included, or define a table or a function that is named.
    fn may_be(&self, path: &Path) -> bool {
        let name = |path: Option<&std::ffi::OsStr>| {
            path.map(|name| name.to_string_lossy().to_lowercase())
                .unwrap_or_default()
        };
        let file = path.file_name().map(|name| name.to_string_lossy());
        if self.any {
            return true;
        }
        if file.is_some_and(|name| self.files.contains(&*name)) {
            return true;
        }
        if !is_sql(path) {
            return false;
        }
        let stem = name(path.file_stem());
        if !GENERIC.contains(&stem.as_str()) && self.words.contains(&stem) {
            return true;
        }
        self.words
            .contains(&name(path.parent().and_then(Path::file_name)))
    }
}

/// Returns whether a template includes a file by a computed name.
fn includes_computed(text: &str) -> bool {
    const LOADING: &[&str] = &["include", "import", "extends", "from"];
    text.split("{%").skip(1).any(|tag| {
        let tag = tag.split("%}").next().unwrap_or(tag);
        let tag = tag.trim_matches(['-', '+']).trim();
        let (word, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        LOADING.contains(&word) && !is_plain_name(rest.trim())
    })
}

/// Returns whether a text begins with a quoted name that no operator extends.
fn is_plain_name(text: &str) -> bool {
    let Some(quote) = text.chars().next().filter(|c| ['\'', '"'].contains(c)) else {
        return false;
    };
    let Some((name, rest)) = text[1..].split_once(quote) else {
        return false;
    };
    let plain = |c: char| c.is_alphanumeric() || ['_', ',', ' ', '\n', '\t', '\r'].contains(&c);
    !name.contains('\\')
        && rest.chars().all(plain)
        && !rest
            .split_whitespace()
            .any(|word| ["if", "else"].contains(&word))
}

/// Returns the absolute path without `.`, with links followed if it exists.
fn canonical_path(path: &Path) -> PathBuf {
    let absolute: PathBuf = files::absolute(path).components().collect();
    absolute.canonicalize().unwrap_or(absolute)
}
