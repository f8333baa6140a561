//! What one rendering decides and notes on its way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::Value;
use rustc_hash::FxHashMap;

use super::beside::Reach;
use super::jinja::COMPARED;
use super::metric_hub::MetricHub;
use super::place::PLACEHOLDER;
use super::unknown::{Unknown, convert};
use super::{DbtConfigured, DbtMaterialization, TemplateSettings};
use crate::budget;

/// A mark in the output: its number between two characters that no text has.
pub(super) const OPEN: char = '\u{FDD0}';
/// The end of a mark.
pub(super) const CLOSE: char = '\u{FDD1}';

/// Texts longer than this are cut, and told apart by their hash.
const LONGEST: usize = 200;

/// What a mark in the output stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// A value that is not known.
    Unknown {
        /// The expression.
        text: String,
        /// Why, where more than the value is missing.
        why: Option<String>,
        /// Which one it is of those that the expression may give, where it may give
        /// another each time.
        made: Option<usize>,
        /// What a template prints for it by default, if it has one.
        default: Option<String>,
    },
    /// A table, to be quoted as its place asks.
    Table(Vec<String>),
}

/// One rendering under way.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) settings: Arc<TemplateSettings>,
    pub(super) hub: Arc<MetricHub>,
    /// The name of the table that the file makes, where it is known.
    pub(super) this: Option<Vec<String>>,
    /// The file, as messages show it.
    pub(super) path: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    decided: BTreeMap<String, bool>,
    /// Flags that nobody decided before, in the order of their appearance.
    discovered: Vec<String>,
    /// All flags that were asked for, in order.
    asked: Vec<(String, bool)>,
    marks: Vec<Mark>,
    /// Where each of them stands.
    numbers: FxHashMap<Mark, usize>,
    /// The most fuel that any template used.
    used: u64,
    /// How many values were made of expressions that may give another each time.
    made: usize,
    /// Variables whose default was taken, in words.
    assumed: Vec<String>,
    /// Whether a value was asked for that the settings give.
    given: bool,
    /// Unknown values that a loop ran over, by the template and its tag.
    iterated: Vec<((String, usize), Mark)>,
    /// Statements that run beside the text.
    beside: Vec<Noted>,
    /// How the table is made: what the last call of dbt's `config()` says.
    materialized: Option<DbtMaterialization>,
    /// Whether it was asked for dbt's `execute`.
    executing: bool,
    /// Macros under way that may return a value, and what one returned.
    returning: usize,
    returned: Option<Value>,
}

/// A statement that the template has run beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    /// What it is: `post-hook`.
    pub(super) kind: String,
    /// Its text, which may be a template; `None` if that is not known.
    pub(super) sql: Option<String>,
    /// Whether the text is rendered again before it runs.
    pub(super) template: bool,
    /// Whose rows it may change.
    pub(super) reach: Reach,
}

/// What a rendering has noted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) discovered: Vec<String>,
    pub(super) asked: Vec<(String, bool)>,
    pub(super) marks: Vec<Mark>,
    /// Variables whose default was taken, in words.
    pub(super) assumed: Vec<String>,
    /// Whether a value was asked for that the settings give.
    pub(super) given: bool,
    /// The loops over something unknown, by the template and its tag.
    pub(super) iterated: Vec<((String, usize), Mark)>,
    /// Statements that run beside the text.
    pub(super) beside: Vec<Noted>,
    /// What dbt's `config()` says of the table.
    pub(super) configured: DbtConfigured,
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
        // Nothing that is half done can be seen: each change is one push.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which way an open condition goes. One that is new is true in this
    /// rendering. One that may be another each time it is asked, which `made` tells
    /// apart, is decided for itself.
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

    /// What the settings give for an expression, by its text or by a bare name.
    pub(super) fn given(&self, text: &str) -> Option<Value> {
        let given = self.settings.variable(text).map(convert);
        self.state().given |= given.is_some();
        given
    }

    /// What they give for a variable of SQLMesh.
    pub(super) fn given_to_models(&self, name: &str) -> Option<Value> {
        let given = self.settings.given_to_models(name);
        self.state().given |= given.is_some();
        given
    }

    /// A number for a value that may be another than those before.
    pub(super) fn make(&self) -> usize {
        let mut state = self.state();
        state.made += 1;
        state.made
    }

    /// The mark for something, as it stands in the output.
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

    /// The first unknown that a text has a mark of. How the name of a table is written
    /// in a text is not known either.
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

    /// Whether a text has the name of a table.
    pub(super) fn has_table(&self, text: &str) -> bool {
        let state = self.state();
        text.split(OPEN).skip(1).any(|piece| {
            let number = piece.split(CLOSE).next().map(str::parse::<usize>);
            let mark = number.and_then(|number| state.marks.get(number.ok()?));
            matches!(mark, Some(Mark::Table(_)))
        })
    }

    /// A text with its marks as they read in a message.
    pub(super) fn readable(&self, text: &str) -> String {
        self.without_marks(text, "")
    }

    /// A text with its tables as they are written in SQL.
    pub(super) fn written_out(&self, text: &str) -> String {
        self.without_marks(text, "`")
    }

    /// The same with a name for each value that is not known.
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

    /// The value of a variable that nobody gives and that has a default, which is
    /// noted: an unknown that remembers it.
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

    /// Notes that a loop runs once over something unknown.
    pub(super) fn iterate(&self, tag: &(String, usize), mark: Mark) {
        let mut state = self.state();
        budget::spend(state.iterated.len() / COMPARED);
        if !state.iterated.iter().any(|(known, _)| known == tag) {
            state.iterated.push((tag.clone(), mark));
        }
    }

    /// Notes a statement that runs beside the text.
    pub(super) fn run_beside(&self, noted: Noted) {
        let mut state = self.state();
        budget::spend(state.beside.len() / COMPARED);
        if !state.beside.contains(&noted) {
            state.beside.push(noted);
        }
    }

    /// Notes how the table is made; what is said later counts.
    pub(super) fn materialize(&self, as_said: DbtMaterialization) {
        self.state().materialized = Some(as_said);
    }

    /// Notes that it was asked whether anything is executed.
    pub(super) fn ask_executing(&self) {
        self.state().executing = true;
    }

    /// Enters a macro that may return a value.
    pub(super) fn enter(&self) {
        self.state().returning += 1;
    }

    /// Leaves it, with the value that was returned.
    pub(super) fn leave(&self) -> Option<Value> {
        let mut state = self.state();
        state.returning = state.returning.saturating_sub(1);
        state.returned.take()
    }

    /// Notes the value that the macro under way returns. Whether there is such a
    /// macro.
    pub(super) fn give_back(&self, value: Value) -> bool {
        let mut state = self.state();
        let within = state.returning > 0;
        if within {
            state.returned = Some(value);
        }
        within
    }

    /// Notes how much fuel was used so far.
    pub(super) fn note_fuel(&self, template: &minijinja::State<'_, '_>) {
        if let Some((used, _)) = template.fuel_levels() {
            let mut state = self.state();
            state.used = state.used.max(used);
        }
    }

    /// How much fuel was used, as far as that was noted.
    pub(super) fn used(&self) -> u64 {
        self.state().used
    }

    /// What was noted.
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
            configured: DbtConfigured {
                ways: vec![state.materialized.clone()],
                executing: state.executing,
            },
        }
    }
}

/// The text of a condition, without the number that tells it apart.
pub(super) fn condition_text(key: &str) -> &str {
    key.split(OPEN).next().unwrap_or(key)
}

/// A text of an expression that stays short, and stays different from others.
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
