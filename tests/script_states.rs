//! Paths through a script: values of variables and meanings of table names on each
//! path, after jumps, handlers, calls, changes and renames.

use headcount::assessment::Assessment;
use headcount::policy::Verdict;
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

const COUNTS: &str =
    "SELECT country, COUNT(DISTINCT client_id) AS c FROM telemetry.clients_daily GROUP BY country";
const SMALL: &str = "SELECT country FROM telemetry.clients_daily GROUP BY country";
const LARGE: &str = " HAVING COUNT(DISTINCT client_id) >= ";

/// Scripts whose last dataset may contain small groups on some path.
const UNPROVEN: &[&str] = &[
    r#"CREATE TEMP TABLE g (country STRING, c INT64 DEFAULT 9999); INSERT INTO g (country, c) {COUNTS}; INSERT INTO g (country) {SMALL}; SELECT country FROM g WHERE c >= 5000"#,
    r#"CREATE TABLE out.g (country STRING, c INT64 DEFAULT 9999); INSERT INTO out.g (country, c) {COUNTS}; INSERT INTO out.g (country) {SMALL}; SELECT country FROM out.g WHERE c >= 5000"#,
    r#"CREATE TEMP TABLE g (country STRING, c INT64 DEFAULT CAST('9999' AS INT64) NOT NULL); INSERT INTO g (country, c) {COUNTS}; DELETE FROM g WHERE TRUE; INSERT INTO g (country) {SMALL}; INSERT INTO g (country, c) {COUNTS}; SELECT country FROM g WHERE c >= 5000"#,
    r#"CREATE TABLE out.g (country STRING, c INT64 DEFAULT 9999) AS {COUNTS}; MERGE out.g USING ({SMALL}) s ON FALSE WHEN NOT MATCHED THEN INSERT (country) VALUES (s.country); SELECT country FROM out.g WHERE c >= 5000"#,
    r#"CREATE TEMP TABLE g (client_id STRING DEFAULT GENERATE_UUID(), country STRING); INSERT INTO g (client_id, country) SELECT client_id, country FROM telemetry.clients_daily; INSERT INTO g (country) SELECT country FROM telemetry.clients_daily; SELECT country FROM g GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"CREATE TABLE out.g (client_id STRING OPTIONS (description = 'x') DEFAULT GENERATE_UUID(), country STRING) AS SELECT client_id, country FROM telemetry.clients_daily; INSERT INTO out.g (country) SELECT country FROM telemetry.clients_daily; SELECT country FROM out.g GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"CREATE TABLE IF NOT EXISTS out.g (client_id STRING, country STRING); INSERT INTO out.g (client_id, country) SELECT client_id, country FROM telemetry.clients_daily; INSERT INTO out.g (country) SELECT country FROM telemetry.clients_daily; SELECT country FROM out.g GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"CREATE TABLE FUNCTION out.f(rows_in TABLE<client_id STRING, country STRING>) AS SELECT country FROM rows_in GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000; SELECT * FROM out.f((SELECT GENERATE_UUID() AS client_id, country FROM telemetry.clients_daily))"#,
    r#"CREATE TABLE FUNCTION out.f(rows_in ANY TABLE) AS SELECT country FROM rows_in GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000; SELECT * FROM out.f(rows_in => (SELECT GENERATE_UUID() AS client_id, country FROM telemetry.clients_daily))"#,
    r#"CREATE TABLE FUNCTION telemetry.f(clients_daily TABLE<country STRING>) AS SELECT country FROM clients_daily; SELECT * FROM telemetry.f((SELECT client_id AS country FROM telemetry.clients_daily))"#,
    r#"CREATE TABLE FUNCTION out.f(g TABLE<country STRING>) AS SELECT country FROM g; CREATE TEMP TABLE g AS {SAFE}; SELECT * FROM out.f((SELECT client_id AS country FROM telemetry.clients_daily))"#,
    r#"CREATE TABLE FUNCTION out.f(g TABLE<country STRING>) AS SELECT country FROM g; CREATE TEMP TABLE g AS {SAFE}; SELECT * FROM out.f(1)"#,
    r#"CREATE TABLE out.g AS {SAFE}; CREATE ROW ACCESS POLICY p ON out.g GRANT TO ('allAuthenticatedUsers') FILTER USING (country IN (SELECT country FROM telemetry.main WHERE os = 'x')); SELECT country FROM out.g"#,
    r#"CREATE OR REPLACE ROW ACCESS POLICY p ON telemetry.clients_daily FILTER USING (country IN (SELECT MIN(country) FROM telemetry.main)); {SAFE}"#,
    r#"CREATE TABLE out.g AS {COUNTS}; CREATE ROW ACCESS POLICY IF NOT EXISTS p ON out.g FILTER USING (c >= 5000); SELECT country FROM out.g"#,
    r#"CREATE SCHEMA out DEFAULT COLLATE 'und:ci'; CREATE TABLE out.g (client_id STRING, country STRING); INSERT INTO out.g SELECT client_id, country FROM telemetry.clients_daily; SELECT country FROM out.g GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"CREATE SCHEMA IF NOT EXISTS out DEFAULT COLLATE 'und:ci' OPTIONS (location = 'EU'); CREATE TABLE out.g AS SELECT client_id, country FROM telemetry.clients_daily; SELECT country FROM out.g GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"ALTER SCHEMA out SET DEFAULT COLLATE 'und:ci'; CREATE TABLE out.g AS SELECT client_id, country FROM telemetry.clients_daily; SELECT country FROM out.g GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"CREATE TEMP TABLE g AS SELECT country, SUM(1) AS c FROM telemetry.clients_daily GROUP BY country; DELETE FROM g WHERE c < 5000; SELECT country FROM g"#,
    r#"DECLARE t INT64 DEFAULT 5000; WHILE RAND()<0.5 DO SET t = 1; IF RAND()<0.3 THEN BREAK; END IF; SET t = 5000; END WHILE; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; o: LOOP LOOP SET t = 1; IF RAND()<0.5 THEN LEAVE o; END IF; BREAK; END LOOP; SET t=5000; BREAK; END LOOP; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; DECLARE i INT64 DEFAULT 0; WHILE i < 3 DO SET i = i+1; IF i=2 THEN SET t = 3; CONTINUE; END IF; SET t = 5000; END WHILE; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; REPEAT SET t = 1; IF RAND()<0.5 THEN ITERATE; END IF; SET t=5000; UNTIL RAND()<0.5 END REPEAT; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; BEGIN SET t = 1; BEGIN SELECT 1/0; SET t = 5000; EXCEPTION WHEN ERROR THEN RAISE; END; SET t = 5000; EXCEPTION WHEN ERROR THEN SELECT 1; END; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; BEGIN SET t = 1; SELECT ERROR('x'); EXCEPTION WHEN ERROR THEN END; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CREATE PROCEDURE p(INOUT o INT64) BEGIN SET o = 2; END; CALL p(t); {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CREATE PROCEDURE p(a INT64, OUT o INT64) BEGIN SET o = a; END; CALL p(o => t, a => 7); {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CREATE PROCEDURE p(OUT o INT64) BEGIN SET o = 5000; END; IF RAND()<0.5 THEN CREATE OR REPLACE PROCEDURE p(OUT o INT64) BEGIN SET o = 1; END; END IF; CALL p(t); {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; EXECUTE IMMEDIATE 'SELECT 1' INTO t; {SELECT_T}"#,
    r#"DECLARE t INT64; EXECUTE IMMEDIATE 'SELECT @a' INTO t USING 4 AS a; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; IF RAND()<0.5 THEN SET t=1; ELSEIF RAND()<0.5 THEN SET t=5000; ELSE SET t=5000; END IF; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CASE WHEN RAND()<0.5 THEN SET t=1; WHEN TRUE THEN SET t=5000; END CASE; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CASE 1 WHEN 1 THEN SET t=1; ELSE SET t=5000; END CASE; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; FOR r IN (SELECT 3 AS x) DO SET t = r.x; END FOR; {SELECT_T}"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; BEGIN CREATE OR REPLACE TEMP TABLE g AS {SMALL}; SELECT ERROR('x'); CREATE OR REPLACE TEMP TABLE g AS {SAFE}; EXCEPTION WHEN ERROR THEN SELECT 1; END; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; IF RAND()<0.5 THEN INSERT INTO g {SMALL}; END IF; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; INSERT INTO _SESSION.g {SMALL}; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; INSERT INTO g {SMALL}; SELECT country FROM _SESSION.g"#,
    r#"CREATE TABLE out.g AS {SAFE}; INSERT INTO `proj.out.g` {SMALL}; SELECT country FROM out.g"#,
    r#"CREATE TABLE out.g AS {SAFE}; INSERT INTO `out`.`g` {SMALL}; SELECT country FROM `out.g`"#,
    r#"SET @@dataset_id='out'; CREATE TABLE g AS {SAFE}; SET @@dataset_id='other'; CREATE TABLE g AS {SMALL}; SELECT country FROM other.g"#,
    r#"CREATE TABLE out.g AS {SAFE}; INSERT INTO g {SMALL}; SELECT country FROM out.g"#,
    r#"CREATE TABLE out.g AS {SMALL}; CREATE OR REPLACE TABLE out.G AS {SAFE}; SELECT country FROM out.g"#,
    r#"CREATE TABLE p1.out.g AS {SMALL}; CREATE OR REPLACE TABLE p2.out.g AS {SAFE}; SELECT country FROM p1.out.g"#,
    r#"CREATE TABLE out.a AS {SMALL}; CREATE TABLE out.b AS {SAFE}; DROP TABLE out.b; ALTER TABLE out.a RENAME TO b; SELECT country FROM out.b"#,
    r#"CREATE TABLE out.a AS {SMALL}; CREATE TABLE IF NOT EXISTS out.a AS {SAFE}; SELECT country FROM out.a"#,
    r#"CREATE TABLE out.a AS {SMALL}; CREATE OR REPLACE TABLE out.b CLONE out.a; CREATE OR REPLACE TABLE out.a AS {SAFE}; SELECT country FROM out.b"#,
    r#"CREATE TABLE out.a AS {SAFE}; CREATE VIEW out.v AS SELECT country FROM out.a; CREATE OR REPLACE TABLE out.a AS {SMALL}; SELECT country FROM out.v"#,
    r#"CREATE VIEW out.v AS {SAFE}; CREATE OR REPLACE VIEW out.v AS {SMALL}; SELECT country FROM out.v"#,
    r#"CREATE TABLE FUNCTION out.f() AS {SAFE}; CREATE OR REPLACE TABLE FUNCTION out.f() AS {SMALL}; SELECT country FROM out.f()"#,
    r#"CREATE TEMP FUNCTION f(x INT64) AS (5000); CREATE OR REPLACE TEMP FUNCTION f(x INT64) AS (1); {COUNTS} HAVING COUNT(DISTINCT client_id) >= f(1)"#,
    r#"CREATE TEMP FUNCTION f(x INT64) AS (5000); IF RAND()<0.5 THEN CREATE OR REPLACE TEMP FUNCTION f(x INT64) AS (1); END IF; {COUNTS} HAVING COUNT(DISTINCT client_id) >= f(1)"#,
    r#"CREATE TEMP FUNCTION f(x INT64) AS (5000); CREATE OR REPLACE TEMP FUNCTION f(x INT64) RETURNS INT64 LANGUAGE js AS 'return 1'; {COUNTS} HAVING COUNT(DISTINCT client_id) >= f(1)"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; DROP TABLE IF EXISTS g; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; IF RAND()<0.5 THEN DROP TABLE g; END IF; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; EXECUTE IMMEDIATE @q; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; UPDATE g SET country = (SELECT MIN(client_id) FROM telemetry.clients_daily) WHERE c > 6000; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; UPDATE g SET country = d.client_id FROM telemetry.clients_daily d WHERE d.country = g.country; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; MERGE g USING (SELECT client_id, country FROM telemetry.clients_daily) d ON g.country = d.country WHEN MATCHED THEN UPDATE SET country = d.client_id; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; MERGE g USING (SELECT client_id, country FROM telemetry.clients_daily) d ON g.country = d.country WHEN NOT MATCHED THEN INSERT (country, c) VALUES (d.client_id, 1); SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; MERGE g USING (SELECT country FROM telemetry.clients_daily) d ON FALSE WHEN NOT MATCHED THEN INSERT ROW; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g (a STRING, b STRING); INSERT INTO g (b, a) SELECT country, client_id FROM telemetry.clients_daily; SELECT a FROM g"#,
    r#"IF RAND()<0.5 THEN CREATE TEMP TABLE g AS SELECT country, os FROM telemetry.clients_daily GROUP BY 1,2 HAVING COUNT(DISTINCT client_id)>=5000; ELSE CREATE TEMP TABLE g AS SELECT 'x' AS os, client_id AS country FROM telemetry.clients_daily; END IF; SELECT country FROM g"#,
    r#"BEGIN TRANSACTION; CREATE TEMP TABLE g AS {SMALL}; COMMIT; BEGIN TRANSACTION; CREATE OR REPLACE TEMP TABLE g AS {SAFE}; ROLLBACK; SELECT country FROM g"#,
    r#"DECLARE d STRING; DECLARE i INT64 DEFAULT 0; CREATE TEMP TABLE g (u STRING, tag STRING, country STRING); WHILE i < 3 DO SET d = CAST(i AS STRING); INSERT INTO g SELECT client_id, d, country FROM telemetry.clients_daily GROUP BY 1,2,3; SET i=i+1; END WHILE; SELECT country FROM g GROUP BY country HAVING COUNT(DISTINCT CONCAT(u, tag)) >= 5000"#,
    r#"DECLARE d STRING; DECLARE i INT64 DEFAULT 0; CREATE TEMP TABLE g (u STRING, tag STRING, country STRING); WHILE i < 3 DO SET d = CAST(i AS STRING); CREATE OR REPLACE TEMP TABLE x AS SELECT client_id, d AS tag, country FROM telemetry.clients_daily GROUP BY 1,2,3; INSERT INTO g SELECT client_id, tag, country FROM x; SET i=i+1; END WHILE; SELECT country FROM g GROUP BY country HAVING COUNT(DISTINCT CONCAT(u, tag)) >= 5000"#,
    r#"DECLARE d STRING DEFAULT @a; CREATE TEMP TABLE g AS SELECT client_id AS u, d AS tag, country FROM telemetry.clients_daily GROUP BY 1,2,3; SET d = @b; INSERT INTO g SELECT client_id, d, country FROM telemetry.clients_daily GROUP BY 1,2,3; SELECT country FROM g GROUP BY country HAVING COUNT(DISTINCT CONCAT(u, tag)) >= 5000"#,
    r#"CREATE TEMP TABLE g AS SELECT client_id, country FROM telemetry.clients_daily GROUP BY 1,2; WHILE RAND()<0.5 DO INSERT INTO g SELECT client_id, country FROM telemetry.clients_daily GROUP BY 1,2; END WHILE; SELECT country FROM g GROUP BY country HAVING COUNT(*) >= 5000"#,
    r#"CREATE PROCEDURE p() BEGIN INSERT INTO out.u SELECT client_id, country FROM telemetry.clients_daily GROUP BY 1,2; END; CREATE TABLE out.u AS SELECT client_id, country FROM telemetry.clients_daily GROUP BY 1,2; CALL p(); SELECT country FROM out.u GROUP BY country HAVING COUNT(*) >= 5000"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; CREATE PROCEDURE p() BEGIN CREATE OR REPLACE TEMP TABLE g AS {SMALL}; IF RAND()<0.5 THEN RETURN; END IF; CREATE OR REPLACE TEMP TABLE g AS {SAFE}; END; CALL p(); SELECT country FROM g"#,
    r#"DECLARE q STRING DEFAULT 'SELECT 1'; CREATE PROCEDURE p(q STRING) BEGIN EXECUTE IMMEDIATE q; END; CREATE TEMP TABLE g AS {SAFE}; CALL p(@z); SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SMALL}; TRUNCATE TABLE g; INSERT INTO g {SAFE}; INSERT INTO g {SMALL}; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {COUNTS}; DELETE FROM g WHERE c < 500; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g LIKE telemetry.clients_daily; INSERT INTO g SELECT * FROM telemetry.clients_daily; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE a AS {SAFE}; CREATE TEMP TABLE b AS {SMALL}; WHILE RAND()<0.5 DO CREATE OR REPLACE TEMP TABLE a AS SELECT country FROM b; END WHILE; SELECT country FROM a"#,
    r#"CREATE TEMP TABLE a AS {SAFE}; CREATE TEMP TABLE b AS {SAFE}; WHILE RAND()<0.5 DO CREATE OR REPLACE TEMP TABLE a AS SELECT country FROM b; CREATE OR REPLACE TEMP TABLE b AS {SMALL}; END WHILE; SELECT country FROM a"#,
    r#"DECLARE t INT64 DEFAULT 5000; BEGIN DECLARE t2 INT64 DEFAULT 1; SET t = t2; END; {SELECT_T}"#,
    r#"DECLARE t, t2 INT64 DEFAULT 5000; SET (t, t2) = (1, 5000); {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; IF RAND() < 0.5 THEN SET t = 5000; RETURN; SET t = 1; END IF; SET t = 1; {SELECT_T}"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; CREATE OR REPLACE EXTERNAL TABLE out.g OPTIONS (uris=['x']); CREATE TABLE out.g2 AS SELECT * FROM out.g; SELECT country FROM out.g2"#,
    r#"CREATE TABLE out.g AS {SAFE}; LOAD DATA INTO out.g FROM FILES (uris=['x']); SELECT country FROM out.g"#,
    r#"CREATE TABLE out.g AS {SAFE}; CREATE OR REPLACE TABLE out.g AS {SMALL}; SELECT country FROM out.g FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)"#,
    r#"CREATE TABLE out.g AS {SMALL}; CREATE OR REPLACE TABLE out.g AS {SAFE}; SELECT country FROM out.g FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)"#,
    r#"DECLARE n INT64; DELETE FROM out.g WHERE client_id = 'x'; SET n = @@row_count; SELECT n AS n"#,
    r#"BEGIN SELECT CAST(client_id AS INT64) FROM telemetry.clients_daily; EXCEPTION WHEN ERROR THEN SELECT @@error.message AS m; END"#,
    r#"DECLARE n INT64 DEFAULT 0; FOR r IN (SELECT client_id FROM telemetry.clients_daily WHERE country='LI') DO SET n = n + 1; END FOR; SELECT n AS n"#,
    r#"DECLARE n INT64 DEFAULT 0; WHILE n < (SELECT COUNT(*) FROM telemetry.clients_daily WHERE country='LI') DO SET n = n + 1; END WHILE; SELECT n AS n"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; l: FOR r IN (SELECT 1 AS x UNION ALL SELECT 2) DO CREATE OR REPLACE TEMP TABLE g AS {SMALL}; IF RAND()<0.5 THEN CONTINUE l; END IF; CREATE OR REPLACE TEMP TABLE g AS {SAFE}; END FOR l; SELECT country FROM g"#,
    r#"DECLARE t INT64 DEFAULT 5000; BEGIN BEGIN SET t = 1; RAISE USING MESSAGE = 'x'; END; EXCEPTION WHEN ERROR THEN SELECT 1; END; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CREATE PROCEDURE p() BEGIN RAISE; END; BEGIN SET t = 1; CALL p(); SET t = 5000; EXCEPTION WHEN ERROR THEN SELECT 1; END; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CREATE PROCEDURE p(INOUT o INT64) BEGIN SET o = 1; CALL q(o); END; CREATE PROCEDURE q(INOUT o INT64) BEGIN IF RAND()<0.5 THEN SET o = 5000; END IF; END; CALL p(t); {SELECT_T}"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; CREATE PROCEDURE p(i INT64) BEGIN IF i > 0 THEN CALL p(i-1); END IF; INSERT INTO g {SMALL}; END; CALL p(3); SELECT country FROM g"#,
    r#"CREATE TABLE out.g AS {SAFE}; SET @@project_id = 'x'; CREATE OR REPLACE TABLE out.g AS {SMALL}; SELECT country FROM x.out.g"#,
    r#"SET @@dataset_id = 'out'; CREATE TEMP TABLE g AS {SAFE}; CREATE TABLE out.g AS {SMALL}; DROP TABLE g; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SMALL}; CREATE TEMP TABLE IF NOT EXISTS g AS {SAFE}; SELECT country FROM g"#,
    r#"WITH g AS ({SAFE}) SELECT 1; CREATE TEMP TABLE g AS {SMALL}; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; WITH g AS ({SMALL}) SELECT country FROM g"#,
    r#"CREATE VIEW out.v AS SELECT country FROM out.b; CREATE TABLE out.b AS {SMALL}; SELECT country FROM out.v"#,
    r#"CREATE TABLE out.b AS {SAFE}; CREATE VIEW out.v AS SELECT country FROM out.b; CREATE VIEW out.w AS SELECT * FROM out.v; DELETE FROM out.b WHERE TRUE; INSERT INTO out.b (country) {SMALL}; SELECT country FROM out.w"#,
    r#"CREATE TABLE out.b AS {SAFE}; CREATE TABLE FUNCTION out.f() AS SELECT country FROM out.b; CREATE OR REPLACE TABLE out.b AS {SMALL}; SELECT country FROM out.f()"#,
    r#"CREATE TABLE out.b AS {SAFE}; CREATE TEMP FUNCTION f() AS ((SELECT STRING_AGG(country) FROM out.b)); CREATE OR REPLACE TABLE out.b AS {SMALL}; SELECT f() AS x"#,
    r#"CREATE TABLE out.a AS {SAFE}; CREATE TABLE out.b COPY out.a; INSERT INTO out.b {SMALL}; ALTER TABLE out.b RENAME TO c; SELECT country FROM out.c"#,
    r#"CREATE TABLE out.a AS {SAFE}; ALTER TABLE out.a ADD COLUMN z STRING; UPDATE out.a SET z = (SELECT MIN(client_id) FROM telemetry.clients_daily) WHERE TRUE; SELECT z FROM out.a"#,
    r#"CREATE TEMP TABLE a AS {SAFE_COUNTS}; UPDATE a SET a.country = (SELECT MIN(client_id) FROM telemetry.clients_daily) WHERE TRUE; SELECT country FROM a"#,
    r#"CREATE TEMP TABLE a AS {SAFE_COUNTS}; UPDATE a SET country = x.u FROM (SELECT MIN(client_id) AS u, country AS m FROM telemetry.clients_daily GROUP BY country) x WHERE a.country = x.m; SELECT country FROM a"#,
    r#"CREATE TEMP TABLE a AS {SAFE_COUNTS}; UPDATE a SET country = IF(country = (SELECT MIN(client_id) FROM telemetry.clients_daily), 'a', 'b') WHERE TRUE; SELECT country, c FROM a"#,
    r#"CREATE TEMP TABLE a AS {SAFE_COUNTS}; MERGE a USING (SELECT country, client_id FROM telemetry.clients_daily) s ON a.country = s.country AND s.client_id = 'x' WHEN MATCHED THEN UPDATE SET c = 1; SELECT country, c FROM a"#,
    r#"CREATE TEMP TABLE a AS {SAFE_COUNTS}; MERGE a USING (SELECT country, client_id FROM telemetry.clients_daily) s ON a.country = s.country AND s.client_id = 'x' WHEN NOT MATCHED BY SOURCE THEN DELETE; SELECT country, c FROM a"#,
    r#"CREATE TEMP TABLE a (x STRING, y STRING DEFAULT 'z'); INSERT a (y, x) SELECT client_id, country FROM telemetry.clients_daily; SELECT y FROM a"#,
    r#"CREATE TEMP TABLE a AS {SAFE_COUNTS}; INSERT INTO a (c, country) SELECT 1, client_id FROM telemetry.clients_daily; SELECT country FROM a"#,
    r#"DECLARE u STRING DEFAULT (SELECT MIN(client_id) FROM telemetry.clients_daily); EXECUTE IMMEDIATE 'CREATE TABLE out.t AS SELECT @x AS u' USING u AS x; SELECT u FROM out.t"#,
    r#"DECLARE u STRING DEFAULT (SELECT MIN(client_id) FROM telemetry.clients_daily); EXECUTE IMMEDIATE 'SELECT ? AS u' USING u"#,
    r#"DECLARE u STRING; FOR r IN (SELECT client_id FROM telemetry.clients_daily) DO SET u = r.client_id; END FOR; SELECT u AS u"#,
    r#"DECLARE t INT64 DEFAULT 5000; BEGIN SET t = 1; CALL no.such(); SET t = 5000; EXCEPTION WHEN ERROR THEN SELECT 1; END; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; CALL no.such(t); {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; WHILE TRUE DO SET t = t - 1; IF t < 10 THEN BREAK; END IF; END WHILE; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; WHILE TRUE DO IF RAND()<0.1 THEN SET t = 1; BREAK; END IF; SET t = 5000; IF RAND()<0.1 THEN BREAK; END IF; END WHILE; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 5000; a: BEGIN b: BEGIN SET t = 1; LEAVE a; END b; SET t = 5000; END a; {SELECT_T}"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; CREATE PROCEDURE out.p() BEGIN SELECT 1; END; CREATE OR REPLACE PROCEDURE z.out.p() BEGIN CREATE OR REPLACE TEMP TABLE g AS {SMALL}; END; CALL out.p(); SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; CREATE PROCEDURE out.p() BEGIN SELECT 1; END; DROP PROCEDURE out.p; CALL out.p(); SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; CREATE PROCEDURE IF NOT EXISTS out.p() BEGIN SELECT 1; END; CALL out.p(); SELECT country FROM g"#,
    r#"CREATE TABLE out.g AS {SAFE}; DROP SCHEMA out CASCADE; CREATE TABLE IF NOT EXISTS out.g AS {SMALL}; SELECT country FROM out.g"#,
    r#"CREATE TABLE out.g AS {SAFE}; CREATE OR REPLACE MATERIALIZED VIEW out.g AS {SMALL}; SELECT country FROM out.g"#,
    r#"CREATE TABLE out.g AS {SAFE}; CREATE OR REPLACE SNAPSHOT TABLE out.h CLONE out.g; CREATE OR REPLACE TABLE out.g AS {SMALL}; CREATE OR REPLACE TABLE out.h CLONE out.g; SELECT country FROM out.h"#,
    r#"CREATE TABLE out.a_1 AS {SAFE}; CREATE TABLE out.a_2 AS {SMALL}; SELECT country FROM `out.a_*`"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; EXECUTE IMMEDIATE 'INSERT INTO g {SMALL}'; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; EXECUTE IMMEDIATE FORMAT('INSERT INTO %s SELECT 1', @t); SELECT country FROM _SESSION.g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; BEGIN DROP TABLE g; CREATE TEMP TABLE g AS {SMALL}; RETURN; EXCEPTION WHEN ERROR THEN SELECT 1; END; SELECT country FROM g"#,
    r#"IF RAND()<0.5 THEN CREATE TEMP TABLE g AS {SAFE}; END IF; SELECT country FROM g"#,
    r#"CREATE TEMP FUNCTION f(x STRING) AS (UPPER(x)); CREATE TEMP TABLE g AS {SAFE}; DROP FUNCTION f; CREATE TEMP FUNCTION f(x STRING) AS ((SELECT MIN(client_id) FROM telemetry.clients_daily)); SELECT f(country) AS n FROM g"#,
    r#"BEGIN DECLARE t INT64 DEFAULT 5000; END; BEGIN DECLARE t INT64 DEFAULT 1; {SELECT_T}; END;"#,
    r#"CREATE TEMP TABLE k AS SELECT 5000 AS t; UPDATE k SET t = 1 WHERE TRUE; {COUNTS} HAVING COUNT(DISTINCT client_id) >= (SELECT t FROM k)"#,
    r#"CREATE TEMP TABLE k AS SELECT 5000 AS t; INSERT INTO k SELECT 1; {COUNTS} HAVING COUNT(DISTINCT client_id) >= (SELECT MIN(t) FROM k)"#,
    r#"CREATE TEMP TABLE k (t INT64); INSERT INTO k VALUES (5000); INSERT INTO k (t) VALUES (2); SELECT country, c FROM ({COUNTS}) JOIN k ON c >= k.t"#,
    r#"CREATE TABLE out.g AS {SAFE}; ALTER TABLE IF EXISTS out.g RENAME TO h; CREATE TABLE out.g AS {SMALL}; SELECT country FROM out.g"#,
    r#"CREATE TEMP TABLE a AS {SMALL}; CREATE TEMP TABLE b AS {SAFE}; ALTER TABLE b RENAME TO c; ALTER TABLE a RENAME TO b; SELECT country FROM b"#,
    r#"CREATE TEMP TABLE a AS {SMALL}; IF RAND()<0.5 THEN ALTER TABLE a RENAME TO b; END IF; CREATE TEMP TABLE IF NOT EXISTS b AS {SAFE}; SELECT country FROM b"#,
    r#"BEGIN TRANSACTION; CREATE OR REPLACE TABLE out.g AS {SMALL}; BEGIN CREATE OR REPLACE TABLE out.g AS {SAFE}; SELECT ERROR('x'); EXCEPTION WHEN ERROR THEN ROLLBACK TRANSACTION; END; SELECT country FROM out.g"#,
    r#"UPDATE out.g SET c = s.c FROM (SELECT country, COUNT(DISTINCT client_id) AS c, COUNTIF(os = 'x') AS h FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000) s WHERE g.country = s.country AND s.h > 0"#,
    r#"UPDATE out.g SET c = 1 FROM (SELECT country, COUNT(DISTINCT client_id) AS c, COUNTIF(os = 'x') AS h FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000) s WHERE g.country = s.country AND s.h = g.h"#,
    r#"MERGE out.g g USING (SELECT country, COUNT(DISTINCT client_id) AS c, COUNTIF(os = 'x') AS h FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000) s ON g.country = s.country AND s.h > 0 WHEN MATCHED THEN UPDATE SET c = s.c"#,
    r#"MERGE out.g g USING (SELECT country, COUNT(DISTINCT client_id) AS c, COUNTIF(os = 'x') AS h FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000) s ON g.country = s.country AND s.h > 0 WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c)"#,
    r#"MERGE out.g g USING (SELECT country, COUNT(DISTINCT client_id) AS c, COUNTIF(os = 'x') AS h FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000) s ON g.country = s.country WHEN MATCHED AND s.h > 0 THEN DELETE WHEN MATCHED THEN UPDATE SET c = s.c"#,
    r#"MERGE out.g g USING (SELECT country, COUNT(DISTINCT client_id) AS c, COUNTIF(os = 'x') AS h FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000) s ON FALSE WHEN NOT MATCHED BY TARGET AND s.h > 0 THEN INSERT (country) VALUES ('y') WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c)"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN TRUNCATE TABLE g; END IF; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS SELECT 'a' AS v; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN TRUNCATE TABLE g; END IF; SELECT v FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN CREATE OR REPLACE TEMP TABLE g (country STRING); END IF; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN DELETE FROM g WHERE TRUE; END IF; INSERT INTO g {SAFE}; SELECT country FROM g"#,
    r#"CREATE TABLE out.g AS SELECT 'a' AS v; CREATE TEMP TABLE g AS SELECT 'b' AS v; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN DROP TABLE g; END IF; SET @@dataset_id = 'out'; SELECT v FROM g"#,
    r#"CREATE TEMP TABLE g AS SELECT 'a' AS v; BEGIN TRANSACTION; INSERT INTO g SELECT 'b'; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN ROLLBACK TRANSACTION; ELSE COMMIT TRANSACTION; END IF; SELECT v FROM g"#,
    r#"IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN CREATE OR REPLACE VIEW out.v AS SELECT 'a' AS v; ELSE CREATE OR REPLACE VIEW out.v AS SELECT 'b' AS v; END IF; SELECT v FROM out.v"#,
    r#"CREATE TABLE out.g AS SELECT 'a' AS v; CREATE VIEW out.v AS SELECT v FROM out.g; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN CREATE OR REPLACE TABLE out.g (v STRING); END IF; SELECT v FROM out.v"#,
    r#"CREATE TABLE out.a AS {SAFE}; CREATE TABLE out.b (country STRING); IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN DROP TABLE out.a; ALTER TABLE out.b RENAME TO a; END IF; SELECT country FROM out.a"#,
    r#"CREATE TABLE a.x AS {SAFE}; CREATE TABLE b.x (country STRING); SET @@dataset_id = 'a'; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN SET @@dataset_id = 'b'; END IF; SELECT country FROM x"#,
    r#"DECLARE r STRING; CREATE PROCEDURE out.p(OUT r STRING) BEGIN SET r = 'a'; END; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN CREATE OR REPLACE PROCEDURE out.p(OUT r STRING) BEGIN SET r = 'b'; END; END IF; CALL out.p(r); SELECT r AS v"#,
    r#"CREATE TEMP TABLE g AS {SMALL}; SELECT @@script.bytes_processed AS v"#,
    r#"CREATE TEMP TABLE g AS {SMALL}; SELECT @@script.num_child_jobs AS v"#,
    r#"CREATE TEMP TABLE g AS {SMALL}; IF @@script.slot_ms > 100 THEN SELECT 'a' AS v; END IF"#,
    r#"SET @@time_zone = IF(EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x'), 'Asia/Tokyo', 'UTC'); SELECT DATE(TIMESTAMP '2024-01-01 20:00:00+00') AS v"#,
    r#"DECLARE v DATE; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN SET @@time_zone = 'Asia/Tokyo'; END IF; SET v = DATE(TIMESTAMP '2024-01-01 20:00:00+00'); SET @@time_zone = 'UTC'; SELECT v AS v"#,
    r#"DECLARE v STRING DEFAULT 'a'; BEGIN CREATE TEMP TABLE q AS SELECT IF(COUNT(*) > 0, ERROR('a'), 1) AS e FROM telemetry.clients_daily WHERE client_id = 'x'; SET v = 'b'; EXCEPTION WHEN ERROR THEN END; SELECT v AS v"#,
    r#"CREATE TEMP TABLE g AS SELECT 'a' AS v; BEGIN CREATE TEMP TABLE q AS SELECT IF(COUNT(*) > 0, ERROR('a'), 1) AS e FROM telemetry.clients_daily WHERE client_id = 'x'; CREATE OR REPLACE TEMP TABLE g AS SELECT 'b' AS v; EXCEPTION WHEN ERROR THEN END; SELECT v FROM g"#,
    r#"DECLARE n INT64 DEFAULT 0; DECLARE m STRING; BEGIN SET m = (SELECT client_id FROM telemetry.clients_daily WHERE country = 'LI'); SET n = 2; EXCEPTION WHEN ERROR THEN END; SELECT n AS n"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; BEGIN SELECT IF(COUNT(*) > 0, ERROR('a'), 1) FROM telemetry.clients_daily WHERE client_id = 'x'; INSERT INTO g {SAFE}; EXCEPTION WHEN ERROR THEN END; SELECT country FROM g"#,
    r#"BEGIN SELECT IF(COUNT(*) > 0, ERROR('a'), 1) FROM telemetry.clients_daily WHERE client_id = 'x'; CREATE OR REPLACE TABLE out.g AS {SAFE}; EXCEPTION WHEN ERROR THEN END"#,
    r#"BEGIN SELECT 1 / COUNT(*) FROM telemetry.clients_daily WHERE client_id = 'x'; EXCEPTION WHEN ERROR THEN RETURN; END; {SAFE}"#,
    r#"BEGIN BEGIN SELECT 1 / COUNT(*) FROM telemetry.clients_daily WHERE client_id = 'x'; EXCEPTION WHEN ERROR THEN RAISE; END; CREATE OR REPLACE TABLE out.g AS {SAFE}; EXCEPTION WHEN ERROR THEN END"#,
    r#"BEGIN SELECT 1 / COUNT(*) FROM telemetry.clients_daily WHERE client_id = 'x'; EXCEPTION WHEN ERROR THEN CREATE OR REPLACE TABLE out.g AS {SAFE}; RAISE; END"#,
    r#"CREATE PROCEDURE mine.out.p() BEGIN CREATE OR REPLACE TABLE out.g AS {SAFE}; END; CALL other.out.p(); SELECT country FROM out.g"#,
    r#"CREATE PROCEDURE mine.out.p() BEGIN CREATE OR REPLACE TABLE out.g AS {SAFE}; END; CALL out.p(); SELECT country FROM out.g"#,
    r#"CREATE FUNCTION mine.out.f(x INT64) AS (5000); {COUNTS} HAVING COUNT(DISTINCT client_id) >= other.out.f(1)"#,
    r#"CREATE FUNCTION mine.out.f(x INT64) AS (5000); {COUNTS} HAVING COUNT(DISTINCT client_id) >= out.f(1)"#,
    r#"CREATE FUNCTION out.f(x INT64) AS (5000); DROP FUNCTION mine.out.f; {COUNTS} HAVING COUNT(DISTINCT client_id) >= out.f(1)"#,
    r#"CREATE TABLE FUNCTION mine.out.f() AS {SAFE}; SELECT country FROM other.out.f()"#,
    r#"CREATE TABLE mine.out.g AS {SAFE}; SELECT country FROM out.g"#,
    r#"CREATE TABLE mine.out.g AS {SMALL}; CREATE OR REPLACE TABLE out.g AS {SAFE}; SELECT country FROM mine.out.g"#,
    r#"DECLARE lim INT64 DEFAULT 5000; SELECT a.country FROM ({COUNTS}) a CROSS JOIN out.settings WHERE a.c >= lim"#,
    r#"DECLARE lim INT64 DEFAULT 5000; SELECT a.country FROM ({COUNTS}) a, out.settings s, UNNEST(s.items) WHERE a.c >= lim"#,
    r#"CREATE TEMP FUNCTION f(lim INT64) AS ((SELECT MIN(lim) FROM out.settings)); {COUNTS} HAVING COUNT(DISTINCT client_id) >= f(5000)"#,
    r#"MERGE out.g g USING (SELECT country, COUNT(DISTINCT client_id) AS c, COUNTIF(os = 'x') AS h FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000) s ON g.country = s.country WHEN MATCHED AND s.h > 0 THEN DELETE WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c)"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; UPDATE g SET c = 0 FROM (SELECT country FROM telemetry.clients_daily WHERE client_id = 'x') d WHERE d.country = g.country; SELECT country FROM g WHERE c > 0"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; MERGE g USING (SELECT country FROM telemetry.clients_daily WHERE client_id = 'x' GROUP BY country) d ON g.country = d.country WHEN MATCHED THEN UPDATE SET c = 0; SELECT country FROM g WHERE c > 0"#,
];

