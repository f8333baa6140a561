//! Tests of the results of queries, and of the people behind them.
//!
//! A row is shown as `values | people behind the row | people behind each value`; a
//! population without people is `{}`.

use std::fmt::Write as _;

use super::{Database, Execution, ExecutionError, People, Table, Value, run};
use crate::catalog::{Catalog, TableName, TableShape};
use crate::plan::Plan;
use crate::plan::bind::bind;
use crate::source::SourceText;
use crate::syntax::parse;

/// Creates a table: values are words, `-` is NULL, a number is an INT64.
fn table(name: &str, columns: &str, unit: Option<usize>, rows: &str) -> Table {
    let value = |word: &str| match word {
        "-" => Value::Null,
        word => word
            .parse()
            .map_or_else(|_| Value::string(word), Value::Int),
    };
    Table {
        name: name.to_owned(),
        columns: columns.split(' ').map(str::to_owned).collect(),
        rows: rows
            .split(';')
            .filter(|row| !row.trim().is_empty())
            .map(|row| row.split_whitespace().map(value).collect())
            .collect(),
        unit,
    }
}

fn database() -> Database {
    Database {
        tables: vec![
            table(
                "t",
                "id country n v",
                Some(0),
                "a DE 1 5; a DE 2 -; b DE 3 7; c FR 4 7; - FR 5 1",
            ),
            table("e", "id w", Some(0), "a 1; d 9"),
            table("d", "country label", None, "DE old; IT new"),
        ],
        parameters: Vec::new(),
        limit: 1,
    }
}

struct Tables<'d>(&'d Database);

impl Catalog for Tables<'_> {
    fn shape(&self, table: &TableName) -> Option<TableShape> {
        let known = self.0.table(&table.to_string())?;
        Some(TableShape {
            columns: known.columns.clone(),
            complete: true,
        })
    }

    fn knows(&self, _: &TableName, _: &[&str]) -> bool {
        false
    }
}

fn plan_of(sql: &str, database: &Database) -> Plan {
    let source = SourceText::new("query.sql", sql);
    let script = parse(&source);
    let mut datasets = bind(&source, &script, &Tables(database));
    assert_eq!(datasets.len(), 1, "{sql}");
    assert_eq!(datasets[0].problems, [], "{sql}");
    datasets.remove(0).plan
}

fn people(execution: &Execution, people: &People) -> String {
    let shown: Vec<String> = people
        .members()
        .map(|(_, members)| {
            let names: Vec<String> = members
                .into_iter()
                .filter_map(|member| execution.person(member))
                .map(|name| name.to_string().replace('\'', ""))
                .collect();
            format!("{{{}}}", names.join(" "))
        })
        .collect();
    shown.join(" ")
}

fn shown(sql: &str) -> String {
    let database = database();
    let plan = plan_of(sql, &database);
    let execution = match run(&plan, &database) {
        Ok(execution) => execution,
        Err(stop) => return format!("{stop}\n"),
    };
    let mut text = String::new();
    for row in execution.result() {
        let values: Vec<String> = row
            .cells
            .iter()
            .map(|cell| cell.value.to_string())
            .collect();
        let parts: Vec<String> = row
            .cells
            .iter()
            .map(|cell| {
                let parts: Vec<String> =
                    cell.parts().map(|part| people(&execution, part)).collect();
                parts.join("+")
            })
            .collect();
        let _ = writeln!(
            text,
            "{} | {} | {}",
            values.join(" "),
            people(&execution, &row.people),
            parts.join(", ")
        );
    }
    text
}

#[track_caller]
fn gives(sql: &str, rows: &[&str]) {
    let expected: String = rows.iter().map(|row| format!("{row}\n")).collect();
    assert_eq!(shown(sql), expected, "{sql}");
}

#[test]
fn a_group_has_the_people_of_its_rows() {
    gives(
        "SELECT country, COUNT(*) AS c, COUNT(DISTINCT id) AS people FROM t GROUP BY country",
        &[
            "'DE' 3 2 | {a b} | {a b}, {a b}, {a b}",
            "'FR' 2 1 | {c} | {c}, {c}, {c}",
        ],
    );
    gives(
        "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 2",
        &["'DE' | {a b} | {a b}"],
    );
}

#[test]
fn a_row_without_identifier_has_nobody() {
    gives("SELECT n FROM t WHERE id IS NULL", &["5 | {} | {}"]);
    gives("SELECT MAX(n) FROM t WHERE n > 9", &["NULL |  | "]);
}

#[test]
fn conditional_aggregates_have_those_who_pass() {
    gives(
        "SELECT COUNTIF(n > 2) AS c, SUM(IF(n > 3, n, 0)) AS s, COUNT(v) AS v FROM t",
        &["3 9 4 | {a b c} | {b c}, {c}, {a b c}"],
    );
    // SUM of a nullable column counts people whose value is NULL too.
    gives("SELECT SUM(v) FROM t WHERE n = 2", &["NULL | {a} | {a}"]);
    gives(
        "SELECT MAX(v) AS top, MIN(n) AS least FROM t",
        &["7 1 | {a b c} | {b c}, {a}"],
    );
}

