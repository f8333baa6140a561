//! Drives the parser: limits, statements, and readable errors.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{self, Location, Token, TokenWithSpan};

use super::dialect::GoogleSql;
use super::directive::directives;
use super::dynamic::ConstantText;
use super::index::{TokenIndex, bytes};
use super::lexer::{self, FaultKind, LexicalFault, Tokens};
use super::script::{Script, SelectClause, Statement, StatementKind, SyntaxError};
use super::{assigned, dynamic, keyword, legacy, repair, rewrite, shift};
use crate::numbers::GroupedNumber;
use crate::source::{SourceText, Span};

/// The maximum number of tokens of a file, including white space.
const TOKEN_LIMIT: usize = 700_000;
/// The maximum number of SELECTs of a file: each is a tree of ten thousand bytes.
const SELECT_LIMIT: usize = 30_000;
/// The maximum depth of nested parentheses, brackets and CASEs.
const NESTING_LIMIT: usize = 300;

/// Parses a text. It never fails: an unparsed part becomes a statement of a kind of
/// its own. The caller provides a large stack.
pub fn parse(source: &SourceText) -> Script {
    nested(source, 0, dynamic::BYTES_LIMIT)
}

/// Parses a text that may be in a string of another text.
pub(super) fn nested(source: &SourceText, nesting: usize, bytes_left: usize) -> Script {
    let Tokens {
        tokens,
        comments,
        count,
        faults,
        broken,
    } = lexer::read(source.text(), TOKEN_LIMIT);
    if count > TOKEN_LIMIT {
        return too_long("tokens", TOKEN_LIMIT);
    }
    let selects = tokens.iter().filter(|token| is_select(&token.token));
    if selects.count() > SELECT_LIMIT {
        return too_long("SELECTs", SELECT_LIMIT);
    }
    if let Some(error) = legacy::declared(source, &tokens, &comments) {
        return Script {
            statements: vec![Statement {
                span: Span::new(0, source.text().len()),
                kind: StatementKind::Failed(error),
            }],
            directives: Vec::new(),
            clauses: Vec::new(),
            index: TokenIndex::default(),
        };
    }
    let directives = directives(source, &comments);
    let index = TokenIndex::new(&tokens);
    let mut tokens = shift::split(tokens);
    keyword::after_dots(&mut tokens);
    keyword::foreign(&mut tokens);
    let mut reader = StatementReader {
        source,
        tokens: &tokens,
        at: 0,
        depth: 0,
        clauses: Vec::new(),
        assigned: assigned::names(&tokens),
        constants: FxHashMap::default(),
        nesting,
        bytes_left,
        faults: Faults::new(faults),
    };
    let read = reader.script();
    let mut clauses = reader.clauses;
    let faults = reader.faults;
    let mut statements = finished(source, tokens, read, &mut clauses);
    clauses.sort_by_key(|clause| clause.select);
    if let Some(broken) = broken {
        // The statement that contains it was cut short there.
        let cut = statements.pop().map_or(broken.span, |cut| cut.span);
        statements.push(Statement {
            span: cut.join(broken.span),
            kind: faulty(&broken),
        });
    }
    statements.extend(faults.into_unseen().map(|fault| Statement {
        span: fault.span,
        kind: faulty(&fault),
    }));
    Script {
        statements,
        directives,
        clauses,
        index,
    }
}

fn is_select(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.keyword == Keyword::SELECT)
}

/// Reports a file that exceeds a limit.
fn too_long(what: &'static str, limit: usize) -> Script {
    Script {
        statements: vec![failed(SyntaxError {
            span: Span::default(),
            message: format!(
                "the file has more than {} {what}",
                GroupedNumber(limit as u64)
            ),
            help: "split it into several files".to_owned(),
            limit: Some(what),
        })],
        directives: Vec::new(),
        clauses: Vec::new(),
        index: TokenIndex::default(),
    }
}

fn failed(error: SyntaxError) -> Statement {
    Statement {
        span: error.span,
        kind: StatementKind::Failed(error),
    }
}

