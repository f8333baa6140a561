//! Records the decisions and notes of one rendering.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::Value;
use rustc_hash::FxHashMap;

use super::beside::AffectedTables;
use super::jinja::COMPARED;
use super::metric_hub::MetricHub;
use super::place::PLACEHOLDER;
use super::unknown::{Unknown, convert};
use super::{DbtConfig, DbtMaterialization, TemplateSettings};
use crate::budget;

/// The start of a mark: a mark is its number between two characters that no text
/// has.
pub(super) const OPEN: char = '\u{FDD0}';
/// The end of a mark.
pub(super) const CLOSE: char = '\u{FDD1}';

/// The maximum length of an expression's text in bytes. Longer texts are cut and end
/// with a hash, so that they stay distinct.
const LONGEST: usize = 200;

/// What a mark in the output represents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// An unknown value.
    Unknown {
        /// The expression.
        text: String,
        /// The reason, if more than the value is missing.
        why: Option<String>,
        /// Numbers the evaluations of an expression whose value may change. `None`
        /// for other expressions.
        made: Option<usize>,
        /// The text of its default in the output, if it has one.
        default: Option<String>,
    },
    /// A table; its name is quoted as its place requires.
    Table(Vec<String>),
}

/// A rendering in progress.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) settings: Arc<TemplateSettings>,
    pub(super) hub: Arc<MetricHub>,
    /// The name of the table that the file creates, if it is known.
    pub(super) this: Option<Vec<String>>,
    /// The path of the file, as messages show it.
    pub(super) path: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    decided: BTreeMap<String, bool>,
    /// Conditions that were undecided before this run, in the order of appearance.
    discovered: Vec<String>,
    /// All conditions that were evaluated, in order.
    asked: Vec<(String, bool)>,
    marks: Vec<Mark>,
    /// The index of each mark in `marks`.
    numbers: FxHashMap<Mark, usize>,
    /// The highest fuel that any template had used.
    used: u64,
    /// The number of values of expressions that may have another value each time.
    made: usize,
    /// Messages about variables whose default was used.
    assumed: Vec<String>,
    /// Whether a value of the settings was used.
    given: bool,
    /// Unknown values that a loop iterated over, by template and tag.
    iterated: Vec<((String, usize), Mark)>,
    /// Statements that run in addition to the text.
    beside: Vec<RecordedStatement>,
    /// How the table is created, according to the last call of dbt's `config()`.
    materialized: Option<DbtMaterialization>,
    /// Whether dbt's `execute` was read.
    executing: bool,
    /// The number of open macros that may return a value, and the returned value.
    returning: usize,
    returned: Option<Value>,
}

/// A statement that the template runs in addition to its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordedStatement {
    /// The kind of statement, such as `post-hook`.
    pub(super) kind: String,
    /// Its text, which may be a template; `None` if it is unknown.
    pub(super) sql: Option<String>,
    /// Whether the text is rendered again before it runs.
    pub(super) template: bool,
    /// The tables whose rows it may change.
    pub(super) reach: AffectedTables,
}

/// The notes of a rendering.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) discovered: Vec<String>,
    pub(super) asked: Vec<(String, bool)>,
    pub(super) marks: Vec<Mark>,
    /// Messages about variables whose default was used.
    pub(super) assumed: Vec<String>,
    /// Whether a value of the settings was used.
    pub(super) given: bool,
    /// The loops over unknown values, by template and tag.
    pub(super) iterated: Vec<((String, usize), Mark)>,
    /// Statements that run in addition to the text.
    pub(super) beside: Vec<RecordedStatement>,
    /// The settings of the table in dbt's `config()`.
    pub(super) configured: DbtConfig,
}

