//! Finds the variables of a script that may be assigned after their declaration.

use rustc_hash::FxHashSet;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::words::is;

/// The number of words after INTO, FOR or OUT that may name a variable.
const NEAR: usize = 8;

/// Returns the names, in lower case, that SET, INTO, FOR, OUT and CALL assign. Only
/// words are examined, so that forms that are not modelled count, too.
pub(super) fn names(tokens: &[TokenWithSpan]) -> FxHashSet<String> {
    let mut names = FxHashSet::default();
    // The number of further words to take.
    let mut left = 0_usize;
    let mut until_equals = false;
    for token in tokens {
        match &token.token {
            Token::SemiColon => left = 0,
            Token::Eq if until_equals => {
                left = 0;
                until_equals = false;
            }
            Token::Word(word) => {
                if left > 0 {
                    names.insert(word.value.to_lowercase());
                    left -= 1;
                }
                let is = |name| is(Some(token), name);
                if is("SET") {
                    left = usize::MAX;
                    until_equals = true;
                } else if is("CALL") {
                    left = usize::MAX;
                } else if ["INTO", "FOR", "OUT", "INOUT"].into_iter().any(is) {
                    left = left.max(NEAR);
                }
            }
            _ => {}
        }
    }
    names
}
