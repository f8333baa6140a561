//! A keyword after a dot is a name: `t.order`, `mozfun.assert.null(x)`.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Takes the keyword's meaning from every word after a dot.
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
