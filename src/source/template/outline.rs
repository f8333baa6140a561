//! Computes the scopes of a template, and the names of each.
//!
//! Jinja resolves names to scopes before anything runs: a scope that sets a name
//! later hides, from its beginning, the value that an enclosing template gave.
//! MiniJinja looks up names when they are read. Therefore the scopes are read in
//! advance, and [`super::block_tag`] writes statements that make MiniJinja behave
//! like Jinja.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{WORDS, is_isolated};
use super::rewrite::keyword;
use super::scan::Part;
use super::tokens::{ExpressionTokenKind, tokens};

/// Names that MiniJinja passes to macros and loops.
const SPECIAL: &[&str] = &["caller", "varargs", "kwargs"];

/// The scopes of a template, by the part that opens them.
#[derive(Debug, Default)]
pub(super) struct Outline {
    scopes: BTreeMap<usize, Scope>,
    /// The template itself.
    pub(super) root: Scope,
}

/// The names of a scope.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Names that have no value until a later statement of the scope sets them.
    pub(super) hidden: BTreeSet<String>,
    /// Names that occur in it or in a nested scope.
    pub(super) mentioned: BTreeSet<String>,
    /// Whether a statement in it or in a nested scope sets a name.
    pub(super) sets: bool,
    /// Whether a statement of the scope itself sets a name.
    pub(super) sets_own: bool,
    /// Whether it contains macros or call blocks of its own.
    pub(super) declares: bool,
    /// Whether it is a loop with an `else`.
    pub(super) otherwise: bool,
    /// Whether it brings in a template that sees its names.
    pub(super) brings: bool,
}

/// The first use of a name in a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirstUse {
    Load,
    Store,
    /// A store under a condition.
    Branch,
    Parameter,
}

#[derive(Debug, Default)]
struct Frame {
    /// The part that opens it.
    opener: Option<usize>,
    parent: Option<usize>,
    first: BTreeMap<String, (FirstUse, usize)>,
    /// The part that first reads each name.
    loads: BTreeMap<String, usize>,
    /// The number of open conditions.
    branches: usize,
    scope: Scope,
}

impl Outline {
    /// Reads the scopes of a template.
    pub(super) fn new(text: &str, parts: &[Part]) -> Self {
        let mut reader = Reader {
            frames: vec![Frame::default()],
            open: Vec::new(),
        };
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Text(_) | Part::Comment(_) => {}
                Part::Expression(tag) => reader.load(&text[tag.inner.clone()], at),
                Part::Block(tag) => reader.statement(&text[tag.inner.clone()], at),
            }
        }
        reader.finish()
    }

    /// Returns the scope that a part opens.
    pub(super) fn opened(&self, part: usize) -> Option<&Scope> {
        self.scopes.get(&part)
    }
}

struct Reader {
    frames: Vec<Frame>,
    /// The frames of the open statements; `None` for a condition.
    open: Vec<Option<usize>>,
}

impl Reader {
    fn current(&self) -> usize {
        self.open.iter().rev().find_map(|frame| *frame).unwrap_or(0)
    }

    fn push(&mut self, opener: Option<usize>, parent: Option<usize>) -> usize {
        self.frames.push(Frame {
            opener,
            parent,
            ..Frame::default()
        });
        self.frames.len() - 1
    }

    fn note(&mut self, frame: usize, name: &str, first: FirstUse, at: usize) {
        let frame = &mut self.frames[frame];
        let first = match first {
            FirstUse::Store if frame.branches > 0 => FirstUse::Branch,
            first => first,
        };
        frame.scope.sets_own |= matches!(first, FirstUse::Store | FirstUse::Branch);
        frame.scope.mentioned.insert(name.to_owned());
        if first == FirstUse::Load {
            frame.loads.entry(name.to_owned()).or_insert(at);
        }
        frame.first.entry(name.to_owned()).or_insert((first, at));
    }

    fn load(&mut self, expression: &str, at: usize) {
        self.load_in(self.current(), expression, at);
    }

    fn load_in(&mut self, frame: usize, expression: &str, at: usize) {
        for name in TagWords::new(expression).read() {
            self.note(frame, name, FirstUse::Load, at);
        }
    }

    fn store(&mut self, name: &str, at: usize) {
        self.note(self.current(), name, FirstUse::Store, at);
    }

    fn open_scope(&mut self, at: usize) -> usize {
        let frame = self.push(Some(at), Some(self.current()));
        self.open.push(Some(frame));
        frame
    }

