//! Data that a script discloses by its effects: which of several tables or functions
//! a name refers to, whether a statement has an effect, and later changes of written
//! rows. For each kind: scripts of which no dataset may be published, and similar
//! ones that may.

use headcount::assessment::Assessment;
use headcount::policy::Verdict;
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

const REGISTRY: &str = r#"
schema_version = 1
[policy]
min_bucket = 5000
[units.reader]
person = true
[[column]]
name = "reader_id"
role = "identifier"
unit = "reader"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "region"
aliases = ["town", "name"]
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "pages"
role = "metric"
category = 1
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "library.visits"
unit_column = "reader_id"
not_null = ["reader_id", "region"]
columns = ["reader_id", "region", "pages", "seen"]
[[table]]
name = "library.regions"
personal = false
keys = [["region"]]
columns = ["region", "town"]
"#;

/// Large groups: `{LARGE}` in a script.
const LARGE: &str = "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.visits GROUP BY region HAVING readers >= 5000";
/// Large groups with two more values of each region: `{MORE}`.
const MORE: &str = "SELECT region, COUNT(*) AS n, MAX(pages) AS most, COUNT(DISTINCT reader_id) AS readers FROM library.visits GROUP BY region HAVING readers >= 5000";
/// A condition that one reader decides: `{ONE}`.
const ONE: &str = "EXISTS (SELECT 1 FROM library.visits WHERE reader_id = 'r')";
/// A statement that fails because of one reader: `{FAILS}`.
const FAILS: &str = "SELECT 1 / COUNT(*) FROM library.visits WHERE reader_id = 'r'";
/// The name of a dataset that one reader decides: `{CHOSEN}`.
const CHOSEN: &str =
    "(SELECT IF(COUNT(*) > 0, 'shelf', 'attic') FROM library.visits WHERE reader_id = 'r')";

fn datasets(script: &str) -> Vec<Assessment> {
    let sql = script
        .replace("{LARGE}", LARGE)
        .replace("{MORE}", MORE)
        .replace("{ONE}", ONE)
        .replace("{FAILS}", FAILS)
        .replace("{CHOSEN}", CHOSEN);
    let registry =
        Registry::parse(&SourceText::new("registry.toml", REGISTRY)).expect("a registry");
    let source = SourceText::new("script.sql", sql);
    let file = assess_text(source, &registry, &TemplateSettings::default());
    file.datasets
}

fn publishable(script: &str) -> Vec<String> {
    let all = datasets(script).into_iter();
    let published = all.filter(|dataset| dataset.verdict == Verdict::Publishable);
    published.map(|dataset| dataset.name).collect()
}

/// Scripts by kind, each with those of its datasets that may be published.
type ScriptsByKind = &'static [(
    &'static str,
    &'static [(&'static str, &'static [&'static str])],
)];

