//! The lists of `design/proof.md` with k = 3: queries that must be accepted, queries
//! that must be refused, and rewrites that preserve the meaning.

/// Queries whose every row stands for at least three people.
pub const ACCEPTED: &[&str] = &[
    "SELECT country, COUNT(*) AS n FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) > 2 AND COUNT(*) < 50",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) BETWEEN 3 AND 90",
    "SELECT country FROM t GROUP BY country HAVING NOT (COUNT(DISTINCT id) < 3)",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 4",
    "SELECT country FROM t GROUP BY country, os HAVING COUNT(DISTINCT id) >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT IF(n > 0, id, NULL)) >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT CASE WHEN n > 0 THEN id END) >= 3",
    "SELECT country, COUNT(*) AS n FROM p GROUP BY country HAVING COUNT(*) >= 3",
    "SELECT country, COUNT(*) AS n FROM (SELECT id, MIN(country) AS country FROM t WHERE id IS NOT NULL GROUP BY id) GROUP BY country HAVING COUNT(*) >= 3",
    "SELECT country, c FROM (SELECT country, COUNT(DISTINCT id) AS c FROM t GROUP BY country) WHERE c >= 3",
    "SELECT country, COUNT(DISTINCT id) AS c FROM t GROUP BY country QUALIFY c >= 3",
    "WITH large AS (SELECT country, os FROM t GROUP BY country, os HAVING COUNT(DISTINCT id) >= 3) SELECT country FROM large WHERE os = 'mac'",
    "SELECT country, SUM(c) AS c FROM (SELECT country, os, COUNT(DISTINCT id) AS c FROM t GROUP BY country, os HAVING COUNT(DISTINCT id) >= 3) GROUP BY country",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 3 UNION ALL SELECT os FROM e GROUP BY os HAVING COUNT(DISTINCT id) >= 3",
    "SELECT a.country, b.os FROM (SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 3) AS a FULL JOIN (SELECT os FROM e GROUP BY os HAVING COUNT(DISTINCT id) >= 3) AS b ON a.country = b.os",
    "SELECT t.country FROM t JOIN p ON t.id = p.id GROUP BY t.country HAVING COUNT(DISTINCT t.id) >= 3",
    "SELECT country, COUNT(*) AS n FROM (SELECT id, country FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY n) = 1) GROUP BY country HAVING COUNT(*) > 3",
    "SELECT country, SUM(c) AS n FROM (SELECT country, os, COUNT(DISTINCT id) AS c FROM p GROUP BY country, os) GROUP BY country HAVING SUM(c) >= 3",
    "SELECT country, MAX(c) AS n FROM (SELECT country, os, COUNT(DISTINCT id) AS c FROM t GROUP BY country, os) GROUP BY country HAVING MAX(c) >= 3",
    "SELECT country, COUNT(*) AS n FROM (SELECT country, os FROM t QUALIFY COUNT(DISTINCT id) OVER (PARTITION BY country) >= 3) GROUP BY country",
    "SELECT label, SUM(n) AS n FROM (SELECT IF(COUNT(DISTINCT id) >= 3, country, 'Other') AS label, COUNT(*) AS n FROM t GROUP BY country) GROUP BY label HAVING label != 'Other'",
    "SELECT country FROM (SELECT country, COUNT(DISTINCT id) >= 3 AS large FROM t GROUP BY country) WHERE large",
    "SELECT day, COUNT(DISTINCT CONCAT(id, CAST(day AS STRING))) AS c FROM q GROUP BY day HAVING c >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) IN (3, 4) OR COUNT(DISTINCT id) > 4",
    "SELECT COUNT(*) AS n FROM (SELECT id FROM t WHERE id IS NOT NULL GROUP BY id) AS a FULL JOIN (SELECT id FROM e WHERE id IS NOT NULL GROUP BY id) AS b USING (id) HAVING COUNT(*) >= 3",
    "SELECT country FROM t GROUP BY country HAVING IF(COUNT(DISTINCT id) >= 3, TRUE, FALSE)",
];