    fn statement(&mut self, inside: &str, at: usize) {
        let (word, rest) = keyword(inside);
        let words = TagWords::new(rest);
        match word {
            "if" => {
                self.load(rest, at);
                let current = self.current();
                self.frames[current].branches += 1;
                self.open.push(None);
            }
            "snapshot" | "materialization" | "test" | "docs" => self.open.push(None),
            "else" => {
                // The `else` of a loop is another scope.
                if let Some(Some(body)) = self.open.last().copied() {
                    self.frames[body].scope.otherwise = true;
                    let frame = self.push(Some(at), self.frames[body].parent);
                    self.open.pop();
                    self.open.push(Some(frame));
                }
            }
            "endif" => {
                self.open.pop();
                let current = self.current();
                let branches = &mut self.frames[current].branches;
                *branches = branches.saturating_sub(1);
            }
            "elif" | "do" | "extends" => self.load(rest, at),
            "include" => {
                self.load(rest, at);
                let current = self.current();
                self.frames[current].scope.brings |= !is_isolated(word, rest);
            }
            "import" | "from" => self.import(word, rest, at),
            "set" => self.set(&words, at),
            "for" => self.iterate(&words, at),
            "with" => {
                self.load(rest, at);
                let frame = self.open_scope(at);
                for name in words.assigned() {
                    self.note(frame, name, FirstUse::Parameter, at);
                }
            }
            "filter" => {
                self.load(rest, at);
                self.open_scope(at);
            }
            "autoescape" => {
                self.open_scope(at);
                self.load(rest, at);
            }
            "macro" | "call" => self.declare(word, &words, at),
            "block" => {
                let frame = self.push(Some(at), None);
                self.open.push(Some(frame));
            }
            "endset" => self.close_set(at),
            _ if word.starts_with("end") => {
                self.open.pop();
            }
            _ => {}
        }
    }

    fn import(&mut self, word: &str, rest: &str, at: usize) {
        let words = TagWords::new(rest);
        let until = if word == "import" { "as" } else { "import" };
        let (before, after) = words.split(until);
        self.load(before, at);
        let current = self.current();
        self.frames[current].scope.brings |= !is_isolated(word, rest);
        let after = TagWords::new(after);
        let named: Vec<&str> = after.names().collect();
        for (place, name) in named.iter().enumerate() {
            // `name as alias` sets the alias.
            let aliased = named.get(place + 1) == Some(&"as");
            if !aliased && !WORDS.contains(name) {
                self.store(name, at);
            }
        }
    }

    fn set(&mut self, words: &TagWords<'_>, at: usize) {
        let (targets, value) = words.split("=");
        let block = value.is_empty();
        let (targets, filters) = match block {
            true => words.split("|"),
            false => (targets, value),
        };
        if !block {
            self.load(value, at);
        }
        let targets = TagWords::new(targets);
        match targets.has(".") {
            true => self.load(targets.text, at),
            false => targets.names().for_each(|name| self.store(name, at)),
        }
        if block {
            let frame = self.open_scope(at);
            let read = TagWords::new(filters).read();
            let mentioned = &mut self.frames[frame].scope.mentioned;
            mentioned.extend(read.into_iter().map(str::to_owned));
        }
    }

    /// Moves the assignment of a `set` block to the end of the block.
    fn close_set(&mut self, at: usize) {
        let Some(Some(body)) = self.open.pop() else {
            return;
        };
        let (opener, around) = (self.frames[body].opener, self.current());
        for (first, set) in self.frames[around].first.values_mut() {
            if *first == FirstUse::Store && Some(*set) == opener {
                *set = at;
            }
        }
    }

    fn iterate(&mut self, words: &TagWords<'_>, at: usize) {
        let (targets, over) = words.split("in");
        let (over, test) = TagWords::new(over).split("if");
        self.load(over, at);
        let targets: Vec<&str> = TagWords::new(targets).names().collect();
        if !test.is_empty() {
            let of_test = self.push(None, Some(self.current()));
            for name in &targets {
                self.note(of_test, name, FirstUse::Parameter, at);
            }
            self.load_in(of_test, test, at);
        }
        let body = self.open_scope(at);
        for name in &targets {
            self.note(body, name, FirstUse::Parameter, at);
        }
    }

    fn declare(&mut self, word: &str, words: &TagWords<'_>, at: usize) {
        let current = self.current();
        self.frames[current].scope.declares = true;
        if word == "macro"
            && let Some(name) = words.names().next()
        {
            self.store(name, at);
        }
        let (parameters, called) = words.parameters(word == "macro");
        self.load(called, at);
        let frame = self.open_scope(at);
        let parameters = TagWords::new(parameters);
        for name in parameters.declared() {
            self.note(frame, name, FirstUse::Parameter, at);
        }
        let declared: BTreeSet<&str> = parameters.declared().collect();
        for name in parameters.read() {
            if !declared.contains(name) {
                self.note(frame, name, FirstUse::Load, at);
            }
        }
    }

