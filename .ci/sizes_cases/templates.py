"""Templates and YAML."""

from growth import repository
from sizes_cases.case import T, case, simple

HEAD = "{% set a = range(20000)|list %}{% set s = 'ab' * 100000 %}{% set b = range(20000)|list %}"

simple("sqlmesh_each", 14, lambda n: "MODEL (name d.t);\nSELECT " + "@EACH([1, 2, 3], x -> " * n + "a" + ")" * n + f" FROM {T}")
simple("sqlmesh_definitions", 20, lambda n: "MODEL (name d.t);\n" + "".join(f"@DEF(v{at}, @v{at + 1}, @v{at + 1});\n@DEF(v{at}, [@v{at + 1} + @v{at + 1}]);\n" for at in range(n)) + f"SELECT @v0 FROM {T}")
for name, inside in {
    "unique": "{% set x = a|unique %}",
    "key": "{% set x = {a: 1} %}",
    "count": "{% set x = a.count(5) %}",
    "sum": "{% set x = range(100000)|sum %}",
    "text_unique": "{% set x = s|unique %}",
    "text_min": "{% set x = s|min %}",
    "equal": "{% if a == b %}{% endif %}",
    "in": "{% if -1 in a %}{% endif %}",
}.items():
    simple(f"template_{name}", 20000, lambda n, inside=inside: HEAD + "{% for i in range(" + str(n) + ") %}" + inside + f"{{% endfor %}}SELECT 1 FROM {T}")
for name, sign in {"tildes": "~", "equals": "==", "ands": " and ", "pluses": "+"}.items():
    simple(f"template_{name}", 30000, lambda n, sign=sign: "SELECT {{ " + sign.join(["u"] * n) + f" }} FROM {T}")
# Values that contain the previous one twice: a full traversal doubles at each step.
DOUBLED = {
    "lists": ("[]", "[@, @]"),
    "tuples": ("()", "(@, @)"),
    "dicts": ("{}", "{'p': @, 'q': @}"),
    "boxes": ("namespace()", "namespace(p=@, q=@)"),
}


def doubled(made, n, inside):
    first, more = DOUBLED[made]
    steps = "".join(f"{{% set {v}{at} = {more.replace('@', v + str(at - 1)) if at else first} %}}" for v in "vw" for at in range(n))
    return f"{steps}SELECT {inside.replace('V', f'v{n - 1}').replace('W', f'w{n - 1}')} AS a FROM {T}"


for made in DOUBLED:
    for name, inside in {
        "equal": "{{ V == W }}",
        "less": "{{ V < W }}",
        "in": "{{ V in [W] }}",
        "sorted": "{{ [V, W]|sort|length }}",
        "key": "{% set d = {V: 1} %}1",
        "joined": "{{ V ~ '' }}",
        "shown": "{{ V }}",
        "text": "{{ V|string|length }}",
        "format": "{{ '{}'.format(V) }}",
        "changed": "{% for i in [1, 2] %}{{ loop.changed(V) }}{% endfor %}",
        "removed": "{% do [V].remove(W) %}1",
        "asked": "{{ f(V) }}",
        "looked_up": "{{ {'a': 1}[V] }}",
    }.items():
        simple(f"template_doubled_{made}_{name}", 40, lambda n, made=made, inside=inside: doubled(made, n, inside))
simple("template_loops_nested", 2500, lambda n: "SELECT " + "".join(f"{{% for a{at} in u{at} %}}" for at in range(n)) + "1, " + "{% endfor %}" * n + f"client_id FROM {T}")
simple("template_keys_searched", 1900, lambda n: "{% set d = {" + ", ".join(f"'k{at}': 1" for at in range(n)) + "} %}{% for i in range(20000) %}{% set x = d|length %}{% endfor %}" + f"SELECT 1 FROM {T}")
simple("template_appended", 9999, lambda n: "{% set a = range(" + str(n) + ")|list %}{% set b = [] %}{% for i in range(20000) %}{% do b.append(a) %}{% endfor %}" + f"SELECT 1 FROM {T}")


def shared(n, first, more):
    texts = repository({"a": f"CREATE TABLE d.a AS SELECT country FROM {T}"})
    texts["headcount.toml"] = '[project]\nlayout = "bigquery-etl"\n'
    texts["sql/p/d/t/query.sql"] = f"SELECT country FROM {T}"
    texts["sql/p/d/t/metadata.yaml"] = f"m: &m {first}\n{more}"
    return texts


@case(16000, files=True)
def yaml_alias_of_text(n):
    return shared(n, "x" * (n * 3), "l: [" + "*m, " * n + "]\n")


@case(16000, files=True)
def yaml_alias_of_tag(n):
    return shared(n, f"!x {'x' * (n * 3)}", "l: [" + "*m, " * n + "]\n")


@case(3500, files=True)
def yaml_merge_of_text(n):
    return shared(n, "{t: " + "x" * (n * 8) + "}", "".join(f"k{at}: {{<<: *m}}\n" for at in range(n)))


@case(2000, files=True)
def yaml_merges(n):
    texts = repository({"a": f"CREATE TABLE d.a AS SELECT country FROM {T}"})
    keys = ", ".join(f"k{at}: 1" for at in range(n))
    texts["sql/p/d/t/metadata.yaml"] = f"m: &m {{{keys}}}\n" + "".join(f"x{at}: {{<<: *m}}\n" for at in range(n))
    return texts


@case(2500, files=True)
def yaml_merge_chain(n):
    texts = repository({"a": f"CREATE TABLE d.a AS SELECT country FROM {T}"})
    texts["sql/p/d/t/metadata.yaml"] = "m0: &m0 {k: 1}\n" + "".join(f"m{at}: &m{at} {{<<: [*m{at - 1}, *m{at - 1}], k{at}: 1}}\n" for at in range(1, n))
    return texts
simple("template_conditions_unknown", 6784, lambda n: "{% macro m(x) %}{% if x %}a,{% else %}b,{% endif %}{% endmacro %}SELECT " + "".join(f"{{{{ m(u{at}) }}}}" for at in range(n)) + f"1 FROM {T}")
simple("template_parts_unknown", 120000, lambda n: "{{ a }}," * n)
