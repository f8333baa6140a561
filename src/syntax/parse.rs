//! The parser's frame: limits, statements, errors for people.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{self, Location, Token, TokenWithSpan};

use super::dialect::GoogleSql;
use super::directive::directives;
use super::dynamic::ConstantText;
use super::index::{TokenIndex, bytes};
use super::lexer::{self, Fault, FaultKind, Tokens};
use super::script::{Script, SelectClause, Statement, StatementKind, SyntaxError};
use super::{assigned, dynamic, keyword, legacy, repair, rewrite, shift};
use crate::numbers::Grouped;
use crate::source::{SourceText, Span};

/// Tokens of a file, white space included.
const TOKEN_LIMIT: usize = 700_000;
/// SELECTs of a file: each is a tree of ten thousand bytes.
const SELECT_LIMIT: usize = 30_000;
/// Parentheses, brackets and CASE that may stand inside each other.
const NESTING_LIMIT: usize = 300;

/// Parses a text. It never fails: what is not understood is a statement of its
/// own kind. The caller gives it a large stack.
pub fn parse(source: &SourceText) -> Script {
    nested(source, 0, dynamic::BYTES_LIMIT)
}

/// Parses a text that may stand in a string of another one.
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
    let mut reader = Reader {
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
        // The statement that holds it was cut short there.
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

/// A file with more of something than there is room for.
fn too_long(what: &'static str, limit: usize) -> Script {
    Script {
        statements: vec![failed(SyntaxError {
            span: Span::default(),
            message: format!("the file has more than {} {what}", Grouped(limit as u64)),
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

/// What a statement is that has a token of the kind.
fn faulty(fault: &Fault) -> StatementKind {
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

/// The tokens of a text that the engine rejects, in order, and which of them a
/// statement has failed for.
pub(super) struct Faults {
    found: Vec<(Fault, bool)>,
}

impl Faults {
    fn new(faults: Vec<Fault>) -> Self {
        Self {
            found: faults.into_iter().map(|fault| (fault, false)).collect(),
        }
    }

    /// What the statement at a place is for the first one in it, a syntax error
    /// before a name.
    fn in_statement(&mut self, place: Span) -> Option<StatementKind> {
        let first = self
            .found
            .partition_point(|(fault, _)| fault.span.start < place.start);
        let mut inside: Vec<&mut (Fault, bool)> = self.found[first..]
            .iter_mut()
            .take_while(|(fault, _)| fault.span.end <= place.end)
            .collect();
        for (_, seen) in &mut inside {
            *seen = true;
        }
        let syntax =
            |(fault, _): &&&mut (Fault, bool)| matches!(fault.kind, FaultKind::Syntax { .. });
        let first = inside.iter().find(syntax).or(inside.first())?;
        Some(faulty(&first.0))
    }

    /// Those that stand in no statement: in conditions, before a semicolon.
    fn into_unseen(self) -> impl Iterator<Item = Fault> {
        let unseen = self.found.into_iter().filter(|(_, seen)| !seen);
        unseen.map(|(fault, _)| fault)
    }
}

/// The statements that were read, and for those of the whole text that hold no
/// others their trees: each takes its tokens, which nothing needs after it.
fn finished(
    source: &SourceText,
    tokens: Vec<TokenWithSpan>,
    read: Vec<Read>,
    clauses: &mut Vec<SelectClause>,
) -> Vec<Statement> {
    // Most texts are one statement, which takes all of them as they lie there.
    if let [Read::Plain { place, span }] = read.as_slice()
        && place.start == 0
    {
        let mut own = tokens;
        own.truncate(place.end);
        return vec![plain(source, own, *span, clauses)];
    }
    let mut at = 0;
    let mut tokens = tokens.into_iter();
    let mut finish = |read| match read {
        Read::Whole(statement) => statement,
        Read::Plain { place, span } => {
            let own = tokens.by_ref().skip(place.start - at).take(place.len());
            at = place.end;
            plain(source, own.collect(), span, clauses)
        }
    };
    read.into_iter().map(&mut finish).collect()
}

/// A statement of SQL, of its tokens.
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

/// A statement as its tokens were read.
pub(super) enum Read {
    /// All of it is known.
    Whole(Statement),
    /// It is SQL that is still to be parsed.
    Plain {
        /// Its tokens.
        place: Range<usize>,
        /// Where it stands.
        span: Span,
    },
}

/// Reads the tokens of a text, without white space, statement by statement.
pub(super) struct Reader<'a> {
    pub(super) source: &'a SourceText,
    pub(super) tokens: &'a [TokenWithSpan],
    /// The token that is read next.
    pub(super) at: usize,
    /// Blocks around it.
    pub(super) depth: usize,
    pub(super) clauses: Vec<SelectClause>,
    /// Variables that may get a value after their declaration, lower case.
    pub(super) assigned: FxHashSet<String>,
    /// Variables that hold a text from their declaration on; `None` where that
    /// is not so.
    pub(super) constants: FxHashMap<String, Option<ConstantText>>,
    /// How many strings this text stands in.
    pub(super) nesting: usize,
    /// What strings may still hold.
    pub(super) bytes_left: usize,
    /// The tokens that the engine rejects.
    faults: Faults,
}

impl Reader<'_> {
    /// A statement that holds no others.
    pub(super) fn single(&mut self, start: usize, end: usize) -> Statement {
        let read = self.read(start, end);
        self.whole(read)
    }

    /// A statement of tokens that do not stand in the text like this.
    pub(super) fn read_tokens(&mut self, tokens: Vec<TokenWithSpan>, span: Span) -> Statement {
        if let Some(deep) = too_deep(&tokens) {
            let kind = StatementKind::Failed(nested_too_deep(bytes(deep.span)));
            return Statement { span, kind };
        }
        plain(self.source, tokens, span, &mut self.clauses)
    }

    /// A statement, parsed beside others that stand inside the same one.
    pub(super) fn whole(&mut self, read: Read) -> Statement {
        match read {
            Read::Whole(statement) => statement,
            Read::Plain { place, span } => {
                let own = self.tokens[place].to_vec();
                plain(self.source, own, span, &mut self.clauses)
            }
        }
    }

    /// A statement that holds no others, before it is parsed.
    pub(super) fn read(&mut self, start: usize, end: usize) -> Read {
        let end = end.min(self.tokens.len());
        let place = start.min(end)..end;
        let span = self.span(place.start, place.end);
        if let Some(error) = legacy::table(&self.tokens[place.clone()]) {
            let kind = StatementKind::Failed(error);
            return Read::Whole(Statement { span, kind });
        }
        if let Some(kind) = self.faults.in_statement(span) {
            return Read::Whole(Statement { span, kind });
        }
        let kind = match too_deep(&self.tokens[place.clone()]) {
            Some(deep) => StatementKind::Failed(nested_too_deep(bytes(deep.span))),
            None => match self.special(place.start, place.end) {
                Some(special) => special,
                None => {
                    self.note_constants(place.start, place.end);
                    return Read::Plain { place, span };
                }
            },
        };
        Read::Whole(Statement { span, kind })
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

/// A parser of the tokens of one statement.
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

/// What to do about a token behind the end of a statement.
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

/// What the parser says of a mistake, in plain words.
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
