"""Sends mutated texts through `check - --ndjson`: none may crash it or use too much.

    mutated.py HEADCOUNT [--texts N] [--seed S]

Each text must be answered within 2 s of CPU, without a panic or a stack overflow; a batch of texts
must not use more than 500 MB. The texts are those of `queries/`, `tests/forms/` and
`tests/fuzz/corpus/`, each mutated one to eight times at random: tokens are removed, doubled, moved,
reversed, replaced with those of another text, or replaced with hostile ones.
"""

import json
import os
import random
import re
import select
import subprocess
import sys
import time

BATCH = 500
SECONDS, BYTES, LARGE = 2.0, 500 << 20, 100_000
TOKEN = re.compile(r"\w+|\s+|\{\{|\}\}|\{%|%\}|--|/\*|\*/|.", re.S)
HOSTILE = [
    "'", '"', "`", "'''", '"""', "\\", "/*", "*/", "--", "#", "{{", "}}", "{%", "%}", "{#", "#}", "(", ")", "[", "]", "<", ">", ";", "@", "@@", "?", "\r", "\n",
    "\u202e", "\ufeff", "ä", "𝄞", "9" * 40, "1e999", "0x", "SELECT", "FROM", "WITH", "|>", "UNNEST", "BEGIN", "END", "LOOP", "CASE", "IF", "MERGE",
    "EXECUTE IMMEDIATE", "RECURSIVE", "OVER", "PIVOT", "QUALIFY", "STRUCT<", "ARRAY<", "{% for x in y %}", "{% endfor %}", "{% set a = [1] * 1000 %}",
    "{% include 'x' %}", "{{ a.b.c }}", "(" * 50, "SELECT (" * 20, "NOT " * 60, "- " * 60, "CASE WHEN " * 20,
]


def corpus():
    folders = ["queries", "tests/forms", "tests/fuzz/corpus/pipeline", "tests/fuzz/corpus/template", "tests/fuzz/corpus/paste"]
    for folder in folders:
        for at, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                with open(os.path.join(at, name), encoding="utf-8", errors="replace", newline="") as f:
                    text = f.read()
                # A file of test queries contains one text per paragraph.
                parts = re.split(r"\n\s*\n", text) if folder == "tests/forms" else [text]
                yield from (part for part in parts if 0 < len(part) <= LARGE // 2)


def changed(draw, texts):
    tokens = TOKEN.findall(draw.choice(texts))
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(tokens) + 1)
        what = draw.randrange(7)
        end = min(len(tokens), at + draw.randint(1, 12))
        if what == 0:
            del tokens[at:end]
        elif what == 1:
            tokens[at:at] = tokens[at:end] * draw.choice([1, 2, 20])
        elif what == 2:
            other = TOKEN.findall(draw.choice(texts))
            start = draw.randrange(len(other) + 1)
            tokens[at:end] = other[start : start + draw.randint(1, 40)]
        elif what == 3:
            tokens.insert(at, draw.choice(HOSTILE))
        elif what == 4 and at < len(tokens):
            tokens[at] = draw.choice(HOSTILE)
        elif what == 5:
            to = draw.randrange(len(tokens) + 1)
            tokens[to:to] = tokens[at:end]
        elif at < len(tokens):
            tokens[at:end] = reversed(tokens[at:end])
    return "".join(tokens)[: LARGE - 1]


def main():
    def given(flag, usual):
        return int(sys.argv[sys.argv.index(flag) + 1]) if flag in sys.argv else usual

    program = os.path.abspath(sys.argv[1])
    count, seed = given("--texts", 20_000), given("--seed", 1)
    draw = random.Random(seed)
    texts = list(corpus())
    slowest, peak, told, done = (0.0, ""), 0, {}, 0
    failures = []
    while done < count:
        batch = [changed(draw, texts) for _ in range(min(BATCH, count - done))]
        run = subprocess.Popen([program, "check", "-", "--ndjson", "--fail-on", "never"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/")
        for at, text in enumerate(batch):
            line = json.dumps({"id": at, "path": f"t{at}.sql", "sql": text}) + "\n"
            started = cpu(run.pid)
            run.stdin.write(line.encode())
            run.stdin.flush()
            ready = select.select([run.stdout], [], [], 60)[0]
            answer = run.stdout.readline() if ready else b""
            took = cpu(run.pid) - started
            if took > slowest[0]:
                slowest = (took, text)
            try:
                said = json.loads(answer)
            except ValueError:
                failures.append(("no answer", text))
                run.kill()
                break
            shown = answer.decode()
            if said.get("id") != at:
                failures.append(("another id", text))
            if "internal error" in shown:
                failures.append(("internal error", text))
            if took > SECONDS:
                failures.append((f"{took:.1f} s", text))
            for dataset in said.get("datasets", []):
                told[dataset.get("verdict")] = told.get(dataset.get("verdict"), 0) + 1
        peak = max(peak, memory(run.pid))
        run.stdin.close()
        run.stdout.close()
        beside = run.stderr.read().decode(errors="replace")
        status = run.wait()
        if status not in (0, 1, 2):
            failures.append((f"status {status}: {beside[-300:]}", ""))
        done += len(batch)
        if peak > BYTES:
            failures.append((f"{peak >> 20} MB", ""))
            break
    print(f"{done} changed texts: slowest {slowest[0]:.2f} s of CPU, most memory {peak >> 20} MB, datasets by verdict {told}")
    for why, text in failures[:10]:
        print(f"fails, {why}: {text[:2000]!r}")
    sys.exit(bool(failures))


def cpu(pid):
    """Returns the seconds of CPU that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Returns the peak memory of a process in bytes."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
            found = re.search(r"VmHWM:\s+(\d+) kB", f.read())
    except OSError:
        return 0
    return int(found.group(1)) << 10 if found else 0


if __name__ == "__main__":
    main()
