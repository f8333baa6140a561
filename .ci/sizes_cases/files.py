"""Repositories."""

from growth import (
    STDIN,
    Link,
    chain_of_files,
    cycle_of_files,
    fan_of_files,
    files_apart,
    readers_of_a_file,
    repository,
)
from sizes_cases.case import COUNTED, T, case, numbered


for make in (files_apart, fan_of_files, readers_of_a_file):
    case(5000, files=True)(make)
# Each table reads all previous ones, so these are smaller, to leave room for slow machines.
for make in (chain_of_files, cycle_of_files):
    case(3500, files=True)(make)


@case(5000, files=True)
def files_one_table(n):
    return repository({f"t{at}": f"INSERT INTO d.o SELECT country, {at} AS x FROM {T}" for at in range(n)})


@case(1000, files=True)
def files_one_table_read(n):
    texts = {f"t{at}": f"INSERT INTO d.o SELECT country, {at} AS x FROM {T}" for at in range(n)}
    texts.update({f"r{at}": f"CREATE TABLE d.r{at} AS SELECT country FROM d.o" for at in range(n)})
    return repository(texts)


@case(300, files=True)
def files_all_of_all(n):
    return repository({f"t{at}": f"CREATE TABLE d.t{at} AS " + " UNION ALL ".join(f"SELECT country, client_id FROM d.t{other}" for other in range(0, n, 7)) for at in range(n)})


@case(600, files=True)
def files_ladder(n):
    texts = {"a0": f"CREATE TABLE d.a0 AS SELECT country, client_id FROM {T}", "b0": f"CREATE TABLE d.b0 AS SELECT country, client_id FROM {T}"}
    for at in range(1, n):
        for name in "ab":
            texts[f"{name}{at}"] = f"CREATE TABLE d.{name}{at} AS SELECT a.country, b.client_id FROM d.a{at - 1} AS a JOIN d.b{at - 1} AS b USING (client_id)"
    return repository(texts)


@case(1000, files=True)
def files_functions(n):
    texts = {f"f{at}": f"CREATE FUNCTION d.f{at}(x INT64) AS (x + {at})" for at in range(n)}
    texts.update({f"r{at}": f"CREATE TABLE d.r{at} AS SELECT d.f{at}(x) AS y, country FROM {T}" for at in range(n)})
    return repository(texts)


@case(1000, files=True)
def files_deep(n):
    return repository({"/".join(["a"] * min(at % 50 + 1, 50)) + f"/t{at}": f"CREATE TABLE d.t{at} AS SELECT country FROM {T}" for at in range(n)})


@case(100, files=True)
def configurations_nested(n):
    texts = {}
    for at in range(1, n + 1):
        folder = "a/" * at
        texts[folder + "headcount.toml"] = '[project]\nlayout = "plain"\n'
        texts[folder + "q.sql"] = f"SELECT country, {COUNTED} FROM {T} GROUP BY 1"
    return texts


def linked(n, link, to):
    texts = {"headcount.toml": '[project]\nlayout = "bigquery-etl"\n'}
    texts.update({f"sql/p/d/t{at}/query.sql": f"SELECT country, {COUNTED} FROM {T} GROUP BY 1" for at in range(n)})
    texts.update({link.replace("#", str(at)): Link(to) for at in range(n)})
    return texts


@case(400, files=True)
def links_to_projects(n):
    return linked(n, "sql/l#", "p")


@case(400, files=True)
def links_to_datasets(n):
    return linked(n, "sql/p/e#", "d")


def line(path):
    return {STDIN: f'{{"path": "{path}", "sql": "SELECT 1"}}\n'}


for name, part in {"deep": "a/", "back": "a/../", "up": "../"}.items():

    def ndjson_path(n, part=part):
        return line(part * n + "a.sql")

    ndjson_path.__name__ = f"ndjson_path_{name}"
    case(18000, files=True, args=["check", "--ndjson", "-"])(ndjson_path)
    shorter = lambda n, part=part: line((part * n)[: n - 5] + "a.sql")
    shorter.__name__ = f"ndjson_path_{name}_short"
    case(4096, files=True, args=["check", "--ndjson", "-"])(shorter)


def imported(name):
    return ["registry", "import", name, "--dry-run", "--bare", "--registry", "new.toml"]


def event(methods, objects, more=""):
    return f"    objects: [{objects}]\n    methods: [{methods}]\n    bug_numbers: [1]\n    description: x\n{more}"


@case(500, files=True, args=imported("Events.yaml"))
def events_of_all_pairs(n):
    return {"Events.yaml": "c:\n  e:\n" + event(numbered(n, "m#"), numbered(n, "o#"))}


