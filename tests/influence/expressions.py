"""Expressions, conditions and windows over the columns in scope."""
from calls import CALLS, HOLE
from data import COUNTRIES, PRIMES, SYSTEMS
from scope import PEOPLE, table

LITERALS = {
    "F": ("10007.5", "2.25", "1e5"),
    "B": ("TRUE", "FALSE"),
    "D": ("DATE '2026-01-04'", "DATE '2026-01-05'", "DATE '2026-02-01'"),
    "T": ("TIMESTAMP '2026-01-05 05:30:00+00'", "TIMESTAMP '2026-01-31 00:00:00+00'"),
    "C": ("DATETIME '2026-01-05 05:30:00'",),
    "H": ("TIME '05:30:00'",),
    "Y": ("b'DE'", "rb'mac'"),
    "N": ("NUMERIC '2.5'", "BIGNUMERIC '10007'"),
    "J": ("JSON '{\"a\": \"mac\", \"b\": 7}'",),
    "V": ("INTERVAL 1 DAY", "INTERVAL 36 HOUR"),
    "AS": ("['a', 'DE']", "ARRAY<STRING>[]", "['mac']"),
    "AI": ("[1, 2]", "ARRAY<INT64>[10007]"),
    "AD": ("[DATE '2026-01-04']",),
}
WORDS = (*COUNTRIES[:2], *SYSTEMS, "a", "a,b")
FRAMES = (
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "ROWS 1 PRECEDING",
    "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING",
)


