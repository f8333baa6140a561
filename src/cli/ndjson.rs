//! `headcount check --ndjson`: assesses files and lines of standard input as they
//! come.
//!
//! Each file and each line of standard input that is not blank has exactly one
//! answer, a line of JSON, whatever it contains. The answers have the order of the
//! inputs.

use std::collections::BTreeMap;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::args::{Check, Common};
use super::configurations::Configurations;
use super::{CLEAN, FAILED, Failure, check, git, output, record, run};
use crate::assess::{AnalysisDetail, unread};
use crate::config::Config;
use crate::record::Record;
use crate::registry::Registry;
use crate::report::{InertText, Run, json_lines};
use crate::source::bounded::{self, LARGEST_TEXT};
use crate::source::encoding::Utf16;
use crate::source::{SourceText, files};
use crate::workspace::Registries;

/// A request: one line of standard input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    sql: String,
    /// A value chosen by the sender to identify the request; the answer repeats it.
    id: Option<serde_json::Value>,
}

/// A text to assess, and its location.
struct Item {
    text: SourceText,
    at: PathBuf,
    /// Whether it is a line of standard input rather than a file.
    line: bool,
    /// The identifier of the line, if it has one.
    id: Option<serde_json::Value>,
    /// The reason why there is no text to assess, if there is none.
    refused: Option<String>,
}

impl Item {
    /// Creates the item of a line without a text to assess. It keeps the path and
    /// the identifier that the line names, as far as they can be read. It has no
    /// location, so that no file beside it is read.
    fn refused(called: RequestIdentity, number: usize, why: String) -> Self {
        let path = called
            .path
            .filter(|path| !files::is_too_long(Path::new(path)));
        let path = path.unwrap_or_else(|| format!("<stdin>:{number}"));
        Self {
            text: SourceText::new(path, "").alone(),
            at: PathBuf::from("."),
            line: true,
            id: called.id,
            refused: Some(why),
        }
    }

    /// Replaces the text of a line by the reason why it is not assessed.
    fn refuse(self, why: &Failure) -> Self {
        Self {
            text: SourceText::new(self.text.path(), "").alone(),
            at: PathBuf::from("."),
            refused: Some(why.to_string()),
            ..self
        }
    }
}

/// The path and the identifier of a line that is no valid request.
#[derive(Default)]
struct RequestIdentity {
    path: Option<String>,
    id: Option<serde_json::Value>,
}

impl RequestIdentity {
    /// Reads as much as the line contains.
    fn of(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let Ok(serde_json::Value::Object(mut said)) = serde_json::from_str(&text) else {
            return Self::default();
        };
        let path = said.get("path").and_then(|path| path.as_str());
        Self {
            path: path.map(str::to_owned),
            id: said.remove("id"),
        }
    }
}

/// Keeps answers until they can be printed in the order of the requests. They may be
/// computed in another order.
#[derive(Default)]
struct OrderedAnswers {
    /// The number of the next answer to print.
    next: usize,
    /// The answers that wait for earlier ones; `None` if the input has no answer.
    waiting: BTreeMap<usize, Option<InertText>>,
    /// The requests that are not answered yet, by number.
    lines: BTreeMap<usize, PendingRequest>,
}

/// The part of a request that is kept until its answer.
struct PendingRequest {
    path: String,
    id: Option<serde_json::Value>,
    refused: Option<String>,
}

impl PendingRequest {
    /// Returns the answer to a line that is not assessed.
    fn refused(&self, why: String) -> InertText {
        let text = SourceText::new(self.path.as_str(), "");
        let registry = Registry::builtin();
        let help = "give it as a line that can be read, or ask for its text alone";
        let file = unread(text, why, help.to_owned(), registry);
        let run = Run::of(vec![file], registry.policy().min_bucket);
        json_lines(&run, self.id.as_ref())
    }
}

