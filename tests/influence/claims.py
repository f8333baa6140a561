"""What the program claims of texts, read from its report."""
import json
import subprocess
from dataclasses import dataclass


@dataclass
class Claim:
    """What is held to the definition in `docs/proof.md`."""

    width: int
    keys: list  # places of the columns that tell rows apart
    cells: set  # places of the columns whose values are claimed as well as the rows
    names: list  # residual labels, of which nothing is claimed
    publishable: bool

    def residual(self, key):
        return any(value in self.names for value in key)


RESIDUALS = ["Other"]


def _tells(dataset, column):
    """Whether a column tells rows apart: of rows without people, each does."""
    if dataset["level"] is None:
        return True
    grain = dataset["grain"]
    return column["role"] == "dimension" if grain is None else column["name"].lower() in map(str.lower, grain)


def _is_clock(column):
    """Whether a value is made of days alone: the newest and the oldest are the clock of the pipeline, and neutral."""
    return bool(column["sources"]) and all(source.endswith((".day", ".ts")) for source in column["sources"])


def claim_of(dataset, k):
    """The claim on one dataset; None where there is none."""
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
    """A claim, or None, for each text; None as well for a text that the program calls invalid."""
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
