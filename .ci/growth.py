"""Measures how time and memory grow with the size of the input.

    growth.py HEADCOUNT [--family NAME] [--markdown FILE]

Each family is generated in the sizes 1, 4, 16 and 64 times its base. Its exponent is the slope of
the logarithms: 1 is linear, 2 is quadratic. The cost of starting the program is subtracted. If a
limit is reached, the cell says "limit", and the exponent is computed without it. Fails if an
exponent is above 1.3, or if a run takes more than 5 s of CPU or 1 GB.

The docstring of a family is its name in the table.
"""

import math
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

TIMES = (1, 4, 16, 64)
MOST_SECONDS, MOST_BYTES, MOST_EXPONENT = 5.0, 1 << 30, 1.3
FAMILIES = {}


def family(base, files=False):
    """Registers a family of inputs with its base size."""

    def note(make):
        FAMILIES[make.__name__] = (make, base, files)
        return make

    return note


def numbered(count, text, between=", "):
    return between.join(text.replace("#", str(at)).replace("@", str(at - 1)) for at in range(count))


T = "telemetry.clients_daily"


@family(20)
def ctes(n):
    """CTEs, each of the one before"""
    rest = "".join(f", c{at} AS (SELECT country, client_id FROM c{at - 1} WHERE country != 'x{at}')" for at in range(1, n))
    return f"WITH c0 AS (SELECT country, client_id FROM {T}){rest} SELECT country, COUNT(DISTINCT client_id) AS n FROM c{n - 1} GROUP BY country HAVING n >= 5000"


@family(20)
def ctes_of_if(n):
    """CTEs, each with IFs over the one before"""
    rest = "".join(f", c{at} AS (SELECT IF(country = 'x{at}', os, country) AS country, IF(os = country, country, os) AS os, client_id FROM c{at - 1})" for at in range(1, n))
    return f"WITH c0 AS (SELECT country, os, client_id FROM {T}){rest} SELECT country, COUNT(DISTINCT client_id) AS n FROM c{n - 1} GROUP BY country HAVING n >= 5000"


@family(20)
def ctes_side_by_side(n):
    """CTEs, joined at the end"""
    ctes = ", ".join(f"c{at} AS (SELECT country, COUNT(DISTINCT client_id) AS n{at} FROM {T} GROUP BY country HAVING n{at} >= 5000)" for at in range(n))
    return f"WITH {ctes} SELECT c0.country, {numbered(n, 'n#')} FROM c0 " + " ".join(f"JOIN c{at} ON c{at}.country = c0.country" for at in range(1, n))


def joined(n, join):
    tables = " ".join(f"{join} `t{at}` AS b{at} ON a.client_id = b{at}.client_id" for at in range(n))
    return f"SELECT a.country, COUNT(DISTINCT a.client_id) AS n FROM {T} AS a {tables} GROUP BY 1 HAVING n >= 5000"


@family(10)
def inner_joins(n):
    """JOIN … ON"""
    return joined(n, "JOIN")


@family(10)
def left_joins(n):
    """LEFT JOIN … ON"""
    return joined(n, "LEFT JOIN")


@family(10)
def right_joins(n):
    """RIGHT JOIN … ON"""
    return joined(n, "RIGHT JOIN")


@family(10)
def full_joins(n):
    """FULL JOIN … ON"""
    return joined(n, "FULL JOIN")


@family(10)
def cross_joins(n):
    """CROSS JOIN"""
    return f"SELECT a.country FROM {T} AS a " + " ".join(f"CROSS JOIN `t{at}` AS b{at}" for at in range(n))


@family(10)
def joins_using(n):
    """JOIN … USING"""
    return f"SELECT country FROM {T} " + " ".join(f"JOIN `t{at}` USING (client_id)" for at in range(n))


@family(10)
def full_joins_using(n):
    """FULL JOIN … USING"""
    return f"SELECT client_id FROM {T} " + " ".join(f"FULL JOIN `t{at}` USING (client_id)" for at in range(n))


