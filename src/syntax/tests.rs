//! What the token pass and the dialect make of text.

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
