//! Loads the templates that a template includes or imports.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::{Error, ErrorKind, Value};

use super::rewrite::{self, Broken, Rewritten};
use super::run::{CLOSE, OPEN};
use super::scan::scan;
use super::unknown::Unknown;
use super::{Lookups, context, names};
use crate::budget;
use crate::source::{SourceText, bounded};

/// The name of the file's own template.
pub(super) const MAIN: &str = "main";

/// Separates the number of the main template's tag from a template's name.
const TAGGED: char = '⟨';
/// Separates a template's name from the name of the template that refers to it.
const NAMED_BY: char = '⟩';

/// Prefixes the name of a template that is brought in without context.
const ISOLATED: &str = "⦸";

/// The maximum size of a template file in bytes.
const LARGEST: u64 = 4 << 20;

/// The cost of reading a template, in steps. The second number is how many of its
/// bytes are lexed, rewritten and compiled in one step.
const STEPS: usize = 16;
const BYTES_OF_A_STEP: usize = 3;
/// The number of assigned names that are copied in one step.
const NAMES_OF_A_STEP: usize = 8;

/// Finds, reads and rewrites templates.
#[derive(Debug)]
pub(super) struct Loader {
    folder: PathBuf,
    search_path: Vec<PathBuf>,
    /// The folders below which files may be read: the repositories around the file
    /// and the search path.
    within: Vec<PathBuf>,
    /// Records the files that are looked up.
    pub(super) lookups: Option<Arc<Lookups>>,
    /// The tags that cannot be rendered, by template.
    pub(super) broken: Mutex<BTreeMap<String, Broken>>,
    /// Names to which the main template and the settings may give a value.
    pub(super) names: Mutex<BTreeSet<String>>,
    /// The rewritten templates that MiniJinja has loaded, by name.
    pub(super) given: Mutex<BTreeMap<String, Rewritten>>,
    filters: BTreeSet<String>,
    tests: BTreeSet<String>,
    /// Templates that are not files, by name.
    modules: BTreeMap<String, String>,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Loader {
    pub(super) fn new(
        source: &SourceText,
        search_path: &[PathBuf],
        modules: BTreeMap<String, String>,
    ) -> Self {
        let path = Path::new(source.path());
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_owned();
        // A pasted text, or one without a file, reads no file.
        let within = if path.is_file() && !source.is_alone() {
            [bounded::boundary(&folder)]
                .into_iter()
                .chain(search_path.iter().map(|folder| bounded::boundary(folder)))
                .collect()
        } else {
            Vec::new()
        };
        Self {
            folder,
            search_path: search_path.to_vec(),
            within,
            lookups: None,
            broken: Mutex::default(),
            names: Mutex::default(),
            given: Mutex::default(),
            filters: BTreeSet::new(),
            tests: BTreeSet::new(),
            modules,
        }
    }

    /// Notes the filters and tests that a template uses. Those of included templates
    /// are unknown until they are read; in that case all names of Jinja are added.
    pub(super) fn note(&mut self, rewritten: &str) {
        if rewritten.contains("__template(") || !self.modules.is_empty() {
            self.filters.extend(names::filters().map(str::to_owned));
            self.tests.extend(names::tests().map(str::to_owned));
        }
        let (filters, tests) = (&mut self.filters, &mut self.tests);
        for (prefix, names) in [("__filter_", filters), ("__test_", tests)] {
            for after in rewritten.split(prefix).skip(1) {
                let end = after
                    .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
                    .unwrap_or(after.len());
                names.insert(after[..end].to_owned());
            }
        }
    }

    pub(super) fn filters(&self) -> impl Iterator<Item = &String> {
        self.filters.iter()
    }

    pub(super) fn tests(&self) -> impl Iterator<Item = &String> {
        self.tests.iter()
    }

    /// Loads a template by name, rewritten for MiniJinja.
    pub(super) fn load(&self, name: &str) -> Result<Option<String>, Error> {
        let (wanted, by) = parts(name);
        let module = self.modules.get(wanted).cloned();
        let Some(text) = module.or_else(|| self.find(wanted, by)) else {
            return Ok(None);
        };
        budget::charge_included(STEPS + text.len() / BYTES_OF_A_STEP);
        if text.contains([OPEN, CLOSE]) {
            let message =
                format!("`{wanted}` contains a character that Unicode reserves for programs");
            return Err(Error::new(ErrorKind::SyntaxError, message));
        }
        // Jinja drops one line end at the end of a template.
        let end = ["\r\n", "\n", "\r"]
            .into_iter()
            .find_map(|end| text.strip_suffix(end));
        let text = end.unwrap_or(&text);
        let parts = scan(text, 0..text.len()).map_err(|unclosed| {
            let line = text[..unclosed.at.start].matches('\n').count() + 1;
            Error::new(
                ErrorKind::SyntaxError,
                format!("`{wanted}` has an unclosed tag in line {line}"),
            )
        })?;
        if super::depth::too_deep(text, &parts).is_some() {
            let message = format!("`{wanted}` has too many nested statements");
            return Err(Error::new(ErrorKind::SyntaxError, message));
        }
        let broken = locked(&self.broken).get(name).cloned().unwrap_or_default();
        let mut rewritten = Rewritten::default();
        let names = locked(&self.names).clone();
        budget::charge_included(names.len() / NAMES_OF_A_STEP);
        if is_isolated(name) {
            rewritten.put(&context::without(names.iter()), 0..0);
        }
        rewritten.around = names;
        rewrite::parts(&mut rewritten, text, &parts, &broken);
        let template = rewritten.text.clone();
        // Later templates may read the names that this one assigns.
        let assigned = rewritten.assigned.iter().cloned();
        locked(&self.names).extend(assigned);
        locked(&self.given).insert(name.to_owned(), rewritten);
        Ok(Some(template))
    }

    fn find(&self, wanted: &str, by: Option<&str>) -> Option<String> {
        let wanted = Path::new(wanted.trim_start_matches('/'));
        let inside = wanted.components().all(|part| {
            matches!(
                part,
                Component::Normal(_) | Component::CurDir | Component::ParentDir
            )
        });
        if !inside || wanted.as_os_str().is_empty() {
            return None;
        }
        let beside = by
            .and_then(|by| Path::new(by).parent())
            .filter(|folder| !folder.as_os_str().is_empty());
        // Jinja resolves names from the roots of its loader, whichever template uses
        // them.
        let folders = [self.folder.clone()]
            .into_iter()
            .chain(self.search_path.iter().cloned())
            .chain(beside.into_iter().map(|folder| self.folder.join(folder)));
        for folder in folders {
            let path = folder.join(wanted);
            if let Some(lookups) = &self.lookups {
                lookups.note(&path);
            }
            let inside = self.within.iter().any(|top| bounded::is_below(&path, top));
            if inside && let Ok(text) = bounded::read_to_string(&path, LARGEST) {
                return Some(text);
            }
        }
        None
    }
}

/// Encodes the template's name with the tag of the main template that loads it.
pub(super) fn called(index: usize, name: &Value, isolated: bool) -> Value {
    if let Some(name) = name.as_str() {
        let sign = if isolated { ISOLATED } else { "" };
        return Value::from(format!("{index}{TAGGED}{sign}{name}"));
    }
    // Jinja takes the first existing template of a list of names. An unknown value
    // would yield items without end.
    if name.downcast_object_ref::<Unknown>().is_some() {
        return name.clone();
    }
    match name.try_iter() {
        Ok(names) if name.as_object().is_some() => names
            .take(MOST_NAMES)
            .map(|name| match name.as_str() {
                Some(_) => called(index, &name, isolated),
                None => name,
            })
            .collect::<Vec<_>>()
            .into(),
        Ok(_) | Err(_) => name.clone(),
    }
}

/// The maximum number of names in a list of alternative templates.
const MOST_NAMES: usize = 1_000;

/// Encodes the name of a template without context that no tag of the main one loads.
pub(super) fn isolated(name: &str) -> String {
    format!("{}{TAGGED}{ISOLATED}{name}", usize::MAX)
}

/// Encodes the name of a template that another template loads. The name includes the
/// tag of the main template that started the chain, so that problems are shown at
/// that tag.
pub(super) fn join<'s>(name: &'s str, parent: &'s str) -> Cow<'s, str> {
    if parent == MAIN {
        return Cow::Borrowed(name);
    }
    let Some(tag) = tag(parent) else {
        return Cow::Borrowed(name);
    };
    let bare = name.split_once(TAGGED).map_or(name, |(_, bare)| bare);
    Cow::Owned(format!("{tag}{TAGGED}{bare}{NAMED_BY}{}", parts(parent).0))
}

/// Returns the tag of the main template that a template's name encodes.
pub(super) fn tag(name: &str) -> Option<usize> {
    name.split_once(TAGGED)?.0.parse().ok()
}

/// Splits a name into its path and the template that refers to it.
pub(super) fn parts(name: &str) -> (&str, Option<&str>) {
    let bare = name.split_once(TAGGED).map_or(name, |(_, bare)| bare);
    let bare = bare.trim_start_matches(ISOLATED);
    match bare.split_once(NAMED_BY) {
        Some((bare, by)) => (bare, Some(by)),
        None => (bare, None),
    }
}

/// Whether a template is brought in without context.
fn is_isolated(name: &str) -> bool {
    let bare = name.split_once(TAGGED).map_or(name, |(_, bare)| bare);
    bare.starts_with(ISOLATED)
}

/// Removes the encoding of template names from a message.
pub(super) fn clean(message: &str) -> String {
    let mut clean = String::new();
    for (at, piece) in message.split(TAGGED).enumerate() {
        if at > 0 {
            let digits = clean.len() - clean.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            clean.truncate(clean.len() - digits);
        }
        clean.push_str(piece.trim_start_matches(ISOLATED));
    }
    match clean.split_once(NAMED_BY) {
        Some((before, after)) => {
            let rest = after.find(['"', '\'']).map_or("", |end| &after[end..]);
            format!("{before}{rest}")
        }
        None => clean,
    }
}
