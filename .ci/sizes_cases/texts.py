"""Texts that are long or deep: comments, strings, brackets, errors."""

from sizes_cases.case import T, grouped, numbered, simple

simple("parentheses", 50000, lambda n: "SELECT " + "(" * n + "1" + ")" * n + f" AS x FROM {T}")
simple("parentheses_within", 150, lambda n: "SELECT " + "(" * n + "client_id" + ")" * n + f" AS x FROM {T}")
simple("parentheses_open", 50000, lambda n: "SELECT " + "(" * n)
simple("parentheses_queries", 10000, lambda n: "(" * n + f"SELECT country FROM {T}" + ")" * n)
simple("brackets_open", 50000, lambda n: "SELECT " + "[" * n)
simple("case_open", 10000, lambda n: "SELECT " + "CASE WHEN " * n)
simple("not", 50000, lambda n: "SELECT " + "NOT " * n + f"TRUE FROM {T}")
simple("begin", 20000, lambda n: "BEGIN " * n)
simple("if_open", 20000, lambda n: "IF x THEN " * n)
simple("angle_open", 20000, lambda n: "SELECT CAST(x AS " + "ARRAY<STRUCT<a " * n)
simple("calls_nested", 20000, lambda n: "SELECT " + "LOWER(" * n + "country" + ")" * n + f" FROM {T}")
simple("identifier", 2000000, lambda n: f"SELECT {'a' * n} FROM {T}")
simple("identifiers_long", 500, lambda n: "SELECT " + ", ".join("a" * 2000 + str(at) for at in range(n)) + f" FROM {T}")
simple("string", 5000000, lambda n: f"SELECT '{'a' * n}' AS x FROM {T}")
simple("string_compared", 2000000, lambda n: grouped("country", f"WHERE os = '{'a' * n}' AND locale = '{'a' * n}'"))
simple("strings_escaped", 1000000, lambda n: "SELECT '" + "\\n" * n + f"' AS x FROM {T}")
simple("string_triple", 2000000, lambda n: 'SELECT """' + "a\n" * n + f'""" AS x FROM {T}')
simple("string_open", 2000000, lambda n: f"SELECT '{'a' * n}")
simple("strings_open", 20000, lambda n: "'\n" * n)
simple("triples_open", 20000, lambda n: '"""' * (2 * n + 1) + "x ' ")
simple("comment", 5000000, lambda n: f"/*{'a' * n}*/ SELECT 1")
simple("comment_open", 2000000, lambda n: f"SELECT 1 /*{'a' * n}")
simple("comments_open", 100000, lambda n: "/*" * n)
simple("comments", 100000, lambda n: "-- x\n" * n + "SELECT 1")
simple("comments_between", 50000, lambda n: "SELECT " + "/* x */ 1, " * n + "1")
simple("comments_directives", 20000, lambda n: "-- headcount: allow(HC002) it is so\n" * n + f"SELECT country FROM {T}")
simple("directives_each", 5000, lambda n: "".join(f"-- headcount: allow(HC203, HC002) it is so\nSELECT client_id FROM {T};\n" for at in range(n)))
simple("whitespace", 5000000, lambda n: "SELECT" + " " * n + "1")
simple("newlines", 2000000, lambda n: "SELECT" + "\n" * n + f"client_id FROM {T}")
simple("findings", 5000, lambda n: ";\n".join(f"SELECT client_id, x{at} FROM {T}" for at in range(n)))
simple("findings_columns", 10000, lambda n: f"SELECT {numbered(n, 'client_id AS c#')}, {numbered(n, 'MAX(x#) AS m#')} FROM {T} GROUP BY ALL")
simple("findings_one_line", 5000, lambda n: ";".join(f"SELECT client_id, x{at} FROM {T}" for at in range(n)))
simple("errors", 20000, lambda n: ";\n".join("SELECT FROM WHERE" for at in range(n)))
simple("errors_one", 100000, lambda n: "SELECT ) " * n)
simple("names_path", 190, lambda n: f"SELECT a{'.b' * n} FROM {T}")
simple("comments_inline", 20000, lambda n: "/* headcount: allow(HC002) it is so */ " * n + f"SELECT country FROM {T}")
simple("lambdas", 150, lambda n: "SELECT ARRAY_FILTER(a, " + "(x) -> (" * n + "1" + ")" * n + f") FROM {T}")
# As many repetitions of one construct as the limit of tokens admits.
for name, (size, text, first) in {
    "columns": (349000, ",a", "SELECT a"),
    "pluses": (349000, "+a", "SELECT a"),
    "commas": (349000, ",a", "SELECT 1 FROM a"),
    "calls": (139000, ",f(a)", "SELECT f(a)"),
    "dots": (170000, ",a.b", "SELECT 1"),
    "lists": (170000, ",[a]", "SELECT a"),
    "subqueries": (140000, ",(SELECT 1)", "SELECT 1"),
    "pipes": (90000, "|> WHERE EXISTS(SELECT 1)", "FROM a"),
}.items():
    simple(f"many_{name}", size, lambda n, text=text, first=first: first + text * n)
simple("many_ctes", 90000, lambda n: "WITH a AS (SELECT 1)" + ", a AS (SELECT 1)" * n + "SELECT 1")
simple("deep_pipes", 40000, lambda n: f"FROM {T} |> SELECT country, os " + " ".join(f"|> WHERE country IN (FROM t{at} |> SELECT c)" for at in range(n)))
simple("deep_excepts", 23000, lambda n: f"WITH c0 AS (SELECT country, client_id FROM {T})" + "".join(f", c{at} AS (SELECT * FROM c0 EXCEPT DISTINCT SELECT * FROM c{at - 1})" for at in range(1, n)) + f" SELECT country FROM c{n - 1}")
simple("errors_repaired", 2000, lambda n: ";\n".join(f"SELECT country x{at} FROM {T} GRUOP BY country" for at in range(n)))
simple("errors_long", 1900, lambda n: "SELECT " + " ".join(f"x{at}" for at in range(n)) + f" FROM {T}")
simple("errors_long_each", 500, lambda n: ";\n".join("SELECT " + " ".join(f"x{at}" for at in range(60)) + f" FROM {T}" for _ in range(n)))
