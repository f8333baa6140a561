"""Counts in how many claiming texts each function, operator and form occurs.

Functions and operators are those in the source of the program's table. Forms are the words, and the
pairs of adjacent words, of `tests/forms/queries.txt`.
"""
import os
import re
from collections import Counter

from tokens import tokens

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TABLE = os.path.join(ROOT, "src", "plan", "functions", "table")
FORMS = os.path.join(ROOT, "tests", "forms", "queries.txt")
WORD = re.compile(r"\|>|[A-Z]{2,}[A-Z_]*")


def functions():
    """Returns the names and operators of the program's table."""
    found = set()
    for name in sorted(os.listdir(TABLE)):
        if name not in ("mod.rs", "tests.rs"):
            with open(os.path.join(TABLE, name), encoding="utf-8") as file:
                code = re.sub(r"//[^\n]*", "", file.read())
            found.update(re.findall(r'"([^"\s][^"]*)"', code))
    return found


def _words(sql):
    """Yields runs of keywords, interrupted by functions and everything else."""
    run, parts = [], tokens(sql)
    for at, part in enumerate(parts):
        called = at + 1 < len(parts) and parts[at + 1] == "("
        if WORD.fullmatch(part) and not (called and part not in ("IN", "OVER", "BY", "ON", "USING", "AS", "EXCEPT", "REPLACE", "PIVOT",
                                                                 "UNPIVOT", "SETS", "ROLLUP", "CUBE", "AND", "OR", "ANY", "ALL", "SOME")):
            run.append(part)
        else:
            yield run
            run = []
    yield run


def forms_of(sql):
    """Returns the keywords of a text and their adjacent pairs."""
    found = set()
    for run in _words(sql):
        found.update(run)
        found.update(f"{a} {b}" for a, b in zip(run, run[1:]))
    return found


def forms():
    """Returns the forms of the test queries, without the section of statements."""
    found = set()
    with open(FORMS, encoding="utf-8") as file:
        for line in file:
            if line.startswith("## statements"):
                break
            if line.strip() and not line.startswith("#"):
                found |= forms_of(line)
    return found


def _called(name, upper, parts):
    if re.fullmatch(r"[A-Z][A-Z0-9_.]*", name):
        return re.search(rf"(?<![\w.]){re.escape(name)}\s*\(", upper) is not None or name in parts and name in FORM_LIKE
    if name == "ARRAY_AT":
        return re.search(r"\w\s*\[", upper) is not None
    if name == "UNARY -":
        return re.search(r"[(,]\s*- ", upper) is not None
    words = name.split(" ")
    return any(parts[at : at + len(words)] == words for at in range(len(parts)))


# Operators that are words and need no parenthesis after them.
FORM_LIKE = {"AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "CASE", "INTERVAL", "EXISTS", "CURRENT_DATE"}


class Ledger:
    def __init__(self, counts=None):
        self.counts = Counter(counts or {})
        self.functions = functions()
        self.forms = forms()

    def add(self, sql):
        parts = tokens(sql)
        upper = sql.upper()
        capitals = [part.upper() for part in parts]
        for name in self.functions:
            if name in upper or " " in name or name == "ARRAY_AT":
                if _called(name, upper, capitals):
                    self.counts[f"function {name}"] += 1
        for form in forms_of(sql) & self.forms:
            self.counts[f"form {form}"] += 1

    def lines(self):
        names = [f"function {name}" for name in self.functions] + [f"form {form}" for form in self.forms]
        for name in sorted(names, key=lambda name: (self.counts[name], name)):
            yield f"{self.counts[name]:7} {name}"
