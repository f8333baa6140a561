//! Statements with expressions in them that are no conditions: macros and their
//! calls, WITH, filters over a block.
//!
//! Their expressions are rewritten like all others, so that what is unknown in them
//! stays in sight, and strings say what they say in Jinja.

use super::expression::{DEPTH, Expression, NotAnExpression};

type Rewriting = Result<String, NotAnExpression>;

/// What is written of an expression, if that was all of it.
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

/// A macro or call block without its defaults, and these.
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

/// `with`: all values are those of the scope around it.
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

/// A filter over a text.
pub(super) fn filter(rest: &str) -> Rewriting {
    whole(rest, filters).map(|filters| format!("filter {filters}"))
}

/// The name that is set to a text, and the filters over that.
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

/// `(a, b=1)`: the names, and the defaults.
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

/// `a = 1, b = 2`
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

/// `upper | replace("a", "b")`
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
