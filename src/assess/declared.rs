//! Declarations around the queries of a text, found by its tokens.
//!
//! Tokens also cover the texts of other files and blocks of scripts, whether or not
//! the statement is understood.

use std::collections::{BTreeMap, BTreeSet};

use super::derivations::normal;
use crate::catalog::TableName;
use crate::source::{SourceText, Span, digest};
use crate::syntax::{Lexeme, LexemeKind, fingerprint, lexemes};

/// The declarations of one or more texts.
#[derive(Debug, Default)]
pub(super) struct TextDeclarations {
    /// The functions that the texts define, by name in lower case.
    functions: BTreeMap<String, Function>,
    /// Types with a length or a precision, to which values are truncated or rounded.
    ///
    /// Each is preceded by the word before it.
    types: BTreeSet<String>,
    /// Assignments to the system variables in [`SETTINGS`], in the order of the
    /// texts.
    ///
    /// These decide the results of functions and the tables that names refer to.
    settings: Vec<String>,
    /// Changes of existing tables, by the parts of their names in lower case.
    changes: Vec<(Vec<String>, Change)>,
    /// Hashes of the texts whose tokens are unknown.
    unread: BTreeSet<String>,
}

/// The definitions of a function.
#[derive(Debug, Default)]
struct Function {
    /// Fingerprints of all statements that define it.
    prints: BTreeSet<String>,
    /// All words in the definitions, in lower case: names of functions that it may
    /// call.
    words: BTreeSet<String>,
}

/// A change of the rows or columns of an existing table.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The statement.
    pub(super) text: String,
    /// Whether the statement writes other values, rather than removing some.
    pub(super) other: bool,
}

/// The maximum length of a statement that is shown in full, in characters.
const SHOWN: usize = 200;

/// System variables that determine the meaning of a text that does not name them.
const SETTINGS: &[&str] = &["@@time_zone", "@@dataset_project_id"];
/// Types that may have a length or a precision.
const MEASURED: &[&str] = &[
    "NUMERIC",
    "DECIMAL",
    "BIGNUMERIC",
    "BIGDECIMAL",
    "STRING",
    "BYTES",
];

impl TextDeclarations {
    /// Collects the declarations of texts; only the first text of each path counts.
    pub(super) fn by<'t>(texts: impl IntoIterator<Item = &'t SourceText>) -> Self {
        let mut found = Self::default();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for text in texts {
            if seen.insert(text.path()) {
                found.add(text);
            }
        }
        found
    }

    fn add(&mut self, text: &SourceText) {
        if !may_declare(text.text()) {
            return;
        }
        // The lexer reads the text to its end.
        crate::budget::spend(text.text().len() / 100);
        let all = lexemes(text);
        if all.is_empty() {
            self.unread.insert(digest(text.text()));
            return;
        }
        for statement in statements(text, &all) {
            self.function(text, statement);
            self.setting(text, statement);
            self.change(text, statement);
        }
        for (at, lexeme) in all.iter().enumerate() {
            let word = text.slice(lexeme.span);
            let measured = MEASURED
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known));
            if measured && let Some(length) = length(text, &all, at + 1) {
                let before = at.checked_sub(1).map_or("", |at| text.slice(all[at].span));
                let of = format!("{} is {}{length}", before, word);
                self.types.insert(normal(&of).to_lowercase());
            }
        }
    }

    fn function(&mut self, text: &SourceText, statement: &[Lexeme]) {
        let word = |at: usize| statement.get(at).map_or("", |found| text.slice(found.span));
        let is = |at: usize, known: &str| word(at).eq_ignore_ascii_case(known);
        let Some(create) = (0..statement.len()).find(|at| is(*at, "CREATE")) else {
            return;
        };
        let mut at = create + 1;
        while ["OR", "REPLACE", "TEMP", "TEMPORARY", "AGGREGATE", "TABLE"]
            .iter()
            .any(|known| is(at, known))
        {
            at += 1;
        }
        if !is(at, "FUNCTION") {
            return;
        }
        at += 1;
        while ["IF", "NOT", "EXISTS"].iter().any(|known| is(at, known)) {
            at += 1;
        }
        let name: String = (at..statement.len())
            .map(word)
            .take_while(|part| *part != "(")
            .collect();
        let (Some(first), Some(last)) = (statement.get(create), statement.last()) else {
            return;
        };
        let span = Span {
            start: first.span.start,
            end: last.span.end,
        };
        let print = fingerprint(&SourceText::new("", text.slice(span)));
        let words = statement.iter().map(|part| bare(text.slice(part.span)));
        let function = self.functions.entry(bare(&name)).or_default();
        function.prints.insert(print);
        function.words.extend(words);
    }

    fn setting(&mut self, text: &SourceText, statement: &[Lexeme]) {
        let set = statement
            .iter()
            .position(|lexeme| text.slice(lexeme.span).eq_ignore_ascii_case("SET"));
        let Some(first) = set.and_then(|at| statement.get(at + 1)) else {
            return;
        };
        let Some(last) = statement.last() else {
            return;
        };
        let span = Span {
            start: first.span.start,
            end: last.span.end,
        };
        let given = normal(text.slice(span));
        let lower = given.to_lowercase();
        if SETTINGS.iter().any(|known| lower.contains(known)) {
            self.settings.push(given);
        }
    }

    fn change(&mut self, text: &SourceText, statement: &[Lexeme]) {
        let word = |at: usize| statement.get(at).map_or("", |found| text.slice(found.span));
        let is = |at: usize, known: &[&str]| {
            known
                .iter()
                .any(|known| word(at).eq_ignore_ascii_case(known))
        };
        let begins = |at: &usize| {
            let first = *at == 0 || is(*at - 1, &["BEGIN", "THEN", "ELSE", "DO", "LOOP"]);
            first && is(*at, &["DELETE", "UPDATE", "TRUNCATE", "ALTER"])
        };
        let Some(first) = (0..statement.len()).find(begins) else {
            return;
        };
        let other = is(first, &["UPDATE"]);
        let mut at = first + 1;
        while is(at, &["FROM", "TABLE", "IF", "EXISTS"]) {
            at += 1;
        }
        let named = statement.iter().skip(at).take_while(|part| {
            matches!(part.kind, LexemeKind::Quoted | LexemeKind::Period)
                || part.kind == LexemeKind::Word
        });
        let mut name = String::new();
        let mut open = true;
        for part in named {
            if part.kind == LexemeKind::Period {
                name.push('.');
                open = true;
            } else if open {
                name.push_str(text.slice(part.span));
                open = false;
            } else {
                break;
            }
        }
        let (Some(from), Some(to)) = (statement.get(first), statement.last()) else {
            return;
        };
        let span = Span {
            start: from.span.start,
            end: to.span.end,
        };
        let whole = normal(text.slice(span));
        // Setting options describes a table, and changes none of its rows.
        if whole.to_ascii_uppercase().contains(" SET OPTIONS(") {
            return;
        }
        let name = bare(&name).split('.').map(str::to_owned).collect();
        let change = Change {
            text: shortened(whole),
            other,
        };
        self.changes.push((name, change));
    }

    /// Returns the changes of a table after its creation.
    pub(super) fn changes(&self, table: &TableName) -> impl Iterator<Item = &Change> {
        let wanted: Vec<String> = table
            .parts()
            .iter()
            .map(|part| part.to_lowercase())
            .collect();
        let same = move |name: &[String]| {
            let mut pairs = name.iter().rev().zip(wanted.iter().rev());
            pairs.all(|(one, other)| one == other)
        };
        let all = self.changes.iter();
        all.filter(move |(name, _)| same(name))
            .map(|(_, change)| change)
    }

    /// Returns the fingerprints of a function and of those that it may call.
    ///
    /// If no known text defines it, these are the hashes of all texts that may
    /// define it; `None` if there are none.
    pub(super) fn function_of(&self, name: &str) -> Option<String> {
        let mut prints: BTreeSet<&str> = BTreeSet::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let own = self.functions.get_key_value(&bare(name));
        let mut open: Vec<_> = own.into_iter().collect();
        if open.is_empty() {
            prints.extend(self.unread.iter().map(String::as_str));
        }
        while let Some((name, function)) = open.pop() {
            if seen.insert(name) {
                prints.extend(function.prints.iter().map(String::as_str));
                let called = function.words.iter();
                open.extend(called.filter_map(|word| self.functions.get_key_value(word)));
            }
        }
        let prints: Vec<&str> = prints.into_iter().collect();
        (!prints.is_empty()).then(|| prints.join(" "))
    }

    /// Returns the types to which values are truncated or rounded.
    pub(super) fn types(&self) -> impl Iterator<Item = &String> {
        self.types.iter()
    }

    /// Returns the assignments to system variables, as text.
    pub(super) fn settings(&self) -> Option<String> {
        (!self.settings.is_empty()).then(|| self.settings.join(" then "))
    }
}

