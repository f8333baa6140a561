//! Lists of statements: where each begins and ends, and which hold others.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::assigned;
use super::parse::{Read, Reader};
use super::script::{Parameter, Procedure, Statement, StatementKind, SyntaxError};
use super::words::{Words, is};
use crate::source::Span;

/// Blocks that may stand inside each other.
const DEPTH_LIMIT: usize = 50;

impl Reader<'_> {
    /// The statements up to the end of the text.
    pub(super) fn script(&mut self) -> Vec<Read> {
        let mut statements = Vec::new();
        while self.goes_on(&[]) {
            statements.push(self.next());
        }
        statements
    }

    /// Statements up to one that begins with a word that ends their list.
    fn list(&mut self, until: &[&str]) -> Vec<Statement> {
        let mut statements = Vec::new();
        while self.goes_on(until) {
            let read = self.next();
            statements.push(self.whole(read));
        }
        statements
    }

    /// Whether another statement of a list begins, after semicolons.
    fn goes_on(&mut self, until: &[&str]) -> bool {
        while self.sign(&Token::SemiColon) {
            self.at += 1;
        }
        self.at < self.tokens.len() && !until.iter().any(|word| self.word(word))
    }

    /// The statement that begins here, which takes at least one token.
    fn next(&mut self) -> Read {
        let start = self.at;
        let deep = self.depth >= DEPTH_LIMIT;
        self.depth += 1;
        let kind = match self.holder() {
            Some(_) if deep => {
                self.skip_statement();
                Some(StatementKind::Failed(SyntaxError {
                    span: self.span(start, start + 1),
                    message: format!("more than {DEPTH_LIMIT} blocks inside each other"),
                    help: "move the inner ones into procedures".to_owned(),
                    limit: Some("nesting"),
                }))
            }
            Some(holder) => self.held(holder),
            None => None,
        };
        self.depth -= 1;
        let read = match kind {
            Some(kind) => Read::Whole(Statement {
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

    /// Which kind of statement that holds others begins here, after its label.
    fn holder(&mut self) -> Option<Holder> {
        let labelled = matches!(
            self.tokens.get(self.at).map(|token| &token.token),
            Some(Token::Word(_))
        ) && self.tokens.get(self.at + 1).map(|token| &token.token)
            == Some(&Token::Colon);
        let first = if labelled { self.at + 2 } else { self.at };
        let at = |word: &str| is(self.tokens.get(first), word);
        let holder = if at("BEGIN") {
            match self.tokens.get(first + 1).map(|token| &token.token) {
                None | Some(Token::SemiColon) => return None,
                Some(_) if is(self.tokens.get(first + 1), "TRANSACTION") => return None,
                Some(_) => Holder::Block,
            }
        } else if at("LOOP") {
            Holder::Loop
        } else if at("WHILE") {
            Holder::While
        } else if at("REPEAT") {
            Holder::Repeat
        } else if at("FOR") {
            Holder::For
        } else if labelled {
            return None;
        } else if at("IF") {
            Holder::If
        } else if at("CASE") {
            Holder::Case
        } else if Words::of(&self.tokens[first..]).begin(&["CREATE", "PROCEDURE"]) {
            Holder::Procedure
        } else {
            return None;
        };
        self.at = first;
        Some(holder)
    }

    /// A statement that holds others; `None` where it is none after all.
    fn held(&mut self, holder: Holder) -> Option<StatementKind> {
        let start = self.at;
        self.at += 1;
        Some(match holder {
            Holder::Block => {
                let mut body = self.list(&["END", "EXCEPTION"]);
                let mut handler = Vec::new();
                if self.word("EXCEPTION") {
                    self.past("THEN")?;
                    handler = self.list(&["END"]);
                }
                self.close(start, &[], &mut body);
                StatementKind::Block { body, handler }
            }
            Holder::Loop => {
                let mut body = self.list(&["END"]);
                self.close(start, &["LOOP"], &mut body);
                self.repeated(start, None, body)
            }
            Holder::While => {
                self.past("DO")?;
                let mut body = self.list(&["END"]);
                self.close(start, &["WHILE"], &mut body);
                self.repeated(start, None, body)
            }
            Holder::Repeat => {
                let mut body = self.list(&["UNTIL", "END"]);
                if self.word("UNTIL") {
                    self.skip_condition();
                }
                self.close(start, &["REPEAT"], &mut body);
                self.repeated(start, None, body)
            }
            Holder::For => {
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
                self.repeated(start, Some((name, query)), body)
            }
            Holder::If => {
                let mut branches = Vec::new();
                self.past("THEN")?;
                branches.push(self.list(&["ELSEIF", "ELSE", "END"]));
                while self.word("ELSEIF") {
                    self.past("THEN")?;
                    branches.push(self.list(&["ELSEIF", "ELSE", "END"]));
                }
                self.alternatives(start, "IF", branches)
            }
            Holder::Case => {
                let mut branches = Vec::new();
                if !self.word("WHEN") {
                    self.past("WHEN")?;
                    self.at -= 1;
                }
                while self.word("WHEN") {
                    self.past("THEN")?;
                    branches.push(self.list(&["WHEN", "ELSE", "END"]));
                }
                self.alternatives(start, "CASE", branches)
            }
            Holder::Procedure => self.procedure(start)?,
        })
    }

    fn repeated(
        &self,
        start: usize,
        row: Option<(String, Box<Statement>)>,
        body: Vec<Statement>,
    ) -> StatementKind {
        StatementKind::Loop {
            row,
            body,
            assigned: assigned::names(&self.tokens[start..self.at]),
        }
    }

    /// ELSE and END after the other branches.
    fn alternatives(
        &mut self,
        start: usize,
        word: &'static str,
        mut branches: Vec<Vec<Statement>>,
    ) -> StatementKind {
        let complete = self.word("ELSE");
        if complete {
            self.at += 1;
            branches.push(self.list(&["END"]));
        }
        let mut unclosed = Vec::new();
        self.close(start, &[word], &mut unclosed);
        if !unclosed.is_empty() {
            branches.push(unclosed);
        }
        StatementKind::Branches { branches, complete }
    }

    /// `CREATE PROCEDURE name(mode name type, …) OPTIONS (…) BEGIN … END`.
    fn procedure(&mut self, start: usize) -> Option<StatementKind> {
        let create = Words::of(&self.tokens[start..]);
        self.at = start + create.after("PROCEDURE")?;
        let name = self.path()?.join(".").to_lowercase();
        let mut parameters = Vec::new();
        if self.sign(&Token::LParen) {
            let close = self.closing(self.at)?;
            for range in split(&self.tokens[self.at + 1..close]) {
                parameters.extend(parameter(range));
            }
            self.at = close + 1;
        }
        // OPTIONS and the like; a body in another language has no BEGIN.
        while self.at < self.tokens.len() && !self.word("BEGIN") && !self.sign(&Token::SemiColon) {
            self.at = match self.sign(&Token::LParen).then(|| self.closing(self.at)) {
                Some(close) => close? + 1,
                None => self.at + 1,
            };
        }
        let body = self.word("BEGIN").then(|| {
            self.at += 1;
            let mut body = self.list(&["END", "EXCEPTION"]);
            if self.word("EXCEPTION") && self.past("THEN").is_some() {
                body.append(&mut self.list(&["END"]));
            }
            self.close(start, &[], &mut body);
            body
        });
        Some(StatementKind::Procedure(Procedure {
            name,
            parameters,
            body,
        }))
    }

    /// `END`, what repeats the opening word, and a label. Where END is missing
    /// that is an error of its own; what stands inside is read all the same.
    fn close(&mut self, start: usize, words: &[&str], inside: &mut Vec<Statement>) {
        if !self.word("END") {
            let span = self.span(start, start + 1);
            inside.push(Statement {
                span,
                kind: StatementKind::Failed(SyntaxError {
                    span,
                    message: "what begins here has no END".to_owned(),
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

    /// Past a word that ends a condition: not one inside parentheses or CASE.
    /// `None` where the statement ends before.
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

    /// To the END that follows a condition.
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

    /// Whether an unquoted word stands here.
    pub(super) fn word(&self, word: &str) -> bool {
        is(self.tokens.get(self.at), word)
    }

    fn sign(&self, sign: &Token) -> bool {
        self.tokens.get(self.at).map(|token| &token.token) == Some(sign)
    }

    /// A dotted name; what comes after it is next.
    fn path(&mut self) -> Option<Vec<String>> {
        let (parts, length) = Words::of(&self.tokens[self.at..]).path(0)?;
        self.at += length;
        Some(parts)
    }

    fn closing(&self, open: usize) -> Option<usize> {
        super::rewrite::closing(self.tokens, open)
    }

    /// From the first byte of one token up to, and without, another.
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

/// The kinds of statements that hold others.
#[derive(Debug, Clone, Copy)]
enum Holder {
    Block,
    If,
    Case,
    Loop,
    While,
    Repeat,
    For,
    Procedure,
}

/// Tokens between commas, those inside parentheses and types left alone.
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

/// `INOUT total INT64`.
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
    })
}
