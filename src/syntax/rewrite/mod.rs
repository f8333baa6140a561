//! Rewrites constructs that the parser lacks into ones that it supports. A rewrite
//! has the same meaning, or uses a name of [`marker`] that the binder recognizes. If
//! neither is possible, the whole statement fails (HC001).

mod adjacent;
mod aggregate;
mod chained;
mod dashed;
mod definition;
mod depth;
mod format;
mod from_first;
mod graph;
mod grouping;
mod hint;
mod join;
mod match_recognize;
mod model;
mod path_offset;
mod pipe;
mod pipe_output;
mod privacy;
mod quantified;
mod query_alias;
mod sample;
mod set_mode;
mod table_position;
mod time_travel;
mod trailing_comma;
mod unnest;
mod unpivot;
mod vocabulary;
mod wildcard;

use std::mem::discriminant;

use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use super::marker;
use super::script::SelectClause;
use super::words::is;
use vocabulary::Terms;

/// Applies all rewrites to a statement's tokens, without white space. Privacy
/// clauses are removed and returned separately.
pub(super) fn statement(tokens: Vec<TokenWithSpan>) -> (Vec<TokenWithSpan>, Vec<SelectClause>) {
    let mut statement = Rewritten::new(tokens);
    statement.on(Terms::AT, hint::without);
    statement.on(Terms::TEXT, adjacent::joined);
    statement.on(Terms::GRAPH, graph::opaque);
    statement.on(Terms::MINUS, dashed::joined);
    statement.on(Terms::CREATE, definition::plain);
    statement.on(Terms::TABLE.or(Terms::STAR), wildcard::joined);
    statement.on(Terms::SAMPLE, sample::plain);
    statement.on(Terms::SYSTEM_TIME, time_travel::before_alias);
    statement.on(Terms::OPENED, query_alias::piped);
    statement.on(Terms::SET, set_mode::marked);
    statement.on(Terms::DEPTH, depth::piped);
    statement.on(Terms::PIPE, pipe_output::first);
    statement.on(Terms::OFFSET, path_offset::as_unnest);
    statement.on(Terms::UNNEST, unnest::zipped);
    statement.on(Terms::MODEL.or(Terms::TABLE), model::arguments);
    statement.on(Terms::LIKE, quantified::as_calls);
    statement.on(Terms::FORMAT, format::as_calls);
    statement.tokens = aggregate::clauses_in_order(statement.tokens);
    statement.on(Terms::CHAIN, chained::calls);
    statement.on(Terms::GROUPING.or(Terms::EMPTY), grouping::sets);
    statement.on(Terms::LAST_COMMA, trailing_comma::without);
    statement.on(Terms::PIPE, pipe::operators);
    statement.on(Terms::MATCH, match_recognize::as_pivot);
    statement.on(Terms::UNPIVOT, unpivot::labels);
    statement.on(Terms::JOIN, join::in_parentheses);
    statement.on(Terms::FROM, from_first::after_in);
    if statement.terms.any(Terms::PRIVACY) {
        privacy::take_out(statement.tokens)
    } else {
        (statement.tokens, Vec::new())
    }
}

/// Tokens during the rewrites, and the terms that occur in them.
struct Rewritten {
    tokens: Vec<TokenWithSpan>,
    terms: Terms,
}

impl Rewritten {
    fn new(tokens: Vec<TokenWithSpan>) -> Self {
        Self {
            terms: Terms::of(&tokens),
            tokens,
        }
    }

    /// Applies a rewrite if the tokens contain one of its terms.
    fn on(&mut self, terms: Terms, rewrite: fn(Vec<TokenWithSpan>) -> Vec<TokenWithSpan>) {
        if !self.terms.any(terms) {
            return;
        }
        let before = self.tokens.as_ptr_range();
        self.tokens = rewrite(std::mem::take(&mut self.tokens));
        // A rewrite without effect returns the same allocation. One that changed
        // tokens in place may have removed terms, but never added any.
        if self.tokens.as_ptr_range() != before {
            self.terms = Terms::of(&self.tokens);
        }
    }
}

/// Returns an unquoted word in upper case.
fn upper(token: Option<&TokenWithSpan>) -> Option<String> {
    match token.map(|token| &token.token) {
        Some(Token::Word(word)) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
        _ => None,
    }
}

/// Whether a token is one of these unquoted words.
fn is_any(token: Option<&TokenWithSpan>, words: &[&str]) -> bool {
    words.iter().any(|word| is(token, word))
}

/// Whether a predicate holds at any token.
fn anywhere(tokens: &[TokenWithSpan], holds: impl Fn(&[TokenWithSpan], usize) -> bool) -> bool {
    (0..tokens.len()).any(|at| holds(tokens, at))
}

/// Whether a token is a word, quoted or not.
fn is_word(token: Option<&TokenWithSpan>) -> bool {
    matches!(token.map(|token| &token.token), Some(Token::Word(_)))
}

/// Whether these words are at an index.
fn are(tokens: &[TokenWithSpan], at: usize, words: &[&str]) -> bool {
    words
        .iter()
        .enumerate()
        .all(|(nth, word)| is(tokens.get(at + nth), word))
}

/// Whether a token is of the same kind as this sign.
fn sign(tokens: &[TokenWithSpan], at: usize, token: &Token) -> bool {
    tokens
        .get(at)
        .is_some_and(|found| discriminant(&found.token) == discriminant(token))
}

