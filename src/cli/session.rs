//! Groups the files of a run by configuration and publishing record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::args::Common;
use super::readers::ServedFile;
use super::{Failure, record, run};
use crate::assess::{AnalysisDetail, metadata};
use crate::config::Config;
use crate::record::Record;
use crate::registry::Registry;
use crate::report::Run;
use crate::source::{SourceText, files};
use crate::workspace::Registries;

/// A text to assess, or the public label of a table without SQL, with its
/// configuration.
pub(super) struct SessionInput {
    /// The path of the file. The path of `text` may lack bytes that are not UTF-8.
    pub(super) at: PathBuf,
    pub(super) text: SourceText,
    pub(super) config: Arc<Config>,
    /// Whether it is such a label.
    pub(super) is_label: bool,
}

impl SessionInput {
    /// Creates the input of an SQL text.
    pub(super) fn of(at: PathBuf, text: SourceText, config: Arc<Config>) -> Self {
        Self {
            at,
            text,
            config,
            is_label: false,
        }
    }

    /// Reads the label of a table that no SQL makes.
    pub(super) fn label((at, config): ServedFile) -> Result<Self, Failure> {
        let text = files::read(&at)?;
        Ok(Self {
            is_label: true,
            ..Self::of(at, text, config)
        })
    }
}

/// Texts of one configuration and one record.
pub(super) struct Session {
    pub(super) config: Arc<Config>,
    pub(super) held: Record,
    pub(super) texts: Vec<SourceText>,
    /// Labels of tables that no SQL makes.
    pub(super) labels: Vec<SourceText>,
}

impl Session {
    /// Creates the registries of the session, with the repository around its files.
    /// Details that are neither shown nor compared with the record are not computed.
    pub(super) fn registries(
        &self,
        common: &Common,
        shown: AnalysisDetail,
    ) -> Result<Registries, Failure> {
        record::registries(&self.held, &self.config, common, shown)
    }
}

/// Groups inputs by configuration and record. If there is no input, the record of
/// the first path is read all the same, so that errors in it are reported.
pub(super) fn sessions(
    inputs: Vec<SessionInput>,
    first: (&Path, Arc<Config>),
    record: Option<&Path>,
) -> Result<Vec<Session>, Failure> {
    let mut folders: FxHashMap<(*const Config, PathBuf), PathBuf> = FxHashMap::default();
    let mut found: FxHashMap<*const Config, record::Folders> = FxHashMap::default();
    let mut folder = |config: &Arc<Config>, at: &Path| {
        let beside = if at.is_dir() { Some(at) } else { at.parent() };
        let beside = files::listed(beside.unwrap_or(at));
        let known = (Arc::as_ptr(config), beside.to_owned());
        let found = found.entry(Arc::as_ptr(config)).or_default();
        folders
            .entry(known)
            .or_insert_with(|| found.of(record, config, beside))
            .clone()
    };
    let mut sessions: Vec<(PathBuf, Session)> = Vec::new();
    let mut known: BTreeMap<(*const Config, PathBuf), usize> = BTreeMap::new();
    let mut session = |config: Arc<Config>, at: &Path| -> Result<usize, Failure> {
        let folder = folder(&config, at);
        let key = (Arc::as_ptr(&config), folder);
        if let Some(known) = known.get(&key) {
            return Ok(*known);
        }
        let held = record::held(&key.1, &config)?;
        let session = Session {
            config,
            held,
            texts: Vec::new(),
            labels: Vec::new(),
        };
        sessions.push((key.1.clone(), session));
        known.insert(key, sessions.len() - 1);
        Ok(sessions.len() - 1)
    };
    let mut placed = Vec::with_capacity(inputs.len());
    if inputs.is_empty() {
        session(first.1, first.0)?;
    }
    for input in inputs {
        let session = session(input.config, &input.at)?;
        placed.push((session, input.text, input.is_label));
    }
    let mut sessions: Vec<Session> = sessions.into_iter().map(|(_, session)| session).collect();
    for (at, text, is_label) in placed {
        let session = &mut sessions[at];
        if is_label {
            session.labels.push(text);
        } else {
            session.texts.push(text);
        }
    }
    Ok(sessions)
}

/// Groups texts by configuration alone.
pub(super) fn group_by_config(inputs: Vec<SessionInput>) -> Vec<(Arc<Config>, Vec<SourceText>)> {
    let mut sorted: Vec<(Arc<Config>, Vec<SourceText>)> = Vec::new();
    let mut known: FxHashMap<*const Config, usize> = FxHashMap::default();
    for input in inputs {
        let at = *known.entry(Arc::as_ptr(&input.config)).or_insert_with(|| {
            sorted.push((Arc::clone(&input.config), Vec::new()));
            sorted.len() - 1
        });
        sorted[at].1.push(input.text);
    }
    sorted
}

/// The positions of files in the order of the inputs.
pub(super) struct Order(FxHashMap<String, usize>);

impl Order {
    pub(super) fn of(inputs: &[SessionInput]) -> Self {
        let mut order = FxHashMap::default();
        for (at, input) in inputs.iter().enumerate() {
            order.entry(input.text.path().to_owned()).or_insert(at);
        }
        Self(order)
    }

    /// Returns the position of a file; files that were no input come last.
    pub(super) fn place(&self, path: &str) -> usize {
        self.0.get(path).copied().unwrap_or(usize::MAX)
    }

    /// Merges the results of sessions into one run.
    pub(super) fn merge(&self, runs: Vec<Run>) -> Run {
        let least = runs.iter().map(|run| run.min_bucket).min();
        let mut merged = Run::of(
            Vec::new(),
            least.unwrap_or(Registry::builtin().policy().min_bucket),
        );
        for run in runs {
            merged.files.extend(run.files);
            merged.settings.extend(run.settings);
            for gone in run.record.without_dataset {
                if !merged.record.without_dataset.contains(&gone) {
                    merged.record.without_dataset.push(gone);
                }
            }
        }
        merged
            .files
            .sort_by_cached_key(|file| self.place(file.source.path()));
        merged
    }
}

/// Assesses the texts and labels of a session.
pub(super) fn assess(
    session: &mut Session,
    registries: &mut Registries,
    common: &Common,
) -> Result<Run, Failure> {
    let texts = std::mem::take(&mut session.texts);
    let mut run = run::assess(registries, texts, &session.config, common)?;
    let labels = session.labels.iter().cloned();
    run.files.extend(labels.map(metadata));
    Ok(run)
}
