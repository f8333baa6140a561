"""The calls of `calls.txt`, by kind and type of the result."""
import os
import re
from collections import defaultdict
from dataclasses import dataclass

HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Call:
    text: str
    lossy: bool  # many arguments have the same result

    def holes(self):
        return HOLE.findall(self.text)


def load():
    """Returns the calls by kind and result type."""
    found = defaultdict(lambda: defaultdict(list))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                kind, type_, text = line.rstrip("\n").split(" ", 2)
                found[kind][type_.lstrip("~")].append(Call(text, type_.startswith("~")))
    return found


CALLS = load()