@family(10)
def comma_joins(n):
    """FROM a, b, …"""
    return f"SELECT a.country FROM {T} AS a" + "".join(f", `t{at}` AS b{at}" for at in range(n))


@family(10)
def unnests(n):
    """CROSS JOIN UNNEST"""
    return f"SELECT client_id FROM {T} " + " ".join(f"CROSS JOIN UNNEST([1, 2]) AS u{at}" for at in range(n))


@family(20)
def unions(n):
    """UNION ALL"""
    return " UNION ALL ".join(f"SELECT country, COUNT(DISTINCT client_id) AS n FROM {T} WHERE os = '{at}' GROUP BY country HAVING n >= 5000" for at in range(n))


@family(20)
def unions_of_rows(n):
    """UNION ALL of rows, grouped after"""
    arms = " UNION ALL ".join(f"SELECT country, client_id FROM {T} WHERE os = '{at}'" for at in range(n))
    return f"SELECT country, COUNT(DISTINCT client_id) AS n FROM ({arms}) GROUP BY country HAVING n >= 5000"


@family(10)
def unions_nested(n):
    """UNION ALL of a reader of itself, one inside another"""
    rest = "".join(f", c{at} AS (SELECT country, client_id FROM c{at - 1} UNION ALL SELECT country, client_id FROM c{at - 1})" for at in range(1, n))
    return f"WITH c0 AS (SELECT country, client_id FROM {T}){rest} SELECT country, COUNT(DISTINCT client_id) AS n FROM c{n - 1} GROUP BY country HAVING n >= 5000"


@family(50)
def columns(n):
    """columns"""
    return f"SELECT country, COUNT(DISTINCT client_id) AS n, {numbered(n, 'SUM(x#) AS s#')} FROM {T} GROUP BY country HAVING n >= 5000"


@family(50)
def columns_of_case(n):
    """columns of IF"""
    return f"SELECT country, COUNT(DISTINCT client_id) AS n, {numbered(n, 'SUM(IF(os = chr#, x#, 0)) AS s#')} FROM {T} GROUP BY country HAVING n >= 5000"


@family(50)
def group_keys(n):
    """keys of GROUP BY"""
    keys = numbered(n, "k#")
    return f"SELECT {keys}, COUNT(DISTINCT client_id) AS n FROM {T} GROUP BY {keys} HAVING n >= 5000"


@family(50)
def case_branches(n):
    """branches of a CASE"""
    whens = " ".join(f"WHEN country = 'c{at}' THEN 'd{at}'" for at in range(n))
    return f"SELECT CASE {whens} ELSE 'x' END AS c, COUNT(DISTINCT client_id) AS n FROM {T} GROUP BY 1 HAVING n >= 5000"


@family(50)
def conditions(n):
    """conditions of WHERE"""
    return f"SELECT country, COUNT(DISTINCT client_id) AS n FROM {T} WHERE " + " AND ".join(f"x{at} = {at}" for at in range(n)) + " GROUP BY 1 HAVING n >= 5000"


@family(50)
def having_ands(n):
    """conditions of HAVING"""
    return f"SELECT country FROM {T} GROUP BY 1 HAVING " + " AND ".join(f"COUNT(DISTINCT IF(os = '{at}', client_id, NULL)) >= 5000" for at in range(n))


@family(20)
def subqueries(n):
    """scalar subqueries"""
    return f"SELECT country, {numbered(n, f'(SELECT MAX(submission_date) FROM {T} WHERE os = `x#`) AS s#')} FROM {T}"


@family(20)
def exists(n):
    """EXISTS in WHERE"""
    return f"SELECT country FROM {T} AS a WHERE " + " AND ".join(f"EXISTS (SELECT 1 FROM `t{at}` AS b WHERE b.client_id = a.client_id)" for at in range(n))


@family(4)
def subqueries_nested(n):
    """subqueries in FROM, one inside another"""
    text = f"SELECT country, client_id FROM {T}"
    for at in range(n):
        text = f"SELECT country, client_id FROM ({text}) AS s{at}"
    return text


