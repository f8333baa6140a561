//! Templates that Jinja reads in another way than one would think: what it gives is
//! what the engine runs. `.ci/jinja` holds random templates against Jinja itself.

use std::fs;

use serde_json::json;

use super::{Rendered, TemplateSettings, render};
use crate::source::SourceText;

fn rendered(text: &str) -> Rendered {
    render(
        &SourceText::new("query.sql", text),
        &TemplateSettings::default(),
    )
}

/// The texts of all renderings, and whether nothing in them is unknown.
fn texts(rendered: &Rendered) -> (Vec<&str>, bool) {
    let renderings = &rendered.renderings;
    let texts = renderings.iter().map(|one| one.text.as_str()).collect();
    (texts, renderings.iter().all(|one| one.problems.is_empty()))
}

/// What the template `main` gives beside other files; `None` if something in it is
/// unknown or there are several ways.
fn beside(files: &[(&str, &str)], main: &str, variables: &[(&str, i64)]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let path = folder.path().join("query.sql");
    let settings = TemplateSettings {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect(),
        ..TemplateSettings::default()
    };
    let rendered = render(
        &SourceText::new(path.display().to_string(), main),
        &settings,
    );
    match (rendered.renderings.as_slice(), texts(&rendered)) {
        ([one], (_, true)) => Some(one.text.clone()),
        _ => None,
    }
}

#[test]
fn line_end_in_a_comment_is_rendered() {
    for made in [
        r#"{{ "\n" }}"#,
        r#"{{ "\12" }}"#,
        r"{{ '\x0d' }}",
        r#"{% if true %}{{ "\n" }}{% endif %}"#,
    ] {
        let text = format!("SELECT a FROM t -- {made} WHERE b");
        let rendered = rendered(&text);
        let (texts, _) = texts(&rendered);
        assert_eq!(texts.len(), 2, "{made}: {texts:?}");
        assert!(texts[0].contains(['\n', '\r']), "{made}");
        assert_eq!(texts[1], text);
    }
}

#[test]
fn tag_that_takes_a_line_end_from_a_comment_is_rendered() {
    for tag in ["{# b -#}", "{{ 1 -}}", "{{ '' -}}", "{% set b = 1 -%}"] {
        let text = format!("SELECT a FROM t -- {tag}\nWHERE b");
        let rendered = rendered(&text);
        assert!(texts(&rendered).0[0].ends_with("WHERE b"), "{tag}");
        assert!(!texts(&rendered).0[0].contains('\n'), "{tag}");
        assert_eq!(texts(&rendered).0.len(), 2, "{tag}");
    }
}

#[test]
fn comment_of_jinja_between_comments_of_sql_is_read_both_ways() {
    let text = "SELECT a FROM t /* {# */ WHERE b /* #} */";
    let rendered = rendered(text);
    assert_eq!(texts(&rendered).0, ["SELECT a FROM t /*  */", text]);
}

#[test]
fn comment_with_braces_alone_is_the_text_as_written() {
    for text in [
        "-- {{ this }} is explained below\nSELECT 1",
        "SELECT 1 -- {# nothing #}",
        "SELECT '{{' /* {% if a %} */",
        "SELECT r'\\d{{2,3}}'",
    ] {
        let rendered = rendered(text);
        assert_eq!(texts(&rendered).0, [text]);
        assert!(rendered.renderings[0].map.is_identity());
    }
}

#[test]
fn unknown_value_in_a_comment_is_assumed_to_have_no_line_end() {
    let rendered = rendered("SELECT a -- {{ note }}\nFROM {{ 't' }}");
    assert_eq!(
        rendered.renderings[0].assumptions,
        ["`note`, which stands in a comment, has no line end"]
    );
}

#[test]
fn strings_say_what_they_say_in_python() {
    assert_eq!(
        texts(&rendered(
            r#"{{ "\x41\101\q" 'b' }}{% set c = "\U0000000a" %}{{ c }}"#
        ))
        .0,
        ["AA\\qb\n"]
    );
    assert_eq!(texts(&rendered("{{ \"a\\\nb\" }}")).0, ["ab"]);
    for unknown in [
        r#"{{ "\N{LINE FEED}" }} x"#,
        r#"{% set a = "\N{COMMA}" %}SELECT {{ a }}"#,
    ] {
        assert!(!texts(&rendered(unknown)).1, "{unknown}");
    }
}