#[test]
fn a_ratio_stands_for_the_smaller_of_its_parts() {
    gives(
        "SELECT COUNTIF(n > 3) / COUNT(*) FROM t WHERE id IS NOT NULL",
        &["0.25 | {a b c} | {c}+{a b c}"],
    );
}

#[test]
fn joined_on_the_person_both_sides_are_one_population() {
    gives(
        "SELECT country, SUM(w) AS w FROM t LEFT JOIN e USING (id) GROUP BY country",
        &["'DE' 2 | {a b} | {a b}, {a}", "'FR' NULL | {c} | {c}, "],
    );
    // Joined on anything else, the people of each side count.
    gives(
        "SELECT t.n, e.w FROM t JOIN e ON t.n = e.w",
        &["1 1 | {a} {a} | {a}, {a}"],
    );
    gives(
        "SELECT t.n, e.id FROM t FULL JOIN e ON t.n = e.w WHERE t.n IS NULL OR t.n < 2",
        &["1 'a' | {a} {a} | {a}, {a}", "NULL 'd' | {d} | , {d}"],
    );
}

#[test]
fn a_table_without_people_is_neutral() {
    gives(
        "SELECT label, COUNT(*) AS c FROM t JOIN d USING (country) GROUP BY label",
        &["'old' 3 | {a b} | , {a b}"],
    );
}

#[test]
fn filters_by_another_table_bring_no_people() {
    gives(
        "SELECT n FROM t WHERE id IN (SELECT id FROM e)",
        &["1 | {a} | {a}", "2 | {a} | {a}"],
    );
    gives(
        "SELECT n FROM t WHERE NOT EXISTS (SELECT 1 FROM e WHERE e.id = t.id) AND id IS NOT NULL",
        &["3 | {b} | {b}", "4 | {c} | {c}"],
    );
    // NOT IN over a list that contains NULL is never TRUE.
    gives("SELECT w FROM e WHERE id NOT IN (SELECT id FROM t)", &[]);
}

#[test]
fn a_joined_side_that_conditions_alone_read_brings_no_people() {
    gives(
        "SELECT t.n FROM t JOIN e ON t.n = e.w WHERE e.id IS NOT NULL",
        &["1 | {a} | {a}"],
    );
    // Each of several partners repeats the row, so their people count.
    gives(
        "SELECT d.label FROM d JOIN t ON t.n < 3 AND d.label = 'old'",
        &["'old' | {a} | ", "'old' | {a} | "],
    );
    // The left side as the filter, and an outer join that keeps its left side.
    gives("SELECT t.n FROM e JOIN t ON t.n = e.w", &["1 | {a} | {a}"]);
    gives(
        "SELECT t.n FROM t LEFT JOIN e ON t.n = e.w WHERE t.n < 2",
        &["1 | {a} | {a}"],
    );
}

#[test]
fn a_scalar_subquery_stands_beside_the_row() {
    gives(
        "SELECT label, (SELECT MAX(w) FROM e) AS top FROM d",
        &["'old' 9 | {a d} | , {d}", "'new' 9 | {a d} | , {d}"],
    );
    gives(
        "SELECT n, (SELECT w FROM e WHERE e.id = t.id) AS w FROM t WHERE n < 4 AND n > 1",
        &["2 1 | {a} | {a}, {a}", "3 NULL | {b} | {b}, "],
    );
    assert_eq!(
        shown("SELECT (SELECT w FROM e) AS w"),
        "the query fails on these rows: a scalar subquery gives more than one row\n"
    );
}

#[test]
fn elements_stand_for_the_rows_that_they_were_collected_from() {
    gives(
        "SELECT x FROM (SELECT ARRAY_AGG(n) AS a FROM t WHERE n < 4), UNNEST(a) AS x WITH OFFSET o WHERE o > 0",
        &["2 | {a} | {a}", "3 | {b} | {b}"],
    );
    gives(
        "SELECT country, x FROM t, UNNEST([1, 2]) AS x WHERE n = 1",
        &["'DE' 1 | {a} | {a}, ", "'DE' 2 | {a} | {a}, "],
    );
}

#[test]
fn arms_of_a_union_are_alternatives() {
    gives(
        "SELECT country AS k, COUNT(*) AS c FROM (SELECT id, country FROM t UNION ALL SELECT id, 'DE' FROM e) GROUP BY k",
        &[
            "'DE' 5 | {a b d} | {a b}, {a b d}",
            "'FR' 2 | {c} | {c}, {c}",
        ],
    );
    gives(
        "SELECT id FROM t EXCEPT DISTINCT SELECT id FROM e",
        &["'b' | {b} | {b}", "'c' | {c} | {c}", "NULL | {} | {}"],
    );
    gives(
        "SELECT id FROM t INTERSECT DISTINCT SELECT id FROM e",
        &["'a' | {a} | {a}"],
    );
}

