//! Chooses the text that replaces an unknown value in the SQL: a text that is valid
//! at its place.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::assumed;
use super::keywords::{COMPLETE, EXPECTING, STATEMENTS, TYPED, reserved};
use super::lex::{Lexed, SqlToken, SqlTokenKind, lex, mark};
use super::run::{CLOSE, Mark, OPEN};

/// The prefix of every name that replaces an unknown value.
pub const PLACEHOLDER: &str = "unrendered_";

/// Whether a name is or contains a placeholder of an unrendered value.
pub fn is_placeholder(name: &str) -> bool {
    name.as_bytes()
        .windows(PLACEHOLDER.len())
        .any(|part| part.eq_ignore_ascii_case(PLACEHOLDER.as_bytes()))
}

/// A mark in the output and its replacement.
#[derive(Debug)]
pub(super) struct Replacement {
    /// The bytes of the mark.
    pub(super) range: Range<usize>,
    /// The number of the mark.
    pub(super) number: usize,
    /// The replacing text.
    pub(super) with: String,
    /// Whether it is part of a comment, where nothing depends on it.
    pub(super) comment: bool,
    /// Whether the text before it is complete, so that the mark may be any
    /// continuation.
    pub(super) open: bool,
    /// Whether a statement begins with it, so that it may be a whole statement.
    pub(super) begins: bool,
    /// Whether it is a value that is made of defaults: only the choice of the value
    /// is unknown.
    pub(super) assumed: bool,
}

/// Removes the marks from a text.
pub(super) fn without_marks(text: &str) -> String {
    let mut bare = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(OPEN) {
        bare.push_str(&text[at..at + found]);
        at = match mark(text, at + found) {
            Some((_, end)) => end,
            None => at + found + OPEN.len_utf8(),
        };
    }
    bare.push_str(&text[at..]);
    bare.retain(|character| character != CLOSE);
    bare
}

/// Chooses the replacements for the marks of a rendering, in order of the text.
pub(super) fn replacements(text: &str, marks: &[Mark]) -> Vec<Replacement> {
    if !text.contains(OPEN) {
        return Vec::new();
    }
    let names = names(marks);
    let Lexed { tokens, inside } = lex(text);
    let named = |at: usize| is_part_of_name(text, &tokens, at);
    let values = assumed::printed_values(text, &tokens, &inside, marks, &named);
    let is_value = |range: &Range<usize>| {
        let mut values = values.iter();
        values.any(|value| value.range.start <= range.start && range.end <= value.range.end)
    };
    let mut found: Vec<Replacement> = inside
        .into_iter()
        .filter(|inside| !is_value(&inside.range))
        .map(|inside| Replacement {
            with: name(&names, inside.number),
            range: inside.range,
            number: inside.number,
            comment: inside.comment,
            open: false,
            begins: false,
            assumed: false,
        })
        .collect();
    let mut context = Context::default();
    for (at, token) in tokens.iter().enumerate() {
        if let SqlTokenKind::Mark(number) = token.kind
            && !is_value(&token.range)
        {
            let (with, open) = match marks.get(number) {
                Some(Mark::Table(parts)) => (quoted(parts, glued(&tokens, at)), false),
                Some(Mark::Unknown { .. }) | None => (
                    context.stand_in(text, &tokens, at, &name(&names, number)),
                    context.is_open(text, &tokens, at),
                ),
            };
            found.push(Replacement {
                range: token.range.clone(),
                number,
                with,
                comment: false,
                open,
                begins: context.begins(text, &tokens, at),
                assumed: false,
            });
        }
        context.note(text, token);
    }
    found.extend(values.into_iter().map(|value| Replacement {
        range: value.range,
        number: value.number,
        with: value.with,
        comment: false,
        open: false,
        begins: false,
        assumed: true,
    }));
    found.sort_by_key(|replacement| replacement.range.start);
    found
}

/// Chooses names for marks; different values get different names.
fn names(marks: &[Mark]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(marks.len());
    let mut taken = FxHashSet::default();
    let mut alike: FxHashMap<String, usize> = FxHashMap::default();
    for mark in marks {
        let own = bare(Some(mark));
        let mut name = own.clone();
        if matches!(mark, Mark::Unknown { .. }) {
            let count = alike.entry(own.clone()).or_insert(1);
            while !taken.insert(name.clone()) {
                *count += 1;
                name = format!("{own}_{count}");
            }
        }
        names.push(name);
    }
    names
}

