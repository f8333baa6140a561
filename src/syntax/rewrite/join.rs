//! Adds parentheses to nested joins, and removes join methods. In `a JOIN b JOIN c
//! ON x ON y`, the last condition belongs to the first join, as in `a JOIN (b JOIN c
//! ON x) ON y`.

use std::collections::BTreeMap;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, expression_end, is, is_any, made, remove, sign};

/// Writes the parentheses, and removes HASH and LOOKUP before JOIN.
pub(super) fn in_parentheses(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let method = |at: &usize| {
        is(tokens.get(*at + 1), "JOIN") && is_any(tokens.get(*at), &["HASH", "LOOKUP"])
    };
    let methods: Vec<usize> = (0..tokens.len()).filter(method).collect();
    remove(&mut tokens, &methods);
    let mut opened = BTreeMap::<usize, usize>::new();
    let mut closed = BTreeMap::<usize, usize>::new();
    // For each open parenthesis, the indices after its joins without a condition so
    // far.
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new()];
    let mut after_condition = usize::MAX;
    for at in 0..tokens.len() {
        match &tokens[at].token {
            Token::LParen => waiting.push(Vec::new()),
            Token::RParen if waiting.len() > 1 => {
                waiting.pop();
            }
            Token::Comma | Token::VerticalBarRightAngleBracket => {
                waiting.last_mut().into_iter().for_each(Vec::clear);
            }
            // All words of interest are keywords.
            Token::Word(word) if word.keyword != Keyword::NoKeyword => {
                let Some(joins) = waiting.last_mut() else {
                    continue;
                };
                if is(tokens.get(at), "JOIN") {
                    if !is(tokens.get(at.wrapping_sub(1)), "CROSS") {
                        joins.push(at + 1);
                    }
                } else if is_any(
                    tokens.get(at),
                    &["SELECT", "WHERE", "GROUP", "FROM", "WHEN"],
                ) {
                    joins.clear();
                } else if is(tokens.get(at), "ON") || is(tokens.get(at), "USING") {
                    let join = joins.pop();
                    if after_condition == at
                        && let Some(join) = join
                    {
                        *opened.entry(join).or_default() += 1;
                        *closed.entry(at).or_default() += 1;
                    }
                    after_condition =
                        if is(tokens.get(at), "USING") && sign(&tokens, at + 1, &Token::LParen) {
                            closing(&tokens, at + 1).map_or(usize::MAX, |close| close + 1)
                        } else {
                            expression_end(&tokens, at + 1)
                        };
                }
            }
            _ => {}
        }
    }
    if opened.is_empty() {
        return tokens;
    }
    let mut out = Vec::with_capacity(tokens.len());
    let many = |of: &BTreeMap<usize, usize>, at| of.get(&at).copied().unwrap_or(0);
    for (at, token) in tokens.into_iter().enumerate() {
        let span = token.span;
        out.extend((0..many(&closed, at)).map(|_| made(Token::RParen, span)));
        out.extend((0..many(&opened, at)).map(|_| made(Token::LParen, span)));
        out.push(token);
    }
    out
}
