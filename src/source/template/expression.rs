//! Rewrites expressions of Jinja so that unknown values stay visible.
//!
//! Jinja's operators compare an unknown value with a known one and return false; a
//! branch would be decided silently. Therefore comparisons, filters, tests and
//! conditions are rewritten to calls of our functions, which detect unknown values.
//! Everything else is copied.

use super::tokens::{ExpressionToken, ExpressionTokenKind, tokens};

pub(super) use super::tokens::NotAnExpression;

/// The maximum nesting that is rewritten; Jinja's own parser has a similar limit.
pub(super) const DEPTH: usize = 80;

/// The maximum number of operators in a tag; Jinja's cost is quadratic in it.
const LARGEST: usize = 1_000;
const OPERATORS: [&str; 21] = [
    "~", "+", "-", "*", "**", "/", "//", "%", "==", "!=", "<", ">", "<=", ">=", "|", "and", "or",
    "not", "in", "is", "if",
];

/// Rewrites an expression, or fails if the text is not one.
pub(super) struct Expression<'a> {
    text: &'a str,
    tokens: Vec<ExpressionToken>,
    at: usize,
    depth: usize,
}

type Rewriting = Result<String, NotAnExpression>;

impl<'a> Expression<'a> {
    /// Reads the tokens of a tag's inside.
    pub(super) fn new(text: &'a str) -> Result<Self, NotAnExpression> {
        let tokens = tokens(text)?;
        let operators = tokens
            .iter()
            .filter(|token| OPERATORS.contains(&&text[token.start..token.end]));
        if operators.count() > LARGEST {
            return Err(NotAnExpression);
        }
        Ok(Self {
            text,
            tokens,
            at: 0,
            depth: 0,
        })
    }

    /// Whether all tokens were read.
    pub(super) fn done(&self) -> bool {
        self.at == self.tokens.len()
    }

