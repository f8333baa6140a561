//! Legacy SQL, by the marks that a text has of it.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::directive::Comment;
use super::index::bytes;
use super::script::SyntaxError;
use crate::source::SourceText;

/// That a text says of itself that it is legacy SQL, where a comma is UNION ALL and
/// `COUNT(DISTINCT …)` is approximate.
pub(super) fn declared(
    source: &SourceText,
    tokens: &[TokenWithSpan],
    comments: &[Comment],
) -> Option<SyntaxError> {
    let is_space = |token: &&TokenWithSpan| matches!(token.token, Token::Whitespace(_));
    let first = tokens.iter().find(|token| !is_space(token));
    let first = first.map(|token| bytes(token.span).start);
    let mut before = comments
        .iter()
        .map(|(_, place)| bytes(*place))
        .take_while(|span| first.is_none_or(|first| span.start < first));
    let span = before.find(|span| {
        let comment = source.text().get(span.range()).unwrap_or("");
        let said = comment.strip_prefix('#').map(str::trim);
        said.is_some_and(|said| said.eq_ignore_ascii_case("legacySQL"))
    })?;
    Some(SyntaxError {
        span,
        message: "the query is legacy SQL, but headcount reads only GoogleSQL".to_owned(),
        help: "write the query in GoogleSQL, and remove `#legacySQL`".to_owned(),
        limit: None,
    })
}

/// A table in brackets: `FROM [project:dataset.table]`. In GoogleSQL they never follow
/// FROM or JOIN, except in a comparison (`IS DISTINCT FROM [1]`).
pub(super) fn table(tokens: &[TokenWithSpan]) -> Option<SyntaxError> {
    let word = |token: &TokenWithSpan, keywords: &[Keyword]| match &token.token {
        Token::Word(word) => word.quote_style.is_none() && keywords.contains(&word.keyword),
        _ => false,
    };
    let at = tokens.windows(2).position(|pair| {
        word(&pair[0], &[Keyword::FROM, Keyword::JOIN]) && pair[1].token == Token::LBracket
    })?;
    let compared = at.checked_sub(1).and_then(|before| tokens.get(before));
    if compared.is_some_and(|token| word(token, &[Keyword::DISTINCT])) {
        return None;
    }
    let bracket = bytes(tokens.get(at + 1)?.span);
    let closing = tokens[at..]
        .iter()
        .find(|token| token.token == Token::RBracket);
    Some(SyntaxError {
        span: closing.map_or(bracket, |closing| bracket.join(bytes(closing.span))),
        message: "a table in brackets is legacy SQL, but headcount reads only GoogleSQL".to_owned(),
        help: "write the query in GoogleSQL: the table as `project.dataset.table` in backticks, UNION ALL instead of a comma"
            .to_owned(),
        limit: None,
    })
}