/// Returns the kind of a statement that contains a faulty token.
fn faulty(fault: &LexicalFault) -> StatementKind {
    match &fault.kind {
        FaultKind::Syntax { message, help } => StatementKind::Failed(SyntaxError {
            span: fault.span,
            message: message.clone(),
            help: (*help).to_owned(),
            limit: None,
        }),
        FaultKind::Reserved(name) => {
            StatementKind::Unmodelled(format!("`{name}`, a name reserved for headcount,"))
        }
    }
}

/// The tokens of a text that GoogleSQL rejects, in order. Each has a flag that says
/// whether a statement reported it.
pub(super) struct Faults {
    found: Vec<(LexicalFault, bool)>,
}

impl Faults {
    fn new(faults: Vec<LexicalFault>) -> Self {
        Self {
            found: faults.into_iter().map(|fault| (fault, false)).collect(),
        }
    }

    /// Returns the kind of a statement for its first fault. A syntax error takes
    /// precedence over a reserved name.
    fn in_statement(&mut self, place: Span) -> Option<StatementKind> {
        let first = self
            .found
            .partition_point(|(fault, _)| fault.span.start < place.start);
        let mut inside: Vec<&mut (LexicalFault, bool)> = self.found[first..]
            .iter_mut()
            .take_while(|(fault, _)| fault.span.end <= place.end)
            .collect();
        for (_, seen) in &mut inside {
            *seen = true;
        }
        let syntax = |(fault, _): &&&mut (LexicalFault, bool)| {
            matches!(fault.kind, FaultKind::Syntax { .. })
        };
        let first = inside.iter().find(syntax).or(inside.first())?;
        Some(faulty(&first.0))
    }

    /// Returns the faults outside of statements: in conditions, or before a
    /// semicolon.
    fn into_unseen(self) -> impl Iterator<Item = LexicalFault> {
        let unseen = self.found.into_iter().filter(|(_, seen)| !seen);
        unseen.map(|(fault, _)| fault)
    }
}

/// Parses the top-level statements that contain no others. Each takes its tokens
/// without a copy, because nothing needs them afterwards.
fn finished(
    source: &SourceText,
    tokens: Vec<TokenWithSpan>,
    read: Vec<ReadStatement>,
    clauses: &mut Vec<SelectClause>,
) -> Vec<Statement> {
    // Most texts are a single statement, which takes all tokens without a copy.
    if let [ReadStatement::Plain { place, span }] = read.as_slice()
        && place.start == 0
    {
        let mut own = tokens;
        own.truncate(place.end);
        return vec![plain(source, own, *span, clauses)];
    }
    let mut at = 0;
    let mut tokens = tokens.into_iter();
    let mut finish = |read| match read {
        ReadStatement::Whole(statement) => statement,
        ReadStatement::Plain { place, span } => {
            let own = tokens.by_ref().skip(place.start - at).take(place.len());
            at = place.end;
            plain(source, own.collect(), span, clauses)
        }
    };
    read.into_iter().map(&mut finish).collect()
}

/// Parses a statement of SQL from its tokens.
fn plain(
    source: &SourceText,
    tokens: Vec<TokenWithSpan>,
    span: Span,
    clauses: &mut Vec<SelectClause>,
) -> Statement {
    let (tokens, mut found) = rewrite::statement(tokens);
    clauses.append(&mut found);
    let kind = tree(source, tokens);
    Statement { span, kind }
}

/// A statement after its tokens were read.
pub(super) enum ReadStatement {
    /// A finished statement.
    Whole(Statement),
    /// SQL that is not parsed yet.
    Plain {
        /// The range of its tokens.
        place: Range<usize>,
        /// Its place in the text.
        span: Span,
    },
}

/// Reads the tokens of a text, without white space, statement by statement.
pub(super) struct StatementReader<'a> {
    pub(super) source: &'a SourceText,
    pub(super) tokens: &'a [TokenWithSpan],
    /// The index of the next token.
    pub(super) at: usize,
    /// The number of enclosing blocks.
    pub(super) depth: usize,
    pub(super) clauses: Vec<SelectClause>,
    /// Variables that may be assigned after their declaration, in lower case.
    pub(super) assigned: FxHashSet<String>,
    /// Texts that variables hold from their declaration on. `None` for a variable
    /// without a constant text.
    pub(super) constants: FxHashMap<String, Option<ConstantText>>,
    /// The number of strings that enclose this text.
    pub(super) nesting: usize,
    /// The number of bytes that further strings may have.
    pub(super) bytes_left: usize,
    /// The tokens that GoogleSQL rejects.
    faults: Faults,
}

