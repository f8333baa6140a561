"""Texts in which a value discloses few people although it seems to be computed from many.

They contain subqueries over rows without people, arrays of measured values, rows of a union that
subtract what others add, windows and limits below the grouping, and joins of people with others.
"""
from relations import Relations
from scope import Column, Query, table

# Values derived from the measured values `a` and `b` of a group of enough people.
MADE = {
    "[0, 1, 2, 3, 4, 5][SAFE_OFFSET({a})]": 1, "['no', 'yes'][OFFSET(IF({a} > {k}, 1, 0))]": 1, "['no', 'yes'][OFFSET(IF({a} > {b}, 1, 0))]": 1,
    "[STRUCT('no' AS z), STRUCT('yes' AS z)][OFFSET(LEAST({a}, 1))].z": 0.7, "SPLIT('a,b,c,d')[SAFE_OFFSET({a})]": 0.7,
    "ARRAY_LENGTH([{a}, {b}])": 0.3, "ARRAY_REVERSE([{a}, {b}])": 0.7, "ARRAY_IS_DISTINCT([{a}, {b}])": 1, "TO_JSON_STRING([{a}, {b}])": 0.7,
    "(SELECT SUM(x) FROM UNNEST([{a}, -{b}]) AS x)": 1, "(SELECT MAX(x) FROM UNNEST([{a}, {b}]) AS x)": 1, "(SELECT SUM({a}) FROM UNNEST([1]))": 1,
    "(SELECT x FROM UNNEST([0, 1, 2, 3, 5, 7]) AS x ORDER BY ABS(x - {a}) LIMIT 1)": 1.5,
    "(SELECT COUNT(*) FROM (SELECT DISTINCT x > {a} AS y FROM UNNEST([1, 2, 3, 4]) AS x))": 1,
    "(SELECT COUNT(*) FROM UNNEST([1, 2, 3, 4]) AS x WHERE x > {a})": 1, "ARRAY(SELECT {a} - {b})": 1, "ARRAY(SELECT {a})": 0.7,
    "(SELECT ARRAY_AGG(x ORDER BY ABS(x - {a}) LIMIT 1)[OFFSET(0)] FROM UNNEST([1, 2, 3, 4]) AS x)": 1,
    "(SELECT STRING_AGG(x ORDER BY ABS(LENGTH(x) - {a})) FROM UNNEST(['a', 'bb', 'ccc']) AS x)": 0.7,
    "(SELECT ANY_VALUE(x HAVING MIN ABS(x - {a})) FROM UNNEST([1, 2, 3, 4]) AS x)": 0.7,
    "(SELECT COUNT(*) FROM (SELECT {a} AS z UNION DISTINCT SELECT {b}))": 1, "(SELECT MIN(z) FROM (SELECT {a} AS z UNION ALL SELECT {b}))": 0.7,
    "(SELECT x FROM UNNEST([1, 2, 3]) AS x WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY ABS(x - {a})) = 1)": 1,
    "(SELECT MAX(z) FROM (SELECT COUNT(*) AS z FROM UNNEST([1, 2, 3, 4]) AS x GROUP BY x > {a}))": 1, "TRUNC({a} / {b})": 1,
    "ARRAY(SELECT x FROM UNNEST([1, 2, 3]) AS x ORDER BY ABS(x - {a}))[OFFSET(0)]": 1, "CAST({a} / {b} AS BOOL)": 0.3,
    "ARRAY_CONCAT([{a}], [{b}])": 0.7, "EXISTS (SELECT 1 FROM UNNEST([1, 2, 3]) AS x WHERE x = {a})": 1, "{a} IN (SELECT x FROM UNNEST([2, 3]) AS x)": 1,
}
VALUES = {
    "COUNT(*)": 3, "COUNT(DISTINCT {u})": 2, "COUNTIF({b})": 3, "SUM(n)": 1, "MAX(n)": 2, "COUNT(DISTINCT IF({b}, {u}, NULL))": 1, "ANY_VALUE(os)": 0.5,
    "COUNT(DISTINCT COALESCE(IF({b}, {u}, NULL), 'none'))": 1.5, "COUNT(DISTINCT NULLIF({u}, IF({b}, {u}, '')))": 1,
    "COUNT(IFNULL(IF({b}, {u}, NULL), NULL))": 1, "ARRAY_LENGTH(ARRAY_AGG(DISTINCT ({b}) IS TRUE))": 1, "ARRAY_LENGTH(ARRAY_AGG(DISTINCT IF({b}, {u}, NULL) IGNORE NULLS))": 1,
    "COUNT(DISTINCT COALESCE(IF({b}, {u}, NULL), IF({b}, {u}, NULL)))": 1,
    "COUNT(STRUCT(v) = STRUCT(1))": 0.7, "COUNT([v] = [1])": 0.7, "COUNT((v, n) IN ((1, 1), (2, 3)))": 0.5,
    "SUM((SELECT SUM(STRPOS(z, 'a')) FROM UNNEST(tags) AS z))": 0.7, "SUM((SELECT COUNT(*) FROM UNNEST(tags) AS z))": 0.5,
}
OVER = ("COUNT(*) OVER (PARTITION BY {l})", "COUNT(DISTINCT {u}) OVER (PARTITION BY {l})", "SUM(n) OVER (PARTITION BY {l})", "MAX(n) OVER (PARTITION BY {l})",
        "COUNTIF({b}) OVER (PARTITION BY {l})", "COUNT(*) OVER ()", "MIN(day) OVER (PARTITION BY {l})", "COUNT(*) OVER (PARTITION BY {l}, {u})")


