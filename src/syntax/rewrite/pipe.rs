//! Rewrites pipe operators that the parser lacks. They become other operators, or
//! calls that the binder recognizes.

use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use super::{
    are, call_of, is, is_any, is_word, items, keyword, made, marker, name, sign, until, upper,
};

/// Operators that the parser reads as GoogleSQL does.
const KNOWN: [&str; 19] = [
    "SET",
    "AS",
    "WHERE",
    "LIMIT",
    "ORDER",
    "TABLESAMPLE",
    "RENAME",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "CALL",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "HASH",
    "LOOKUP",
];

/// Writes the pipe operators of tokens, including those of nested queries.
pub(super) fn operators(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    written(&tokens)
}

fn written(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].token != Token::VerticalBarRightAngleBracket {
            out.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = until(tokens, at + 1, |tokens, here| {
            tokens[here].token == Token::VerticalBarRightAngleBracket
        });
        let mut operator = Operator {
            pipe: tokens[at].clone(),
            out: Vec::new(),
        };
        operator.write(&written(&tokens[at + 1..end]));
        out.extend(operator.out);
        at = end;
    }
    out
}

struct Operator {
    pipe: TokenWithSpan,
    out: Vec<TokenWithSpan>,
}

impl Operator {
    fn write(&mut self, body: &[TokenWithSpan]) {
        let Some(first) = body.first() else {
            self.out.push(self.pipe.clone());
            return;
        };
        let span = first.span;
        match upper(Some(first)).as_deref() {
            Some("SELECT") => self.select(body, span),
            // WINDOW adds analytic columns, which EXTEND also does.
            Some("EXTEND" | "WINDOW") => {
                let list = self.windows(&body[1..]);
                self.known(keyword("EXTEND", span), list);
            }
            Some("AGGREGATE") => self.aggregate(body, span),
            Some("DROP") => self.call(marker::PIPE_DROP, None, &body[1..], span),
            Some("DISTINCT") => self.call(marker::PIPE_DISTINCT, None, &[], span),
            Some("WITH") => self.with(&body[1..], span),
            Some("ASSERT") => self.call(marker::PIPE_ASSERT, None, &body[1..], span),
            Some("PIVOT" | "UNPIVOT" | "MATCH_RECOGNIZE") => {
                self.out.push(self.pipe.clone());
                self.out
                    .extend([keyword("CROSS", span), keyword("JOIN", span)]);
                self.out.push(name(marker::INPUT, span));
                self.out.extend_from_slice(body);
            }
            Some(word @ ("INTERSECT" | "EXCEPT")) if is(body.get(1), "ALL") => {
                self.call(marker::PIPE_OPAQUE, Some(&format!("{word} ALL")), &[], span);
            }
            Some(word) if KNOWN.contains(&word) => self.known(first.clone(), &body[1..]),
            Some(word) => self.call(marker::PIPE_OPAQUE, Some(word), &[], span),
            None => self.known(first.clone(), &body[1..]),
        }
    }

    fn known(&mut self, first: TokenWithSpan, rest: &[TokenWithSpan]) {
        self.out.push(self.pipe.clone());
        self.out.push(first);
        self.out.extend_from_slice(rest);
    }

    /// Adds `|> CALL NAME('text', args…)`.
    fn call(&mut self, marker: &str, text: Option<&str>, args: &[TokenWithSpan], span: Span) {
        self.out.push(self.pipe.clone());
        self.out.push(keyword("CALL", span));
        self.out.extend(call_of(marker, text, span));
        if text.is_some() && !args.is_empty() {
            self.out.push(made(Token::Comma, span));
        }
        self.out.extend_from_slice(args);
        self.out.push(made(Token::RParen, span));
    }

    /// Writes `SELECT [DISTINCT] [AS STRUCT | AS VALUE] list`. As a table, the
    /// fields of a struct are its columns.
    fn select(&mut self, body: &[TokenWithSpan], span: Span) {
        let mut list = &body[1..];
        if is(list.first(), "WITH") && is_word(list.get(1)) {
            let word = format!("SELECT WITH {}", upper(list.get(1)).unwrap_or_default());
            self.call(marker::PIPE_OPAQUE, Some(&word), &[], span);
            return;
        }
        let distinct = is(list.first(), "DISTINCT");
        if distinct || is(list.first(), "ALL") {
            list = &list[1..];
        }
        let value = are(list, 0, &["AS", "VALUE"]);
        if value || are(list, 0, &["AS", "STRUCT"]) {
            list = &list[2..];
        }
        let list = self.windows(list);
        self.known(body[0].clone(), list);
        if value {
            self.call(marker::PIPE_VALUE, None, &[], span);
        }
        if distinct {
            self.call(marker::PIPE_DISTINCT, None, &[], span);
        }
    }

