//! What one rendering decides and notes on its way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::Value;

use super::TemplateSettings;
use super::metric_hub::MetricHub;

/// A mark in the output: its number between two characters that no text has.
pub(super) const OPEN: char = '\u{FDD0}';
/// The end of a mark.
pub(super) const CLOSE: char = '\u{FDD1}';

/// Texts longer than this are cut, and told apart by their hash.
const LONGEST: usize = 200;

/// What a mark in the output stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// How many values were made of expressions that may give another each time.
    made: usize,
    /// Variables whose default was taken, in words.
    assumed: Vec<String>,
    /// Unknown values that a loop ran over, by the template and its tag.
    iterated: Vec<((String, usize), Mark)>,
}

/// What a rendering has noted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) discovered: Vec<String>,
    pub(super) asked: Vec<(String, bool)>,
    pub(super) marks: Vec<Mark>,
    /// Variables whose default was taken, in words.
    pub(super) assumed: Vec<String>,
    /// The loops over something unknown, by the template and its tag.
    pub(super) iterated: Vec<((String, usize), Mark)>,
}

impl Run {
    pub(super) fn new(
        settings: Arc<TemplateSettings>,
        hub: Arc<MetricHub>,
        this: Option<Vec<String>>,
        decided: BTreeMap<String, bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings,
            hub,
            this,
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
    /// rendering.
    pub(super) fn decide(&self, text: &str) -> bool {
        if let Some(given) = self.settings.flag(text) {
            return given;
        }
        let mut state = self.state();
        let way = match state.decided.get(text) {
            Some(way) => *way,
            None => {
                state.decided.insert(text.to_owned(), true);
                state.discovered.push(text.to_owned());
                true
            }
        };
        if !state.asked.iter().any(|(asked, _)| asked == text) {
            state.asked.push((text.to_owned(), way));
        }
        way
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
        let number = match state.marks.iter().position(|known| *known == mark) {
            Some(number) => number,
            None => {
                state.marks.push(mark);
                state.marks.len() - 1
            }
        };
        format!("{OPEN}{number}{CLOSE}")
    }

    /// The first unknown that a text has a mark of.
    pub(super) fn unknown_in(&self, text: &str) -> Option<String> {
        let state = self.state();
        text.split(OPEN).skip(1).find_map(|piece| {
            let number = piece.split(CLOSE).next()?.parse::<usize>().ok()?;
            match state.marks.get(number)? {
                Mark::Unknown { text, .. } => Some(text.clone()),
                Mark::Table(_) => None,
            }
        })
    }

    /// A text with its marks as they read in a message.
    pub(super) fn readable(&self, text: &str) -> String {
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
                Some(Mark::Table(name)) => readable.push_str(&name.join(".")),
                None => {}
            }
            readable.push_str(rest);
        }
        readable
    }

    /// Notes that a variable has its default, since nobody gives its value.
    pub(super) fn assume(&self, name: &str, default: &Value) {
        let said = format!(
            "nobody gives the template's variable `{name}`: it is taken to have its default, {}",
            shorten(default.to_string())
        );
        let mut state = self.state();
        if !state.assumed.contains(&said) {
            state.assumed.push(said);
        }
    }

    /// Notes that a loop runs once over something unknown.
    pub(super) fn iterate(&self, tag: &(String, usize), mark: Mark) {
        let mut state = self.state();
        if !state.iterated.iter().any(|(known, _)| known == tag) {
            state.iterated.push((tag.clone(), mark));
        }
    }

    /// What was noted.
    pub(super) fn notes(&self) -> Notes {
        let state = self.state();
        Notes {
            discovered: state.discovered.clone(),
            asked: state.asked.clone(),
            marks: state.marks.clone(),
            assumed: state.assumed.clone(),
            iterated: state.iterated.clone(),
        }
    }
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
