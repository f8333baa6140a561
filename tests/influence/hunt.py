"""Generates texts until a claim is refuted. `.ci/influence` runs this.

    hunt.py HEADCOUNT [--texts N] [--seed S] [--databases D] [--jobs J] [--resume FILE] [--ledger FILE] [--shrink N] [--all] [--progress]

The number of a text and the seed determine the text and its databases. Exits with 1 if a claim is
refuted, or if too few texts claim or run to decide.
"""
import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace

import data
import engine
import kinds
import schema
import texts
from claims import claims
from ledger import Ledger
from shrink import shrink
from variants import VARIANTS

BATCH = 400


def databases(seed, number, count, text):
    rng = random.Random(f"{seed} {number} data")
    return [data.Database(rng, text.settled or at % 4 == 3, text.summed()).tables for at in range(count)]


def tried(text, claim, rows):
    """Returns the refuted parts of a claim and the number of rows.

    Raises Rejected if the engine does not run the text.
    """
    prepared = engine.Prepared(text.sql, rows)
    try:
        refuted, seen = engine.influence(prepared, rows, claim, schema.K, text.least)
    finally:
        prepared.close()
    if refuted and text.lossy:
        prepared = engine.Prepared(text.sql, rows, VARIANTS)
        try:
            refuted, _ = engine.influence(prepared, rows, claim, schema.K, text.least)
        finally:
            prepared.close()
    return refuted, seen


def judge(task):
    """Judges one claiming text, in a worker process."""
    number, text, claim, seed, count = task
    try:
        refuted, seen = tried(text, claim, databases(seed, number, count, text))
    except engine.Rejected as error:
        return number, None, 0, str(error).splitlines()[0][:110]
    return number, refuted, seen, None


def small(task):
    """Shrinks a refuted text; returns it with its refuted parts and its data."""
    number, text, seed, count, program, registry = task
    rows = databases(seed, number, count, text)

    def first(candidates):
        for at in range(0, len(candidates), 120):
            some = candidates[at : at + 120]
            for candidate, claim in zip(some, claims(program, registry, some, schema.K)):
                try:
                    if claim and tried(replace(text, sql=candidate), claim, rows)[0]:
                        return candidate
                except engine.Rejected:
                    pass
        return None

    text = replace(text, sql=shrink(text.sql, first))
    claim = claims(program, registry, [text.sql], schema.K)[0]
    return number, text.sql, tried(text, claim, rows)[0], rows


