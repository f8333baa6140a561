//! Tests of template rendering.

use std::fs;

use proptest::prelude::*;
use serde_json::json;

use super::{MOST_RENDERINGS, Rendered, Rendering, TemplateSettings, is_placeholder, render};
use crate::source::{SourceText, Span};

fn source(text: &str) -> SourceText {
    SourceText::new("query.sql", text)
}

fn all(text: &str) -> Rendered {
    render(&source(text), &TemplateSettings::default())
}

fn one(text: &str) -> Rendering {
    with(text, &TemplateSettings::default())
}

fn with(text: &str, settings: &TemplateSettings) -> Rendering {
    let mut rendered = render(&source(text), settings);
    assert_eq!(rendered.renderings.len(), 1, "{:?}", texts(&rendered));
    rendered.renderings.remove(0)
}

fn texts(rendered: &Rendered) -> Vec<&str> {
    rendered
        .renderings
        .iter()
        .map(|rendering| rendering.text.as_str())
        .collect()
}

fn variants(rendered: &Rendered) -> Vec<&str> {
    rendered
        .renderings
        .iter()
        .filter_map(|rendering| rendering.variant.as_deref())
        .collect()
}

/// Normalizes white space.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the written text at the place of a word of the rendering.
fn written<'a>(text: &'a str, rendering: &Rendering, word: &str) -> &'a str {
    let at = rendering.text.find(word).expect("the word is rendered");
    let place = rendering.map.written(Span::new(at, at + word.len()));
    &text[place.range()]
}

fn plain(text: &str) {
    let rendering = one(text);
    assert_eq!(rendering.text, text);
    assert!(rendering.map.is_identity(), "{text}");
    assert!(rendering.problems.is_empty(), "{:?}", rendering.problems);
}

#[test]
fn a_text_without_tags_is_itself() {
    plain("SELECT 1 FROM t WHERE x = @y");
    plain("");
}

#[test]
fn braces_of_sql_are_no_tags() {
    plain("SELECT FORMAT('{%s}', x)");
    plain("SELECT FORMAT('{%s}}', x), '%}'");
    plain("SELECT JSON '{\"a\": {\"b\": 1}}', '{{\"a\": 1}}'");
    plain("SELECT '{{d10d0bf8-f5b5-c8b4-a8b2-2b9879e08c5d}}'");
    plain("-- {{ this }} is explained below\nSELECT 1");
    plain("-- as in {% if is_init() %}\nSELECT 1");
    plain("SELECT '{% for x in y' || '{{'");
    plain("SELECT '{#a}'");
    plain(
        "CREATE TEMP FUNCTION f() RETURNS STRING LANGUAGE js AS r'''\n  if (a) {{ return 1; }}\n''';",
    );
    plain("SELECT r'\\d{{2,3}}'");
}

#[test]
fn tags_in_strings_and_comments_are_tags() {
    let rendered = all("SELECT '{% if f() %}a{% else %}b{% endif %}'");
    assert_eq!(texts(&rendered), ["SELECT 'a'", "SELECT 'b'"]);
    let rendered = all("SELECT 1 -- {% if f() %}\n, 2 -- {% endif %}\n");
    assert_eq!(rendered.renderings.len(), 2);
    assert_eq!(one("SELECT DATE '{{ ds }}'").problems.len(), 1);
}

#[test]
fn sets_loops_and_filters_are_rendered() {
    let rendering = one(
        "{% set columns = ['a', 'b'] %}SELECT {{ columns | join(', ') }}, {% for c in columns %}SUM({{ c }}) AS s_{{ c }}{{ ',' if not loop.last }} {% endfor %}FROM t",
    );
    assert_eq!(
        words(&rendering.text),
        "SELECT a, b, SUM(a) AS s_a, SUM(b) AS s_b FROM t"
    );
    assert!(rendering.problems.is_empty());
    assert_eq!(rendering.variant, None);
}

#[test]
fn python_of_the_templates_works() {
    let rendering = one(
        "{% set labels = {'b': 1, 'a': 2} %}{% for k, v in labels.items() %}{{ \"'\" ~ k ~ \"'\" }}={{ v }};{% endfor %}\
         {{ 'x' in labels }} {{ 'A'.lower() }} {{ '%s-%s' | format(1, 2) }} {{ '{}!'.format('y') }} {{ ['a', 'b'] }} {{ ('a', 1) }}",
    );
    assert_eq!(
        rendering.text,
        "'b'=1;'a'=2;False a 1-2 y! ['a', 'b'] ('a', 1)"
    );
    assert!(rendering.problems.is_empty(), "{:?}", rendering.problems);
}

#[test]
fn lists_and_dictionaries_change_in_place() {
    let rendering = one(
        "{% set xs = [] %}{% set d = {} %}{% for i in range(3) %}{% do xs.append(i) %}{% set _ = d.update({i: i}) %}{% endfor %}{{ xs | join('+') }} {{ d | length }}",
    );
    assert_eq!(rendering.text, "0+1+2 3");
    assert!(rendering.problems.is_empty(), "{:?}", rendering.problems);
}