#[test]
fn included_template_loses_its_last_line_end() {
    for end in ["\n", "\r\n", "\r"] {
        let note = format!("-- a note{end}");
        let text = beside(
            &[("note.sql", &note)],
            "{% include 'note.sql' %} WHERE a",
            &[],
        );
        assert_eq!(text.as_deref(), Some("-- a note WHERE a"));
    }
    let text = beside(&[("note.sql", "a\n\n")], "{% include 'note.sql' %}b", &[]);
    assert_eq!(text.as_deref(), Some("a\nb"));
}

#[test]
fn import_sees_nothing_of_the_importing_template() {
    let macros = "{% macro h() %}{{ n | default(1) }}{% endmacro %}";
    for (import, seen) in [
        ("{% from 'm.sql' import h %}{{ h() }}", "1"),
        ("{% from 'm.sql' import h without context %}{{ h() }}", "1"),
        ("{% from 'm.sql' import h with context %}{{ h() }}", "5000"),
        ("{% import 'm.sql' as m %}{{ m.h() }}", "1"),
        ("{% import 'm.sql' as m with context %}{{ m.h() }}", "5000"),
        (
            "{% for n in [2] %}{% import 'm.sql' as m %}{{ m.h() }}{% endfor %}",
            "1",
        ),
    ] {
        let main = format!("{{% set n = 5000 %}}{import}");
        let text = beside(&[("m.sql", macros)], &main, &[]);
        assert_eq!(text.as_deref(), Some(seen), "{import}");
    }
}

#[test]
fn import_through_another_template_sees_nothing_of_the_first() {
    let files = [
        (
            "m.sql",
            "{% macro h() %}{% include 'n.sql' %}{% endmacro %}",
        ),
        ("n.sql", "{{ n | default(1) }}"),
    ];
    let main = "{% set n = 5000 %}{% from 'm.sql' import h %}{{ h() }}";
    assert_eq!(beside(&files, main, &[]).as_deref(), Some("1"));
}

#[test]
fn variable_in_an_import_without_context_is_unknown() {
    let macros = [("m.sql", "{% macro h() %}{{ n | default(1) }}{% endmacro %}")];
    let import = "{% from 'm.sql' import h %}{{ h() }}";
    assert_eq!(beside(&macros, import, &[("n", 5000)]), None);
    let import = "{% from 'm.sql' import h with context %}{{ h() }}";
    assert_eq!(
        beside(&macros, import, &[("n", 5000)]).as_deref(),
        Some("5000")
    );
}

#[test]
fn include_without_context_sees_nothing() {
    let files = [("i.sql", "{{ n | default(1) }}")];
    for (include, seen) in [
        ("{% include 'i.sql' %}", "5000"),
        ("{% include 'i.sql' with context %}", "5000"),
        ("{% include 'i.sql' without context %}", "1"),
        ("{% include 'i.sql' ignore missing without context %}", "1"),
    ] {
        let main = format!("{{% set n = 5000 %}}{include}");
        assert_eq!(
            beside(&files, &main, &[]).as_deref(),
            Some(seen),
            "{include}"
        );
    }
    // Jinja writes this one before all else.
    let main = "{% set a %}{% include 'i.sql' without context %}{% endset %}SELECT {{ a }}";
    assert_eq!(beside(&files, main, &[]), None);
}

#[test]
fn unknown_value_stays_in_sight_in_every_statement() {
    for text in [
        "{% with big = n > 3 %}{% if big %}a{% else %}b{% endif %}{% endwith %}",
        "{% macro f(big=n > 3) %}{% if big %}a{% else %}b{% endif %}{% endmacro %}{{ f() }}",
        "{% macro f(big) %}{{ caller(big) }}{% endmacro %}\
         {% call(x) f(n > 3) %}{% if x %}a{% else %}b{% endif %}{% endcall %}",
    ] {
        assert_eq!(rendered(text).renderings.len(), 2, "{text}");
    }
}

#[test]
fn template_with_the_sign_of_a_mark_is_not_rendered() {
    for text in [
        "SELECT {{ 1 }} AS `\u{fdd0}0\u{fdd1}`",
        "SELECT {{ a }}, {{ '\\ufdd0' }}0",
        "SELECT {{ a }}, {{ '%c' | format(64976) }}0",
    ] {
        assert!(!texts(&rendered(text)).1, "{text}");
    }
}

#[test]
fn block_inside_another_statement_is_not_followed() {
    let text = "{% for n in [1] %}{% block b %}{{ n }}{% endblock %}{% endfor %}";
    assert!(!texts(&rendered(text)).1);
    let text = "{% set n = 1 %}{% if n %}{% block b %}{{ n }}{% endblock %}{% endif %}";
    assert_eq!(texts(&rendered(text)), (vec!["1"], true));
}