@family(20)
def pipes(n):
    """|> EXTEND"""
    return f"FROM {T} " + " ".join(f"|> EXTEND 1 AS x{at}" for at in range(n))


@family(20)
def pipes_of_if(n):
    """|> SET with IF"""
    return f"FROM {T} |> SELECT country, os, client_id " + " ".join(f"|> SET os = IF(country = '{at}', country, os)" for at in range(n))


@family(20)
def pipes_where(n):
    """|> WHERE"""
    return f"FROM {T} " + " ".join(f"|> WHERE x{at} > {at}" for at in range(n))


@family(10)
def pipes_join(n):
    """|> JOIN"""
    return f"FROM {T} |> SELECT country, client_id " + " ".join(f"|> JOIN `t{at}` AS b{at} USING (client_id)" for at in range(n))


@family(20)
def windows(n):
    """window functions"""
    return f"SELECT client_id, {numbered(n, 'SUM(x#) OVER (PARTITION BY k#) AS w#')} FROM {T}"


@family(20)
def statements(n):
    """statements"""
    return ";\n".join(f"SELECT country, COUNT(DISTINCT client_id) AS n{at} FROM {T} GROUP BY country HAVING n{at} >= 5000" for at in range(n))


@family(20)
def temporary_tables(n):
    """temporary tables, each of the one before"""
    return "".join([f"CREATE TEMP TABLE t0 AS SELECT country, client_id FROM {T};\n"] + [f"CREATE TEMP TABLE t{at} AS SELECT country, client_id FROM t{at - 1};\n" for at in range(1, n)]) + f"SELECT country FROM t{n - 1}"


@family(20)
def variables(n):
    """variables, each of the one before"""
    return "DECLARE v0 INT64 DEFAULT 1;\n" + "".join(f"DECLARE v{at} INT64 DEFAULT v{at - 1} + 1;\n" for at in range(1, n)) + f"SELECT country, v{n - 1} FROM {T}"


@family(10)
def script_ifs(n):
    """IFs of a script over undeclared variables"""
    return "".join(f"IF a{at} THEN SET x=x||1; ELSE SET y=y||x; END IF;" for at in range(n)) + f" SELECT x FROM {T}"


@family(2)
def script_ifs_nested(n):
    """IFs of a script, one inside another"""
    return "".join(f"IF a{at} THEN SET x=x||1; " for at in range(n)) + "".join("END IF;" for _ in range(n)) + f" SELECT x FROM {T}"


@family(10)
def script_loops(n):
    """loops of a script"""
    return "DECLARE x INT64 DEFAULT 1;" + "".join(f"WHILE x < {at} DO SET x = x + 1; INSERT INTO d.o SELECT country FROM {T}; END WHILE;" for at in range(n))


@family(10)
def functions(n):
    """functions, each of the one before"""
    return "CREATE TEMP FUNCTION f0(x INT64) AS (x + 1);\n" + "".join(f"CREATE TEMP FUNCTION f{at}(x INT64) AS (f{at - 1}(x));\n" for at in range(1, n)) + f"SELECT f{n - 1}(client_id) FROM {T}"


@family(4)
def calls_nested(n):
    """calls inside calls"""
    return "SELECT " + "LOWER(" * n + "country" + ")" * n + f" FROM {T}"


@family(4)
def dotted_calls_nested(n):
    """dotted calls inside each other"""
    return "SELECT " + "h.f(a, " * n + "1" + ")" * n + f" FROM {T}"


@family(4)
def dotted_calls_open(n):
    """dotted calls that are never closed"""
    return "SELECT " + "h.f(a, " * n


@family(4)
def lambdas_nested(n):
    """lambdas inside each other"""
    return "SELECT ARRAY_FILTER(a, " + "(x) -> (" * n + "1" + ")" * n + f") FROM {T}"


@family(100)
def arithmetic(n):
    """operands"""
    return f"SELECT {numbered(n, 'x# * y#', ' + ')} AS s FROM {T}"