    /// Removes a WINDOW clause from the end of a list. Its definitions are written
    /// before the operator.
    fn windows<'a>(&mut self, list: &'a [TokenWithSpan]) -> &'a [TokenWithSpan] {
        let clause = until(list, 0, |tokens, here| {
            is(tokens.get(here), "WINDOW")
                && is_word(tokens.get(here + 1))
                && is(tokens.get(here + 2), "AS")
        });
        for definition in items(list.get(clause + 1..).unwrap_or_default()) {
            let (Some(Token::Word(word)), Some(first)) = (
                definition.first().map(|token| &token.token),
                definition.first(),
            ) else {
                continue;
            };
            let span = first.span;
            let mut call = vec![keyword("COUNT", span), made(Token::LParen, span)];
            call.extend([
                made(Token::Mul, span),
                made(Token::RParen, span),
                keyword("OVER", span),
            ]);
            call.extend_from_slice(definition.get(2..).unwrap_or_default());
            self.call(marker::PIPE_WINDOWS, Some(&word.value), &call, span);
        }
        &list[..clause]
    }

    /// Writes AGGREGATE. GROUP AND ORDER BY gives an order to each of its columns.
    fn aggregate(&mut self, body: &[TokenWithSpan], span: Span) {
        if is(body.get(1), "WITH") && is_word(body.get(2)) {
            let word = format!("AGGREGATE WITH {}", upper(body.get(2)).unwrap_or_default());
            self.call(marker::PIPE_OPAQUE, Some(&word), &[], span);
            return;
        }
        let group = until(body, 1, |tokens, here| is(tokens.get(here), "GROUP"));
        self.out.push(self.pipe.clone());
        self.out.push(body[0].clone());
        self.ordered(&body[1..group], false);
        let Some(word) = body.get(group) else {
            return;
        };
        let keys = until(body, group, |tokens, here| is(tokens.get(here), "BY"));
        self.out.extend([word.clone(), keyword("BY", word.span)]);
        let all = is(body.get(group + 1), "AND");
        self.ordered(body.get(keys + 1..).unwrap_or_default(), all);
    }

    /// Writes a list of columns with their orders; with `all`, every column has one.
    fn ordered(&mut self, list: &[TokenWithSpan], all: bool) {
        for (nth, item) in items(list).into_iter().enumerate() {
            if nth > 0 {
                self.out.push(made(Token::Comma, self.pipe.span));
            }
            let nulls = item.len().saturating_sub(2);
            // The parser does not support NULLS FIRST or LAST here, and neither does
            // a plan.
            let placed = is(item.get(nulls), "NULLS") && is_any(item.last(), &["FIRST", "LAST"]);
            let item = if placed { &item[..nulls] } else { item };
            self.out.extend_from_slice(item);
            if (all || placed) && !is_any(item.last(), &["ASC", "DESC"]) {
                self.out.push(keyword("ASC", self.pipe.span));
            }
        }
    }

    /// Writes `WITH a AS (…), b AS (…)` as one call for each CTE.
    fn with(&mut self, list: &[TokenWithSpan], span: Span) {
        if is(list.first(), "RECURSIVE") {
            self.call(marker::PIPE_OPAQUE, Some("WITH RECURSIVE"), &[], span);
            return;
        }
        for cte in items(list) {
            match cte.first().map(|token| (&token.token, token.span)) {
                Some((Token::Word(word), span))
                    if is(cte.get(1), "AS") && sign(cte, 2, &Token::LParen) =>
                {
                    self.call(marker::PIPE_WITH, Some(&word.value), &cte[2..], span);
                }
                _ => self.call(marker::PIPE_OPAQUE, Some("WITH"), &[], span),
            }
        }
    }
}
