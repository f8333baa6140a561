//! Classifies keywords, where the parser's list differs from GoogleSQL's.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use sqlparser::keywords::{ALL_KEYWORDS, ALL_KEYWORDS_INDEX, Keyword};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// The maximum length of a keyword in bytes.
const LONGEST_KEYWORD: usize = 48;

/// Returns the parser's keyword for a word.
pub(super) fn of(word: &[u8]) -> Keyword {
    static KEYWORDS: LazyLock<FxHashMap<&[u8], Keyword>> = LazyLock::new(|| {
        ALL_KEYWORDS
            .iter()
            .map(|keyword| keyword.as_bytes())
            .zip(ALL_KEYWORDS_INDEX.iter().copied())
            .collect()
    });
    let mut upper = [0; LONGEST_KEYWORD];
    let Some(upper) = upper.get_mut(..word.len()) else {
        return Keyword::NoKeyword;
    };
    upper.copy_from_slice(word);
    upper.make_ascii_uppercase();
    KEYWORDS.get(&*upper).copied().unwrap_or(Keyword::NoKeyword)
}

/// Turns every keyword after a dot into a plain name: `t.order`,
/// `mozfun.assert.null(x)`.
pub(super) fn after_dots(tokens: &mut [TokenWithSpan]) {
    for at in 1..tokens.len() {
        if tokens[at - 1].token != Token::Period {
            continue;
        }
        if let Token::Word(word) = &mut tokens[at].token
            && word.keyword != Keyword::NoKeyword
        {
            word.keyword = Keyword::NoKeyword;
            word.quote_style = word.quote_style.or(Some('`'));
        }
    }
}

/// Whether a word is a keyword only in other dialects. In GoogleSQL it is a plain
/// name: `FROM t AS x MINUS` has no set operator, and `FROM a sample JOIN b` has an
/// alias.
fn is_foreign(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::ANTI
            | Keyword::APPLY
            | Keyword::APPROXIMATE
            | Keyword::ASOF
            | Keyword::BEFORE
            | Keyword::CEIL
            | Keyword::CHANGES
            | Keyword::CONNECT
            | Keyword::CONVERT
            | Keyword::DISTRIBUTE
            | Keyword::FLOOR
            | Keyword::GLOBAL
            | Keyword::INDEXED
            | Keyword::JSON_TABLE
            | Keyword::LOCALTIME
            | Keyword::LOCALTIMESTAMP
            | Keyword::MAP
            | Keyword::MATCH_CONDITION
            | Keyword::MINUS
            | Keyword::OPENJSON
            | Keyword::ORDINALITY
            | Keyword::OVERLAY
            | Keyword::POSITION
            | Keyword::PREWHERE
            | Keyword::PRIOR
            | Keyword::SAMPLE
            | Keyword::SEMI
            | Keyword::SETTINGS
            | Keyword::SORT
            | Keyword::START
            | Keyword::STRAIGHT_JOIN
            | Keyword::SUBSTR
            | Keyword::SUBSTRING
            | Keyword::TOP
            | Keyword::TOTALS
            | Keyword::TRIM
            | Keyword::TRY_CAST
            | Keyword::TRY_CONVERT
            | Keyword::VERSION
            | Keyword::XMLTABLE
    )
}

/// Turns the keywords of other dialects into plain names.
pub(super) fn foreign(tokens: &mut [TokenWithSpan]) {
    for token in tokens {
        if let Token::Word(word) = &mut token.token
            && is_foreign(word.keyword)
        {
            word.keyword = Keyword::NoKeyword;
        }
    }
}

/// Whether a word is an operator only in other dialects.
pub(super) fn is_foreign_operator(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::DIV
            | Keyword::GLOB
            | Keyword::GLOBAL
            | Keyword::ILIKE
            | Keyword::MATCH
            | Keyword::MEMBER
            | Keyword::NOTNULL
            | Keyword::OPERATOR
            | Keyword::OVERLAPS
            | Keyword::REGEXP
            | Keyword::RLIKE
            | Keyword::SIMILAR
            | Keyword::XOR
    )
}