#[test]
fn a_list_in_itself_is_refused() {
    let rendering = one("{% set xs = [] %}{% do xs.append(xs) %}SELECT {{ xs | length }}");
    assert_eq!(rendering.problems.len(), 1, "{:?}", rendering.problems);
}

#[test]
fn whitespace_is_controlled_as_in_jinja() {
    assert_eq!(
        one("a\n  {%- if true -%}  b  {%- endif %}\nc\n").text,
        "ab\nc\n"
    );
    assert_eq!(one("{# note #}\nSELECT 1\n").text, "\nSELECT 1\n");
    assert_eq!(
        one("{% raw %}SELECT '{{ ds }}'{% endraw %}").text,
        "SELECT '{{ ds }}'"
    );
}

#[test]
fn macros_are_called() {
    let text = "{% macro cents(c, by=100) %}({{ c }} / {{ by }}){% endmacro %}SELECT {{ cents('price') }} FROM t";
    let rendering = one(text);
    assert_eq!(rendering.text, "SELECT (price / 100) FROM t");
    assert_eq!(written(text, &rendering, "price"), "cents('price')");
    assert!(rendering.problems.is_empty());
}

#[test]
fn an_argument_that_is_not_passed_is_no_unknown() {
    let rendering = one(
        "{% macro m(a, b) %}{{ a }}{% if b %} AND {{ b }}{% endif %}{% if b is defined %}!{% endif %}{% endmacro %}{{ m('x') }}",
    );
    assert_eq!(rendering.text, "x");
    assert!(rendering.problems.is_empty(), "{:?}", rendering.problems);
}

#[test]
fn places_go_back_to_what_was_written() {
    let text = "SELECT {% for c in ['a', 'b'] %}{{ c }} + 1 AS x_{{ c }}, {% endfor %}é, z FROM `p.{{ 'd' }}.t`";
    let rendering = one(text);
    assert_eq!(
        rendering.text,
        "SELECT a + 1 AS x_a, b + 1 AS x_b, é, z FROM `p.d.t`"
    );
    assert_eq!(written(text, &rendering, "é, z FROM"), "é, z FROM");
    // Inside a loop, the written bytes in every iteration.
    let second = rendering.text.rfind("+ 1").expect("it is there");
    let place = rendering.map.written(Span::new(second, second + 3));
    assert_eq!(&text[place.range()], "+ 1");
    assert_eq!(
        rendering.map.exact(Span::new(second, second + 3)),
        Some(place)
    );
    // An expression is a single piece, and no fix can be made inside it.
    let a = Span::new(7, 8);
    assert_eq!(&text[rendering.map.written(a).range()], "c");
    assert_eq!(rendering.map.exact(a), None);
    // A range over both covers everything from the first to the last byte.
    let whole = rendering.map.written(Span::new(0, rendering.text.len()));
    assert_eq!(whole, Span::new(0, text.len()));
    assert_eq!(rendering.map.written(Span::default()), Span::default());
    assert_eq!(
        rendering.map.exact(Span::new(0, rendering.text.len())),
        None
    );
}

#[test]
fn an_open_condition_goes_both_ways() {
    let text = "{% if is_init() %}SELECT 1{% else %}SELECT 2{% endif %}";
    let rendered = all(text);
    assert_eq!(texts(&rendered), ["SELECT 1", "SELECT 2"]);
    assert_eq!(
        variants(&rendered),
        ["is_init() is true", "is_init() is false"]
    );
    assert!(
        rendered
            .renderings
            .iter()
            .all(|one| one.problems.is_empty())
    );
    for name in ["is_init", "is_init()"] {
        let settings = TemplateSettings {
            flags: [(name.to_owned(), false)].into(),
            ..TemplateSettings::default()
        };
        let rendering = with(text, &settings);
        assert_eq!(rendering.text, "SELECT 2");
        assert_eq!(rendering.variant, None);
    }
}

#[test]
fn every_kind_of_condition_is_open() {
    for condition in [
        "x",
        "not x",
        "x.y",
        "x == 'a'",
        "'a' != x",
        "x.y > 3",
        "x in ['a']",
        "'a' not in x",
        "x is defined",
        "x is not none",
        "x | length > 1",
        "x and true",
        "false or x",
        "f(1) == 2",
        "(x ~ 'a') == 'ba'",
        "x.startswith('a')",
        "'ab'.startswith(x)",
        "x is odd_one",
        "x + 1 > 2",
        "1 < x < 3",
        "x | unheard_of",
        "['a', x] == ['a', 'b']",
        "{'a': x}.a",
        "x[0]",
    ] {
        let rendered = all(&format!(
            "{{% if {condition} %}}a{{% else %}}b{{% endif %}}"
        ));
        let mut texts = texts(&rendered);
        texts.sort_unstable();
        assert_eq!(texts, ["a", "b"], "{condition}");
        let problems: Vec<_> = rendered
            .renderings
            .iter()
            .flat_map(|rendering| &rendering.problems)
            .collect();
        assert!(problems.is_empty(), "{condition}: {problems:?}");
        let inline = all(&format!("{{{{ 'a' if {condition} else 'b' }}}}"));
        assert_eq!(inline.renderings.len(), 2, "inline {condition}: {inline:?}");
    }
}

