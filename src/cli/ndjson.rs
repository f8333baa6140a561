//! `headcount check --ndjson`: a line of JSON for each file as it is done.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::args::Check;
use super::configurations::Configurations;
use super::{CLEAN, FAILED, Failure, check, git, output, record, run};
use crate::assess::Told;
use crate::config::Config;
use crate::record::Record;
use crate::report::{InertText, Run, json_lines};
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::{SourceText, files};
use crate::workspace::Registries;

/// What a line of standard input says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    sql: String,
    /// Whatever the sender tells lines apart by; it comes back.
    id: Option<serde_json::Value>,
}

/// A text that came, and where it stands.
struct Item {
    text: SourceText,
    at: PathBuf,
    /// Whether it came as a line.
    line: bool,
    /// What its line is called.
    id: Option<serde_json::Value>,
}

/// Answers that are given in the order of what was asked, though they are made in
/// another one.
#[derive(Default)]
struct Answers {
    /// The number of the next one that is given.
    next: usize,
    /// What is done before its turn; nothing where there is no answer.
    waiting: BTreeMap<usize, Option<InertText>>,
    /// What lines are called, by their numbers.
    ids: BTreeMap<usize, serde_json::Value>,
}

impl Answers {
    /// Takes an answer; returns those whose turn it is.
    fn done(&mut self, number: usize, answer: Option<InertText>) -> InertText {
        self.waiting.insert(number, answer);
        let mut ready = InertText::new();
        while let Some(answer) = self.waiting.remove(&self.next) {
            self.next += 1;
            if let Some(answer) = answer {
                ready.append(&answer);
            }
        }
        ready
    }
}

/// What a panic leaves is whole: each change is one insertion.
fn locked(answers: &Mutex<Answers>) -> MutexGuard<'_, Answers> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What serves texts of one configuration and one record.
struct Serving {
    config: Arc<Config>,
    held: Record,
    registries: Registries,
}

/// Assesses what comes, as it comes; the answers have its order. A line or a file that can't be read is told
/// on standard error, and the others are assessed.
pub(super) fn run(check: &Check, configs: &mut Configurations) -> Result<u8, Failure> {
    let common = &check.common;
    // What does not fit is told before anything is assessed.
    run::choose(&mut Run::of(Vec::new(), 0), &Config::default(), common)?;
    let today = record::today(check.date.as_deref())?;
    let failed = AtomicBool::new(false);
    let tell = |failure: Failure| {
        failure.tell();
        failed.store(true, Ordering::Relaxed);
    };
    let status = AtomicU8::new(CLEAN);
    let here = [PathBuf::from(".")];
    let paths = if check.paths.is_empty() {
        &here[..]
    } else {
        &check.paths
    };
    let mut sources: Vec<Box<dyn Iterator<Item = Item> + Send + '_>> = Vec::new();
    for path in paths {
        sources.push(if path == Path::new("-") {
            configs.serving(Path::new("."))?;
            Box::new(lines(&tell))
        } else {
            let found = run::found(path, configs, common.ignored(), &tell)?;
            if found.is_empty {
                output::warn(&format!("{}: contains no .sql file", path.display()));
            }
            let files = found.covered.into_iter().map(|(path, _)| path);
            Box::new(texts(files.collect(), &tell))
        });
    }
    let mut items = sources.into_iter().flatten();
    let mut serving: FxHashMap<(usize, PathBuf), Serving> = FxHashMap::default();
    let mut next = items.next();
    while let Some(item) = next.take() {
        let (config, folder) = of(&item, configs, common.record.as_deref())?;
        let key = (Arc::as_ptr(&config) as usize, folder);
        let known = match serving.entry(key.clone()) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                let held = record::held(&key.1, &config)?;
                let registries = record::registries(&held, &config, common, Told::Columns)?;
                new.insert(Serving {
                    config,
                    held,
                    registries,
                })
            }
        };
        let gate = check::gate(check, &known.config);
        let config = Arc::clone(&known.config);
        let held = &known.held;
        // As long as the same serve, all are assessed together.
        let mut wrong = None;
        let answers = Mutex::new(Answers::default());
        let mut count = 0;
        let mut asked = |item: Item, config: &Config| {
            let id = item.id.clone();
            locked(&answers).ids.extend(id.map(|id| (count, id)));
            count += 1;
            looked_at(item, config)
        };
        let first = asked(item, &config);
        let same = std::iter::once(first).chain(std::iter::from_fn(|| {
            let item = items.next()?;
            match of(&item, configs, common.record.as_deref()) {
                Ok((own, folder)) if (Arc::as_ptr(&own) as usize, &folder) == (key.0, &key.1) => {
                    Some(asked(item, &own))
                }
                Ok(_) => {
                    next = Some(item);
                    None
                }
                Err(failure) => {
                    wrong = Some(failure);
                    None
                }
            }
        }));
        known.registries.assess_each(
            same,
            &config.template,
            common.jobs,
            |number, file, min_bucket| {
                let mut run = Run::of(vec![file], min_bucket);
                let chosen = record::hold(&mut run, held, &today, &config)
                    .and_then(|()| run::choose(&mut run, &config, common));
                let mut answers = locked(&answers);
                let id = answers.ids.remove(&number);
                let answer = match chosen {
                    Ok(()) => {
                        status.fetch_max(run::status(&run, gate), Ordering::Relaxed);
                        Some(json_lines(&run, id.as_ref()))
                    }
                    Err(failure) => {
                        tell(failure);
                        None
                    }
                };
                // Whoever gives answers away keeps the others from going before them.
                let ready = answers.done(number, answer);
                if let Err(failure) = output::print(&ready) {
                    tell(failure);
                }
            },
        )?;
        if let Some(failure) = wrong {
            return Err(failure);
        }
    }
    for note in configs.notes() {
        output::warn(&note);
    }
    Ok(if failed.load(Ordering::Relaxed) {
        FAILED
    } else {
        status.into_inner()
    })
}