impl Run {
    pub(super) fn new(
        settings: Arc<TemplateSettings>,
        hub: Arc<MetricHub>,
        this: Option<Vec<String>>,
        path: String,
        decided: BTreeMap<String, bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings,
            hub,
            this,
            path,
            state: Mutex::new(State {
                decided,
                ..State::default()
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is a single push, so a panic leaves the state consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides a condition on an unknown value. A condition that was not decided
    /// before is true in this rendering. If its value may differ at each evaluation,
    /// the evaluations are decided separately, by their number `made`.
    pub(super) fn decide(&self, text: &str, made: Option<usize>) -> bool {
        if let Some(given) = self.settings.flag(text) {
            return given;
        }
        let key = match made {
            Some(made) => format!("{text}{OPEN}{made}"),
            None => text.to_owned(),
        };
        let mut state = self.state();
        let way = match state.decided.get(&key) {
            Some(way) => *way,
            None => {
                state.decided.insert(key.clone(), true);
                state.discovered.push(key.clone());
                true
            }
        };
        budget::spend(state.asked.len() / COMPARED);
        if !state.asked.iter().any(|(asked, _)| *asked == key) {
            state.asked.push((key, way));
        }
        way
    }

    /// Returns the settings' value of an expression, by its text or by a bare name.
    pub(super) fn given(&self, text: &str) -> Option<Value> {
        let given = self.settings.variable(text).map(convert);
        self.state().given |= given.is_some();
        given
    }

    /// Returns the settings' value of a variable of SQLMesh.
    pub(super) fn sqlmesh_variable(&self, name: &str) -> Option<Value> {
        let given = self.settings.sqlmesh_variable(name);
        self.state().given |= given.is_some();
        given
    }

    /// Returns a new number for a value that may differ from the previous ones.
    pub(super) fn make(&self) -> usize {
        let mut state = self.state();
        state.made += 1;
        state.made
    }

    /// Returns the text of a mark in the output.
    pub(super) fn mark(&self, mark: Mark) -> String {
        let mut state = self.state();
        let number = match state.numbers.get(&mark) {
            Some(number) => *number,
            None => {
                let number = state.marks.len();
                state.marks.push(mark.clone());
                state.numbers.insert(mark, number);
                number
            }
        };
        format!("{OPEN}{number}{CLOSE}")
    }

    /// Returns the expression of the first mark in a text. A table counts as
    /// unknown, too, because its quoting in the text is unknown.
    pub(super) fn unknown_in(&self, text: &str) -> Option<String> {
        let state = self.state();
        text.split(OPEN).skip(1).find_map(|piece| {
            let number = piece.split(CLOSE).next()?.parse::<usize>().ok()?;
            match state.marks.get(number)? {
                Mark::Unknown { text, .. } => Some(text.clone()),
                Mark::Table(parts) => Some(parts.join(".")),
            }
        })
    }

    /// Whether a text contains the name of a table.
    pub(super) fn has_table(&self, text: &str) -> bool {
        let state = self.state();
        text.split(OPEN).skip(1).any(|piece| {
            let number = piece.split(CLOSE).next().map(str::parse::<usize>);
            let mark = number.and_then(|number| state.marks.get(number.ok()?));
            matches!(mark, Some(Mark::Table(_)))
        })
    }

    /// Replaces the marks of a text by readable names, for a message.
    pub(super) fn readable(&self, text: &str) -> String {
        self.without_marks(text, "")
    }

    /// Replaces the marks of a text by names as SQL writes them.
    pub(super) fn written_out(&self, text: &str) -> String {
        self.without_marks(text, "`")
    }

    /// Does the same with a placeholder for each unknown value.
    pub(super) fn with_placeholders(&self, text: &str) -> String {
        let state = self.state();
        let unknown: Vec<String> = (0..state.marks.len())
            .filter(|at| matches!(state.marks.get(*at), Some(Mark::Unknown { .. })))
            .map(|number| format!("{OPEN}{number}{CLOSE}"))
            .collect();
        drop(state);
        let mut text = text.to_owned();
        for mark in unknown {
            text = text.replace(&mark, &format!("{PLACEHOLDER}value"));
        }
        self.written_out(&text)
    }

    fn without_marks(&self, text: &str, quote: &str) -> String {
        if !text.contains(OPEN) {
            return text.to_owned();
        }
        let state = self.state();
        let mut readable = String::new();
        for (at, piece) in text.split(OPEN).enumerate() {
            let Some((number, rest)) = piece.split_once(CLOSE).filter(|_| at > 0) else {
                readable.push_str(piece);
                continue;
            };
            match number
                .parse::<usize>()
                .ok()
                .and_then(|number| state.marks.get(number))
            {
                Some(Mark::Unknown { text, .. }) => readable.push_str(text),
                Some(Mark::Table(name)) => {
                    readable.push_str(quote);
                    readable.push_str(&name.join("."));
                    readable.push_str(quote);
                }
                None => {}
            }
            readable.push_str(rest);
        }
        readable
    }

    /// Notes the default of a variable that no setting gives. Returns an unknown
    /// value that remembers the default.
    pub(super) fn assume(self: &Arc<Self>, name: &str, default: &Value) -> Value {
        let said = format!(
            "the template variable `{name}` has no given value: its default is {}, and a run may use another value",
            shorten(default.to_string())
        );
        let mut state = self.state();
        budget::spend(state.assumed.len() / COMPARED);
        if !state.assumed.contains(&said) {
            state.assumed.push(said);
        }
        drop(state);
        if self.settings.defaults_hold {
            return default.clone();
        }
        Unknown::with_default(self, name.to_owned(), default.clone())
    }

    /// Notes that a loop runs once over an unknown value.
    pub(super) fn iterate(&self, tag: &(String, usize), mark: Mark) {
        let mut state = self.state();
        budget::spend(state.iterated.len() / COMPARED);
        if !state.iterated.iter().any(|(known, _)| known == tag) {
            state.iterated.push((tag.clone(), mark));
        }
    }

    /// Notes a statement that runs in addition to the text.
    pub(super) fn add_side_statement(&self, noted: RecordedStatement) {
        let mut state = self.state();
        budget::spend(state.beside.len() / COMPARED);
        if !state.beside.contains(&noted) {
            state.beside.push(noted);
        }
    }

    /// Notes how the table is created; the last call takes precedence.
    pub(super) fn materialize(&self, as_said: DbtMaterialization) {
        self.state().materialized = Some(as_said);
    }

    /// Notes that dbt's `execute` was read.
    pub(super) fn ask_executing(&self) {
        self.state().executing = true;
    }

    /// Enters a macro that may return a value.
    pub(super) fn enter(&self) {
        self.state().returning += 1;
    }

    /// Leaves such a macro, and returns the value that it returned.
    pub(super) fn leave(&self) -> Option<Value> {
        let mut state = self.state();
        state.returning = state.returning.saturating_sub(1);
        state.returned.take()
    }

    /// Notes the value that the innermost macro returns; `false` if no macro is
    /// open.
    pub(super) fn return_value(&self, value: Value) -> bool {
        let mut state = self.state();
        let within = state.returning > 0;
        if within {
            state.returned = Some(value);
        }
        within
    }

    /// Notes the fuel that was used so far.
    pub(super) fn note_fuel(&self, template: &minijinja::State<'_, '_>) {
        if let Some((used, _)) = template.fuel_levels() {
            let mut state = self.state();
            state.used = state.used.max(used);
        }
    }

    /// Returns the fuel that was used when it was last noted.
    pub(super) fn used(&self) -> u64 {
        self.state().used
    }

    /// Returns all notes.
    pub(super) fn notes(&self) -> Notes {
        let state = self.state();
        Notes {
            discovered: state.discovered.clone(),
            asked: state.asked.clone(),
            marks: state.marks.clone(),
            assumed: state.assumed.clone(),
            given: state.given,
            iterated: state.iterated.clone(),
            beside: state.beside.clone(),
            configured: DbtConfig {
                ways: vec![state.materialized.clone()],
                executing: state.executing,
            },
        }
    }
}

/// Returns the text of a condition, without the number of its evaluation.
pub(super) fn condition_text(key: &str) -> &str {
    key.split(OPEN).next().unwrap_or(key)
}

/// Shortens the text of an expression so that distinct texts stay distinct.
pub(super) fn shorten(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let mut end = LONGEST;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…{:x}", &text[..end], hasher.finish())
}
