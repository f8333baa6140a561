#!/usr/bin/env python3
"""What `headcount registry import` makes of an application's own definitions.

The definitions are counted here, with PyYAML and without the program's code, and
held against the registry that the program writes: no name is missing, categories and
links are as defined, and a second run changes nothing.

    .ci/imported.py HEADCOUNT NAME=CLONE[:FOLDER[,FOLDER…]] …

Each argument is an application: its name, a clone, with or without a work tree, whose
newest commit is read, and the folders of it that hold the definitions. The table of the
result is Markdown. Ends with status 1 where anything differs. Needs PyYAML and the
clones, so it is not part of `.ci/run`.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import yaml

CATEGORIES = {
    "technical": 1,
    "interaction": 2,
    "stored_content": 3,
    "web_activity": 3,
    "highly_sensitive": 4,
}
ASIDE = re.compile(r"(^|/)(tests?|samples|templates|fixtures|rlb-tests|docs)/")
DATASET = "imported_app"


def git(clone, *arguments):
    done = subprocess.run(["git", "-C", clone, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def definitions(clone, folders):
    """The files of definitions of an application, with their texts."""
    for line in git(clone, "ls-tree", "-r", "HEAD").splitlines():
        about, path = line.split("\t", 1)
        # No links; tests, samples and templates define what nobody sends.
        if not about.startswith("100") or not path.endswith((".yaml", ".yml")):
            continue
        if ASIDE.search(path) or folders and not path.startswith(tuple(folders)):
            continue
        if re.search(r"(metrics|pings)\.ya?ml$", path):
            text = git(clone, "show", f"HEAD:{path}")
            if "schemas/glean/" in text:
                yield path, text


def listed(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def links(words):
    found = [str(word) for word in listed(words)]
    found = [word for word in found if re.fullmatch(r"https?://\S+", word)]
    return list(dict.fromkeys(found))


def categories(words):
    known = [CATEGORIES.get(word) for word in listed(words)]
    return max(known) if known and None not in known else None


def column(category, name, metric):
    """The column that holds a metric, as Mozilla's pipeline names it."""
    pings = listed(metric.get("send_in_pings"))
    if metric["type"] == "event":
        return f"events.{category}.{name}"
    if "glean_client_info" in pings or "glean_internal_info" in pings:
        path = f"{category}.{name}"
        within = "glean.internal.metrics."
        own = path.removeprefix(within) if path.startswith(within) else name
        return f"{'client_info' if 'glean_client_info' in pings else 'ping_info'}.{own}"
    snake = f"{category}_{name}".replace(".", "_").replace("-", "_")
    return f"metrics.{metric['type']}.{snake}"


def expected(texts):
    """Columns and tables: name → (category, links), the stricter of several."""
    columns, tables, metrics = {}, {}, 0
    for _, text in texts:
        document = yaml.safe_load(text.removeprefix("\ufeff"))
        pings = "schemas/glean/pings/" in text
        for category, names in document.items():
            if category.startswith("$") or category == "no_lint":
                continue
            if pings:
                found = links(names.get("data_reviews"))
                if names.get("include_client_id") or found:
                    own = category.replace("-", "_").replace(".", "_")
                    tables[f"{DATASET}.{own}"] = found
                    tables[f"{DATASET}_stable.{own}_v1"] = found
                continue
            for name, metric in names.items():
                metrics += 1
                what = column(category, name, metric).lower()
                said = (categories(metric.get("data_sensitivity")), links(metric.get("data_reviews")))
                if what in columns:
                    said = joined(columns[what], said)
                columns[what] = said
    return metrics, columns, tables


def joined(one, other):
    category = None if None in (one[0], other[0]) else max(one[0], other[0])
    both = list(dict.fromkeys(one[1] + other[1])) if one[1] and other[1] else []
    return category, both


def main(program, applications):
    print("| application | commit | metrics | columns expected | found | category differs | links differ | ping tables expected | found | second run |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    bad = []
    for application in applications:
        name, _, place = application.partition("=")
        clone, _, folders = place.partition(":")
        folders = [folder for folder in folders.split(",") if folder]
        texts = list(definitions(clone, folders))
        if not texts:
            sys.exit(f"no definitions in {application}")
        metrics, columns, tables = expected(texts)
        with tempfile.TemporaryDirectory() as work:
            work = pathlib.Path(work)
            registry = work / "dimension-registry.toml"
            registry.write_text("schema_version = 1\n")
            for path, text in texts:
                to = work / path
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_text(text)
            command = [program, "registry", "import", *(path for path, _ in texts)]
            command += ["--dataset", DATASET]
            subprocess.run(command, cwd=work, check=True, capture_output=True)
            first = registry.read_text()
            again = subprocess.run(command, cwd=work, check=True, capture_output=True)
            same = registry.read_text() == first
            written = tomllib.loads(first)
        found = {}
        for entry in written.get("column", []):
            for name in [entry["name"], *entry.get("aliases", [])]:
                found[name.lower()] = entry
        there = {entry["name"]: entry for entry in written.get("table", [])}
        lacking = [name for name in columns if name not in found]
        category = [n for n, said in columns.items() if n in found and found[n].get("category") != said[0]]
        review = [n for n, said in columns.items() if n in found and found[n].get("data_reviews", []) != said[1]]
        tables_lacking = [n for n, said in tables.items() if n not in there or there[n].get("data_reviews", []) != said]
        bad += [f"{name}: no entry for {n}" for n in lacking + tables_lacking]
        bad += [f"{name}: {n} has category {found[n].get('category')}, defined is {columns[n][0]}" for n in category]
        bad += [f"{name}: {n} has the links {found[n].get('data_reviews', [])}, defined are {columns[n][1]}" for n in review]
        if not same:
            bad.append(f"{name}: the second run changed the registry: {again.stderr.decode()}")
        print(
            f"| {name} | {git(clone, 'rev-parse', '--short=12', 'HEAD').strip()} | {metrics} | {len(columns)} | {len(columns) - len(lacking)} "
            f"| {len(category)} | {len(review)} | {len(tables)} | {len(tables) - len(tables_lacking)} | {'changes nothing' if same else 'CHANGES'} |"
        )
    for line in bad:
        print(line, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:]))
