//! The proof of rows and values by kind: texts that claim too much if a rule of
//! `docs/proof.md` is omitted, and similar texts that may be published.

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
[units.receipt]
person = false
[[column]]
name = "receipt_no"
role = "identifier"
unit = "receipt"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "reader_id"
role = "identifier"
unit = "reader"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "card_no"
role = "identifier"
unit = "reader"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "week"
role = "dimension"
category = 1
resolution = "day"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "seen"
aliases = ["left_at"]
role = "timestamp"
category = 1
resolution = "subsecond"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "region"
aliases = ["branch", "name", "member", "country", "town"]
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "pages"
aliases = ["loans", "notes", "rate"]
role = "metric"
category = 2
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "library.weekly"
unit_column = "reader_id"
keys = [["reader_id", "week"]]
not_null = ["reader_id", "week"]
columns = ["reader_id", "card_no", "week", "region", "branch", "member", "pages", "loans", "notes", "seen", "rate"]
[[table]]
name = "library.visits"
columns = ["reader_id", "receipt_no", "card_no", "week", "region", "branch", "member", "pages", "loans"]
[[table]]
name = "archive.weekly_*"
unit_column = "reader_id"
keys = [["reader_id"]]
not_null = ["reader_id"]
columns = ["reader_id", "region"]
[[table]]
name = "library.regions"
personal = false
keys = [["region"]]
columns = ["region", "name", "country", "town", "rate"]
"#;

/// The large regions: `{LARGE}` in a text.
const LARGE: &str = "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000";

/// Large regions with two measured values each: `{G}` in a text.
const COUNTED: &str = "(SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING c >= 5000)";

/// Regions with enough heavy readers: `{HEAVY}` in a text.
const HEAVY: &str = "(SELECT region, COUNT(DISTINCT reader_id) AS m FROM library.weekly WHERE pages > 3 GROUP BY region HAVING m >= 5000)";

/// All readers of such regions: `{PART}` in a text.
const PART: &str = "(SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)";

