//! Parses expressions that `sqlparser` lacks, at their first token.

use sqlparser::ast::{
    Array, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, LambdaFunction, LambdaFunctionParameter, LambdaSyntax, ObjectName,
    OneOrManyWithParens, Query, TypeModifier, TypedString, UnaryOperator, Value,
};
use sqlparser::dialect::{Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token};

use super::dialect::BASE;
use super::marker;

type Parsed = Result<Expr, ParserError>;

/// Parses the expression that begins here, if the parser does not support it.
pub(super) fn parse(parser: &mut Parser) -> Option<Parsed> {
    let next = &parser.peek_nth_token_ref(1).token;
    match &parser.peek_token_ref().token {
        Token::Word(word) if word.quote_style.is_none() => {
            let is = |name: &str| word.value.eq_ignore_ascii_case(name);
            let closed = |token: &Token| parser.peek_nth_token_ref(2).token == *token;
            match next {
                Token::Lt if is("ARRAY") => Some(placed(parser, typed_array)),
                Token::Lt if is("STRUCT") => Some(placed(parser, typed_struct)),
                Token::Lt if is("RANGE") => Some(placed(parser, range)),
                Token::Neq if is("STRUCT") => Some(placed(parser, empty_struct)),
                Token::LBracket if is("ARRAY") && closed(&Token::RBracket) => {
                    Some(placed(parser, |parser| {
                        parser.next_token();
                        array(parser)
                    }))
                }
                Token::LParen if is("STRUCT") && closed(&Token::RParen) => {
                    Some(placed(parser, empty_struct))
                }
                Token::LParen if is("WITH") => Some(placed(parser, with)),
                Token::LParen if is("REPLACE_FIELDS") || is("FILTER_FIELDS") => {
                    Some(placed(parser, |parser| {
                        unmodelled(parser, "a protocol buffer")
                    }))
                }
                Token::LBrace if is("STRUCT") => {
                    Some(placed(parser, |parser| unmodelled(parser, "STRUCT { … }")))
                }
                Token::LBrace if is("EXISTS") || is("ARRAY") || is("VALUE") => {
                    Some(placed(parser, |parser| {
                        unmodelled(parser, "a graph subquery")
                    }))
                }
                Token::Word(_) if is("NEW") => {
                    Some(placed(parser, |parser| unmodelled(parser, "NEW")))
                }
                _ => None,
            }
        }
        Token::LBracket if *next == Token::RBracket => Some(placed(parser, array)),
        Token::LParen if is_lambda(parser) => Some(lambda(parser)),
        Token::LParen if is_word(next, Keyword::FROM) => Some(from_query(parser)),
        Token::LParen if *next == Token::LParen && is_set_operation(parser) => {
            Some(from_query(parser))
        }
        Token::Tilde => Some(bitwise_not(parser)),
        _ => None,
    }
}

/// Parses `RANGE<T>`, the only type of GoogleSQL that the parser lacks.
pub(super) fn range_type(parser: &mut Parser) -> Option<Result<DataType, ParserError>> {
    let begins = matches!(&parser.peek_token_ref().token, Token::Word(word)
        if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("RANGE"))
        && parser.peek_nth_token_ref(1).token == Token::Lt;
    begins.then(|| {
        let name = parser.parse_identifier()?;
        parser.expect_token(&Token::Lt)?;
        let element = parser.parse_data_type()?;
        parser.expect_token(&Token::Gt)?;
        Ok(DataType::Custom(
            ObjectName::from(vec![name]),
            vec![TypeModifier::String(element.to_string())],
        ))
    })
}

/// Whether `((SELECT …) UNION ALL …)` begins here.
fn is_set_operation(parser: &Parser) -> bool {
    let mut inner = 2;
    while parser.peek_nth_token_ref(inner).token == Token::LParen {
        inner += 1;
    }
    let inner = &parser.peek_nth_token_ref(inner).token;
    let query = [Keyword::SELECT, Keyword::FROM, Keyword::WITH]
        .into_iter()
        .any(|word| is_word(inner, word));
    if !query {
        return false;
    }
    let mut depth = 0_usize;
    for nth in 1.. {
        match &parser.peek_nth_token_ref(nth).token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::EOF => return false,
            _ => {}
        }
        if depth == 0 {
            let next = &parser.peek_nth_token_ref(nth + 1).token;
            return [Keyword::UNION, Keyword::INTERSECT, Keyword::EXCEPT]
                .into_iter()
                .any(|word| is_word(next, word));
        }
    }
    false
}

/// Whether `(a, b) ->` begins here.
fn is_lambda(parser: &Parser) -> bool {
    let mut at = 1;
    loop {
        if !matches!(parser.peek_nth_token_ref(at).token, Token::Word(_)) {
            return false;
        }
        match parser.peek_nth_token_ref(at + 1).token {
            Token::Comma => at += 2,
            Token::RParen => return parser.peek_nth_token_ref(at + 2).token == Token::Arrow,
            _ => return false,
        }
    }
}