/// Whether a text contains any word that makes reading its tokens worthwhile.
fn may_declare(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let changes = ["delete", "update", "truncate", "alter"];
    lower.contains("function")
        || changes.iter().any(|word| lower.contains(word))
        || lower.contains("@@")
        || MEASURED.iter().any(|known| {
            let known = known.to_ascii_lowercase();
            lower.match_indices(&known).any(|(at, _)| {
                let behind = &lower[at + known.len()..];
                behind.trim_start().starts_with('(')
            })
        })
}

/// Returns the tokens between semicolons, so that statements inside blocks are
/// separate.
fn statements<'l>(text: &SourceText, all: &'l [Lexeme]) -> impl Iterator<Item = &'l [Lexeme]> {
    let ends: Vec<bool> = all
        .iter()
        .map(|lexeme| text.slice(lexeme.span) == ";")
        .collect();
    let mut at = 0;
    let mut found = Vec::new();
    for (end, _) in ends.iter().enumerate().filter(|(_, ends)| **ends) {
        found.push(&all[at..end]);
        at = end + 1;
    }
    found.push(&all[at..]);
    found.into_iter()
}

/// Returns the length or precision at a position, such as `(10, 2)`.
fn length(text: &SourceText, all: &[Lexeme], at: usize) -> Option<String> {
    let word = |at: usize| all.get(at).map(|found| text.slice(found.span));
    let number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let whole = word(at + 1).filter(|word| number(word))?;
    if word(at)? != "(" || all.get(at + 1)?.kind == LexemeKind::Quoted {
        return None;
    }
    match (word(at + 2)?, word(at + 3), word(at + 4)) {
        (")", _, _) => Some(format!("({whole})")),
        (",", Some(scale), Some(")")) if number(scale) => Some(format!("({whole}, {scale})")),
        _ => None,
    }
}

/// Replaces a long text by its beginning and a hash.
fn shortened(text: String) -> String {
    if text.chars().count() <= SHOWN {
        return text;
    }
    let beginning: String = text.chars().take(SHOWN / 2).collect();
    format!("{beginning}… #{}", digest(&text))
}

fn bare(name: &str) -> String {
    name.replace('`', "").to_lowercase()
}
