"""Compares our lexer with GoogleSQL's parser.

Reads JSON lines: a text, and the tokens that our lexer reads in it, written in one canonical form
(each name and string only with escapes, one space between tokens); null if our lexer rejects a
token. Our lexer must not reject a text that GoogleSQL accepts, and both texts must have the same
syntax tree. Exits with 1 if that does not hold, or if too few texts were accepted to decide.
"""

import dataclasses
import json
import sys

from zetasql.api import Parser
from zetasql.types import LanguageOptions

LEAST = 0.05
# Fields with the spelling and position of literals, names and labels.
WRITTEN = ("image", "is_quoted", "components")


def tree(node):
    if isinstance(node, (list, tuple)):
        return [tree(item) for item in node]
    if not dataclasses.is_dataclass(node):
        return node
    shown = {"": type(node).__name__}
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        number = field.name == "image" and type(node).__name__ in ("ASTIntLiteral", "ASTFloatLiteral")
        if "location" in field.name or (field.name in WRITTEN and not number):
            continue
        if value not in (None, [], ""):
            shown[field.name] = tree(value)
    return shown


def parsed(text):
    try:
        return tree(PARSER.parse_script(text)), None
    except Exception as error:  # the package raises several kinds
        return None, str(error).splitlines()[0]


PARSER = Parser(LanguageOptions.maximum_features())
texts, accepted, wrong = 0, 0, 0
with open(sys.argv[1], encoding="utf-8") as cases:
    for line in cases:
        case = json.loads(line)
        texts += 1
        # A byte order mark is not part of a file's text.
        theirs, _ = parsed(case["text"].removeprefix("\ufeff"))
        if theirs is None:
            continue
        accepted += 1
        if case["rewritten"] is None:
            wrong += 1
            print(f"rejected, and is GoogleSQL: {case['text']!r}")
            continue
        ours, error = parsed(case["rewritten"])
        if ours != theirs:
            wrong += 1
            print(f"read otherwise: {case['text']!r} as {case['rewritten']!r} ({error})")
print(f"lexical: {texts} texts, {accepted} are GoogleSQL, {wrong} are read otherwise")
sys.exit(1 if wrong or accepted < LEAST * texts else 0)