fn name(names: &[String], number: usize) -> String {
    names.get(number).cloned().unwrap_or_else(|| bare(None))
}

/// Converts the content of a mark to a name.
fn bare(mark: Option<&Mark>) -> String {
    let text = match mark {
        Some(Mark::Table(parts)) => return parts.join("."),
        Some(Mark::Unknown { text, .. }) => text.as_str(),
        None => "",
    };
    let mut name = String::from(PLACEHOLDER);
    for character in text.chars().take(40) {
        if character.is_ascii_alphanumeric() || character == '_' {
            name.push(character.to_ascii_lowercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    if name.len() < PLACEHOLDER.len() {
        format!("{PLACEHOLDER}value")
    } else {
        name.to_owned()
    }
}

/// Writes a table's name, with backticks if a part of it needs them.
fn quoted(parts: &[String], glued: bool) -> String {
    let plain = |part: &String| super::unknown::is_name(part) && !reserved(part);
    let name = parts.join(".");
    if glued || parts.iter().all(plain) {
        name
    } else {
        format!("`{}`", name.replace('`', ""))
    }
}

/// Whether a token touches a name, so that both form one name.
fn glued(tokens: &[SqlToken], at: usize) -> bool {
    touches(tokens, at, |kind| {
        matches!(
            kind,
            SqlTokenKind::Word | SqlTokenKind::Number | SqlTokenKind::Mark(_)
        )
    })
}

/// Whether a token is part of a name, or names what follows.
fn is_part_of_name(text: &str, tokens: &[SqlToken], at: usize) -> bool {
    glued(tokens, at)
        || touches(tokens, at, |kind| matches!(kind, SqlTokenKind::Quoted))
        || tokens
            .get(at + 1)
            .is_some_and(|after| matches!(&text[after.range.clone()], "." | "("))
        || at
            .checked_sub(1)
            .and_then(|before| tokens.get(before))
            .is_some_and(|before| matches!(&text[before.range.clone()], "." | "@"))
}

fn touches(tokens: &[SqlToken], at: usize, name: impl Fn(SqlTokenKind) -> bool) -> bool {
    let token = &tokens[at].range;
    let before = at
        .checked_sub(1)
        .and_then(|before| tokens.get(before))
        .is_some_and(|before| before.range.end == token.start && name(before.kind));
    let after = tokens
        .get(at + 1)
        .is_some_and(|after| after.range.start == token.end && name(after.kind));
    before || after
}

/// The clause and statement of the current token.
#[derive(Default)]
struct Context {
    /// The first word of the statement.
    statement: String,
    /// The last clause word of each open parenthesis.
    clauses: Vec<String>,
    clause: String,
    /// Whether a token of the statement was seen.
    begun: bool,
}

impl Context {
    fn note(&mut self, text: &str, token: &SqlToken) {
        let shown = &text[token.range.clone()];
        match (token.kind, shown) {
            (SqlTokenKind::Sign, ";") => {
                *self = Self::default();
                return;
            }
            // A pipe operator ends the previous clause.
            (SqlTokenKind::Sign, _) if text[token.range.start..].starts_with("|>") => {
                self.clause.clear();
            }
            (SqlTokenKind::Sign, "(") => self.clauses.push(std::mem::take(&mut self.clause)),
            (SqlTokenKind::Sign, ")") => self.clause = self.clauses.pop().unwrap_or_default(),
            (SqlTokenKind::Word, word) => {
                let word = word.to_ascii_uppercase();
                if self.statement.is_empty() {
                    self.statement.clone_from(&word);
                }
                if matches!(
                    word.as_str(),
                    "SELECT"
                        | "FROM"
                        | "JOIN"
                        | "WHERE"
                        | "ON"
                        | "HAVING"
                        | "QUALIFY"
                        | "BY"
                        | "WITH"
                        | "LIMIT"
                        | "OFFSET"
                        | "WINDOW"
                ) {
                    self.clause = word;
                }
            }
            _ => {}
        }
        self.begun = true;
    }

    /// Whether a mark may be part of a condition. That is so in the clause of a
    /// condition, and in parentheses of such a clause or of a value.
    fn is_condition(&self) -> bool {
        let clause = std::iter::once(&self.clause)
            .chain(self.clauses.iter().rev())
            .find(|clause| !clause.is_empty());
        clause.is_some_and(|clause| match clause.as_str() {
            "WHERE" | "ON" | "HAVING" | "QUALIFY" => true,
            "SELECT" => self.clause.is_empty(),
            _ => false,
        })
    }

    /// Whether a mark may be any text. It must not be part of a name, and the text
    /// before it is complete or empty.
    fn is_open(&self, text: &str, tokens: &[SqlToken], at: usize) -> bool {
        let part = is_part_of_name(text, tokens, at);
        let alone = tokens.len() == 1;
        // After these words, any word is a name.
        let named = at
            .checked_sub(1)
            .and_then(|before| tokens.get(before))
            .is_some_and(|before| {
                let word = text[before.range.clone()].to_ascii_uppercase();
                TYPED.contains(&word.as_str())
            });
        !part && !alone && !named && (!self.begun || !self.expects(text, tokens, at))
    }

    /// Whether a statement begins with a mark, or with several marks.
    fn begins(&self, text: &str, tokens: &[SqlToken], at: usize) -> bool {
        let mut before = tokens[..at].iter().rev();
        !self.begun
            || self.statement.is_empty()
                && before
                    .find(|token| !matches!(token.kind, SqlTokenKind::Mark(_)))
                    .is_none_or(|token| &text[token.range.clone()] == ";")
    }

    fn stand_in(&self, text: &str, tokens: &[SqlToken], at: usize, name: &str) -> String {
        let to_word = touches(tokens, at, |kind| {
            matches!(kind, SqlTokenKind::Word | SqlTokenKind::Number)
        });
        if to_word || (glued(tokens, at) && !self.statement.is_empty()) {
            return name.to_owned();
        }
        let shown = |at: Option<usize>| -> (Option<SqlTokenKind>, String) {
            match at.and_then(|at| tokens.get(at)) {
                Some(token) => (
                    Some(token.kind),
                    text[token.range.clone()].to_ascii_uppercase(),
                ),
                None => (None, String::new()),
            }
        };
        let (before_kind, before) = shown(at.checked_sub(1));
        let (after_kind, after) = shown(Some(at + 1));
        let comment = || format!("/* {name} */");
        let query = || format!("SELECT * FROM {name}");
        let ended = after_kind.is_none() || after == ";";
        if before == "." || after == "." || before == "@" {
            return name.to_owned();
        }
        // At the beginning of a statement.
        if !self.begun {
            return match after_kind {
                _ if ended => query(),
                Some(SqlTokenKind::Mark(_)) => format!("{};", query()),
                Some(SqlTokenKind::Sign) if after == ")" => query(),
                _ => comment(),
            };
        }
        let marked_alone =
            matches!(before_kind, Some(SqlTokenKind::Mark(_))) && self.statement.is_empty();
        if marked_alone {
            return match after_kind {
                _ if ended => query(),
                Some(SqlTokenKind::Mark(_)) => format!("{};", query()),
                _ => comment(),
            };
        }
        if before == "(" && after == ")" && self.is_query(text, tokens, at) {
            return query();
        }
        if before == "(" && self.is_query(text, tokens, at) && STATEMENTS.contains(&after.as_str())
        {
            return comment();
        }
        // In a list of common table expressions.
        if self.clause == "WITH" && before == "," {
            let comma = if after == "," || after == "SELECT" || ended {
                ""
            } else {
                ","
            };
            return match after_kind {
                Some(SqlTokenKind::Word) if after == "AS" || after == "SELECT" => name.to_owned(),
                Some(SqlTokenKind::Sign) if after == "(" => name.to_owned(),
                _ => format!("{name} AS (SELECT * FROM {name}){comma}"),
            };
        }
        let expects = self.expects(text, tokens, at);
        if expects {
            return self.operand(&before, after_kind, &after, ended, name);
        }
        // The text before it is complete: a clause, an alias or an operator.
        if ended && self.statement == "INSERT" && self.clause.is_empty() {
            return query();
        }
        if TYPED.contains(&before.as_str())
            && !matches!(after_kind, Some(SqlTokenKind::Sign) if after == ".")
        {
            return format!("'{name}'");
        }
        let operand = match after_kind {
            Some(SqlTokenKind::Word) => !reserved(&after) && !EXPECTING.contains(&after.as_str()),
            Some(SqlTokenKind::Number | SqlTokenKind::Text | SqlTokenKind::Quoted) => true,
            Some(SqlTokenKind::Sign | SqlTokenKind::Mark(_)) | None => false,
        };
        // It may be `OR TRUE`, or an operator: the whole condition is unknown.
        if self.is_condition() || matches!(after.as_str(), "THEN" | "AND" | "OR") {
            return if operand {
                format!("OR {name} OR")
            } else {
                format!("OR {name}")
            };
        }
        match (operand, self.clause.as_str()) {
            (true, "FROM" | "JOIN") => format!("{} JOIN", comment()),
            // It may be one more key.
            (false, "BY") if before != "ALL" && !matches!(after.as_str(), "AS" | "OPTIONS") => {
                format!(", {name}")
            }
            (true, "SELECT" | "BY") => format!("{},", comment()),
            _ => comment(),
        }
    }

    /// Returns an operand, and the separator between it and a following operand.
    fn operand(
        &self,
        before: &str,
        after_kind: Option<SqlTokenKind>,
        after: &str,
        ended: bool,
        name: &str,
    ) -> String {
        match before {
            "LIMIT" | "OFFSET" | "PERCENT" => return "1".to_owned(),
            "IN" if after != "(" => return format!("({name})"),
            "AS" if ended && self.statement == "CREATE" && self.clause.is_empty() => {
                return format!("SELECT * FROM {name}");
            }
            "ALL" | "DISTINCT" if self.clause != "SELECT" && !matches!(after, "FROM" | ",") => {
                return format!("SELECT * FROM {name}");
            }
            _ => {}
        }
        let follows = match after_kind {
            Some(SqlTokenKind::Word) => !reserved(after) && !EXPECTING.contains(&after),
            Some(SqlTokenKind::Number | SqlTokenKind::Text | SqlTokenKind::Quoted) => true,
            Some(SqlTokenKind::Sign | SqlTokenKind::Mark(_)) | None => matches!(after, "@"),
        };
        let continues = matches!(
            after,
            "NOT" | "CASE" | "EXISTS" | "CAST" | "EXTRACT" | "STRUCT" | "ARRAY"
        );
        match (follows, self.clause.as_str()) {
            (_, "WHERE" | "ON" | "HAVING" | "QUALIFY")
                if matches!(
                    before,
                    "WHERE" | "ON" | "HAVING" | "QUALIFY" | "AND" | "OR" | "NOT" | "("
                ) && (follows || matches!(after, "EXISTS" | "CASE" | "CAST")) =>
            {
                format!("{name} AND")
            }
            (true, "SELECT" | "BY") if !matches!(before, "AS") => format!("{name},"),
            (false, "SELECT" | "BY") if continues && before != "AS" && after != "NOT" => {
                format!("{name},")
            }
            _ => name.to_owned(),
        }
    }

    /// Whether the parenthesis before a mark contains a query.
    fn is_query(&self, text: &str, tokens: &[SqlToken], at: usize) -> bool {
        let Some(before) = at.checked_sub(2).and_then(|before| tokens.get(before)) else {
            return true;
        };
        let word = text[before.range.clone()].to_ascii_uppercase();
        matches!(
            word.as_str(),
            "FROM" | "JOIN" | "AS" | "EXISTS" | "ALL" | "DISTINCT" | "ARRAY" | ";" | "("
        ) || (word == "," && self.clauses.last().is_some_and(|clause| clause == "FROM"))
    }

    /// Whether the text before a mark requires a name or value.
    fn expects(&self, text: &str, tokens: &[SqlToken], at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|before| tokens.get(before)) else {
            return true;
        };
        let shown = text[before.range.clone()].to_ascii_uppercase();
        match before.kind {
            SqlTokenKind::Mark(_)
            | SqlTokenKind::Number
            | SqlTokenKind::Text
            | SqlTokenKind::Quoted => false,
            SqlTokenKind::Word => {
                let set = at
                    .checked_sub(2)
                    .and_then(|earlier| tokens.get(earlier))
                    .is_some_and(|earlier| {
                        let earlier = text[earlier.range.clone()].to_ascii_uppercase();
                        matches!(
                            earlier.as_str(),
                            "UNION" | "INTERSECT" | "EXCEPT" | "SELECT" | "LIKE"
                        )
                    });
                if shown == "ALL" {
                    return set;
                }
                (reserved(&shown) && !COMPLETE.contains(&shown.as_str()))
                    || EXPECTING.contains(&shown.as_str())
            }
            SqlTokenKind::Sign => match shown.as_str() {
                ")" | "]" | "}" => false,
                "*" => {
                    let Some(earlier) = at.checked_sub(2).and_then(|at| tokens.get(at)) else {
                        return false;
                    };
                    let earlier = text[earlier.range.clone()].to_ascii_uppercase();
                    !matches!(earlier.as_str(), "SELECT" | "," | "." | "(" | "DISTINCT")
                }
                _ => true,
            },
        }
    }
}