#[test]
fn a_macro_whose_text_is_unknown_decides_nothing_silently() {
    let rendered = all("{% macro m() %}{{ x }}{% endmacro %}{% if m() %}a{% else %}b{% endif %}");
    assert_eq!(texts(&rendered), ["a", "b"]);
}

#[test]
fn the_same_condition_goes_the_same_way_twice() {
    let rendered = all(
        "{% if is_init() %}a{% endif %}{% if not is_init() %}b{% endif %}{{ 'c' if is_init() }}",
    );
    assert_eq!(texts(&rendered), ["ac", "b"]);
}

#[test]
fn equal_renderings_are_one() {
    let rendered = all("SELECT 1{% if is_init() %} {% else %} {% endif %}");
    assert_eq!(texts(&rendered), ["SELECT 1 "]);
    assert_eq!(rendered.renderings[0].variant, None);
}

#[test]
fn too_many_conditions_are_capped_and_told() {
    let mut text = String::new();
    for flag in 0..5 {
        text.push_str(&format!("{{% if f{flag} %}}{flag}{{% endif %}}"));
    }
    let rendered = all(&text);
    assert_eq!(rendered.renderings.len(), MOST_RENDERINGS);
    let capped = rendered.capped.as_ref().expect("there are 32");
    assert_eq!(capped.flags.len(), 5);
    // Each flag is both true and false among them.
    for flag in 0..5 {
        let with = texts(&rendered)
            .iter()
            .filter(|text| text.contains(&flag.to_string()))
            .count();
        assert!((1..MOST_RENDERINGS).contains(&with), "f{flag}");
    }
    let four = all(&text[..text.find("{% if f4").expect("the last")]);
    assert_eq!(four.renderings.len(), 16);
    assert!(four.capped.is_none());
}

