//! Reads operands that are a plain name or a literal.
//!
//! The parser first tries to read a type at each of them, and formats an error if
//! there is none, which took a third of its time. Here, the next token rules out a
//! type.

use sqlparser::ast::{Expr, ObjectName};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// Reads the operand that begins here; `None` if it may be anything else.
pub(super) fn parse(parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
    let first = parser.peek_token_ref();
    let word = match &first.token {
        Token::Number(..) | Token::SingleQuotedString(_) => {
            return Some(parser.parse_value().map(Expr::Value));
        }
        Token::Word(word) => word,
        _ => return None,
    };
    let next = &parser.peek_nth_token_ref(1).token;
    match next {
        Token::LParen if word.keyword == Keyword::NoKeyword || is_function(word.keyword) => {
            let name = ObjectName::from(vec![word.to_ident(first.span)]);
            parser.advance_token();
            Some(parser.parse_function(name))
        }
        // `word 'text'` may be a typed literal; `word -> …` and `word type -> …` are
        // lambdas.
        Token::Word(_) if parser.peek_nth_token_ref(2).token == Token::Arrow => None,
        Token::Word(_)
        | Token::Period
        | Token::Comma
        | Token::RParen
        | Token::RBracket
        | Token::LBracket
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::LtEq
        | Token::Gt
        | Token::GtEq
        | Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::StringConcat
        | Token::EOF
            if word.keyword == Keyword::NoKeyword =>
        {
            let name = word.to_ident(first.span);
            parser.advance_token();
            Some(Ok(Expr::Identifier(name)))
        }
        _ => None,
    }
}

/// Functions for which the parser has a keyword, but no syntax of their own.
fn is_function(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::AVG
            | Keyword::COALESCE
            | Keyword::COUNT
            | Keyword::IF
            | Keyword::LOWER
            | Keyword::MAX
            | Keyword::MIN
            | Keyword::NULLIF
            | Keyword::SUM
            | Keyword::UPPER
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sqlparser::dialect::{BigQueryDialect, Dialect};
    use sqlparser::parser::Parser;

    use super::super::dialect::GoogleSql;

    /// Returns the reading of a dialect, and the token at which it stopped.
    fn read(dialect: &dyn Dialect, text: &str) -> Option<String> {
        let mut parser = Parser::new(dialect).try_with_sql(text).ok()?;
        let expr = parser.parse_expr().ok()?;
        Some(format!("{expr:?} then {:?}", parser.peek_token()))
    }

    proptest! {
        /// The parser gives the same result without this module.
        #[test]
        fn operands_are_what_the_parser_makes_of_them(
            words in proptest::collection::vec(
                prop_oneof![
                    "[ab]", "count|if|sum|date|interval|key|case|left|user", "f\\(|count\\(|if\\(",
                    "[(),.]", "1|2\\.5|'t'|DATE '2024-01-01'|b'x'", "[-+*/=<>|]", "AND|NOT|IN|IS NULL|END",
                    "\\[0\\]|`q`|@p|\\?",
                ],
                1..9,
            )
        ) {
            let text = words.join(" ");
            // Adjacent strings are a single string in GoogleSQL.
            prop_assume!(!text.contains("' '"));
            prop_assert_eq!(read(&GoogleSql::for_tokens(text.len()), &text), read(&BigQueryDialect, &text), "{}", text);
        }
    }
}
