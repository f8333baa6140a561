//! Arithmetic of templates with unknown operands.

use std::sync::Arc;

use minijinja::{Error, State, Value};

use super::run::Run;
use super::sizes;
use super::unknown::{Unknown, has_unknown};

/// Evaluates an expression over operands, which it names `o0`, `o1`, …. The result
/// has a default if every unknown operand has one.
pub(super) fn reckon(
    run: &Arc<Run>,
    state: &State,
    shown: String,
    written: &str,
    operands: &[Value],
) -> Result<Value, Error> {
    let mut open = false;
    let mut known = Vec::with_capacity(operands.len());
    for (at, operand) in operands.iter().enumerate() {
        let default = operand
            .downcast_object_ref::<Unknown>()
            .and_then(|unknown| unknown.default.clone());
        let value = match default {
            Some(default) => {
                open = true;
                default
            }
            None if has_unknown(run, operand) => return Ok(Unknown::value(run, shown)),
            None => operand.clone(),
        };
        known.push((format!("o{at}"), value));
    }
    let made = state
        .env()
        .compile_expression(written)
        .and_then(|expression| expression.eval(Value::from_pairs(known)));
    match made {
        Ok(made) if open => Ok(Unknown::with_default(run, shown, made)),
        Err(_) if open => Ok(Unknown::value(run, shown)),
        made => {
            let made = made?;
            sizes::charge_output(state, &made)?;
            Ok(made)
        }
    }
}