#[test]
fn an_unknown_value_stands_where_it_stands() {
    for (text, expected) in [
        ("SELECT {{ x }} FROM t", "SELECT unrendered_x FROM t"),
        ("SELECT {{ x }}", "SELECT unrendered_x"),
        (
            "SELECT a, {{ x }}, b FROM t",
            "SELECT a, unrendered_x, b FROM t",
        ),
        ("SELECT a.{{ x }} FROM t", "SELECT a.unrendered_x FROM t"),
        ("SELECT 1 FROM {{ x }}", "SELECT 1 FROM unrendered_x"),
        ("SELECT 1 FROM t_{{ x }}", "SELECT 1 FROM t_unrendered_x"),
        (
            "SELECT 1 FROM `{{ p }}.d.{{ x }}_v1`",
            "SELECT 1 FROM `unrendered_p.d.unrendered_x_v1`",
        ),
        (
            "SELECT 1 FROM `p`.{{ x }}.t",
            "SELECT 1 FROM `p`.unrendered_x.t",
        ),
        ("SELECT 'a {{ x }} b'", "SELECT 'a unrendered_x b'"),
        (
            "SELECT 1 WHERE {{ x }} > 1",
            "SELECT 1 WHERE unrendered_x > 1",
        ),
        (
            "SELECT 1 WHERE a IN ({{ x }})",
            "SELECT 1 WHERE a IN (unrendered_x)",
        ),
        (
            "SELECT 1 WHERE a IN {{ x }}",
            "SELECT 1 WHERE a IN (unrendered_x)",
        ),
        ("SELECT 1 FROM t LIMIT {{ x }}", "SELECT 1 FROM t LIMIT 1"),
        ("SELECT DATE {{ x }}", "SELECT DATE 'unrendered_x'"),
        (
            "SELECT 1 FROM t {{ x }} GROUP BY a",
            "SELECT 1 FROM t /* unrendered_x */ GROUP BY a",
        ),
        (
            "SELECT 1 FROM t WHERE a = 1 {{ x }}",
            "SELECT 1 FROM t WHERE a = 1 OR unrendered_x",
        ),
        (
            "SELECT 1 FROM t WHERE a {{ x }} 1 LIMIT 3 {{ y }}",
            "SELECT 1 FROM t WHERE a OR unrendered_x OR 1 LIMIT 3 /* unrendered_y */",
        ),
        (
            "FROM t |> WHERE a = 1 {{ x }} |> SELECT b {{ y }}",
            "FROM t |> WHERE a = 1 OR unrendered_x |> SELECT b /* unrendered_y */",
        ),
        (
            "SELECT IF(a = 1 {{ x }}, b, c) {{ y }} FROM t",
            "SELECT IF(a = 1 OR unrendered_x, b, c) /* unrendered_y */ FROM t",
        ),
        (
            "SELECT a FROM t GROUP BY a {{ x }} HAVING b = 1",
            "SELECT a FROM t GROUP BY a , unrendered_x HAVING b = 1",
        ),
        (
            "SELECT 1 FROM ({{ x }})",
            "SELECT 1 FROM (SELECT * FROM unrendered_x)",
        ),
        (
            "WITH a AS ({{ x }}) SELECT 1",
            "WITH a AS (SELECT * FROM unrendered_x) SELECT 1",
        ),
        (
            "WITH a AS (SELECT 1), {{ x }} b AS (SELECT 2) SELECT 3",
            "WITH a AS (SELECT 1), unrendered_x AS (SELECT * FROM unrendered_x), b AS (SELECT 2) SELECT 3",
        ),
        (
            "CREATE TABLE d.t AS {{ x }}",
            "CREATE TABLE d.t AS SELECT * FROM unrendered_x",
        ),
        ("{{ x }}", "SELECT * FROM unrendered_x"),
        (
            "{{ x }};\nSELECT 1",
            "SELECT * FROM unrendered_x;\nSELECT 1",
        ),
        (
            "#fail\n{{ x }}\n#warn\n{{ y }}\n",
            "#fail\nSELECT * FROM unrendered_x;\n#warn\nSELECT * FROM unrendered_y\n",
        ),
        ("{{ x }}\nSELECT 1", "/* unrendered_x */\nSELECT 1"),
        ("SELECT {{ x }} a FROM t", "SELECT unrendered_x, a FROM t"),
        (
            "SELECT 1 FROM t WHERE {{ x }} a = 1",
            "SELECT 1 FROM t WHERE unrendered_x AND a = 1",
        ),
        (
            "SELECT COUNT(*) {{ x }} FROM t",
            "SELECT COUNT(*) /* unrendered_x */ FROM t",
        ),
        ("SELECT {{ f }}(a) FROM t", "SELECT unrendered_f(a) FROM t"),
        (
            "SELECT {{ x.y[0].z }} FROM t",
            "SELECT unrendered_x_y_0_z FROM t",
        ),
        (
            "SELECT {{ namespace }} FROM t",
            "SELECT unrendered_namespace FROM t",
        ),
        (
            "SELECT {{ x ~ '_y' }} FROM t",
            "SELECT unrendered_x_y FROM t",
        ),
    ] {
        let rendering = one(text);
        assert_eq!(rendering.text, expected);
        assert!(!rendering.problems.is_empty(), "{text}");
        for placeholder in &rendering.placeholders {
            let shown = &rendering.text[placeholder.range()];
            assert!(is_placeholder(shown) || shown == "1", "{shown}");
        }
    }
}

#[test]
fn different_values_have_different_names() {
    let apart = [
        ("{{ range(1, 9) | random }}", "{{ range(1, 9) | random }}"),
        ("{{ xs | random }}", "{{ xs | random }}"),
        ("{{ xs.pop() }}", "{{ xs.pop() }}"),
        ("{{ c.next() }}", "{{ c.next() }}"),
        ("{{ x | upper | own }}", "{{ x | upper | own }}"),
        (
            "{{ x | replace('a', now()) }}",
            "{{ x | replace('a', now()) }}",
        ),
        ("{{ a.b }}", "{{ a_b }}"),
        ("{{ x }}", "{{ X }}"),
        (
            "{% for a in xs %}{{ a }}{% endfor %}",
            "{% for b in xs %}{{ b }}{% endfor %}",
        ),
    ];
    for (a, b) in apart {
        let rendered = all(&format!("SELECT '{a}', '{b}'"));
        let text = &rendered.renderings[0].text;
        let named: Vec<&str> = text.split('\'').collect();
        assert!(named[1] != named[3], "{text}");
    }
    let shared = [
        ("{{ x }}", "{{ x }}"),
        ("{{ x.y | upper }}", "{{ x.y | upper }}"),
        ("{{ x | replace('a', 'b') }}", "{{ x | replace('a', 'b') }}"),
        ("{% set r = xs | random %}{{ r }}", "{{ r }}"),
    ];
    for (a, b) in shared {
        let rendered = all(&format!("SELECT '{a}', '{b}'"));
        let text = &rendered.renderings[0].text;
        let named: Vec<&str> = text.split('\'').collect();
        assert_eq!(named[1], named[3], "{text}");
    }
}

#[test]
fn a_value_in_a_comment_is_no_problem() {
    let rendering = one("-- {{ x }}\nSELECT {{ 1 }}");
    assert_eq!(rendering.text, "-- unrendered_x\nSELECT 1");
    assert!(rendering.problems.is_empty());
}

