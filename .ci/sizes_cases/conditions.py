"""Conditions, operands and branches."""

from sizes_cases.case import COUNTED, T, grouped, numbered, simple
def nested(n):
    return f"IF(a{n}, {nested(n - 1)}, {nested(n - 1)})" if n else "country"


for word, text in (("and", " AND "), ("or", " OR ")):
    simple(f"operands_{word}_where", 50000, lambda n, text=text: grouped("country", "WHERE " + numbered(n, "x# = #", text)))
    simple(f"operands_{word}_where_one_column", 50000, lambda n, text=text: grouped("country", "WHERE " + numbered(n, "os = '#'", text)))
    simple(f"operands_{word}_column", 50000, lambda n, text=text: f"SELECT {numbered(n, 'x# = #', text)} AS y, client_id FROM {T}")
    simple(f"operands_{word}_key", 50000, lambda n, text=text: grouped(numbered(n, "x# = #", text) + " AS k"))
    simple(f"operands_{word}_on", 20000, lambda n, text=text: f"SELECT a.country FROM {T} AS a JOIN `t` AS b ON " + numbered(n, "a.x# = b.x#", text))
    simple(f"operands_{word}_having", 20000, lambda n, text=text: f"SELECT country FROM {T} GROUP BY 1 HAVING " + numbered(n, "SUM(x#) > #", text))
    simple(f"operands_{word}_having_counts", 20000, lambda n, text=text: f"SELECT country FROM {T} GROUP BY 1 HAVING " + numbered(n, "COUNT(DISTINCT IF(os = '#', client_id, NULL)) >= 5000", text))
    simple(f"operands_{word}_having_same", 20000, lambda n, text=text: f"SELECT country FROM {T} GROUP BY 1 HAVING " + numbered(n, "COUNT(DISTINCT client_id) >= 5000", text))
simple("and_or_mixed", 20000, lambda n: grouped("country", "WHERE " + numbered(n, "(a# = 1 AND b# = 2)", " OR ")))
simple("or_and_mixed", 20000, lambda n: grouped("country", "WHERE " + numbered(n, "(a# = 1 OR b# = 2)", " AND ")))
simple("or_and_having", 10000, lambda n: f"SELECT country, {COUNTED} FROM {T} GROUP BY 1 HAVING " + numbered(n, "(n >= 5000 OR SUM(x#) > 1)", " AND "))
simple("not_nulls", 20000, lambda n: grouped("country", "WHERE " + numbered(n, "x# IS NOT NULL", " AND ")))
simple("equal_columns", 20000, lambda n: grouped("country", "WHERE " + numbered(n, "x# = x@", " AND ")))
simple("betweens", 20000, lambda n: grouped("country", "WHERE " + numbered(n, "x# BETWEEN 1 AND #", " AND ")))
simple("likes", 20000, lambda n: grouped("country", "WHERE " + numbered(n, "os LIKE 'a#%'", " OR ")))
simple("plus", 50000, lambda n: f"SELECT {numbered(n, 'x#', ' + ')} AS s FROM {T}")
simple("plus_key", 50000, lambda n: grouped(numbered(n, "x#", " + ") + " AS k"))
simple("plus_constants", 50000, lambda n: grouped(numbered(n, "1", " + ") + " AS k"))
simple("having_sum_constant", 50000, lambda n: f"SELECT country FROM {T} GROUP BY 1 HAVING COUNT(DISTINCT client_id) >= " + numbered(n, "1", " + "))
simple("concat_operator", 50000, lambda n: f"SELECT {numbered(n, 'x#', ' || ')} AS s FROM {T}")
simple("concat_call", 50000, lambda n: f"SELECT CONCAT({numbered(n, 'x#')}) AS s FROM {T}")
simple("concat_key", 50000, lambda n: grouped(f"CONCAT({numbered(n, 'x#')}) AS k"))
simple("coalesce_key", 50000, lambda n: grouped(f"COALESCE({numbered(n, 'x#')}) AS k"))
simple("greatest", 50000, lambda n: grouped(f"GREATEST({numbered(n, 'x#')}) AS k"))
simple("having_keys", 20000, lambda n: f"SELECT country, {COUNTED} FROM {T} GROUP BY 1 HAVING n >= 5000 AND " + numbered(n, "country != '#'", " AND "))
simple("having_different_counts", 20000, lambda n: f"SELECT country FROM {T} GROUP BY 1 HAVING " + numbered(n, "COUNT(DISTINCT x#) >= 5000", " AND "))
simple("in_list", 100000, lambda n: grouped("country", f"WHERE os IN ({numbered(n, chr(39) + 'o#' + chr(39))})"))
simple("in_list_columns", 20000, lambda n: grouped("country", f"WHERE os IN ({numbered(n, 'x#')})"))
simple("in_lists_many", 2000, lambda n: grouped("country", "WHERE " + " AND ".join(f"os NOT IN ('a{at}', 'b{at}', 'c{at}', 'd{at}')" for at in range(n))))
simple("case_branches", 10000, lambda n: "SELECT CASE " + " ".join(f"WHEN country = 'c{at}' THEN 'd{at}'" for at in range(n)) + f" ELSE 'x' END AS c, {COUNTED} FROM {T} GROUP BY 1 HAVING n >= 5000")
simple("case_operand", 10000, lambda n: "SELECT CASE country " + " ".join(f"WHEN 'c{at}' THEN 'd{at}'" for at in range(n)) + f" ELSE 'x' END AS c, {COUNTED} FROM {T} GROUP BY 1 HAVING n >= 5000")
simple("case_columns", 10000, lambda n: "SELECT CASE " + " ".join(f"WHEN x{at} THEN y{at}" for at in range(n)) + f" END AS c, {COUNTED} FROM {T} GROUP BY 1 HAVING n >= 5000")
simple("case_other", 2000, lambda n: "SELECT CASE " + " ".join(f"WHEN n > {at} THEN 'd{at}'" for at in range(n)) + f" ELSE country END AS c FROM (SELECT country, {COUNTED} FROM {T} GROUP BY 1)")
simple("ifs_nested", 150, lambda n: "SELECT " + "IF(a, b, " * n + "country" + ")" * n + f" AS k, {COUNTED} FROM {T} GROUP BY 1 HAVING n >= 5000")
simple("ifs_nested_both", 12, lambda n: f"SELECT {nested(n)} AS k, {COUNTED} FROM {T} GROUP BY 1 HAVING n >= 5000")