impl StatementReader<'_> {
    /// Parses a statement that contains no others.
    pub(super) fn single(&mut self, start: usize, end: usize) -> Statement {
        let read = self.read(start, end);
        self.whole(read)
    }

    /// Parses a statement from tokens that do not occur in the text in this form.
    pub(super) fn read_tokens(&mut self, tokens: Vec<TokenWithSpan>, span: Span) -> Statement {
        if let Some(deep) = too_deep(&tokens) {
            let kind = StatementKind::Failed(nested_too_deep(bytes(deep.span)));
            return Statement { span, kind };
        }
        plain(self.source, tokens, span, &mut self.clauses)
    }

    /// Parses a statement inside another one; its tokens are copied.
    pub(super) fn whole(&mut self, read: ReadStatement) -> Statement {
        match read {
            ReadStatement::Whole(statement) => statement,
            ReadStatement::Plain { place, span } => {
                let own = self.tokens[place].to_vec();
                plain(self.source, own, span, &mut self.clauses)
            }
        }
    }

    /// Reads a statement that contains no others, without parsing SQL.
    pub(super) fn read(&mut self, start: usize, end: usize) -> ReadStatement {
        let end = end.min(self.tokens.len());
        let place = start.min(end)..end;
        let span = self.span(place.start, place.end);
        if let Some(error) = legacy::table(&self.tokens[place.clone()]) {
            let kind = StatementKind::Failed(error);
            return ReadStatement::Whole(Statement { span, kind });
        }
        if let Some(kind) = self.faults.in_statement(span) {
            return ReadStatement::Whole(Statement { span, kind });
        }
        let kind = match too_deep(&self.tokens[place.clone()]) {
            Some(deep) => StatementKind::Failed(nested_too_deep(bytes(deep.span))),
            None => match self.special(place.start, place.end) {
                Some(special) => special,
                None => {
                    self.note_constants(place.start, place.end);
                    return ReadStatement::Plain { place, span };
                }
            },
        };
        ReadStatement::Whole(Statement { span, kind })
    }
}

fn nested_too_deep(span: Span) -> SyntaxError {
    SyntaxError {
        span,
        message: format!(
            "more than {NESTING_LIMIT} nested parentheses, brackets or CASE expressions"
        ),
        help: "move the inner parts into CTEs".to_owned(),
        limit: Some("nesting"),
    }
}

fn too_deep(tokens: &[TokenWithSpan]) -> Option<&TokenWithSpan> {
    let mut depth = 0_usize;
    tokens.iter().find(|token| {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Word(word) if word.quote_style.is_none() => {
                if word.keyword == Keyword::CASE {
                    depth += 1;
                } else if word.keyword == Keyword::END {
                    depth = depth.saturating_sub(1);
                }
            }
            _ => {}
        }
        depth > NESTING_LIMIT
    })
}

/// Creates a parser for the tokens of one statement.
pub(super) fn parser<'d>(dialect: &'d GoogleSql, tokens: Vec<TokenWithSpan>) -> Parser<'d> {
    Parser::new(dialect)
        .with_recursion_limit(NESTING_LIMIT * 10)
        .with_tokens_with_locations(tokens)
}