#[test]
fn a_problem_names_the_place_and_the_key() {
    let text = "SELECT {{ a.b }}, {{ f(1) }} FROM `{{ project }}.d.t`";
    let rendering = one(text);
    let told: Vec<(&str, &str)> = rendering
        .problems
        .iter()
        .map(|problem| (&text[problem.span.range()], problem.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("a.b", "`a.b` cannot be rendered: unknown value"),
            ("f(1)", "`f(1)` cannot be rendered: unknown function"),
            ("project", "`project` cannot be rendered: unknown value"),
        ]
    );
    let help: Vec<&str> = rendering
        .problems
        .iter()
        .filter_map(|problem| problem.help.as_deref())
        .collect();
    assert!(help[0].ends_with("\"a.b\" = …"), "{help:?}");
    assert!(help[1].ends_with("\"f()\" = …"), "{help:?}");
    assert!(help[2].ends_with("project = …"), "{help:?}");
    let settings = TemplateSettings {
        variables: [
            ("a.b".to_owned(), json!("x")),
            ("f()".to_owned(), json!(7)),
            ("project".to_owned(), json!("p")),
        ]
        .into(),
        ..TemplateSettings::default()
    };
    let rendering = with(text, &settings);
    assert_eq!(rendering.text, "SELECT x, 7 FROM `p.d.t`");
    assert!(rendering.problems.is_empty());
}

#[test]
fn variables_have_any_shape() {
    let settings = TemplateSettings {
        variables: [(
            "apps".to_owned(),
            json!([{"name": "a", "n": 1}, {"name": "b", "n": 2.5}]),
        )]
        .into(),
        ..TemplateSettings::default()
    };
    let rendering = with(
        "{% for app in apps %}{{ app.name }}:{{ app['n'] }}{{ app.missing }} {% endfor %}",
        &settings,
    );
    assert_eq!(
        words(&rendering.text),
        "a:1unrendered_app_missing b:2.5unrendered_app_missing"
    );
    assert_eq!(rendering.problems.len(), 1);
}

#[test]
fn unknown_filters_methods_and_errors_cost_only_their_place() {
    let text = "SELECT {{ 'a' | shout }}, {{ 'a'.shout() }}, {{ 1 + 'a' }}, {{ x + 1 }}, {{ ) }}, {{ 'b' }} FROM t";
    let rendering = one(text);
    assert_eq!(rendering.problems.len(), 5, "{:?}", rendering.problems);
    assert!(rendering.text.ends_with(", b FROM t"), "{}", rendering.text);
    assert!(
        rendering.problems[0]
            .message
            .contains("unknown filter `shout`")
    );
    assert!(
        rendering.problems[1]
            .message
            .contains("unknown method `shout`")
    );
}

#[test]
fn a_loop_over_the_unknown_runs_once() {
    let text = "SELECT {% for a, b in xs.items() %}{{ a }} AS {{ b }}, {% endfor %}1";
    let rendering = one(text);
    assert_eq!(
        rendering.text,
        "SELECT unrendered_xs_items_0 AS unrendered_xs_items_1, 1"
    );
    assert_eq!(rendering.problems.len(), 3, "{:?}", rendering.problems);
    assert!(
        rendering.problems[0]
            .message
            .starts_with("the loop over `xs.items()`")
    );
    assert!(text[rendering.problems[0].span.range()].starts_with("for a, b in"));
}

#[test]
fn a_default_is_a_value() {
    assert_eq!(one("SELECT {{ x | default(3) }}").text, "SELECT @assumed_1");
    assert_eq!(
        one("SELECT {{ x | default('d') }}").text,
        "SELECT unrendered_x"
    );
    let rendering = one("SELECT {{ f() | default('d') }}");
    assert_eq!(rendering.problems.len(), 1);
}

#[test]
fn broken_templates_are_told() {
    let unclosed = one("{% if x %}SELECT 1");
    assert_eq!(unclosed.problems.len(), 1);
    assert_eq!(unclosed.text, "SELECT * FROM unrendered_template");
    let open = one("SELECT {{ x FROM t");
    assert_eq!(open.problems.len(), 1, "{:?}", open.problems);
    assert_eq!(open.problems[0].span, Span::new(7, 9));
    let tag = one("{% frobnicate %}SELECT 1");
    assert_eq!(tag.text, "SELECT 1");
    assert_eq!(tag.problems.len(), 1);
}

#[test]
fn nothing_runs_for_ever() {
    for text in [
        "{% for i in range(100000) %}{% for j in range(100000) %}{{ j }}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'a' * 1000000000 }}",
        "{% set ns = namespace(x='a') %}{% for i in range(64) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}{{ f(ns.x) }}",
        "{% include 'query.sql' %}{{ x.y }}",
    ] {
        let rendered = all(text);
        assert!(!rendered.renderings.is_empty());
        let problems: usize = rendered
            .renderings
            .iter()
            .map(|one| one.problems.len())
            .sum();
        assert!(problems > 0, "{text}");
    }
    let deep = format!("SELECT {{{{ {}1{} }}}}", "(".repeat(500), ")".repeat(500));
    assert!(!one(&deep).problems.is_empty());
}