/// Rewrites of queries of [`ACCEPTED`] that preserve their lower bound.
pub const REWRITTEN: &[&str] = &[
    "SELECT t.country, COUNT(*) AS n FROM t AS t GROUP BY 1 HAVING COUNT(DISTINCT t.id) >= 3",
    "SELECT country, n FROM (SELECT country, COUNT(*) AS n, COUNT(DISTINCT id) AS c FROM t GROUP BY country) WHERE c >= 3",
    "SELECT country, COUNT(*) AS n, COUNT(DISTINCT id) AS c FROM t GROUP BY country HAVING c >= 3",
    "WITH g AS (SELECT country, COUNT(*) AS n, COUNT(DISTINCT id) AS c FROM t GROUP BY country) SELECT country, n FROM g WHERE 3 <= c",
    "FROM t |> AGGREGATE COUNT(*) AS n, COUNT(DISTINCT id) AS c GROUP BY country |> WHERE c >= 3 |> SELECT country, n",
    "SELECT country FROM (SELECT country, os FROM t GROUP BY country, os HAVING COUNT(DISTINCT id) >= 3) WHERE os = 'mac'",
    "SELECT t.country FROM t JOIN p USING (id) GROUP BY t.country HAVING COUNT(DISTINCT id) >= 3",
];

/// Queries in which some row stands for fewer than three people on some database.
pub const REFUSED: &[&str] = &[
    "SELECT country, SUM(c) AS total FROM (SELECT t.country, r.one, COUNT(DISTINCT t.id) AS c FROM t LEFT JOIN (SELECT 'mac' AS os, 1 AS one) AS r ON t.os = r.os GROUP BY t.country, r.one) GROUP BY country HAVING SUM(c) >= 3",
    "SELECT label, SUM(n) AS n FROM (SELECT IF(COUNT(*) > 1, IFNULL(IF(COUNT(DISTINCT id) >= 3, country, NULL), 'few'), 'Other') AS label, COUNT(*) AS n FROM t GROUP BY country) GROUP BY label HAVING label != 'Other'",
    "SELECT t.country, MAX(s.c) AS c FROM t JOIN (SELECT os, COUNT(*) AS c FROM e GROUP BY os) AS s ON t.os = s.os GROUP BY t.country HAVING COUNT(DISTINCT t.id) >= 3",
    "SELECT t.country, COUNT(*) AS c FROM t JOIN e ON t.os = e.os WHERE e.n > 0 GROUP BY t.country HAVING COUNT(DISTINCT t.id) >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(*) >= 3",
    "SELECT country, COUNT(*) AS n FROM (SELECT id, MIN(country) AS country FROM t GROUP BY id) GROUP BY country HAVING COUNT(*) >= 3",
    "SELECT p.country FROM p JOIN t ON p.os = t.os GROUP BY p.country HAVING COUNT(*) >= 3",
    "SELECT country FROM p, UNNEST([1, 2, 3]) AS x GROUP BY country HAVING COUNT(*) >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 3 OR country = 'DE'",
    "SELECT country, os, COUNT(*) AS n FROM t WHERE country IN (SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 3) GROUP BY country, os",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT IF(n > 0, id, country)) >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT COALESCE(id, '?')) >= 3",
    "SELECT country FROM q GROUP BY country HAVING COUNT(DISTINCT CONCAT(id, CAST(day AS STRING))) >= 3",
    "SELECT country, SUM(c) AS total FROM (SELECT country, day, COUNT(DISTINCT id) AS c FROM q GROUP BY country, day) GROUP BY country HAVING SUM(c) >= 3",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 3 UNION ALL SELECT country FROM e GROUP BY country",
    "SELECT t.country, t.os, COUNT(*) AS n FROM t JOIN (SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) >= 3) AS large USING (country) GROUP BY t.country, t.os",
    "SELECT country FROM t GROUP BY country HAVING CASE WHEN country = 'DE' THEN COUNT(DISTINCT id) >= 1 ELSE COUNT(DISTINCT id) >= 3 END",
    "SELECT country, COUNT(*) AS n FROM (SELECT country, n, COUNT(DISTINCT id) OVER (PARTITION BY country) AS c FROM t) WHERE c >= 3 AND n > 1 GROUP BY country",
    "SELECT country FROM t GROUP BY country HAVING COUNT(DISTINCT id) * 3 >= 3",
];
