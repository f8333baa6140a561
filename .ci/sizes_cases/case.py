"""What the cases are made with."""

from growth import T, joined, numbered

CASES = {}
COUNTED = "COUNT(DISTINCT client_id) AS n"


def case(size, files=False):
    """Notes a case, and how large it is made."""

    def note(make):
        CASES[make.__name__] = (make, size, files)
        return make

    return note


def simple(name, size, make):
    """Notes a case of one text."""
    make.__name__ = name
    case(size)(make)


def grouped(keys, rest=""):
    """Groups of enough people."""
    return f"SELECT {keys}, {COUNTED} FROM {T} {rest} GROUP BY 1 HAVING n >= 5000"
