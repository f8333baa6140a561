//! `FULL [OUTER] UNION ALL BY NAME` has the columns of all its inputs, which is
//! how the binder reads BY NAME.

use sqlparser::tokenizer::TokenWithSpan;

use super::is;

/// Takes FULL and OUTER before UNION out where BY NAME or CORRESPONDING follows.
pub(super) fn as_union(tokens: &mut Vec<TokenWithSpan>) {
    let mut at = 0;
    while at < tokens.len() {
        let outer = usize::from(is(tokens.get(at + 1), "OUTER"));
        let union = at + 1 + outer;
        let named = (union + 1..union + 5)
            .any(|next| is(tokens.get(next), "NAME") && is(tokens.get(next - 1), "BY"));
        if is(tokens.get(at), "FULL") && is(tokens.get(union), "UNION") && named {
            tokens.drain(at..union);
        }
        at += 1;
    }
}