impl OrderedAnswers {
    /// Adds an answer, and returns all answers that may be printed now.
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

/// Locks the answers. A panic leaves them consistent, because each change is one
/// insertion.
fn locked(answers: &Mutex<OrderedAnswers>) -> MutexGuard<'_, OrderedAnswers> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The record and the registries for texts of one configuration and one record.
struct ConfigContext {
    config: Arc<Config>,
    held: Record,
    registries: Registries,
}

impl ConfigContext {
    fn of(config: Arc<Config>, folder: &Path, common: &Common) -> Result<Self, Failure> {
        let held = record::held(folder, &config)?;
        let registries = record::registries(&held, &config, common, AnalysisDetail::Columns)?;
        Ok(Self {
            config,
            held,
            registries,
        })
    }
}

/// Largest number of failures that are reported on standard error.
const MOST_TOLD: usize = 1_000;

/// Assesses files and lines as they come, and prints the answers in the same order.
/// A line or file that cannot be read is reported on standard error; the others are
/// still assessed.
pub(super) fn run(check: &Check, configs: &mut Configurations) -> Result<u8, Failure> {
    let common = &check.common;
    // Invalid options are refused before anything is assessed.
    run::select_findings(&mut Run::of(Vec::new(), 0), &Config::default(), common)?;
    let today = record::today(check.date.as_deref())?;
    let failed = AtomicBool::new(false);
    let told: Mutex<FxHashSet<String>> = Mutex::default();
    // Many files may fail for the same reason: each reason is reported once.
    let tell = |failure: Failure| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST_TOLD && told.insert(failure.to_string()) {
            failure.tell();
        }
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
                output::warn(&format!(
                    "{}: contains no .sql file; name the files or the folder of the queries",
                    path.display()
                ));
            }
            let files = found.covered.into_iter().map(|(path, _)| path);
            Box::new(texts(files.collect(), &tell))
        });
    }
    let mut items = sources.into_iter().flatten();
    let mut serving: FxHashMap<(usize, PathBuf), ConfigContext> = FxHashMap::default();
    let mut next = items.next();
    while let Some(item) = next.take() {
        let found = of(&item, configs, common.record.as_deref());
        let found = found.and_then(|(config, folder)| {
            let key = (Arc::as_ptr(&config) as usize, folder);
            if !serving.contains_key(&key) {
                let new = ConfigContext::of(config, &key.1, common)?;
                serving.insert(key.clone(), new);
            }
            Ok(key)
        });
        let key = match found {
            Ok(key) => key,
            // A failure in the configuration of one line does not stop the other
            // answers.
            Err(failure) if item.line && item.refused.is_none() => {
                next = Some(item.refuse(&failure));
                tell(failure);
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let Some(known) = serving.get_mut(&key) else {
            continue;
        };
        let gate = check::gate(check, &known.config);
        let config = Arc::clone(&known.config);
        let held = &known.held;
        // Consecutive items of the same configuration and record are assessed
        // together.
        let mut wrong = None;
        let answers = Mutex::new(OrderedAnswers::default());
        let mut count = 0;
        let mut asked = |item: Item, config: &Config| {
            let asked = item.line.then(|| PendingRequest {
                path: item.text.path().to_owned(),
                id: item.id.clone(),
                refused: item.refused.clone(),
            });
            let mut answers = locked(&answers);
            answers.lines.extend(asked.map(|asked| (count, asked)));
            count += 1;
            text_to_assess(item, config)
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
                Err(failure) if item.line && item.refused.is_none() => {
                    next = Some(item.refuse(&failure));
                    tell(failure);
                    None
                }
                Err(failure) => {
                    wrong = Some(failure);
                    None
                }
            }
        }));
        known
            .registries
            .assess_each(same, &config.template, common.jobs, |number, assessed| {
                let assessed = assessed.map_err(Failure::from);
                let chosen = assessed.and_then(|(file, min_bucket)| {
                    let mut run = Run::of(vec![file], min_bucket);
                    record::compare_with_record(&mut run, held, &today, &config)?;
                    run::select_findings(&mut run, &config, common)?;
                    Ok(run)
                });
                let mut answers = locked(&answers);
                let asked = answers.lines.remove(&number);
                let refused = asked.as_ref().and_then(|asked| asked.refused.clone());
                let answer = match (refused, chosen) {
                    (None, Ok(run)) => {
                        status.fetch_max(run::status(&run, gate), Ordering::Relaxed);
                        let id = asked.as_ref().and_then(|asked| asked.id.as_ref());
                        Some(json_lines(&run, id))
                    }
                    // The reason was already reported.
                    (Some(why), _) => asked.map(|asked| asked.refused(why)),
                    (None, Err(failure)) => {
                        let why = failure.to_string();
                        tell(failure);
                        asked.map(|asked| asked.refused(why))
                    }
                };
                // The lock is held while answers are printed, so that later answers
                // cannot overtake them.
                let ready = answers.done(number, answer);
                if let Err(failure) = output::print(&ready) {
                    tell(failure);
                }
            })?;
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