@family(100)
def in_lists(n):
    """members of IN"""
    return f"SELECT country FROM {T} WHERE country IN ({numbered(n, chr(39) + 'x#' + chr(39))})"


@family(20)
def template_loops(n):
    """rounds of a loop of a template"""
    return "SELECT country, {% for i in range(" + str(n) + ") %}SUM(x{{ i }}) AS s{{ i }}, {% endfor %} COUNT(DISTINCT client_id) AS n FROM " + T + " GROUP BY country HAVING n >= 5000"


@family(20)
def template_unknowns(n):
    """unknown values of a template"""
    return "SELECT country, " + "".join(f"SUM(x{at}) + {{{{ u{at} }}}} AS s{at}, " for at in range(n)) + f"COUNT(DISTINCT client_id) AS n FROM {T} GROUP BY country HAVING n >= 5000"


@family(20)
def template_filters(n):
    """filters, one behind another"""
    return "SELECT '{{ 'x'" + " | upper" * n + f" }}}}' AS x FROM {T}"


@family(20)
def template_sets(n):
    """values that a template sets"""
    return "".join(f"{{% set v{at} = 'x{at}' %}}" for at in range(n)) + "SELECT country, " + "".join(f"'{{{{ v{at} }}}}' AS c{at}, " for at in range(n)) + f"1 AS one FROM {T}"


@family(20)
def template_lists(n):
    """a list that grows in a loop"""
    return "{% set l = [] %}{% for i in range(" + str(n) + ") %}{% do l.append(i) %}{% endfor %}SELECT country FROM " + T + " WHERE x IN ({{ l | join(', ') }})"


def repository(texts):
    """Returns the files of a repository, one for each table, by name."""
    return {"headcount.toml": '[project]\nlayout = "plain"\n', **{f"{name}.sql": text for name, text in texts.items()}}


@family(10, files=True)
def files_apart(n):
    """files that have nothing to do with each other"""
    return repository({f"t{at}": f"CREATE TABLE d.t{at} AS SELECT country FROM {T}" for at in range(n)})


@family(10, files=True)
def chain_of_files(n):
    """a chain of files, each reads the one before"""
    return repository({f"t{at}": f"CREATE TABLE d.t{at} AS SELECT country, client_id FROM " + (f"d.t{at - 1}" if at else T) for at in range(n)})


@family(10, files=True)
def fan_of_files(n):
    """a file that reads all others"""
    texts = {f"t{at}": f"CREATE TABLE d.t{at} AS SELECT country, client_id FROM {T}" for at in range(n)}
    texts["out"] = "CREATE TABLE d.out AS " + " UNION ALL ".join(f"SELECT country, client_id FROM d.t{at}" for at in range(n))
    return repository(texts)


@family(10, files=True)
def readers_of_a_file(n):
    """files that all read one"""
    texts = {f"t{at}": f"CREATE TABLE d.t{at} AS SELECT country, client_id FROM d.base" for at in range(n)}
    texts["base"] = f"CREATE TABLE d.base AS SELECT country, client_id FROM {T}"
    return repository(texts)


@family(10, files=True)
def cycle_of_files(n):
    """a cycle of files"""
    return repository({f"t{at}": f"CREATE TABLE d.t{at} AS SELECT country, client_id FROM d.t{(at + 1) % n}" for at in range(n)})


@family(2, files=True)
def diamonds_of_files(n):
    """diamonds of files, one behind another, in a cycle"""
    texts = {}
    for at in range(n):
        after = f"d.a{(at + 1) % n}"
        texts[f"a{at}"] = f"CREATE TABLE d.a{at} AS SELECT country, client_id FROM d.b{at} UNION ALL SELECT country, client_id FROM d.c{at}"
        texts[f"b{at}"] = f"CREATE TABLE d.b{at} AS SELECT country, client_id FROM {after}"
        texts[f"c{at}"] = f"CREATE TABLE d.c{at} AS SELECT country, client_id FROM {after}"
    return repository(texts)