@case(95, files=True, args=imported("Events.yaml"))
def events_of_many_pairs(n):
    return {"Events.yaml": "c:\n  e:\n" + event(numbered(n, "m#"), numbered(n, "o#"))}


@case(800, files=True, args=imported("Events.yaml"))
def events_apart(n):
    return {"Events.yaml": "".join(f"c{at}:\n  e:\n" + event("a, b, c", "a, b, c") for at in range(n))}


def registry(n, entry):
    column = 'category = 1\nrole = "dimension"\n'
    entries = "".join("[[column]]\n" + entry.replace("#", str(at)) + column for at in range(n))
    return {"dimension-registry.toml": "schema_version = 1\n" + entries, "q.sql": f"SELECT country FROM {T}"}


for name, entry in {
    "tables": 'name = "country"\ntables = ["d.t#*"]\n',
    "paths": 'name = "events.c#.m"\naliases = ["events.c#.m.*"]\n',
    "endings": 'name = "a.*.c#"\n',
    "beginnings": 'name = "*_c#_*"\n',
}.items():

    def stars(n, entry=entry):
        return registry(n, entry)

    stars.__name__ = f"registry_stars_{name}"
    case(6000, files=True)(stars)


@case(30000, files=True)
def toml_mistakes(n):
    return {"headcount.toml": "= \n" * n, "q.sql": "SELECT 1"}


@case(600000, files=True)
def toml_many_mistakes(n):
    return {"headcount.toml": "= \n" * n, "q.sql": "SELECT 1"}


@case(100000, files=True)
def toml_same_keys(n):
    return {"dimension-registry.toml": "schema_version = 1\n" * n, "q.sql": "SELECT 1"}


@case(2400, files=True, args=["review", "-"])
def pasted_blocks(n):
    return {STDIN: "Hello,\n```\nSELECT\n```\n> SELECT 1\n1| x\n" * n}


# Many files that depend on each other: macros that call macros, shared included files.
@case(400, files=True)
def dbt_macros(n):
    texts = {"dbt_project.yml": "name: p\n"}
    texts.update({f"macros/m{at}.sql": f"{{% macro m{at}() %}}{{{{ m{at + 1}() }}}}{{% endmacro %}}" for at in range(n)})
    texts.update({f"models/q{at}.sql": f"SELECT {{{{ m0() }}}} FROM {{{{ ref('q{at + 1}') }}}}" for at in range(n)})
    return texts


@case(300, files=True)
def includes_by_name(n):
    texts = {"headcount.toml": ""}
    texts.update({f"i{at}.inc": f"{{% macro m{at}() %}}1{{% endmacro %}}" for at in range(n)})
    texts.update({f"q{at}.sql": "".join(f"{{% include 'i{other}.inc' %}}" for other in range(n)) + f"SELECT country FROM {T}" for at in range(n)})
    return texts


@case(700, files=True)
def includes_in_loops(n):
    texts = {"headcount.toml": ""}
    texts.update({f"i{at}.inc": "{% set x = 1 %}" for at in range(n)})
    texts.update({f"q{at}.sql": f"{{% for i in range({n}) %}}{{% include 'i' ~ i ~ '.inc' %}}{{% endfor %}}SELECT 1 AS a" for at in range(n)})
    return texts


@case(700, files=True)
def include_of_all(n):
    texts = {"headcount.toml": "", "a.inc": "{% set x = y %}" * 6 * n}
    texts.update({f"q{at}.sql": "{% include 'a.inc' %}SELECT 1 AS a" for at in range(n)})
    return texts


@case(200, files=True)
def templates_slow(n):
    slow = "SELECT {% set s = 'ab' * 100000 %}{% for i in range(20000) %}{% if s|title|sort|unique %}{% endif %}{% endfor %}1 AS a FROM d.t"
    return {f"q{at}.sql": slow for at in range(n)}


def schemas(n, make):
    texts = {"headcount.toml": '[project]\nlayout = "bigquery-etl"\n', "sql/p/d/s0/schema.yaml": "fields:\n- name: x\n  type: STRING\n"}
    texts.update({f"sql/p/d/s{at}/schema.yaml": make(f"!include-fields\n    file: sql/p/d/s{at - 1}/schema.yaml\n") for at in range(1, n)})
    texts["sql/p/d/u/query.sql"] = f"SELECT * FROM p.d.s{n - 1}"
    return texts


@case(28, files=True)
def schemas_doubled(n):
    return schemas(n, lambda included: f"fields: !flatten-lists\n  - {included}  - {included}")


@case(24, files=True)
def schemas_records(n):
    return schemas(n, lambda included: "fields:\n" + "".join(f"- name: {name}\n  type: RECORD\n  fields: {included}" for name in "ab"))