/// Creates a token that replaces others, at their place.
fn made(token: Token, span: Span) -> TokenWithSpan {
    TokenWithSpan::new(token, span)
}

/// Creates a plain name.
fn name(text: &str, span: Span) -> TokenWithSpan {
    made(Token::make_word(text, None), span)
}

/// Creates a name in back quotes, with any characters.
fn quoted(text: &str, span: Span) -> TokenWithSpan {
    made(Token::make_word(text, Some('`')), span)
}

/// Creates a keyword.
fn keyword(text: &str, span: Span) -> TokenWithSpan {
    made(Token::make_keyword(text), span)
}

/// Creates a string.
fn string(text: &str, span: Span) -> TokenWithSpan {
    made(Token::SingleQuotedString(text.to_owned()), span)
}

/// Creates `NAME('text', …`, the beginning of a call.
fn call_of(marker: &str, text: Option<&str>, span: Span) -> Vec<TokenWithSpan> {
    let mut out = vec![name(marker, span), made(Token::LParen, span)];
    out.extend(text.map(|text| string(text, span)));
    out
}

/// Removes the tokens at these indices, which must be in order.
fn remove(tokens: &mut Vec<TokenWithSpan>, places: &[usize]) {
    if places.is_empty() {
        return;
    }
    let mut places = places.iter().peekable();
    let mut at = 0;
    tokens.retain(|_| {
        let gone = places.next_if(|place| **place == at).is_some();
        at += 1;
        !gone
    });
}

/// Returns the index of the token that closes the parenthesis at `open`.
pub(super) fn closing(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The maximum number of parts of a dotted name; bounds the cost, as every token may
/// begin one.
const PATH_LIMIT: usize = 400;

/// Returns the index after a dotted name that begins at `at`.
fn after_path(tokens: &[TokenWithSpan], at: usize) -> Option<usize> {
    for part in 0..PATH_LIMIT {
        let at = at + 2 * part;
        if !matches!(tokens.get(at)?.token, Token::Word(_)) {
            return None;
        }
        if tokens.get(at + 1).map(|next| &next.token) != Some(&Token::Period) {
            return Some(at + 1);
        }
    }
    None
}

/// Returns the first token from `at` on that closes the enclosing bracket. Stops
/// earlier at a token outside of all brackets and CASEs for which `stop` holds.
fn until(
    tokens: &[TokenWithSpan],
    at: usize,
    stop: impl Fn(&[TokenWithSpan], usize) -> bool,
) -> usize {
    let mut depth = 0_usize;
    for here in at..tokens.len() {
        if depth == 0 && stop(tokens, here) {
            return here;
        }
        match &tokens[here].token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return here,
            },
            Token::SemiColon => return here,
            Token::Word(_) if is(tokens.get(here), "CASE") => depth += 1,
            Token::Word(_) if is(tokens.get(here), "END") => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return here,
            },
            _ => {}
        }
    }
    tokens.len()
}

/// Words that continue a query after FROM.
const AFTER_FROM: [&str; 10] = [
    "WHERE",
    "GROUP",
    "HAVING",
    "QUALIFY",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "UNION",
    "INTERSECT",
    "EXCEPT",
];

/// Returns the index after an expression in FROM or after a pipe operator's word.
fn expression_end(tokens: &[TokenWithSpan], at: usize) -> usize {
    const ENDS: [&str; 17] = [
        "FROM",
        "JOIN",
        "INNER",
        "CROSS",
        "FULL",
        "ON",
        "USING",
        "TABLESAMPLE",
        "PIVOT",
        "UNPIVOT",
        "WITH",
        "WHEN",
        "THEN",
        "SET",
        "NATURAL",
        "HASH",
        "SELECT",
    ];
    until(tokens, at, |tokens, here| {
        let token = &tokens[here];
        matches!(
            token.token,
            Token::Comma | Token::VerticalBarRightAngleBracket
        ) || is_any(Some(token), &AFTER_FROM)
            || is_any(Some(token), &ENDS)
            || (is_any(Some(token), &["LEFT", "RIGHT"]) && !sign(tokens, here + 1, &Token::LParen))
    })
}

/// Splits tokens at their commas.
fn items(tokens: &[TokenWithSpan]) -> Vec<&[TokenWithSpan]> {
    let mut items = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let end = until(tokens, at, |tokens, here| {
            tokens[here].token == Token::Comma
        });
        items.push(&tokens[at..end]);
        at = end + 1;
    }
    items
}

/// Whether the parenthesis at `open` contains the arguments of a call.
fn opens_call(tokens: &[TokenWithSpan], open: usize) -> bool {
    let named = match open.checked_sub(1).map(|before| &tokens[before].token) {
        Some(Token::Word(word)) => {
            word.quote_style.is_some() || !super::keyword::is_reserved(word.keyword) || {
                // Reserved words that are also functions.
                is_any(tokens.get(open - 1), &["LEFT", "RIGHT", "IF", "GROUPING"])
            }
        }
        _ => false,
    };
    named && !begins_query(tokens, open + 1)
}

/// Whether a query begins here.
fn begins_query(tokens: &[TokenWithSpan], at: usize) -> bool {
    is_any(tokens.get(at), &["SELECT", "FROM", "GRAPH"])
        || (is(tokens.get(at), "WITH") && !sign(tokens, at + 1, &Token::LParen))
}