class Detours(Relations):
    def of_group(self, source):
        text = self.pick(VALUES)
        while "{b}" in text:
            text = text.replace("{b}", self.plain(source.columns), 1)
        return text.replace("{u}", str(source.unit()))

    def root_detour(self):
        """Generates a value derived from two measured values of large groups."""
        source = self.rng.choice([table(name) for name in ("t", "p", "q", "e")])
        key = self.pick({"country": 3, "os": 1})
        made = [self.of_group(source), self.of_group(source)]
        # A person with several rows may alone move the group's number past a constant, which is
        # outside the claim.
        made = [f"COUNT(DISTINCT {source.unit()})" if one in ("COUNT(*)", "SUM(n)", "MAX(n)") and source.text != "p" else one for one in made]
        inner = f"SELECT {key}, {made[0]} AS a, {made[1]} AS b FROM {source.text} GROUP BY {key} HAVING {self.sound(source)}"
        groups = self.source(Query(inner, [Column(key, "S", "label"), Column("a", "I", "value"), Column("b", "I", "value")]))
        self.lossy = True
        text = self.pick(MADE)
        text = text.replace("{a}", "a").replace("{b}", "b").replace("{k}", self.pick({"0": 2, "3": 2, "10007": 1}))
        if any(" FROM " not in one and "os)" in one for one in made):
            text = text.replace("-b", "b")
        if self.chance(0.15):
            return Query(f"SELECT {key} FROM {groups.text} WHERE {text} IS NOT NULL AND TO_JSON_STRING({text}) > '2'", [Column(key, "S", "label")])
        return Query(f"SELECT {key}, {text} AS seen FROM {groups.text}", [Column(key, "S", "label"), Column("seen", "I", "value")])

    def root_signed(self):
        """Generates a sum of rows of which some subtract what others add."""
        source = self.rng.choice([table(name) for name in ("t", "p", "q")])
        unit, where = source.unit(), self.plain(source.columns)
        if self.chance(0.5):
            arms = [f"SELECT country, {unit}, n AS z FROM {source.text}", f"SELECT country, {unit}, {self.pick({'-n': 3, 'n': 1, '1 - n': 1})} FROM {source.text} WHERE {where}"]
            text = f"SELECT country, SUM(z) AS seen FROM ({' UNION ALL '.join(arms)}) GROUP BY country HAVING COUNT(DISTINCT {unit}) >= 3"
            return Query(text, [Column("country", "S", "label"), Column("seen", "I", "value")])
        self.settled = True
        large = f"SELECT country, {self.of_group(source)} AS a, {self.of_group(source)} AS b FROM {source.text} GROUP BY country HAVING {self.sound(source)}"
        self.ctes.append(f"large AS ({large})")
        if self.chance(0.5):
            second = self.pick({"-b": 3, "b": 1})
            text = f"SELECT country, SUM(z) AS seen FROM (SELECT country, a AS z FROM large UNION ALL SELECT country, {second} FROM large) GROUP BY country"
        else:
            text = f"SELECT country, SUM(z) AS seen FROM (SELECT country, a, -b AS b FROM large) UNPIVOT (z FOR which IN (a, b)) GROUP BY country"
        return Query(text, [Column("country", "S", "label"), Column("seen", "I", "value")])

    def root_arms(self):
        """Generates a value that some arms of a union leave NULL or 0, or a lookup in constants."""
        source = self.rng.choice([table(name) for name in ("t", "p", "q")])
        unit, where = source.unit(), self.plain(source.columns)
        value = self.pick({"n": 3, "1": 1, str(unit): 2})
        none = self.pick({"NULL": 4, "NULLIF('a', 'a')": 1}) if value == str(unit) else self.pick({"NULL": 4, "0": 2, "NULLIF(1, 1)": 1})
        counts = {"COUNT(z)": 1, "COUNT(DISTINCT z)": 1} if value == str(unit) else {"SUM(z)": 3, "AVG(z)": 1, "COUNT(z)": 1}
        seen, large = self.pick(counts), f"COUNT(DISTINCT {unit}) >= 3"
        columns = [Column("country", "S", "label"), Column("seen", "I", "value")]
        kind = self.pick({"arms": 3, "by name": 1, "looked up": 2})
        if kind == "looked up":
            rows = self.pick({"(SELECT 'ios' AS o, 1 AS z UNION ALL SELECT 'web', {x})": 2, "UNNEST([STRUCT('ios' AS o, 1 AS z), STRUCT('web', {x})])": 1})
            rows = rows.replace("{x}", self.pick({"NULL": 2, "0": 2}))
            seen = self.pick({"SUM(w.z)": 2, "AVG(w.z)": 1, "SUM(n + w.z)": 2, "COUNT(w.z)": 1})
            return Query(f"SELECT country, {seen} AS seen FROM {source.text} JOIN {rows} AS w ON w.o = os GROUP BY country HAVING {large}", columns)
        first = f"SELECT country, {value} AS z, {unit} FROM {source.text} WHERE {where}"
        if kind == "by name":
            arms = f"{first} {self.pick({'FULL': 2, 'LEFT': 1})} UNION ALL BY NAME SELECT country, {unit} FROM {source.text}"
        else:
            arms = f"{first} UNION ALL SELECT country, {none}, {unit} FROM {source.text}"
        return Query(f"SELECT country, {seen} AS seen FROM ({arms}) GROUP BY country HAVING {large}", columns)

    def root_chosen(self):
        """Generates counts of people whom a window over all or other people selects."""
        # A person in several large partitions may alone decide whether they remain.
        self.settled = True
        source = self.rng.choice([table(name) for name in ("t", "p", "q", "e")])
        labels = [c for c in source.of_role("label") if c.type in "SDB"]
        over = self.rng.choice(OVER).replace("{l}", str(self.rng.choice(labels))).replace("{u}", str(source.unit())).replace("{b}", self.plain(source.columns))
        key = self.rng.choice(labels)
        test = self.pick({"{z} = {k}": 2, "{z} > {k}": 2, "{z} < {k}": 2, "{z} >= 3": 2, "MOD({z}, 2) = 0": 1}).replace("{k}", self.pick({"1": 1, "2": 1, "3": 1, "5": 1, "10007": 1}))
        test = test.replace("{z}", "z") if "day" not in over else "z < DATE '2026-01-05'"
        count = f"COUNT(DISTINCT {source.unit()})"
        kind = self.pick({"filter": 3, "qualify": 2, "inside": 1.5, "label": 1})
        rows = f"SELECT *, {over} AS z FROM {source.text}"
        columns = [Column(key.name, key.type, "label"), Column("c", "I", "count")]
        if kind == "qualify":
            rows = f"SELECT * FROM {source.text} WHERE TRUE QUALIFY {test.replace('z', over, 1)}"
            return Query(f"SELECT {key}, {count} AS c FROM ({rows}) GROUP BY {key} HAVING c >= 3", columns)
        if kind == "inside":
            return Query(f"SELECT {key}, COUNT(DISTINCT IF({test}, {source.unit()}, NULL)) AS c FROM ({rows}) GROUP BY {key} HAVING c >= 3", columns)
        if kind == "label":
            return Query(f"SELECT {key}, IF({test}, 'a', 'b') AS l, {count} AS c FROM ({rows}) GROUP BY {key}, l HAVING c >= 3",
                         [columns[0], Column("l", "S", "label"), columns[1]])
        return Query(f"SELECT {key}, {count} AS c FROM ({rows}) WHERE {test} GROUP BY {key} HAVING c >= 3", columns)

    def root_pairs(self):
        """Generates a join of two tables of people and counts both."""
        left, right = (self.aliased(self.rng.choice([table(name) for name in ("t", "p", "q", "e")])) for _ in range(2))
        label = self.pick({"country": 2, "os": 1})
        key = next(c for c in left.columns if c.name == label)
        on = self.on(left, right)
        if self.chance(0.3):
            mine, its = left.columns, right.columns
            on = self.pick({f"{next(c for c in mine if c.name == 'n')} < {next(c for c in its if c.name == 'n')}": 1,
                            f"{left.unit()} != {right.unit()} AND {next(c for c in mine if c.name == 'os')} = {next(c for c in its if c.name == 'os')}": 1})
        join = self.pick({"JOIN": 4, "LEFT JOIN": 1})
        having = f"COUNT(DISTINCT {left.unit()}) >= 3 AND COUNT(DISTINCT {right.unit()}) >= 3"
        return Query(f"SELECT {key} AS k FROM {left.text} {join} {right.text} ON {on} GROUP BY {key} HAVING {having}", [Column("k", "S", "label")])

    def root_limited(self):
        """Generates a LIMIT below the filter of small groups."""
        source = self.rng.choice([table(name) for name in ("t", "p", "q")])
        order = self.pick({"": 2, " ORDER BY country": 2, " ORDER BY c DESC": 1, " ORDER BY MAX(n)": 1})
        rows = f"SELECT country, COUNT(DISTINCT {source.unit()}) AS c FROM {source.text} GROUP BY country{order} LIMIT {self.pick({'1': 1, '2': 2, '3': 1})}"
        if self.chance(0.4):
            ways = {"AGGREGATE COUNT(DISTINCT {u}) AS c GROUP AND ORDER BY country |> LIMIT 2 |> WHERE c >= 3": 1,
                    "AGGREGATE MAX(n) AS most DESC, COUNT(DISTINCT {u}) AS c GROUP BY country |> WHERE c >= 3 |> LIMIT 1 |> SELECT country, c": 1,
                    "AGGREGATE COUNT(DISTINCT {u}) AS c GROUP BY country DESC |> LIMIT 2 |> WHERE c >= 3": 1}
            return Query(f"FROM {source.text} |> {self.pick(ways).replace('{u}', str(source.unit()))}", [Column("country", "S", "label"), Column("c", "I", "count")])
        return Query(f"SELECT country, c FROM ({rows}) WHERE c >= 3", [Column("country", "S", "label"), Column("c", "I", "count")])

    def root_rejoined(self):
        """Generates rows that are joined with the large groups of their table, and often on more.
        """
        name = self.rng.choice(("t", "p", "q"))
        unit = table(name).unit()
        self.settled = True
        more = self.pick({"": 3, "'mac' AS os": 2, "MIN(os) AS os": 1, "country AS os": 1, "COUNT(*) AS n": 1})
        large = f"SELECT country{', ' if more else ''}{more} FROM {name} GROUP BY country HAVING COUNT(DISTINCT {unit}) >= 3"
        other = more.rsplit(" ", 1)[-1]
        if self.chance(0.5):
            on = f"USING (country{', ' + other if more else ''})"
        else:
            on = f"ON r.country = g.country{f' AND r.{other} = g.{other}' if more else self.pick({'': 2, ' AND r.os = g.country': 1, ' AND r.flag': 1})}"
        text = f"SELECT r.country, COUNT(*) AS c FROM {name} AS r JOIN ({large}) AS g {on} GROUP BY r.country"
        return Query(text, [Column("country", "S", "label"), Column("c", "I", "value")])
