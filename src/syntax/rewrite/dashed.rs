//! Joins unquoted names with dashes, such as `moz-fx-x.d.t`, into a single name.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{after_path, anywhere, is_word, made, quoted, sign, table_position};

/// Writes each as one quoted name. It is joined if a table's name may begin there,
/// or before the parenthesis of a function in another project.
pub(super) fn joined(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let to_do = anywhere(&tokens, |tokens, at| {
        sign(tokens, at, &Token::Minus) && at > 0 && dashed(tokens, at - 1).is_some()
    });
    if !to_do {
        return tokens;
    }
    let starts = table_position::starts(&tokens);
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let after_dot = at > 0 && tokens[at - 1].token == Token::Period;
        let found = if after_dot { None } else { dashed(&tokens, at) };
        match found {
            Some(found) if starts[at] || is_function(&tokens, &found) => {
                out.push(quoted(
                    &found.text,
                    tokens[at].span.union(&tokens[found.end - 1].span),
                ));
                if found.dot {
                    out.push(made(Token::Period, tokens[found.end - 1].span));
                }
                at = found.end;
            }
            // A name that begins at a later part of it ends at the same token.
            Some(found) => {
                let begins = (at + 1..found.end).find(|next| starts[*next]);
                let next = begins.unwrap_or(found.end);
                out.extend_from_slice(&tokens[at..next]);
                at = next;
            }
            None => {
                out.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    out
}

/// A name with dashes.
struct Dashed {
    text: String,
    /// The index of the token after it.
    end: usize,
    /// Whether its last token is a number that includes the dot: `x-5.d`.
    dot: bool,
}

/// Returns the name with dashes that begins here.
fn dashed(tokens: &[TokenWithSpan], start: usize) -> Option<Dashed> {
    let Token::Word(first) = &tokens[start].token else {
        return None;
    };
    if first.quote_style.is_some() {
        return None;
    }
    let mut found = Dashed {
        text: first.value.clone(),
        end: start + 1,
        dot: false,
    };
    while !found.dot
        && sign(tokens, found.end, &Token::Minus)
        && adjacent(tokens, found.end - 1, found.end + 1)
    {
        match &tokens[found.end + 1].token {
            Token::Word(word) if word.quote_style.is_none() => {
                found.text.push('-');
                found.text.push_str(&word.value);
            }
            Token::Number(digits, false) => {
                found.dot = digits.ends_with('.');
                found.text.push('-');
                found.text.push_str(digits.trim_end_matches('.'));
            }
            _ => break,
        }
        found.end += 2;
    }
    (found.end > start + 1).then_some(found)
}

/// Whether a name with dashes is the project of a function. Two more names and a
/// parenthesis follow, without space between them.
fn is_function(tokens: &[TokenWithSpan], name: &Dashed) -> bool {
    let rest = if name.dot {
        name.end
    } else if sign(tokens, name.end, &Token::Period) {
        name.end + 1
    } else {
        return false;
    };
    after_path(tokens, rest).is_some_and(|end| {
        end >= rest + 3
            && sign(tokens, end, &Token::LParen)
            && adjacent(tokens, name.end - 1, end)
            && is_word(tokens.get(rest))
    })
}

/// Whether there is no space between these tokens.
fn adjacent(tokens: &[TokenWithSpan], from: usize, to: usize) -> bool {
    to < tokens.len() && (from..to).all(|at| tokens[at].span.end == tokens[at + 1].span.start)
}
