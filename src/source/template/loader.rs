//! Templates that a template includes or imports.

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

/// Between the tag of the main template that a name comes from and the name.
const TAGGED: char = '⟨';
/// Between the name of a template and the one that names it.
const NAMED_BY: char = '⟩';

/// Before the name of a template that is brought in without context.
const ISOLATED: &str = "⦸";

/// The largest template that is read.
const LARGEST: u64 = 4 << 20;

/// What it takes to read a template, and how many bytes of it are lexed, rewritten and
/// compiled in a step.
const STEPS: usize = 16;
const BYTES_OF_A_STEP: usize = 3;
/// How many names that others give a value are copied in a step.
const NAMES_OF_A_STEP: usize = 8;

/// Finds, reads and rewrites templates.
#[derive(Debug)]
pub(super) struct Loader {
    folder: PathBuf,
    search_path: Vec<PathBuf>,
    /// The folders that all it reads lies below: the repositories around them.
    within: Vec<PathBuf>,
    /// Where the files that are asked for are noted.
    pub(super) lookups: Option<Arc<Lookups>>,
    /// Which tags can't be rendered, by template.
    pub(super) broken: Mutex<BTreeMap<String, Broken>>,
    /// Names that the main template and the settings may give a value.
    pub(super) names: Mutex<BTreeSet<String>>,
    /// The templates that were given to Jinja, by name.
    pub(super) given: Mutex<BTreeMap<String, Rewritten>>,
    filters: BTreeSet<String>,
    tests: BTreeSet<String>,
    /// Templates that are no files, by name.
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
        // What is pasted, or stands nowhere yet, reads no file.
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

    /// Notes the filters and tests that a template uses. Those of a template that
    /// it includes are not known before that is read: then all that Jinja has come
    /// as well.
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

    /// The template of a name, for Jinja.
    pub(super) fn load(&self, name: &str) -> Result<Option<String>, Error> {
        let (wanted, by) = parts(name);
        let module = self.modules.get(wanted).cloned();
        let Some(text) = module.or_else(|| self.find(wanted, by)) else {
            return Ok(None);
        };
        budget::bring_in(STEPS + text.len() / BYTES_OF_A_STEP);
        if text.contains([OPEN, CLOSE]) {
            let message =
                format!("`{wanted}` contains a character that Unicode reserves for programs");
            return Err(Error::new(ErrorKind::SyntaxError, message));
        }
        // Jinja leaves one line end away at the end of a template.
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
        budget::bring_in(names.len() / NAMES_OF_A_STEP);
        if is_isolated(name) {
            rewritten.put(&context::without(names.iter()), 0..0);
        }
        rewritten.around = names;
        rewrite::parts(&mut rewritten, text, &parts, &broken);
        let template = rewritten.text.clone();
        // What one of them gives a value, those after it may read.
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
        // Jinja reads names from the roots of its loader, whichever template has them.
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

/// The name of a template that a tag of the main one asks for.
pub(super) fn called(index: usize, name: &Value, isolated: bool) -> Value {
    if let Some(name) = name.as_str() {
        let sign = if isolated { ISOLATED } else { "" };
        return Value::from(format!("{index}{TAGGED}{sign}{name}"));
    }
    // A list of names, of which the first is taken that is there. What is unknown
    // lists itself without end.
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

/// The most templates of which a tag brings in the first that is there.
const MOST_NAMES: usize = 1_000;

/// The name of a template that no tag of the main one asks for, without context.
pub(super) fn isolated(name: &str) -> String {
    format!("{}{TAGGED}{ISOLATED}{name}", usize::MAX)
}

/// The name of a template that another asks for: with the tag of the main
/// template that began it, so that all of it can be shown at that tag.
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

/// The tag of the main template that a template's name comes from.
pub(super) fn tag(name: &str) -> Option<usize> {
    name.split_once(TAGGED)?.0.parse().ok()
}

/// The path that a name stands for, and the template that names it.
pub(super) fn parts(name: &str) -> (&str, Option<&str>) {
    let bare = name.split_once(TAGGED).map_or(name, |(_, bare)| bare);
    let bare = bare.trim_start_matches(ISOLATED);
    match bare.split_once(NAMED_BY) {
        Some((bare, by)) => (bare, Some(by)),
        None => (bare, None),
    }
}

/// Whether a template is one without context.
fn is_isolated(name: &str) -> bool {
    let bare = name.split_once(TAGGED).map_or(name, |(_, bare)| bare);
    bare.starts_with(ISOLATED)
}

/// A message without the names as they are inside.
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