/// Texts whose rows may stand for fewer people than the bucket, by kind.
const UNPROVEN: &[(&str, &[&str])] = &[
    (
        "a fold that another key undoes, of groups that a part has left",
        &[
            "SELECT region, IF(n <= 5003, 'low', 'high') AS size, COUNT(*) AS k FROM {PART} GROUP BY region, size",
            "SELECT region, IF(n >= 6000, 'high', 'low') AS size FROM {G} JOIN {HEAVY} USING (region) GROUP BY region, size",
        ],
    ),
    (
        "a list of large groups that does not leave them whole",
        &[
            "SELECT region FROM library.weekly WHERE region IN (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AND pages > 3 GROUP BY region",
            "SELECT region, branch FROM library.weekly WHERE region IN (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region, branch",
            "SELECT region FROM library.weekly WHERE region IN (SELECT region FROM {HEAVY}) GROUP BY region",
            "SELECT region FROM library.weekly WHERE branch IN (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
            "SELECT region FROM library.visits WHERE region IN (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
            "SELECT region FROM library.weekly WHERE region NOT IN (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
        ],
    ),
    (
        "a bound of one part beside a comparison of another",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000 AND COUNT(DISTINCT IF(loans > 3, reader_id, NULL)) >= 5000 AND SUM(IF(loans > 3, pages, 0)) < 9000",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000 AND AVG(IF(pages > 3, loans, 0)) < 4",
        ],
    ),
    (
        "places among groups of a part that are no bound from below",
        &[
            "SELECT region FROM {PART} ORDER BY n LIMIT 10",
            "SELECT region FROM {PART} ORDER BY n DESC LIMIT 10 OFFSET 2",
            "SELECT region FROM {PART} WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY n DESC) > 2",
            "SELECT region FROM {PART} WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY n) <= 10",
            "SELECT region FROM {PART} WHERE n < 9000 QUALIFY ROW_NUMBER() OVER (ORDER BY n DESC) <= 10",
        ],
    ),
    (
        "whether groups of a part are there, beside a comparison of the whole",
        &[
            "SELECT region FROM (SELECT region, n <= 5003 AND EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = g.region) AS few FROM {G} AS g) WHERE few",
            "SELECT region FROM (SELECT region, n, EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = g.region) AS heavy FROM {G} AS g) WHERE heavy AND n <= 5003",
            "SELECT region FROM (SELECT region, n, region IN (SELECT region FROM {HEAVY}) AS heavy FROM {G}) WHERE heavy AND n <= 5003",
            "SELECT heavy, few, COUNT(*) AS regions FROM (SELECT n <= 5003 AS few, EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = g.region) AS heavy FROM {G} AS g) GROUP BY heavy, few",
        ],
    ),
    (
        "groups that share people, chosen by a measured value and merged",
        &[
            "SELECT region, COUNT(*) AS k FROM (SELECT region, tag, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, region, 'all' AS tag FROM library.weekly UNION ALL SELECT reader_id, region, 'heavy' FROM library.weekly WHERE pages > 3) GROUP BY region, tag HAVING n >= 5000) WHERE n <= 5003 GROUP BY region",
            "SELECT region, COUNT(*) AS k FROM (SELECT region, tag, COUNT(DISTINCT reader_id) AS n FROM library.weekly, UNNEST(IF(pages > 3, ['all', 'heavy'], ['all'])) AS tag GROUP BY region, tag HAVING n >= 5000) WHERE n <= 5003 GROUP BY region",
            "SELECT region, COUNT(*) AS k FROM (SELECT region, branch, RANK() OVER (PARTITION BY region ORDER BY n DESC) AS place FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY ROLLUP (region, branch) HAVING n >= 5000)) WHERE place = 1 GROUP BY region",
        ],
    ),
    (
        "a count of a nullable value is one of a part",
        &[
            "SELECT region FROM library.visits GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND COUNT(pages) >= 5000 AND COUNT(*) = 5000",
        ],
    ),
    (
        "a threshold of a part beside a comparison elsewhere",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(*) = 5000 AND region IN (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
            "SELECT size, COUNT(*) AS k FROM (SELECT region, IF(n <= 5003, 'low', 'high') AS size FROM (SELECT region, branch, COUNT(*) AS n FROM library.weekly GROUP BY region, branch HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)) GROUP BY size",
            "SELECT a.region FROM (SELECT region, COUNT(DISTINCT reader_id) AS m FROM library.weekly WHERE pages > 3 GROUP BY region HAVING m >= 5000) AS a JOIN (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY ROLLUP (region) HAVING n = 5003) AS b USING (region)",
            "SELECT a.region FROM (SELECT region, COUNT(DISTINCT reader_id) AS m FROM library.weekly WHERE pages > 3 GROUP BY region HAVING m >= 5000) AS a JOIN (SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT reader_id)) AS n FROM library.weekly GROUP BY region HAVING n = 5003) AS b USING (region)",
            "SELECT a.region FROM (SELECT WITH AGGREGATION_THRESHOLD OPTIONS(threshold = 5000, privacy_unit_column = reader_id) region, COUNT(*) AS m FROM library.weekly WHERE pages > 3 GROUP BY region) AS a JOIN {G} AS b USING (region) WHERE n <= 5003",
        ],
    ),
    (
        "a count over a list in a subquery that bounds nothing",
        &[
            "SELECT region FROM {G} WHERE (SELECT COUNT(*) FROM UNNEST([5003]) AS y WHERE y = n) > 0 AND (SELECT COUNT(*) FROM UNNEST([5004]) AS y WHERE y = c) > 0",
        ],
    ),
    (
        "a fraction beside a NUMERIC is rounded to nine digits",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING CAST(COUNT(DISTINCT reader_id) AS NUMERIC) >= 4999.0000000001",
            "SELECT region, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c BETWEEN 4999.0000000001 AND NUMERIC '9000'",
            "SELECT region, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c IN (4999.0000000001, NUMERIC '9000')",
            "SELECT region, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= IF(TRUE, 4999.0000000001, NUMERIC '9000')",
            "SELECT region, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= 1.00000000005 * NUMERIC '5000'",
            "SELECT region, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= COALESCE(1.0000000001, NUMERIC '1') * 4999.9999",
        ],
    ),
    (
        "a count of those for whom a value of large groups is what they have",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND COUNTIF(branch = (SELECT MAX(branch) FROM (SELECT branch FROM library.weekly GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000))) > 0",
        ],
    ),
    (
        "a struct of measured values as a key",
        &[
            "SELECT STRUCT(n, c) AS x FROM {G} GROUP BY x",
            "SELECT DISTINCT STRUCT(n AS n, c AS c) AS x FROM {G}",
            "SELECT COUNT(*) AS k FROM (SELECT DISTINCT STRUCT(n AS n, c AS c) AS x FROM {G})",
        ],
    ),
    (
        "measured values of windows over single people's rows that conditions compare together",
        &[
            "SELECT region FROM (SELECT region FROM library.weekly WHERE TRUE QUALIFY COUNT(DISTINCT reader_id) OVER (PARTITION BY region) = 5004 AND COUNT(*) OVER (PARTITION BY region) = 5004) GROUP BY region",
            "SELECT branch FROM library.weekly WHERE region IN (SELECT region FROM {G} WHERE n = 5004) AND region IN (SELECT region FROM {G} WHERE c = 5004) GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "arms of a union that are there by different measured values, merged",
        &[
            "SELECT region FROM {G} WHERE n = 5004 UNION DISTINCT SELECT region FROM {G} WHERE c = 5004",
            "WITH g AS (SELECT region, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= 5000) SELECT region, COUNT(*) AS k FROM (SELECT region FROM g WHERE n = 5004 UNION ALL SELECT region FROM g WHERE c = 5004) GROUP BY region",
        ],
    ),
    (
        "labels that equal a measured value, by other names",
        &[
            "SELECT region, y FROM (SELECT region, n, c, x, x AS y FROM {G}, UNNEST([5003, 5004, 5005]) AS x) WHERE x = c",
            "SELECT region, k FROM (SELECT x AS k FROM UNNEST([5003, 5004, 5005]) AS x) JOIN (SELECT region, n, c AS k FROM {G}) USING (k)",
            "SELECT region, x FROM {G}, UNNEST([5003, 5004, 5005]) AS x WHERE EXISTS (SELECT 1 FROM UNNEST([c]) AS y WHERE y = x)",
            "SELECT band, COUNT(*) AS k FROM {G} JOIN (SELECT 'low' AS band, 0 AS lo, 5004 AS hi UNION ALL SELECT 'high', 5005, 100000) ON n BETWEEN lo AND hi GROUP BY band",
            "SELECT x FROM UNNEST([5003, 5004]) AS x INTERSECT DISTINCT SELECT n FROM {G}",
            "SELECT n FROM {G} INTERSECT DISTINCT SELECT x FROM UNNEST([5003, 5004]) AS x",
        ],
    ),
    (
        "rows that an order by several measured values, or by one beside labels, picks",
        &[
            "SELECT region, x FROM {G}, UNNEST([5003, 5004]) AS x WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY region ORDER BY ABS(x - c)) = 1",
            "SELECT region, x FROM (SELECT * FROM {G} WHERE region = 'north'), UNNEST([5003, 5004]) AS x ORDER BY ABS(x - c) LIMIT 1",
            "WITH g AS (SELECT region, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= 5000) SELECT name FROM (SELECT region, 'n' AS name, n AS v FROM g UNION ALL SELECT region, 'c', c + 1 FROM g) WHERE region = 'north' ORDER BY v, name LIMIT 1",
            "SELECT region FROM (SELECT region, n / c AS r FROM {G} WHERE region = 'north' UNION ALL SELECT 'const', 1.1) ORDER BY r LIMIT 1",
        ],
    ),
    (
        "found by a measured value below other operators",
        &[
            "SELECT x FROM UNNEST([5003, 5004]) AS x WHERE EXISTS (SELECT region FROM {G} AS h WHERE h.n = x GROUP BY region)",
            "SELECT x FROM UNNEST([5003, 5004]) AS x WHERE EXISTS (SELECT ROW_NUMBER() OVER (ORDER BY region) FROM {G} AS h WHERE h.n = x)",
            "SELECT x FROM UNNEST([5003, 5004]) AS x WHERE EXISTS (SELECT 1 FROM (SELECT * FROM {G} AS h WHERE h.n = x) JOIN library.regions USING (region))",
        ],
    ),
    (
        "subqueries whose rows are there by measured values",
        &[
            "SELECT region FROM library.regions AS d WHERE (SELECT h.region FROM {G} AS h WHERE h.region = d.region AND h.n = 5004) = (SELECT h.region FROM {G} AS h WHERE h.region = d.region AND h.c = 5004)",
            "SELECT x FROM (SELECT ARRAY(SELECT region FROM {G} WHERE n = 5004) AS xs), UNNEST(xs) AS x WHERE x IN (SELECT region FROM {G} WHERE c = 5004)",
        ],
    ),
    (
        "bounds of how many have a measured value",
        &[
            "SELECT region FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch HAVING c >= 5000) GROUP BY region HAVING COUNTIF(n = 5004) > 0 AND COUNTIF(c = 5004) > 0",
            "SELECT region FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch HAVING c >= 5000) GROUP BY region HAVING MAX(IF(n = 5004, 1, 0)) > 0 AND SUM(IF(c = 5004, 1, 0)) > 0",
        ],
    ),
    (
        "a bound of a part beside another comparison of its whole",
        &[
            "SELECT w.region, w.branch FROM library.weekly AS w JOIN (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g USING (region) GROUP BY w.region, w.branch HAVING COUNT(DISTINCT w.reader_id) >= 5000 AND ANY_VALUE(g.n) = 20000",
            "SELECT w.region, w.branch FROM library.weekly AS w JOIN (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g USING (region) WHERE g.n = 20000 GROUP BY w.region, w.branch HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000 AND COUNT(*) <= 5000",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000 AND MOD(COUNT(*), 5000) = 0",
            "SELECT region FROM (SELECT region, COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) AS m, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING m >= 5000) WHERE s <= 9000",
            "SELECT a.region FROM (SELECT region, COUNT(DISTINCT reader_id) AS m FROM library.weekly WHERE pages > 3 GROUP BY region HAVING m >= 5000) AS a JOIN (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n BETWEEN 5000 AND 5003) AS b USING (region)",
        ],
    ),
    (
        "bounds from below of what more people make less",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) = 5000 AND SUM(-1) >= -5000",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) = 5000 AND SUM(0 - 1) >= -5000",
            "WITH g AS (SELECT region, COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) AS c, -COUNT(*) AS m FROM library.weekly GROUP BY region HAVING c >= 5000) SELECT region FROM g WHERE c = 5000 AND m >= -5000",
            "SELECT region FROM (SELECT region, COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) AS c, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING c = 5000) GROUP BY region HAVING MAX(-n) >= -5000",
        ],
    ),
    (
        "whether HAVING MAX of a nullable value finds anything",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND ANY_VALUE(region HAVING MAX IF(pages > 3, 1, NULL)) IS NOT NULL",
        ],
    ),
    (
        "measured values of single people's rows that conditions compare together",
        &[
            "SELECT w.branch FROM library.weekly AS w JOIN {G} AS g USING (region) WHERE g.n = 5003 AND g.c = 5002 GROUP BY w.branch HAVING COUNT(DISTINCT w.reader_id) >= 5000",
        ],
    ),
    (
        "bounds of what is made of a measured value",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) = 5000 AND IF(COUNT(*) = 5000, 1, 0) >= 1",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) = 5000 AND -ABS(COUNT(*) - 5000) >= 0",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) = 5000 AND 10000 / COUNT(*) > 2",
            "SELECT region FROM (SELECT region, n, IF(c = 5000, 1, 0) AS same FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000)) WHERE n = 5000 AND same >= 1",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) = 5000 AND CAST(COUNT(*) = 5000 AS INT64) > 0",
        ],
    ),
    (
        "conditions that meet in a join or a set operation",
        &[
            "SELECT a.region FROM (SELECT region FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) WHERE n = 5000) AS a JOIN (SELECT region FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) WHERE c = 5000) AS b USING (region)",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region FROM g WHERE n = 5000 INTERSECT DISTINCT SELECT region FROM g WHERE c = 5000",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region FROM g WHERE n = 5000 EXCEPT DISTINCT SELECT region FROM g WHERE c != 5000",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region FROM (SELECT region FROM g WHERE n = 5000) WHERE region IN (SELECT region FROM g WHERE c = 5000)",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region FROM g AS a WHERE n = 5000 AND EXISTS (SELECT 1 FROM g AS b WHERE c = 5000 AND b.region = a.region)",
        ],
    ),
    (
        "a measured value that labelled its groups is compared with another",
        &[
            "SELECT region FROM (SELECT DISTINCT region, n, c FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000)) WHERE n = c",
            "SELECT region, n FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) GROUP BY region, n, c HAVING c > n",
            "SELECT region, COUNT(*) AS ways FROM (SELECT region, n AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) UNION DISTINCT SELECT region, c FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000)) GROUP BY region",
        ],
    ),
    (
        "a person's value beside one that others have moved, by another name or in another place",
        &[
            "SELECT region FROM (SELECT *, pages > (SELECT AVG(pages) FROM library.visits HAVING COUNT(DISTINCT reader_id) >= 5000) AS heavy FROM library.weekly) WHERE heavy GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT w.region FROM library.weekly AS w WHERE EXISTS (SELECT 1 FROM (SELECT branch, AVG(pages) AS a FROM library.visits GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000) AS g WHERE g.branch = w.branch AND w.pages > g.a) GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT w.region FROM library.weekly AS w LEFT JOIN (SELECT branch, AVG(pages) AS a FROM library.visits GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000) AS g ON w.pages > g.a WHERE g.a IS NOT NULL GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT w.region FROM library.weekly AS w CROSS JOIN (SELECT AVG(pages) AS a FROM library.visits HAVING COUNT(DISTINCT reader_id) >= 5000) AS g, UNNEST(IF(w.pages > g.a, [1], [])) AS x GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
        ],
    ),
    (
        "an outer join does not make two people of one side the same",
        &[
            "SELECT a.region FROM library.weekly AS a JOIN library.visits AS b ON a.branch = b.branch LEFT JOIN library.weekly AS y ON y.reader_id = a.reader_id AND y.reader_id = b.reader_id GROUP BY a.region HAVING COUNT(DISTINCT a.reader_id) >= 5000 AND COUNT(DISTINCT b.reader_id) >= 5000",
        ],
    ),
    (
        "rows are there by two measured values together",
        &[
            "SELECT region FROM {G} WHERE n = 5003 AND c = 5002",
            "SELECT region FROM (SELECT * FROM {G} WHERE n = 5003) WHERE c <= 5002",
            "SELECT region FROM {G} WHERE n = 5003 AND c = 5003 UNION ALL SELECT region FROM {G} WHERE n = 5004 AND c = 5004",
            "SELECT g.region, x FROM {G} AS g, UNNEST(GENERATE_ARRAY(0, 9000)) AS x, UNNEST(GENERATE_ARRAY(0, 9000)) AS y WHERE x = g.c AND y = g.n",
            "SELECT g.region, COUNT(*) AS d FROM {G} AS g JOIN UNNEST(GENERATE_ARRAY(0, 9000)) AS x ON x > g.c AND x <= g.n GROUP BY g.region",
            "FROM {G} |> WHERE n < 6000 |> WHERE c < 5900 |> SELECT region",
        ],
    ),
    (
        "groups with the same measured value become one",
        &[
            "SELECT 'x' AS x FROM {G} GROUP BY c",
            "SELECT MOD(c, 2) AS m, MAX(region) AS r FROM {G} GROUP BY m",
            "SELECT DISTINCT c FROM {G}",
            "SELECT MAX(g) AS most FROM (SELECT c, COUNT(*) AS g FROM {G} GROUP BY c)",
            "SELECT x FROM UNNEST(GENERATE_ARRAY(0, 9000)) AS x WHERE x IN (SELECT c FROM {G})",
            "SELECT x FROM UNNEST(GENERATE_ARRAY(0, 9000)) AS x WHERE EXISTS (SELECT 1 FROM {G} AS g WHERE g.c = x)",
            "SELECT w, COUNT(DISTINCT reader_id) AS readers FROM (SELECT reader_id, COUNT(DISTINCT reader_id) OVER (PARTITION BY region) AS w FROM library.visits) GROUP BY w HAVING readers >= 5000",
            "SELECT c FROM {G} GROUP BY CUBE(region, c) HAVING c >= 5000",
        ],
    ),
    (
        "two identifiers of one unit are two names: the one finds nobody by the other",
        &[
            "SELECT region FROM library.weekly AS w WHERE EXISTS (SELECT 1 FROM library.visits AS v WHERE v.card_no = w.reader_id) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM library.weekly AS w WHERE NOT EXISTS (SELECT v.card_no AS c FROM library.visits AS v GROUP BY c HAVING c = w.reader_id) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM library.visits WHERE card_no IN (SELECT reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT card_no) >= 5000",
            "SELECT region FROM library.weekly AS w WHERE (SELECT COUNT(*) FROM library.visits AS v WHERE v.card_no = w.reader_id) > 2 GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(n) AS readers FROM (SELECT region, card_no, COUNT(DISTINCT reader_id) AS n FROM library.visits GROUP BY region, card_no) GROUP BY region HAVING readers >= 5000",
        ],
    ),
    (
        "small groups that are joined to others are grouped",
        &[
            "SELECT w.region FROM library.weekly AS w JOIN (SELECT branch, COUNT(DISTINCT reader_id) AS c FROM library.visits GROUP BY branch) AS g USING (branch) GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000 AND MAX(c) >= 5000",
            "SELECT a.region FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch) AS a JOIN (SELECT branch, COUNT(DISTINCT reader_id) AS d FROM library.visits GROUP BY branch) AS b USING (branch) GROUP BY a.region HAVING MAX(c) >= 5000 AND MAX(d) >= 5000",
        ],
    ),
    (
        "a list of people with a NULL that a condition makes is no answer for anybody",
        &[
            "SELECT region FROM library.weekly WHERE reader_id NOT IN (SELECT IF(pages > 100, NULL, reader_id) FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM library.weekly WHERE reader_id NOT IN (SELECT v.reader_id FROM library.regions AS r LEFT JOIN library.weekly AS v ON v.region = r.region) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "an identifier that is NULL for some people finds no one person",
        &[
            "SELECT v.region FROM library.weekly AS w JOIN library.visits AS v ON IF(w.pages > 5, w.reader_id, NULL) IS NOT DISTINCT FROM IF(v.pages > 5, v.reader_id, NULL) GROUP BY v.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT v.region FROM library.weekly AS w LEFT JOIN library.visits AS v ON CASE WHEN w.pages > 5 THEN w.reader_id END IS NOT DISTINCT FROM NULLIF(v.reader_id, 'x') GROUP BY v.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT w.region FROM (SELECT x.reader_id AS who, y.reader_id AS id, x.region FROM library.weekly AS x LEFT JOIN library.visits AS y ON x.reader_id = y.reader_id AND x.branch = y.branch) AS w, library.visits AS v WHERE w.id IS NOT DISTINCT FROM IF(v.pages > 5, v.reader_id, NULL) GROUP BY w.region HAVING COUNT(DISTINCT w.who) >= 5000",
            "SELECT a.region FROM (SELECT reader_id, region, IF(pages > 5, reader_id, NULL) AS id FROM library.weekly) AS a WHERE EXISTS (SELECT 1 FROM (SELECT IF(pages > 5, reader_id, NULL) AS id FROM library.visits GROUP BY id) AS b WHERE b.id IS NOT DISTINCT FROM a.id) GROUP BY a.region HAVING COUNT(DISTINCT a.reader_id) >= 5000",
            "SELECT a.region FROM (SELECT x.reader_id, x.region, y.reader_id AS id FROM library.visits AS y RIGHT JOIN library.weekly AS x ON x.reader_id = y.reader_id AND x.branch = y.branch) AS a WHERE NOT EXISTS (SELECT 1 FROM library.visits AS b WHERE b.reader_id IS NOT DISTINCT FROM a.id) GROUP BY a.region HAVING COUNT(DISTINCT a.reader_id) >= 5000",
            "SELECT region FROM library.weekly WHERE IF(branch = 'attic', reader_id, NULL) NOT IN (SELECT reader_id FROM library.visits) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM library.weekly WHERE (NULLIF(reader_id, branch) IN (SELECT reader_id FROM library.visits)) IS NULL GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, IF(branch = 'attic', reader_id, NULL) NOT IN (SELECT reader_id FROM library.visits) AS l FROM library.weekly GROUP BY region, l HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM (SELECT reader_id, region, IF(pages > 5, reader_id, NULL) AS id FROM library.weekly EXCEPT DISTINCT SELECT 'x', region, IF(pages > 5, reader_id, NULL) FROM library.visits) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM (SELECT reader_id, region, IF(pages > 5, reader_id, NULL) AS id FROM library.weekly INTERSECT DISTINCT SELECT who, 'north', IF(pages > 5, reader_id, NULL) FROM library.visits, UNNEST(['x', 'y']) AS who) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM (SELECT who, region, COUNT(*) OVER (PARTITION BY id) AS k FROM (SELECT reader_id AS who, region, IF(pages > 5, reader_id, NULL) AS id FROM library.weekly GROUP BY 1, 2, 3)) WHERE k < 5 GROUP BY region HAVING COUNT(DISTINCT who) >= 5000",
            "SELECT region FROM (SELECT who, region, COUNT(*) OVER (PARTITION BY id) AS k FROM (SELECT reader_id AS who, region, IF(pages > 5, reader_id, NULL) AS id FROM library.weekly UNION ALL SELECT reader_id, region, reader_id FROM library.visits)) WHERE k < 5 GROUP BY region HAVING COUNT(DISTINCT who) >= 5000",
            "WITH c AS (SELECT x.reader_id AS who, x.region, y.reader_id AS id FROM library.weekly AS x LEFT JOIN library.visits AS y ON x.reader_id = y.reader_id AND x.branch = y.branch), w AS (SELECT who, region, COUNT(*) OVER (PARTITION BY id) AS k FROM c) SELECT a.region FROM w AS a JOIN c AS b USING (who) WHERE a.k < 5 GROUP BY a.region HAVING COUNT(DISTINCT who) >= 5000",
            "SELECT region FROM (SELECT who, region, ROW_NUMBER() OVER (PARTITION BY id ORDER BY region) AS k FROM (SELECT reader_id AS who, region, IF(pages > 5, reader_id, NULL) AS id FROM library.weekly GROUP BY 1, 2, 3)) WHERE k > 1 GROUP BY region HAVING COUNT(DISTINCT who) >= 5000",
        ],
    ),
    (
        "who is counted of one side of a join may hang on a single partner",
        &[
            "SELECT a.region FROM library.visits AS a JOIN library.weekly AS b USING (branch) GROUP BY a.region HAVING COUNT(DISTINCT a.reader_id) >= 5000 AND COUNT(DISTINCT b.reader_id) >= 5000",
            "SELECT a.region FROM library.visits AS a, library.weekly AS b WHERE a.pages < b.pages GROUP BY a.region HAVING COUNT(DISTINCT a.reader_id) >= 5000 AND COUNT(DISTINCT b.reader_id) >= 5000",
            "SELECT a.region FROM library.weekly AS a JOIN library.weekly AS b ON a.reader_id != b.reader_id AND a.week = b.week GROUP BY a.region HAVING COUNT(DISTINCT a.reader_id) >= 5000 AND COUNT(DISTINCT b.reader_id) >= 5000",
            "FROM library.visits AS a |> JOIN library.weekly AS b ON a.branch = b.branch |> AGGREGATE COUNT(DISTINCT a.reader_id) AS n, COUNT(DISTINCT b.reader_id) AS m GROUP BY a.region |> WHERE n >= 5000 AND m >= 5000 |> SELECT region",
        ],
    ),
    (
        "a window over single people's rows tells of its partition",
        &[
            "SELECT region FROM (SELECT * FROM library.weekly WHERE TRUE QUALIFY COUNT(DISTINCT reader_id) OVER (PARTITION BY branch) < 3) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM library.weekly WHERE TRUE QUALIFY SUM(pages) OVER (PARTITION BY branch) > 100",
            "SELECT region FROM (SELECT region, reader_id, SUM(pages) OVER (PARTITION BY branch) AS all_pages FROM library.weekly) WHERE all_pages > 100 GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region FROM (SELECT region, reader_id, COUNT(*) OVER () AS everybody FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT IF(everybody = 7, reader_id, NULL)) >= 5000",
            "SELECT w.region FROM library.weekly AS w JOIN (SELECT reader_id, COUNT(*) OVER (PARTITION BY branch) AS n FROM library.weekly) AS v ON w.reader_id = v.reader_id AND v.n = w.pages GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT region FROM library.weekly WHERE reader_id IN (SELECT reader_id FROM library.visits WHERE TRUE QUALIFY COUNT(*) OVER (PARTITION BY branch) = 1) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "FROM library.weekly |> EXTEND MAX(pages) OVER (PARTITION BY branch) AS most |> WHERE most > 900 |> AGGREGATE COUNT(DISTINCT reader_id) AS n GROUP BY region |> WHERE n >= 5000",
        ],
    ),
    (
        "a single person's value is compared with one that others have moved",
        &[
            "SELECT region FROM library.weekly WHERE pages > (SELECT AVG(pages) FROM library.weekly HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT w.region FROM library.weekly AS w JOIN (SELECT branch, SUM(loans) AS m FROM library.weekly GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000) AS g ON w.branch = g.branch AND w.pages = g.m GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
        ],
    ),
    (
        "the rows that LIMIT keeps are there by what the others are",
        &[
            "SELECT region FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region LIMIT 3) WHERE n >= 5000",
            "FROM library.weekly |> AGGREGATE MAX(pages) AS most DESC, COUNT(DISTINCT reader_id) AS n GROUP BY region |> WHERE n >= 5000 |> LIMIT 1 |> SELECT region",
            "FROM library.weekly |> AGGREGATE COUNT(DISTINCT reader_id) AS n GROUP AND ORDER BY region |> LIMIT 4 |> WHERE n >= 5000",
            "FROM library.weekly |> AGGREGATE MAX(pages) AS most, COUNT(DISTINCT reader_id) AS n GROUP BY region |> ORDER BY most |> WHERE n >= 5000 |> LIMIT 1 |> SELECT region",
        ],
    ),
    (
        "a join back to large groups that compares more keeps some of their rows",
        &[
            "SELECT w.region, COUNT(*) AS c FROM library.weekly AS w JOIN (SELECT region, 'north' AS branch FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g USING (region, branch) GROUP BY region",
            "SELECT w.region, COUNT(*) AS c FROM library.weekly AS w JOIN (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g ON w.region = g.region AND w.branch = g.region GROUP BY region",
        ],
    ),
    (
        "a person whose identifier is encrypted anew in each row is counted for each",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT AEAD.ENVELOPE_ENCRYPT('k', b'', reader_id, '')) >= 5000",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT TO_HEX(AEAD.ENCRYPT(b'', reader_id, ''))) >= 5000",
        ],
    ),
    (
        "a setting that is not the same number in all rows is no threshold",
        &[
            "WITH settings AS (SELECT 5000 AS least UNION ALL SELECT 1), groups AS (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) SELECT region, readers FROM groups, settings WHERE readers >= settings.least",
            "WITH settings AS (SELECT 5000 AS least), groups AS (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) SELECT region, readers FROM groups LEFT JOIN settings ON FALSE WHERE readers >= IFNULL(settings.least, 1)",
            "WITH settings AS (SELECT 5000 AS least), groups AS (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) SELECT region, readers FROM groups LEFT JOIN settings ON FALSE WHERE NOT IFNULL(readers < settings.least, FALSE)",
            "WITH settings AS (SELECT least FROM UNNEST([5000, 1]) AS least), groups AS (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) SELECT region, readers FROM groups, settings WHERE readers >= settings.least",
            "WITH settings AS (SELECT 'a' AS k, 5000 AS least UNION ALL SELECT 'b', 5000), groups AS (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) SELECT region, COUNT(*) AS n FROM groups, settings GROUP BY region, least HAVING n >= least",
        ],
    ),
    (
        "a number of a row is no key of the rows that a join or UNNEST makes of it",
        &[
            "SELECT v.region FROM (SELECT reader_id, region, ROW_NUMBER() OVER (PARTITION BY reader_id ORDER BY week) AS nth FROM library.weekly) AS v CROSS JOIN UNNEST([1, 2, 3]) AS copy WHERE nth = 1 GROUP BY v.region HAVING COUNT(*) >= 5000",
            "SELECT v.region FROM (SELECT reader_id, region, ROW_NUMBER() OVER (PARTITION BY reader_id ORDER BY week) AS nth FROM library.weekly) AS v JOIN library.visits AS w USING (reader_id) WHERE nth < 2 GROUP BY v.region HAVING COUNT(*) >= 5000",
            "FROM library.weekly |> EXTEND ROW_NUMBER() OVER (PARTITION BY reader_id ORDER BY week) AS nth |> JOIN library.visits AS w ON w.region = region |> WHERE nth <= 1 |> AGGREGATE COUNT(*) AS c GROUP BY region |> WHERE c >= 5000",
        ],
    ),
    (
        "two identifiers of one unit are two values",
        &[
            "SELECT region FROM library.visits GROUP BY region HAVING COUNT(DISTINCT IFNULL(card_no, reader_id)) >= 5000",
            "SELECT region FROM (SELECT region, reader_id AS who FROM library.visits UNION ALL SELECT region, card_no FROM library.visits) GROUP BY region HAVING COUNT(DISTINCT who) >= 5000",
        ],
    ),
    (
        "the condition of an outer join merges no people of its preserved side",
        &[
            "SELECT a.region, b.branch FROM library.weekly AS a JOIN library.visits AS b ON a.week = b.week LEFT JOIN library.regions AS r ON a.reader_id = b.reader_id AND r.region = a.region GROUP BY a.region, b.branch HAVING COUNT(DISTINCT b.reader_id) >= 5000",
        ],
    ),
    (
        "counts with noise bound nothing",
        &[
            "SELECT region, readers FROM (SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon = 2, delta = 1e-7, privacy_unit_column = reader_id) region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) WHERE readers >= 5000",
        ],
    ),
    (
        "people who share a value are counted as one",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT SUBSTR(reader_id, 1, 4)) >= 5000",
            "SELECT region FROM library.weekly WHERE week = '2026-01-05' GROUP BY region HAVING COUNT(DISTINCT IF(member = 'yes', reader_id, branch)) >= 5000",
        ],
    ),
    (
        "a condition over other people makes rows depend on them",
        &[
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly WHERE region IN (SELECT region FROM library.visits WHERE branch = 'attic') GROUP BY region HAVING readers >= 5000",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly AS w WHERE NOT EXISTS (SELECT 1 FROM library.visits AS v WHERE v.region = w.region) GROUP BY region HAVING readers >= 5000",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly WHERE pages > (SELECT AVG(pages) FROM library.visits) GROUP BY region HAVING readers >= 5000",
            "SELECT a.region, COUNT(DISTINCT a.reader_id) AS readers FROM library.weekly AS a JOIN (SELECT region, COUNT(*) AS n FROM library.visits GROUP BY region) AS v USING (region) WHERE v.n > 10 GROUP BY a.region HAVING readers >= 5000",
            "SELECT region FROM ({LARGE}) EXCEPT DISTINCT SELECT region FROM library.visits WHERE branch = 'attic'",
            "SELECT region FROM ({LARGE}) INTERSECT DISTINCT SELECT region FROM library.visits",
            "SELECT r.region FROM library.regions AS r WHERE r.region IN (SELECT region FROM library.visits)",
            "SELECT IF(EXISTS (SELECT 1 FROM library.visits AS v WHERE v.region = w.region), 'seen', 'not') AS seen, COUNT(DISTINCT reader_id) AS readers FROM library.weekly AS w GROUP BY seen HAVING readers >= 5000",
            "SELECT IF(EXISTS (SELECT 1 FROM library.visits AS v WHERE v.region = l.region), l.region, 'elsewhere') AS region FROM ({LARGE}) AS l",
        ],
    ),
    (
        "a condition on a value of few people decides about the row",
        &[
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND COUNTIF(branch = 'attic') > 0",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND MAX(pages) > 900",
            "SELECT region FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers, SUM(pages) AS pages FROM library.weekly GROUP BY region) QUALIFY readers >= 5000 AND RANK() OVER (ORDER BY pages) < 10",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM (SELECT *, MAX(pages) OVER (PARTITION BY region) AS most FROM library.weekly) WHERE most > 900 GROUP BY region HAVING readers >= 5000",
            "SELECT w.region, COUNT(DISTINCT w.reader_id) AS readers FROM library.weekly AS w JOIN (SELECT region, COUNTIF(branch = 'attic') AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g ON w.region = g.region AND g.n > 0 GROUP BY w.region HAVING readers >= 5000",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND COUNT(*) > COUNT(DISTINCT reader_id)",
            "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) >= 5000 AND COUNTIF(member = 'yes') / COUNT(*) < 1",
            "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000 EXCEPT DISTINCT SELECT region, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS n FROM library.weekly GROUP BY region HAVING n >= 5000",
            "SELECT region, n FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000) JOIN (SELECT region, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS n FROM library.weekly GROUP BY region HAVING n >= 5000) USING (region, n)",
            "SELECT region, COUNT(*) AS n FROM library.weekly WHERE week = (SELECT MAX(week) FROM library.visits HAVING COUNT(*) = 1) GROUP BY region HAVING n >= 5000",
        ],
    ),
    (
        "the first rows by a value of few people are there by these",
        &[
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000 ORDER BY MAX(pages) DESC LIMIT 3",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000 ORDER BY COUNTIF(branch = 'attic') LIMIT 10 OFFSET 2",
            "FROM library.weekly |> AGGREGATE COUNT(DISTINCT reader_id) AS readers, MIN(pages) AS least GROUP BY region |> WHERE readers >= 5000 |> ORDER BY least |> LIMIT 5 |> SELECT region",
        ],
    ),
    (
        "what a subquery without people compares decides, too",
        &[
            "SELECT region, readers FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers, COUNTIF(branch = 'attic') AS n FROM library.weekly GROUP BY region) WHERE readers >= 5000 AND EXISTS (SELECT 1 FROM UNNEST([1]) WHERE n > 0)",
            "SELECT w.region, COUNT(DISTINCT w.reader_id) AS readers FROM library.weekly AS w JOIN (SELECT region, ARRAY_AGG(pages) AS all_pages FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g USING (region) WHERE EXISTS (SELECT 1 FROM UNNEST(g.all_pages) AS one WHERE one > 900) GROUP BY w.region HAVING readers >= 5000",
            "SELECT h, COUNT(DISTINCT reader_id) AS readers FROM (SELECT w.reader_id, g.all_pages FROM library.weekly AS w JOIN (SELECT region, ARRAY_AGG(pages) AS all_pages FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g USING (region)), UNNEST(all_pages) AS h GROUP BY h HAVING readers >= 5000",
        ],
    ),
    (
        "a group or partition is one person's only if all who stand in it are",
        &[
            "SELECT most, COUNT(DISTINCT reader_id) AS readers FROM (SELECT b.reader_id, MAX(a.pages) AS most FROM library.weekly AS a JOIN library.visits AS b USING (region) GROUP BY b.reader_id) GROUP BY most HAVING readers >= 5000",
            "SELECT most, COUNT(DISTINCT reader_id) AS readers FROM (SELECT w.reader_id, MAX(g.most) AS most FROM library.weekly AS w JOIN (SELECT region, MAX(pages) AS most FROM library.weekly GROUP BY region) AS g USING (region) GROUP BY w.reader_id) GROUP BY most HAVING readers >= 5000",
            "SELECT most, COUNT(DISTINCT reader_id) AS readers FROM (SELECT reader_id, MAX(pages) OVER (PARTITION BY receipt_no) AS most FROM library.visits) GROUP BY most HAVING readers >= 5000",
            "SELECT most, COUNT(DISTINCT reader_id) AS readers FROM (SELECT reader_id, MAX(pages) OVER (PARTITION BY SUBSTR(reader_id, 1, 2)) AS most FROM library.weekly) GROUP BY most HAVING readers >= 5000",
        ],
    ),
    (
        "a day that rows were picked by is no clock",
        &[
            "SELECT region, COUNT(*) AS n FROM library.weekly AS w WHERE week = (SELECT MAX(o.week) FROM library.weekly AS o WHERE o.week <= w.week) GROUP BY region HAVING n >= 5000",
            "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly WHERE week = (SELECT MAX(week HAVING MAX pages) FROM library.weekly) GROUP BY region HAVING n >= 5000",
            "SELECT last, SUM(readers) AS readers FROM (SELECT region, MAX(week) AS last, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000) GROUP BY last",
        ],
    ),
    (
        "a fold hides nothing by a condition on fewer people",
        &[
            "SELECT label, SUM(readers) AS readers FROM (SELECT IF(readers >= 5000 AND n > 0, region, 'Other') AS label, readers FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers, COUNTIF(branch = 'attic') AS n FROM library.weekly GROUP BY region)) GROUP BY label HAVING label != 'Other'",
        ],
    ),
    (
        "the first of single people's rows are there by the others",
        &[
            "SELECT region, COUNT(DISTINCT reader_id) AS n FROM (SELECT * FROM library.weekly ORDER BY pages DESC LIMIT 100000) GROUP BY region HAVING n >= 5000",
        ],
    ),
    (
        "a pattern of tables has the keys of each table, not of all together",
        &[
            "SELECT region FROM `archive.weekly_*` GROUP BY region HAVING COUNT(*) >= 5000",
            "SELECT region FROM `archive.weekly_2026*` GROUP BY region HAVING COUNT(*) >= 5000",
        ],
    ),
    (
        "a label that is read from other rows is theirs",
        &[
            "SELECT top, COUNT(DISTINCT reader_id) AS readers FROM (SELECT reader_id, FIRST_VALUE(branch) OVER (PARTITION BY region ORDER BY pages DESC) AS top FROM library.weekly) GROUP BY top HAVING readers >= 5000",
            "SELECT readers, SUM(pages) AS pages FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers, SUM(pages) AS pages FROM library.weekly GROUP BY region) GROUP BY readers",
        ],
    ),
    (
        "rows that are joined back to large groups are not all of theirs, or of other groups",
        &[
            "SELECT w.region, SUM(w.pages) AS pages FROM library.weekly AS w JOIN ({LARGE}) AS l ON w.region = l.region AND w.pages > 900 GROUP BY w.region",
            "SELECT w.region, SUM(w.pages) AS pages FROM (SELECT * FROM library.weekly WHERE branch = 'attic') AS w JOIN ({LARGE}) AS l USING (region) GROUP BY w.region",
            "SELECT w.region, w.branch, SUM(w.pages) AS pages FROM library.weekly AS w JOIN ({LARGE}) AS l USING (region) GROUP BY w.region, w.branch",
            "SELECT v.region, SUM(v.pages) AS pages FROM library.visits AS v JOIN ({LARGE}) AS l USING (region) GROUP BY v.region",
        ],
    ),
    (
        "a fold of which the label is gone, or has another name, is none",
        &[
            "SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING MAX(m) > 3",
            "SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING COUNTIF(m > 3) > 0",
            "SELECT COUNT(*) AS k FROM (SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING n > 10)",
            "SELECT LEFT(label, 1) AS l, SUM(n) AS n FROM (SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING n > 10) GROUP BY l",
            "SELECT branch, readers FROM (SELECT IF(readers >= 5000, region, 'Other') AS label, branch, SUM(readers) AS readers FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region, branch) GROUP BY label, branch)",
            "SELECT REPLACE(label, 'Other', 'Rest') AS label FROM (SELECT IF(readers >= 5000, region, 'Other') AS label FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) GROUP BY label)",
        ],
    ),
    (
        "a fold hides nothing of which another form stands beside it",
        &[
            "SELECT IF(readers >= 5000, region, 'Other') AS region, UPPER(region) AS loud, SUM(readers) AS readers FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) GROUP BY 1, 2",
            "SELECT IF(g.readers >= 5000, g.region, 'Other') AS region, r.name, SUM(g.readers) AS readers FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) AS g JOIN library.regions AS r ON g.region = r.region GROUP BY 1, 2",
            "SELECT IF(c >= 5000, region, 'Other') AS region, IF(c >= 4000, branch, 'Other') AS branch, SUM(c) AS c FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch) GROUP BY 1, 2",
            "SELECT IF(c >= 5000, region, 'Other') AS region, IF(c >= 5000, branch, LEFT(branch, 1)) AS branch, SUM(c) AS c FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch) GROUP BY 1, 2",
            "SELECT IF(c >= 5000, region, 'Other') AS region, IF(c >= 5000, 'large', branch) AS branch, SUM(c) AS c FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch) GROUP BY 1, 2",
            "SELECT IF(c >= 5000, region, 'Other') AS region, CASE WHEN c >= 5000 THEN branch WHEN c > 10 THEN 'medium' ELSE 'Other' END AS branch, SUM(c) AS c FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch) GROUP BY 1, 2",
            "SELECT IF(c >= 5000 AND RAND() < 0.5, region, 'Other') AS region, IF(c >= 5000 AND RAND() < 0.5, branch, 'Other') AS branch, SUM(c) AS c FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch) GROUP BY 1, 2",
            "SELECT IF(c >= 5000, region, 'Other') AS region, IF(c >= 5000, branch, region) AS branch, SUM(c) AS c FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch) GROUP BY 1, 2",
        ],
    ),
    (
        "what could not be rendered may be one more key",
        &[
            "SELECT region FROM (SELECT reader_id, region FROM library.visits GROUP BY reader_id, region {{ more }}) GROUP BY region HAVING COUNT(*) >= 5000",
            "SELECT region, COUNT(*) AS c FROM (SELECT region, COUNT(DISTINCT reader_id) OVER (PARTITION BY region {{ more }}) AS readers FROM library.weekly) WHERE readers >= 5000 GROUP BY region",
        ],
    ),
    (
        "what could not be rendered may make a condition true",
        &[
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000 {{ tail }}",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING (readers >= 5000 {{ tail() }}) ORDER BY region",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000 {{ one }} {{ another }} LIMIT 10",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers {{ operator }} 5000",
            "SELECT label, COUNT(*) AS rows_of_it FROM (SELECT IF(COUNT(DISTINCT reader_id) OVER (PARTITION BY region) >= 5000 {{ tail }}, region, 'other') AS label FROM library.weekly) WHERE label != 'other' GROUP BY label",
            "SELECT label, COUNT(*) AS rows_of_it FROM (SELECT CASE WHEN COUNT(DISTINCT reader_id) OVER (PARTITION BY region) >= 5000 {{ tail }} THEN region ELSE 'other' END AS label FROM library.weekly) WHERE label != 'other' GROUP BY label",
            "SELECT region, readers FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) WHERE readers >= 5000 {{ more }}",
            "FROM library.weekly |> AGGREGATE COUNT(DISTINCT reader_id) AS readers GROUP BY region |> WHERE readers >= 5000 {{ more }} |> ORDER BY region",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000 {% include 'more.sql' %}",
        ],
    ),
    (
        "a condition that is not the one inside it",
        &[
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING (readers >= 5000) IS NOT TRUE",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING NOT ((readers >= 5000) IS TRUE)",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING CASE readers >= 5000 WHEN FALSE THEN TRUE END",
            "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING CASE WHEN readers >= 5000 THEN TRUE ELSE TRUE END",
        ],
    ),
    (
        "an outer join tests no equation of the side that may not be there, and computes nothing of it before",
        &[
            "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly AS d WHERE EXISTS (SELECT 1 FROM library.visits AS r LEFT JOIN (SELECT * FROM library.weekly AS p WHERE p.reader_id = d.reader_id) AS q ON r.reader_id = q.reader_id WHERE r.branch = 'attic') GROUP BY region HAVING n >= 5000",
            "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly AS d WHERE NOT EXISTS (SELECT 1 FROM library.visits AS r LEFT JOIN (SELECT * FROM library.weekly AS p WHERE p.reader_id = d.reader_id) AS q ON r.reader_id = q.reader_id WHERE r.branch = 'attic') GROUP BY region HAVING n >= 5000",
            "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly AS d WHERE EXISTS (SELECT 1 FROM (SELECT p.reader_id FROM library.weekly AS p WHERE p.reader_id = d.reader_id) AS q RIGHT JOIN library.visits AS r USING (reader_id) WHERE r.branch = 'attic') GROUP BY region HAVING n >= 5000",
            "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly AS d WHERE EXISTS (SELECT 1 FROM library.visits AS r FULL JOIN (SELECT * FROM library.weekly AS p WHERE p.reader_id = d.reader_id) AS q ON r.reader_id = q.reader_id WHERE r.branch = 'attic') GROUP BY region HAVING n >= 5000",
            "SELECT town, COUNT(DISTINCT reader_id) AS n FROM (SELECT d.reader_id, r.town FROM library.weekly AS d LEFT JOIN (SELECT region, country, town FROM library.regions WHERE IFNULL(country, 'x') = town) AS r ON d.region = r.region WHERE TRUE QUALIFY COUNT(DISTINCT d.reader_id) OVER (PARTITION BY IFNULL(r.country, 'x')) >= 5000) GROUP BY town",
            "SELECT k, COUNT(DISTINCT reader_id) AS n FROM (SELECT d.reader_id, r.k FROM library.weekly AS d LEFT JOIN (SELECT region, country, IFNULL(country, 'x') AS k FROM library.regions GROUP BY region, country, IFNULL(country, 'x')) AS r ON d.region = r.region WHERE TRUE QUALIFY COUNT(DISTINCT d.reader_id) OVER (PARTITION BY IFNULL(r.country, 'x')) >= 5000) GROUP BY k",
            "SELECT k, COUNT(DISTINCT reader_id) AS n FROM (SELECT d.reader_id, r.k FROM (SELECT DISTINCT region, country, country IS NULL AS k FROM library.regions) AS r RIGHT JOIN library.weekly AS d ON d.region = r.region WHERE TRUE QUALIFY COUNT(DISTINCT d.reader_id) OVER (PARTITION BY r.country IS NULL) >= 5000) GROUP BY k",
            "SELECT k, COUNT(DISTINCT reader_id) AS n FROM (SELECT d.reader_id, r.k FROM library.weekly AS d LEFT JOIN (SELECT region, 'x' AS k FROM library.regions GROUP BY region, k) AS r ON d.region = r.region WHERE TRUE QUALIFY COUNT(DISTINCT d.reader_id) OVER (PARTITION BY 'x') >= 5000) GROUP BY k",
        ],
    ),
    (
        "texts of a collation that are equal are not the same",
        &[
            "SELECT ASCII(m) AS a, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, m FROM (SELECT reader_id, COLLATE(branch, 'und:ci') AS m FROM library.weekly) WHERE TRUE QUALIFY COUNT(DISTINCT reader_id) OVER (PARTITION BY m) >= 5000) GROUP BY a",
            "SELECT branch, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, branch FROM (SELECT reader_id, branch, COLLATE(region, 'und:ci') AS m FROM library.weekly) WHERE m = branch QUALIFY COUNT(DISTINCT reader_id) OVER (PARTITION BY m) >= 5000) GROUP BY branch",
            "CREATE TEMP TABLE t (reader_id STRING, m STRING) DEFAULT COLLATE 'und:ci' AS SELECT reader_id, branch FROM library.weekly;\nSELECT ASCII(m) AS a, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, m FROM t WHERE TRUE QUALIFY COUNT(DISTINCT reader_id) OVER (PARTITION BY m) >= 5000) GROUP BY a",
            "CREATE TEMP TABLE t (reader_id STRING, m STRING COLLATE 'und:ci');\nINSERT INTO t SELECT reader_id, branch FROM library.weekly;\nSELECT ASCII(m) AS a, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, m FROM t WHERE TRUE QUALIFY COUNT(DISTINCT reader_id) OVER (PARTITION BY m) >= 5000) GROUP BY a",
            "CREATE TEMP TABLE t (reader_id STRING, m STRING COLLATE 'und:ci') AS SELECT reader_id, branch FROM library.weekly;\nSELECT ASCII(m) AS a, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, m FROM t WHERE TRUE QUALIFY COUNT(DISTINCT reader_id) OVER (PARTITION BY m) >= 5000) GROUP BY a",
        ],
    ),
    (
        "a place of a type rounds the number that it is given",
        &[
            "DECLARE least NUMERIC DEFAULT 4999.0000000004;\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= least",
            "DECLARE least NUMERIC(4, 0) DEFAULT 4999.4;\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= least",
            "DECLARE least NUMERIC(4, 0);\nSET least = 4999.4;\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= least",
            "CREATE TEMP FUNCTION least_of() RETURNS NUMERIC AS (4999.0000000004);\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= least_of()",
            "CREATE TEMP FUNCTION least_of(x NUMERIC) AS (x);\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= least_of(4999.0000000004)",
            "CREATE TEMP TABLE s (least NUMERIC(4, 0));\nINSERT INTO s VALUES (4999.4);\nSELECT region, n FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region), s WHERE n >= s.least",
            "CREATE TEMP TABLE s (least NUMERIC(4, 0)) AS SELECT NUMERIC '4999.4' AS least;\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= (SELECT least FROM s)",
        ],
    ),
];

