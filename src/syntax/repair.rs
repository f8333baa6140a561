//! Explains a syntax error by a change of one token after which the statement
//! parses. A change that was not tried is never proposed.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::dialect::GoogleSql;
use super::index::bytes;
use super::parse::parser;
use crate::source::{SourceText, Span};
use crate::toml_text::nearest;

/// The maximum number of tokens of a repaired statement: each attempt parses all of
/// them.
const TOKENS: usize = 2_000;
/// The number of tokens before the failing one that may be the true cause.
const BEFORE: usize = 3;

/// Keywords that are commonly misspelt where clauses begin.
const KEYWORDS: &[&str] = &[
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "QUALIFY", "JOIN", "INNER", "LEFT",
    "UNION", "DISTINCT", "CREATE", "INSERT", "WITH", "LIMIT", "BETWEEN",
];

/// The proposed change.
pub(super) struct Repair {
    /// The place of the cause, which may be before the token at which parsing
    /// failed.
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: String,
}

/// Searches a single change after which the statement parses. `at` is the token at
/// which parsing failed.
pub(super) fn repair(source: &SourceText, tokens: &[TokenWithSpan], at: Span) -> Option<Repair> {
    if tokens.len() > TOKENS {
        return None;
    }
    let at = tokens
        .iter()
        .position(|token| bytes(token.span).start >= at.start)
        .unwrap_or(tokens.len());
    let text = |token: &TokenWithSpan| source.slice(bytes(token.span));
    let near = at.saturating_sub(BEFORE)..(at + 1).min(tokens.len());
    let keyword = near
        .clone()
        .rev()
        .find_map(|at| meant(tokens, at, misspelt));
    let other = || {
        near.clone()
            .rev()
            .find_map(|at| meant(tokens, at, operator))
    };
    if let Some((place, meant)) = keyword.or_else(other) {
        let written = text(&tokens[place]);
        return Some(Repair {
            span: bytes(tokens[place].span),
            message: format!("unexpected `{written}`: did you mean `{meant}`?"),
            help: format!("write `{meant}`"),
        });
    }
    for place in near.clone().rev().filter(|place| *place > 0) {
        if parses(changed(tokens, place, 0, &[Token::Comma])) {
            let (before, behind) = (text(&tokens[place - 1]), text(&tokens[place]));
            return Some(Repair {
                span: bytes(tokens[place].span),
                message: format!("unexpected `{behind}`: a `,` is missing after `{before}`"),
                help: format!("write `,` between `{before}` and `{behind}`"),
            });
        }
    }
    for place in near.rev() {
        let extra = matches!(
            tokens[place].token,
            Token::Comma | Token::RParen | Token::RBracket | Token::Period
        );
        if extra && parses(changed(tokens, place, 1, &[])) {
            let written = text(&tokens[place]);
            return Some(Repair {
                span: bytes(tokens[place].span),
                message: format!("unexpected `{written}`"),
                help: format!("remove `{written}`"),
            });
        }
    }
    unclosed(tokens)
}

/// Finds a parenthesis or bracket that is never closed, if closing it at the end is
/// enough.
fn unclosed(tokens: &[TokenWithSpan]) -> Option<Repair> {
    let mut open: Vec<&TokenWithSpan> = Vec::new();
    for token in tokens {
        match token.token {
            Token::LParen | Token::LBracket => open.push(token),
            Token::RParen | Token::RBracket => {
                open.pop()?;
            }
            _ => {}
        }
    }
    let [only] = open.as_slice() else { return None };
    let (opens, closes, token) = match only.token {
        Token::LParen => ("(", ")", Token::RParen),
        _ => ("[", "]", Token::RBracket),
    };
    parses(changed(tokens, tokens.len(), 0, &[token])).then(|| Repair {
        span: bytes(only.span),
        message: format!("`{opens}` is never closed"),
        help: format!("write the missing `{closes}`"),
    })
}