const DISCLOSING_SCRIPTS: ScriptsByKind = &[
    (
        "a name without its dataset is of another one once the default is set anew",
        &[
            (
                "SET @@dataset_project_id = 'old'; CREATE OR REPLACE TABLE shelf.g AS SELECT region, reader_id FROM library.visits; SET @@dataset_project_id = 'new'; CREATE OR REPLACE TABLE shelf.g AS {LARGE}; SET @@dataset_project_id = 'old'; SELECT * FROM shelf.g",
                &["new.shelf.g"],
            ),
            (
                "SET @@dataset_id = LOWER('SHELF'); CREATE OR REPLACE TABLE g AS SELECT region, reader_id FROM library.visits; SET @@dataset_id = LOWER('ATTIC'); CREATE OR REPLACE TABLE g AS {LARGE}; SET @@dataset_id = LOWER('SHELF'); SELECT * FROM g",
                &["g"],
            ),
            (
                "DECLARE place STRING DEFAULT 'shelf'; SET @@dataset_id = place; CREATE OR REPLACE TABLE g AS {LARGE}; SET place = 'attic'; SET @@dataset_id = place; SELECT * FROM g",
                &["g"],
            ),
            (
                "SET @@dataset_project_id = 'new'; CREATE OR REPLACE TABLE shelf.g AS {LARGE}; SET @@dataset_project_id = NULL; CREATE VIEW shelf.v AS SELECT * FROM shelf.g",
                &["new.shelf.g"],
            ),
            (
                "DECLARE i INT64 DEFAULT 0; WHILE i < 2 DO SET @@dataset_id = CONCAT('shelf', i); CREATE OR REPLACE TABLE g AS {LARGE}; SET @@dataset_id = CONCAT('shelf', 1 - i); SELECT * FROM g; SET i = i + 1; END WHILE",
                &["g"],
            ),
            (
                "SET @@dataset_id = 'shelf'; CREATE OR REPLACE FUNCTION f(x STRING) AS (x); SET @@dataset_id = 'attic'; SELECT region, COUNT(DISTINCT f(reader_id)) AS c FROM library.visits GROUP BY region HAVING c >= 5000",
                &[],
            ),
            (
                "SET @@dataset_id = LOWER('SHELF'); CREATE OR REPLACE FUNCTION f(x STRING) AS (x); SET @@dataset_id = LOWER('ATTIC'); SELECT region, COUNT(DISTINCT f(reader_id)) AS c FROM library.visits GROUP BY region HAVING c >= 5000",
                &[],
            ),
            (
                "SET @@dataset_project_id = 'old'; CREATE OR REPLACE FUNCTION shelf.f(x STRING) AS (x); SET @@dataset_project_id = 'new'; SELECT region, COUNT(DISTINCT shelf.f(reader_id)) AS c FROM library.visits GROUP BY region HAVING c >= 5000",
                &[],
            ),
        ],
    ),
    (
        "data choose the default dataset",
        &[
            (
                "SET @@dataset_id = {CHOSEN}; CREATE OR REPLACE TABLE g AS {LARGE}",
                &[],
            ),
            (
                "SET @@dataset_id = {CHOSEN}; CREATE OR REPLACE VIEW v AS SELECT region FROM library.regions",
                &[],
            ),
            (
                "SET @@dataset_project_id = {CHOSEN}; SELECT region, town FROM shelf.regions",
                &[],
            ),
            (
                "IF {ONE} THEN SET @@dataset_project_id = 'old'; END IF; INSERT INTO shelf.g {LARGE}",
                &[],
            ),
            (
                "CREATE OR REPLACE TABLE shelf.g AS {LARGE}; SET @@dataset_id = 'attic'; IF {ONE} THEN SET @@dataset_id = 'shelf'; END IF; TRUNCATE TABLE g",
                &[],
            ),
            (
                "CREATE OR REPLACE TABLE shelf.g AS {LARGE}; SET @@dataset_id = {CHOSEN}; DROP TABLE IF EXISTS g",
                &[],
            ),
            (
                "CREATE OR REPLACE TABLE shelf.g AS {LARGE}; SET @@dataset_id = {CHOSEN}; CREATE OR REPLACE TABLE g AS SELECT 'x' AS region",
                &[],
            ),
        ],
    ),
    (
        "data decide which function is meant",
        &[
            (
                "CREATE TEMP FUNCTION f(x STRING) AS (TRUE); IF {ONE} THEN CREATE OR REPLACE TEMP FUNCTION f(x STRING) AS (FALSE); END IF; SELECT region, COUNT(DISTINCT reader_id) AS c FROM library.visits WHERE f(region) GROUP BY region HAVING c >= 5000",
                &[],
            ),
            (
                "CREATE TEMP FUNCTION f(x STRING) AS (x); IF {ONE} THEN DROP FUNCTION f; END IF; SELECT f(region) AS z, COUNT(DISTINCT reader_id) AS c FROM library.visits GROUP BY z HAVING c >= 5000",
                &[],
            ),
            (
                "CREATE TEMP FUNCTION f(x STRING) AS (x); BEGIN {FAILS}; EXCEPTION WHEN ERROR THEN CREATE OR REPLACE TEMP FUNCTION f(x STRING) AS (UPPER(x)); END; SELECT f(region) AS z, COUNT(DISTINCT reader_id) AS c FROM library.visits GROUP BY z HAVING c >= 5000",
                &[],
            ),
            (
                "CREATE OR REPLACE FUNCTION shelf.f(x STRING) AS (x); IF {ONE} THEN CREATE OR REPLACE FUNCTION shelf.f(x STRING) AS (UPPER(x)); END IF; CREATE VIEW shelf.v AS SELECT shelf.f(region) AS z FROM library.regions",
                &[],
            ),
            (
                "CREATE TEMP FUNCTION f(x STRING) AS (x); EXECUTE IMMEDIATE @made; SELECT region, COUNT(DISTINCT f(reader_id)) AS c FROM library.visits GROUP BY region HAVING c >= 5000",
                &[],
            ),
            (
                "CREATE TEMP AGGREGATE FUNCTION f(x INT64) AS (SUM(x)); IF {ONE} THEN CREATE OR REPLACE TEMP AGGREGATE FUNCTION f(x INT64) AS (SUM(0)); END IF; SELECT region, COUNT(DISTINCT reader_id) AS c FROM library.visits GROUP BY region HAVING c >= 5000 AND f(1) > 0",
                &[],
            ),
            (
                "CREATE TABLE FUNCTION shelf.f() AS SELECT region FROM library.regions; IF {ONE} THEN CREATE OR REPLACE TABLE FUNCTION shelf.f() AS SELECT town AS region FROM library.regions; END IF; SELECT region FROM shelf.f()",
                &[],
            ),
        ],
    ),
    (
        "data decide whether a transaction is committed",
        &[
            (
                "BEGIN TRANSACTION; INSERT INTO shelf.g {LARGE}; IF {ONE} THEN COMMIT TRANSACTION; END IF",
                &[],
            ),
            (
                "BEGIN TRANSACTION; INSERT INTO shelf.g {LARGE}; IF {ONE} THEN RETURN; END IF; COMMIT TRANSACTION",
                &[],
            ),
            (
                "BEGIN BEGIN TRANSACTION; INSERT INTO shelf.g {LARGE}; {FAILS}; COMMIT TRANSACTION; EXCEPTION WHEN ERROR THEN SELECT 1 AS x; END",
                &[],
            ),
            (
                "IF {ONE} THEN BEGIN TRANSACTION; END IF; INSERT INTO shelf.g {LARGE}",
                &[],
            ),
            (
                "START TRANSACTION; INSERT INTO shelf.g {LARGE}; FOR r IN (SELECT 1 AS x FROM library.visits WHERE reader_id = 'r') DO COMMIT; END FOR",
                &[],
            ),
            (
                "CREATE PROCEDURE shelf.p(yes BOOL) BEGIN IF yes THEN COMMIT TRANSACTION; END IF; END; BEGIN TRANSACTION; INSERT INTO shelf.g {LARGE}; CALL shelf.p({ONE})",
                &[],
            ),
        ],
    ),
    (
        "data decide whether the target is there, or which it is",
        &[
            (
                "IF {ONE} THEN CREATE TABLE shelf.g AS SELECT 'x' AS region; END IF; CREATE TABLE IF NOT EXISTS shelf.g AS {LARGE}",
                &[],
            ),
            (
                "IF {ONE} THEN CREATE VIEW shelf.g AS SELECT 'x' AS region; END IF; CREATE VIEW IF NOT EXISTS shelf.g AS {LARGE}",
                &[],
            ),
            (
                "BEGIN CREATE TABLE shelf.g AS SELECT region, 1 / COUNTIF(reader_id = 'r') AS x FROM library.visits GROUP BY region; EXCEPTION WHEN ERROR THEN SELECT 1 AS x; END; CREATE TABLE IF NOT EXISTS shelf.g AS {LARGE}",
                &[],
            ),
            (
                "CREATE TABLE IF NOT EXISTS shelf.g (region STRING, readers INT64); IF {ONE} THEN DROP TABLE shelf.g; END IF; CREATE TABLE IF NOT EXISTS shelf.g AS {LARGE}",
                &[],
            ),
            (
                "IF {ONE} THEN CREATE TABLE shelf.g AS SELECT 'x' AS region; END IF; BEGIN CREATE TABLE shelf.g AS {LARGE}; EXCEPTION WHEN ERROR THEN SELECT reader_id FROM library.visits; END",
                &[],
            ),
            (
                "IF {ONE} THEN CREATE VIEW shelf.g AS SELECT 'x' AS region; END IF; BEGIN CREATE OR REPLACE TABLE shelf.g AS {LARGE}; EXCEPTION WHEN ERROR THEN SELECT reader_id FROM library.visits; END",
                &[],
            ),
            (
                "IF {ONE} THEN DROP TABLE shelf.g; END IF; BEGIN INSERT INTO shelf.g {LARGE}; EXCEPTION WHEN ERROR THEN SELECT reader_id FROM library.visits; END",
                &[],
            ),
            (
                "IF {ONE} THEN DROP SCHEMA shelf CASCADE; END IF; BEGIN INSERT INTO shelf.g {LARGE}; EXCEPTION WHEN ERROR THEN SELECT reader_id FROM library.visits; END",
                &[],
            ),
            (
                "IF {ONE} THEN CREATE TEMP TABLE g (region STRING, readers INT64); END IF; INSERT INTO g {LARGE}",
                &[],
            ),
            (
                "CREATE OR REPLACE TABLE shelf.g (region STRING, kind STRING DEFAULT 'x'); IF {ONE} THEN CREATE OR REPLACE TABLE shelf.g (region STRING, kind STRING DEFAULT 'y'); END IF; INSERT INTO shelf.g (region) SELECT region FROM ({LARGE})",
                &[],
            ),
        ],
    ),
    (
        "data decide whether what was published is replaced",
        &[
            (
                "CREATE OR REPLACE VIEW shelf.g AS {LARGE}; IF {ONE} THEN CREATE OR REPLACE VIEW shelf.g AS SELECT 'x' AS region; END IF",
                &[],
            ),
            (
                "CREATE OR REPLACE VIEW shelf.g AS SELECT region FROM library.regions; IF {ONE} THEN CREATE OR REPLACE MATERIALIZED VIEW shelf.g AS SELECT town FROM library.regions; END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {LARGE}; IF {ONE} THEN LOAD DATA OVERWRITE shelf.g FROM FILES (format = 'CSV', uris = ['gs://x']); END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {LARGE}; CREATE ROW ACCESS POLICY p ON shelf.g GRANT TO ('allUsers') FILTER USING (region = 'north'); IF {ONE} THEN DROP ROW ACCESS POLICY p ON shelf.g; END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {LARGE}; IF {ONE} THEN GRANT `roles/bigquery.dataViewer`, `roles/x` ON TABLE shelf.g TO 'allUsers'; END IF",
                &[],
            ),
            (
                "CREATE VIEW shelf.g AS {LARGE}; IF {ONE} THEN REVOKE `roles/bigquery.dataViewer` ON VIEW shelf.g FROM 'allUsers'; END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {LARGE}; IF {ONE} THEN GRANT `roles/bigquery.dataViewer` ON SCHEMA shelf TO 'allUsers'; END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {LARGE}; IF {ONE} THEN ALTER SCHEMA shelf SET OPTIONS (default_table_expiration_days = 1); END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {LARGE}; IF {ONE} THEN DROP ALL ROW ACCESS POLICIES ON shelf.g; END IF",
                &[],
            ),
            (
                "CREATE MATERIALIZED VIEW shelf.g AS {LARGE}; IF {ONE} THEN ALTER MATERIALIZED VIEW shelf.g SET OPTIONS (expiration_timestamp = TIMESTAMP '2026-01-01'); END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.h AS {LARGE}; ALTER TABLE shelf.h RENAME TO g; IF {ONE} THEN TRUNCATE TABLE shelf.g; END IF",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {LARGE}; IF {ONE} THEN UNDROP TABLE shelf.g; END IF",
                &[],
            ),
        ],
    ),
    (
        "an option is made of data",
        &[
            (
                "DECLARE last TIMESTAMP DEFAULT (SELECT MIN(seen) FROM library.visits); CREATE TABLE shelf.g OPTIONS (expiration_timestamp = last) AS {LARGE}",
                &[],
            ),
            (
                "DECLARE last TIMESTAMP DEFAULT (SELECT MIN(seen) FROM library.visits); CREATE TABLE shelf.g AS {LARGE}; /* it's gone then */ ALTER TABLE shelf.g SET OPTIONS (expiration_timestamp = last)",
                &[],
            ),
            (
                "DECLARE first STRING DEFAULT (SELECT MIN(reader_id) FROM library.visits); EXPORT DATA OPTIONS (format = 'CSV', uri = first) AS {LARGE}",
                &[],
            ),
            (
                r#"DECLARE last TIMESTAMP DEFAULT (SELECT MIN(seen) FROM library.visits); CREATE TABLE shelf.g OPTIONS (description = r'\\', expiration_timestamp = last) AS {LARGE}"#,
                &[],
            ),
            (
                r#"DECLARE last TIMESTAMP DEFAULT (SELECT MIN(seen) FROM library.visits); CREATE TABLE shelf.g OPTIONS (description = '''it's "large''', expiration_timestamp = `last`) AS {LARGE}"#,
                &[],
            ),
        ],
    ),
    (
        "a later statement gives rows a value of data",
        &[
            (
                "DECLARE first STRING DEFAULT (SELECT MIN(region) FROM library.visits); CREATE TABLE shelf.g AS {LARGE}; UPDATE shelf.g SET region = first WHERE TRUE",
                &[],
            ),
            (
                "DECLARE first STRING DEFAULT (SELECT MIN(region) FROM library.visits); CREATE TABLE shelf.g AS {LARGE}; UPDATE shelf.g SET region = 'x' WHERE region = first",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {MORE}; MERGE shelf.g AS g USING library.regions AS r ON g.region = r.region WHEN MATCHED AND g.most > 900 THEN UPDATE SET region = r.town",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {MORE}; MERGE shelf.g AS g USING ({LARGE}) AS s ON g.region = s.region AND g.most > 900 WHEN NOT MATCHED THEN INSERT (region, readers) VALUES (s.region, s.readers)",
                &[],
            ),
            (
                "CREATE TABLE shelf.g AS {MORE}; UPDATE shelf.g AS g SET region = r.town FROM library.regions AS r WHERE g.region = r.region AND g.n > g.readers",
                &[],
            ),
        ],
    ),
];