/// Scripts whose last dataset contains only large groups on every path.
const PROVEN: &[&str] = &[
    r#"CREATE TEMP TABLE g (country STRING, c INT64); INSERT INTO g (country, c) {COUNTS}; INSERT INTO g (country) {SMALL}; SELECT country FROM g WHERE c >= 5000"#,
    r#"CREATE TEMP TABLE g (country STRING, c INT64, kind STRING DEFAULT 'all', made TIMESTAMP DEFAULT CURRENT_TIMESTAMP()); INSERT INTO g (country, c) {COUNTS}; SELECT country FROM g WHERE c >= 5000"#,
    r#"CREATE TABLE FUNCTION out.f(rows_in TABLE<client_id STRING, country STRING>) AS SELECT country FROM rows_in GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000; SELECT * FROM out.f((SELECT client_id, country FROM telemetry.clients_daily))"#,
    r#"CREATE TABLE FUNCTION out.f(least_clients INT64, rows_in ANY TABLE) AS SELECT country FROM rows_in GROUP BY country HAVING COUNT(DISTINCT client_id) >= least_clients; SELECT * FROM out.f(5000, TABLE telemetry.clients_daily)"#,
    r#"CREATE SCHEMA other; CREATE TABLE out.g AS SELECT client_id, country FROM telemetry.clients_daily; SELECT country FROM out.g GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"CREATE TEMP TABLE g AS {COUNTS}; DELETE FROM g WHERE c < 5000; SELECT country, c FROM g"#,
    r#"CREATE TEMP TABLE g AS {COUNTS}; DELETE FROM g WHERE NOT (c >= 5000); SELECT country, c FROM g"#,
    r#"CREATE TEMP TABLE g AS {COUNTS}; DELETE FROM g WHERE c IS NULL OR c < 5000; SELECT country, c FROM g"#,
    r#"DECLARE t INT64 DEFAULT 1; IF RAND()<0.5 THEN SET t=5000; ELSE SET t=5000; END IF; {SELECT_T}"#,
    r#"DECLARE t INT64 DEFAULT 1; LOOP SET t = 5000; BREAK; END LOOP; {SELECT_T}"#,
    r#"DECLARE t INT64; CREATE PROCEDURE p(OUT o INT64) BEGIN SET o = 5000; END; CALL p(t); {SELECT_T}"#,
    r#"CREATE TEMP TABLE g AS {SMALL}; CREATE OR REPLACE TEMP TABLE g AS {SAFE}; SELECT country FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; DELETE FROM g WHERE c > 9000; SELECT country, c FROM g"#,
    r#"SET @@dataset_id='telemetry'; SELECT country, COUNT(DISTINCT client_id) AS c FROM clients_daily GROUP BY country HAVING c >= 5000"#,
    r#"CREATE TEMP TABLE a AS {SAFE}; CREATE TEMP TABLE b AS {SMALL}; DROP TABLE b; ALTER TABLE a RENAME TO b; SELECT country FROM b"#,
    r#"CREATE TABLE out.a AS {SAFE}; CREATE TABLE out.b CLONE out.a; SELECT country FROM out.b"#,
    r#"CREATE TABLE out.a (country STRING, c INT64); INSERT INTO out.a {SAFE_COUNTS}; SELECT country, c FROM out.a"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; UPDATE g SET country = UPPER(country) WHERE TRUE; SELECT country, c FROM g"#,
    r#"DECLARE i INT64 DEFAULT 0; CREATE TEMP TABLE g AS {SAFE}; WHILE i < 3 DO INSERT INTO g {SAFE}; SET i = i + 1; END WHILE; SELECT country FROM g"#,
    r#"BEGIN TRANSACTION; CREATE TEMP TABLE g AS {SAFE}; COMMIT TRANSACTION; SELECT country FROM g"#,
    r#"CREATE TABLE out.g AS {SAFE}; ALTER TABLE out.g SET OPTIONS (description='x'); SELECT country FROM `out.g`"#,
    r#"CREATE TABLE FUNCTION mine.out.f() AS {SAFE}; SELECT country FROM mine.out.f()"#,
    r#"DECLARE lim INT64 DEFAULT 5000; SELECT country FROM telemetry.clients_daily GROUP BY country HAVING COUNT(DISTINCT client_id) >= lim"#,
    r#"DECLARE day DATE DEFAULT CURRENT_DATE(); SELECT country FROM telemetry.clients_daily WHERE submission_date = day GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"#,
    r#"MERGE out.g t USING ({SAFE_COUNTS}) s ON t.country = s.country WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN MATCHED THEN UPDATE SET c = s.c WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c)"#,
    r#"EXECUTE IMMEDIATE '''CREATE TEMP TABLE g AS {SAFE}'''; SELECT country FROM g"#,
    r#"CREATE TABLE out.a AS {SAFE}; TRUNCATE TABLE out.a; INSERT INTO out.a {SAFE}; SELECT country FROM out.a"#,
    r#"CREATE TEMP FUNCTION least_bucket() AS (5000); {COUNTS} HAVING COUNT(DISTINCT client_id) >= least_bucket()"#,
    r#"ASSERT 1 = 1 AS 'x'; {SAFE_COUNTS}"#,
    r#"MERGE out.g USING (SELECT 1 AS x) s ON FALSE WHEN NOT MATCHED THEN INSERT (x) VALUES (s.x); {SAFE_COUNTS}"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; MERGE g USING ({SAFE_COUNTS}) s ON g.country = s.country WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c); SELECT country, c FROM g"#,
    r#"DECLARE d DATE DEFAULT CURRENT_DATE(); CREATE TEMP TABLE g AS SELECT country, client_id FROM telemetry.clients_daily WHERE submission_date = d; SELECT country, COUNT(DISTINCT client_id) AS c FROM g GROUP BY country HAVING c >= 5000"#,
    r#"DECLARE done BOOL DEFAULT FALSE; BEGIN TRANSACTION; DELETE FROM out.g WHERE submission_date = '2024-01-01'; INSERT INTO out.g {SAFE_COUNTS}; COMMIT TRANSACTION;"#,
    r#"DECLARE i INT64 DEFAULT 0; WHILE i < 10 DO INSERT INTO out.g {SAFE_COUNTS}; SET i = i + 1; END WHILE"#,
    r#"FOR r IN (SELECT x FROM UNNEST([1,2]) AS x) DO INSERT INTO out.g {SAFE_COUNTS}; END FOR"#,
    r#"IF @run THEN INSERT INTO out.g {SAFE_COUNTS}; END IF"#,
    r#"MERGE out.g t USING ({SAFE_COUNTS}) s ON t.country = s.country WHEN MATCHED THEN UPDATE SET c = s.c WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c)"#,
    r#"CREATE OR REPLACE TABLE out.g (country STRING, c INT64) AS {SAFE_COUNTS}"#,
    r#"CREATE TEMP TABLE a AS SELECT country, client_id FROM telemetry.clients_daily; CREATE TEMP TABLE b AS SELECT country, COUNT(DISTINCT client_id) AS c FROM a GROUP BY country; DROP TABLE a; SELECT * FROM b WHERE c >= 5000"#,
    r#"CREATE VIEW out.v AS {SAFE_COUNTS}; SELECT * FROM out.v"#,
    r#"CREATE TEMP FUNCTION up(s STRING) AS (UPPER(s)); BEGIN CREATE TEMP TABLE g AS {SAFE_COUNTS}; SELECT up(country) AS n, c FROM g; END"#,
    r#"CREATE PROCEDURE out.p(least INT64) BEGIN CREATE OR REPLACE TABLE out.g AS {COUNTS} HAVING COUNT(DISTINCT client_id) >= least; END; CALL out.p(5000)"#,
    r#"CREATE PROCEDURE out.p(least INT64) BEGIN CREATE OR REPLACE TABLE out.g AS {COUNTS} HAVING COUNT(DISTINCT client_id) >= least; END; CALL out.p(least => 6000)"#,
    r#"UPDATE out.g SET c = s.c FROM ({SAFE_COUNTS}) s WHERE g.country = s.country"#,
    r#"MERGE out.g t USING ({SAFE_COUNTS}) s ON t.country = s.country WHEN MATCHED AND t.locked THEN DELETE WHEN MATCHED THEN UPDATE SET c = s.c WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c)"#,
    r#"CREATE TEMP TABLE g AS {SAFE}; IF @empty THEN TRUNCATE TABLE g; END IF; SELECT country FROM g"#,
    r#"CREATE VIEW out.v AS {SAFE}; IF @other THEN CREATE OR REPLACE VIEW out.v AS {SAFE}; END IF; SELECT country FROM out.v"#,
    r#"BEGIN TRANSACTION; CREATE OR REPLACE TABLE out.g AS {SAFE}; IF @undo THEN ROLLBACK TRANSACTION; RETURN; END IF; COMMIT TRANSACTION; SELECT country FROM out.g"#,
    r#"SET @@time_zone = 'Asia/Tokyo'; SET @@query_label = 'a:b'; SELECT country, @@time_zone AS z, COUNT(DISTINCT client_id) AS c FROM telemetry.clients_daily GROUP BY country HAVING c >= 5000"#,
    r#"BEGIN CREATE TEMP TABLE a AS {SAFE}; CREATE TEMP TABLE b AS SELECT country FROM a; EXCEPTION WHEN ERROR THEN RAISE; END; SELECT country FROM b"#,
    r#"BEGIN DECLARE t INT64 DEFAULT 5000; SET t = 6000; {SELECT_T}; EXCEPTION WHEN ERROR THEN SELECT @@error.message AS m; END; {SAFE}"#,
    r#"BEGIN CREATE OR REPLACE TABLE out.g AS {SAFE}; EXCEPTION WHEN ERROR THEN SELECT 1 AS x; END; {SAFE}"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; UPDATE g SET c = s.c FROM ({SAFE_COUNTS}) s WHERE g.country = s.country; SELECT country, c FROM g"#,
    r#"CREATE TEMP TABLE g AS {SAFE_COUNTS}; MERGE g USING ({SAFE_COUNTS}) s ON g.country = s.country WHEN MATCHED THEN UPDATE SET c = s.c WHEN NOT MATCHED THEN INSERT (country, c) VALUES (s.country, s.c); SELECT country, c FROM g"#,
    r#"CREATE OR REPLACE TABLE out.g AS {SAFE_COUNTS}; DELETE FROM out.g WHERE c > 90000; ALTER TABLE out.g SET OPTIONS (description = 'x')"#,
    r#"INSERT INTO out.g {SAFE}; IF @dry_run THEN TRUNCATE TABLE out.g; END IF"#,
    r#"CREATE OR REPLACE TABLE out.g AS {SAFE_COUNTS}; MERGE out.g USING ({SAFE_COUNTS}) s ON g.country = s.country WHEN MATCHED THEN UPDATE SET c = s.c"#,
];