/// The intended token, and its name.
type Substitution = (Token, &'static str);

/// Tries the intended token for one token.
fn meant(
    tokens: &[TokenWithSpan],
    place: usize,
    of: impl Fn(&Token) -> Option<Substitution>,
) -> Option<(usize, &'static str)> {
    let (token, name) = of(&tokens[place].token)?;
    parses(changed(tokens, place, 1, &[token])).then_some((place, name))
}

/// Returns the keyword that a word is a misspelling of.
fn misspelt(token: &Token) -> Option<Substitution> {
    let Token::Word(word) = token else {
        return None;
    };
    if word.quote_style.is_some() || word.value.chars().count() > 12 {
        return None;
    }
    let written = word.value.to_ascii_uppercase();
    let name = nearest(&written, KEYWORDS).filter(|name| *name != written)?;
    Some((Token::make_keyword(name), name))
}

/// Returns the operator that another dialect's operator stands for.
fn operator(token: &Token) -> Option<Substitution> {
    match token {
        Token::RArrow => Some((Token::GtEq, ">=")),
        Token::DoubleEq => Some((Token::Eq, "=")),
        Token::Overlap => Some((Token::make_keyword("AND"), "AND")),
        _ => None,
    }
}

/// Returns the tokens with `count` of them replaced.
fn changed(
    tokens: &[TokenWithSpan],
    place: usize,
    count: usize,
    by: &[Token],
) -> Vec<TokenWithSpan> {
    let span = tokens
        .get(place)
        .or(tokens.last())
        .map_or_else(sqlparser::tokenizer::Span::empty, |token| token.span);
    let by = by
        .iter()
        .map(|token| TokenWithSpan::new(token.clone(), span));
    let before = tokens[..place].iter().cloned();
    let behind = tokens[(place + count).min(tokens.len())..].iter().cloned();
    before.chain(by).chain(behind).collect()
}

fn parses(tokens: Vec<TokenWithSpan>) -> bool {
    let dialect = GoogleSql::for_tokens(tokens.len());
    let mut parser = parser(&dialect, tokens);
    parser.parse_statement().is_ok() && parser.peek_token().token == Token::EOF
}

#[cfg(test)]
mod tests {
    use crate::source::SourceText;
    use crate::syntax::{self, StatementKind};

    /// Returns the first error of a text, and the part that it points to.
    fn said(text: &str) -> String {
        let source = SourceText::new("a.sql", text);
        let script = syntax::parse(&source);
        let mut said = String::new();
        script.each(&mut |statement| {
            if let StatementKind::Failed(error) = &statement.kind
                && said.is_empty()
            {
                let at = source.slice(error.span);
                said = format!("{} | {} | {at}", error.message, error.help);
            }
        });
        said
    }

    #[test]
    fn syntax_error_with_one_repair_names_it() {
        for (text, wanted) in [
            (
                "SELECT country COUNT(*) AS n FROM t GROUP BY country",
                "unexpected `COUNT`: a `,` is missing after `country` | write `,` between `country` and `COUNT` | COUNT",
            ),
            (
                "SELECT a FROM t GRUOP BY a",
                "unexpected `GRUOP`: did you mean `GROUP`? | write `GROUP` | GRUOP",
            ),
            (
                "SELECT a FORM t",
                "unexpected `FORM`: did you mean `FROM`? | write `FROM` | FORM",
            ),
            (
                "SELCT a FROM t",
                "unexpected `SELCT`: did you mean `SELECT`? | write `SELECT` | SELCT",
            ),
            (
                "SELECT a FROM t WHERE x => 5",
                "unexpected `=>`: did you mean `>=`? | write `>=` | =>",
            ),
            (
                "WITH a AS (SELECT 1) b AS (SELECT 2) SELECT * FROM a",
                "unexpected `b`: a `,` is missing after `)` | write `,` between `)` and `b` | b",
            ),
            (
                "SELECT a FROM t WHERE (x = 1",
                "`(` is never closed | write the missing `)` | (",
            ),
            ("SELECT COUNT(a)) FROM t", "unexpected `)` | remove `)` | )"),
            (
                "SELECT a FROM t WHERE x = 1 AND",
                "unexpected end of the statement: expected an expression | complete the statement, or remove its last word | AND",
            ),
            (
                "Hello, can you review this?",
                "not a SQL statement: found `Hello` | begin with SELECT, WITH, FROM, CREATE, INSERT or another statement of GoogleSQL | Hello",
            ),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }
}