#[test]
fn two_readers_of_a_relation_have_people_of_their_own() {
    gives(
        "WITH c AS (SELECT id, n FROM t WHERE n < 4) SELECT x.n, y.n AS m FROM c AS x JOIN c AS y ON x.n = y.n + 1",
        &["2 1 | {a} {a} | {a}, {a}", "3 2 | {b} {a} | {b}, {a}"],
    );
    gives(
        "WITH c AS (SELECT id, n FROM t WHERE n < 4) SELECT x.n FROM c AS x JOIN c AS y USING (id)",
        &[
            "1 | {a} | {a}",
            "1 | {a} | {a}",
            "2 | {a} | {a}",
            "2 | {a} | {a}",
            "3 | {b} | {b}",
        ],
    );
}

#[test]
fn grouping_sets_and_windows() {
    gives(
        "SELECT country, GROUPING(country) AS g, COUNT(*) AS c FROM t GROUP BY ROLLUP(country)",
        &[
            "'DE' 0 3 | {a b} | {a b}, , {a b}",
            "'FR' 0 2 | {c} | {c}, , {c}",
            "NULL 1 5 | {a b c} | , , {a b c}",
        ],
    );
    gives(
        "SELECT n, COUNT(DISTINCT id) OVER (PARTITION BY country) AS c, RANK() OVER (ORDER BY v) AS r FROM t QUALIFY c < 2",
        &[
            "4 1 4 | {c} | {c}, {c}, {a b c}",
            "5 1 2 | {} | {}, {c}, {a b c}",
        ],
    );
}

#[test]
fn googlesql_privacy_clause_drops_small_groups() {
    gives(
        "SELECT WITH AGGREGATION_THRESHOLD OPTIONS(threshold=2, privacy_unit_column=id) country, COUNT(*) AS c FROM t GROUP BY country",
        &["'DE' 3 | {a b} | {a b}, {a b}"],
    );
}

#[test]
fn pivot_and_unpivot() {
    gives(
        "SELECT * FROM (SELECT id, country FROM t WHERE id IS NOT NULL) PIVOT(COUNT(*) FOR country IN ('DE', 'FR'))",
        &[
            "'a' 2 0 | {a} | {a}, {a}, ",
            "'b' 1 0 | {b} | {b}, {b}, ",
            "'c' 0 1 | {c} | {c}, , {c}",
        ],
    );
    gives(
        "SELECT * FROM (SELECT n, v FROM t WHERE n < 3) UNPIVOT(x FOR name IN (n, v))",
        &[
            "1 'n' | {a} | {a}, ",
            "5 'v' | {a} | {a}, ",
            "2 'n' | {a} | {a}, ",
        ],
    );
}

#[test]
fn recursion_ends() {
    gives(
        "WITH RECURSIVE r AS (SELECT id, 1 AS depth FROM e UNION ALL SELECT id, depth + 1 FROM r WHERE depth < 2) SELECT id, depth FROM r",
        &[
            "'a' 1 | {a} | {a}, ",
            "'d' 1 | {d} | {d}, ",
            "'a' 2 | {a} | {a}, ",
            "'d' 2 | {d} | {d}, ",
        ],
    );
    assert_eq!(
        shown("WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r) SELECT x FROM r"),
        "the query fails on these rows: the recursion does not end\n"
    );
}

#[test]
fn three_valued_logic_and_failures() {
    gives(
        "SELECT NULL AND FALSE AS a, NULL OR TRUE AS b, NULL = NULL AS c, 1 IN (2, NULL) AS d, NULL IS NOT DISTINCT FROM NULL AS e",
        &["FALSE TRUE NULL NULL TRUE |  | , , , , "],
    );
    gives(
        "SELECT 7 / 2 AS a, DIV(7, 2) AS b, MOD(-7, 2) AS c, SUBSTR('héllo', 2, 2) AS d, NULLIF(1, 1) AS e, 'ab' LIKE '_%' AS f",
        &["3.5 3 -1 'él' NULL TRUE |  | , , , , , "],
    );
    assert_eq!(
        shown("SELECT 1 / (n - 1) AS x FROM t"),
        "the query fails on these rows: a division by zero\n"
    );
    assert_eq!(
        shown("SELECT n + 9223372036854775807 AS x FROM t"),
        "the query fails on these rows: an overflow\n"
    );
}

#[test]
fn what_is_not_executed_says_so() {
    assert_eq!(
        shown("SELECT LAG(n) OVER (ORDER BY n) AS x FROM t"),
        "not executed: LAG OVER (…)\n"
    );
    assert_eq!(
        shown("SELECT SOUNDEX(country) AS x FROM t"),
        "not executed: the function SOUNDEX\n"
    );
    let database = database();
    let plan = plan_of("SELECT n FROM t", &database);
    let stop = run(&plan, &Database::default()).err();
    assert_eq!(
        stop,
        Some(ExecutionError::Unsupported(
            "the table t, of which there are no rows".to_owned()
        ))
    );
}

#[test]
fn limit_and_order() {
    gives(
        "SELECT n, v FROM t ORDER BY v LIMIT 1",
        &["2 NULL | {a} | {a}, {a}"],
    );
    // The sort cannot read a key that is not published: the order of the table
    // stays.
    gives("SELECT n FROM t ORDER BY v LIMIT 1", &["1 | {a} | {a}"]);
}
