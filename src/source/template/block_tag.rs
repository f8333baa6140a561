//! Rewrites one block tag for MiniJinja.
//!
//! MiniJinja has fewer scopes than Jinja, and looks up names when they are read.
//! Therefore a block that opens a scope in Jinja is written with a `with` around its
//! content, and each name that a scope hides is removed at its beginning; see
//! [`super::outline`].

use std::collections::BTreeSet;

use super::expression::{Expression, NotAnExpression};
use super::outline::{Outline, Scope};
use super::rewrite::{
    COPIED, DroppedTag, NO_EXPRESSION, Rewritten, keyword, literal, output, tagged, unknown,
};
use super::scan::Tag;
use super::{context, statement};

/// The reason why a block inside another statement is unknown.
pub(super) const INSIDE: &str = "the variables of a block inside another statement are not tracked";
/// The statement that opens a scope.
const SCOPE: &str = "with __scope = 0";

/// An open statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OpenStatement {
    /// A condition, or another statement that opens no scope.
    If,
    /// A block that a child template can override. It sees only what the template
    /// has set. Holds the number of the part that opens it.
    Block(usize),
    /// A block that is dropped.
    LostBlock,
    /// A loop.
    Loop {
        /// Whether each iteration has a `with` of its own.
        scoped: bool,
        /// Whether it has an `else`. In Jinja, `else` also runs if every iteration
        /// was left early.
        otherwise: bool,
    },
    /// The `else` of a loop.
    LoopElse,
    /// `with` and `autoescape`.
    Scope,
    /// A macro or call block, which captures its content.
    Macro,
    /// A filter over its content.
    Filter,
    /// A name that is set to the content. With filters, the text passes through a
    /// value of ours: holds the name of that value, and the name that is set.
    Set(Option<(String, String)>),
}

impl OpenStatement {
    fn is_buffer(&self) -> bool {
        matches!(self, Self::Macro | Self::Filter | Self::Set(_))
    }

    /// Whether its content may see names that a block does not see.
    fn is_scope(&self, outline: &Outline) -> bool {
        match self {
            Self::If => false,
            Self::Block(part) => outline.opened(*part).is_none_or(|scope| scope.sets_own),
            _ => true,
        }
    }
}

/// A block tag as written.
pub(super) struct WrittenTag<'a> {
    pub(super) text: &'a str,
    pub(super) tag: &'a Tag,
    /// The number of the tag among all tags.
    pub(super) index: usize,
    /// The number of the part among all parts.
    pub(super) part: usize,
    pub(super) outline: &'a Outline,
    /// The reason why it cannot be rendered; `None` if it can.
    pub(super) why: Option<&'a str>,
}

/// Returns the statements that remove the names that a scope hides.
pub(super) fn hidden(scope: &Scope) -> impl Iterator<Item = String> {
    let names = scope.hidden.iter();
    names.map(|name| format!("set {name} = __absent(\"{name}\")"))
}

/// Whether an expression renders a block, which sees less than the code around it.
pub(super) fn calls_other_block(open: &[OpenStatement], outline: &Outline, inside: &str) -> bool {
    let calls = inside.contains("self") || inside.contains("super");
    calls && open.iter().any(|open| open.is_scope(outline))
}

/// Adds a rewritten block tag.
pub(super) fn block(into: &mut Rewritten, written: &WrittenTag<'_>) {
    let (word, rest) = keyword(&written.text[written.tag.inner.clone()]);
    context::note(word, rest, &mut into.assigned);
    match statements(into, written, word, rest) {
        Ok(statements) => {
            let place = written.tag.trimmed(written.text);
            let statements = statements.join(" %}{% ");
            tagged(into, written.text, written.tag, &statements, place);
        }
        Err(NotAnExpression) => lose(into, written, "not a Jinja statement"),
    }
}

/// Notes that a tag is dropped.
fn note_lost(into: &mut Rewritten, written: &WrittenTag<'_>, why: &str) {
    into.lost.push(DroppedTag {
        written: written.tag.trimmed(written.text),
        why: why.to_owned(),
    });
}

/// Drops a tag.
fn lose(into: &mut Rewritten, written: &WrittenTag<'_>, why: &str) {
    note_lost(into, written, why);
    let place = written.tag.trimmed(written.text);
    tagged(into, written.text, written.tag, "if true %}{% endif", place);
}

