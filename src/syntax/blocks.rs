//! Parses lists of statements, and statements that contain others.

use std::ops::Range;

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::parse::{ReadStatement, StatementReader};
use super::script::{
    Branch, LoopKind, Parameter, Procedure, Statement, StatementKind, SyntaxError,
};
use super::words::{StatementWords, is};
use crate::source::Span;

/// The maximum depth of nested blocks.
const DEPTH_LIMIT: usize = 50;

impl StatementReader<'_> {
    /// Reads the statements up to the end of the text.
    pub(super) fn script(&mut self) -> Vec<ReadStatement> {
        let mut statements = Vec::new();
        while self.has_next(&[]) {
            statements.push(self.next());
        }
        statements
    }

    /// Reads statements up to a word that ends their list.
    fn list(&mut self, until: &[&str]) -> Vec<Statement> {
        let mut statements = Vec::new();
        while self.has_next(until) {
            let read = self.next();
            statements.push(self.whole(read));
        }
        statements
    }

    /// Skips semicolons, and returns whether the list has another statement.
    fn has_next(&mut self, until: &[&str]) -> bool {
        while self.sign(&Token::SemiColon) {
            self.at += 1;
        }
        self.at < self.tokens.len() && !until.iter().any(|word| self.word(word))
    }

    /// Reads the next statement, which takes at least one token.
    fn next(&mut self) -> ReadStatement {
        let start = self.at;
        let deep = self.depth >= DEPTH_LIMIT;
        self.depth += 1;
        let kind = match self.block_kind() {
            Some(_) if deep => {
                self.skip_statement();
                Some(StatementKind::Failed(SyntaxError {
                    span: self.span(start, start + 1),
                    message: format!("more than {DEPTH_LIMIT} nested blocks"),
                    help: "move the inner blocks into procedures".to_owned(),
                    limit: Some("nesting"),
                }))
            }
            Some((block_kind, label)) => self.held(block_kind, label),
            None => None,
        };
        self.depth -= 1;
        let read = match kind {
            Some(kind) => ReadStatement::Whole(Statement {
                span: self.span(start, self.at),
                kind,
            }),
            None => {
                self.at = start;
                self.skip_statement();
                self.read(start, self.at)
            }
        };
        self.at = self.at.max(start + 1);
        read
    }

    /// Returns the kind and the label of a statement here that contains others.
    fn block_kind(&mut self) -> Option<(BlockKind, Option<String>)> {
        let colon = self.tokens.get(self.at + 1).map(|token| &token.token) == Some(&Token::Colon);
        let label = match self.tokens.get(self.at).map(|token| &token.token) {
            Some(Token::Word(word)) if colon => Some(word.value.to_lowercase()),
            Some(_) | None => None,
        };
        let labelled = label.is_some();
        let first = if labelled { self.at + 2 } else { self.at };
        let at = |word: &str| is(self.tokens.get(first), word);
        let block_kind = if at("BEGIN") {
            match self.tokens.get(first + 1).map(|token| &token.token) {
                None | Some(Token::SemiColon) => return None,
                Some(_) if is(self.tokens.get(first + 1), "TRANSACTION") => return None,
                Some(_) => BlockKind::Block,
            }
        } else if at("LOOP") {
            BlockKind::Loop
        } else if at("WHILE") {
            BlockKind::While
        } else if at("REPEAT") {
            BlockKind::Repeat
        } else if at("FOR") {
            BlockKind::For
        } else if labelled {
            return None;
        } else if at("IF") {
            BlockKind::If
        } else if at("CASE") {
            BlockKind::Case
        } else if StatementWords::of(&self.tokens[first..]).begin(&["CREATE", "PROCEDURE"]) {
            BlockKind::Procedure
        } else {
            return None;
        };
        self.at = first;
        Some((block_kind, label))
    }

    /// Reads a statement that contains others; `None` if it proves not to be one.
    fn held(&mut self, block_kind: BlockKind, label: Option<String>) -> Option<StatementKind> {
        let start = self.at;
        self.at += 1;
        Some(match block_kind {
            BlockKind::Block => {
                let (body, handler) = self.guarded(start)?;
                StatementKind::Block {
                    label,
                    body,
                    handler,
                }
            }
            BlockKind::Loop => {
                let mut body = self.list(&["END"]);
                self.close(start, &["LOOP"], &mut body);
                StatementKind::Loop {
                    label,
                    rounds: LoopKind::Endless,
                    body,
                }
            }
            BlockKind::While => {
                let asked = Box::new(self.condition_before("DO", None)?);
                let mut body = self.list(&["END"]);
                self.close(start, &["WHILE"], &mut body);
                StatementKind::Loop {
                    label,
                    rounds: LoopKind::While(asked),
                    body,
                }
            }
            BlockKind::Repeat => {
                let mut body = self.list(&["UNTIL", "END"]);
                let asked = self.word("UNTIL").then(|| {
                    let first = self.at + 1;
                    self.skip_condition();
                    Box::new(self.condition(None, first..self.at))
                });
                self.close(start, &["REPEAT"], &mut body);
                StatementKind::Loop {
                    label,
                    rounds: LoopKind::Until(asked),
                    body,
                }
            }
            BlockKind::For => {
                let name = match self.tokens.get(self.at).map(|token| &token.token) {
                    Some(Token::Word(word)) => word.value.to_lowercase(),
                    Some(_) | None => return None,
                };
                self.at += 1;
                if !self.word("IN") {
                    return None;
                }
                let query = self.at + 1;
                self.past("DO")?;
                let query = Box::new(self.single(query, self.at - 1));
                let mut body = self.list(&["END"]);
                self.close(start, &["FOR"], &mut body);
                StatementKind::Loop {
                    label,
                    rounds: LoopKind::Rows(name, query),
                    body,
                }
            }
            BlockKind::If => {
                let mut branches = Vec::new();
                loop {
                    let condition = Box::new(self.condition_before("THEN", None)?);
                    let body = self.list(&["ELSEIF", "ELSE", "END"]);
                    branches.push(Branch { condition, body });
                    if !self.word("ELSEIF") {
                        break;
                    }
                    self.at += 1;
                }
                self.alternatives(start, "IF", branches)
            }
            BlockKind::Case => {
                let operand = self.at;
                if !self.word("WHEN") {
                    self.past("WHEN")?;
                    self.at -= 1;
                }
                let operand = (operand < self.at).then_some(operand..self.at);
                let mut branches = Vec::new();
                while self.word("WHEN") {
                    self.at += 1;
                    let condition = Box::new(self.condition_before("THEN", operand.clone())?);
                    let body = self.list(&["WHEN", "ELSE", "END"]);
                    branches.push(Branch { condition, body });
                }
                self.alternatives(start, "CASE", branches)
            }
            BlockKind::Procedure => return self.procedure(start),
        })
    }

    /// Reads the statements of a block and its handler, up to its END.
    fn guarded(&mut self, start: usize) -> Option<(Vec<Statement>, Option<Vec<Statement>>)> {
        let mut body = self.list(&["END", "EXCEPTION"]);
        let mut handler = None;
        if self.word("EXCEPTION") {
            self.past("THEN")?;
            handler = Some(self.list(&["END"]));
        }
        self.close(start, &[], &mut body);
        Some((body, handler))
    }

    /// Reads a condition up to a word, and moves past the word.
    fn condition_before(&mut self, word: &str, operand: Option<Range<usize>>) -> Option<Statement> {
        let first = self.at;
        self.past(word)?;
        Some(self.condition(operand, first..self.at - 1))
    }

    /// Builds `SELECT condition`; with an operand of CASE, the equation of both.
    pub(super) fn condition(
        &mut self,
        operand: Option<Range<usize>>,
        place: Range<usize>,
    ) -> Statement {
        let span = self.span(place.start, place.end);
        let Some(first) = self.tokens.get(operand.as_ref().unwrap_or(&place).start) else {
            return self.read_tokens(Vec::new(), span);
        };
        let at = first.span.start;
        let made = |token| TokenWithSpan {
            token,
            span: sqlparser::tokenizer::Span { start: at, end: at },
        };
        let mut tokens = vec![made(Token::make_keyword("SELECT"))];
        if let Some(operand) = operand {
            tokens.push(made(Token::LParen));
            tokens.extend_from_slice(&self.tokens[operand]);
            tokens.extend([Token::RParen, Token::Eq].map(made));
        }
        tokens.push(made(Token::LParen));
        tokens.extend_from_slice(&self.tokens[place]);
        tokens.push(made(Token::RParen));
        self.read_tokens(tokens, span)
    }

    /// Reads ELSE and END after the other branches.
    fn alternatives(
        &mut self,
        start: usize,
        word: &'static str,
        branches: Vec<Branch>,
    ) -> StatementKind {
        let mut otherwise = None;
        if self.word("ELSE") {
            self.at += 1;
            otherwise = Some(self.list(&["END"]));
        }
        let mut unclosed = Vec::new();
        self.close(start, &[word], &mut unclosed);
        if !unclosed.is_empty() {
            otherwise.get_or_insert_default().append(&mut unclosed);
        }
        StatementKind::Branches {
            branches,
            otherwise,
        }
    }

    /// Reads `CREATE PROCEDURE name(mode name type, …) OPTIONS (…) BEGIN … END`.
    fn procedure(&mut self, start: usize) -> Option<StatementKind> {
        let create = StatementWords::of(&self.tokens[start..]);
        self.at = start + create.after("PROCEDURE")?;
        let keeps = self.word("IF");
        let name = self.path()?.join(".").to_lowercase();
        let mut parameters = Vec::new();
        if self.sign(&Token::LParen) {
            let close = self.closing(self.at)?;
            for range in split(&self.tokens[self.at + 1..close]) {
                parameters.extend(parameter(range));
            }
            self.at = close + 1;
        }
        // Its parameters hide variables of the script with the same names.
        for parameter in &parameters {
            self.constants.insert(parameter.name.clone(), None);
        }
        // Skips OPTIONS and the like; a body in another language has no BEGIN.
        while self.at < self.tokens.len() && !self.word("BEGIN") && !self.sign(&Token::SemiColon) {
            self.at = match self.sign(&Token::LParen).then(|| self.closing(self.at)) {
                Some(close) => close? + 1,
                None => self.at + 1,
            };
        }
        let body = self.word("BEGIN").then(|| {
            self.at += 1;
            let begin = self.at - 1;
            let (body, handler) = self.guarded(start)?;
            let kind = StatementKind::Block {
                label: None,
                body,
                handler,
            };
            let span = self.span(begin, self.at);
            Some(vec![Statement { span, kind }])
        });
        let body = match body {
            Some(body) => Some(body?),
            None => None,
        };
        Some(StatementKind::Procedure(Procedure {
            name,
            keeps,
            parameters,
            body,
        }))
    }

    /// Reads `END`, the repeated opening word and a label. A missing END is an error
    /// of its own; the statements inside are kept.
    fn close(&mut self, start: usize, words: &[&str], inside: &mut Vec<Statement>) {
        if !self.word("END") {
            let span = self.span(start, start + 1);
            inside.push(Statement {
                span,
                kind: StatementKind::Failed(SyntaxError {
                    span,
                    message: "this block has no END".to_owned(),
                    help: "close it with END".to_owned(),
                    limit: None,
                }),
            });
            return;
        }
        self.at += 1;
        for word in words {
            if self.word(word) {
                self.at += 1;
            }
        }
        while self.at < self.tokens.len() && !self.sign(&Token::SemiColon) {
            let label = matches!(self.tokens[self.at].token, Token::Word(_));
            if !label || self.word("END") {
                return;
            }
            self.at += 1;
        }
    }

    /// Moves past a word that ends a condition, outside of parentheses and CASE.
    /// `None` if the statement ends before it.
    fn past(&mut self, word: &str) -> Option<()> {
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            match &token.token {
                Token::LParen | Token::LBracket => depth += 1,
                Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
                Token::SemiColon => return None,
                Token::Word(_) if depth == 0 && self.word(word) => {
                    self.at += 1;
                    return Some(());
                }
                Token::Word(_) if self.word("CASE") => depth += 1,
                Token::Word(_) if self.word("END") => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
        None
    }

    /// Moves to the END after a condition.
    fn skip_condition(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() && !self.sign(&Token::SemiColon) {
            if self.word("CASE") {
                depth += 1;
            } else if self.word("END") {
                if depth == 0 {
                    return;
                }
                depth -= 1;
            }
            self.at += 1;
        }
    }

    fn skip_statement(&mut self) {
        while self.at < self.tokens.len() && !self.sign(&Token::SemiColon) {
            self.at += 1;
        }
    }

    /// Whether the next token is this unquoted word.
    pub(super) fn word(&self, word: &str) -> bool {
        is(self.tokens.get(self.at), word)
    }

    fn sign(&self, sign: &Token) -> bool {
        self.tokens.get(self.at).map(|token| &token.token) == Some(sign)
    }

    /// Reads a dotted name, and moves past it.
    fn path(&mut self) -> Option<Vec<String>> {
        let (parts, length) = StatementWords::of(&self.tokens[self.at..]).path(0)?;
        self.at += length;
        Some(parts)
    }

    fn closing(&self, open: usize) -> Option<usize> {
        super::rewrite::closing(self.tokens, open)
    }

    /// Returns the span from one token up to, but excluding, another.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let end = end.min(self.tokens.len());
        match (self.tokens.get(start), end.checked_sub(1)) {
            (Some(first), Some(last)) if last >= start => {
                let first = super::index::bytes(first.span);
                first.join(super::index::bytes(self.tokens[last].span))
            }
            _ => Span::default(),
        }
    }
}

