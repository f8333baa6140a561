//! What a row and a value are proven to stand for, kind by kind: texts that
//! claim too much if a rule of `docs/proof.md` is left out, and their like that
//! may be published.

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
role = "timestamp"
category = 1
resolution = "subsecond"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "region"
aliases = ["branch", "name", "member"]
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
columns = ["region", "name"]
"#;

/// The large regions of a week: `{LARGE}` in a text.
const LARGE: &str = "SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region HAVING readers >= 5000";

/// Rows that may stand for fewer people than the bucket.
const UNPROVEN: &[(&str, &[&str])] = &[
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
            "SELECT branch, readers FROM (SELECT IF(readers >= 5000, region, 'Other') AS label, branch, SUM(readers) AS readers FROM (SELECT region, branch, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region, branch) GROUP BY label, branch)",
            "SELECT REPLACE(label, 'Other', 'Rest') AS label FROM (SELECT IF(readers >= 5000, region, 'Other') AS label FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) GROUP BY label)",
        ],
    ),
    (
        "a fold hides nothing of which another form stands beside it",
        &[
            "SELECT IF(readers >= 5000, region, 'Other') AS region, UPPER(region) AS loud, SUM(readers) AS readers FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) GROUP BY 1, 2",
            "SELECT IF(g.readers >= 5000, g.region, 'Other') AS region, r.name, SUM(g.readers) AS readers FROM (SELECT region, COUNT(DISTINCT reader_id) AS readers FROM library.weekly GROUP BY region) AS g JOIN library.regions AS r ON g.region = r.region GROUP BY 1, 2",
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
];

/// Rows that are large enough, and a value that may be of fewer people.
const UNCOVERED: &[(&str, &[&str])] = &[
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
];

/// Identifiers that a number tells.
const IDENTIFIERS: &[&str] = &[
    "SELECT region, week, SUM(CAST(reader_id AS INT64)) AS n FROM library.weekly GROUP BY region, week",
    "SELECT region, week, AVG(FARM_FINGERPRINT(reader_id)) AS n FROM library.weekly GROUP BY region, week",
    "SELECT MOD(CAST(reader_id AS INT64), 101) AS a, MOD(CAST(reader_id AS INT64), 103) AS b, COUNT(*) AS n FROM library.weekly GROUP BY a, b",
    "SELECT STARTS_WITH(reader_id, '48') AS ours, COUNT(*) AS n FROM library.weekly GROUP BY ours",
];

/// Divisions that leave a time finer than the day and finer than the minute.
const FINE_TIMES: &[&str] = &[
    "DIV(UNIX_MICROS(seen), 60)",
    "DIV(UNIX_MICROS(seen), 86400)",
    "DIV(UNIX_MILLIS(seen), 3600)",
    "DIV(UNIX_MILLIS(seen) * 1000, 86400000)",
    "DIV(UNIX_SECONDS(seen) * 86400, 86400)",
    "DIV(IF(region = 'north', UNIX_MICROS(seen), 0), 86400)",
];

/// Divisions that leave the day.
const COARSE_TIMES: &[&str] = &[
    "DIV(UNIX_SECONDS(seen), 86400)",
    "DIV(UNIX_MILLIS(seen), 86400000)",
    "DIV(UNIX_MICROS(seen), 86400000000)",
];

/// Values of a few people that are equal to those of others, and not the same.
const TELL_EQUAL_APART: &[&str] = &[
    "SELECT region, MIN(branch) AS branch FROM library.weekly WHERE branch = COLLATE('attic', 'und:ci') GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT rate, MIN(IEEE_DIVIDE(1, rate)) AS sign FROM library.weekly GROUP BY rate HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT rate, MIN(FORMAT('%t', rate)) AS text FROM library.weekly GROUP BY rate HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT rate, MIN(ATAN2(rate, -1)) AS side FROM library.weekly GROUP BY rate HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT region, MIN(IEEE_DIVIDE(1, rate)) AS sign FROM library.weekly WHERE rate = 0 GROUP BY region HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT span, MIN(EXTRACT(DAY FROM span)) AS days FROM (SELECT reader_id, MAKE_INTERVAL(month => pages, day => loans) AS span FROM library.weekly) GROUP BY span HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT span, MIN(CAST(span AS STRING)) AS text FROM (SELECT reader_id, MAKE_INTERVAL(month => pages, day => loans) AS span FROM library.weekly) GROUP BY span HAVING COUNT(DISTINCT reader_id) >= 5000",
    "SELECT span, MIN(DATE '2024-01-31' + span) AS ending FROM (SELECT reader_id, MAKE_INTERVAL(month => pages, day => loans) AS span FROM library.weekly) GROUP BY span HAVING COUNT(DISTINCT reader_id) >= 5000",
];

/// Functions that give equal values for equal arguments, whatever their types.
const SAME_FOR_EQUAL: &[&str] = &[
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

/// What may be published.
const PUBLISHABLE: &[&str] = &[
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
];

fn assessed(sql: &str) -> Assessment {
    let registry = SourceText::new("dimension-registry.toml", REGISTRY);
    let registry = Registry::parse(&registry).expect("the registry is valid");
    let text = SourceText::new("text.sql", sql.replace("{LARGE}", LARGE));
    let mut file = assess_text(text, &registry, &TemplateSettings::default());
    file.datasets.pop().expect("a text yields a dataset")
}

/// What is wrong with each text of a list; `wrong` says it of one.
fn held_against(
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
    held_against(texts_of(UNPROVEN), |dataset| {
        let proven = dataset.decision.bucket.proven.unwrap_or(0);
        let free = dataset.verdict == Verdict::Publishable;
        (proven >= 5000 || free).then(|| format!("proven {proven}"))
    });
}

#[test]
fn uncovered_value_stops_the_dataset() {
    held_against(texts_of(UNCOVERED), |dataset| {
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
    held_against(IDENTIFIERS.iter().copied(), |dataset| {
        let level = dataset.decision.level.map_or(0, |level| level.number());
        (level < 5).then(|| format!("level {level}"))
    });
}

#[test]
fn divisor_of_a_clock_counts_in_its_unit() {
    let too_fine = |time: &str| {
        let dataset = assessed(&format!(
            "SELECT region, {time} AS t, COUNT(*) AS c FROM library.weekly GROUP BY region, t"
        ));
        dataset.findings.iter().any(|f| f.rule.code == "HC305")
    };
    for time in FINE_TIMES {
        assert!(too_fine(time), "{time}");
    }
    for time in COARSE_TIMES {
        assert!(!too_fine(time), "{time}");
    }
}

#[test]
fn equal_values_need_not_be_the_same() {
    held_against(TELL_EQUAL_APART.iter().copied(), |dataset| {
        (dataset.verdict == Verdict::Publishable).then(|| "publishable".to_owned())
    });
}

#[test]
fn function_of_the_keys_shows_nothing_more() {
    for function in SAME_FOR_EQUAL {
        let dataset = assessed(&format!(
            "SELECT region, branch, week, rate, MIN({function}) AS v FROM library.weekly GROUP BY region, branch, week, rate HAVING COUNT(DISTINCT reader_id) >= 5000"
        ));
        assert!(dataset.findings.is_empty(), "{function}");
    }
}

#[test]
fn safe_text_is_publishable() {
    held_against(PUBLISHABLE.iter().copied(), |dataset| {
        (dataset.verdict != Verdict::Publishable).then(|| "refused".to_owned())
    });
}
