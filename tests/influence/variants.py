"""Rows that hold something else, for texts in which a value may hide people who feed it.

`docs/proof.md` says that rounding and counts of distinct labels may depend on fewer people than feed them. A refuted claim of
a text with such a value is tried again with each person's rows not gone but changed, one kind of value at a time: somebody who
feeds the value then shows. Who stands behind a row that is there or not is not changed by this, nor is a value of those alone
who fulfil a condition.
"""
from schema import TABLES

OTHER = {"country": "XX", "os": "xxx", "words": "x,y", "tags": "x,y", "day": "2025-06-15", "ts": "2025-06-15 11:22:33",
         "props": '{"a": "xxx", "b": 5}'}


def _numbers(factor):
    def changed(name, row):
        def value(column, old):
            return old * factor + 3 if column in ("n", "v", "x") and old is not None else old

        return [value(column, old) for column, old in zip(TABLES[name], row)]

    return changed


def _labels(columns):
    def changed(name, row):
        return [OTHER[column] if column in columns and old is not None else old for column, old in zip(TABLES[name], row)]

    return changed


VARIANTS = [_numbers(-1), _numbers(1_000_003), *[_labels((column,)) for column in OTHER]]
