//! Reduces definitions of tables and views to the parts that matter for rows.
//!
//! How rows are stored says nothing about them, as in `CREATE TABLE t (a INT64
//! OPTIONS (…)) PARTITION BY … CLUSTER BY … AS SELECT …`. The rest is the name, the
//! names of the columns, their collations and defaults, and the query or the table
//! from which the rows are taken.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::super::blocks::split;
use super::super::words::StatementWords;
use super::{are, closing, expression_end, is, keyword, made};

/// Removes all other parts from the definition of a table or view.
pub(super) fn plain(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let Some((mut head, query)) = head(&tokens) else {
        return tokens;
    };
    head.extend(tokens.drain(query..));
    head
}

/// Returns the tokens before the query, and the index of the query or of the end.
fn head(tokens: &[TokenWithSpan]) -> Option<(Vec<TokenWithSpan>, usize)> {
    let words = StatementWords::of(tokens);
    let kinds: [&[&str]; 6] = [
        &["CREATE", "TABLE"],
        &["CREATE", "SNAPSHOT", "TABLE"],
        &["CREATE", "VIEW"],
        &["CREATE", "MATERIALIZED", "VIEW"],
        &["CREATE", "APPROX", "VIEW"],
        &["CREATE", "RECURSIVE", "VIEW"],
    ];
    let head = kinds.iter().find_map(|kind| words.length(kind))?;
    let (_, name_end) = words.path(head)?;
    let table = kinds[..2].iter().any(|kind| words.begin(kind));
    let mut out: Vec<TokenWithSpan> = tokens[..name_end]
        .iter()
        .filter(|token| {
            !["SNAPSHOT", "APPROX", "RECURSIVE"]
                .iter()
                .any(|word| is(Some(token), word))
        })
        .cloned()
        .collect();
    let mut at = name_end;
    let query = tokens.iter().position(|token| is(Some(token), "AS"));
    let before = &tokens[..query.unwrap_or(tokens.len()).max(name_end)];
    let listed = matches!(
        tokens.get(at).map(|token| &token.token),
        Some(Token::LParen)
    );
    let collated = table && of_table(before);
    if collated && !listed {
        // It is unknown which columns get the collation. The unbalanced parenthesis
        // makes the parser reject the statement.
        out.push(made(Token::RParen, tokens[name_end - 1].span));
        return Some((out, query.unwrap_or(tokens.len())));
    }
    if tokens.get(at).map(|token| &token.token) == Some(&Token::LParen) {
        let close = closing(tokens, at)?;
        columns(&tokens[at..=close], table, collated, &mut out);
        at = close + 1;
    }
    let mut depth = 0_usize;
    if !table {
        out.extend(privacy_policy(&tokens[at..]).into_iter().flatten());
    }
    while let Some(token) = tokens.get(at) {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Word(_) if depth == 0 => {
                if is(Some(token), "AS") && is(tokens.get(at + 1), "REPLICA") {
                    clone_of(tokens, at + 3, token, &mut out)?;
                    // A replica of a materialized view is a table of its rows.
                    out.retain(|token| !is(Some(token), "MATERIALIZED"));
                    let view = out.iter().position(|token| is(Some(token), "VIEW"))?;
                    out[view].token = Token::make_keyword("TABLE");
                    return Some((out, tokens.len()));
                }
                if is(Some(token), "AS") {
                    return Some((out, at));
                }
                if is(Some(token), "CLONE") || is(Some(token), "COPY") {
                    clone_of(tokens, at + 1, token, &mut out)?;
                    return Some((out, tokens.len()));
                }
            }
            _ => {}
        }
        at += 1;
    }
    // No rows are added: the columns of another table (LIKE), or none.
    Some((out, tokens.len()))
}

/// Returns `OPTIONS (privacy_policy = '…')`. How others may read a view matters for
/// what it publishes.
fn privacy_policy(tokens: &[TokenWithSpan]) -> Option<Vec<TokenWithSpan>> {
    let head = tokens.iter().position(|token| is(Some(token), "AS"))?;
    let options = tokens[..head]
        .iter()
        .position(|token| is(Some(token), "OPTIONS"))?;
    let close = closing(tokens, options + 1)?;
    let policy = split(&tokens[options + 2..close])
        .into_iter()
        .find(|option| is(option.first(), "PRIVACY_POLICY"))?;
    let mut kept = tokens[options..=options + 1].to_vec();
    kept.extend_from_slice(policy);
    kept.push(tokens[close].clone());
    Some(kept)
}

/// Whether a definition declares `DEFAULT COLLATE` for the table.
fn of_table(definition: &[TokenWithSpan]) -> bool {
    let mut depth = 0_usize;
    definition.windows(2).any(|pair| {
        match &pair[0].token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is(pair.first(), "DEFAULT") && is(pair.last(), "COLLATE")
    })
}