type Statements = Result<Vec<String>, NotAnExpression>;

/// Drops a tag and returns statements that do nothing.
fn nothing(into: &mut Rewritten, written: &WrittenTag<'_>, why: &str) -> Statements {
    note_lost(into, written, why);
    Ok(vec!["if true".to_owned(), "endif".to_owned()])
}

/// Returns statements, followed by those that hide names in the scope that they
/// open.
fn opening<const N: usize>(written: &WrittenTag<'_>, before: [String; N]) -> Vec<String> {
    let scope = written.outline.opened(written.part);
    let hidden = scope.into_iter().flat_map(hidden);
    before.into_iter().chain(hidden).collect()
}

fn owned<const N: usize>(statements: [&str; N]) -> Vec<String> {
    statements.into_iter().map(str::to_owned).collect()
}

/// Translates a tag into statements for MiniJinja.
fn statements(
    into: &mut Rewritten,
    written: &WrittenTag<'_>,
    word: &str,
    rest: &str,
) -> Statements {
    match word {
        "if" => {
            into.open.push(OpenStatement::If);
            Ok(vec![decision(word, rest, written.why)?])
        }
        "elif" => Ok(vec![decision(word, rest, written.why)?]),
        "else" => Ok(otherwise(into, written)),
        "for" => iteration(into, written, rest),
        "with" => {
            let with = statement::with(rest)?;
            into.open.push(OpenStatement::Scope);
            Ok(opening(written, [with]))
        }
        "autoescape" => {
            into.open.push(OpenStatement::Scope);
            if !matches!(rest.trim(), "false" | "False") {
                note_lost(into, written, "HTML escaping is not supported");
            }
            Ok(opening(written, [SCOPE.to_owned()]))
        }
        "filter" => {
            let filter = statement::filter(rest)?;
            into.open.push(OpenStatement::Filter);
            let mut opened = opening(written, [SCOPE.to_owned()]);
            opened.push(filter);
            Ok(opened)
        }
        "macro" | "call" => {
            let (statement, defaults) = statement::declared(word, rest)?;
            into.open.push(OpenStatement::Macro);
            Ok(declaration(into, written, statement, defaults))
        }
        "set" => match targets(rest, "=") {
            Ok(found) => Ok(vec![assignment(found, written.why)]),
            Err(NotAnExpression) => captured(into, written, rest),
        },
        "block" => {
            if into.open.iter().any(|open| open.is_scope(written.outline)) {
                into.open.push(OpenStatement::LostBlock);
                return nothing(into, written, INSIDE);
            }
            into.open.push(OpenStatement::Block(written.part));
            let inside = written.text[written.tag.inner.clone()].trim().to_owned();
            Ok(opening(written, [inside]))
        }
        "do" => match written.why {
            Some(why) => nothing(into, written, why),
            // `do` accepts only calls; `__effect` accepts any expression.
            None => Ok(vec![format!("do __effect({})", output(rest)?)]),
        },
        "include" | "extends" | "import" | "from" => brought_in(into, written, word, rest),
        "break" | "continue" => {
            let inner = into
                .open
                .iter()
                .rev()
                .find(|open| **open != OpenStatement::If);
            match inner {
                Some(OpenStatement::Loop {
                    scoped: false,
                    otherwise: false,
                }) => Ok(owned([word])),
                _ => nothing(into, written, "leaving a loop early is not supported"),
            }
        }
        // The body of a snapshot is its query; the others define something and print
        // nothing.
        "snapshot" => {
            into.open.push(OpenStatement::If);
            Ok(owned(["if true"]))
        }
        "materialization" | "test" | "docs" => {
            into.open.push(OpenStatement::If);
            Ok(owned(["if false"]))
        }
        "endsnapshot" | "endmaterialization" | "endtest" | "enddocs" => {
            into.open.pop();
            Ok(owned(["endif"]))
        }
        _ if COPIED.contains(&word) => {
            let closed = into.open.pop();
            Ok(closing(word, closed, written))
        }
        _ => nothing(into, written, &format!("unknown tag `{word}`")),
    }
}

