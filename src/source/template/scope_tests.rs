//! Tests which statements give a name its value, and where it is visible, as in
//! Jinja. The expected texts are those of Jinja itself; `.ci/jinja` compares random
//! templates with it.

use serde_json::json;

use super::{TemplateSettings, render};
use crate::source::SourceText;

/// Renders a template; `None` if something in it is unknown.
fn given(text: &str) -> Option<String> {
    let settings = TemplateSettings {
        variables: [("g".to_owned(), json!("G"))].into_iter().collect(),
        ..TemplateSettings::default()
    };
    let rendered = render(&SourceText::new("query.sql", text), &settings);
    match rendered.renderings.as_slice() {
        [one] if one.problems.is_empty() => Some(one.text.clone()),
        _ => None,
    }
}

#[track_caller]
fn all_give(cases: &[(&str, &str)]) {
    for (template, expected) in cases {
        let text = format!("{{% set n = 1 %}}{template}");
        assert_eq!(given(&text).as_deref(), Some(*expected), "{template}");
    }
}

#[track_caller]
fn all_unknown(cases: &[&str]) {
    for template in cases {
        let text = format!("{{% set n = 1 %}}{template}");
        assert_eq!(given(&text), None, "{template}");
    }
}

#[test]
fn name_set_in_a_block_statement_ends_with_it() {
    all_give(&[
        (
            "{% filter upper %}{% set n = 2 %}{{ n }}{% endfilter %}{{ n }}",
            "21",
        ),
        (
            "{% filter upper %}{% if n %}{% set n = 2 %}{% endif %}{{ n }}{% endfilter %}{{ n }}",
            "21",
        ),
        (
            "{% set a %}{% set n = 2 %}{{ n }}{% endset %}{{ a }}{{ n }}",
            "21",
        ),
        (
            "{% set a | upper %}{% set n = 'x' %}{{ n }}{% endset %}{{ a }}{{ n }}",
            "X1",
        ),
        (
            "{% autoescape false %}{% set n = 2 %}{{ n }}{% endautoescape %}{{ n }}",
            "21",
        ),
        (
            "{% for i in [] %}{% else %}{% set n = 2 %}{{ n }}{% endfor %}{{ n }}",
            "21",
        ),
        (
            "{% for i in [1] %}{% set n = 2 %}{{ n }}{% endfor %}{{ n }}",
            "21",
        ),
        ("{% with %}{% set n = 2 %}{{ n }}{% endwith %}{{ n }}", "21"),
        (
            "{% filter upper %}{% macro f() %}x{% endmacro %}{{ f() }}{% endfilter %}{{ n }}",
            "X1",
        ),
        ("{% if n %}{% set n = 2 %}{% endif %}{{ n }}", "2"),
    ]);
}

#[test]
fn filter_over_a_text_sees_what_the_text_sets() {
    all_give(&[
        (
            "{% filter replace('x', n) %}{% set n = 2 %}{{ n }}x{% endfilter %}{{ n }}",
            "221",
        ),
        (
            "{% set a | replace('x', n) %}{% set n = 2 %}x{% endset %}{{ a }}{{ n }}",
            "21",
        ),
    ]);
}

#[test]
fn values_of_with_are_those_around_it() {
    all_give(&[
        (
            "{% with n = 2, a = n %}{{ n }}{{ a }}{% endwith %}{{ n }}",
            "211",
        ),
        ("{% with n = n %}{{ n }}{% endwith %}", "1"),
    ]);
}

#[test]
fn defaults_of_a_macro_come_in_order() {
    all_give(&[
        (
            "{% macro f(a=2, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f() }}{{ f(3) }}",
            "2233",
        ),
        ("{% macro f(n=n) %}<{{ n }}>{% endmacro %}{{ f(n) }}", "<1>"),
        (
            "{% macro f(a=b, b=2) %}{{ b if a is defined else 3 }}{% endmacro %}{{ f() }}",
            "3",
        ),
    ]);
    all_unknown(&["{% macro f(a=2) %}{{ a }}{% endmacro %}{{ f({}.x) }}"]);
}

