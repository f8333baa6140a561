"""The tokens of a text: enough to cut pieces out of it, and to name what stands in it."""
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
    """The place of each bracket's other end."""
    found, stack = {}, []
    for at, part in enumerate(parts):
        if part in OPEN:
            stack.append(at)
        elif part in CLOSE and stack:
            start = stack.pop()
            found[start], found[at] = at, start
    return found
