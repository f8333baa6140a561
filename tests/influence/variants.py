"""Rows with other values, for texts in which a value may hide people who contribute to it.

By `docs/proof.md`, rounding and counts of distinct labels may depend on fewer people than
contribute to them. A refuted claim about such a text is tried again: each person's rows are not
removed but changed, one kind of value at a time, so that every contributing person shows. This
affects neither the people of a row that exists or not, nor a value of only those people who satisfy
a condition.
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