/// What serves a text: its configuration, and the folder of its record.
fn of(
    item: &Item,
    configs: &mut Configurations,
    record: Option<&Path>,
) -> Result<(Arc<Config>, PathBuf), Failure> {
    let config = configs.serving(&item.at)?;
    let folder = record::folder(record, &config, &item.at);
    Ok((config, folder))
}

/// The text that is looked at: nothing of a line whose configuration excludes it. A
/// line is answered with a line all the same.
fn looked_at(item: Item, config: &Config) -> SourceText {
    if item.line && !config.covers(&item.at) {
        SourceText::new(item.text.path(), "")
    } else {
        item.text
    }
}

/// The lines of standard input, each read when it is asked for.
fn lines(tell: &(impl Fn(Failure) + Sync)) -> impl Iterator<Item = Item> + Send {
    let mut stream = BufReader::new(std::io::stdin());
    let lines =
        std::iter::from_fn(move || bounded::read_line(&mut stream, LARGEST_TEXT).transpose());
    lines.zip(1_usize..).filter_map(move |(line, number)| {
        let text = line
            .map_err(|error| format!("<stdin>:{number}: cannot be read: {error}"))
            .and_then(|line| text(&line, number))
            .unwrap_or_else(|message| {
                tell(Failure::Usage(message));
                None
            });
        let (text, id) = text?;
        let line = true;
        // What a line calls itself does not lead out of the repository that it is
        // sent to.
        let at = PathBuf::from(text.path());
        let (text, at) = if stands_here(&at) {
            (text, at)
        } else {
            (text.alone(), PathBuf::from("."))
        };
        Some(Item { text, at, line, id })
    })
}

/// Whether a path lies below the repository around the working directory.
fn stands_here(path: &Path) -> bool {
    let here = bounded::boundary(Path::new("."));
    let absolute = files::absolute(path);
    bounded::is_below(git::standing(&absolute), &here)
}

/// The texts of files, each read when it is asked for.
fn texts(
    paths: Vec<PathBuf>,
    tell: &(impl Fn(Failure) + Sync),
) -> impl Iterator<Item = Item> + Send {
    paths
        .into_iter()
        .filter_map(move |at| match files::read(&at) {
            Ok(text) => {
                let line = false;
                let id = None;
                Some(Item { text, at, line, id })
            }
            Err(error) => {
                tell(Failure::from(error));
                None
            }
        })
}

/// The text of a line, and what the line is called.
type Called = (SourceText, Option<serde_json::Value>);

/// The text of a line; an empty line holds none.
fn text(line: &[u8], number: usize) -> Result<Option<Called>, String> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let Line { path, sql, id } = serde_json::from_slice(line).map_err(|error| {
        format!(
            "<stdin>:{number}: {error}; expected an object {{\"path\": \"…\", \"sql\": \"…\"}} per line"
        )
    })?;
    if files::is_too_long(Path::new(&path)) {
        return Err(format!(
            "<stdin>:{number}: the path is longer than the maximum length of a path"
        ));
    }
    if sql.contains('\0') {
        return Err(format!(
            "<stdin>:{number}: the text of {path} contains a NUL, so it is not SQL text"
        ));
    }
    Ok(Some((SourceText::new(path, sql), id)))
}
