"""Compares our interpreter with GoogleSQL's reference engine.

Reads JSON lines: tables, a query, its twin (or null), and the rows of the interpreter with the
people of each; null if the query fails. The twin returns the same rows with a column of people for
each private table that it reads. `--keep FILE` writes the engine's results for our tests to replay.
Exits with 1 if a row, a failure or a person differs, or if too few cases ran.
"""

import collections
import json
import re
import sys

from zetasql.api import CatalogBuilder, PreparedQuery, TableBuilder, create_table_content
from zetasql.types import AnalyzerOptions, LanguageOptions, TypeKind, ZetaSQLBuiltinFunctionOptions

KINDS = {"STRING": TypeKind.TYPE_STRING, "INT64": TypeKind.TYPE_INT64}
LANGUAGE = LanguageOptions.maximum_features()
BUILTINS = ZetaSQLBuiltinFunctionOptions(language_options=LANGUAGE)
OPTIONS = AnalyzerOptions(language_options=LANGUAGE)
FIELDS = ("string_value", "int64_value", "double_value", "bool_value")
# Errors that depend on the data. Any other error is a limit of the engine.
FAILURES = ("division by zero", "overflow", "more than one element", "Bad int64")
# For grouping sets over `x1.country` and `x2.country`, the engine creates one key with the values
# of one and the name of the other.
SETS = re.compile(r"(?:ROLLUP|CUBE|GROUPING SETS) ?\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
ONE_KEY = "two keys of one name in grouping sets: the engine takes them for one"


def plain(value):
    for field in FIELDS:
        got = getattr(value, field, None)
        if got is not None:
            return got
    if getattr(value, "array_value", None) is not None:
        return [plain(element) for element in value.array_value.element or []]
    return None


def execute(tables, sql):
    catalog, content = CatalogBuilder("catalog"), {}
    for name, table in tables.items():
        builder = TableBuilder(name)
        for column, kind in table["columns"].items():
            builder = builder.add_column(column, KINDS[kind])
        catalog = catalog.add_table(builder.build())
        content[name] = create_table_content(table["rows"])
    query = (
        PreparedQuery.builder()
        .set_sql(sql)
        .set_analyzer_options(OPTIONS)
        .set_catalog(catalog.with_builtin_functions(BUILTINS).build())
        .set_table_content(content)
        .prepare()
    )
    try:
        data = query.execute().content.table_data
        return [[plain(value) for value in row.cell or []] for row in (data.row if data else None) or []]
    finally:
        query.close()


def keys_of_one_name(sql):
    """Returns whether grouping sets have two keys that differ only in their table."""
    for keys in SETS.findall(sql):
        paths = set(re.findall(r"\w+\.\w+", keys))
        if len({path.split(".")[1] for path in paths}) < len(paths):
            return True
    return False


def shown(values, people):
    values = [f"{v:.9f}" if isinstance(v, (int, float)) and not isinstance(v, bool) else repr(v) for v in values]
    return " ".join(values) + " | " + repr(people)


def compare(case, errors):
    """Returns the difference or None, and the case with the engine's rows if it ran."""
    if keys_of_one_name(case["sql"]):
        errors[ONE_KEY].append(case["sql"])
        return None, None
    try:
        rows = execute(case["tables"], case["sql"])
    except Exception as error:  # the package raises several kinds
        text = str(error)
        if case["rows"] is None and any(failure in text for failure in FAILURES):
            return None, {**case, "twin": False}
        errors[text.splitlines()[0][:110]].append(case["sql"])
        return None, None
    if case["rows"] is None:
        return "the interpreter says that the query fails", None
    ours = sorted(shown(values, None) for values, _ in case["rows"])
    theirs = sorted(shown(values, None) for values in rows)
    if ours != theirs:
        return f"ours:   {ours}\ntheirs: {theirs}", None
    kept = {**case, "twin": False, "rows": [[values, []] for values in rows]}
    if case["twin"] is None:
        return None, kept
    try:
        rows = execute(case["tables"], case["twin"])
    except Exception as error:
        errors["twin: " + str(error).splitlines()[0][:100]].append(case["twin"])
        return None, kept
    count = case["people"]
    split = [
        [row[: len(row) - count], sorted(sorted(set(people) - {"-"}) for people in row[len(row) - count :] if people is not None)]
        for row in rows
    ]
    ours = sorted(shown(*row) for row in case["rows"])
    theirs = sorted(shown(*row) for row in split)
    if ours != theirs:
        return f"the twin {case['twin']}\nours:   {ours}\ntheirs: {theirs}", None
    return None, {**case, "twin": True, "rows": split}


errors, differ, ran, twins, kept = collections.defaultdict(list), 0, 0, 0, []
with open(sys.argv[1], encoding="utf-8") as cases:
    for line in cases:
        case = json.loads(line)
        difference, result = compare(case, errors)
        if difference:
            differ += 1
            print(f"{case['sql']}\n{json.dumps(case['tables'])}\n{difference}\n")
        if result:
            ran += 1
            twins += result["twin"]
            kept.append(result)
print(f"soundness: {ran} pairs are as the engine has them, {twins} with their people; {differ} differ")
for text, queries in sorted(errors.items(), key=lambda item: -len(item[1])):
    print(f"  {len(queries)} not run: {text}\n    {queries[0]}")
if "--keep" in sys.argv:
    with open(sys.argv[sys.argv.index("--keep") + 1], "w", encoding="utf-8") as out:
        for case in kept:
            tables = {name: {"rows": table["rows"]} for name, table in case["tables"].items()}
            line = {"sql": case["sql"], "twin": case["twin"], "tables": tables, "rows": case["rows"]}
            out.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")
missing = sum(len(queries) for queries in errors.values())
sys.exit(1 if differ or not twins or missing > ran / 4 else 0)
