//! Texts that are too long or too deep: each is answered, with the limit that it
//! reaches if it reaches one, and none makes the program hang.

use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

/// Returns the findings about a text as `CODE message`.
fn said(sql: &str) -> Vec<String> {
    let sql = sql.to_owned();
    std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(move || {
            let source = SourceText::new("t.sql", sql);
            let file = assess_text(source, Registry::builtin(), &TemplateSettings::default());
            let datasets = file.datasets.iter().flat_map(|dataset| &dataset.findings);
            datasets
                .chain(&file.findings)
                .map(|finding| format!("{} {}", finding.rule.code, finding.message))
                .collect()
        })
        .expect("a thread")
        .join()
        .expect("no panic")
}

fn reaches(sql: &str, limit: &str) {
    let said = said(sql);
    assert!(
        said.iter().any(|message| message.contains(limit)),
        "{said:?}"
    );
}

fn assert_read(sql: &str) {
    let said = said(sql);
    assert!(
        !said
            .iter()
            .any(|message| message.starts_with("HC001") || message.starts_with("HC007")),
        "{said:?}"
    );
}

#[test]
fn statements_of_a_template_inside_each_other_have_a_limit() {
    let loops = |count: usize| {
        format!(
            "SELECT country FROM telemetry.main {}{}",
            "{% for x in [1] %}".repeat(count),
            "{% endfor %}".repeat(count)
        )
    };
    assert_read(&loops(90));
    reaches(&loops(101), "nested statements");
}

#[test]
fn long_chains_are_read() {
    assert_read(&format!(
        "SELECT {}a FROM telemetry.main",
        "a + ".repeat(30_000)
    ));
    assert_read(&format!(
        "SELECT {}a FROM telemetry.main",
        "a || 'x' || ".repeat(10_000)
    ));
    assert_read(&format!(
        "SELECT 1 FROM telemetry.main WHERE {}TRUE",
        "(a = 1 AND b = 2) OR ".repeat(5_000)
    ));
    assert_read(&format!(
        "SELECT CASE {}END FROM telemetry.main",
        "WHEN a = 1 THEN 2 ".repeat(5_000)
    ));
    assert_read(&vec!["SELECT os FROM telemetry.main"; 2_000].join(" UNION ALL "));
    assert_read(&format!(
        "FROM telemetry.main {}",
        "|> EXTEND 1 AS x ".repeat(300)
    ));
}

#[test]
fn limits_are_named() {
    reaches(
        &format!("SELECT {}a FROM telemetry.main", "a - b / ".repeat(20_000)),
        "more than 2000 operators",
    );
    reaches(
        &format!("SELECT a{} FROM telemetry.main", ".b".repeat(50_000)),
        "a name of more than 200 parts",
    );
    reaches(
        &format!("SELECT a{} FROM telemetry.main", "[0].b".repeat(20_000)),
        "more than 200 dots and brackets",
    );
    reaches(
        &format!("{}SELECT 1;{}", "BEGIN ".repeat(60), "END;".repeat(60)),
        "more than 50 nested blocks",
    );
    reaches(
        &format!("SELECT {}a FROM telemetry.main", "- ".repeat(50_000)),
        "too deeply",
    );
}

/// Grouping sets are not expanded if each element multiplies the previous ones.
#[test]
fn grouping_sets_have_a_limit() {
    let cube = |at: usize| {
        let keys: Vec<String> = (0..8).map(|key| format!("a{at}{key}")).collect();
        format!("CUBE({})", keys.join(", "))
    };
    let cubes: Vec<String> = (0..6).map(cube).collect();
    let cubes = cubes.join(", ");
    let limit = "more than 256 grouping sets";
    reaches(
        &format!("SELECT COUNT(*) AS n FROM telemetry.main GROUP BY {cubes}"),
        limit,
    );
    reaches(
        &format!("FROM telemetry.main |> AGGREGATE COUNT(*) AS n GROUP BY {cubes}"),
        limit,
    );
    let keys: Vec<String> = (0..20_000).map(|key| format!("a{key}")).collect();
    reaches(
        &format!(
            "SELECT COUNT(*) AS n FROM telemetry.main GROUP BY ROLLUP({})",
            keys.join(", ")
        ),
        limit,
    );
}

/// The facts of values stay small although each is defined from two previous ones.
#[test]
fn values_made_of_one_another_are_read() {
    let mut sql = String::from("WITH c0 AS (SELECT country, os FROM telemetry.main)");
    for at in 1..1_000 {
        sql.push_str(&format!(
            ", c{at} AS (SELECT IF(country = 'x', os, country) AS country, IF(os = country, country, os) AS os FROM c{})",
            at - 1
        ));
    }
    assert_read(&format!("{sql} SELECT country, os FROM c999"));
}