    /// Returns the text that was not read.
    pub(super) fn rest(&self) -> &'a str {
        self.tokens
            .get(self.at)
            .map_or("", |token| &self.text[token.start..])
    }

    /// Returns the number of bytes before the next token.
    pub(super) fn offset(&self) -> usize {
        self.tokens
            .get(self.at)
            .map_or(self.text.len(), |token| token.start)
    }

    pub(super) fn peek(&self, ahead: usize) -> &'a str {
        self.tokens
            .get(self.at + ahead)
            .filter(|token| token.kind != ExpressionTokenKind::Text)
            .map_or("", |token| &self.text[token.start..token.end])
    }

    fn kind(&self) -> Option<ExpressionTokenKind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    /// Reads a word or sign if it is next.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let is = self.peek(0) == word;
        if is {
            self.at += 1;
        }
        is
    }

    fn take(&mut self) -> &'a str {
        let token = self.tokens.get(self.at);
        self.at += 1;
        token.map_or("", |token| &self.text[token.start..token.end])
    }

    /// Reads a name.
    pub(super) fn name(&mut self) -> Result<&'a str, NotAnExpression> {
        if self.kind() == Some(ExpressionTokenKind::Name) {
            Ok(self.take())
        } else {
            Err(NotAnExpression)
        }
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), NotAnExpression> {
        if self.eat(sign) {
            Ok(())
        } else {
            Err(NotAnExpression)
        }
    }

    /// Reads expressions separated by commas, as `{{ … }}` and `{% set %}` take
    /// them.
    pub(super) fn tuple(&mut self) -> Rewriting {
        let mut written = self.whole()?;
        while self.eat(",") {
            written.push_str(", ");
            if self.done() {
                break;
            }
            written.push_str(&self.whole()?);
        }
        Ok(written)
    }

    /// Reads the operand of `{% for %}`, which has no inline `if`.
    pub(super) fn iterable(&mut self) -> Rewriting {
        let mut written = self.or()?;
        let mut several = false;
        while self.eat(",") {
            several = true;
            written.push_str(", ");
            if self.done() || matches!(self.peek(0), "if" | "recursive") {
                break;
            }
            written.push_str(&self.or()?);
        }
        Ok(if several {
            format!("({written})")
        } else {
            written
        })
    }

    /// Reads a condition.
    pub(super) fn condition(&mut self) -> Rewriting {
        let written = self.whole()?;
        Ok(format!("__condition({written})"))
    }

    /// Reads an expression.
    pub(super) fn whole(&mut self) -> Rewriting {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(NotAnExpression);
        }
        let mut written = self.or()?;
        while self.eat("if") {
            let condition = self.or()?;
            written = format!("{written} if __condition({condition})");
            if self.eat("else") {
                written.push_str(" else ");
                written.push_str(&self.whole()?);
            }
        }
        self.depth -= 1;
        Ok(written)
    }

    fn or(&mut self) -> Rewriting {
        let mut written = self.and()?;
        while self.eat("or") {
            let right = self.and()?;
            written = format!("{} or {right}", conditioned(&written));
        }
        Ok(written)
    }

    fn and(&mut self) -> Rewriting {
        let mut written = self.not()?;
        while self.eat("and") {
            let right = self.not()?;
            written = format!("{} and {right}", conditioned(&written));
        }
        Ok(written)
    }

    fn not(&mut self) -> Rewriting {
        let mut negations = 0;
        while self.peek(0) == "not" {
            self.at += 1;
            negations += 1;
        }
        let written = self.compare()?;
        if negations == 0 {
            return Ok(written);
        }
        Ok(format!(
            "{}__condition({written})",
            "not ".repeat(negations.min(DEPTH))
        ))
    }

    fn compare(&mut self) -> Rewriting {
        let mut left = self.sum()?;
        let mut compared = Vec::new();
        loop {
            let operator = match self.peek(0) {
                "not" if self.peek(1) == "in" => {
                    self.at += 2;
                    "not in"
                }
                operator @ ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") => {
                    self.at += 1;
                    operator
                }
                _ => break,
            };
            let right = self.sum()?;
            compared.push(format!("__compare({left}, \"{operator}\", {right})"));
            left = right;
        }
        Ok(match compared.as_slice() {
            [] => left,
            [one] => one.clone(),
            many => format!("({})", many.join(" and ")),
        })
    }

    fn sum(&mut self) -> Rewriting {
        let from = self.at;
        let called = |expression: &Self, from: usize| {
            let mut read = expression.tokens[from..expression.at].iter();
            // The content of brackets would be written twice at each of them, too.
            read.any(|token| expression.text[token.start..token.end].contains(['(', '[', '{']))
        };
        let mut operands = vec![self.unary()?];
        let mut operators = Vec::new();
        let mut arithmetic = false;
        while matches!(
            self.peek(0),
            "+" | "-" | "~" | "*" | "/" | "//" | "%" | "**"
        ) {
            let operator = self.take();
            arithmetic |= operator != "~";
            operators.push(operator);
            operands.push(self.unary()?);
        }
        let mut written = String::new();
        for (at, operand) in operands.iter().enumerate() {
            if let Some(operator) = at.checked_sub(1).and_then(|at| operators.get(at)) {
                written.push_str(&format!(" {operator} "));
            }
            written.push_str(&affordable(operand, &operators));
        }
        // Jinja rejects arithmetic on unknown values. A call must not be evaluated
        // twice, so in that case the whole sum is computed from its operands'
        // values.
        let simple = !called(self, from);
        let named = operands.iter().any(|operand| is_named(operand));
        if !arithmetic || (simple && !named) {
            return Ok(written);
        }
        let shown = match (self.tokens.get(from), self.tokens.get(self.at - 1)) {
            (Some(first), Some(last)) => &self.text[first.start..last.end],
            _ => "",
        };
        let shown = super::rewrite::literal(shown);
        let mut reckoned = String::new();
        for at in 0..operands.len() {
            if let Some(operator) = at.checked_sub(1).and_then(|at| operators.get(at)) {
                reckoned.push_str(&format!(" {operator} "));
            }
            reckoned.push_str(&format!("o{at}"));
        }
        let sized = operands
            .iter()
            .map(|operand| affordable(operand, &operators));
        let sized: Vec<String> = sized.collect();
        let reckoned = format!("__reckon({shown}, \"{reckoned}\", {})", sized.join(", "));
        if !simple {
            return Ok(reckoned);
        }
        let operands = operands.join(", ");
        Ok(format!("({reckoned} if __open({operands}) else {written})"))
    }

    fn unary(&mut self) -> Rewriting {
        let mut written = String::new();
        while matches!(self.peek(0), "-" | "+") {
            written.push_str(self.take());
        }
        written.push_str(&self.primary()?);
        self.postfix(&mut written)?;
        let mut parts = 0;
        loop {
            // Each part is a call around the previous ones.
            parts += 1;
            if parts > DEPTH {
                return Err(NotAnExpression);
            }
            if self.eat("|") {
                let name = self.dotted()?;
                written.push_str(" | __filter_");
                written.push_str(&name);
                if self.peek(0) == "(" {
                    self.arguments(&mut written)?;
                }
            } else if self.eat("is") {
                let negated = self.eat("not");
                let name = self.dotted()?;
                let mut test = format!("__test_{name}");
                if self.peek(0) == "(" {
                    self.arguments(&mut test)?;
                } else if self.bare_argument() {
                    let mut argument = self.primary()?;
                    self.postfix(&mut argument)?;
                    test = format!("{test}({argument})");
                }
                let not = if negated { "not " } else { "" };
                written = format!("({written} is {not}{test})");
            } else {
                return Ok(written);
            }
        }
    }

    /// Reads the name of a filter or test. A dotted name is not one of Jinja's, and
    /// becomes a single name.
    pub(super) fn dotted(&mut self) -> Rewriting {
        let mut name = self.name()?.to_owned();
        while self.eat(".") {
            name.push_str("__");
            name.push_str(self.name()?);
        }
        Ok(name)
    }

    fn bare_argument(&self) -> bool {
        match self.kind() {
            Some(ExpressionTokenKind::Name) => !matches!(
                self.peek(0),
                "else" | "or" | "and" | "is" | "if" | "in" | "not" | "recursive"
            ),
            Some(ExpressionTokenKind::Number | ExpressionTokenKind::Text) => true,
            Some(ExpressionTokenKind::Sign) => matches!(self.peek(0), "[" | "{"),
            None => false,
        }
    }

    fn postfix(&mut self, written: &mut String) -> Result<(), NotAnExpression> {
        let mut parts = 0;
        loop {
            // Each part is a call around the previous ones.
            parts += 1;
            if parts > DEPTH {
                return Err(NotAnExpression);
            }
            match self.peek(0) {
                "." => {
                    self.at += 1;
                    if !matches!(
                        self.kind(),
                        Some(ExpressionTokenKind::Name | ExpressionTokenKind::Number)
                    ) {
                        return Err(NotAnExpression);
                    }
                    let name = self.take();
                    *written = match self.peek(0) {
                        "(" => format!("{written}.{name}"),
                        _ => format!("__attribute({written}, \"{name}\")"),
                    };
                }
                "[" => self.subscript(written)?,
                "(" => self.passed(written)?,
                _ => return Ok(()),
            }
        }
    }

    fn subscript(&mut self, written: &mut String) -> Result<(), NotAnExpression> {
        self.expect("[")?;
        let mut key = String::new();
        let mut sliced = false;
        while !self.eat("]") {
            if self.eat(":") {
                sliced = true;
                key.push(':');
            } else if !key.is_empty() && self.eat(",") {
                key.push_str(", ");
            } else {
                key.push_str(&self.whole()?);
            }
        }
        if key.is_empty() {
            return Err(NotAnExpression);
        }
        *written = if sliced {
            format!("__sliced({written})[{key}]")
        } else {
            format!("__item({written}, ({key}))")
        };
        Ok(())
    }

    /// Reads the arguments of a call. A macro uses its default for an undefined
    /// argument; Jinja does so only for an argument that is not passed.
    fn passed(&mut self, written: &mut String) -> Result<(), NotAnExpression> {
        // `loop.changed` compares the arguments with the previous ones.
        let compared = written.ends_with(".changed");
        self.list_arguments(written, |argument| {
            let argument = match compared {
                true => format!("__paid({argument})"),
                false => argument,
            };
            match argument.starts_with(|first: char| first == '"' || first.is_ascii_digit()) {
                true => argument,
                false => format!("__passed({argument})"),
            }
        })
    }

    /// Reads the arguments of a filter or test.
    pub(super) fn arguments(&mut self, written: &mut String) -> Result<(), NotAnExpression> {
        self.list_arguments(written, |argument| argument)
    }

    fn list_arguments(
        &mut self,
        written: &mut String,
        write: impl Fn(String) -> String,
    ) -> Result<(), NotAnExpression> {
        self.expect("(")?;
        written.push('(');
        while !self.eat(")") {
            let all = matches!(self.peek(0), "*" | "**");
            if all {
                written.push_str(self.take());
            } else if self.kind() == Some(ExpressionTokenKind::Name) && self.peek(1) == "=" {
                written.push_str(self.take());
                written.push_str(self.take());
            }
            let argument = self.whole()?;
            written.push_str(&if all { argument } else { write(argument) });
            if self.peek(0) != ")" {
                self.expect(",")?;
            }
            written.push_str(", ");
        }
        written.push(')');
        Ok(())
    }

    fn primary(&mut self) -> Rewriting {
        match self.kind() {
            None => Err(NotAnExpression),
            Some(ExpressionTokenKind::Number) => Ok(self.take().to_owned()),
            Some(ExpressionTokenKind::Text) => {
                let mut text = String::new();
                while self.kind() == Some(ExpressionTokenKind::Text) {
                    text.push_str(&super::strings::said(self.take())?);
                }
                Ok(super::rewrite::literal(&text))
            }
            Some(ExpressionTokenKind::Name) => match self.peek(0) {
                "and" | "or" | "not" | "in" | "is" | "if" | "else" => Err(NotAnExpression),
                _ => Ok(self.take().to_owned()),
            },
            Some(ExpressionTokenKind::Sign) => self.container(),
        }
    }

    fn container(&mut self) -> Rewriting {
        let open = self.take();
        let close = match open {
            "(" => ")",
            "[" => "]",
            "{" => "}",
            _ => return Err(NotAnExpression),
        };
        let mut written = String::from(open);
        let mut first = true;
        while !self.eat(close) {
            if !first {
                self.expect(",")?;
                written.push_str(", ");
                if self.eat(close) {
                    break;
                }
            }
            first = false;
            let inside = self.whole()?;
            // A key is hashed, whatever its size.
            match open == "{" && may_be_large(&inside) {
                true => written.push_str(&format!("__paid({inside})")),
                false => written.push_str(&inside),
            }
            if open == "{" {
                self.expect(":")?;
                written.push_str(": ");
                written.push_str(&self.whole()?);
            }
        }
        written.push_str(close);
        Ok(match open {
            // Python's lists and dictionaries can be changed in place.
            "[" => format!("__list({written})"),
            "{" => format!("__dict({written})"),
            _ => written,
        })
    }
}

/// Wraps the left operand of `and` and `or`, which decides a branch.
fn conditioned(written: &str) -> String {
    format!("__condition({written})")
}

/// Wraps an operand so that it pays for work that MiniJinja does not meter. A list
/// that is added or repeated is copied, and an operand of `~` is written out.
fn affordable(operand: &str, operators: &[&str]) -> String {
    if operators.contains(&"~") && may_be_large(operand) {
        return format!("__paid({operand})");
    }
    match operators.iter().any(|operator| *operator != "~") && is_named(operand) {
        true => format!("__sized({operand})"),
        false => operand.to_owned(),
    }
}

/// Whether an operand may be a list, a dictionary or a computed text.
fn may_be_large(operand: &str) -> bool {
    is_named(operand) || operand.starts_with('(')
}

/// Whether an operand begins with a name, of ours or of the template.
fn is_named(operand: &str) -> bool {
    operand.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}