#[test]
fn includes_and_imports_are_read_beside_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("lib")).expect("a folder");
    fs::write(
        at("lib/macros.sql"),
        "{% macro twice(x) %}{{ x }} + {{ x }}{% endmacro %}",
    )
    .expect("a file");
    fs::write(
        at("part.sql"),
        "FROM {{ table }}{% include 'lib/end.sql' %}",
    )
    .expect("a file");
    fs::write(at("lib/end.sql"), " WHERE {{ 'a' | nonsense }}").expect("a file");
    let text = "{% from 'lib/macros.sql' import twice %}{% import 'lib/macros.sql' as m %}SELECT {{ twice('a') }}, {{ m.twice('b') }} {% include 'part.sql' %}";
    // A text without a file includes nothing.
    fs::write(at("query.sql"), text).expect("a file");
    let path = at("query.sql").display().to_string();
    let rendered = render(
        &SourceText::new(path.clone(), text),
        &TemplateSettings::default(),
    );
    let rendering = &rendered.renderings[0];
    assert_eq!(
        rendering.text,
        "SELECT a + a, b + b FROM unrendered_table WHERE unrendered_a_nonsense"
    );
    assert_eq!(written(text, rendering, "FROM"), "include 'part.sql'");
    assert_eq!(written(text, rendering, "WHERE"), "include 'part.sql'");
    assert_eq!(rendering.problems.len(), 2, "{:?}", rendering.problems);
    for problem in &rendering.problems {
        assert_eq!(&text[problem.span.range()], "include 'part.sql'");
    }

    let missing = "SELECT 1 {% include 'nowhere.sql' %} FROM t";
    let rendered = render(
        &SourceText::new(path, missing),
        &TemplateSettings::default(),
    );
    let problem = &rendered.renderings[0].problems[0];
    assert!(
        problem.message.contains("no template `nowhere.sql`"),
        "{}",
        problem.message
    );
    assert_eq!(&missing[problem.span.range()], "include 'nowhere.sql'");
}

#[test]
fn a_missing_import_costs_what_it_names() {
    let rendering = one("{% from 'no.sql' import f %}SELECT {{ f(1) }} FROM t");
    assert_eq!(rendering.text, "SELECT unrendered_f_1 FROM t");
    assert_eq!(rendering.problems.len(), 2, "{:?}", rendering.problems);
    assert!(rendering.problems[0].message.contains("`no.sql`"));
}

#[test]
fn dbt_names_become_tables() {
    let source = SourceText::new(
        "models/orders_daily.sql",
        "{{ config(materialized='incremental') }}\nSELECT * FROM {{ ref('orders') }} JOIN {{ source('raw', 'pay-ments') }} JOIN `{{ ref('pkg', 'x') }}` WHERE n > {{ var('least', 5) }}\n{% if is_incremental() %}AND d > (SELECT MAX(d) FROM {{ this }}){% endif %} LIMIT {{ env_var('E', '3') }}",
    );
    let rendered = render(&source, &TemplateSettings::default());
    assert_eq!(
        texts(&rendered)
            .iter()
            .map(|text| words(text))
            .collect::<Vec<_>>(),
        [
            "SELECT * FROM `dbt-models.orders` JOIN `raw.pay-ments` JOIN `dbt-models-pkg.x` WHERE n > @assumed_1 AND d > (SELECT MAX(d) FROM `dbt-models.orders_daily`) LIMIT 3",
            "SELECT * FROM `dbt-models.orders` JOIN `raw.pay-ments` JOIN `dbt-models-pkg.x` WHERE n > @assumed_1 LIMIT 3",
        ]
    );
    assert_eq!(
        variants(&rendered),
        ["is_incremental() is true", "is_incremental() is false"]
    );
    assert!(
        rendered
            .renderings
            .iter()
            .all(|one| one.problems.is_empty())
    );
}

#[test]
fn dbt_packages_are_not_known() {
    let rendering =
        one("SELECT {{ dbt_utils.star(from=ref('a')) }} FROM {{ ref('a') }} WHERE {{ var('x') }}");
    assert_eq!(rendering.problems.len(), 2, "{:?}", rendering.problems);
    assert!(rendering.problems[1].message.starts_with("`x` cannot"));
    let snapshot = one(
        "{% snapshot s %}{{ config(a=1) }}SELECT 1{% endsnapshot %}{% docs d %}text{% enddocs %}",
    );
    assert_eq!(snapshot.text, "SELECT 1");
}

