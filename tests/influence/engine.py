"""Runs texts on GoogleSQL's reference engine (the package zetasql), without each person in turn.

Each table in a text becomes a WITH that selects one database and excludes one person, so that a
text is prepared once. If `variants` are given, the rows of people are also stored with other
values.
"""
import json
import re
from collections import defaultdict

from data import persons
from schema import PERSONAL, STORED, TABLES
from zetasql.api import CatalogBuilder, PreparedQuery, TableBuilder, create_table_content
from zetasql.core import ZetaSqlLocalService
from zetasql.types import AnalyzerOptions, LanguageOptions, Parameter, Type, TypeKind, Value, ZetaSQLBuiltinFunctionOptions

KINDS = {
    "STRING": TypeKind.TYPE_STRING,
    "INT64": TypeKind.TYPE_INT64,
    "DOUBLE": TypeKind.TYPE_DOUBLE,
    "BOOL": TypeKind.TYPE_BOOL,
}
LANGUAGE = LanguageOptions.maximum_features()
BUILTINS = ZetaSQLBuiltinFunctionOptions(language_options=LANGUAGE)
PARAMETERS = {"db__": "INT64", "gone__": "STRING", "as__": "INT64"}
ROW, ELEMENT = "row", "element"
NOBODY, GONE = "\x00nobody", -1
LEADING = re.compile(r"(?:\s|--[^\n\r]*|#[^\n\r]*|/\*.*?\*/)*", re.S)
WITH = re.compile(r"WITH\s+(RECURSIVE\s+)?(?!\()", re.I)


class Rejected(Exception):
    """The engine does not run the text, or not on this data."""

    def __init__(self, error):
        super().__init__(str(error))
        if "wasm" in str(error):
            # The service terminated, so that a new one has to be started.
            ZetaSqlLocalService._instance = ZetaSqlLocalService()


def plain(value):
    for name in ("string_value", "int64_value", "double_value", "bool_value", "bytes_value", "date_value"):
        got = getattr(value, name, None)
        if got is not None:
            return repr(got) if name == "bytes_value" else got
    array = getattr(value, "array_value", None)
    if array is not None:
        return [plain(element) for element in array.element or []]
    struct = getattr(value, "struct_value", None)
    if struct is not None:
        return {"fields": [plain(field) for field in struct.field or []]}
    return None if value == Value() else str(value)


def used(sql):
    """Returns the tables that a text may read."""
    words = set(re.findall(r"\w+", sql))
    return [name for name in TABLES if name in words]


def around(sql):
    """Returns the text with a WITH that defines its tables."""
    tables = []
    for name in used(sql):
        columns = ", ".join(
            f"{STORED[kind][1].format(column)} AS {column}" for column, kind in TABLES[name].items()
        )
        one = " AND IF(id IS DISTINCT FROM @gone__, as__ = 0, as__ = @as__)" if name in PERSONAL else ""
        tables.append(f"{name} AS (SELECT {columns} FROM {name}__ WHERE db__ = @db__{one})")
    start = LEADING.match(sql).end()
    found = WITH.match(sql, start)
    if found is None:
        return f"WITH {', '.join(tables)}\n{sql[start:]}" if tables else sql
    return f"WITH {found[1] or ''}{', '.join(tables)},\n{sql[found.end():]}"


def _value(given):
    if isinstance(given, int):
        return Value(int64_value=given)
    return Value(string_value=given)


class Prepared:
    """A prepared text over several databases."""

    def __init__(self, sql, databases, variants=()):
        self.tables = used(sql)
        catalog, content = CatalogBuilder("catalog"), {}
        for name in self.tables:
            builder = TableBuilder(f"{name}__").add_column("db__", KINDS["INT64"]).add_column("as__", KINDS["INT64"])
            for column, kind in TABLES[name].items():
                builder = builder.add_column(column, KINDS[STORED[kind][0]])
            catalog = catalog.add_table(builder.build())
            rows = [[at, 0, *row] for at, database in enumerate(databases) for row in database[name]]
            if name in PERSONAL:
                for number, variant in enumerate(variants, 1):
                    rows += [[at, number, *variant(name, row)] for at, db in enumerate(databases) for row in db[name]]
            content[f"{name}__"] = create_table_content(rows)
        options = AnalyzerOptions(
            language_options=LANGUAGE,
            query_parameters=[
                AnalyzerOptions.QueryParameter(name=name, type=Type(type_kind=KINDS[kind]))
                for name, kind in PARAMETERS.items()
            ],
        )
        self.ways = [GONE, *range(1, len(variants) + 1)]
        try:
            self.query = (
                PreparedQuery.builder()
                .set_sql(around(sql))
                .set_analyzer_options(options)
                .set_catalog(catalog.with_builtin_functions(BUILTINS).build())
                .set_table_content(content)
                .prepare()
            )
        except Exception as error:  # the package raises several kinds
            raise Rejected(error) from error
        self.columns = [getattr(column, "name", None) or "" for column in self.query.columns]

    def rows(self, database, gone=NOBODY, way=GONE):
        given = {"db__": database, "gone__": gone, "as__": way}
        try:
            done = self.query.execute(parameters=[Parameter(name=name, value=_value(v)) for name, v in given.items()])
        except Exception as error:
            raise Rejected(error) from error
        data = done.content.table_data
        return [[plain(value) for value in row.cell or []] for row in (data.row if data else None) or []]

    def close(self):
        self.query.close()


def _published(rows, keys):
    """Returns the sorted values by row key and place: the row, a column or an element."""
    found = defaultdict(lambda: defaultdict(list))
    for row in rows:
        places = found[json.dumps([row[at] for at in keys])]
        places[ROW, None].append("1")
        for at, value in enumerate(row):
            places[at, None].append(json.dumps(value))
            for element in value if isinstance(value, list) else []:
                if element is not None:
                    places[at, json.dumps(element)].append(ELEMENT)
    return {key: {place: sorted(values) for place, values in places.items()} for key, places in found.items()}


def influence(prepared, databases, claim, k, least=False):
    """Returns the refuted parts of a claim, and the number of rows.

    A claimed part is refuted if it depends on at least one person but on fewer than k. An absent
    row counts like a published one, because it may appear without a person. If the least of a
    group's counts must be large enough (`least`), one small part may exclude the group, which is
    outside the claim: then only published rows count.
    """
    if len(prepared.columns) != claim.width:
        raise Rejected("the report has other columns than the engine")
    refuted, seen = [], 0
    for number, database in enumerate(databases):
        rows = prepared.rows(number)
        seen += len(rows)
        before = _published(rows, claim.keys)
        depends = defaultdict(set)
        for person in persons(database, prepared.tables):
            for way in prepared.ways:
                after = _published(prepared.rows(number, person, way), claim.keys)
                for key in before.keys() if least else before.keys() | after.keys():
                    mine, theirs = before.get(key, {}), after.get(key, {})
                    # An element that appears only without a person replaces another one, such as a
                    # sum, and that one is compared.
                    for place in mine.keys() | {place for place in theirs if place[1] is None}:
                        if mine.get(place) != theirs.get(place):
                            depends[key, place].add(person)
        for (key, (at, element)), who in sorted(depends.items(), key=str):
            if len(who) >= k or claim.residual(json.loads(key)):
                continue
            if at == ROW or at in claim.cells:
                what = ROW if at == ROW else f"column {prepared.columns[at] or at + 1}"
                what += "" if element is None else f", element {element}"
                refuted.append({"database": number, "row": json.loads(key), "what": what, "people": sorted(who)})
        if refuted:
            break
    return refuted, seen