#[test]
fn macro_sees_the_scope_that_it_stands_in() {
    all_give(&[
        (
            "{% macro f() %}{% set n = n ~ 'x' %}{{ n }}{% endmacro %}{{ f() }}{{ n }}",
            "1x1",
        ),
        (
            "{% macro f() %}{{ n }}{% endmacro %}{% set n = 2 %}{{ f() }}",
            "2",
        ),
        (
            "{% for i in [1, 2] %}{% macro f() %}{{ n }}{% endmacro %}{{ f() }}{% set n = 3 %}{{ f() }}{% endfor %}",
            "1313",
        ),
        (
            "{% set g = 'x' %}{% macro f() %}{% filter replace('y', g) %}y{% endfilter %}{% endmacro %}{{ f() }}",
            "x",
        ),
    ]);
}

#[test]
fn name_that_a_scope_sets_later_has_no_value_before() {
    let text = "{% for i in [1] %}{{ g }}{% endfor %}{% set g = 2 %}{{ g }}";
    assert_eq!(given(text), None);
    let text = "{% for i in [1] %}{{ g }}{% endfor %}{{ g }}{% set g = 2 %}{{ g }}";
    assert_eq!(given(text).as_deref(), Some("GG2"));
    let text = "{% block b %}{% set g %}{{ g }}{% endset %}{{ g }}{% endblock %}";
    assert_eq!(given(text), None);
}

#[test]
fn what_is_not_followed_is_unknown() {
    all_unknown(&[
        "{% autoescape true %}{{ '<' }}{% endautoescape %}",
        "{% block a %}{% set n = 2 %}{% block b %}{{ n }}{% endblock %}{% endblock %}",
        "{% block a %}{{ n }}{% endblock %}{% for n in [2] %}{{ self.a() }}{% endfor %}",
        "{% for i in [[1]] recursive %}{{ n }}{% set n = 2 %}{{ loop(i) if i is sequence }}{% endfor %}",
        "{% for i in [1] %}{% continue %}{% else %}{{ n }}{% endfor %}",
        "{% for i in [1, 2] %}{% filter upper %}{% continue %}{% endfilter %}{% endfor %}",
    ]);
}

#[test]
fn filters_read_attributes_as_in_jinja() {
    let items = "{% set xs = [{'k': 2, 'g': 'b', 'd': [3]}, {'k': 1, 'g': 'B', 'd': [4]}] %}";
    for (expression, expected) in [
        ("xs | sort(attribute='k') | map(attribute='g') | join", "Bb"),
        (
            "xs | sort(attribute='g,k') | map(attribute='k') | join",
            "12",
        ),
        (
            "xs | sort(true, attribute='k') | map(attribute='d.0') | join",
            "34",
        ),
        (
            "xs | unique(attribute='g') | map(attribute='k') | join",
            "2",
        ),
        ("(xs | min(attribute='k')).g", "B"),
        ("(xs | max(attribute='d.0')).g", "B"),
        ("xs | sum(attribute='k')", "3"),
        ("xs | sum('k', 10)", "13"),
        (
            "[[1, 'a'], [0, 'b']] | sort(attribute=0) | map(attribute=1) | join",
            "ba",
        ),
        ("xs | map(attribute='zz', default='-') | join", "--"),
        ("[[1, 2], [1, 3]] | groupby(0)", "[(1, [[1, 2], [1, 3]])]"),
        ("(xs | groupby('g') | first).grouper", "b"),
        ("(xs | groupby('g') | first).list | length", "2"),
    ] {
        let text = format!("{items}{{{{ {expression} }}}}");
        assert_eq!(given(&text).as_deref(), Some(expected), "{expression}");
    }
    for expression in [
        "[{'k': 1}, {'k': 'a'}] | sort(attribute='k')",
        "[{'k': 1}, {}] | max(attribute='k')",
        "[{'k': []}] | unique(attribute='k') | list",
        "xs | sum(attribute='g')",
        "xs | sort(attribut='k')",
    ] {
        let text = format!("{items}{{{{ {expression} }}}}");
        assert_eq!(given(&text), None, "{expression}");
    }
}

#[test]
fn text_in_a_list_is_written_as_in_python() {
    for (list, expected) in [
        (r#"["it's"]"#, r#"["it's"]"#),
        (r#"["'\""]"#, r#"['\'"']"#),
        (r#"["\v\t\r\\"]"#, r#"['\x0b\t\r\\']"#),
        ("[{}.x]", "[Undefined]"),
    ] {
        let text = format!("{{{{ {list} }}}}");
        assert_eq!(given(&text).as_deref(), Some(expected), "{list}");
    }
    assert_eq!(given("{{ ['\\xa0'] }}"), None);
}

#[test]
fn every_filter_of_jinja_is_told_by_name() {
    let text = "{{ 'a' | urlize }}";
    assert_eq!(given(text), None);
}