class Writer:
    """Generates one text, and keeps the state that is not part of the text."""

    def __init__(self, rng):
        self.rng = rng
        self.ctes = []
        self.names = 0
        self.lossy = False
        self.least = False
        self.settled = False

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, weighted):
        """Returns a key of {choice: weight} at random."""
        return self.rng.choices(list(weighted), list(weighted.values()))[0]

    def name(self, letter="c"):
        self.names += 1
        return f"{letter}{self.names}"

    def literal(self, type_):
        if type_ in ("S", "K"):
            return f"'{self.rng.choice(WORDS)}'"
        if type_ in ("I", "P"):
            return str(self.rng.choice(PRIMES))
        return self.rng.choice(LITERALS[type_])

    def expression(self, columns, type_, depth, grouped=False):
        """Returns an expression of a type.

        `grouped`: over values of groups; "inside" if these are aggregates themselves.
        """
        if type_ in ("K", "P"):
            return self.literal(type_)
        own = [column for column in columns if column.type == type_ and (column.role != "unit" or self.chance(0.08))]
        calls = CALLS["scalar"][type_]
        if grouped == "inside":
            calls = [call for call in calls if "SELECT" not in call.text]
        if own and (depth <= 0 or not calls or self.chance(0.45)):
            return str(self.rng.choice(own))
        if depth > -2 and calls and (depth > 0 or not own):
            call = self.rng.choice(calls)
            if grouped and call.lossy:
                self.lossy = True
            return self.fill(call.text, lambda hole: self.expression(columns, hole, depth - 1, grouped))
        return self.literal(type_)

    def fill(self, text, make):
        return HOLE.sub(lambda hole: self.enclosed(make(hole[1])), text)

    @staticmethod
    def enclosed(text):
        bare = text.replace(".", "").replace("_", "").isalnum() or text[-1] in ")'" and text.count("(") <= 1
        return text if bare and " " not in text.split("(")[0] else f"({text})"

    def value(self, columns, depth=1):
        """Returns an expression of a random type, mostly one that often labels rows."""
        type_ = self.pick({"S": 6, "I": 6, "B": 1, "D": 2, "F": 1, "T": 1})
        return self.expression(columns, type_, depth), type_

    def condition(self, columns, depth=1):
        """Returns a condition on rows, mostly on their own columns, sometimes on other people's."""
        kind = self.pick({"own": 10, "plain": 6, "exists": 1.2, "in": 1.5, "scalar": 0.8, "and": 2, "or": 1, "not": 0.6})
        if kind == "own":
            return self.expression(columns, "B", max(depth, 1))
        if kind in ("and", "or"):
            joined = f" {kind.upper()} ".join(self.condition(columns, depth - 1) for _ in range(2))
            return f"({joined})"
        if kind == "not":
            return f"NOT ({self.condition(columns, depth - 1)})"
        if kind == "plain":
            return self.plain(columns)
        return getattr(self, f"_{kind}")(columns)

    def plain(self, columns):
        """Returns a condition on one label."""
        label = self.rng.choice([column for column in columns if column.role == "label"] or [None])
        if label is None:
            return "TRUE"
        if label.type == "B":
            return str(label)
        if label.type == "D":
            return f"{label} {self.rng.choice(('=', '>=', '<', '!='))} {self.literal('D')}"
        if label.type == "S":
            return f"{label} {self.rng.choice(('=', '!='))} '{self.word(label)}'"
        return f"{label} IS NOT NULL"

    def somebody(self, columns, share=0.2, unit=None):
        """Returns the person's identifier, or with the probability `share` one that is NULL for
        some.
        """
        unit = unit or next(column for column in columns if column.role == "unit")
        if not self.chance(share):
            return str(unit)
        text = self.pick({"IF({b}, {u}, NULL)": 4, "CASE WHEN {b} THEN {u} END": 2, "NULLIF({u}, 'a')": 1})
        return text.replace("{b}", self.plain(columns)).replace("{u}", str(unit))

    def word(self, label):
        if label.name.startswith("country"):
            return self.rng.choice(COUNTRIES[:2])
        return self.rng.choice(SYSTEMS if label.name.startswith("os") else WORDS)

    # Conditions over other people.

    def _other(self):
        other = self.rng.choice((*PEOPLE, table("d")))
        alias = self.name("s")
        return other.qualified(alias), f"{other.text} AS {alias}"

    def _correlation(self, columns, other):
        pairs = [(mine, its) for mine in columns for its in other.columns if mine.type == its.type == "S"
                 and mine.name.rstrip("0123456789") == its.name and str(mine) != str(its)]
        # An unqualified name would refer to the inner table's own column.
        pairs = [(mine, its) for mine, its in pairs if "." in str(mine)]
        if not pairs or self.chance(0.3):
            return "TRUE"
        mine, its = self.rng.choice(pairs)
        if mine.role == its.role == "unit" and self.chance(0.2):
            around = [column for column in columns if "." in str(column)]
            return f"{self.somebody(other.columns, 0.5, its)} IS NOT DISTINCT FROM {self.somebody(around, 0.5, mine)}"
        return f"{its} = {mine}"

    def _exists(self, columns):
        other, text = self._other()
        where = f"{self._correlation(columns, other)} AND {self.plain(other.columns)}"
        not_ = self.pick({"": 3, "NOT ": 1})
        return f"{not_}EXISTS (SELECT 1 FROM {text} WHERE {where})"

    def _in(self, columns):
        other, text = self._other()
        names = [(mine, its) for mine in columns for its in other.columns
                 if mine.type == its.type == "S" and mine.name == its.name]
        if not names:
            return self._exists(columns)
        mine, its = self.rng.choice(names)
        if mine.role == "unit":
            mine = self.somebody(columns, 0.25, mine)
        way = self.pick({"IN": 4, "NOT IN": 2})
        where = f" WHERE {self.plain(other.columns)}" if self.chance(0.6) else ""
        if self.chance(0.2):
            return f"{mine} {way} UNNEST(ARRAY(SELECT {its} FROM {text}{where}))"
        if self.chance(0.2):
            having = self.pick({"COUNT(*) >= 3": 1, "COUNT(DISTINCT {u}) >= 3": 2})
            unit = other.unit() or its
            return f"{mine} {way} (SELECT {its} FROM {text}{where} GROUP BY {its} HAVING {having.format(u=unit)})"
        return f"{mine} {way} (SELECT {its} FROM {text}{where})"

    def _scalar(self, columns):
        other, text = self._other()
        # Dates are omitted: the newest day is the clock of the pipeline, and neutral.
        same = [(mine, its) for mine in columns for its in other.columns if mine.type == its.type and mine.type in "SI"]
        if not same:
            return self._exists(columns)
        mine, its = self.rng.choice(same)
        where = self._correlation(columns, other)
        function = self.pick({"MAX": 3, "MIN": 3, "ANY_VALUE": 1})
        return f"{mine} {self.pick({'=': 2, '>=': 1, '!=': 1})} (SELECT {function}({its}) FROM {text} WHERE {where})"

    def other_value(self, columns):
        """Returns a value that other people's rows decide, and its type."""
        other, text = self._other()
        where = f"{self._correlation(columns, other)} AND {self.plain(other.columns)}"
        label = next((c for c in other.columns if c.name in ("os", "region")), other.columns[0])
        unit = other.unit() or other.columns[0]
        return self.rng.choice((
            (f"EXISTS (SELECT 1 FROM {text} WHERE {where})", "B"),
            (f"IF(EXISTS (SELECT 1 FROM {text} WHERE {where}), 1, 2)", "I"),
            (f"(SELECT COUNT(DISTINCT {unit}) FROM {text} WHERE {where})", "I"),
            (f"(SELECT IF(COUNT(DISTINCT {unit}) >= 3, COUNT(DISTINCT {unit}), NULL) FROM {text} WHERE {where})", "I"),
            (f"ARRAY(SELECT DISTINCT {label} FROM {text} WHERE {where})", "AS"),
            (f"ARRAY(SELECT {label} FROM {text} WHERE {where} GROUP BY {label} HAVING COUNT(DISTINCT {unit}) >= 3)", "AS"),
            (f"(SELECT MAX({label}) FROM {text} WHERE {where})", "S"),
            (f"ARRAY_LENGTH(ARRAY(SELECT {label} FROM {text} WHERE {where}))", "I"),
        ))

    # Windows.

    def window(self, columns, kind="W"):
        labels = [column for column in columns if column.role in ("label", "unit")]
        # The order of two groups by their counts is outside the claim.
        ordered = [column for column in columns if column.type in ("S", "I", "D", "T") and column.role != "count"]
        parts = []
        if labels and (kind == "WP" or self.chance(0.7)):
            chosen = self.rng.sample(labels, min(len(labels), self.rng.choice((1, 1, 2))))
            keys = [self.expression(columns, c.type, 1) if self.chance(0.1) else str(c) for c in chosen]
            keys = [self.somebody(columns, 0.25, c) if key == str(c) and c.role == "unit" else key for key, c in zip(keys, chosen)]
            parts.append(f"PARTITION BY {', '.join(keys)}")
        if ordered and (kind == "WO" or kind == "W" and self.chance(0.5)):
            way = self.pick({"": 3, " DESC": 2, " NULLS LAST": 1})
            parts.append(f"ORDER BY {self.rng.choice(ordered)}{way}")
            if kind == "W" and self.chance(0.6):
                parts.append(self.rng.choice(FRAMES))
        elif kind == "W" and self.chance(0.2):
            parts.append(FRAMES[4])
        return " ".join(parts)

    def analytic(self, columns, depth=0):
        """Returns an analytic function over rows, and its type."""
        type_ = self.pick({"I": 6, "F": 1, "S": 2, "B": 0.5})
        call = self.rng.choice(CALLS["window"][type_])

        def make(hole):
            return self.window(columns, hole) if hole in ("W", "WO", "WP") else self.expression(columns, hole, depth)

        return HOLE.sub(lambda hole: make(hole[1]), call.text), type_

    def aggregate(self, columns, type_=None, depth=0):
        """Returns an aggregate over rows, and its type."""
        type_ = type_ or self.pick({"I": 8, "F": 2, "S": 4, "AS": 2, "AI": 0.5, "B": 1})
        call = self.rng.choice(CALLS["aggregate"][type_])
        if call.lossy:
            self.lossy = True
        return HOLE.sub(lambda hole: self.expression(columns, hole[1], depth), call.text), type_
