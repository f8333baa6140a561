//! The parser's frame: limits, statements, errors for people.

use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::dialect::GoogleSql;
use super::directive::directives;
use super::index::{TokenIndex, bytes};
use super::literal::Literals;
use super::script::{Script, Statement, StatementKind, SyntaxError};
use super::{assigned, keyword, rewrite, shift, split, unmodelled};
use crate::source::{SourceText, Span};

/// Tokens of a file, white space included.
const TOKEN_LIMIT: usize = 1_000_000;
/// Parentheses, brackets and CASE that may stand inside each other.
const NESTING_LIMIT: usize = 300;

/// Parses a text. It never fails: what is not understood is a statement of its
/// own kind. The caller gives it a large stack.
pub fn parse(source: &SourceText) -> Script {
    let mut tokens = Vec::new();
    let literals = Literals::new(source.text());
    let broken = Tokenizer::new(&GoogleSql, literals.plain())
        .tokenize_with_location_into_buf(&mut tokens)
        .err();
    let unclosed = literals.unclosed();
    literals.restore(source, &mut tokens);
    let too_many = tokens.len() > TOKEN_LIMIT;
    if too_many {
        tokens.clear();
    }
    let mut script = Script {
        statements: Vec::new(),
        directives: directives(source, &tokens),
        assigned: assigned::names(&tokens),
        index: TokenIndex::new(source, &tokens),
    };
    if too_many {
        script.statements.push(failed(SyntaxError {
            span: Span::default(),
            message: format!("the file has more than {TOKEN_LIMIT} tokens"),
            help: "split it into several files".to_owned(),
            limit: Some("tokens"),
        }));
        return script;
    }
    let mut tokens = shift::split(tokens);
    keyword::after_dots(&mut tokens);
    keyword::foreign(&mut tokens);
    for range in split::statements(&tokens) {
        script.statements.push(statement(source, &tokens[range]));
    }
    if let Some(error) = broken {
        // The statement that holds the broken token was cut short there.
        let at = unclosed
            .unwrap_or_else(|| source.offset(error.location.line, error.location.column));
        let span = Span { start: at, end: at };
        let whole = script.statements.pop().map_or(span, |cut| cut.span);
        script.statements.push(Statement {
            span: whole.join(span),
            kind: StatementKind::Failed(SyntaxError {
                span,
                message: error.message,
                help: "close the string, name or comment that begins here".to_owned(),
                limit: None,
            }),
            clauses: Vec::new(),
        });
    }
    script
}

fn failed(error: SyntaxError) -> Statement {
    Statement {
        span: error.span,
        kind: StatementKind::Failed(error),
        clauses: Vec::new(),
    }
}

fn statement(source: &SourceText, tokens: &[TokenWithSpan]) -> Statement {
    let written: Vec<TokenWithSpan> = tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .cloned()
        .collect();
    let span = written
        .iter()
        .fold(Span::default(), |span, token| span.join(bytes(source, token.span)));
    let mut clauses = Vec::new();
    let kind = match too_deep(&written) {
        Some(deep) => StatementKind::Failed(SyntaxError {
            span: bytes(source, deep.span),
            message: format!("more than {NESTING_LIMIT} parentheses, brackets or CASE inside each other"),
            help: "move the inner parts into CTEs".to_owned(),
            limit: Some("nesting"),
        }),
        None => match unmodelled::recognise(&written) {
            Some(recognised) => {
                let query = recognised.query.and_then(|at| written.get(at..));
                let query = query.map(|query| statement(source, query));
                match query {
                    // The query inside is the statement's own mistake.
                    Some(Statement { kind: StatementKind::Failed(error), .. }) => {
                        StatementKind::Failed(error)
                    }
                    query => {
                        if let Some(query) = &query {
                            clauses.clone_from(&query.clauses);
                        }
                        StatementKind::Unmodelled(unmodelled::with_query(recognised.unmodelled, query))
                    }
                }
            }
            None => {
                let (tokens, found) = rewrite::statement(source, &written);
                clauses = found;
                tree(source, tokens)
            }
        },
    };
    Statement {
        span,
        kind,
        clauses,
    }
}

fn too_deep(tokens: &[TokenWithSpan]) -> Option<&TokenWithSpan> {
    let mut depth = 0_usize;
    tokens.iter().find(|token| {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Word(word) if word.quote_style.is_none() => {
                match word.value.to_uppercase().as_str() {
                    "CASE" => depth += 1,
                    "END" => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            _ => {}
        }
        depth > NESTING_LIMIT
    })
}

fn tree(source: &SourceText, tokens: Vec<TokenWithSpan>) -> StatementKind {
    let mut parser = Parser::new(&GoogleSql)
        .with_recursion_limit(NESTING_LIMIT * 10)
        .with_tokens_with_locations(tokens.clone());
    let parsed = parser.parse_statement();
    let next = parser.peek_token();
    let last = tokens
        .last()
        .map_or(Span::default(), |token| bytes(source, token.span));
    match parsed {
        Ok(statement) if next.token == Token::EOF => StatementKind::Sql(Box::new(statement)),
        Ok(_) => StatementKind::Failed(SyntaxError {
            span: bytes(source, next.span),
            message: format!("the statement ends before `{}`, which does not belong to it", next.token),
            help: "a semicolon may be missing before it".to_owned(),
            limit: None,
        }),
        Err(error) => {
            let (message, limit) = match error {
                ParserError::ParserError(message) | ParserError::TokenizerError(message) => {
                    (message, None)
                }
                ParserError::RecursionLimitExceeded => {
                    ("expressions inside each other too deeply".to_owned(), Some("nesting"))
                }
            };
            let (message, place) = located(source, &message);
            StatementKind::Failed(SyntaxError {
                span: place.unwrap_or(last),
                message,
                help: "this is not GoogleSQL as headcount reads it; the rest of the file is still assessed".to_owned(),
                limit,
            })
        }
    }
}

/// The place that the parser writes at the end of its message, apart from it.
fn located(source: &SourceText, message: &str) -> (String, Option<Span>) {
    let Some((text, place)) = message.rsplit_once(" at Line: ") else {
        return (message.to_owned(), None);
    };
    let mut numbers = place
        .split(", Column: ")
        .map(|number| number.trim().parse::<u64>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(line), Some(column)) => {
            let start = source.offset(line, column);
            let end = source.offset(line, column + 1);
            (text.to_owned(), Some(Span { start, end }))
        }
        _ => (text.to_owned(), None),
    }
}