/// Texts whose rows are large enough, but a value may stand for fewer people, by
/// kind.
const UNCOVERED: &[(&str, &[&str])] = &[
    (
        "what one measured value of a top ten says beside its place",
        &[
            "SELECT MAX(m) AS y FROM (SELECT m FROM {HEAVY} JOIN {G} USING (region) ORDER BY n DESC, region LIMIT 2)",
            "SELECT COUNTIF(m >= 6000) AS y FROM (SELECT m FROM {HEAVY} JOIN {G} USING (region) ORDER BY n DESC, region LIMIT 2)",
            "SELECT region, IF(1 - m / n > 0.3, 'a', 'b') AS y FROM {PART}",
            "SELECT region, FORMAT('%.1s', CAST(m / n AS STRING)) AS y FROM {PART}",
        ],
    ),
    (
        "a value of the whole beside whether groups of a part are there",
        &[
            "SELECT region, n <= 5003 AND h.region IS NOT NULL AS few FROM {G} LEFT JOIN {HEAVY} AS h USING (region)",
            "SELECT g.region, IF(h.region IS NOT NULL AND n <= 5003, 'few', 'many') AS size FROM {G} AS g LEFT JOIN {HEAVY} AS h ON h.region = g.region",
            "SELECT g.region, COALESCE(h.tag, 'none') = 'heavy' AND n <= 5003 AS few FROM {G} AS g LEFT JOIN (SELECT region, 'heavy' AS tag FROM {HEAVY}) AS h ON h.region = g.region",
            "SELECT region, n <= 5003 AND EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = g.region) AS few FROM {G} AS g",
            "SELECT region, n <= 5003 AND region IN (SELECT region FROM {HEAVY}) AS few FROM {G}",
            "SELECT region, IF(EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = g.region), n <= 5003, FALSE) AS few FROM {G} AS g",
            "SELECT region, n + IF(EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = g.region), 0, 1) AS y FROM {G} AS g",
            "SELECT g.region, n / IF(h.region IS NULL, 1, 2) AS y FROM {G} AS g LEFT JOIN {HEAVY} AS h ON h.region = g.region",
            "SELECT region, (SELECT AS STRUCT h.region AS r FROM {HEAVY} AS h WHERE h.region = g.region).r IS NOT NULL AND n <= 5003 AS few FROM {G} AS g",
            "SELECT g.region, IF(h.region IS NULL, 'x', IF(n <= 5003, 'y', 'x')) AS size FROM {G} AS g LEFT JOIN (SELECT region FROM {HEAVY}) AS h ON h.region = g.region",
            "SELECT region, EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = d.region) AND EXISTS (SELECT 1 FROM {G} AS g WHERE g.region = d.region AND n <= 5003) AS few FROM library.regions AS d",
            "SELECT region, COUNTIF(n <= 5003 AND region IN (SELECT region FROM {HEAVY})) AS few FROM (SELECT region, branch, COUNT(*) AS n FROM library.weekly GROUP BY region, branch HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
            "SELECT d.region, IF(g.n <= 5003, 'few', 'many') AS size FROM library.regions AS d LEFT JOIN {HEAVY} AS h ON d.region = h.region LEFT JOIN {G} AS g ON h.region = g.region",
        ],
    ),
    (
        "a value of groups that a part has left, found by a subquery",
        &[
            "SELECT d.region, IF((SELECT n FROM {PART} AS g WHERE g.region = d.region) < 5003, 'few', 'many') AS size FROM library.regions AS d",
            "SELECT region, EXISTS (SELECT 1 FROM UNNEST(ns) AS x WHERE x <= 5003) AS y FROM (SELECT region, ARRAY_AGG(n) AS ns FROM (SELECT region, branch, COUNT(*) AS n FROM library.weekly GROUP BY region, branch HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000) GROUP BY region)",
        ],
    ),
    (
        "a constant that stands in where another measured value chooses, or a group is not there",
        &[
            "SELECT region, IF(region NOT IN (SELECT region FROM {HEAVY}), n, 4) AS y FROM {G}",
            "SELECT g.region, IF(h.region IS NULL, n, 4) AS y FROM {G} AS g LEFT JOIN {HEAVY} AS h ON h.region = g.region",
            "SELECT region, IF(m >= 5003, n, 5) AS y FROM {G} JOIN {HEAVY} USING (region)",
            "SELECT d.region, IFNULL(g.n, 4) AS y FROM library.regions AS d LEFT JOIN {PART} AS g USING (region)",
        ],
    ),
    (
        "in which of several lists of large groups a label is",
        &[
            "SELECT d.region, h.region IS NOT NULL AND g.region IS NULL AS y FROM library.regions AS d LEFT JOIN {HEAVY} AS h ON h.region = d.region LEFT JOIN {G} AS g ON g.region = d.region",
            "SELECT d.region, region IN (SELECT region FROM {HEAVY}) AND region NOT IN (SELECT region FROM {G}) AS y FROM library.regions AS d",
            "SELECT d.region, CASE WHEN g.region IS NOT NULL THEN 'large' WHEN h.region IS NOT NULL THEN 'medium' ELSE 'large' END AS y FROM library.regions AS d LEFT JOIN {HEAVY} AS h ON h.region = d.region LEFT JOIN {G} AS g ON g.region = d.region",
        ],
    ),
    (
        "a count of groups that share people by their measured value",
        &[
            "SELECT region, COUNTIF(n = 5003) AS y FROM (SELECT region, tag, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, region, 'all' AS tag FROM library.weekly UNION ALL SELECT reader_id, region, 'heavy' FROM library.weekly WHERE pages > 3) GROUP BY region, tag HAVING n >= 5000) GROUP BY region",
            "SELECT COUNTIF(n = 5003) AS y FROM (SELECT tag, COUNT(DISTINCT reader_id) AS n FROM library.weekly, UNNEST(IF(pages > 3, ['all', 'heavy'], ['all'])) AS tag GROUP BY tag HAVING n >= 5000)",
        ],
    ),
    (
        "what is asked of groups that a threshold of a part has left",
        &[
            "SELECT COUNTIF(n <= 5003) AS y FROM (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
            "SELECT SUM(IF(n <= 5003, 1, 0)) AS y FROM (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
            "SELECT MIN(n) AS y FROM (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
            "SELECT MAX(MOD(n, 4)) AS y FROM (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
            "SELECT STRING_AGG(IF(n <= 5003, region, NULL)) AS y FROM (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
            "SELECT region, COUNTIF(n <= 5003) OVER () AS y FROM (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
            "SELECT d.region, IF(h.n < 5003, 'small', 'large') AS size FROM library.regions AS d LEFT JOIN (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000) AS h USING (region)",
            "SELECT MAX(c) AS y FROM (SELECT c FROM {G} ORDER BY n LIMIT 2)",
        ],
    ),
    (
        "one measured value of groups that share people",
        &[
            "SELECT region, COUNTIF(n <= 5003) AS y FROM (SELECT region, branch, COUNT(*) AS n FROM library.weekly GROUP BY ROLLUP (region, branch) HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
        ],
    ),
    (
        "a person's value that HAVING MAX leaves out, added up",
        &[
            "SELECT region, SUM(y) AS s FROM (SELECT reader_id, region, ANY_VALUE(pages HAVING MAX IF(notes > 3, 1, NULL)) AS y FROM library.weekly GROUP BY reader_id, region) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "sums of differences of functions of one value",
        &[
            "SELECT region, SUM(DATE_DIFF(DATE_ADD(week, INTERVAL 1 DAY), week, MONTH)) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(COALESCE(pages + 0 - pages, loans)) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(COALESCE(pages * 1e-300, loans)) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "intervals that are equal and not the same",
        &[
            "SELECT iv FROM (SELECT reader_id, IF(pages > 3, INTERVAL 30 DAY, INTERVAL 1 MONTH) AS iv FROM library.weekly) GROUP BY iv HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT other FROM (SELECT iv AS other, reader_id FROM (SELECT reader_id, IF(pages > 3, INTERVAL 30 DAY, INTERVAL 1 MONTH) AS iv FROM library.weekly)) GROUP BY other HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT iv FROM library.weekly, UNNEST([IF(pages > 3, INTERVAL 30 DAY, INTERVAL 1 MONTH)]) AS iv GROUP BY iv HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT s.iv FROM (SELECT reader_id, STRUCT(IF(pages > 3, INTERVAL 30 DAY, INTERVAL 1 MONTH) AS iv) AS s FROM library.weekly) GROUP BY s.iv HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT STRUCT(IF(pages > 3, INTERVAL 30 DAY, INTERVAL 1 MONTH) AS iv) AS s FROM library.weekly GROUP BY s HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT iv FROM (SELECT reader_id, [INTERVAL 1 MONTH, INTERVAL 30 DAY][OFFSET(IF(pages > 3, 1, 0))] AS iv FROM library.weekly) GROUP BY iv HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT iv FROM (SELECT reader_id, INTERVAL 30 DAY AS iv FROM library.weekly WHERE pages > 3 UNION ALL SELECT reader_id, INTERVAL 1 MONTH FROM library.weekly WHERE pages < 3) GROUP BY iv HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT iv FROM (SELECT reader_id, MAX(IF(pages > 3, INTERVAL 30 DAY, INTERVAL 1 MONTH)) AS iv FROM library.weekly GROUP BY reader_id) GROUP BY iv HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, ANY_VALUE(iv) AS i FROM (SELECT reader_id, region, IF(pages > 3, INTERVAL 30 DAY, INTERVAL 1 MONTH) AS iv FROM library.weekly) WHERE iv = INTERVAL 30 DAY GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "conditions beside a value of large groups",
        &[
            "SELECT region, COUNTIF(branch = (SELECT MAX(branch) FROM (SELECT branch FROM library.weekly GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000))) AS y FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(IF(pages > 3 AND branch = (SELECT MAX(branch) FROM (SELECT branch FROM library.weekly GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000)), pages, 0)) AS y FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(IF(pages > 3, (SELECT MAX(branch) FROM (SELECT branch FROM library.weekly GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000)), NULL)) AS y FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(NULLIF(branch, (SELECT MAX(branch) FROM (SELECT branch FROM library.weekly GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000)))) AS y FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "WITH l AS (SELECT MAX(branch) AS top FROM (SELECT branch FROM library.weekly GROUP BY branch HAVING COUNT(DISTINCT reader_id) >= 5000)) SELECT region, COUNTIF(branch = top) AS y FROM library.weekly, l GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT w.region, COUNT(IF(w.pages > 3, g.x, NULL)) AS y FROM library.weekly AS w JOIN (SELECT region, IF(COUNTIF(branch = 'a') >= 5000, COUNTIF(branch = 'a'), NULL) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) AS g USING (region) GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT w.region, COUNT(g.x) AS y FROM library.weekly AS w LEFT JOIN (SELECT branch, COUNT(DISTINCT reader_id) AS x FROM library.weekly GROUP BY branch HAVING x >= 5000) AS g USING (branch) GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT w.region, SUM(g.x) AS y FROM library.weekly AS w LEFT JOIN (SELECT branch, COUNT(DISTINCT reader_id) AS x FROM library.weekly GROUP BY branch HAVING x >= 5000) AS g USING (branch) GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
            "SELECT w.region, COUNTIF(g.x > 6000) AS y FROM library.weekly AS w LEFT JOIN (SELECT branch, COUNT(DISTINCT reader_id) AS x FROM library.weekly GROUP BY branch HAVING x >= 5000) AS g USING (branch) GROUP BY w.region HAVING COUNT(DISTINCT w.reader_id) >= 5000",
        ],
    ),
    (
        "counts of one of several measured values, and collections of functions of it",
        &[
            "SELECT region, COUNTIF(v = 5004) AS k FROM {G}, UNNEST([n, c]) AS v GROUP BY region",
            "SELECT region, ARRAY_AGG(v = 5004) AS k FROM {G}, UNNEST([n, c]) AS v GROUP BY region",
            "SELECT region, COUNT(NULLIF(v, 5004)) AS k FROM {G}, UNNEST([n, c]) AS v GROUP BY region",
            "SELECT region, STRING_AGG(IF(v = 5004, 'a', NULL)) AS k FROM {G}, UNNEST([n, c]) AS v GROUP BY region",
            "SELECT region, COUNTIF(v = 5004) OVER (PARTITION BY region) AS k FROM {G}, UNNEST([n, c]) AS v",
        ],
    ),
    (
        "orders by several measured values, by a ratio beside a constant, by one beside labels",
        &[
            "WITH g AS (SELECT region, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= 5000) SELECT ARRAY(SELECT name FROM (SELECT region, 'n' AS name, n AS v FROM g UNION ALL SELECT region, 'c', c + 1 FROM g) WHERE region = 'north' ORDER BY v, name) AS k",
            "WITH g AS (SELECT region, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= 5000) SELECT region, STRING_AGG(name ORDER BY v) AS k FROM (SELECT region, 'n' AS name, n AS v FROM g UNION ALL SELECT region, 'c', c + 1 FROM g) GROUP BY region",
            "WITH g AS (SELECT region, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region HAVING c >= 5000) SELECT region, ANY_VALUE(name HAVING MIN v) AS k FROM (SELECT region, 'n' AS name, n AS v FROM g UNION ALL SELECT region, 'c', c + 1 FROM g) GROUP BY region",
            "SELECT region, MAX(r) AS k FROM {G}, UNNEST([n / c, 1.8]) AS r GROUP BY region",
            "SELECT region, STRING_AGG(name ORDER BY r) AS k FROM (SELECT region, n / c AS r, 'a' AS name FROM {G} UNION ALL SELECT region, 1.1, 'b' FROM {G}) GROUP BY region",
            "SELECT region, ARRAY_AGG(x ORDER BY ABS(x - c) LIMIT 1) AS ys FROM {G}, UNNEST([5003, 5004]) AS x GROUP BY region, n",
        ],
    ),
    (
        "a bound chooses a function of another measured value",
        &[
            "SELECT region, IF(n >= 5004, c = 5004, FALSE) AS q FROM {G}",
            "SELECT region, IF(n >= 5004, NULLIF(c, 5003), NULL) AS q FROM {G}",
            "SELECT region, COUNT(IF(n >= 5004, NULLIF(c, 5003), NULL)) AS q FROM {G} GROUP BY region",
        ],
    ),
    (
        "a bound from above chooses another measured value",
        &[
            "SELECT region, IF(COUNT(*) <= 5000, SUM(pages), 4) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, IF(COUNT(*) >= 6000, 4, SUM(pages)) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, CASE WHEN COUNT(*) >= 9000 THEN 4 WHEN COUNT(*) >= 6000 THEN SUM(pages) END AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "HAVING MAX of a nullable value makes a value of the group NULL",
        &[
            "SELECT region, ANY_VALUE(region HAVING MAX IF(pages > 3, 1, NULL)) AS m FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, AVG(LENGTH(region) HAVING MIN IF(pages > 3, pages, NULL)) AS m FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, ANY_VALUE(1 HAVING MAX NULLIF(branch, 'a')) AS m FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "groups that one measured value chose, and another one of theirs",
        &[
            "SELECT region, MAX(m) AS y FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region, branch HAVING m >= 5000) WHERE n = 5006 GROUP BY region",
            "SELECT region, MAX(m WHERE n = 5006) AS y FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region, branch HAVING m >= 5000) GROUP BY region",
            "SELECT region, MAX(m HAVING MIN ABS(n - 5006)) AS y FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region, branch HAVING m >= 5000) GROUP BY region",
            "SELECT region, AVG(m) AS y FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region, branch HAVING m >= 5000) WHERE n <= 5006 GROUP BY region",
            "SELECT region, COUNTIF(m >= 5006) AS y FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region, branch HAVING m >= 5000) WHERE n = 5006 GROUP BY region",
            "SELECT region, COUNTIF(m = 5006) AS y FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region, branch HAVING m >= 5000) WHERE n = 5006 GROUP BY region",
            "SELECT region, ARRAY_AGG(m ORDER BY ABS(n - 5006), m DESC LIMIT 1) AS y FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region, branch HAVING m >= 5000) GROUP BY region",
        ],
    ),
    (
        "a floating number that several whole numbers equal",
        &[
            "SELECT region, MIN(pages) AS a FROM library.weekly WHERE pages = 9007199254740992.0 GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, MIN(pages) AS a FROM library.weekly WHERE pages IN (9007199254740992.0) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "sums of what a function of the row makes 0",
        &[
            "SELECT region, SUM(COALESCE(pages - pages, loans)) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(DATE_DIFF(week, DATE '2026-01-31', MONTH)) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "sketches that hold values",
        &[
            "SELECT region, KLL_QUANTILES.EXTRACT_POINT_INT64(KLL_QUANTILES.INIT_INT64(pages), 1.0) AS most, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, KLL_QUANTILES.INIT_INT64(pages) AS sketch FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT KLL_QUANTILES.MERGE_POINT_INT64(sketch, 0.5) AS v FROM (SELECT region, KLL_QUANTILES.INIT_INT64(pages) AS sketch, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000)",
        ],
    ),
    (
        "how many have a value",
        &[
            "SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT branch IGNORE NULLS)) AS v FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, APPROX_COUNT_DISTINCT(branch) AS v FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, HLL_COUNT.EXTRACT(HLL_COUNT.INIT(branch)) AS v FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(SAFE_CAST(pages AS INT64)) AS v FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, AVG(2 * SAFE_CAST(pages AS INT64)) AS v FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "products with 0",
        &[
            "SELECT region, SUM(v) AS s FROM (SELECT reader_id, region, pages * 0 AS v FROM library.weekly UNION ALL SELECT reader_id, region, pages FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(COALESCE(IF(branch = 'x', pages, NULL), pages * (1 - 1))) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "choices by NULL, in arrays and in structs",
        &[
            "SELECT region, IFNULL(NULLIF(n, 5000) * 0, IF(c = 5000, 1, 0)) AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "SELECT region, COALESCE(NULLIF(n, 5000), c) AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "SELECT region, IF(n = 5000, [c = 5000], [FALSE]) AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "SELECT region, IF(n = 5000, STRUCT(c = 5000 AS y, s AS z), STRUCT(FALSE AS y, 0 AS z)).y AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region IN (SELECT region FROM g WHERE n = 5000) AND region IN (SELECT region FROM g WHERE c = 5000) AS v FROM g",
        ],
    ),
    (
        "one of several measured values in a column",
        &[
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region, MIN(m) AS v FROM (SELECT region, IF(n = 5000, 1, 0) AS m FROM g UNION ALL SELECT region, IF(c = 5000, 1, 0) FROM g) GROUP BY region",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT q[OFFSET(1)] - q[OFFSET(0)] AS v FROM (SELECT APPROX_QUANTILES(n, 1) AS q FROM g)",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region, ML.MIN_MAX_SCALER(c) OVER () AS v FROM g",
            "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT region, ML.LABEL_ENCODER(CAST(n AS STRING)) OVER () AS v FROM g",
        ],
    ),
    (
        "a label that was compared with a measured value is one",
        &[
            "SELECT g.region, g.n - x AS d FROM {G} AS g, UNNEST(GENERATE_ARRAY(0, 9000)) AS x WHERE x = g.c",
            "SELECT g.region, g.n - MIN(x) AS d FROM {G} AS g JOIN UNNEST(GENERATE_ARRAY(0, 9000)) AS x ON x > g.c GROUP BY g.region, g.n",
            "SELECT g.region, IF(x = g.c, 'same', 'other') AS l FROM {G} AS g, UNNEST(GENERATE_ARRAY(0, 9000)) AS x WHERE g.n = x",
        ],
    ),
    (
        "equations of one measured value choose functions of another",
        &[
            "SELECT region, CASE WHEN n = 5003 THEN c - 5003 WHEN n = 5004 THEN c - 5004 END AS d FROM {G}",
            "SELECT region, CASE WHEN n >= 5004 THEN c - 5004 WHEN n >= 5003 THEN c - 5003 END AS d FROM {G}",
            "SELECT region, IF(n = 5003, c = 5003, IF(n = 5004, c = 5004, c = 5005)) AS d FROM {G}",
        ],
    ),
    (
        "what is said of a struct is said of its fields",
        &[
            "SELECT region, [STRUCT('a' AS s), STRUCT('b' AS s)][OFFSET(IF(n = c, 0, 1))].s AS s FROM {G}",
            "SELECT region, SUM([STRUCT(pages AS m)][SAFE_OFFSET(IF(branch = 'x', 0, 5))].m) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM((SELECT AS STRUCT pages AS m FROM UNNEST([1]) WHERE branch = 'x').m) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, (ANY_VALUE(STRUCT(region AS q)) OVER (PARTITION BY c)).q AS q FROM {G}",
            "SELECT a.c - b.c AS d FROM (SELECT ARRAY(SELECT AS STRUCT region, c FROM {G}) AS arr) AS t, UNNEST(t.arr) AS a, UNNEST(t.arr) AS b",
            "SELECT arr[SAFE_OFFSET(0)].c - arr[SAFE_OFFSET(1)].c AS d FROM (SELECT ARRAY(SELECT AS STRUCT region, c FROM {G}) AS arr)",
        ],
    ),
    (
        "an array under OVER holds several measured values",
        &[
            "SELECT region, arr[SAFE_OFFSET(0)] - arr[SAFE_OFFSET(1)] AS d FROM (SELECT region, ARRAY_AGG(c) OVER (ORDER BY region) AS arr FROM {G})",
            "SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT c) OVER ()) AS d FROM {G}",
            "SELECT region, SPLIT(STRING_AGG(CAST(c AS STRING)) OVER ())[SAFE_OFFSET(0)] = CAST(c AS STRING) AS d FROM {G}",
        ],
    ),
    (
        "members of a group's array are groups",
        &[
            "SELECT (SELECT STDDEV_POP(e) FROM UNNEST(arr) AS e) AS s FROM (SELECT ARRAY_AGG(c) AS arr FROM {G})",
            "SELECT (SELECT BIT_XOR(e) FROM UNNEST(arr) AS e) AS s FROM (SELECT ARRAY_AGG(c) AS arr FROM {G})",
            "SELECT (SELECT MAX(d) FROM (SELECT e - LAG(e) OVER (ORDER BY e) AS d FROM UNNEST(arr) AS e)) AS s FROM (SELECT ARRAY_AGG(c) AS arr FROM {G})",
            "SELECT (SELECT COUNT(*) FROM (SELECT e FROM UNNEST(arr) AS e GROUP BY e)) AS s FROM (SELECT ARRAY_AGG(c) AS arr FROM {G})",
            "SELECT EXISTS (SELECT 1 FROM UNNEST(arr) AS e GROUP BY e HAVING COUNT(*) > 1) AS s FROM (SELECT ARRAY_AGG(c) AS arr FROM {G})",
            "SELECT ARRAY_AGG(DISTINCT c ORDER BY c) AS kinds FROM {G}",
            "SELECT STRING_AGG(DISTINCT CAST(c AS STRING)) AS kinds FROM {G}",
        ],
    ),
    (
        "which groups are near one in a measured value hangs on one person",
        &[
            "SELECT region, FIRST_VALUE(region) OVER (ORDER BY c RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS f FROM {G}",
            "SELECT region, NTH_VALUE(region, 2) OVER (ORDER BY c RANGE CURRENT ROW) AS f FROM {G}",
            "SELECT region, DENSE_RANK() OVER (ORDER BY c) AS f FROM {G}",
        ],
    ),
    (
        "an array in an order tells the keys of it",
        &[
            "SELECT ARRAY(SELECT region FROM (SELECT region, MAX(pages) AS m FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) ORDER BY m DESC)[SAFE_OFFSET(0)] AS top",
            "SELECT ARRAY(SELECT AS STRUCT region FROM {G} ORDER BY n - c)[SAFE_OFFSET(0)].region AS top",
        ],
    ),
    (
        "what holds in a row of one reading need not hold in a row of another",
        &[
            "WITH c AS (SELECT reader_id, region, IF(branch = 'attic', reader_id, NULL) AS attic FROM library.weekly) SELECT a.region, COUNT(DISTINCT a.attic) AS n FROM c AS a JOIN c AS b USING (reader_id) GROUP BY a.region HAVING COUNT(DISTINCT b.attic) >= 5000",
            "WITH c AS (SELECT reader_id, region, IF(branch = 'attic', pages, NULL) AS v, IF(branch = 'attic', reader_id, NULL) AS attic FROM library.weekly) SELECT a.region, SUM(a.v) AS s FROM c AS a LEFT JOIN c AS b ON a.reader_id = b.reader_id GROUP BY a.region HAVING COUNT(DISTINCT b.attic) >= 5000",
            "WITH c AS (SELECT reader_id, region, STRUCT(IF(branch = 'attic', 1, 0) AS v, IF(branch = 'attic', reader_id, NULL) AS id) AS s FROM library.weekly) SELECT a.region, SUM(a.s.v) AS n FROM c AS a, c AS b WHERE a.reader_id = b.reader_id GROUP BY a.region HAVING COUNT(DISTINCT b.s.id) >= 5000",
            "WITH c AS (SELECT x.reader_id, x.region, y.reader_id AS id, y.pages FROM library.weekly AS x LEFT JOIN library.visits AS y ON x.reader_id = y.reader_id AND x.branch = y.branch) SELECT a.region, COUNT(a.pages) AS n FROM c AS a JOIN c AS b USING (reader_id) GROUP BY a.region HAVING COUNT(DISTINCT b.id) >= 5000",
        ],
    ),
    (
        "a measured value that was a key, a member or a partition before",
        &[
            "SELECT region, c - n AS rest FROM (SELECT DISTINCT region, n, c FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000))",
            "SELECT region, c - ANY_VALUE(n) AS rest FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) GROUP BY region, c",
            "SELECT region, member - n AS rest FROM (SELECT region, n, ARRAY_AGG(c) AS members FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) GROUP BY region, n), UNNEST(members) AS member",
            "SELECT region, ratio > 1 AS more FROM (SELECT region, AVG(c / n) AS ratio FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) GROUP BY region)",
            "SELECT region, ARRAY_AGG(c / n)[OFFSET(0)] > 1 AS more FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) GROUP BY region",
            "SELECT region, SAFE_CAST(CAST(c / n AS STRING) AS INT64) AS whole FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "SELECT region, COUNT(*) OVER (ORDER BY n RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS near FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "SELECT region, DENSE_RANK() OVER (PARTITION BY region ORDER BY v) AS place FROM (SELECT region, n AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) UNION ALL SELECT region, c FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000))",
        ],
    ),
    (
        "groups of any size that are counted beside what they hold",
        &[
            "SELECT region, COUNT(c) AS branches FROM (SELECT region, branch, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, branch) GROUP BY region HAVING MAX(n) >= 5000",
            "SELECT region, SUM(c * 0 + 1) AS branches FROM (SELECT region, branch, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, branch) GROUP BY region HAVING MAX(n) >= 5000",
        ],
    ),
    (
        "aggregates of the rows that have the most",
        &[
            "SELECT region, ARRAY_AGG(1 HAVING MAX pages) AS ones FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT reader_id HAVING MAX pages)) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "sums that choose rows by a sign or by a number that grows too large",
        &[
            "SELECT region, SUM(ABS(pages - 200) + pages) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(SAFE_MULTIPLY(pages, 9e300)) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(CAST(pages / 2000 AS INT64)) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "what a subquery over nobody's rows reads of the row around it",
        &[
            "SELECT region, (SELECT x FROM UNNEST([0, 1, 2]) AS x ORDER BY ABS(x - n) LIMIT 1) AS near FROM (SELECT region, COUNTIF(branch = 'x') AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
            "SELECT region, (SELECT COUNT(*) FROM (SELECT DISTINCT x > n AS y FROM UNNEST([0, 1, 2]) AS x)) AS ways FROM (SELECT region, COUNTIF(branch = 'x') AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
            "SELECT region, (SELECT SUM(most) FROM UNNEST([1])) AS total FROM (SELECT region, MAX(pages) AS most, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
            "SELECT region, ARRAY(SELECT c - m) AS rest FROM (SELECT region, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
            "SELECT region, (SELECT SUM(x) FROM UNNEST([c, -m]) AS x) AS rest FROM (SELECT region, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
            "SELECT region, (SELECT COUNT(*) FROM (SELECT c UNION DISTINCT SELECT m)) AS different FROM (SELECT region, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
        ],
    ),
    (
        "an array that lists measured values tells their difference to what reads several",
        &[
            "SELECT region, ARRAY_LENGTH([c, m]) AS n, ARRAY_IS_DISTINCT([c, m]) AS apart FROM (SELECT region, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
            "SELECT region, ['no', 'yes'][OFFSET(LEAST(n, 1))] AS any_x FROM (SELECT region, COUNTIF(branch = 'x') AS n, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
            "SELECT region, [STRUCT(0 AS v), STRUCT(1 AS v)][OFFSET(IF(most > 900, 1, 0))].v AS long FROM (SELECT region, MAX(pages) AS most, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
        ],
    ),
    (
        "an identifier that is there for some counts those",
        &[
            "SELECT region, COUNT(DISTINCT COALESCE(IF(branch = 'x', reader_id, NULL), 'none')) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(DISTINCT NULLIF(reader_id, IF(branch = 'x', reader_id, ''))) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(IFNULL(IF(branch = 'x', reader_id, NULL), NULL)) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(DISTINCT chosen) AS x FROM (SELECT region, IF(branch = 'x', reader_id, NULL) AS chosen, reader_id FROM library.weekly GROUP BY region, chosen, reader_id) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(chosen) AS x FROM (SELECT region, IF(branch = 'x', pages, 0) AS chosen, reader_id FROM library.weekly GROUP BY region, chosen, reader_id) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, APPROX_COUNT_DISTINCT(COALESCE(IF(branch = 'x', reader_id, NULL), '-')) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "how many different answers there are hangs on one person",
        &[
            "SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT pages > 900)) AS ways FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT REGEXP_EXTRACT(branch, 'x') IGNORE NULLS)) AS ways FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT COUNT(DISTINCT n) AS sizes FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, branch HAVING n >= 5000)",
            "SELECT region, COUNT(*) OVER (PARTITION BY n) AS alike FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "SELECT region, TRUNC(m / c) AS whole FROM (SELECT region, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS m FROM library.weekly GROUP BY region HAVING m >= 5000)",
        ],
    ),
    (
        "of groups that are counted each may have one person's value",
        &[
            "SELECT COUNTIF(most > 900) AS long FROM (SELECT region, MAX(pages) AS most, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000)",
            "SELECT ARRAY_LENGTH(ARRAY_AGG(DISTINCT any_branch)) AS c FROM (SELECT region, ANY_VALUE(branch) AS any_branch, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000)",
        ],
    ),
    (
        "what one row of a union adds another takes away",
        &[
            "SELECT region, SUM(v) AS rest FROM (SELECT region, n AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000) UNION ALL SELECT region, -c FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000)) GROUP BY region",
            "SELECT region, SUM(v) AS rest, COUNT(DISTINCT reader_id) AS n FROM (SELECT region, reader_id, pages AS v FROM library.weekly UNION ALL SELECT region, reader_id, -pages FROM library.weekly WHERE branch = 'x') GROUP BY region HAVING n >= 5000",
            "SELECT region, SUM(v) AS rest FROM (SELECT region, n, -c AS m FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c FROM library.weekly GROUP BY region HAVING n >= 5000)) UNPIVOT (v FOR what IN (n, m)) GROUP BY region",
        ],
    ),
    (
        "a sum of some members of the row's arrays",
        &[
            "SELECT region, SUM((SELECT SUM(STRPOS(note, 'x')) FROM UNNEST(SPLIT(notes)) AS note)) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM((SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, STRPOS(branch, 'k'))))) AS x FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "groups inside a large row",
        &[
            "SELECT region, ARRAY_AGG(STRUCT(branch, n)) AS parts FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, branch) GROUP BY region HAVING MAX(n) >= 5000",
            "SELECT region, STRING_AGG(branch) AS branches FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, branch) GROUP BY region HAVING MAX(n) >= 5000",
            "SELECT region, COUNT(*) AS branches FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, branch) GROUP BY region HAVING MAX(n) >= 5000",
        ],
    ),
    (
        "fields of JSON that differ in case alone are two values",
        &[
            "SELECT region, COUNTIF(BOOL(PARSE_JSON(notes).Overdue)) AS c FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(BOOL(PARSE_JSON(notes).overdue), reader_id, NULL)) >= 5000",
            "SELECT region, COUNTIF(BOOL(PARSE_JSON(notes).fine.Due)) AS c FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(BOOL(PARSE_JSON(notes).Fine.Due), reader_id, NULL)) >= 5000",
        ],
    ),
    (
        "windows before the small groups go",
        &[
            "SELECT region, LAG(COUNT(DISTINCT reader_id)) OVER (ORDER BY region) AS before FROM library.weekly GROUP BY region QUALIFY COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, n, SUM(n) OVER () AS everyone FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region) QUALIFY n >= 5000",
        ],
    ),
    (
        "sums of what a condition or function chooses",
        &[
            "SELECT region, SUM(CAST(branch = 'attic' AS INT64)) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(IF(branch = 'attic', 3, 2)) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, AVG(pages * LENGTH(branch)) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(CASE branch WHEN 'attic' THEN pages WHEN 'cellar' THEN loans ELSE 0 END) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, STDDEV(pages) AS spread FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "differences",
        &[
            "SELECT region, n - yes AS no FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS yes FROM library.weekly GROUP BY region) WHERE yes >= 5000",
            "SELECT l.region, t.total - l.readers AS rest FROM ({LARGE}) AS l CROSS JOIN (SELECT COUNT(DISTINCT reader_id) AS total FROM library.weekly HAVING total >= 5000) AS t",
            "SELECT region, a + -b AS no FROM (SELECT region, COUNT(DISTINCT reader_id) AS a, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS b FROM library.weekly GROUP BY region) WHERE b >= 5000",
            "SELECT region, SUM(e) AS no FROM (SELECT region, COUNT(DISTINCT reader_id) AS a, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS b FROM library.weekly GROUP BY region HAVING b >= 5000), UNNEST([a, -b]) AS e GROUP BY region",
            "SELECT region, SUM(1 - CAST(member = 'yes' AS INT64)) AS no FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) >= 5000",
            "SELECT region, COUNT(1) - COUNTIF(member = 'yes') AS no FROM library.weekly WHERE week = '2026-01-05' GROUP BY region HAVING COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) >= 5000",
            "SELECT region, pair.x - pair.y AS no FROM (SELECT region, COUNT(DISTINCT reader_id) AS a, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS b FROM library.weekly GROUP BY region HAVING b >= 5000), UNNEST([STRUCT(a AS x, b AS y), STRUCT(b AS x, a AS y)]) AS pair",
            "SELECT region, COUNT(DISTINCT reader_id) + SUM(-1) AS twice FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, (SELECT MAX(x) - MIN(x) FROM UNNEST([c, n]) AS x) AS twice FROM (SELECT region, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region) WHERE n >= 5000",
            "SELECT region, EXISTS (SELECT 1 FROM UNNEST([c]) AS x WHERE x > n) AS twice FROM (SELECT region, COUNT(*) AS c, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region) WHERE n >= 5000",
            "SELECT region, COUNT(*) = COUNT(DISTINCT reader_id) AS once FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, IF(n = yes, 'all', 'some') AS members FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS yes FROM library.weekly GROUP BY region) WHERE yes >= 5000",
        ],
    ),
    (
        "a part beside its whole",
        &[
            "SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(DISTINCT IF(member = 'yes', reader_id, NULL)) AS yes FROM library.weekly GROUP BY region HAVING yes >= 5000",
        ],
    ),
    (
        "aggregates of some rows",
        &[
            "SELECT ARRAY_AGG(region ORDER BY best DESC LIMIT 1) AS first FROM (SELECT region, MAX(pages) AS best FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000)",
            "SELECT ANY_VALUE(region HAVING MIN best) AS first FROM (SELECT region, MAX(pages) AS best FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000)",
            "SELECT region, AVG(least) AS least FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, MIN(pages) AS least FROM library.weekly GROUP BY region) GROUP BY region HAVING SUM(n) >= 5000",
            "SELECT region, SUM(pages HAVING MAX week) AS last FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNTIF(branch = 'attic') AS n FROM library.weekly WHERE week = '2026-01-05' GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND COUNT(IF(pages > 900, IF(branch = 'attic', 1, NULL), 0)) >= 5000",
            "SELECT region, COUNT(IF(branch = 'attic', 1, NULL)) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "the newest day of those whom a condition chooses",
        &[
            "SELECT region, MAX(IF(branch = 'attic', week, NULL)) AS last FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "answers about other people",
        &[
            "SELECT region, CASE WHEN COUNTIF(branch = 'attic') > 0 THEN 'yes' ELSE 'no' END AS attic FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT EXISTS (SELECT 1 FROM library.visits WHERE branch = 'attic') AS attic",
        ],
    ),
    (
        "an arm that is NULL or 0 leaves a value to those of the others",
        &[
            "SELECT region, SUM(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, NULL, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, AVG(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, NULL, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, NULL, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, 0, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, NULLIF(1, 1), reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(s.v) AS s FROM (SELECT region, STRUCT(pages AS v) AS s, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, STRUCT(NULL AS v), reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(u) AS s FROM (SELECT region, reader_id AS u, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, NULL, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(DISTINCT u) AS s FROM (SELECT region, reader_id AS u, reader_id FROM library.weekly WHERE branch = 'attic' UNION ALL SELECT region, NULL, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly WHERE branch = 'attic' FULL UNION ALL BY NAME SELECT region, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly WHERE branch = 'attic' LEFT UNION ALL BY NAME SELECT region, reader_id FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "FROM library.weekly |> WHERE branch = 'attic' |> SELECT region, reader_id, pages AS v |> UNION ALL (SELECT region, reader_id, NULL FROM library.weekly) |> AGGREGATE SUM(v) AS s, COUNT(DISTINCT reader_id) AS n GROUP BY region |> WHERE n >= 5000",
            "SELECT region, SUM(e.v) AS s FROM library.weekly, UNNEST([STRUCT(pages AS v, branch AS b), STRUCT(NULL, 'attic')]) AS e WHERE e.b = 'attic' GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "what is looked up is chosen by what the row holds",
        &[
            "SELECT region, SUM(pages + w.v) AS s FROM library.weekly JOIN (SELECT 'attic' AS b, 1 AS v UNION ALL SELECT 'hall', NULL) AS w ON w.b = branch GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, AVG(w.v) AS s FROM library.weekly JOIN (SELECT 'attic' AS b, 1 AS v UNION ALL SELECT 'hall', NULL) AS w ON w.b = branch GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(w.v) AS s FROM (SELECT 'attic' AS b, 2 AS v UNION ALL SELECT 'hall', 1) AS w, library.weekly WHERE w.b = branch GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, SUM(w.v) AS s FROM library.weekly, UNNEST([STRUCT('attic' AS b, 1 AS v), STRUCT('hall', 0)]) AS w WHERE w.b = branch GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT w.region, SUM(r.rate) AS s FROM library.weekly AS w JOIN library.regions AS r ON r.region = w.region GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "a comparison of structs or arrays is NULL where something in them is",
        &[
            "SELECT region, COUNT(STRUCT(branch) = STRUCT('attic')) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT([branch] = ['attic']) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT((branch, member) IN (('attic', 'a'), ('hall', 'b'))) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(s = STRUCT('attic')) AS n FROM (SELECT region, reader_id, STRUCT(branch) AS s FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
            "SELECT region, COUNT(s = t) AS n FROM (SELECT region, reader_id, [branch] AS s, ['attic'] AS t FROM library.weekly) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
        ],
    ),
    (
        "a group of a collation is labelled by one of its spellings",
        &[
            "SELECT m, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, COLLATE(branch, 'und:ci') AS m FROM library.weekly) GROUP BY m HAVING n >= 5000",
            "SELECT COUNT(DISTINCT reader_id) AS n, ANY_VALUE(ASCII(m)) AS a FROM (SELECT reader_id, COLLATE(branch, 'und:ci') AS m FROM library.weekly) GROUP BY m HAVING n >= 5000",
        ],
    ),
];

/// Texts in which a number discloses identifiers.
const IDENTIFIERS: &[&str] = &[
    "SELECT region, week, SUM(CAST(reader_id AS INT64)) AS n FROM library.weekly GROUP BY region, week",
    "SELECT region, week, AVG(FARM_FINGERPRINT(reader_id)) AS n FROM library.weekly GROUP BY region, week",
    "SELECT MOD(CAST(reader_id AS INT64), 101) AS a, MOD(CAST(reader_id AS INT64), 103) AS b, COUNT(*) AS n FROM library.weekly GROUP BY a, b",
    "SELECT STARTS_WITH(reader_id, '48') AS ours, COUNT(*) AS n FROM library.weekly GROUP BY ours",
    "SELECT card.reader_id AS r, COUNT(*) AS n FROM (SELECT card FROM archive.weekly UNION ALL SELECT card FROM archive.weekly) GROUP BY r",
    "CREATE TEMP FUNCTION f(row ANY TYPE) AS (STRUCT(row.card.reader_id AS r, row.region)); SELECT f(w).* FROM archive.weekly AS w",
    "CREATE TEMP FUNCTION f(row ANY TYPE) AS (STRUCT(row.card.reader_id AS r, row.region)); SELECT f(w).r AS r, COUNT(*) AS n FROM archive.weekly AS w GROUP BY r",
    "SELECT region, card FROM archive.weekly WHERE card.reader_id != 'x'",
    "SELECT region, ARRAY_AGG(card) AS cards FROM archive.weekly WHERE card.reader_id != 'x' GROUP BY region",
];

/// Values that the query reads as times, of columns that the registry does not know.
const READ_AS_TIMES: &[&str] = &[
    "TIMESTAMP_MICROS(tick)",
    "TIMESTAMP(tick)",
    "CAST(tick AS TIMESTAMP)",
    "SAFE_CAST(tick AS DATETIME)",
    "PARSE_TIMESTAMP('%s', tick)",
    "FORMAT_TIMESTAMP('%H:%M:%E6S', tick)",
    "UNIX_MICROS(tick)",
    "TIMESTAMP_DIFF(tick, seen, SECOND)",
    "TIMESTAMP_TRUNC(tick, SECOND)",
    "TIMESTAMP_DIFF(tick, TIMESTAMP '2020-01-01 00:00:00+00', SECOND)",
    "TIMESTAMP_DIFF(seen, TIMESTAMP '2020-01-01 00:00:00+00', SECOND)",
    "TIMESTAMP_DIFF(seen, TIMESTAMP(DATE(seen)), SECOND)",
    "TIMESTAMP_DIFF(seen, (SELECT MAX(seen) FROM library.visits), SECOND)",
];

/// Values that look like times, and disclose none that is finer than a day.
const NO_TIMES: &[&str] = &[
    "DATE(TIMESTAMP_MICROS(tick))",
    "TIMESTAMP_TRUNC(TIMESTAMP_MICROS(tick), DAY)",
    "EXTRACT(DAYOFWEEK FROM TIMESTAMP_MICROS(tick))",
    "TIMESTAMP_DIFF(seen, left_at, SECOND)",
];

/// Divisions whose result is finer than a day or a minute.
const FINE_TIMES: &[&str] = &[
    "DIV(UNIX_MICROS(seen), 60)",
    "DIV(UNIX_MICROS(seen), 86400)",
    "DIV(UNIX_MILLIS(seen), 3600)",
    "DIV(UNIX_MILLIS(seen) * 1000, 86400000)",
    "DIV(UNIX_SECONDS(seen) * 86400, 86400)",
    "DIV(IF(region = 'north', UNIX_MICROS(seen), 0), 86400)",
];

/// Divisions whose result is a day.
const COARSE_TIMES: &[&str] = &[
    "DIV(UNIX_SECONDS(seen), 86400)",
    "DIV(UNIX_MILLIS(seen), 86400000)",
    "DIV(UNIX_MICROS(seen), 86400000000)",
];

/// Texts with values of few people that are equal but not identical to those of
/// others.
const DISTINGUISH_EQUAL_VALUES: &[&str] = &[
    "SELECT region, MIN(branch) AS branch FROM library.weekly WHERE branch = COLLATE('attic', 'und:ci') GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT rate, MIN(IEEE_DIVIDE(1, rate)) AS sign FROM library.weekly GROUP BY rate HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT rate, MIN(FORMAT('%t', rate)) AS text FROM library.weekly GROUP BY rate HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT rate, MIN(ATAN2(rate, -1)) AS side FROM library.weekly GROUP BY rate HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, MIN(IEEE_DIVIDE(1, rate)) AS sign FROM library.weekly WHERE rate = 0 GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT span, MIN(EXTRACT(DAY FROM span)) AS days FROM (SELECT reader_id, MAKE_INTERVAL(month => pages, day => loans) AS span FROM library.weekly) GROUP BY span HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT span, MIN(CAST(span AS STRING)) AS text FROM (SELECT reader_id, MAKE_INTERVAL(month => pages, day => loans) AS span FROM library.weekly) GROUP BY span HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT span, MIN(DATE '2024-01-31' + span) AS ending FROM (SELECT reader_id, MAKE_INTERVAL(month => pages, day => loans) AS span FROM library.weekly) GROUP BY span HAVING COUNT(DISTINCT reader_id) >= 5000",
];

/// Functions with equal results for equal arguments of any type.
const EQUAL_FOR_EQUAL_ARGUMENTS: &[&str] = &[
    "UPPER(region)",
    "SUBSTR(region, 1, 2)",
    "CONCAT(region, ' ', branch)",
    "COALESCE(region, branch)",
    "IF(region = 'north', 'n', branch)",
    "region IS NULL",
    "rate * 2",
    "rate / 2 + 1",
    "ROUND(rate, 1)",
    "CAST(rate AS INT64)",
    "CAST(week AS STRING)",
    "FORMAT('%t', week)",
    "FORMAT_DATE('%Y', week)",
    "DATE_TRUNC(week, MONTH)",
    "DATE_ADD(week, INTERVAL 1 DAY)",
    "EXTRACT(YEAR FROM week)",
    "EXTRACT(ISOWEEK FROM week)",
    "DATE_BUCKET(week, INTERVAL 2 WEEK)",
    "TO_HEX(SHA256(region))",
];

/// Texts that may be published.
const PUBLISHABLE: &[&str] = &[
    "SELECT region, COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) AS c FROM library.weekly GROUP BY region HAVING c >= 5000 AND AVG(IF(pages > 3, loans, NULL)) > 4",
    "SELECT region, COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) AS c FROM library.weekly GROUP BY region HAVING c >= 5000 AND SUM(IF(pages > 3, loans, 0)) < 1000000",
    "WITH large AS (SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) SELECT region, SUM(pages) AS pages FROM library.weekly WHERE region IN (SELECT region FROM large) GROUP BY region",
    "SELECT region, 1 - COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) / COUNT(DISTINCT reader_id) AS rest FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000",
    "SELECT region, FORMAT('%.1f%%', 100 * n / c) AS share, CONCAT(CAST(ROUND(100 * n / c, 1) AS STRING), '%') AS text, RANK() OVER (ORDER BY n / c DESC) AS place FROM {G}",
    "SELECT region, week, SAFE_DIVIDE(n, LAG(n) OVER (PARTITION BY region ORDER BY week)) - 1 AS growth FROM (SELECT region, week, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, week HAVING n >= 5000)",
    "SELECT region, n FROM {PART} WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY n DESC, region) <= 10",
    "SELECT region, n FROM {PART} ORDER BY n DESC LIMIT 10",
    "SELECT SUM(m) AS m FROM (SELECT m FROM {HEAVY} JOIN {G} USING (region) ORDER BY n DESC, region LIMIT 2)",
    "SELECT d.region, IFNULL(g.n, 0) AS n, ROUND(100 * IFNULL(g.m, 0) / g.n, 1) AS share, IF(g.region IS NULL, 'few', 'many') AS size FROM library.regions AS d LEFT JOIN {PART} AS g USING (region)",
    "SELECT g.region, COALESCE(h.m, 0) AS m, SAFE_DIVIDE(COALESCE(h.m, 0), g.n) AS share, h.region IS NOT NULL AS heavy FROM {G} AS g LEFT JOIN {HEAVY} AS h ON h.region = g.region",
    "SELECT g.region, CASE WHEN h.region IS NULL THEN 'none' WHEN g.n <= 6000 THEN 'low' ELSE 'high' END AS size FROM {G} AS g LEFT JOIN {HEAVY} AS h ON h.region = g.region",
    "SELECT COALESCE(g.region, 'elsewhere') AS place, COUNT(DISTINCT w.reader_id) AS readers FROM library.weekly AS w LEFT JOIN {G} AS g USING (region) GROUP BY place HAVING readers >= 5000",
    "SELECT region, IF(EXISTS (SELECT 1 FROM {HEAVY} AS h WHERE h.region = g.region), 'yes', 'no') AS heavy, n FROM {G} AS g",
    "SELECT region, IF(region IN (SELECT region FROM {HEAVY}), n, NULL) AS n FROM {G}",
    "SELECT d.region, IF(g.n < 6000, 'small', 'large') AS size FROM library.regions AS d LEFT JOIN {G} AS g USING (region)",
    "SELECT region, EXISTS (SELECT 1 FROM {G} AS g WHERE g.region = d.region AND n <= 6000) AS few FROM library.regions AS d",
    "SELECT region, tag, COUNT(DISTINCT reader_id) AS n, IF(COUNT(*) < 9000, 'small', 'large') AS size FROM (SELECT reader_id, region, 'all' AS tag FROM library.weekly UNION ALL SELECT reader_id, region, 'heavy' FROM library.weekly WHERE pages > 3) GROUP BY region, tag HAVING n >= 5000",
    "SELECT region, AVG(n) AS mean, SUM(n) AS all_of_them, COUNT(*) AS k FROM (SELECT region, tag, COUNT(DISTINCT reader_id) AS n FROM library.weekly, UNNEST(IF(pages > 3, ['all', 'heavy'], ['all'])) AS tag GROUP BY region, tag HAVING n >= 5000) GROUP BY region",
    "SELECT region, branch, COUNTIF(n <= 6000) AS few FROM (SELECT region, branch, week, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region, branch, week HAVING n >= 5000) GROUP BY region, branch",
    "SELECT week - INTERVAL 7 DAY AS before, DATE_TRUNC(week, MONTH) AS month, MIN(DATE_ADD(week, INTERVAL 1 MONTH)) AS after FROM library.weekly GROUP BY before, month, week HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT day FROM library.weekly, UNNEST(GENERATE_DATE_ARRAY(week, DATE_ADD(week, INTERVAL 6 DAY), INTERVAL 1 DAY)) AS day GROUP BY day HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, COALESCE(ROUND(SAFE_DIVIDE(SUM(pages), COUNT(*)), 2), 0) AS mean FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, SUM(pages) AS pages FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND pages IS NOT NULL AND COUNT(*) < 900000",
    "SELECT SUM(n) AS n, COUNT(*) AS groups FROM (SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000)",
    "SELECT region, COUNT(*) AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(pages > 3, reader_id, NULL)) >= 5000",
    "SELECT region, MAX(n) AS n, COUNTIF(n >= 6000) AS large FROM (SELECT region, branch, COUNT(*) AS n FROM library.weekly GROUP BY region, branch HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
    "SELECT SUM(c) AS c FROM (SELECT region, c FROM {G} ORDER BY c DESC LIMIT 10)",
    "SELECT region, SUM(COALESCE(pages, 0)) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT d.region, IFNULL(h.n, 0) AS n FROM library.regions AS d LEFT JOIN {G} AS h USING (region)",
    "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 4999.5",
    "SELECT region FROM library.weekly GROUP BY region HAVING CAST(COUNT(DISTINCT reader_id) AS NUMERIC) >= 5000",
    "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= NUMERIC '4999.5'",
    "SELECT DATE_ADD(week, INTERVAL 1 DAY) AS day, region FROM library.weekly GROUP BY day, region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT STRUCT(region, branch) AS x FROM library.weekly GROUP BY x HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, n / c AS r FROM {G} ORDER BY n / c DESC LIMIT 10",
    "SELECT region, MAX(n / c) AS r FROM (SELECT region, branch, COUNT(*) AS n, COUNT(DISTINCT reader_id) AS c FROM library.weekly GROUP BY region, branch HAVING c >= 5000) GROUP BY region",
    "SELECT region, SUM(v) AS v FROM (SELECT region, n AS v FROM {G} UNION ALL SELECT region, c FROM {G}) GROUP BY region",
    "SELECT region, ARRAY_AGG(v) AS v FROM {G}, UNNEST([n, c]) AS v GROUP BY region",
    "SELECT region, name FROM {G} JOIN library.regions USING (region) WHERE n >= 5000",
    "SELECT region, CASE WHEN c >= 6000 THEN ROUND(100 * n / c, 1) END AS share FROM {G}",
    "SELECT region, x FROM {G}, UNNEST(['a', 'b']) AS x WHERE n >= 6000",
    "SELECT region, IF(COUNT(*) >= 6000, SUM(pages), NULL) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, CASE WHEN COUNT(*) < 6000 THEN NULL ELSE SUM(pages) END AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND SUM(pages) > 0",
    "SELECT region, s FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region) WHERE c >= 5000 AND s BETWEEN 1 AND 1000000",
    "SELECT region, ANY_VALUE(region HAVING MAX week) AS m FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, COALESCE(n, 0) AS n, s / c AS mean FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) WHERE COALESCE(c, 0) >= 6000 AND CAST(n AS INT64) > 5500",
    "SELECT region, IF(n >= 6000, STRUCT(n AS n, s AS s), NULL) AS v FROM (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000)",
    "WITH g AS (SELECT region, COUNT(DISTINCT reader_id) AS n, COUNT(*) AS c, SUM(pages) AS s FROM library.weekly GROUP BY region HAVING n >= 5000) SELECT a.region, a.n FROM (SELECT region, n FROM g WHERE c >= 7000) AS a JOIN (SELECT region FROM g WHERE n >= 6000) AS b USING (region)",
    "SELECT region, c FROM {G} WHERE n >= 6000 AND c >= 5500",
    "SELECT region, IF(n >= 6000, c, NULL) AS c FROM {G}",
    "SELECT region, c FROM {G} GROUP BY region, c",
    "SELECT region, IF(c >= 9000, 'large', 'small') AS size FROM {G}",
    "SELECT region, c, RANK() OVER (ORDER BY c DESC) AS place FROM {G}",
    "SELECT ARRAY(SELECT region FROM {G} ORDER BY region) AS regions",
    "SELECT ARRAY_AGG(STRUCT(region, c) ORDER BY region) AS regions FROM {G}",
    "SELECT region, c FROM {G} WHERE c BETWEEN 5000 AND 9000",
    "{LARGE}",
    "SELECT region, MAX(week) AS last FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers, SUM(pages) AS pages, AVG(loans) AS loans, SUM(pages) / COUNT(DISTINCT reader_id) AS each FROM library.weekly GROUP BY region HAVING readers >= 5000",
    "SELECT region, SUM(pages) + SUM(loans) AS both FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, IF(COUNT(DISTINCT reader_id) >= 9000, 'large', 'middle') AS size FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly WHERE reader_id IN (SELECT reader_id FROM library.visits WHERE branch = 'attic') GROUP BY region HAVING readers >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly AS w WHERE EXISTS (SELECT 1 FROM library.visits AS v WHERE v.reader_id = w.reader_id) GROUP BY region HAVING readers >= 5000",
    "SELECT branch, COUNT(DISTINCT reader_id) AS readers FROM library.weekly WHERE region IN (SELECT region FROM ({LARGE})) GROUP BY branch HAVING readers >= 5000",
    "SELECT region, COUNT(*) AS readers FROM library.weekly WHERE week = (SELECT MAX(week) FROM library.weekly) GROUP BY region HAVING COUNT(*) >= 5000",
    "SELECT region FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000 AND COUNT(*) < 900000 AND SUM(pages) > 0",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000 ORDER BY readers DESC LIMIT 10",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000 ORDER BY readers DESC LIMIT 10",
    "SELECT w.region, SUM(w.pages) AS pages FROM library.weekly AS w JOIN ({LARGE}) AS l USING (region) GROUP BY w.region",
    "SELECT region, readers, LAG(readers) OVER (ORDER BY region) AS before FROM ({LARGE})",
    "SELECT region, MIN(readers) AS least FROM (SELECT region, week, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region, week) GROUP BY region HAVING MIN(readers) >= 5000",
    "SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT reader_id)) AS readers FROM library.weekly GROUP BY region HAVING ARRAY_LENGTH(ARRAY_AGG(DISTINCT reader_id)) >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING (readers >= 5000) IS TRUE",
    "SELECT region, COUNTIF(BOOL(PARSE_JSON(notes).Overdue)) AS c FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT IF(BOOL(PARSE_JSON(Notes).Overdue), reader_id, NULL)) >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING CASE readers >= 5000 WHEN TRUE THEN TRUE END",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING CASE WHEN readers >= 5000 THEN TRUE ELSE FALSE END AND region IS NOT NULL",
    "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING TRUE = (readers >= 5000)",
    "WITH settings AS (SELECT 5000 AS least), groups AS (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) SELECT region, readers FROM groups, settings WHERE readers >= settings.least",
    "WITH settings AS (SELECT 5000 AS least) SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly CROSS JOIN settings GROUP BY region, least HAVING readers >= least",
    "SELECT region, readers FROM (SELECT region, COUNT(DISTINCT reader_id) OVER (PARTITION BY region) AS readers FROM library.weekly) WHERE readers >= 5000 GROUP BY region, readers",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly WHERE TRUE GROUP BY region HAVING n >= 5000 ORDER BY n DESC LIMIT 10",
    "SELECT a.region, COUNT(DISTINCT a.reader_id) AS n FROM library.weekly AS a, library.visits AS b WHERE a.reader_id = b.reader_id GROUP BY a.region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n, SUM(loans / 60) AS hours, SUM(-pages) AS owed FROM library.weekly GROUP BY region HAVING n >= 5000",
    "SELECT region, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000 UNION ALL SELECT region, COUNT(DISTINCT reader_id) FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
    "SELECT region, ['low', 'high'][OFFSET(IF(n >= 9000, 1, 0))] AS size FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000)",
    "SELECT region, ARRAY_LENGTH(ARRAY_AGG(DISTINCT reader_id)) AS n FROM library.weekly GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT TO_HEX(SHA256(reader_id))) AS n FROM library.weekly GROUP BY region HAVING n >= 5000",
    "SELECT a.region, a.n, b.m FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region) AS a JOIN (SELECT region, COUNT(DISTINCT reader_id) AS m FROM library.visits GROUP BY region) AS b USING (region) WHERE n >= 5000 AND m >= 5000",
    "SELECT DISTINCT region, n FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= 5000)",
    "WITH c AS (SELECT reader_id, region, IF(branch = 'attic', reader_id, NULL) AS attic FROM library.weekly) SELECT a.region, COUNT(DISTINCT b.attic) AS n FROM c AS a JOIN c AS b USING (reader_id) GROUP BY a.region HAVING n >= 5000",
    "WITH c AS (SELECT reader_id, region, IF(branch = 'attic', pages, NULL) AS v, IF(branch = 'attic', reader_id, NULL) AS attic FROM library.weekly) SELECT a.region, SUM(a.v) AS s FROM c AS a JOIN c AS b USING (reader_id) GROUP BY a.region HAVING COUNT(DISTINCT a.attic) >= 5000",
    "SELECT v.region, COUNT(DISTINCT w.reader_id) AS n FROM library.weekly AS w JOIN library.visits AS v ON w.reader_id IS NOT DISTINCT FROM v.reader_id GROUP BY v.region HAVING n >= 5000",
    "SELECT v.region, COUNT(DISTINCT w.reader_id) AS n FROM library.weekly AS w JOIN library.visits AS v ON IF(w.pages > 5, w.reader_id, NULL) = IF(v.pages > 5, v.reader_id, NULL) GROUP BY v.region HAVING n >= 5000",
    "SELECT v.region, COUNT(DISTINCT w.reader_id) AS n FROM library.weekly AS w JOIN library.visits AS v ON w.reader_id IS NOT DISTINCT FROM IF(v.pages > 5, v.reader_id, NULL) GROUP BY v.region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly AS a WHERE NOT EXISTS (SELECT 1 FROM library.visits AS b WHERE b.reader_id IS NOT DISTINCT FROM a.reader_id) GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly WHERE IF(branch = 'attic', reader_id, NULL) IN (SELECT reader_id FROM library.visits) GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly WHERE reader_id IN (SELECT IF(pages > 5, reader_id, NULL) FROM library.visits) GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, region FROM library.weekly EXCEPT DISTINCT SELECT reader_id, region FROM library.visits) GROUP BY region HAVING n >= 5000",
    "SELECT region, SUM(v) AS s FROM (SELECT region, pages AS v, reader_id FROM library.weekly UNION ALL SELECT region, loans, reader_id FROM library.visits) GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, SUM(v) AS s FROM (SELECT region, pages AS v, reader_id AS u, reader_id FROM library.weekly UNION ALL SELECT region, NULL, NULL, reader_id FROM library.visits) GROUP BY region HAVING COUNT(DISTINCT u) >= 5000",
    "SELECT region, MAX(readers) AS readers, MAX(pages) AS pages FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers, NULL AS pages FROM library.weekly GROUP BY region HAVING readers >= 5000 UNION ALL SELECT region, NULL, SUM(pages) FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000) GROUP BY region",
    "SELECT r.country, COUNT(DISTINCT w.reader_id) AS n, SUM(w.pages) AS pages FROM library.weekly AS w LEFT JOIN library.regions AS r ON r.region = w.region GROUP BY r.country HAVING n >= 5000",
    "SELECT region, SUM(pages * s.factor) AS s FROM library.weekly CROSS JOIN (SELECT 60 AS factor) AS s GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "DECLARE least NUMERIC DEFAULT 5000;\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= least",
    "DECLARE least FLOAT64 DEFAULT 4999.5;\nSELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region HAVING n >= least",
    "WITH s AS (SELECT 5e3 AS least) SELECT region, n FROM (SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly GROUP BY region), s WHERE n >= s.least",
    "SELECT region, COUNT(reader_id = 'x') AS n FROM library.weekly GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
];

/// Texts that are proven although rows are selected by an identifier: NULL in it is
/// no person.
const PROVEN: &[&str] = &[
    "SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING n > 10",
    "SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING label != 'west'",
    "SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING label IN ('west', 'east')",
    "SELECT IF(c >= 5000, region, 'Other') AS label, SUM(n) AS n FROM (SELECT region, COUNT(DISTINCT reader_id) AS c, COUNT(*) AS n, MAX(pages) AS m FROM library.weekly GROUP BY region) GROUP BY label HAVING label != 'Other' AND n > 10",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, region, id FROM (SELECT reader_id, region, IF(pages > 5, reader_id, NULL) AS id FROM library.weekly) WHERE id IS NOT NULL) WHERE id NOT IN (SELECT reader_id FROM library.visits) GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly WHERE reader_id NOT IN (SELECT reader_id FROM library.visits) GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM library.weekly WHERE reader_id NOT IN (SELECT id FROM (SELECT IF(pages > 5, reader_id, NULL) AS id FROM library.visits) WHERE id IS NOT NULL) GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, region, COUNT(*) OVER (PARTITION BY reader_id) AS k FROM library.visits) WHERE k > 1 GROUP BY region HAVING n >= 5000",
    "SELECT region, COUNT(DISTINCT reader_id) AS n FROM (SELECT reader_id, a.region, COUNT(*) OVER (PARTITION BY reader_id) AS k FROM library.weekly AS a FULL JOIN library.visits AS b USING (reader_id)) WHERE k > 1 GROUP BY region HAVING n >= 5000",
];

fn assessed(sql: &str) -> Assessment {
    let registry = SourceText::new("dimension-registry.toml", REGISTRY);
    let registry = Registry::parse(&registry).expect("the registry is valid");
    let text = SourceText::new(
        "text.sql",
        sql.replace("{LARGE}", LARGE)
            .replace("{G}", COUNTED)
            .replace("{HEAVY}", HEAVY)
            .replace("{PART}", PART),
    );
    let mut file = assess_text(text, &registry, &TemplateSettings::default());
    file.datasets.pop().expect("a text yields a dataset")
}

/// Asserts that `wrong` finds no fault in the dataset of any text.
fn assert_no_faults(
    texts: impl IntoIterator<Item = &'static str>,
    wrong: impl Fn(&Assessment) -> Option<String>,
) {
    let faults: Vec<String> = texts
        .into_iter()
        .filter_map(|sql| {
            let dataset = assessed(sql);
            let codes: Vec<&str> = dataset.findings.iter().map(|f| f.rule.code).collect();
            Some(format!("{}, {codes:?}: {sql}", wrong(&dataset)?))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn texts_of(kinds: &'static [(&str, &[&str])]) -> impl Iterator<Item = &'static str> {
    kinds.iter().flat_map(|(_, texts)| texts.iter().copied())
}

#[test]
fn unproven_row_has_no_bucket() {
    assert_no_faults(texts_of(UNPROVEN), |dataset| {
        let proven = dataset.decision.bucket.proven.unwrap_or(0);
        let free = dataset.verdict == Verdict::Publishable;
        (proven >= 5000 || free).then(|| format!("proven {proven}"))
    });
}

#[test]
fn uncovered_value_stops_the_dataset() {
    assert_no_faults(texts_of(UNCOVERED), |dataset| {
        let free = dataset.verdict == Verdict::Publishable;
        let stops = ["HC111", "HC112", "HC113", "HC116"];
        let found = dataset
            .findings
            .iter()
            .any(|f| stops.contains(&f.rule.code));
        (free || !found).then(|| "nothing stops it".to_owned())
    });
}

#[test]
fn number_of_an_identifier_is_individual() {
    assert_no_faults(IDENTIFIERS.iter().copied(), |dataset| {
        let level = dataset.decision.level.map_or(0, |level| level.number());
        (level < 5).then(|| format!("level {level}"))
    });
}

#[test]
fn divisor_of_a_clock_counts_in_its_unit() {
    let too_fine = |time: &str| {
        let dataset = assessed(&format!(
            "SELECT region, {time} AS t, COUNT(*) AS c FROM archive.weekly GROUP BY region, t"
        ));
        dataset.decision.level.map(|level| level.number()) == Some(7)
    };
    for time in FINE_TIMES.iter().chain(READ_AS_TIMES) {
        assert!(too_fine(time), "{time}");
    }
    for time in COARSE_TIMES.iter().chain(NO_TIMES) {
        assert!(!too_fine(time), "{time}");
    }
}

#[test]
fn equal_values_need_not_be_the_same() {
    assert_no_faults(DISTINGUISH_EQUAL_VALUES.iter().copied(), |dataset| {
        (dataset.verdict == Verdict::Publishable).then(|| "publishable".to_owned())
    });
}

#[test]
fn function_of_the_keys_shows_nothing_more() {
    for function in EQUAL_FOR_EQUAL_ARGUMENTS {
        let dataset = assessed(&format!(
            "SELECT region, branch, week, rate, MIN({function}) AS v FROM library.weekly GROUP BY region, branch, week, rate HAVING COUNT(DISTINCT reader_id) >= 5000"
        ));
        assert!(dataset.findings.is_empty(), "{function}");
    }
}

#[test]
fn identifier_that_is_null_for_nobody_finds_one_person() {
    assert_no_faults(PROVEN.iter().copied(), |dataset| {
        let proven = dataset.decision.bucket.proven.unwrap_or(0);
        (proven < 5000).then(|| format!("proven {proven}"))
    });
}

#[test]
fn safe_text_is_publishable() {
    assert_no_faults(PUBLISHABLE.iter().copied(), |dataset| {
        (dataset.verdict != Verdict::Publishable).then(|| "refused".to_owned())
    });
}