fn tree(source: &SourceText, tokens: Vec<TokenWithSpan>) -> StatementKind {
    let last = tokens
        .last()
        .map_or(Span::default(), |token| bytes(token.span));
    let dialect = GoogleSql::for_tokens(tokens.len());
    let mut parser = parser(&dialect, tokens);
    let parsed = parser.parse_statement();
    let next = parser.peek_token();
    let error = match parsed {
        Ok(statement) if next.token == Token::EOF => {
            return StatementKind::Sql(Box::new(statement));
        }
        Ok(_) => SyntaxError {
            span: bytes(next.span),
            message: format!(
                "unexpected `{}` behind the end of the statement",
                next.token
            ),
            help: misplaced(&next.token).to_owned(),
            limit: None,
        },
        Err(error) => failure(source, error, last),
    };
    if error.limit.is_some() {
        return StatementKind::Failed(error);
    }
    let tokens = parser.into_tokens();
    StatementKind::Failed(match repair::repair(source, &tokens, error.span) {
        Some(found) => SyntaxError {
            span: found.span,
            message: found.message,
            help: found.help,
            limit: None,
        },
        None => error,
    })
}

/// Returns the advice for a token after the end of a statement.
fn misplaced(token: &Token) -> &'static str {
    let word = match token {
        Token::Word(word) if word.quote_style.is_none() => word.value.to_ascii_uppercase(),
        _ => String::new(),
    };
    match word.as_str() {
        "FROM" | "JOIN" | "ON" | "WHERE" | "GROUP" | "HAVING" | "QUALIFY" | "WINDOW" | "ORDER"
        | "LIMIT" => {
            "check the order of the clauses: SELECT, FROM, WHERE, GROUP BY, HAVING, QUALIFY, ORDER BY, LIMIT"
        }
        "WHEN" | "THEN" | "ELSE" | "END" => "complete the CASE: CASE WHEN ... THEN ... END",
        "SELECT" | "WITH" | "CREATE" | "INSERT" | "MERGE" | "UPDATE" | "DELETE" | "DECLARE"
        | "SET" | "DROP" | "ALTER" => "separate statements with `;`",
        _ => "remove it, or write the missing operator or `,` before it",
    }
}

/// Converts an error of the parser to a readable one.
fn failure(source: &SourceText, error: ParserError, last: Span) -> SyntaxError {
    let (message, limit) = match error {
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => (message, None),
        ParserError::RecursionLimitExceeded => (
            "expressions are nested too deeply".to_owned(),
            Some("nesting"),
        ),
    };
    let (message, place) = located(source, &message);
    let help = "correct the statement; if BigQuery accepts it as it is, report a bug of headcount";
    let mut error = SyntaxError {
        span: place.unwrap_or(last),
        message,
        help: help.to_owned(),
        limit,
    };
    let parts = error.message.strip_prefix("Expected: ");
    let parts = parts.and_then(|rest| rest.rsplit_once(", found: "));
    let Some((expected, found)) = parts else {
        return error;
    };
    let expected = match expected {
        mark if !mark.contains(char::is_alphanumeric) => format!("`{mark}`"),
        words => words.to_owned(),
    };
    (error.message, error.help) = match (expected.as_str(), found) {
        ("an SQL statement", found) => (
            format!("not a SQL statement: found `{found}`"),
            "begin with SELECT, WITH, FROM, CREATE, INSERT or another statement of GoogleSQL"
                .to_owned(),
        ),
        (expected, "EOF") => (
            format!("unexpected end of the statement: expected {expected}"),
            "complete the statement, or remove its last word".to_owned(),
        ),
        (expected, found) => (
            format!("unexpected `{found}`: expected {expected}"),
            error.help,
        ),
    };
    error
}

/// Splits an error message of the parser into its text and its place.
fn located(source: &SourceText, message: &str) -> (String, Option<Span>) {
    let Some((text, place)) = message.rsplit_once(" at Line: ") else {
        return (message.to_owned(), None);
    };
    let mut numbers = place
        .split(", Column: ")
        .map(|number| number.trim().parse::<u64>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(line), Some(column)) => {
            let span = Location::new(line, column);
            let start = bytes(tokenizer::Span::new(span, span)).start as usize;
            let rest = source.text().get(start..).unwrap_or("");
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let end = match word {
                Some(0) => start + rest.chars().next().map_or(0, char::len_utf8),
                Some(length) => start + length,
                None => source.text().len(),
            };
            (text.to_owned(), Some(Span::new(start, end)))
        }
        _ => (text.to_owned(), None),
    }
}