class Link(str):
    """The target of a link, among the texts of files."""


# The name under which a repository passes text on standard input.
STDIN = "-"


def run(program, args, cwd, given=""):
    """Returns the status, the output, the seconds of CPU and the peak memory in bytes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as stdin:
        stdin.write(given.encode())
        stdin.seek(0)
        child = subprocess.Popen([program, *args], cwd=cwd, stdin=stdin, stdout=out, stderr=subprocess.STDOUT, preexec_fn=bounded)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return child.returncode, out.read().decode(errors="replace"), used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def bounded():
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))


CHECK = ["check", ".", "--all", "--format", "concise"]


def measured(program, make, size, files, args=CHECK):
    folder = tempfile.mkdtemp()
    try:
        texts = make(size) if files else {"q.sql": make(size)}
        for name, text in texts.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if isinstance(text, Link):
                os.symlink(text, path)
            elif name != STDIN:
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
        config = [] if files else ["--no-config"]
        return run(program, [*args, *config], folder, texts.get(STDIN, ""))
    finally:
        shutil.rmtree(folder)


LIMITS = re.compile(r"not analysed to the end|more than [0-9]|too many|too deeply|too large|internal error|takes more steps|longer than the maximum length of a path|nested (parentheses|statements|blocks)|inside each other")


def is_limited(said):
    return LIMITS.search(said) is not None


def slope(points):
    """Returns the growth exponent of pairs of size and cost; None below two points."""
    points = [(math.log(size), math.log(cost)) for size, cost in points if cost > 0]
    if len(points) < 2:
        return None
    mean = [sum(axis) / len(points) for axis in zip(*points)]
    above = sum((x - mean[0]) * (y - mean[1]) for x, y in points)
    return above / sum((x - mean[0]) ** 2 for x, _ in points)


def main():
    program = os.path.abspath(sys.argv[1])
    only = sys.argv[sys.argv.index("--family") + 1] if "--family" in sys.argv else None
    names = [name for name in FAMILIES if only in (None, name)]
    empty = [measured(program, lambda _: "SELECT 1", 0, False) for _ in range(5)]
    seconds, room = min(run[2] for run in empty), min(run[3] for run in empty)
    rows, failures = [], []
    for name in names:
        make, base, files = FAMILIES[name]
        cells, times, rooms = [], [], []
        for more in TIMES:
            status, said, cpu, peak = measured(program, make, base * more, files)
            limited = is_limited(said)
            if status not in (0, 1, 2) or cpu > MOST_SECONDS or peak > MOST_BYTES:
                failures.append(f"{name} × {more}: status {status}, {cpu:.2f} s, {peak >> 20} MB")
            if "internal error" in said:
                failures.append(f"{name} × {more}: internal error")
            cells.append(f"{cpu:.2f} s, {peak >> 20} MB{', limit' if limited else ''}")
            if not limited:
                # The lower bounds hide the noise of runs that are too short to be measured.
                times.append((base * more, max(cpu - seconds, 0.01)))
                rooms.append((base * more, max(peak - room, 4 << 20)))
        exponents = [slope(times), slope(rooms)]
        shown = ["–" if exponent is None else f"{max(exponent, 0):.1f}" for exponent in exponents]
        failures += [f"{name}: exponent {exponent:.2f} of {of}" for exponent, of in zip(exponents, ("time", "memory")) if exponent and exponent > MOST_EXPONENT]
        rows.append(f"| {make.__doc__.replace('|', chr(92) + '|')} | {base} | {' | '.join(cells)} | {' | '.join(shown)} |")
        print(rows[-1], flush=True)
    if "--markdown" in sys.argv:
        with open(sys.argv[sys.argv.index("--markdown") + 1], "w", encoding="utf-8") as f:
            f.write("| what grows | 1× | " + " | ".join(f"at {more}×" for more in TIMES) + " | time | memory |\n|" + "---|" * 8 + "\n")
            f.write("\n".join(rows) + "\n")
    for failure in failures:
        print("fails:", failure)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
