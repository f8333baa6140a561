//! Which variables of a script may get a value after their declaration.

use rustc_hash::FxHashSet;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::words::is;

/// Words after INTO, FOR or OUT that may name a variable.
const NEAR: usize = 8;

/// Their names, lower case: what SET, INTO, FOR, OUT and CALL name. It reads
/// words alone, so that a form that is not modelled counts too.
pub(super) fn names(tokens: &[TokenWithSpan]) -> FxHashSet<String> {
    let mut names = FxHashSet::default();
    // How many more words are taken.
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