/// Returns the last dataset of a script.
fn last(script: &str) -> Assessment {
    datasets(script).pop().expect("a dataset")
}

/// Returns all datasets of a script.
fn datasets(script: &str) -> Vec<Assessment> {
    let sql = script
        .replace("{SELECT_T}", &format!("{COUNTS}{LARGE}t"))
        .replace("{SAFE}", &format!("{SMALL}{LARGE}5000"))
        .replace("{SAFE_COUNTS}", &format!("{COUNTS}{LARGE}5000"))
        .replace("{SMALL}", SMALL)
        .replace("{COUNTS}", COUNTS);
    let file = assess_text(
        SourceText::new("script.sql", sql),
        Registry::builtin(),
        &TemplateSettings::default(),
    );
    let errors: Vec<&str> = file
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(errors.is_empty(), "{script}: {errors:?}");
    file.datasets
}

fn is_proven(dataset: &Assessment) -> bool {
    let level = dataset.decision.level.map_or(9, |level| level.number());
    dataset.decision.bucket.proven.unwrap_or_default() >= 5000 && level <= 2
}

#[test]
fn a_way_to_small_groups_is_never_proven() {
    let wrong: Vec<&str> = UNPROVEN
        .iter()
        .copied()
        .filter(|script| {
            let dataset = last(script);
            is_proven(&dataset) || dataset.verdict == Verdict::Publishable
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn large_groups_on_every_way_are_proven() {
    let wrong: Vec<&str> = PROVEN
        .iter()
        .copied()
        .filter(|script| !is_proven(&last(script)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Scripts in which the work may double repeatedly.
#[test]
fn doubling_scripts_are_analyzed_to_the_end() {
    let twice = |first: &str, next: &dyn Fn(usize) -> String, end: &str| {
        let all: String = (0..30).map(next).collect();
        format!("{first}{all}{end}")
    };
    let blocks = format!(
        "DECLARE x INT64; {} SELECT 1; {}",
        "BEGIN SET x = 1;".repeat(49),
        "EXCEPTION WHEN ERROR THEN SET x = 2; SELECT x; END;".repeat(49)
    );
    let deep = format!("{} SELECT 1; {}", "BEGIN ".repeat(200), "END; ".repeat(200));
    let loops = format!(
        "DECLARE x INT64; CREATE TEMP TABLE g AS {{SAFE}}; {} SELECT 1; {} SELECT country FROM g",
        "WHILE RAND() < 0.5 DO SET x = x + 1; INSERT INTO g {SAFE};".repeat(49),
        "END WHILE;".repeat(49)
    );
    let calls = twice(
        "CREATE PROCEDURE p0() BEGIN CREATE OR REPLACE TABLE d.t AS {SAFE}; END;",
        &|at| {
            format!(
                "CREATE PROCEDURE p{}() BEGIN CALL p{at}(); CALL p{at}(); END;",
                at + 1
            )
        },
        "CALL p30(); SELECT country FROM d.t",
    );
    let tables = twice(
        "CREATE TEMP TABLE g0 AS {SAFE};",
        &|at| {
            format!(
                "CREATE TEMP TABLE g{} AS SELECT a.country FROM g{at} a JOIN g{at} b USING (country);",
                at + 1
            )
        },
        "SELECT country FROM g30",
    );
    let views = twice(
        "CREATE VIEW d.g0 AS {SAFE};",
        &|at| {
            format!(
                "CREATE VIEW d.g{} AS SELECT a.country FROM d.g{at} a JOIN d.g{at} b USING (country);",
                at + 1
            )
        },
        "SELECT country FROM d.g30",
    );
    let updates = twice(
        "CREATE TEMP TABLE g AS {SAFE};",
        &|_| {
            "IF RAND() < 0.5 THEN UPDATE g SET country = UPPER(country) WHERE country > 'a'; END IF;".to_owned()
        },
        "SELECT country FROM g",
    );
    for script in [blocks, loops, calls, tables, views, updates] {
        // Doubled work would exceed the step limit of a statement.
        let dataset = last(&script);
        let mut findings = dataset.findings.iter();
        let given_up = findings.any(|finding| finding.message.contains("not analysed to the end"));
        assert!(!given_up, "{}", &script[..60]);
    }
    // Deeper blocks than BigQuery allows are an error, and do not hang.
    let file = assess_text(
        SourceText::new("script.sql", deep),
        Registry::builtin(),
        &TemplateSettings::default(),
    );
    assert!(!file.findings.is_empty());
}

/// Scripts without a proven dataset, because the table is changed after it is
/// written.
const CHANGED_LATER: &[&str] = &[
    "CREATE TABLE out.g AS {SAFE}; DELETE FROM out.g WHERE country IN (SELECT country FROM telemetry.clients_daily WHERE client_id = 'x')",
    "CREATE TABLE out.g AS {SAFE}; MERGE out.g AS g USING (SELECT country FROM telemetry.clients_daily WHERE client_id = 'x') AS s ON g.country = s.country WHEN MATCHED THEN DELETE",
    "INSERT INTO out.g {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN TRUNCATE TABLE out.g; END IF",
    "CREATE TABLE out.g AS {SAFE}; IF (SELECT COUNT(*) FROM telemetry.clients_daily WHERE client_id = 'x') > 0 THEN DROP TABLE out.g; END IF",
    "CREATE TABLE out.g AS {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN ALTER TABLE out.g RENAME TO h; END IF",
    "DECLARE gone STRING DEFAULT (SELECT MIN(country) FROM telemetry.clients_daily WHERE client_id = 'x'); CREATE TABLE out.g AS {SAFE}; DELETE FROM out.g WHERE country = gone",
    "BEGIN TRANSACTION; INSERT INTO out.g {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN ROLLBACK TRANSACTION; RETURN; END IF; COMMIT TRANSACTION",
    "CREATE TABLE out.g AS {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN ALTER TABLE out.g SET OPTIONS (expiration_timestamp = TIMESTAMP '2024-01-01 00:00:00 UTC'); END IF",
    "CREATE VIEW out.g AS {SAFE}; IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN ALTER VIEW IF EXISTS out.g SET OPTIONS (description = 'x', expiration_timestamp = CURRENT_TIMESTAMP()); END IF",
    "CREATE TABLE out.g AS {SAFE}; EXECUTE IMMEDIATE @q",
    "CREATE TABLE out.g AS {SAFE}; EXECUTE IMMEDIATE FORMAT('DELETE FROM out.g WHERE c < %d', @q)",
    "CREATE TABLE out.g AS {SAFE}; CALL out.unseen()",
];

#[test]
fn a_table_that_is_changed_after_it_is_written_is_no_proof() {
    let wrong: Vec<&str> = CHANGED_LATER
        .iter()
        .copied()
        .filter(|script| {
            let all = datasets(script);
            all.iter()
                .any(|dataset| dataset.verdict == Verdict::Publishable)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Statements that remove or replace rows of a table, or change it otherwise.
const CHANGING_STATEMENTS: &[&str] = &[
    "TRUNCATE TABLE out.g",
    "DELETE FROM out.g WHERE TRUE",
    "DROP TABLE out.g",
    "ALTER TABLE out.g RENAME TO h",
    "CREATE OR REPLACE TABLE out.g (country STRING)",
    "DROP SCHEMA out",
    "UPDATE out.g SET country = 'x' WHERE TRUE",
    "ALTER TABLE out.g ADD COLUMN x INT64",
    "ALTER TABLE out.g SET OPTIONS (partition_expiration_days = 1)",
    "CREATE OR REPLACE TABLE out.g CLONE out.h",
];

#[test]
fn what_a_handler_or_a_condition_does_to_a_table_tells() {
    let asked = "EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x')";
    let fails = "SELECT ERROR('x') FROM telemetry.clients_daily WHERE client_id = 'x'";
    for taken in CHANGING_STATEMENTS {
        for script in [
            format!("IF {asked} THEN {taken}; END IF"),
            format!("WHILE {asked} DO {taken}; END WHILE"),
            format!("IF {asked} THEN RETURN; END IF; {taken}"),
            format!(
                "CREATE PROCEDURE out.p() BEGIN IF {asked} THEN {taken}; END IF; END; CALL out.p()"
            ),
            format!("BEGIN {fails}; EXCEPTION WHEN ERROR THEN {taken}; END"),
        ] {
            let all = datasets(&script);
            let own = all.iter().filter(|dataset| dataset.statement != "query");
            assert!(own.clone().count() > 0, "{script}");
            assert!(own.clone().all(|dataset| !is_proven(dataset)), "{script}");
            let published = own.clone().any(|own| own.verdict == Verdict::Publishable);
            assert!(!published, "{script}");
        }
        for end in ["RAISE", "RAISE USING MESSAGE = 'no'", "RETURN"] {
            let script = format!(
                "CREATE OR REPLACE TABLE out.g AS {{SAFE}}; BEGIN {fails}; EXCEPTION WHEN ERROR THEN {taken}; {end}; END"
            );
            let made = datasets(&script).remove(0);
            assert!(!is_proven(&made), "{script}");
            assert_eq!(made.verdict, Verdict::ExtraReview, "{script}");
        }
    }
    let undone = format!(
        "BEGIN BEGIN TRANSACTION; INSERT INTO out.g {{SAFE}}; {fails}; COMMIT TRANSACTION; EXCEPTION WHEN ERROR THEN ROLLBACK TRANSACTION; RAISE; END"
    );
    assert!(is_proven(&datasets(&undone)[0]));
    assert!(datasets("DELETE FROM out.g WHERE c < 5; TRUNCATE TABLE out.g; IF @x THEN DROP TABLE out.g; END IF").is_empty());
}

/// Statements that may change a table after a view of it is created.
const AFTER_A_VIEW: &[&str] = &[
    "CREATE OR REPLACE TABLE out.t AS {SMALL}",
    "INSERT INTO out.t {SMALL}",
    "MERGE out.t USING telemetry.clients_daily r ON FALSE WHEN NOT MATCHED THEN INSERT (country) VALUES (r.country)",
    "UPDATE out.t t SET country = r.client_id FROM telemetry.clients_daily r WHERE r.country = t.country",
    "CREATE TABLE out.u AS {SMALL}; DROP TABLE out.t; ALTER TABLE out.u RENAME TO t",
    "DROP TABLE out.t",
    "DELETE FROM out.t WHERE country IN (SELECT country FROM telemetry.clients_daily WHERE client_id = 'x')",
    "IF EXISTS (SELECT 1 FROM telemetry.clients_daily WHERE client_id = 'x') THEN TRUNCATE TABLE out.t; END IF",
    "EXECUTE IMMEDIATE @q",
    "CALL out.unseen()",
];

#[test]
fn a_stored_view_is_what_its_tables_become() {
    for view in [
        "CREATE VIEW out.v AS SELECT country FROM out.t",
        "CREATE VIEW out.v AS SELECT * FROM out.t",
        "CREATE MATERIALIZED VIEW out.v AS SELECT country FROM out.t",
        "CREATE VIEW out.v0 AS SELECT country FROM out.t; CREATE VIEW out.v AS SELECT country FROM out.v0",
    ] {
        for after in AFTER_A_VIEW {
            let script = format!("CREATE OR REPLACE TABLE out.t AS {{SAFE}}; {view}; {after}");
            let views = datasets(&script).into_iter();
            let mut views = views.filter(|dataset| dataset.statement.ends_with("view"));
            assert!(
                views.all(|view| !is_proven(&view) || view.verdict == Verdict::ExtraReview),
                "{script}"
            );
        }
        let script = format!(
            "CREATE OR REPLACE TABLE out.t AS {{SAFE}}; {view}; INSERT INTO out.t {{SAFE}}"
        );
        let mut views = datasets(&script).into_iter();
        assert!(views.all(|view| is_proven(&view)), "{script}");
    }
}

/// Statements that are not understood, and may write the table `{T}`.
const UNPARSED_STATEMENTS: &[&str] = &[
    "CREATE OR REPLACE TABLE {T} DEFAULT COLLATE 'und:ci' AS SELECT GENERATE_UUID() AS client_id, country FROM telemetry.main",
    "CREATE TABLE IF NOT EXISTS {T} DEFAULT COLLATE 'und:ci' AS SELECT GENERATE_UUID() AS client_id, country FROM telemetry.main",
    "INSERT INTO {T} (client_id, country) FROB BAR SELECT GENERATE_UUID(), country FROM telemetry.main",
    "MERGE INTO {T} FROB BAR USING telemetry.main",
    "FROB THE {T}",
    "CALL FROB BAR {T}",
    "BEGIN FROB {T}",
];

#[test]
fn a_table_that_an_unread_statement_may_write_is_not_known() {
    let read = |script: &str| {
        let file = assess_text(
            SourceText::new("script.sql", script),
            Registry::builtin(),
            &TemplateSettings::default(),
        );
        assert!(!file.findings.is_empty(), "{script}");
        file.datasets
    };
    for table in ["telemetry.clients_daily", "out.new_table", "bare"] {
        let safe = format!(
            "SELECT country FROM {table} GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000"
        );
        for unread in UNPARSED_STATEMENTS {
            let script = format!("{}; {safe}", unread.replace("{T}", table));
            let all = read(&script);
            assert!(all.iter().all(|dataset| !is_proven(dataset)), "{script}");
        }
        // A SELECT, or a statement about another table, does not affect the table.
        for unread in [
            "SELECT 1 FROM FROM telemetry.main",
            "INSERT INTO out.other (client_id) FROB BAR SELECT 1",
        ] {
            let script = format!("{unread}; {safe}");
            let all = read(&script);
            assert!(all.iter().any(is_proven), "{script}");
        }
    }
    let temporary = "CREATE TEMP TABLE bare DEFAULT COLLATE 'und:ci' AS SELECT GENERATE_UUID() AS client_id, country FROM telemetry.main; SELECT country FROM bare GROUP BY country HAVING COUNT(DISTINCT client_id) >= 5000";
    assert!(read(temporary).iter().all(|dataset| !is_proven(dataset)));
}