/// The kinds of statements that contain others.
#[derive(Debug, Clone, Copy)]
enum BlockKind {
    Block,
    If,
    Case,
    Loop,
    While,
    Repeat,
    For,
    Procedure,
}

/// Splits tokens at commas outside of parentheses and types.
pub(super) fn split(tokens: &[TokenWithSpan]) -> Vec<&[TokenWithSpan]> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen | Token::Lt => depth += 1,
            Token::RParen | Token::Gt => depth = depth.saturating_sub(1),
            Token::ShiftRight => depth = depth.saturating_sub(2),
            Token::Comma if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[start..]);
    parts
}

/// Reads a parameter such as `INOUT total INT64`.
fn parameter(tokens: &[TokenWithSpan]) -> Option<Parameter> {
    let modes = ["IN", "OUT", "INOUT"];
    let mode = modes.iter().find(|mode| is(tokens.first(), mode));
    let name = match tokens
        .get(usize::from(mode.is_some()))
        .map(|token| &token.token)
    {
        Some(Token::Word(word)) => word.value.to_lowercase(),
        Some(_) | None => return None,
    };
    Some(Parameter {
        name,
        out: mode.is_some_and(|mode| *mode != "IN"),
        starts_unset: mode.is_some_and(|mode| *mode == "OUT"),
    })
}