#[test]
fn what_data_decide_is_told() {
    let mut wrong = Vec::new();
    for (kind, scripts) in DISCLOSING_SCRIPTS {
        for (script, allowed) in *scripts {
            let published = publishable(script);
            if published
                .iter()
                .any(|name| !allowed.contains(&name.as_str()))
            {
                wrong.push((kind, script, published));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Scripts of which all datasets may be published.
const SAFE: &[&str] = &[
    "CREATE TABLE shelf.g AS {LARGE}; GRANT `roles/bigquery.dataViewer` ON TABLE shelf.g TO 'allUsers'; ALTER SCHEMA shelf SET OPTIONS (description = 'x')",
    "CREATE TABLE shelf.g AS {LARGE}; IF @open THEN GRANT `roles/bigquery.dataViewer` ON SCHEMA shelf TO 'allUsers'; END IF",
    "SET @@dataset_id = 'shelf'; CREATE OR REPLACE TABLE g AS {LARGE}; SELECT * FROM g",
    "DECLARE place STRING DEFAULT 'shelf'; SET @@dataset_id = place; CREATE OR REPLACE TABLE g AS {LARGE}; SELECT * FROM g",
    "SET @@dataset_project_id = 'new'; CREATE OR REPLACE TABLE shelf.g AS {LARGE}; SELECT * FROM new.shelf.g",
    "SET @@dataset_id = 'shelf'; CREATE OR REPLACE FUNCTION f(x STRING) AS (x); CREATE TABLE g AS SELECT f(region) AS name, COUNT(DISTINCT f(reader_id)) AS c FROM library.visits GROUP BY name HAVING c >= 5000",
    "CREATE OR REPLACE FUNCTION shelf.f(x STRING) AS (UPPER(x)); CREATE OR REPLACE FUNCTION shelf.f(x STRING) AS (x); CREATE TABLE shelf.g AS SELECT shelf.f(region) AS name, COUNT(DISTINCT shelf.f(reader_id)) AS c FROM library.visits GROUP BY name HAVING c >= 5000",
    "BEGIN TRANSACTION; DELETE FROM shelf.g WHERE TRUE; INSERT INTO shelf.g {LARGE}; COMMIT TRANSACTION",
    "BEGIN BEGIN TRANSACTION; INSERT INTO shelf.g {LARGE}; COMMIT TRANSACTION; EXCEPTION WHEN ERROR THEN ROLLBACK TRANSACTION; RAISE; END",
    "CREATE TABLE IF NOT EXISTS shelf.g (region STRING, readers INT64); INSERT INTO shelf.g {LARGE}",
    "CREATE TABLE IF NOT EXISTS shelf.g AS {LARGE}; INSERT INTO shelf.g {LARGE}",
    "DROP TABLE IF EXISTS shelf.g; CREATE TABLE shelf.g AS {LARGE}",
    "IF @new THEN CREATE TABLE shelf.g (region STRING, readers INT64); END IF; INSERT INTO shelf.g {LARGE}",
    "BEGIN CREATE TABLE shelf.g AS {LARGE}; INSERT INTO shelf.g {LARGE}; EXCEPTION WHEN ERROR THEN RAISE; END",
    "CREATE OR REPLACE VIEW shelf.v AS {LARGE}; CREATE OR REPLACE VIEW shelf.v AS {LARGE}",
    "CREATE TABLE shelf.g AS {LARGE}; CREATE ROW ACCESS POLICY p ON shelf.g GRANT TO ('user:x') FILTER USING (region = 'north'); DROP ROW ACCESS POLICY p ON shelf.g",
    "DECLARE last TIMESTAMP DEFAULT TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 30 DAY); CREATE TABLE shelf.g OPTIONS (expiration_timestamp = last, description = \"it's large\") AS {LARGE}",
    "DELETE FROM shelf.g WHERE day = '2024-01-01'; INSERT INTO shelf.g {LARGE}",
    "DECLARE d STRING DEFAULT '2024-01-01'; WHILE d < '2024-02-01' DO DELETE FROM shelf.g WHERE day = d; INSERT INTO shelf.g SELECT d, region, COUNT(DISTINCT reader_id) AS readers FROM library.visits GROUP BY region HAVING readers >= 5000; SET d = CONCAT(d, '0'); END WHILE",
    "CREATE TABLE shelf.g AS {LARGE}; DELETE FROM shelf.g WHERE region = 'north' OR region IS NULL; DELETE FROM shelf.g AS g WHERE g.readers > 900000",
    "CREATE TABLE shelf.g AS {LARGE}; UPDATE shelf.g SET region = 'unknown' WHERE region IS NULL; UPDATE shelf.g SET region = UPPER(region) WHERE TRUE",
    "CREATE TABLE shelf.g AS {LARGE}; UPDATE shelf.g SET town = (SELECT r.town FROM library.regions AS r WHERE r.region = g.region) WHERE TRUE",
    "CREATE TABLE shelf.g AS SELECT region, region AS town, readers FROM ({LARGE}); UPDATE shelf.g AS g SET town = r.town FROM library.regions AS r WHERE r.region = g.region",
    "CREATE TABLE shelf.g AS SELECT region, region AS town, readers FROM ({LARGE}); UPDATE shelf.g AS g SET town = r.town FROM library.regions AS r JOIN library.regions AS o ON o.region = r.town WHERE r.region = g.region",
    "CREATE TABLE shelf.g AS {LARGE}; MERGE shelf.g AS g USING ({LARGE}) AS s ON g.region = s.region WHEN MATCHED THEN UPDATE SET readers = s.readers WHEN NOT MATCHED THEN INSERT (region, readers) VALUES (s.region, s.readers)",
    "CREATE TABLE shelf.g AS SELECT region, town FROM library.regions; DELETE FROM shelf.g WHERE town = 'x'; UPDATE shelf.g SET region = town WHERE region = 'y'",
    "CREATE TABLE shelf.h AS {LARGE}; ALTER TABLE shelf.h RENAME TO g; DELETE FROM shelf.g WHERE region = 'north'",
];

#[test]
fn the_same_without_data_is_published() {
    let mut wrong = Vec::new();
    for script in SAFE {
        let all = datasets(script);
        let refused = all
            .iter()
            .filter(|dataset| dataset.verdict != Verdict::Publishable);
        let refused: Vec<String> = refused.map(|dataset| dataset.name.clone()).collect();
        if all.is_empty() || !refused.is_empty() {
            wrong.push((script, refused));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Renders the bounds that are proven for the first dataset's rows and columns.
fn told(later: &str) -> String {
    let script = format!("CREATE OR REPLACE TABLE shelf.g AS {{MORE}}; {later}");
    let all = datasets(&script);
    let first = &all[0];
    let known = |bucket: Option<u64>| bucket.map_or("-".to_owned(), |bucket| bucket.to_string());
    let mut told = known(first.decision.bucket.proven);
    for column in &first.decision.columns {
        told.push_str(&format!(" {} {}", column.name, known(column.bucket)));
    }
    told
}

#[test]
fn later_changes_disclose_the_values_that_they_read() {
    let plain = "5000 region 5000 n 5000 most - readers 5000";
    let label = "5000 region - n 5000 most - readers 5000";
    let number = "5000 region 5000 n - most - readers 5000";
    let none = "- region - n - most - readers -";
    for (later, expected) in [
        ("", plain),
        ("DELETE FROM shelf.g WHERE most > 900", none),
        ("DELETE FROM shelf.g AS x WHERE x.n > x.readers", none),
        ("DELETE FROM shelf.g WHERE region = 'north'", plain),
        ("DELETE FROM shelf.g WHERE n > 900000", plain),
        ("DELETE FROM shelf.g WHERE TRUE", plain),
        (
            "DELETE FROM shelf.g WHERE most > 900; ALTER TABLE shelf.g DROP COLUMN most",
            none,
        ),
        (
            "ALTER TABLE shelf.g RENAME COLUMN most TO top; DELETE FROM shelf.g WHERE top > 900",
            none,
        ),
        (
            "ALTER TABLE shelf.g RENAME TO h; DELETE FROM shelf.h WHERE most > 900",
            none,
        ),
        (
            "ALTER TABLE shelf.g ADD COLUMN z INT64; UPDATE shelf.g SET z = most WHERE TRUE; DELETE FROM shelf.g WHERE z > 900",
            none,
        ),
        (
            "CREATE ROW ACCESS POLICY p ON shelf.g GRANT TO ('allUsers') FILTER USING (most < 900)",
            none,
        ),
        (
            "MERGE shelf.g AS x USING library.regions AS r ON FALSE WHEN NOT MATCHED BY SOURCE AND x.most > 900 THEN DELETE",
            none,
        ),
        ("UPDATE shelf.g SET region = 'x' WHERE most > 900", label),
        (
            "UPDATE shelf.g SET region = IF(most > 900, 'x', region), most = NULL WHERE TRUE",
            label,
        ),
        ("UPDATE shelf.g SET n = n - readers WHERE TRUE", number),
        ("UPDATE shelf.g SET n = 0 WHERE n > readers", number),
        ("UPDATE shelf.g SET n = 0 WHERE region = 'north'", plain),
        (
            "WHILE RAND() < 0.5 DO UPDATE shelf.g SET region = town, town = CAST(most AS STRING) WHERE TRUE; END WHILE",
            label,
        ),
        (
            "MERGE shelf.g AS x USING library.regions AS r ON x.region = r.region WHEN MATCHED AND x.most > 900 THEN UPDATE SET region = 'x'",
            label,
        ),
        (
            "MERGE shelf.g AS x USING library.regions AS r ON x.region = r.region WHEN MATCHED THEN UPDATE SET n = x.n - x.readers",
            number,
        ),
        (
            "MERGE shelf.g AS x USING library.regions AS r ON x.region = r.region WHEN NOT MATCHED BY SOURCE AND x.most > 900 THEN UPDATE SET n = 0",
            number,
        ),
        (
            "UPDATE shelf.g AS x SET n = x.most FROM library.regions AS r WHERE r.region = x.region",
            number,
        ),
        (
            "ALTER TABLE shelf.g ADD COLUMN z INT64; UPDATE shelf.g SET region = CAST(z AS STRING), z = most WHERE n = 1; UPDATE shelf.g SET region = CAST(z AS STRING), z = most WHERE n = 2",
            label,
        ),
        (
            "ALTER TABLE shelf.g ADD COLUMN z STRING; UPDATE shelf.g SET z = (SELECT MIN(reader_id) FROM library.visits) WHERE TRUE",
            plain,
        ),
        // Deleting or overwriting values proves nothing: `most` remains uncovered.
        ("UPDATE shelf.g SET most = NULL WHERE TRUE", plain),
    ] {
        assert_eq!(told(later), expected, "{later}");
    }
    let small = "CREATE TABLE shelf.g AS SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.visits GROUP BY region; DELETE FROM shelf.g WHERE readers < 5000";
    assert!(publishable(small).is_empty());
}

#[test]
fn rows_that_are_put_in_go_by_the_places_of_their_columns() {
    let crossed = "CREATE OR REPLACE TABLE shelf.g (most INT64, region STRING); INSERT INTO shelf.g SELECT MAX(pages) AS region, region AS most FROM library.visits GROUP BY most HAVING COUNT(DISTINCT reader_id) >= 5000; DELETE FROM shelf.g WHERE most > 900";
    let all = datasets(crossed);
    assert_eq!(all[0].decision.bucket.proven, None);
    let names: Vec<&str> = all[0]
        .decision
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["region", "most"]);
}
