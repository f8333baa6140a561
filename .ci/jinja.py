"""Compares the program's rendering of templates with Jinja's.

Writes random templates to a folder, each with one that it may include and one that it may import,
and renders them with Jinja and with the program. If the program knows all values, its text must be
Jinja's. Templates that Jinja rejects are skipped. Exits with 1 if a text differs, or if too few are
known to decide.
"""

import os
import pathlib
import random
import re
import subprocess
import sys

import jinja2

from jinja_scopes import Scopes

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]) / "templates"
COUNT = int(os.environ.get("HEADCOUNT_TEMPLATES", "300"))
RANDOM = random.Random(int(os.environ.get("HEADCOUNT_SEED", "1")))
LEAST = 0.4
#: The variables that the configuration gives to every template.
GIVEN = {"given": "g"}
SCOPED = Scopes(RANDOM)

STRINGS = r"""
"x"|'y'|"\n"|'\x0a'|"\12"|"\u000a"|"\q"|"\\n"|'\''|"\N{LINE FEED}"|"\a"|"\v"|"\0"|"\r"|"\/"|"\777"|"\U0000000a"|"%}"|"}}"|"#}"|"{{"|"-- "
""".strip().split("|") + ['"a\nb"', '"a\\\nb"', '"a\rb"']
VALUES = """
n;xs;a;b;0;1;5000;true;none;[];[1, 2];(1, 2);{'k': 1};xs[0];xs[-1];'abc'[1:];{'k': 1}['k'];1.0;2 < 3 < 4;-1;'a' 'b';
range(3) | list;'a' in 'abc';1 in xs;'%s' | format(1);'a,b'.split(',');xs | join('-');'x' | int(7);2.5 | round;
none | default(2);'' | default(2, true);{'b': 1, 'a': 2} | dictsort;true + 1;1 == true;'1' == 1;'a' ~ 1 ~ none;7 // 2;-7 // 2;
loop.index;loop.last;caller();zz | default(1);zz is defined;n is defined;xs | map('string') | join
""".replace("\n", "").split(";")
#: Lists of items whose attributes filters read.
ITEMS = [
    "[{'k': 2, 'g': 'b', 'd': {'e': [3, 1]}}, {'k': 1, 'g': 'B', 'd': {'e': [2]}}, {'k': 2, 'g': 'a', 'd': {'e': [2, 9]}}]",
    "[['b', 1], ['a', 2], ['B', 3]]",
    "[{'k': true, 'g': 'x'}, {'k': 1, 'g': 'X'}, {'k': 0.5}]",
    "[(2, 'b'), (1, 'c')]",
    "[{'k': [1, 2]}, {'k': [1, 1]}, {'k': none}]",
    "[]",
    "['b', 'B', 'a', 'C']",
]
PATHS = ["'k'", "'g'", "'d.e.0'", "'d.e'", "0", "1", "'0'", "'zz'", "'k,g'", "'g,k'", "none", "-1", "'k.zz'"]
OPTIONS = ["", ", case_sensitive=true", ", reverse=true", ", start=10", ", default='n'", ", default=none"]
#: Filters that read an attribute, with what may follow them.
READING = {
    "sort": ["", " | map(attribute='k') | join(',')", " | first"],
    "unique": [" | list", " | map(attribute='g') | join(',')"],
    "min": ["", ".k"],
    "max": ["", ".g"],
    "sum": [""],
    "map": [" | list", " | join('-')", " | sum", " | first"],
    "groupby": ["", " | map('first') | list", " | map(attribute='list') | list", " | map(attribute=0) | join", " | length"],
}
FILTERS = "upper;string;trim;default(1);length;first;join(',');list;replace('x', 'z');safe;capitalize".split(";")
TEXTS = [" x ", "\n", "-- ", "\n-- c\n", "/* ", "*/", "\r\n", " \t", "`q`", "'", "{", "% ", " \n\n", "\r", "\xa0", "}}", "%}"]
SCOPES = [
    "{% set ns = namespace(v=1) %}{% for i in xs %}{% set ns.v = ns.v + i %}{% endfor %}{{ ns.v }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% for a, b in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}",
    "{% for i in [1, 2, 3] %}{{ loop.index0 }}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% do xs.append(1) %}{{ xs }}",
    "{% for i in xs %}{% set n = i %}{{ n }}{% endfor %}{{ n }}",
    "{% if xs %}{% set n = 7 %}{% endif %}{{ n }}",
    "{{ a }}{{ b }}{{ n }}",
]
LOOPS = ["xs", "[1, 2]", "range(2)", "[]", "'ab'", "[[1, 2], [3, 4]]", "xs if n", "xs | reverse"]


def one(items):
    return RANDOM.choice(items)


def reading():
    name = one(list(READING))
    arguments = one(["attribute=" + one(PATHS), "attribute=" + one(PATHS), ""]) + one(OPTIONS)
    if name == "sort" and RANDOM.random() < 0.2:
        arguments = f"true, false, {one(PATHS)}"
    if name in ("sum", "groupby") and RANDOM.random() < 0.3:
        arguments = one(PATHS) + one(OPTIONS)
    used = f"({one(ITEMS)} | {name}({arguments.lstrip(', ')}))"
    return used + one(READING[name])


