//! Replaces graph queries by rows about which nothing is known. They are `GRAPH g
//! MATCH …` and `GRAPH_TABLE(g MATCH …)`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{after_path, call_of, closing, is, is_any, keyword, made, marker, until};

/// Words that continue a graph query after the graph's name.
const BEGINS: [&str; 8] = [
    "MATCH", "OPTIONAL", "LET", "FOR", "FILTER", "RETURN", "WITH", "CALL",
];

/// Writes them as table functions that the binder recognizes.
pub(super) fn opaque(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let span = tokens[at].span;
        let after_graph = after_path(&tokens, at + 1);
        let begins = at == 0
            || matches!(tokens[at - 1].token, Token::LParen | Token::RParen)
            || is(tokens.get(at - 1), "AS");
        if is(tokens.get(at), "GRAPH_TABLE")
            && let Some(close) = closing(&tokens, at + 1)
        {
            out.extend(call_of(marker::OPAQUE, Some("GRAPH_TABLE"), span));
            out.push(made(Token::RParen, tokens[close].span));
            at = close + 1;
        } else if begins
            && is(tokens.get(at), "GRAPH")
            && after_graph.is_some_and(|next| is_any(tokens.get(next), &BEGINS))
        {
            let end = until(&tokens, at, |tokens, here| {
                tokens[here].token == Token::VerticalBarRightAngleBracket
            });
            out.push(keyword("SELECT", span));
            out.push(made(Token::Mul, span));
            out.push(keyword("FROM", span));
            out.extend(call_of(marker::OPAQUE, Some("GRAPH"), span));
            out.push(made(Token::RParen, tokens[end - 1].span));
            at = end;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}
