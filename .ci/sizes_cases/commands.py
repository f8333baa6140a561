"""Inputs that are more expensive to report, to explain or to fix than to assess."""

from sizes_cases.case import COUNTED, FIX, JSON, REVIEW, T, numbered, simple


def chained(make, last="SELECT a, COUNT(*) AS n FROM c@ GROUP BY 1"):
    """Returns a case of CTEs, each of which derives a value from the previous one."""

    def text(n):
        steps = "".join(f", c{at} AS (SELECT {make} AS a FROM c{at - 1})" for at in range(1, n))
        return f"WITH c0 AS (SELECT country AS a FROM {T}){steps} " + last.replace("@", str(n - 1))

    return text


simple("review_concat", 60, chained("CONCAT(a, a)"), REVIEW)
simple("review_arrays", 60, chained("ARRAY_CONCAT(a, a)"), REVIEW)
simple("review_structs", 42, chained("STRUCT(a AS p, a AS q)"), REVIEW)
simple("review_cross_joins", 30, lambda n: f"WITH c0 AS (SELECT country AS a FROM {T})" + "".join(f", c{at} AS (SELECT x.a FROM c{at - 1} AS x CROSS JOIN c{at - 1} AS y)" for at in range(1, n)) + f" SELECT a, COUNT(*) AS n FROM c{n - 1} GROUP BY 1", REVIEW)
simple("review_unnests", 3, lambda n: f"SELECT country, {COUNTED} FROM {T}, {numbered(n, 'UNNEST(GENERATE_ARRAY(1, 999)) AS u#')} GROUP BY 1", REVIEW)
simple("review_lists", 9, lambda n: f"SELECT country, {COUNTED} FROM {T}, {numbered(n, 'UNNEST([1, 2, 3, 4, 5, 6, 7, 8, 9]) AS u#')} GROUP BY 1", REVIEW)
simple("review_unions", 50, lambda n: f"WITH c AS (SELECT country FROM {T}) SELECT country, COUNT(*) AS n FROM ({' UNION ALL '.join(['SELECT country FROM c'] * n)}) GROUP BY 1", REVIEW)
simple("review_conditions", 2500, lambda n: f"SELECT country, {COUNTED} FROM {T} WHERE " + " AND ".join(f"os != CHR({at})" for at in range(n)) + " GROUP BY 1", REVIEW)
simple("review_likes", 3100, lambda n: f"SELECT country, {COUNTED} FROM {T} WHERE " + " AND ".join(f"x{at} LIKE ANY ('a', 'b')" for at in range(n)) + " GROUP BY 1", REVIEW)
simple("lineage_columns_moved", 1600, lambda n: f"WITH RECURSIVE r AS (SELECT {numbered(n, 'a#')}, client_id FROM {T} UNION ALL SELECT {', '.join(f'a{(at + 1) % n}' for at in range(n))}, client_id FROM r) SELECT a0, {COUNTED} FROM r GROUP BY 1", ["lineage", "q.sql"])
simple("json_keys", 2400, lambda n: f"SELECT {numbered(n, 'a#')}, {COUNTED} FROM {T} GROUP BY {numbered(n, '#').replace('0, ', '', 1)}, {n}", JSON)
simple("json_keys_all", 2400, lambda n: f"SELECT {numbered(n, 'a#')}, {COUNTED} FROM {T} GROUP BY ALL", JSON)
simple("json_using", 2400, lambda n: f"SELECT {numbered(n, 'a#')} FROM {T} JOIN d.t USING ({numbered(n, 'a#')})", JSON)
simple("json_stars", 320, lambda n: f"WITH c AS (SELECT {numbered(320, 'a#')} FROM {T}) SELECT {', '.join(['*'] * n)} FROM c", JSON)
simple("json_many_stars", 2990, lambda n: f"WITH c AS (SELECT {numbered(320, 'a#')} FROM {T}) SELECT {', '.join(['*'] * n)} FROM c", JSON)
simple("json_shared_fields", 42, lambda n: f"WITH c0 AS (SELECT country AS s, client_id FROM {T})" + "".join(f", c{at} AS (SELECT STRUCT(s AS p, s AS q) AS s, client_id FROM c{at - 1})" for at in range(1, n)) + f" SELECT s, {COUNTED} FROM c{n - 1} GROUP BY 1", JSON)
simple("json_equals", 7000, lambda n: f"SELECT {' = '.join(['a'] * n)} AS x FROM {T}", JSON)
simple("json_nulls", 7000, lambda n: f"SELECT a{' IS NOT NULL' * n} AS x FROM {T}", JSON)
simple("json_likes", 7000, lambda n: f"SELECT a{' LIKE a' * n} AS x FROM {T}", JSON)
simple("review_ands_shared", 30, lambda n: f"WITH c0 AS (SELECT country, client_id, os = 'x' AS a0 FROM {T})" + "".join(f", c{at} AS (SELECT country, client_id, (a{at - 1} AND a{at - 1} AND a{at - 1} AND a{at - 1}) AS a{at} FROM c{at - 1})" for at in range(1, n)) + f" SELECT country, {COUNTED} FROM c{n - 1} WHERE a{n - 1} GROUP BY 1", REVIEW)
simple("fix_tables", 200, lambda n: "".join(f"CREATE TABLE d.o{at} AS SELECT country, {COUNTED} FROM {T} GROUP BY 1;\n" for at in range(n)), FIX)
simple("fix_keys", 6970, lambda n: f"SELECT {numbered(n, 'a#')}, {COUNTED} FROM {T} GROUP BY ALL", FIX)
simple("dashes", 8000, lambda n: f"SELECT {'-'.join(['a'] * n)} FROM {T}")
simple("formats", 2000, lambda n: f"DECLARE a STRING DEFAULT 'x'; EXECUTE IMMEDIATE FORMAT('x'{', a' * n})")
simple("executed_sets", 2365, lambda n: "DECLARE s STRING;" + "SET s='SELECT 1'; EXECUTE IMMEDIATE s;\n" * n)
simple("least_counts", 1567, lambda n: f"SELECT country, {numbered(n, 'COUNT(DISTINCT IF(a#, client_id, NULL)) AS n#')} FROM {T} GROUP BY 1 HAVING LEAST({numbered(n, 'n#')}) >= 5000")
simple("nested_structs", 1093, lambda n: f"WITH c0 AS (SELECT country AS s, client_id FROM {T})" + "".join(f", c{at} AS (SELECT STRUCT(s AS p, client_id AS q) AS s, client_id FROM c{at - 1})" for at in range(1, n)) + f" SELECT s, {COUNTED} FROM c{n - 1} GROUP BY 1")
simple("script_squares", 40, lambda n: "DECLARE a INT64 DEFAULT 3;\n" + "SET a = a * a;\n" * n + "SELECT a;")
simple("script_array_concats", 40, lambda n: "DECLARE a ARRAY<INT64> DEFAULT [3];\n" + "SET a = ARRAY_CONCAT(a, a);\n" * n + "SELECT a;")
simple("script_sums", 40, lambda n: "DECLARE v0 INT64 DEFAULT 3;\n" + "".join(f"DECLARE v{at} INT64; SET v{at} = v{at - 1} + v{at - 1};\n" for at in range(1, n)) + f"SELECT v{n - 1};")
