//! Statements with expressions in them that are no conditions: macros and their
//! calls, WITH, filters over a block.
//!
//! Their expressions are rewritten like all others, so that what is unknown in them
//! stays in sight, and strings say what they say in Jinja.

use super::expression::{Expression, NotAnExpression};

type Rewriting = Result<String, NotAnExpression>;

/// A statement for Jinja, given its word and what follows.
pub(super) fn rewritten(word: &str, rest: &str) -> Rewriting {
    let mut expression = Expression::new(rest)?;
    let written = match word {
        "macro" => {
            let name = expression.name()?;
            format!("macro {name}{}", parameters(&mut expression)?)
        }
        "call" => {
            let parameters = if expression.peek(0) == "(" {
                parameters(&mut expression)?
            } else {
                String::new()
            };
            format!("call{parameters} {}", expression.whole()?)
        }
        "with" => format!("with {}", assignments(&mut expression)?),
        "filter" => format!("filter {}", filters(&mut expression)?),
        "set" => {
            let name = dotted_name(&mut expression)?;
            if expression.eat("|") {
                format!("set {name} | {}", filters(&mut expression)?)
            } else {
                format!("set {name}")
            }
        }
        _ => return Err(NotAnExpression),
    };
    if expression.done() {
        Ok(written)
    } else {
        Err(NotAnExpression)
    }
}

fn dotted_name(expression: &mut Expression<'_>) -> Rewriting {
    let mut name = expression.name()?.to_owned();
    while expression.eat(".") {
        name.push('.');
        name.push_str(expression.name()?);
    }
    Ok(name)
}

/// `(a, b=1)`
fn parameters(expression: &mut Expression<'_>) -> Rewriting {
    expression.expect("(")?;
    let mut written = String::from("(");
    while !expression.eat(")") {
        written.push_str(expression.name()?);
        if expression.eat("=") {
            written.push('=');
            written.push_str(&expression.whole()?);
        }
        if expression.peek(0) != ")" {
            expression.expect(",")?;
            written.push_str(", ");
        }
    }
    written.push(')');
    Ok(written)
}

/// `a = 1, b = 2`
fn assignments(expression: &mut Expression<'_>) -> Rewriting {
    let mut written = String::new();
    while !expression.done() {
        if !written.is_empty() {
            expression.expect(",")?;
            written.push_str(", ");
        }
        let name = expression.name()?;
        expression.expect("=")?;
        written.push_str(&format!("{name} = {}", expression.whole()?));
    }
    Ok(written)
}

/// `upper | replace("a", "b")`
fn filters(expression: &mut Expression<'_>) -> Rewriting {
    let mut written = String::new();
    loop {
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
}