/// Whether GoogleSQL reserves a word, so that it is never an unquoted alias.
pub(super) fn is_reserved(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::ALL
            | Keyword::AND
            | Keyword::ANY
            | Keyword::ARRAY
            | Keyword::AS
            | Keyword::ASC
            | Keyword::AT
            | Keyword::BETWEEN
            | Keyword::BY
            | Keyword::CASE
            | Keyword::CAST
            | Keyword::COLLATE
            | Keyword::CREATE
            | Keyword::CROSS
            | Keyword::CUBE
            | Keyword::CURRENT
            | Keyword::DEFAULT
            | Keyword::DEFINE
            | Keyword::DESC
            | Keyword::DISTINCT
            | Keyword::ELSE
            | Keyword::END
            | Keyword::ENUM
            | Keyword::ESCAPE
            | Keyword::EXCEPT
            | Keyword::EXCLUDE
            | Keyword::EXISTS
            | Keyword::EXTRACT
            | Keyword::FALSE
            | Keyword::FETCH
            | Keyword::FOLLOWING
            | Keyword::FOR
            | Keyword::FROM
            | Keyword::FULL
            | Keyword::GROUP
            | Keyword::GROUPING
            | Keyword::GROUPS
            | Keyword::HASH
            | Keyword::HAVING
            | Keyword::IF
            | Keyword::IGNORE
            | Keyword::IN
            | Keyword::INNER
            | Keyword::INTERSECT
            | Keyword::INTERVAL
            | Keyword::INTO
            | Keyword::IS
            | Keyword::JOIN
            | Keyword::LATERAL
            | Keyword::LEFT
            | Keyword::LIKE
            | Keyword::LIMIT
            | Keyword::MERGE
            | Keyword::NATURAL
            | Keyword::NEW
            | Keyword::NO
            | Keyword::NOT
            | Keyword::NULL
            | Keyword::NULLS
            | Keyword::OF
            | Keyword::ON
            | Keyword::OR
            | Keyword::ORDER
            | Keyword::OUTER
            | Keyword::OVER
            | Keyword::PARTITION
            | Keyword::PRECEDING
            | Keyword::QUALIFY
            | Keyword::RANGE
            | Keyword::RECURSIVE
            | Keyword::RESPECT
            | Keyword::RIGHT
            | Keyword::ROLLUP
            | Keyword::ROWS
            | Keyword::SELECT
            | Keyword::SET
            | Keyword::SOME
            | Keyword::STRUCT
            | Keyword::TABLESAMPLE
            | Keyword::THEN
            | Keyword::TO
            | Keyword::TREAT
            | Keyword::TRUE
            | Keyword::UNBOUNDED
            | Keyword::UNION
            | Keyword::UNNEST
            | Keyword::USING
            | Keyword::WHEN
            | Keyword::WHERE
            | Keyword::WINDOW
            | Keyword::WITH
            | Keyword::WITHIN
    )
}

/// Whether a word after a FROM item is its alias. The parser is past the word.
pub(super) fn may_name_table(keyword: Keyword, parser: &Parser) -> bool {
    let clause = match keyword {
        Keyword::PIVOT => parser.peek_token_ref().token == Token::LParen,
        Keyword::UNPIVOT => match &parser.peek_token_ref().token {
            Token::LParen => true,
            Token::Word(word) => matches!(word.keyword, Keyword::INCLUDE | Keyword::EXCLUDE),
            _ => false,
        },
        _ => false,
    };
    !clause && !is_reserved(keyword)
}

#[cfg(test)]
mod tests {
    use sqlparser::keywords::ALL_KEYWORDS;

    use super::LONGEST_KEYWORD;

    #[test]
    fn keywords_are_not_longer() {
        assert!(
            ALL_KEYWORDS
                .iter()
                .all(|word| word.len() <= LONGEST_KEYWORD)
        );
    }
}
