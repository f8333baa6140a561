"""Measures texts and repositories of hostile size, which must stay within limits.

    sizes.py HEADCOUNT [--case NAME,NAME] [--doubling] [--folder DIR]

Each must end with status 0, 1 or 2 within 5 s of CPU and 1 GB, and any text below 100 kB within 2 s
and 500 MB.

`--case` selects cases by prefixes of their names. `--doubling` also measures a quarter and half of
the size, and shows the exponents of time and memory between the sizes, except if a limit is
reached. `--folder` measures each text of a folder instead.
"""

import math
import os
import sys

import sizes_cases.commands
import sizes_cases.conditions
import sizes_cases.files
import sizes_cases.joins
import sizes_cases.queries
import sizes_cases.scripts
import sizes_cases.templates
import sizes_cases.texts
from growth import CHECK, is_limited, measured
from sizes_cases.case import CASES

# The cost of a run with an empty input.
START_SECONDS, START_BYTES = 0.02, 30 << 20


def bounds(size):
    """Returns the allowed CPU seconds and bytes of memory for a text of this size."""
    return (2.0, 500 << 20) if size < 100_000 else (5.0, 1 << 30)


def total(made):
    texts = made.values() if isinstance(made, dict) else [made]
    return sum(len(text.encode()) for text in texts)


def given(flag):
    return sys.argv[sys.argv.index(flag) + 1] if flag in sys.argv else None


def exponent(less, more):
    """Returns the exponents of time and memory between a size and its double."""

    def log(one, other, start, least):
        return math.log2(max(other - start, least) / max(one - start, least))

    return f"{log(less[1], more[1], START_SECONDS, 0.01):.1f}/{log(less[2], more[2], START_BYTES, 4 << 20):.1f}"


def of_folder(folder):
    """Yields the texts of a folder as cases of one size."""
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as f:
            text = f.read()
        yield name, (lambda _, text=text: text, 1, False, CHECK)


def main():
    program = os.path.abspath(sys.argv[1])
    words = (given("--case") or "").split(",")
    folder = given("--folder")
    cases = of_folder(folder) if folder else CASES.items()
    failures = []
    for name, (make, size, files, args) in cases:
        if not any(name.startswith(word) for word in words):
            continue
        runs = []
        wrong = False
        for n in [size // 4, size // 2, size] if "--doubling" in sys.argv else [size]:
            made = make(n)
            status, said, cpu, peak = measured(program, lambda _: made, n, files, args)
            runs.append((n, cpu, peak, is_limited(said)))
            seconds, room = bounds(total(made))
            if status not in (0, 1, 2) or cpu > seconds or peak > room or "internal error" in said:
                wrong = True
                failures.append(f"{name} × {n}: {total(made) >> 10} kB, status {status}, {cpu:.2f} s, {peak >> 20} MB")
        exponents = [exponent(less, more) for less, more in zip(runs, runs[1:]) if not more[3]]
        shown = "; ".join(f"{n}: {cpu:.2f} s, {peak >> 20} MB{', limit' if limit else ''}" for n, cpu, peak, limit in runs)
        print(f"{'!' if wrong else ' '} {name} ({total(made) >> 10} kB) {shown} {' '.join(exponents)}", flush=True)
    for failure in failures:
        print("fails:", failure)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