/// Parses `(a, b) -> …`, which cannot be anything else. The parser itself would
/// backtrack on an error in the body, and read it again for each enclosing arrow.
fn lambda(parser: &mut Parser) -> Parsed {
    parser.expect_token(&Token::LParen)?;
    let params = parser.parse_comma_separated(|parser| {
        Ok(LambdaFunctionParameter {
            name: parser.parse_identifier()?,
            data_type: None,
        })
    })?;
    parser.expect_token(&Token::RParen)?;
    parser.expect_token(&Token::Arrow)?;
    Ok(Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::Many(params),
        body: Box::new(parser.parse_expr()?),
        syntax: LambdaSyntax::Arrow,
    }))
}

fn is_word(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}

/// Parses, and records the place from the first token to the last.
fn placed(parser: &mut Parser, parse: impl FnOnce(&mut Parser) -> Parsed) -> Parsed {
    let start = parser.peek_token_ref().span.start;
    let value = parse(parser)?;
    let end = parser.get_current_token().span.end;
    Ok(at(value, start, end))
}

fn at(value: Expr, start: Location, end: Location) -> Expr {
    Expr::Prefixed {
        prefix: Ident::with_span(Span::new(start, end), marker::AT),
        value: Box::new(value),
    }
}

/// Parses `ARRAY<T>[…]` as a cast of the array, which is equivalent.
fn typed_array(parser: &mut Parser) -> Parsed {
    let data_type = parser.parse_data_type()?;
    let elements = array(parser)?;
    Ok(Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(elements),
        data_type,
        format: None,
    })
}

fn array(parser: &mut Parser) -> Parsed {
    parser.expect_token(&Token::LBracket)?;
    let elem = parser.parse_comma_separated0(Parser::parse_expr, Token::RBracket)?;
    parser.expect_token(&Token::RBracket)?;
    Ok(Expr::Array(Array { elem, named: false }))
}

/// Parses `STRUCT<a T>(…)` as a cast of the struct, which is equivalent.
fn typed_struct(parser: &mut Parser) -> Parsed {
    let data_type = parser.parse_data_type()?;
    parser.expect_token(&Token::LParen)?;
    let values = parser.parse_comma_separated0(Parser::parse_expr, Token::RParen)?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Struct {
            values,
            fields: Vec::new(),
        }),
        data_type,
        format: None,
    })
}

fn empty_struct(parser: &mut Parser) -> Parsed {
    parser.next_token();
    if parser.peek_token_ref().token == Token::Neq {
        parser.next_token();
    }
    parser.expect_token(&Token::LParen)?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Struct {
        values: Vec::new(),
        fields: Vec::new(),
    })
}

/// Parses `RANGE<DATE> '[…)'`.
fn range(parser: &mut Parser) -> Parsed {
    Ok(Expr::TypedString(TypedString {
        data_type: parser.parse_data_type()?,
        value: parser.parse_value()?,
        uses_odbc_syntax: false,
    }))
}

/// Parses `WITH(a AS 1, b AS a + 1, a * b)` as a call of the names, then the value.
fn with(parser: &mut Parser) -> Parsed {
    let span = parser.next_token().span;
    parser.expect_token(&Token::LParen)?;
    let mut args = Vec::new();
    while is_word(&parser.peek_nth_token_ref(1).token, Keyword::AS) {
        let name = parser.parse_identifier()?;
        parser.next_token();
        let expr = Box::new(parser.parse_expr()?);
        parser.expect_token(&Token::Comma)?;
        args.push(Expr::Named { expr, name });
    }
    args.push(parser.parse_expr()?);
    parser.expect_token(&Token::RParen)?;
    Ok(call(marker::LET, args, span))
}

/// Skips an unmodelled construct up to its last bracket.
fn unmodelled(parser: &mut Parser, word: &str) -> Parsed {
    let first = parser.next_token().span;
    let mut depth = 0_usize;
    loop {
        match &parser.peek_token_ref().token {
            Token::LParen | Token::LBrace | Token::LBracket => depth += 1,
            Token::RParen | Token::RBrace | Token::RBracket if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    parser.next_token();
                    break;
                }
            }
            Token::EOF => {
                parser.expect_token(&Token::RParen)?;
            }
            Token::Word(_) | Token::Period => {}
            _ if depth > 0 => {}
            _ => break,
        }
        parser.next_token();
    }
    let span = first.union(&parser.get_current_token().span);
    let word = Value::SingleQuotedString(word.to_owned()).with_span(span);
    Ok(call(marker::UNMODELLED, vec![Expr::Value(word)], span))
}

/// Parses `(FROM t |> …)` and `((…) UNION ALL …)` as values.
fn from_query(parser: &mut Parser) -> Parsed {
    parser.expect_token(&Token::LParen)?;
    let query: Box<Query> = parser.parse_query()?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Subquery(query))
}

/// Parses `~a`, which binds tighter than any binary operator.
fn bitwise_not(parser: &mut Parser) -> Parsed {
    parser.next_token();
    let tight = BASE.prec_value(Precedence::MulDivModOp);
    Ok(Expr::UnaryOp {
        op: UnaryOperator::BitwiseNot,
        expr: Box::new(parser.parse_subexpr(tight)?),
    })
}

/// Builds a call of a name that the binder recognizes.
fn call(name: &str, args: Vec<Expr>, span: Span) -> Expr {
    let args = args
        .into_iter()
        .map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)))
        .collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::with_span(span, name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}
