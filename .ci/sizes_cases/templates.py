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