/// Translates the end of a statement.
fn closing(word: &str, closed: Option<OpenStatement>, written: &WrittenTag<'_>) -> Vec<String> {
    let inside = written.text[written.tag.inner.clone()].trim().to_owned();
    match (word, closed) {
        ("endblock", Some(OpenStatement::LostBlock)) => owned(["if true", "endif"]),
        ("endfor", Some(OpenStatement::Loop { scoped: true, .. } | OpenStatement::LoopElse)) => {
            owned(["endwith", "endfor"])
        }
        ("endautoescape", _) => owned(["endwith"]),
        ("endfilter", _) => owned(["endfilter", "endwith"]),
        ("endset", Some(OpenStatement::Set(None))) => owned(["endwith", "endset"]),
        ("endset", Some(OpenStatement::Set(Some((ours, name))))) => vec![
            "endset".to_owned(),
            "endwith".to_owned(),
            format!("set {name} = {ours}.made"),
        ],
        _ => vec![inside],
    }
}

/// Translates `else`; the `else` of a loop is a scope in Jinja.
fn otherwise(into: &mut Rewritten, written: &WrittenTag<'_>) -> Vec<String> {
    match into.open.last_mut() {
        Some(open @ OpenStatement::Loop { .. }) => {
            let mut statements = match std::mem::replace(open, OpenStatement::LoopElse) {
                OpenStatement::Loop { scoped: true, .. } => owned(["endwith", "else"]),
                _ => owned(["else"]),
            };
            statements.extend(opening(written, [SCOPE.to_owned()]));
            statements
        }
        _ => owned(["else"]),
    }
}

/// Translates a macro or call block. Its defaults are evaluated in the order of
/// Python, and all names that it captures are mentioned for MiniJinja.
fn declaration(
    into: &Rewritten,
    written: &WrittenTag<'_>,
    statement: String,
    defaults: Vec<(String, String)>,
) -> Vec<String> {
    let mut statements = vec![statement];
    if let Some(scope) = written.outline.opened(written.part) {
        let mut names: BTreeSet<&String> = scope.mentioned.iter().collect();
        if scope.brings {
            names.extend(&written.outline.root.mentioned);
            names.extend(&into.around);
        }
        if !names.is_empty() {
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            statements.push("if false".to_owned());
            statements.push(format!("do __effect([{}])", names.join(", ")));
            statements.push("endif".to_owned());
        }
        statements.extend(hidden(scope));
    }
    for (name, default) in defaults {
        statements.push(format!("if {name} is undefined"));
        statements.push(format!("set {name} = {default}"));
        statements.push("endif".to_owned());
    }
    statements
}

/// Translates a `set` block, which sets a name to its content.
fn captured(into: &mut Rewritten, written: &WrittenTag<'_>, rest: &str) -> Statements {
    let (name, filters) = statement::set_block(rest)?;
    let Some(filters) = filters else {
        into.open.push(OpenStatement::Set(None));
        return Ok(opening(written, [format!("set {name}"), SCOPE.to_owned()]));
    };
    // The filters see names that the content sets; the name is set outside of it.
    let ours = format!("__box_{}", written.index);
    let boxed = format!("set {ours} = __box()");
    let mut statements = opening(written, [boxed, SCOPE.to_owned()]);
    statements.push(format!("set {ours}.made | {filters}"));
    into.open.push(OpenStatement::Set(Some((ours, name))));
    Ok(statements)
}

/// Translates a tag that includes, imports or extends a template.
fn brought_in(
    into: &mut Rewritten,
    written: &WrittenTag<'_>,
    word: &str,
    rest: &str,
) -> Statements {
    let buffered = into.open.iter().any(OpenStatement::is_buffer);
    if word == "include" && buffered && context::is_isolated(word, rest) {
        return nothing(
            into,
            written,
            "Jinja renders this tag before the surrounding text",
        );
    }
    let Some(why) = written.why else {
        let loading = loading(word, rest, written.index)?;
        // Names that an included template sets end with it.
        return Ok(match word {
            "include" => vec![SCOPE.to_owned(), loading, "endwith".to_owned()],
            _ => vec![loading],
        });
    };
    if word != "include" {
        return nothing(into, written, why);
    }
    let inside = written.text[written.tag.inner.clone()].trim();
    let stand_in = unknown(inside, why);
    Ok(vec![format!("if true %}}{{{{ {stand_in} }}}}{{% endif")])
}