class Hunt:
    def __init__(self, options, registry):
        self.options, self.registry = options, registry
        self.state = {"seed": options.seed, "next": 0, "claiming": 0, "run": 0, "with_rows": 0, "ledger": {}, "rejected": {},
                      "refuted": [], "seconds": 0}
        if options.resume and os.path.exists(options.resume):
            with open(options.resume, encoding="utf-8") as file:
                self.state = json.load(file)
        self.ledger = Ledger(self.state["ledger"])
        self.rejected = dict(self.state["rejected"])
        self.kinds = Counter(found["kind"] for found in self.state["refuted"])
        self.raw = Counter()

    def save(self):
        if self.options.resume:
            self.state["ledger"], self.state["rejected"] = self.ledger.counts, self.rejected
            with open(f"{self.options.resume}.new", "w", encoding="utf-8") as file:
                json.dump(self.state, file)
            os.replace(f"{self.options.resume}.new", self.options.resume)

    def claims(self, written):
        return claims(self.options.headcount, self.registry, written, schema.K)

    def made_small(self, pool, found):
        """Shrinks the first refuted texts of each kind, and returns all of them."""
        tasks, rest = [], []
        for number, text, refuted in found:
            kind = kinds.kind(text.sql)
            self.raw[kind] += 1
            if self.raw[kind] <= self.options.shrink:
                options = self.options
                tasks.append((number, text, self.state["seed"], options.databases, options.headcount, self.registry))
            else:
                rest.append((number, text.sql, refuted, databases(self.state["seed"], number, self.options.databases, text)))
        return [*pool.imap_unordered(small, tasks), *rest]

    def report(self, number, sql, refuted, rows):
        kind = kinds.kind(sql)
        self.kinds[kind] += 1
        self.state["refuted"].append({"number": number, "kind": kind, "sql": sql})
        first = refuted[0]
        print(f"text {number} ({kind}): {first['what']} of the row {first['row']} depends on {first['people']} alone\n  {sql}")
        if not self.options.all or self.kinds[kind] <= 1:
            for name in engine.used(sql):
                print(f"  {name}({', '.join(schema.TABLES[name])})")
                for row in rows[first["database"]][name]:
                    print(f"    {json.dumps(row)}")
        sys.stdout.flush()

    def run(self, pool):
        options, state = self.options, self.state
        while state["next"] < options.texts:
            started = time.time()
            numbers = range(state["next"], min(state["next"] + BATCH, options.texts))
            written = [texts.text(f"{state['seed']} {number}") for number in numbers]
            tasks = [
                (number, text, claim, state["seed"], options.databases)
                for number, text, claim in zip(numbers, written, self.claims([text.sql for text in written]))
                if claim
            ]
            by_number = dict(zip(numbers, written))
            state["claiming"] += len(tasks)
            found = []
            for number, refuted, seen, why in pool.imap_unordered(judge, tasks, chunksize=4):
                text = by_number[number]
                if why:
                    self.rejected.setdefault(why, text.sql)
                    continue
                state["run"] += 1
                state["with_rows"] += seen > 0
                if seen:
                    self.ledger.add(text.sql)
                if refuted:
                    found.append((number, text, refuted))
            found.sort(key=lambda one: one[0])
            if not options.all:
                found = found[:1]
            for one in sorted(self.made_small(pool, found), key=lambda one: one[0]):
                self.report(*one)
            state["next"] = numbers[-1] + 1
            state["seconds"] += time.time() - started
            self.save()
            if options.progress:
                print(f"{state['next']} texts, {state['claiming']} claim, {state['run']} run, {len(state['refuted'])} refuted, "
                      f"{state['seconds']:.0f} s", file=sys.stderr)
            if state["refuted"] and not options.all:
                break

    def summary(self):
        state = self.state
        print(f"influence: {state['next']} texts, {state['claiming']} claim, {state['run']} of them run, {state['with_rows']} with rows; "
              f"{len(state['refuted'])} refuted")
        firsts = {}
        for found in state["refuted"]:
            firsts.setdefault(found["kind"], found["number"])
        for kind, number in sorted(firsts.items(), key=lambda item: item[1]):
            print(f"  {kind}: first by text {number}, {self.kinds[kind]} in all")
        for why, sql in sorted(self.rejected.items()):
            print(f"  not run: {why}\n    {sql}")
        if self.options.ledger:
            with open(self.options.ledger, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in self.ledger.lines())
        enough = state["claiming"] * 8 >= state["next"] and state["run"] * 4 >= state["claiming"] * 3 and state["with_rows"] * 2 >= state["run"]
        if not enough:
            print("influence: too few texts claim, run or have rows")
        return 1 if state["refuted"] or not enough else 0


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("headcount")
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--databases", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--resume")
    parser.add_argument("--ledger")
    parser.add_argument("--all", action="store_true", help="go on after the first that is refuted")
    parser.add_argument("--shrink", type=int, default=4, help="how many of a kind are made small")
    parser.add_argument("--progress", action="store_true")
    return parser.parse_args()


def main():
    given = options()
    with tempfile.TemporaryDirectory() as folder:
        registry = os.path.join(folder, "dimension-registry.toml")
        with open(registry, "w", encoding="utf-8") as file:
            file.write(schema.registry())
        hunt = Hunt(given, registry)
        with multiprocessing.Pool(given.jobs, maxtasksperchild=400) as pool:
            hunt.run(pool)
        sys.exit(hunt.summary())


if __name__ == "__main__":
    main()
