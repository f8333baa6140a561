//! Defines GoogleSQL for `sqlparser`: its BigQuery dialect with additions.

use std::any::TypeId;
use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;
use sqlparser::ast::{DataType, Expr, Statement};
use sqlparser::dialect::{BigQueryDialect, Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::{keyword, operand, prefix};

/// The limit of attempts at operands, per token; the parser tries some in two ways.
const READINGS: usize = 30;

/// The dialect for one list of tokens. It keeps all of the parser's branches for
/// BigQuery.
///
/// The parser backtracks if one reading fails, and tries another. A part that fails
/// in both readings would be tried twice, and four times one level further out.
/// Therefore each failure is kept by its place, and the number of attempts is
/// limited.
#[derive(Debug)]
pub(super) struct GoogleSql {
    /// The errors of operands that this dialect reads, by place.
    failed: RefCell<FxHashMap<usize, ParserError>>,
    /// The number of operands that may still be tried.
    left: Cell<usize>,
}

pub(super) const BASE: BigQueryDialect = BigQueryDialect;

impl GoogleSql {
    /// Creates the dialect for a number of tokens.
    pub(super) fn for_tokens(count: usize) -> Self {
        Self {
            failed: RefCell::default(),
            left: Cell::new(READINGS.saturating_mul(count.saturating_add(READINGS))),
        }
    }

    /// Reads an operand that the parser does not support or reads slowly.
    fn operand(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Some(Err(ParserError::RecursionLimitExceeded));
        };
        self.left.set(left);
        // The first two tokens have the same index; a failure there is final anyway.
        let place = parser.get_current_index();
        if place > 0
            && let Some(known) = self.failed.borrow().get(&place)
        {
            return Some(Err(known.clone()));
        }
        let read = prefix::parse(parser).or_else(|| operand::parse(parser));
        if let Some(Err(error)) = &read {
            self.failed.borrow_mut().insert(place, error.clone());
        }
        read
    }
}

impl Dialect for GoogleSql {
    fn dialect(&self) -> TypeId {
        TypeId::of::<BigQueryDialect>()
    }

    fn parse_statement(&self, parser: &mut Parser) -> Option<Result<Statement, ParserError>> {
        BASE.parse_statement(parser)
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        BASE.is_delimited_identifier_start(ch)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        BASE.identifier_quote_style(identifier)
    }

    fn supports_hash_comment(&self) -> bool {
        true
    }

    /// Returns `false` because the token pass removes trailing commas. The parser
    /// would end the list before any expression that begins with a reserved word.
    fn supports_projection_trailing_commas(&self) -> bool {
        false
    }

    fn supports_column_definition_trailing_commas(&self) -> bool {
        true
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        BASE.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        BASE.is_identifier_part(ch)
    }

    fn supports_triple_quoted_string(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_parenthesized_set_variables(&self) -> bool {
        true
    }

    fn supports_select_wildcard_except(&self) -> bool {
        true
    }

    fn require_interval_qualifier(&self) -> bool {
        true
    }

    fn supports_struct_literal(&self) -> bool {
        true
    }

    fn supports_select_expr_star(&self) -> bool {
        true
    }

    fn supports_from_first_select(&self) -> bool {
        true
    }

    fn supports_execute_immediate(&self) -> bool {
        true
    }

    fn supports_table_versioning(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn is_column_alias(&self, keyword: &Keyword, _parser: &mut Parser) -> bool {
        !keyword::is_reserved(*keyword)
    }

    fn supports_pipe_operator(&self) -> bool {
        true
    }

    fn supports_create_table_multi_schema_info_sources(&self) -> bool {
        true
    }

    fn supports_select_wildcard_replace(&self) -> bool {
        true
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    fn supports_string_literal_concatenation(&self) -> bool {
        true
    }

    fn allow_extract_custom(&self) -> bool {
        true
    }

    fn supports_string_literal_column_alias(&self, _explicit: bool) -> bool {
        false
    }

    fn supports_string_literal_table_alias(&self, _explicit: bool) -> bool {
        false
    }

    fn supports_aliased_function_args(&self) -> bool {
        true
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        self.operand(parser)
    }

    fn parse_data_type(&self, parser: &mut Parser) -> Option<Result<DataType, ParserError>> {
        prefix::range_type(parser)
    }

    /// GoogleSQL binds `<<` and `>>` tighter than `&`, `&` tighter than `^`, and `^`
    /// tighter than `|`.
    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        let over = self.prec_value(Precedence::Pipe);
        match &parser.peek_token_ref().token {
            Token::Caret => Some(Ok(over + 1)),
            Token::Ampersand => Some(Ok(over + 2)),
            Token::ShiftLeft | Token::ShiftRight => Some(Ok(over + 3)),
            Token::Word(word) if keyword::is_foreign_operator(word.keyword) => {
                Some(Ok(self.prec_unknown()))
            }
            _ => None,
        }
    }

    fn is_table_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        keyword::may_name_table(*keyword, parser)
    }
}