#[test]
fn a_header_of_sqlmesh_is_blank() {
    let text = "MODEL (\n  name d.t, -- the table\n  kind INCREMENTAL_BY_TIME_RANGE (time_column ds),\n  cron '@daily'\n);\n\nSELECT a FROM s WHERE ds BETWEEN @start_ds AND @end_ds AND '@x' = @@time_zone";
    let rendering = one(text);
    assert_eq!(rendering.text.len(), text.len());
    assert!(
        rendering
            .text
            .trim_start()
            .starts_with("SELECT a FROM s WHERE ds BETWEEN @start_ds")
    );
    assert_eq!(rendering.target.as_deref(), Some("d.t"));
    assert!(rendering.problems.is_empty(), "{:?}", rendering.problems);
    let at = text.find("ds BETWEEN").expect("it is there");
    let place = Span::new(at, at + 2);
    assert_eq!(rendering.map.exact(place), Some(place));
    // Without a header, a parameter is a parameter.
    plain("SELECT @start_ds, @EACH");
}

#[test]
fn macros_of_sqlmesh_are_rendered() {
    let text = "MODEL (name d.t);\n@DEF(least, 5000);\nSELECT @EACH([a, b], x -> SUM(@x) AS s_@{x}), @VAR('v', 3) AS v FROM @this_model\nWHERE n >= @least AND @IF(@gateway = 'x', a, b) AND @unheard(1, 2) = '{{ x }}'";
    let rendered = all(text);
    assert_eq!(
        texts(&rendered)
            .iter()
            .map(|text| words(text))
            .collect::<Vec<_>>(),
        [
            "; SELECT SUM(a) AS s_a, SUM(b) AS s_b, @assumed_1 AS v FROM d.t WHERE n >= 5000 AND a AND unrendered_unheard_1_2 = '{{ x }}'",
            "; SELECT SUM(a) AS s_a, SUM(b) AS s_b, @assumed_1 AS v FROM d.t WHERE n >= 5000 AND b AND unrendered_unheard_1_2 = '{{ x }}'",
        ]
    );
    assert_eq!(rendered.renderings[0].problems.len(), 1);
    let jinja = one("MODEL (name d.t);\nJINJA_QUERY_BEGIN;\nSELECT {{ 'a' }} FROM t\nJINJA_END;");
    assert_eq!(words(&jinja.text), "SELECT a FROM t");
}

fn hub() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let definitions = folder.path().join("definitions");
    fs::create_dir(&definitions).expect("a folder");
    fs::write(
        definitions.join("shop.toml"),
        r#"
[metrics.visits]
select_expression = "{{ agg_sum('n') }}"
data_source = "daily"

[metrics.buyers]
select_expression = "COUNT(DISTINCT client)"
data_source = "sales"

[metrics.lost]
select_expression = "1"
data_source = "nowhere"

[data_sources.daily]
from_expression = "shop.daily"

[data_sources.daily.joins.regions]
relationship = "many_to_one"
on_expression = "daily.r = regions.r"

[data_sources.regions]
from_expression = "shop.regions"

[data_sources.sales]
from_expression = "(SELECT * FROM shop.sales)"
client_id_column = "client"
submission_date_column = "DATE(at)"
"#,
    )
    .expect("a file");
    fs::write(
        definitions.join("functions.toml"),
        "[functions.agg_sum]\ndefinition = \"COALESCE(SUM({select_expr}), 0)\"\n",
    )
    .expect("a file");
    folder
}

#[test]
fn metrics_are_calculated_from_their_definitions() {
    let folder = hub();
    let settings = TemplateSettings {
        metric_hub: Some(folder.path().to_owned()),
        ..TemplateSettings::default()
    };
    let text = "SELECT * FROM {{ metrics.calculate(metrics=['visits', 'buyers'], platform='shop', group_by={'country': 'geo.country'}, where='x = 1', group_by_client_id=False) }}";
    let rendering = with(text, &settings);
    assert!(rendering.problems.is_empty(), "{:?}", rendering.problems);
    assert_eq!(
        words(&rendering.text),
        "SELECT * FROM ( WITH daily AS ( SELECT submission_date AS submission_date, \
         geo.country AS country, COALESCE(SUM(n), 0) AS visits, \
         FROM (SELECT * FROM (SELECT * FROM shop.daily WHERE x = 1 ) AS daily \
         RIGHT JOIN (SELECT * FROM (SELECT * FROM shop.regions WHERE x = 1 ) AS regions) AS regions \
         ON daily.r = regions.r) GROUP BY country, submission_date ), \
         sales AS ( SELECT DATE(at) AS submission_date, geo.country AS country, \
         COUNT(DISTINCT client) AS buyers, \
         FROM (SELECT * FROM (SELECT * FROM (SELECT * FROM shop.sales) WHERE x = 1 ) AS sales) \
         GROUP BY country, submission_date ) \
         SELECT daily.submission_date AS submission_date, daily.country AS country, \
         visits, buyers, FROM daily FULL OUTER JOIN sales \
         ON sales.country = daily.country AND sales.submission_date = daily.submission_date )"
    );
    assert_eq!(
        written(text, &rendering, "COALESCE"),
        &text[text.find("metrics.calc").expect("the call")..text.len() - 3]
    );
}

