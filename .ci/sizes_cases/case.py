"""Helpers that register the cases of `sizes.py`."""

from growth import CHECK, T, joined, numbered

JSON = ["check", ".", "--all", "--format", "json"]
REVIEW = ["review", "q.sql"]
FIX = ["check", "q.sql", "--diff"]
CASES = {}
COUNTED = "COUNT(DISTINCT client_id) AS n"


def case(size, files=False, args=CHECK):
    """Registers a case with its size and the arguments of the program."""

    def note(make):
        CASES[make.__name__] = (make, size, files, args)
        return make

    return note


def simple(name, size, make, args=CHECK):
    """Registers a case of a single text."""
    make.__name__ = name
    case(size, args=args)(make)


def grouped(keys, rest=""):
    """Returns a query of groups with enough people."""
    return f"SELECT {keys}, {COUNTED} FROM {T} {rest} GROUP BY 1 HAVING n >= 5000"
