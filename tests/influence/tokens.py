"""The tokens of a text, in sufficient detail to remove pieces of it and to name its constructs."""
import re

TOKEN = re.compile(
    r"""(?:[rRbB]{0,2})(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|`[^`]*`|\|>|=>|->|<=|>=|!=|<>|\|\||<<|>>|@@?\w+|\d[\w.]*|\w+|\S""", re.S
)
OPEN, CLOSE = "([", ")]"


def tokens(sql):
    return TOKEN.findall(sql)


def text(parts):
    return " ".join(parts)


def matching(parts):
    """Returns the position of the matching bracket for each bracket."""
    found, stack = {}, []
    for at, part in enumerate(parts):
        if part in OPEN:
            stack.append(at)
        elif part in CLOSE and stack:
            start = stack.pop()
            found[start], found[at] = at, start
    return found