/// Returns the configuration of an item, and the folder of its record.
fn of(
    item: &Item,
    configs: &mut Configurations,
    record: Option<&Path>,
) -> Result<(Arc<Config>, PathBuf), Failure> {
    let config = configs.serving(&item.at)?;
    let folder = record::folder(record, &config, &item.at);
    Ok((config, folder))
}

/// Returns the text to assess. It is empty for a line that its configuration
/// excludes, because every line has an answer.
fn text_to_assess(item: Item, config: &Config) -> SourceText {
    if item.line && !config.covers(&item.at) {
        SourceText::new(item.text.path(), "")
    } else {
        item.text
    }
}

/// Returns the lines of standard input, each read on demand.
fn lines(tell: &(impl Fn(Failure) + Sync)) -> impl Iterator<Item = Item> + Send {
    let mut stream = BufReader::new(std::io::stdin());
    let mut over = false;
    let lines = std::iter::from_fn(move || {
        if over {
            return None;
        }
        let line = bounded::read_line(&mut stream, LARGEST_TEXT).transpose();
        // After a line that is too long, the next line can be read; after any other
        // error, nothing can.
        over = matches!(&line, Some(Err(error)) if error.kind() != ErrorKind::FileTooLarge);
        line
    });
    lines.zip(1_usize..).filter_map(move |(line, number)| {
        let refused = |called: RequestIdentity, why: String| {
            let why = format!("<stdin>:{number}: {why}");
            tell(Failure::Usage(why.clone()));
            Some(Item::refused(called, number, why))
        };
        let line = match line {
            Ok(line) if line.iter().all(u8::is_ascii_whitespace) => return None,
            Ok(line) => line,
            Err(error) => {
                return refused(
                    RequestIdentity::default(),
                    format!("cannot be read: {error}"),
                );
            }
        };
        let Line { path, sql, id } = match text(&line) {
            Ok(said) => said,
            Err(why) => return refused(RequestIdentity::of(&line), why),
        };
        let line = true;
        let text = SourceText::new(path, sql);
        // The path of a line must not lead out of the repository around the working
        // directory.
        let at = PathBuf::from(text.path());
        let (text, at) = if is_in_working_repository(&at) {
            (text, at)
        } else {
            (text.alone(), PathBuf::from("."))
        };
        Some(Item {
            text,
            at,
            line,
            id,
            refused: None,
        })
    })
}

/// Returns whether a path is below the repository around the working directory.
fn is_in_working_repository(path: &Path) -> bool {
    let here = bounded::boundary(Path::new("."));
    let absolute = files::absolute(path);
    bounded::is_below(git::nearest_folder(&absolute), &here)
}

/// Returns the texts of files, each read on demand.
fn texts(
    paths: Vec<PathBuf>,
    tell: &(impl Fn(Failure) + Sync),
) -> impl Iterator<Item = Item> + Send {
    paths
        .into_iter()
        .filter_map(move |at| match files::read(&at) {
            Ok(text) => {
                let line = false;
                Some(Item {
                    text,
                    at,
                    line,
                    id: None,
                    refused: None,
                })
            }
            Err(error) => {
                tell(Failure::from(error));
                None
            }
        })
}

/// Parses a line as a request whose text can be assessed.
fn text(line: &[u8]) -> Result<Line, String> {
    if let Some(found) = Utf16::detect(line) {
        return Err(found.to_string());
    }
    let said: Line = serde_json::from_slice(line).map_err(|error| {
        format!("{error}; expected an object {{\"path\": \"…\", \"sql\": \"…\"}} per line")
    })?;
    if files::is_too_long(Path::new(&said.path)) {
        return Err("the path is longer than the maximum length of a path".to_owned());
    }
    if said.sql.contains('\0') {
        return Err(format!(
            "the text of {} contains a NUL, so it is not SQL text",
            said.path
        ));
    }
    Ok(said)
}