    fn finish(mut self) -> Outline {
        let mut hidden: Vec<(usize, String)> = Vec::new();
        for frame in 0..self.frames.len() {
            let loads = self.frames[frame].loads.clone();
            for (name, read) in &loads {
                for around in self.around(frame).skip(1) {
                    let first = self.frames[around].first.get(name);
                    let later = matches!(first, Some((FirstUse::Store, set)) if set > read);
                    let mut outer = self.around(around).skip(1);
                    if later && !outer.any(|outer| self.frames[outer].first.contains_key(name)) {
                        hidden.push((around, name.clone()));
                    }
                }
            }
        }
        for (frame, name) in hidden {
            self.frames[frame].scope.hidden.insert(name);
        }
        // Inner frames come after the outer ones.
        for frame in (1..self.frames.len()).rev() {
            let scope = &self.frames[frame].scope;
            let (sets, brings) = (scope.sets || scope.sets_own, scope.brings);
            let mentioned = scope.mentioned.clone();
            self.frames[frame].scope.sets = sets;
            if let Some(parent) = self.frames[frame].parent {
                let around = &mut self.frames[parent].scope;
                around.sets |= sets;
                around.brings |= brings;
                around.mentioned.extend(mentioned);
            }
        }
        let mut outline = Outline::default();
        for frame in self.frames {
            match (frame.opener, frame.parent) {
                (Some(opener), _) => {
                    outline.scopes.insert(opener, frame.scope);
                }
                (None, None) => outline.root = frame.scope,
                (None, Some(_)) => {}
            }
        }
        outline
    }

    /// Returns a frame and its ancestors, from the inside out.
    fn around(&self, frame: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(frame), |frame| self.frames[*frame].parent)
    }
}

/// The words and signs of a statement.
struct TagWords<'a> {
    text: &'a str,
    /// Each word with the number of open brackets around it, and whether it is a
    /// name.
    words: Vec<(&'a str, usize, bool)>,
    starts: Vec<usize>,
}

impl<'a> TagWords<'a> {
    /// Reads the words of a text. A text with signs that Jinja lacks has none,
    /// because its statement is rejected anyway.
    fn new(text: &'a str) -> Self {
        let mut depth = 0_usize;
        let mut words = Vec::new();
        let mut starts = Vec::new();
        for token in tokens(text).unwrap_or_default() {
            let word = &text[token.start..token.end];
            if matches!(word, ")" | "]" | "}") {
                depth = depth.saturating_sub(1);
            }
            words.push((word, depth, token.kind == ExpressionTokenKind::Name));
            starts.push(token.start);
            if matches!(word, "(" | "[" | "{") {
                depth += 1;
            }
        }
        Self {
            text,
            words,
            starts,
        }
    }

    fn has(&self, sign: &str) -> bool {
        self.words.iter().any(|(word, _, _)| *word == sign)
    }

    /// Splits the text at the first such word outside of brackets.
    fn split(&self, at: &str) -> (&'a str, &'a str) {
        let found = self
            .words
            .iter()
            .position(|(word, depth, _)| *word == at && *depth == 0);
        match found {
            Some(found) => {
                let start = self.starts[found];
                (&self.text[..start], &self.text[start + at.len()..])
            }
            None => (self.text, ""),
        }
    }

    /// Returns all names.
    fn names(&self) -> impl Iterator<Item = &'a str> {
        let names = self.words.iter().filter(|(_, _, name)| *name);
        names.map(|(word, _, _)| *word)
    }

    fn word(&self, at: usize) -> &'a str {
        self.words.get(at).map_or("", |(word, _, _)| *word)
    }

    /// Returns the names whose value an expression reads. Excludes attributes,
    /// filters, tests and names of arguments.
    fn read(&self) -> Vec<&'a str> {
        let is_read = |at: usize, word: &str| {
            let before = match at.checked_sub(1).map(|before| self.word(before)) {
                Some("not") => at.checked_sub(2).map(|before| self.word(before)),
                before => before,
            };
            !matches!(before, Some("." | "|" | "is"))
                && self.word(at + 1) != "="
                && !WORDS.contains(&word)
                && !SPECIAL.contains(&word)
        };
        let words = self.words.iter().enumerate();
        words
            .filter(|(at, (word, _, name))| *name && is_read(*at, word))
            .map(|(_, (word, _, _))| *word)
            .collect()
    }

    /// Returns the names before a `=` outside of brackets.
    fn assigned(&self) -> impl Iterator<Item = &'a str> {
        let words = self.words.iter().enumerate();
        words
            .filter(|(at, (_, depth, name))| *name && *depth == 0 && self.word(at + 1) == "=")
            .map(|(_, (word, _, _))| *word)
    }

    /// Returns the parameters of a macro or call block, and the rest.
    fn parameters(&self, named: bool) -> (&'a str, &'a str) {
        let open = usize::from(named);
        if self.word(open) != "(" {
            return ("", if named { "" } else { self.text });
        }
        let close = (open + 1..self.words.len())
            .find(|at| self.words[*at].0 == ")" && self.words[*at].1 == self.words[open].1);
        let start = self.starts[open] + 1;
        match close.map(|close| self.starts[close]) {
            Some(close) => (&self.text[start..close], &self.text[close + 1..]),
            None => (&self.text[start..], ""),
        }
    }

    /// Returns the names that a list of parameters declares.
    fn declared(&self) -> impl Iterator<Item = &'a str> {
        let begins = |at: usize| at == 0 || (self.word(at - 1) == "," && self.words[at].1 == 0);
        let words = self.words.iter().enumerate();
        words
            .filter(move |(at, (_, depth, name))| *name && *depth == 0 && begins(*at))
            .map(|(_, (word, _, _))| *word)
    }
}
