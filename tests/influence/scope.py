"""The generator's knowledge about its own text: columns, and texts that return them.

This is the minimum for valid texts. It is not a plan, and proves nothing.
"""
from dataclasses import dataclass, field, replace

from schema import PERSONAL, TABLES

CODES = {
    "STRING": "S", "INT64": "I", "FLOAT64": "F", "BOOL": "B", "DATE": "D", "TIMESTAMP": "T", "ARRAY<STRING>": "AS",
    "JSON": "J",
}
UNITS = ("id", "alias", "event")
LABELS = ("country", "os", "day", "flag", "words", "region", "continent", "code")


@dataclass(frozen=True)
class Column:
    name: str
    type: str  # a code of `calls.txt`
    role: str  # unit, label, count (of people), value
    sql: str = ""  # the spelling where it is read

    def __str__(self):
        return self.sql or self.name


@dataclass(frozen=True)
class Source:
    """An item of FROM with its columns."""

    text: str
    columns: list = field(default_factory=list)
    once: bool = False  # intended to have one row per person, or per person and label

    def of_role(self, *roles):
        return [column for column in self.columns if column.role in roles]

    def unit(self):
        return next(iter(self.of_role("unit")), None)

    def qualified(self, alias):
        return replace(self, columns=[replace(column, sql=f"{alias}.{column.name}") for column in self.columns])


@dataclass(frozen=True)
class Query:
    """A query with its output columns."""

    text: str
    columns: list
    once: bool = False


def table(name):
    def role(column):
        if column == "event":
            return "value"
        return "unit" if column in UNITS else "label" if column in LABELS else "value"

    columns = [Column(column, CODES[kind], role(column)) for column, kind in TABLES[name].items()]
    # The person's identifier comes first.
    columns.sort(key=lambda column: column.name != "id")
    return Source(name, columns, name == "p")


PEOPLE = [table(name) for name in PERSONAL]