#[test]
fn what_is_missing_of_metric_hub_is_named() {
    let folder = hub();
    for (call, hub, missing) in [
        (
            "metrics.calculate(metrics=['visits'], platform='shop')",
            false,
            "`metric_hub`",
        ),
        (
            "metrics.calculate(metrics=['no'], platform='shop')",
            true,
            "no metric `no`",
        ),
        (
            "metrics.calculate(metrics=['lost'], platform='shop')",
            true,
            "no data source `nowhere`",
        ),
        (
            "metrics.calculate(metrics=['visits'], platform='web')",
            true,
            "definitions/web.toml",
        ),
        (
            "metrics.calculate(metrics=['visits'], platform=p)",
            true,
            "`platform` is unknown",
        ),
        (
            "metrics.calculate(metrics=['visits'], platform='../shop')",
            true,
            "invalid platform name",
        ),
    ] {
        let settings = TemplateSettings {
            metric_hub: hub.then(|| folder.path().to_owned()),
            ..TemplateSettings::default()
        };
        let rendering = with(&format!("SELECT * FROM {{{{ {call} }}}}"), &settings);
        assert_eq!(rendering.text, "SELECT * FROM unrendered_metrics_calculate");
        assert_eq!(rendering.problems.len(), 1);
        assert!(
            rendering.problems[0].message.contains(missing),
            "{:?}",
            rendering.problems
        );
    }
}

/// Generates pieces of templates, from which random texts are composed.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé ,\n(){}'`;-]{0,8}",
        Just("SELECT a FROM t ".to_owned()),
        Just("{{ x }}".to_owned()),
        Just("{{- f(x).y | upper -}}".to_owned()),
        Just("{% if is_init() %}".to_owned()),
        Just("{% else %}".to_owned()),
        Just("{% endif %}".to_owned()),
        Just("{% for é in x %}".to_owned()),
        Just("{% for i in range(3) -%}".to_owned()),
        Just("{% endfor %}".to_owned()),
        Just("{% set y = x ~ 'ü' %}".to_owned()),
        Just("{% set z %}".to_owned()),
        Just("{% endset %}{{ z }}{{ y[:2] }}".to_owned()),
        Just("{% raw %}{{ no }}{% endraw %}".to_owned()),
        Just("{# c #}".to_owned()),
        Just("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1) }}".to_owned()),
        Just("{% include 'none' %}".to_owned()),
        Just("{{ 'é' }}{% frob %}{{ ref('a') }}".to_owned()),
        Just("MODEL (name a);@EACH([é], x -> @x)@IF(a, b)".to_owned()),
        Just("\u{FDD0}0\u{FDD1}".to_owned()),
        Just("{{ 'a' * 3 }}{% do x.append(1) %}{{".to_owned()),
    ]
}

proptest! {
    #[test]
    fn the_map_stays_inside_and_literal_text_is_literal(
        pieces in prop::collection::vec(piece(), 0..10),
    ) {
        let text = pieces.concat();
        let rendered = all(&text);
        prop_assert!(!rendered.renderings.is_empty());
        prop_assert!(rendered.renderings.len() <= MOST_RENDERINGS);
        for rendering in &rendered.renderings {
            let len = rendering.text.len();
            for start in (0..=len).step_by(3) {
                for end in [start, start + 1, start + 7, len] {
                    if end < start || end > len {
                        continue;
                    }
                    let span = Span::new(start, end);
                    let written = rendering.map.written(span);
                    prop_assert!(written.start <= written.end);
                    prop_assert!(written.end as usize <= text.len());
                    if let Some(exact) = rendering.map.exact(span) {
                        prop_assert_eq!(
                            &text.as_bytes()[exact.range()],
                            &rendering.text.as_bytes()[span.range()]
                        );
                        if !span.is_empty() {
                            prop_assert_eq!(exact, written);
                        }
                    }
                }
            }
            for problem in &rendering.problems {
                prop_assert!(problem.span.end as usize <= text.len());
                prop_assert!(text.get(problem.span.range()).is_some());
            }
            for placeholder in &rendering.placeholders {
                prop_assert!(rendering.text.get(placeholder.range()).is_some());
            }
        }
    }

    #[test]
    fn any_text_gives_a_rendering(text in "[ -~\u{e9}\n]{0,80}|[{}%#@'\"` a(),.\\-\\[\\]]{0,40}") {
        let rendered = all(&text);
        prop_assert!(!rendered.renderings.is_empty());
    }

    #[test]
    fn any_expression_gives_a_rendering(inside in "[a-c0-2.'(),|~ +<>=\\[\\]{}:-]{0,24}") {
        let text = format!("SELECT {{{{ {inside} }}}} FROM t WHERE {{% if {inside} %}}a{{% endif %}}");
        let rendered = all(&text);
        prop_assert!(!rendered.renderings.is_empty());
    }
}
