"""Texts about identifiers that are NULL for some people, and about relations that are read twice.

A condition or an outer join made the identifiers NULL, and comparisons treat two NULLs as equal. Of
two readings, one is counted and the other is published.
"""
from detours import Detours
from scope import Column, Query, table

LABEL = Column("country", "S", "label")


class Identifiers(Detours):
    def half(self, name):
        """Returns a query with people by `cid`, and by an `id` that is NULL for some of them."""
        source = table(name)
        unit, others = source.unit(), table(self.rng.choice(("t", "p", "q")))
        kind = self.pick({"made": 5, "left": 2, "right": 1, "group": 1.5, "union": 1.5})
        if kind in ("left", "right"):
            sides = [f"{name} AS r", f"{others.text} AS s"]
            join = f"{sides[0]} LEFT JOIN {sides[1]}" if kind == "left" else f"{sides[1]} RIGHT JOIN {sides[0]}"
            on = f"r.{unit} = s.{others.unit()} AND {self.pick({'r.os = s.os': 2, 'r.country = s.country': 1, 's.flag': 1})}"
            return f"SELECT r.{unit} AS cid, s.{others.unit()} AS id, r.country, r.os FROM {join} ON {on}"
        made = f"SELECT {unit} AS cid, {self.somebody(source.columns, 1)} AS id, country, os FROM {name}"
        if kind == "group":
            return f"{made} GROUP BY 1, 2, 3, 4"
        if kind == "union":
            return f"{made} UNION ALL SELECT {unit}, {unit}, country, os FROM {name} WHERE {self.plain(source.columns)}"
        return made

    def root_half(self):
        """Generates a count of people who are selected by such an identifier."""
        self.settled = True
        a, b = self.half(self.rng.choice(("t", "p", "q"))), self.half(self.rng.choice(("t", "p", "q")))
        columns = [LABEL, Column("p", "I", "count")]
        end = "GROUP BY country HAVING p >= 3"
        same = self.pick({"a.id IS NOT DISTINCT FROM b.id": 5, "a.id = b.id": 1, "a.cid IS NOT DISTINCT FROM b.cid": 1})
        count = "COUNT(DISTINCT cid) AS p"
        kind = self.pick({"join": 2, "exists": 2, "in": 2, "set": 1.5, "window": 2})
        if kind == "window":
            over = self.pick({"COUNT(*) OVER (PARTITION BY id)": 3, "ROW_NUMBER() OVER (PARTITION BY id, country ORDER BY os)": 1})
            test = self.pick({"k < 3": 2, "k > 1": 1, "k = 2": 1})
            return Query(f"SELECT country, {count} FROM (SELECT cid, country, {over} AS k FROM ({a})) WHERE {test} {end}", columns)
        self.ctes += [f"a AS ({a})", f"b AS ({b})"]
        if kind == "join":
            side = self.pick({"a": 1, "b": 1})
            join = self.pick({f"a JOIN b ON {same}": 3, f"a LEFT JOIN b ON {same}": 1, f"a, b WHERE {same}": 1})
            return Query(f"SELECT {side}.country, COUNT(DISTINCT a.cid) AS p FROM {join} {end}", columns)
        if kind == "exists":
            word = self.pick({"EXISTS": 1, "NOT EXISTS": 1})
            where = self.pick({"": 3, " AND b.os = 'mac'": 1, " AND b.country = 'DE'": 1})
            return Query(f"SELECT country, {count} FROM a WHERE {word} (SELECT 1 FROM b WHERE {same}{where}) {end}", columns)
        if kind == "in":
            listed = self.pick({"(SELECT cid FROM b)": 1, "(SELECT cid FROM b WHERE os = 'mac')": 2})
            test = self.pick({f"id NOT IN {listed}": 3, f"(id IN {listed}) IS NULL": 1, f"id IN {listed}": 1, f"NOT (id IN {listed})": 1})
            if self.chance(0.15):
                return Query(f"SELECT country, id NOT IN {listed} AS l, {count} FROM a GROUP BY country, l HAVING p >= 3",
                             [LABEL, Column("l", "B", "label"), columns[1]])
            return Query(f"SELECT country, {count} FROM a WHERE {test} {end}", columns)
        words = self.pick({"EXCEPT DISTINCT": 1, "INTERSECT DISTINCT": 1})
        if words == "EXCEPT DISTINCT":
            other = f"SELECT '{self.rng.choice('abc')}', id, country FROM b"
        else:
            other = "SELECT z, id, b.country FROM b, UNNEST(['a', 'b', 'c', 'd', 'e']) AS z"
        return Query(f"SELECT country, {count} FROM (SELECT cid, id, country FROM a {words} {other}) {end}", columns)

    def root_twice(self):
        """Generates a count of one reading under a condition, and publishes a value of either."""
        self.settled = True
        source = table(self.rng.choice(("t", "p", "q")))
        unit, test = source.unit(), self.plain(source.columns)
        value = self.pick({"IF({b}, n, NULL)": 2, "IF({b}, 1, 0)": 1, "CASE WHEN {b} THEN n END": 1, "IF({b}, {u}, NULL)": 2}).replace("{b}", test)
        value = value.replace("{u}", str(unit))
        self.ctes.append(f"c AS (SELECT {unit} AS cid, country, os, {value} AS v, IF({test}, {unit}, NULL) AS ca FROM {source.text})")
        told = f"COUNT({self.pick({'DISTINCT ': 1, '': 1})}{{r}}.v)" if value.endswith(f"{unit}, NULL)") else "SUM({r}.v)"
        told = told.replace("{r}", self.pick({"a": 3, "b": 1}))
        join = self.pick({"c AS a JOIN c AS b USING (cid)": 2, "c AS a JOIN c AS b ON a.cid = b.cid": 2, "c AS a, c AS b WHERE a.cid = b.cid": 1,
                          "c AS a LEFT JOIN c AS b ON a.cid = b.cid": 1})
        key = self.pick({"os": 2, "country": 1})
        text = f"SELECT a.{key}, {told} AS seen FROM {join} GROUP BY {key} HAVING COUNT(DISTINCT b.ca) >= 3"
        return Query(text, [Column(key, "S", "label"), Column("seen", "I", "value")])