/// Adds the names of the columns. The parser requires a type for those of a table.
fn columns(
    parenthesised: &[TokenWithSpan],
    table: bool,
    collated: bool,
    out: &mut Vec<TokenWithSpan>,
) {
    let [open, inner @ .., close] = parenthesised else {
        return;
    };
    let names: Vec<(&TokenWithSpan, bool, Vec<TokenWithSpan>)> = split(inner)
        .into_iter()
        .filter_map(|column| {
            let constraint = ["PRIMARY", "FOREIGN", "CONSTRAINT", "CHECK"]
                .iter()
                .any(|word| is(column.first(), word));
            let name = column.first().filter(|_| !constraint)?;
            let has = column[1..].iter().any(|token| is(Some(token), "COLLATE"));
            let word = matches!(name.token, Token::Word(_));
            word.then(|| (name, has || collated, default_of(&column[1..])))
        })
        .collect();
    if names.is_empty() {
        return;
    }
    out.push(open.clone());
    for (nth, (name, has, default)) in names.into_iter().enumerate() {
        if nth > 0 {
            out.push(made(Token::Comma, name.span));
        }
        out.push(name.clone());
        if table {
            out.push(made(Token::make_word("INT64", None), name.span));
            if has {
                out.push(made(Token::make_keyword("COLLATE"), name.span));
                out.push(made(Token::make_word("collation", None), name.span));
            }
            out.extend(default);
        }
    }
    out.push(close.clone());
}

/// Returns `DEFAULT value` of a column, if the value is a literal or a call without
/// arguments. BigQuery allows only values that are composed of these, none of which
/// reads rows; a call with an unknown value replaces any other.
fn default_of(column: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut depth = 0_usize;
    let word = column.iter().position(|token| {
        match &token.token {
            Token::LParen | Token::Lt => depth += 1,
            Token::RParen | Token::Gt => depth = depth.saturating_sub(1),
            Token::ShiftRight => depth = depth.saturating_sub(2),
            _ => {}
        }
        depth == 0 && is(Some(token), "DEFAULT")
    });
    let Some((word, value)) = word.map(|at| (&column[at], &column[at + 1..])) else {
        return Vec::new();
    };
    let ends = |at: usize| {
        value.get(at).is_none()
            || is(value.get(at), "OPTIONS")
            || is(value.get(at), "NOT") && is(value.get(at + 1), "NULL")
    };
    let literal = value.first().is_some_and(|first| match &first.token {
        Token::Number(..) | Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => true,
        Token::Word(_) => ["TRUE", "FALSE", "NULL"]
            .iter()
            .any(|word| is(Some(first), word)),
        _ => false,
    });
    let called = matches!(value, [name, open, close, ..]
        if matches!(name.token, Token::Word(_))
            && open.token == Token::LParen
            && close.token == Token::RParen);
    let mut out = vec![made(Token::make_keyword("DEFAULT"), word.span)];
    if literal && ends(1) {
        out.push(value[0].clone());
    } else if called && ends(3) {
        out.extend_from_slice(&value[..3]);
    } else {
        out.push(made(Token::make_word("GENERATE_UUID", None), word.span));
        out.push(made(Token::LParen, word.span));
        out.push(made(Token::RParen, word.span));
    }
    out
}

/// Adds `CLONE source`. If the source is copied as of another time, adds the query
/// of its rows at that time.
fn clone_of(
    tokens: &[TokenWithSpan],
    source: usize,
    word: &TokenWithSpan,
    out: &mut Vec<TokenWithSpan>,
) -> Option<()> {
    let (_, end) = StatementWords::of(tokens).path(source)?;
    let time = [
        &["FOR", "SYSTEM_TIME", "AS", "OF"][..],
        &["FOR", "SYSTEM", "TIME", "AS", "OF"],
    ]
    .into_iter()
    .find(|words| are(tokens, end, words));
    let Some(time) = time else {
        out.push(made(Token::make_keyword("CLONE"), word.span));
        out.extend_from_slice(&tokens[source..end]);
        return Some(());
    };
    for keyword in ["AS", "SELECT"] {
        out.push(made(Token::make_keyword(keyword), word.span));
    }
    out.push(made(Token::Mul, word.span));
    out.push(made(Token::make_keyword("FROM"), word.span));
    out.extend_from_slice(&tokens[source..end]);
    for word in ["FOR", "SYSTEM_TIME", "AS", "OF"] {
        out.push(keyword(word, tokens[end].span));
    }
    let value = end + time.len();
    let end = expression_end(tokens, value);
    let options = (value..end).find(|at| is(tokens.get(*at), "OPTIONS"));
    out.extend_from_slice(&tokens[value..options.unwrap_or(end)]);
    Some(())
}