def value(depth=0):
    if RANDOM.random() < 0.08:
        return reading()
    kind = RANDOM.randrange(8 if depth < 2 else 4)
    if kind < 2:
        return one(VALUES)
    if kind < 4:
        return one(STRINGS)
    inner = value(depth + 1)
    if kind == 4:
        return f"({inner}){one([' ~ ', ' == ', ' != ', ' and ', ' or '])}({value(depth + 1)})"
    if kind == 5:
        return f"({inner}) | {one(FILTERS)}"
    if kind == 6:
        return f"{inner} if {value(depth + 1)} else {value(depth + 1)}"
    return f"not {inner}"


def tag(sign, inside):
    """Returns a tag with or without whitespace control."""
    first = one(["", "", "-"] if sign == "{" else ["", "", "-", "+"])
    last = one(["", "", "-"] if sign == "{" else ["", "", "-", "+"])
    close = "}" if sign == "{" else sign
    return "{" + sign + first + one([" ", "\n", ""]) + inside + " " + last + close + "}"


def body(depth):
    return "".join(part(depth) for _ in range(RANDOM.randrange(1, 4)))


def part(depth=0):
    kind = RANDOM.randrange(22 if depth < 3 else 6)
    block = lambda inside: tag("%", inside)  # noqa: E731
    name = one(["a", "b", "n"])
    if kind < 3:
        return one(TEXTS)
    if kind < 6:
        return tag("{", value())
    if kind == 6:
        return tag("#", one([" c", "-- \n", "{{ n }}", "{% if %}"]))
    if kind == 7:
        return block("raw") + one(["{{ n }}", " {% x %} ", "\n", "{# c #}", "{%", "- {{"]) + block("endraw")
    if kind in (8, 9):
        return block(f"set {name} = {value()}")
    if kind == 10:
        return block(f"set {name}") + body(depth + 1) + block("endset")
    if kind in (11, 12):
        other = block("else") + body(depth + 1) if RANDOM.random() < 0.5 else ""
        return block(f"if {value()}") + body(depth + 1) + other + block("endif")
    if kind in (13, 14):
        return block(f"for {name} in {one(LOOPS)}") + body(depth + 1) + block("endfor")
    if kind == 15:
        made = block(f"macro f({one(['', 'a', 'a=1', 'a, b=n'])})") + body(depth + 1) + block("endmacro")
        used = "{{ f(1) }}" if RANDOM.random() < 0.5 else block("call f(1)") + body(depth + 1) + block("endcall")
        return made + used
    if kind == 16:
        return block(f"with {one(['a = 1', 'n = n', 'b = a, n = 2'])}") + body(depth + 1) + block("endwith")
    if kind == 17:
        number = RANDOM.randrange(10**6)
        return block(f"block b{number}") + body(depth + 1) + block("endblock")
    if kind == 18:
        return block(one(["filter upper", "filter replace('x', \"\\12\")"])) + body(depth + 1) + block("endfilter")
    context = one(["", " with context", " without context"])
    if kind == 19:
        return block(f"include 'included.sql'{one(['', ' ignore missing'])}{context}")
    if kind == 20:
        if RANDOM.random() < 0.5:
            return block(f"import 'imported.sql' as m{context}") + "{{ m.h() }}"
        return block(f"from 'imported.sql' import h{context}") + "{{ h() }}"
    return one(SCOPES)


def templates():
    """Returns templates: half of them test scopes of names, half all features of Jinja."""
    if RANDOM.random() < 0.5:
        return SCOPED.templates()
    head = "{% set n = 5000 %}{% set xs = [1, 2] %}" + one(["", "{% set a = 'A' %}"])
    return {
        "main.sql": head + "".join(part() for _ in range(RANDOM.randrange(1, 5))),
        "included.sql": one(["i", "-- i\n"]) + part(2) + one(["", "\n", "\r\n", "\n\n"]),
        "imported.sql": "{% macro h() %}" + part(2) + "{% endmacro %}" + part(2) + one(["", "\n"]),
    }


def theirs(files):
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(files), extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]
    )
    try:
        return environment.get_template("main.sql").render(GIVEN)
    except Exception:  # errors of any kind in a random template
        return None


def lines(text):
    """Normalizes line ends: SQL treats any number of them as one, and none at the end."""
    return re.sub("[\r\n]+", "\n", text).rstrip("\n")


FOLDER.mkdir()
given = "".join(f"{name} = {value!r}\n" for name, value in GIVEN.items())
(FOLDER / "headcount.toml").write_text("[template.variables]\n" + given)
known, unknown, wrong = 0, 0, 0
while known + unknown + wrong < COUNT:
    files = templates()
    expected = theirs(files)
    if expected is None or "<generator" in expected:
        continue
    for name, text in files.items():
        (FOLDER / name).write_bytes(text.encode())
    done = subprocess.run([PROGRAM, "render", "main.sql"], cwd=FOLDER, capture_output=True, check=True)
    text = done.stdout.decode()
    if done.stderr or "unrendered_" in text or text.startswith("-- rendering "):
        unknown += 1
    elif lines(text) == lines(expected):
        known += 1
    else:
        wrong += 1
        print(f"rendered otherwise: {files}\n  Jinja: {lines(expected)!r}\n  ours:  {lines(text)!r}")
print(f"jinja: {known} templates are rendered alike, {unknown} have something unknown, {wrong} differ")
sys.exit(1 if wrong or known < LEAST * COUNT else 0)
