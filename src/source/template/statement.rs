//! Rewrites statements that contain expressions other than conditions. These are
//! macros and their calls, `with`, and filters over a block.
//!
//! Their expressions are rewritten like all others, so that unknown values in them
//! stay visible, and strings keep the meaning that they have in Jinja.

use super::expression::{DEPTH, Expression, NotAnExpression};

type Rewriting = Result<String, NotAnExpression>;

/// Applies `write` to an expression; fails if it does not read the whole text.
fn whole<T>(
    rest: &str,
    write: impl FnOnce(&mut Expression<'_>) -> Result<T, NotAnExpression>,
) -> Result<T, NotAnExpression> {
    let mut expression = Expression::new(rest)?;
    let written = write(&mut expression)?;
    if expression.done() {
        Ok(written)
    } else {
        Err(NotAnExpression)
    }
}

/// Rewrites a macro or call block without its defaults, and returns these
/// separately.
pub(super) fn declared(
    word: &str,
    rest: &str,
) -> Result<(String, Vec<(String, String)>), NotAnExpression> {
    whole(rest, |expression| {
        if word == "macro" {
            let name = expression.name()?;
            let (parameters, defaults) = parameters(expression)?;
            return Ok((format!("macro {name}{parameters}"), defaults));
        }
        let (parameters, defaults) = match expression.peek(0) {
            "(" => parameters(expression)?,
            _ => Default::default(),
        };
        let called = expression.whole()?;
        Ok((format!("call{parameters} {called}"), defaults))
    })
}

/// Rewrites `with`; all values belong to the scope around it.
pub(super) fn with(rest: &str) -> Rewriting {
    let assigned = whole(rest, assignments)?;
    if assigned.len() == 1 {
        return Ok(format!("with {} = {}", assigned[0].0, assigned[0].1));
    }
    let values = assigned.iter().enumerate();
    let values = values.map(|(at, (_, value))| format!("__with_{at} = {value}"));
    let names = assigned.iter().enumerate();
    let names = names.map(|(at, (name, _))| format!("{name} = __with_{at}"));
    let all: Vec<String> = values.chain(names).collect();
    Ok(match all.is_empty() {
        true => "with __scope = 0".to_owned(),
        false => format!("with {}", all.join(", ")),
    })
}

/// Rewrites a filter over a block.
pub(super) fn filter(rest: &str) -> Rewriting {
    whole(rest, filters).map(|filters| format!("filter {filters}"))
}

/// Returns the name that a `set` block sets, and the filters over its text.
pub(super) fn set_block(rest: &str) -> Result<(String, Option<String>), NotAnExpression> {
    whole(rest, |expression| {
        let name = dotted_name(expression)?;
        let filters = match expression.eat("|") {
            true => Some(filters(expression)?),
            false => None,
        };
        Ok((name, filters))
    })
}

fn dotted_name(expression: &mut Expression<'_>) -> Rewriting {
    let mut name = expression.name()?.to_owned();
    while expression.eat(".") {
        name.push('.');
        name.push_str(expression.name()?);
    }
    Ok(name)
}

/// Reads `(a, b=1)` into the names and the defaults.
fn parameters(
    expression: &mut Expression<'_>,
) -> Result<(String, Vec<(String, String)>), NotAnExpression> {
    expression.expect("(")?;
    let mut names = Vec::new();
    let mut defaults = Vec::new();
    while !expression.eat(")") {
        let name = expression.name()?;
        names.push(name);
        if expression.eat("=") {
            defaults.push((name.to_owned(), expression.whole()?));
        } else if !defaults.is_empty() {
            return Err(NotAnExpression);
        }
        if expression.peek(0) != ")" {
            expression.expect(",")?;
        }
    }
    Ok((format!("({})", names.join(", ")), defaults))
}

/// Reads `a = 1, b = 2`.
fn assignments(expression: &mut Expression<'_>) -> Result<Vec<(String, String)>, NotAnExpression> {
    let mut written = Vec::new();
    while !expression.done() {
        if !written.is_empty() {
            expression.expect(",")?;
        }
        let name = expression.name()?.to_owned();
        expression.expect("=")?;
        written.push((name, expression.whole()?));
    }
    Ok(written)
}

/// Reads `upper | replace("a", "b")`.
fn filters(expression: &mut Expression<'_>) -> Rewriting {
    let mut written = String::new();
    for _ in 0..DEPTH {
        written.push_str("__filter_");
        written.push_str(&expression.dotted()?);
        if expression.peek(0) == "(" {
            expression.arguments(&mut written)?;
        }
        if !expression.eat("|") {
            return Ok(written);
        }
        written.push_str(" | ");
    }
    Err(NotAnExpression)
}
