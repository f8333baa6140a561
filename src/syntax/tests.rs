//! Tests of the token pass and the dialect.

use proptest::prelude::*;
use sqlparser::tokenizer::Token;

use super::lexer::FaultKind;
use super::{Directive, DirectiveKind, Script, StatementKind, parse};
use crate::source::SourceText;

fn parsed(sql: &str) -> (SourceText, Script) {
    let source = SourceText::new("test.sql", sql);
    let script = parse(&source);
    (source, script)
}

fn shown(sql: &str) -> String {
    let (_, script) = parsed(sql);
    script
        .statements
        .iter()
        .map(|statement| match &statement.kind {
            StatementKind::Sql(tree) => tree.to_string(),
            StatementKind::Failed(error) => format!("failed: {}", error.message),
            other => format!("{other:?}"),
        })
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn nothing_is_no_statement() {
    assert_eq!(shown(""), "");
    assert_eq!(shown("-- only a comment\n;;"), "");
}

#[test]
fn types_close_two_at_once() {
    assert_eq!(
        shown("SELECT CAST(x AS ARRAY<STRUCT<a INT64>>), y >> 2 FROM t"),
        "SELECT CAST(x AS ARRAY<STRUCT<a INT64>>), y >> 2 FROM t"
    );
}

#[test]
fn a_keyword_after_a_dot_is_a_name() {
    assert!(shown("SELECT mozfun.assert.null(x), t.order FROM t").starts_with("SELECT mozfun"));
}

#[test]
fn a_broken_statement_costs_only_itself() {
    let (source, script) = parsed("SELECT 1;\nSELECT FROM WHERE;\nSELECT 2");
    assert_eq!(script.statements.len(), 3);
    let StatementKind::Failed(error) = &script.statements[1].kind else {
        panic!("the second statement is broken");
    };
    assert_eq!(source.position(error.span.start).line, 2);
    assert!(matches!(script.statements[2].kind, StatementKind::Sql(_)));
}

#[test]
fn an_unclosed_string_keeps_what_stands_before() {
    let (_, script) = parsed("SELECT 1;\nSELECT 'abc");
    assert!(matches!(script.statements[0].kind, StatementKind::Sql(_)));
    assert!(matches!(
        script.statements.last().map(|last| &last.kind),
        Some(StatementKind::Failed(_))
    ));
}

#[test]
fn nesting_has_a_limit_that_is_named() {
    let sql = format!("SELECT {}1{}", "(".repeat(2_000), ")".repeat(2_000));
    let (_, script) = parsed(&sql);
    let StatementKind::Failed(error) = &script.statements[0].kind else {
        panic!("2,000 parentheses are too many");
    };
    assert_eq!(error.limit, Some("nesting"));
}

#[test]
fn directives_are_read() {
    let (_, script) = parsed(
        "-- headcount: allow(HC101, HC302) known debt\nSELECT 1 -- headcount: internal ops only",
    );
    assert_eq!(script.directives.len(), 2);
    let Directive { kind, own_line, .. } = &script.directives[0];
    assert!(own_line);
    assert_eq!(
        *kind,
        DirectiveKind::Allow {
            codes: vec!["HC101".to_owned(), "HC302".to_owned()],
            reason: "known debt".to_owned(),
        }
    );
    assert!(!script.directives[1].own_line);
}

/// Describes every token by the letter of its kind and its value. Names in back
/// quotes are `q`, words `w`, numbers `n`, strings `s`, bytes `b`; signs are written
/// as they are.
fn tokens(text: &str) -> String {
    let read = super::lexer::read(text, 10_000);
    let mut shown: Vec<String> = read
        .tokens
        .iter()
        .map(|token| match &token.token {
            Token::Word(word) if word.quote_style.is_some() => format!("q:{}", word.value),
            Token::Word(word) => format!("w:{}", word.value),
            Token::Number(text, _) => format!("n:{text}"),
            Token::SingleQuotedString(text) => format!("s:{text}"),
            Token::SingleQuotedByteStringLiteral(text) => format!("b:{text}"),
            sign => sign.to_string(),
        })
        .collect();
    shown.extend(
        read.faults
            .iter()
            .chain(&read.broken)
            .map(|fault| match &fault.kind {
                FaultKind::Syntax { message, .. } => format!("error: {message}"),
                FaultKind::Reserved(name) => format!("reserved: {name}"),
            }),
    );
    shown.join(" ")
}

#[test]
fn line_ends_are_those_of_the_engine() {
    for end in ["\n", "\r", "\r\n", "\r\r"] {
        assert_eq!(tokens(&format!("a -- b{end}c")), "w:a w:c", "{end:?}");
        assert_eq!(tokens(&format!("a # b{end}c")), "w:a w:c", "{end:?}");
    }
    for no_end in [
        "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}", "\\", "\0",
    ] {
        assert_eq!(tokens(&format!("a -- b{no_end}c")), "w:a", "{no_end:?}");
    }
}

#[test]
fn white_space_is_that_of_the_engine() {
    for space in [
        "\u{8}", "\t", "\u{b}", "\u{c}", "\u{a0}", "\u{2007}", "\u{202f}", "\u{3000}",
    ] {
        assert_eq!(tokens(&format!("a{space}b")), "w:a w:b", "{space:?}");
    }
    for other in [
        "\0", "\u{85}", "\u{1680}", "\u{200b}", "\u{2028}", "\u{feff}", "é", "\\", "$x ", "%",
    ] {
        assert!(
            tokens(&format!("a{other}b")).contains("error: illegal"),
            "{other:?}"
        );
    }
    assert_eq!(tokens("\u{feff}a"), "w:a");
}

#[test]
fn comments_are_those_of_the_engine() {
    assert_eq!(tokens("a /* /* */ b"), "w:a w:b");
    assert_eq!(tokens("a /*/ b */ c"), "w:a w:c");
    assert_eq!(tokens("a-- b\n-c#d"), "w:a - w:c");
    assert_eq!(tokens("a /* b"), "w:a error: unclosed comment");
}

#[test]
fn quoted_names_have_escapes() {
    assert_eq!(tokens(r"`client\x5fid`"), "q:client_id");
    assert_eq!(tokens(r"`a\`b` `c\u002e\104`"), "q:a`b q:c.D");
    assert_eq!(tokens("`a``b`"), "q:a q:b");
    for invalid in ["``", r"`\q`", r"`\1`", "`a\nb`", "`a\rb`", "`a", r"`a\"] {
        assert!(tokens(invalid).contains("error: "), "{invalid:?}");
    }
}

#[test]
fn literals_are_read_with_every_prefix() {
    assert_eq!(
        tokens(r#"'a' , "b\n" R'\n' , b'\xff' rB"\x" , '''a'b''' "#),
        "s:a , s:b\n s:\\n , b:\u{ff} b:\\x , s:a'b"
    );
    assert_eq!(tokens("'''a\r\nb\rc'''"), "s:a\nb\nc");
    assert_eq!(tokens(r"r'\'' x'1'"), r"s:\' w:x s:1");
    for invalid in [
        "'a''b'",
        "'a'r'b'",
        "'a\nb'",
        "'a\rb'",
        r"'\q'",
        "'a\\\nb'",
        r"b'\u0041'",
        r"r'\'",
    ] {
        assert!(tokens(invalid).contains("error: "), "{invalid:?}");
    }
}

#[test]
fn numbers_are_not_glued_to_words() {
    assert_eq!(
        tokens("1 .5 1. 1.5e-3 0X1f 5.FROM"),
        "n:1 n:.5 n:1. n:1.5e-3 n:0X1f n:5. w:FROM"
    );
    for invalid in ["1a", "1e", "0x", "5FROM", "1.5e3x", "1_000"] {
        assert!(tokens(invalid).contains("error: "), "{invalid:?}");
    }
}

#[test]
fn names_after_dots_have_any_letters() {
    assert_eq!(
        tokens("a.5b a . 1e5 x[0].5 f().0x"),
        "w:a . q:5b w:a . q:1e5 w:x [ n:0 ] . q:5 w:f ( ) . q:0x"
    );
    assert_eq!(
        tokens("a.5e-3 a.b.6.c"),
        "w:a . q:5e - n:3 w:a . w:b . q:6 . w:c"
    );
    assert_eq!(tokens("SELECT .5"), "w:SELECT n:.5");
}

#[test]
fn parameters_are_one_word() {
    assert_eq!(
        tokens("@a @ b @/* c */d @`e f` @@g.h @@ i"),
        "w:@a w:@b w:@d w:@e f w:@@g . w:h w:@@i"
    );
    assert_eq!(tokens("`@a`"), "q:@a");
    assert_eq!(tokens("@{x=1} @5 1"), "@ { w:x = n:1 } @ n:5 n:1");
    for invalid in ["@", "@ @a", "@@@a", "@@{x=1}", "@'a'"] {
        assert!(tokens(invalid).contains("error: "), "{invalid:?}");
    }
}

#[test]
fn names_of_the_token_pass_are_refused() {
    for name in [
        "__headcount_let",
        "__HEADCOUNT_X",
        "`__HeadCount_let`",
        r"`\x5f_headcount_let`",
        "@__headcount_let",
        "t.__headcount_let",
        r"`\ufdd0LET`",
        "`\u{fdd0}LET`",
        r"'\ufdd0LET'",
    ] {
        assert!(tokens(name).contains("reserved: "), "{name}");
        let shown = shown(&format!("SELECT 1; SELECT f({name}); SELECT 2"));
        assert!(shown.contains("Unmodelled"), "{shown}");
        assert!(
            shown.starts_with("SELECT 1; ") && shown.ends_with("; SELECT 2"),
            "{shown}"
        );
    }
}

#[test]
fn an_invalid_token_costs_its_statement_only() {
    let (source, script) = parsed("SELECT 1;\nSELECT '\\q', 1a;\rIF % THEN SELECT 2; END IF");
    let failed: Vec<usize> = script
        .statements
        .iter()
        .filter(|statement| matches!(statement.kind, StatementKind::Failed(_)))
        .map(|statement| source.position(statement.span.start).line)
        .collect();
    assert_eq!(failed, [2, 3]);
    assert!(matches!(script.statements[0].kind, StatementKind::Sql(_)));
}

proptest! {
    /// No token contains the sign of the token pass unless the text is rejected.
    #[test]
    fn no_text_makes_a_name_of_the_token_pass(text in r"([\\ufdDX0-9'`rb@ .]|\u{fdd0}|\PC){0,24}") {
        let read = super::lexer::read(&text, 1_000);
        let made = read.tokens.iter().any(|token| match &token.token {
            Token::Word(word) => word.value.contains(super::marker::SIGN),
            Token::SingleQuotedString(text) => text.contains(super::marker::SIGN),
            _ => false,
        });
        let refused = read.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Reserved(_)));
        prop_assert!(!made || refused);
    }

    /// Tokens are in order of the text, inside of it, and on character boundaries.
    #[test]
    fn tokens_lie_in_the_text(text in r"([a-e0-9.'`@#*/\-\\\r\n ]|\PC){0,32}") {
        let read = super::lexer::read(&text, 1_000);
        let mut at = 0;
        for token in &read.tokens {
            let span = super::index::bytes(token.span);
            prop_assert!(at <= span.start && span.start < span.end);
            prop_assert!(text.get(span.range()).is_some());
            at = span.end;
        }
    }
}
