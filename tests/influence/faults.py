"""Checks that generated texts find each wrong rule of the proof, and after how many texts.

    faults.py HEADCOUNT [--texts N] [--seed S] [--databases D] [--jobs J] [--only NAME]

The rules are those of `src/facts/mistake.rs`; the program must be built with the feature `faults`,
as for the tests. Only texts for which a wrong rule changes the claim run on the engine. Exits with
1 if a wrong rule is not found.
"""
import argparse
import multiprocessing
import os
import re
import sys
import tempfile

import hunt
import schema
import texts
from claims import claims
from ledger import ROOT

BATCH = 1000


def rules():
    with open(os.path.join(ROOT, "src", "facts", "mistake.rs"), encoding="utf-8") as file:
        body = re.search(r"pub enum Mutation \{(.*?)\n\}", file.read(), re.S)[1]
    return re.findall(r"^    (\w+),", body, re.M)


def differing(options, registry, rule, written):
    """Returns the texts whose claim the wrong rule changes, with the new claim."""
    plain = [text.sql for text in written]
    right = claims(options.headcount, registry, plain, schema.K)
    os.environ["HEADCOUNT_FAULT"] = rule
    try:
        wrong = claims(options.headcount, registry, plain, schema.K)
    finally:
        del os.environ["HEADCOUNT_FAULT"]
    return [(at, claim) for at, (claim, known) in enumerate(zip(wrong, right)) if claim and claim != known]


def found_after(options, registry, rule, pool):
    """Returns after how many texts the rule is refuted, with the text; None if it is not."""
    tried = 0
    for start in range(0, options.texts, BATCH):
        numbers = range(start, min(start + BATCH, options.texts))
        written = [texts.text(f"{options.seed} {number}") for number in numbers]
        tasks = [
            (numbers[at], written[at], claim, options.seed, options.databases)
            for at, claim in differing(options, registry, rule, written)
        ]
        tried += len(tasks)
        for number, refuted, _, _ in pool.imap(hunt.judge, tasks):
            if refuted:
                return f"after {number + 1} texts", written[number - start].sql
    return None, f"{tried} claims differ"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("headcount")
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--databases", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only")
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        registry = os.path.join(folder, "dimension-registry.toml")
        with open(registry, "w", encoding="utf-8") as file:
            file.write(schema.registry())
        with multiprocessing.Pool(options.jobs) as pool:
            for rule in [options.only] if options.only else rules():
                after, detail = found_after(options, registry, rule, pool)
                missed += after is None
                print(f"{rule}: {after or 'not found'}\n  {detail}", flush=True)
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