fn decision(word: &str, rest: &str, why: Option<&str>) -> Result<String, NotAnExpression> {
    let understood = || -> Result<String, NotAnExpression> {
        let mut expression = Expression::new(rest)?;
        let condition = expression.condition()?;
        if expression.done() {
            Ok(condition)
        } else {
            Err(NotAnExpression)
        }
    };
    let condition = match why {
        Some(why) => unknown(rest.trim(), why),
        None => understood().unwrap_or_else(|NotAnExpression| unknown(rest.trim(), NO_EXPRESSION)),
    };
    Ok(format!("{word} {condition}"))
}

/// Translates `for`; a loop over an unknown value runs once.
fn iteration(into: &mut Rewritten, written: &WrittenTag<'_>, rest: &str) -> Statements {
    let (targets, count, after) = targets(rest, "in")?;
    let scope = written.outline.opened(written.part);
    let mut why = written.why;
    let mut expression = Expression::new(after)?;
    let over = expression.iterable()?;
    let source = after[..expression.offset()].trim();
    let mut tail = String::new();
    if expression.eat("if") {
        tail = format!(" if {}", expression.condition()?);
    }
    if expression.eat("recursive") {
        tail.push_str(" recursive");
        // In Jinja, an inner recursive loop does not see names that the outer one
        // sets.
        if scope.is_some_and(|scope| scope.sets) {
            why = Some("the variables that a recursive loop sets are not tracked");
        }
    }
    if !expression.done() {
        return Err(NotAnExpression);
    }
    let over = match why {
        Some(why) => unknown(source, why),
        None => over,
    };
    let iterated = format!(
        "for {targets} in __iterate({count}, {over}, {}, {}){tail}",
        written.index,
        literal(source)
    );
    // Macros of MiniJinja would see names that the previous iteration set.
    let declares = scope.is_some_and(|scope| scope.declares);
    into.open.push(OpenStatement::Loop {
        scoped: declares,
        otherwise: scope.is_some_and(|scope| scope.otherwise),
    });
    Ok(match declares {
        true => opening(written, [iterated, SCOPE.to_owned()]),
        false => opening(written, [iterated]),
    })
}

/// The names of an assignment, their number, and the value.
type Targets<'a> = (String, usize, &'a str);

fn assignment((targets, count, value): Targets<'_>, why: Option<&str>) -> String {
    let value = match why {
        Some(why) => unknown(value.trim(), why),
        None => {
            output(value).unwrap_or_else(|NotAnExpression| unknown(value.trim(), NO_EXPRESSION))
        }
    };
    if count > 1 {
        return format!("set {targets} = __spread({count}, ({value}))");
    }
    format!("set {targets} = {value}")
}

fn loading(word: &str, rest: &str, index: usize) -> Result<String, NotAnExpression> {
    let mut expression = Expression::new(rest)?;
    let name = expression.whole()?;
    let tail = expression.rest();
    let isolated = context::is_isolated(word, tail);
    Ok(format!(
        "{word} __template({index}, {name}, {isolated}) {tail}"
    ))
}

/// Splits a text into the names before a word or sign, their number, and the rest.
fn targets<'a>(rest: &'a str, until: &str) -> Result<Targets<'a>, NotAnExpression> {
    let bytes = rest.as_bytes();
    let mut at = 0;
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'=' if until == "=" => {
                return counted(&rest[..at], &rest[at + 1..]);
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let start = at;
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                if depth == 0 && &rest[start..at] == until {
                    return counted(&rest[..start], &rest[at..]);
                }
                continue;
            }
            b',' | b'.' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => return Err(NotAnExpression),
        }
        at += 1;
    }
    Err(NotAnExpression)
}

fn counted<'a>(names: &str, after: &'a str) -> Result<Targets<'a>, NotAnExpression> {
    let names = names.trim();
    if names.is_empty() {
        return Err(NotAnExpression);
    }
    let bare = names
        .strip_prefix('(')
        .and_then(|names| names.strip_suffix(')'))
        .unwrap_or(names);
    let mut depth = 0usize;
    let mut count = 1;
    for byte in bare.trim_end_matches([',', ' ']).bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => count += 1,
            _ => {}
        }
    }
    Ok((names.to_owned(), count, after))
}
