"""What the cases are made with."""

from growth import CHECK, T, joined, numbered

JSON = ["check", ".", "--all", "--format", "json"]
REVIEW = ["review", "q.sql"]
FIX = ["check", "q.sql", "--diff"]
CASES = {}
COUNTED = "COUNT(DISTINCT client_id) AS n"


def case(size, files=False, args=CHECK):
    """Notes a case, how large it is made, and what is asked of it."""

    def note(make):
        CASES[make.__name__] = (make, size, files, args)
        return make

    return note


def simple(name, size, make, args=CHECK):
    """Notes a case of one text."""
    make.__name__ = name
    case(size, args=args)(make)


def grouped(keys, rest=""):
    """Groups of enough people."""
    return f"SELECT {keys}, {COUNTED} FROM {T} {rest} GROUP BY 1 HAVING n >= 5000"
