"""The tables that generated texts read, and the registry that declares them.

Each column has the type that a text sees. The engine stores only STRING, INT64, DOUBLE and BOOL;
columns of other types have an expression that converts the stored value.
"""

K = 3
NULLABLE = ("v",)

# The stored type and the conversion of each type in texts.
STORED = {
    "STRING": ("STRING", "{}"),
    "INT64": ("INT64", "{}"),
    "FLOAT64": ("DOUBLE", "{}"),
    "BOOL": ("BOOL", "{}"),
    "DATE": ("STRING", "CAST({} AS DATE)"),
    "TIMESTAMP": ("STRING", "TIMESTAMP({}, 'UTC')"),
    "ARRAY<STRING>": ("STRING", "SPLIT({}, ',')"),
    "JSON": ("STRING", "PARSE_JSON({})"),
}

PEOPLE = {
    "id": "STRING", "country": "STRING", "os": "STRING", "day": "DATE", "ts": "TIMESTAMP", "n": "INT64",
    "v": "INT64", "x": "FLOAT64", "flag": "BOOL", "words": "STRING", "tags": "ARRAY<STRING>", "props": "JSON",
}

# `t` has several rows per person and rows without a person, `p` one row per person, `q` one per
# person and day, `e` its own key; `u` is not registered and has two identifiers per person. `d` and
# `m` have no people.
TABLES = {
    "t": PEOPLE,
    "p": PEOPLE,
    "q": PEOPLE,
    "e": {"event": "STRING", **PEOPLE},
    "u": {"alias": "STRING", **PEOPLE},
    "d": {"country": "STRING", "region": "STRING", "continent": "STRING"},
    "m": {"k": "INT64", "code": "STRING"},
}
PERSONAL = ("t", "p", "q", "e", "u")
KEYS = {"p": [("id",)], "q": [("id", "day")], "e": [("event",)], "d": [("country",)], "m": [("k",)]}
NOT_NULL = {
    **{name: [c for c in PEOPLE if c not in (*NULLABLE, "id")] for name in ("t", "e")},
    **{name: [c for c in PEOPLE if c not in NULLABLE] for name in ("p", "q")},
    "d": ("country", "region", "continent"),
    "m": ("k", "code"),
}
REGISTERED = ("t", "p", "q", "e", "d", "m")

_ROLES = {
    "dimension": ("country", "os", "day", "flag", "words", "tags", "tags.*", "region", "continent", "code", "k"),
    "metric": ("n", "v", "x", "props", "props.*"),
    "timestamp": ("ts",),
}


def registry():
    """Returns the registry as TOML, with a bucket that is small enough for tiny groups."""
    lines = ["schema_version = 1", "", "[policy]", f"min_bucket = {K}", "", "[units.client]", "person = true"]
    lines += ["[units.event]", "person = false"]

    def column(name, role, *more):
        lines.extend(["", "[[column]]", f'name = "{name}"', f'role = "{role}"', "category = 1", *more])
        lines.append('data_reviews = ["https://example.org/review"]')

    column("id", "identifier", 'unit = "client"')
    column("alias", "identifier", 'unit = "client"', "pseudonym = true")
    column("event", "identifier", 'unit = "event"')
    for role, names in _ROLES.items():
        for name in names:
            more = ['resolution = "day"'] if name == "day" else ['resolution = "second"'] if name == "ts" else []
            column(name, role, *more)
    for name in REGISTERED:
        lines += ["", "[[table]]", f'name = "{name}"']
        lines.append('unit_column = "id"' if name in PERSONAL else "personal = false")
        if name in KEYS:
            keys = ", ".join("[" + ", ".join(f'"{c}"' for c in key) + "]" for key in KEYS[name])
            lines.append(f"keys = [{keys}]")
        if name in NOT_NULL:
            lines.append("not_null = [" + ", ".join(f'"{c}"' for c in NOT_NULL[name]) + "]")
        lines.append("columns = [" + ", ".join(f'"{c}"' for c in TABLES[name]) + "]")
    return "\n".join(lines) + "\n"