/// A variable that doubles at each step would exceed any memory.
#[test]
fn doubling_value_reaches_a_limit() {
    let mut sql =
        String::from("DECLARE x STRING DEFAULT (SELECT ANY_VALUE(os) FROM telemetry.main);\n");
    sql.push_str(&"SET x = x || x;\n".repeat(100));
    sql.push_str("SELECT x");
    reaches(&sql, "whose value grows too large here");
    let mut sql = String::from("WITH c0 AS (SELECT client_id AS a FROM telemetry.main)");
    for at in 1..40 {
        sql.push_str(&format!(
            ", c{at} AS (SELECT x.a FROM c{0} AS x INNER JOIN c{0} AS y ON x.a = y.a)",
            at - 1
        ));
    }
    assert_read(&format!("{sql} SELECT a FROM c39"));
}

/// A nested condition is analyzed once.
#[test]
fn conditions_in_conditions_are_read() {
    let mut condition = "os = 'a'".to_owned();
    for at in 0..30 {
        condition = format!("IF({condition}, os, locale) = '{at}'");
    }
    assert_read(&format!(
        "SELECT IF({condition}, 1, 0) AS x FROM telemetry.main"
    ));
    assert_read(&format!("SELECT os FROM telemetry.main WHERE {condition}"));
}

/// A nested extraction from a document is analyzed once.
#[test]
fn documents_in_documents_are_read() {
    let mut called = "payload".to_owned();
    let mut subscript = "payload".to_owned();
    for _ in 0..80 {
        called = format!("JSON_VALUE(LOWER({called}), '$.a')");
        subscript.push_str("['a']");
    }
    assert_read(&format!("SELECT {called} AS x FROM telemetry.main"));
    assert_read(&format!("SELECT {subscript} AS x FROM telemetry.main"));
}

/// Each statement sees all previous ones, and many statements stay cheap.
#[test]
fn long_scripts_are_read() {
    let mut sql = String::from("CREATE TEMP TABLE t0 AS SELECT os FROM telemetry.main;\n");
    for at in 1..3_000 {
        sql.push_str(&format!(
            "CREATE TEMP TABLE t{at} AS SELECT os FROM t{};\n",
            at - 1
        ));
    }
    reaches(
        &format!("{sql} SELECT os FROM t2999"),
        "is made of too many others",
    );
    let inserts = "INSERT INTO t SELECT os FROM t;\n".repeat(1_000);
    reaches(
        &format!(
            "CREATE TEMP TABLE t AS SELECT os FROM telemetry.main; {inserts} SELECT os FROM t"
        ),
        "is written by too many statements",
    );
}

#[test]
fn constants_made_of_one_another_are_followed_once() {
    for (declared, set) in [
        ("INT64 DEFAULT 3", "a * a"),
        ("INT64 DEFAULT 3", "a + a + a"),
        ("ARRAY<INT64> DEFAULT [1]", "ARRAY_CONCAT(a, a)"),
        ("STRING DEFAULT 'x'", "CONCAT(a, a)"),
    ] {
        assert_read(&format!(
            "DECLARE a {declared};\n{}SELECT a;",
            format!("SET a = {set};\n").repeat(60)
        ));
    }
}

#[test]
fn shared_fields_have_a_limit() {
    let steps: String = (1..42)
        .map(|at| {
            format!(
                ", c{at} AS (SELECT STRUCT(s AS p, s AS q) AS s, client_id FROM c{})",
                at - 1
            )
        })
        .collect();
    reaches(
        &format!(
            "WITH c0 AS (SELECT country AS s, client_id FROM telemetry.clients_daily){steps} SELECT s, COUNT(DISTINCT client_id) AS n FROM c41 GROUP BY 1"
        ),
        "steps",
    );
}

#[test]
fn many_published_columns_have_a_limit() {
    let names: Vec<String> = (0..320).map(|at| format!("a{at}")).collect();
    let stars = vec!["*"; 2_990].join(", ");
    reaches(
        &format!(
            "WITH c AS (SELECT {} FROM telemetry.clients_daily) SELECT {stars} FROM c",
            names.join(", ")
        ),
        "steps",
    );
}

#[test]
fn names_with_dashes_are_read_once() {
    reaches(
        &format!("SELECT {}a FROM telemetry.main", "a-".repeat(8_000)),
        "more than 2000 operators",
    );
    assert_read("SELECT a-b-c, x FROM moz-fx-data-5.d.t");
    assert_read("SELECT a-moz-fx.d.f(x) FROM d.t");
}

#[test]
fn texts_that_are_executed_are_followed_once() {
    assert_read(&format!(
        "DECLARE a STRING DEFAULT 'x'; EXECUTE IMMEDIATE FORMAT('SELECT 1'{})",
        ", a".repeat(2_000)
    ));
}
