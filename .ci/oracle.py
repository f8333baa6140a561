"""Checks that GoogleSQL's own parser accepts the texts of our tests.

The texts are every rendering of queries/**/*.sql by the program that is given as argument, and the
lines of tests/forms/queries.txt above the section of texts that only BigQuery accepts. Prints the
rejected texts, and exits with 1 if there are any.
"""

import pathlib
import re
import subprocess
import sys

from zetasql.api import Parser
from zetasql.types import LanguageOptions

BIGQUERY_ALONE = "## accepted by BigQuery alone"


def forms():
    path = pathlib.Path("tests/forms/queries.txt")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith(BIGQUERY_ALONE):
            return
        if line and not line.startswith("#"):
            yield f"{path}:{number}", line
    sys.exit(f"{path} has no section '{BIGQUERY_ALONE}'")


def queries(program):
    for path in sorted(pathlib.Path("queries").rglob("*.sql")):
        shown = subprocess.run(
            [program, "render", path], check=True, capture_output=True, text=True
        ).stdout
        for nth, text in enumerate(re.split(r"(?m)^-- rendering \d+ of \d+.*$", shown)):
            if text.strip():
                yield f"{path} ({nth})", text


parser = Parser(LanguageOptions.maximum_features())
accepted, rejected = 0, 0
for name, text in [*forms(), *queries(sys.argv[1])]:
    try:
        parser.parse_script(text)
        accepted += 1
    except Exception as error:  # the package raises several kinds
        rejected += 1
        print(f"{name}: {str(error).splitlines()[0]}")
print(f"oracle: {accepted} texts are GoogleSQL, {rejected} are not")
sys.exit(1 if rejected or not accepted else 0)
