"""The claims of the program about texts, parsed from its report."""
import json
import subprocess
from dataclasses import dataclass


@dataclass
class Claim:
    """A claim that is compared with the definition in `docs/proof.md`."""

    width: int
    keys: list  # positions of the columns that identify a row
    cells: set  # positions of the columns whose values are claimed in addition to the rows
    names: list  # residual labels, about which nothing is claimed
    publishable: bool

    def residual(self, key):
        return any(value in self.names for value in key)


RESIDUALS = ["Other"]


def _tells(dataset, column):
    """Returns whether a column identifies rows; every column does for rows without people."""
    if dataset["level"] is None:
        return True
    grain = dataset["grain"]
    return column["role"] == "dimension" if grain is None else column["name"].lower() in map(str.lower, grain)


def _is_clock(column):
    """Returns whether a value derives only from dates.

    Its newest and oldest values are the clock of the pipeline, and neutral.
    """
    return bool(column["sources"]) and all(source.endswith((".day", ".ts")) for source in column["sources"])


def claim_of(dataset, k):
    """Returns the claim about one dataset; None if nothing is claimed."""
    if not dataset["assessed"]:
        return None
    publishable = dataset["verdict"] == "publishable"
    bucket = dataset["bucket"]
    proven = (bucket or {}).get("proven") or 0
    counted = proven >= k and (dataset["level"] or 0) <= 2
    if not counted and not publishable:
        return None
    columns = dataset["columns"]
    keys = [at for at, column in enumerate(columns) if _tells(dataset, column)]
    cells = set(keys)
    for at, column in enumerate(columns):
        if _is_clock(column):
            continue
        if publishable or (column["bucket"] or 0) >= k and column["role"] == "dimension":
            cells.add(at)
    unbounded = (bucket or {}).get("residual") is not None
    return Claim(len(columns), keys, cells, RESIDUALS if unbounded else [], publishable)


def claims(program, registry, texts, k, extra=()):
    """Returns the claim about each text; None if there is none or the program rejects the text."""
    lines = "".join(json.dumps({"path": f"{at}.sql", "sql": sql}) + "\n" for at, sql in enumerate(texts))
    done = subprocess.run(
        [program, "check", "-", "--ndjson", "--all", "--no-config", "--registry", registry, *extra],
        input=lines, capture_output=True, text=True, timeout=600,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{program}: status {done.returncode}: {done.stderr.strip()[:500]}")
    found = [None] * len(texts)
    for line in done.stdout.splitlines():
        report = json.loads(line)
        if len(report["datasets"]) == 1:
            found[int(report["path"].removesuffix(".sql"))] = claim_of(report["datasets"][0], k)
    return found
