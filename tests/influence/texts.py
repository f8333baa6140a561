"""Complete texts: a construct that counts people, and another one around it."""
import random
import re
from dataclasses import dataclass

from groupings import Groupings
from identifiers import Identifiers
from scope import Column, Query, Source, table

ROOTS = {"group": 8, "piped": 2.5, "above": 8, "where": 3, "regrouped": 4, "windows": 3, "fold": 2.5, "partition": 3,
         "nobody": 1.5, "pivot": 0.8, "united": 1.5, "recursive": 0.4, "fanout": 1.2, "near": 1.5, "collected": 1.2, "detour": 3, "signed": 1, "arms": 1.2, "chosen": 2, "pairs": 1.2, "limited": 0.8, "rejoined": 0.8,
         "half": 6, "twice": 3}


COMMENTS = {" -- a\n": 1, " -- a\r": 1, " # a\r\n": 1, " /* a */ ": 1, " /* -- */ ": 0.5, " -- /*\n": 0.5, " -- 'a\n": 0.5, "\r": 0.5}


FOLDS = {
    "IF({t}, {x}, 'Other')": 4, "CASE WHEN {t} THEN {x} ELSE 'Other' END": 2, "CASE WHEN c < 3 THEN 'Other' ELSE {x} END": 1,
    "IF({t}, {x}, IF({x} < 'E', 'rest', 'Other'))": 1, "CASE WHEN {t} THEN {x} WHEN c = 2 THEN 'two' ELSE 'Other' END": 1,
    "IF(NULLIF(c, 2) < 3, 'Other', {x})": 1, "COALESCE(IF({t}, {x}, NULL), 'Other')": 1, "IF(c >= 3 OR {x} = 'DE', {x}, 'Other')": 0.7,
}
# Pairs of keys that differ in one word.
NEAR = (
    ("DATE_TRUNC({d}, WEEK(MONDAY))", "DATE_TRUNC({d}, WEEK(THURSDAY))"), ("SPLIT({w})[OFFSET(0)]", "SPLIT({w})[SAFE_ORDINAL(2)]"),
    ("SPLIT({w})[SAFE_OFFSET(1)]", "SPLIT({w})[SAFE_ORDINAL(1)]"), ("CAST({d} AS STRING FORMAT 'YYYY-MM')", "CAST({d} AS STRING)"),
    ("CAST({d} AS STRING FORMAT 'YYYY-MM')", "CAST({d} AS STRING FORMAT 'YYYY-MM-DD')"),
    ("CAST({n} / 100000 AS NUMERIC(9, 0))", "CAST({n} / 100000 AS NUMERIC(9, 1))"),
    ("EXTRACT(WEEK(SUNDAY) FROM {d})", "EXTRACT(WEEK(MONDAY) FROM {d})"), ("TRIM({w}, 'a')", "TRIM({w})"), ("LEFT({w}, 1)", "LEFT({w}, 2)"),
    ("JSON_VALUE({j}, '$.a')", "JSON_VALUE({j}, '$.b')"), ("DATE_TRUNC({d}, MONTH)", "DATE_TRUNC({d}, WEEK)"),
    ("ROUND({n} / 100000)", "ROUND({n} / 100000, 1)"), ("REGEXP_EXTRACT({w}, r'.')", "REGEXP_EXTRACT({w}, r'.$')"),
    ("TIMESTAMP_TRUNC(ts, DAY, 'UTC')", "TIMESTAMP_TRUNC(ts, DAY, 'Asia/Tokyo')"), ("{j}.a", "{j}.b"), ("DATE(ts, 'UTC')", "DATE(ts, 'Asia/Tokyo')"),
)


class Texts(Identifiers, Groupings):
    recursive = False

    def written(self, sql):
        """Returns the text with occasional comments, unusual line ends and quoted names."""
        parts = re.split(r"('[^']*'|`[^`]*`)", sql)
        if self.chance(0.06):
            at = self.rng.randrange(0, len(parts), 2)
            spaces = [found.start() for found in re.finditer(" ", parts[at])]
            if spaces:
                place = self.rng.choice(spaces)
                parts[at] = parts[at][:place] + self.pick(COMMENTS) + parts[at][place + 1 :]
        if self.chance(0.05):
            at = self.rng.randrange(0, len(parts), 2)
            name = self.rng.choice(("id", "country", "os", "flag", "alias"))
            way = self.pick({f"`{name}`": 2, f"`\\x{ord(name[0]):02x}{name[1:]}`": 2, f"`{name[:-1]}\\u{ord(name[-1]):04x}`": 1})
            parts[at] = re.sub(rf"(?<![\w.]){name}(?![\w(])", lambda _: way, parts[at], count=1)
        return "".join(parts)

    def root(self):
        return getattr(self, f"root_{self.pick(ROOTS)}")()

    def depth(self):
        return self.pick({0: 4, 1: 5, 2: 2})

    def root_group(self):
        return self.grouped(self.people(self.depth()))

    def root_piped(self):
        return self.piped(self.people(self.depth()))

    def root_pivot(self):
        return self.pivoted(self.people(min(self.depth(), 1)))

    def safe(self):
        """Returns groups of enough people, mostly without further values."""
        kind = self.pick({"group": 5, "piped": 1, "pivot": 0.3})
        if kind == "piped":
            return self.piped(self.people(self.pick({0: 3, 1: 1})))
        if kind == "pivot":
            return self.pivoted(self.people(0))
        return self.grouped(self.people(self.pick({0: 3, 1: 1})), hostile=0.15)

    def small(self):
        """Returns groups of any size, with their counts."""
        return self.grouped(self.people(self.pick({0: 3, 1: 1})), threshold=False, hostile=0.3)

    # Constructs above groups of enough people.

    def root_above(self):
        query = self.safe()
        for _ in range(self.pick({1: 4, 2: 1.5})):
            kind = self.pick({"select": 4, "join": 4, "window": 1.5, "filter": 2, "unnest": 1, "again": 1.5, "pipe": 1.5,
                              "order": 0.7, "distinct": 0.5, "unpivot": 0.4})
            query = getattr(self, f"above_{kind}")(query)
        return query

    def above_select(self, query):
        source = self.aliased(self.source(query))
        items, columns = self.items(source.columns), self.out(source.columns)
        kind = self.pick({"value": 3, "condition": 3, "difference": 1})
        numbers = [c for c in source.columns if c.role in ("count", "value") and c.type in "IF"]
        name = self.name("v")
        if kind == "difference" and len(numbers) > 1:
            text, type_ = f"{numbers[0]} - {numbers[1]}", "I"
        elif kind == "condition":
            text, type_ = (self.condition(source.columns), "B") if self.chance(0.3) else self.other_value(source.columns)
            self.lossy = True
            if type_ == "B" and self.chance(0.4):
                text, type_ = f"IF({text}, 'yes', 'no')", "S"
        else:
            type_ = self.pick({"S": 3, "I": 3, "B": 1})
            text = self.expression(source.columns, type_, 2, grouped=True)
        columns.append(Column(name, type_, "value"))
        return Query(f"SELECT {', '.join([*items, f'{text} AS {name}'])} FROM {source.text}", columns)

    def above_filter(self, query):
        source = self.aliased(self.source(query))
        self.lossy = True
        return Query(f"SELECT {', '.join(self.items(source.columns))} FROM {source.text} WHERE {self.condition(source.columns)}",
                     self.out(source.columns))

    def above_join(self, query):
        left = self.aliased(self.source(query))
        kind = self.pick({"reference": 2, "people": 2, "small": 2, "safe": 2, "total": 1})
        if kind == "reference":
            right = table("d")
        elif kind == "people":
            right = self.bare(self.people(self.pick({0: 2, 1: 1})))
        elif kind == "small":
            right = self.source(self.small())
        elif kind == "safe":
            right = self.source(self.safe())
        else:
            total = self.rng.choice(("t", "p", "q"))
            where = " WHERE os = 'mac'" if self.chance(0.5) else ""
            right = Source(f"(SELECT COUNT(DISTINCT id) AS total FROM {total}{where})", [Column("total", "I", "count")])
        right = self.aliased(right)
        shared = [(a, b) for a in left.columns for b in right.columns if a.name == b.name and a.role == b.role == "label" and a.type == b.type]
        if kind == "total":
            on, join = None, self.pick({" CROSS JOIN ": 2, ", ": 1})
        elif shared and self.chance(0.85):
            on = " AND ".join(f"{a} = {b}" for a, b in shared if self.chance(0.8)) or f"{shared[0][0]} = {shared[0][1]}"
            join = f" {self.pick({'JOIN': 5, 'LEFT JOIN': 3, 'RIGHT JOIN': 0.7, 'FULL JOIN': 1})} "
        else:
            on, join = self.on(left, right) if self.chance(0.5) else None, " JOIN "
            join = join if on else " CROSS JOIN "
        names, columns, items = set(), [], []
        for column in [*left.columns, *right.columns]:
            if column.name in names or column.role == "unit" or column in right.columns and self.chance(0.4):
                continue
            names.add(column.name)
            items.append(f"{column} AS {column.name}")
            columns.append(Column(column.name, column.type, column.role))
        if kind == "total" and self.chance(0.7):
            counts = [c for c in left.columns if c.role == "count"]
            if counts:
                items.append(f"total - {counts[0]} AS rest")
                columns.append(Column("rest", "I", "value"))
        where = " WHERE total >= 3" if kind == "total" and self.chance(0.6) else ""
        text = f"SELECT {', '.join(items)} FROM {left.text}{join}{right.text}{f' ON {on}' if on else ''}{where}"
        return Query(text, columns)

    def above_window(self, query):
        source = self.source(query)
        text, type_ = self.analytic(source.columns)
        name = self.name("w")
        return Query(f"SELECT {', '.join([*self.items(source.columns), f'{text} AS {name}'])} FROM {source.text}",
                     [*self.out(source.columns), Column(name, type_, "value")])

    def above_unnest(self, query):
        arrays = [c for c in query.columns if c.type in ("AS", "AI")]
        source = self.aliased(self.source(query))
        arrays = [c for c in source.columns if c.type in ("AS", "AI")]
        if not arrays:
            return self.above_select(query)
        name, array = self.name("u"), self.rng.choice(arrays)
        rest = [c for c in source.columns if c is not array]
        return Query(f"SELECT {', '.join([*self.items(rest), name])} FROM {source.text}, UNNEST({array}) AS {name}",
                     [*self.out(rest), Column(name, array.type[1], "label")])

    def above_again(self, query):
        """Groups the groups again."""
        source = self.source(query)
        labels = [c for c in source.columns if c.role == "label" and c.type in "SDIB"]
        keys = [c for c in labels if self.chance(0.5)]
        self.settled = True
        text, type_ = self.aggregate([c for c in source.columns if c not in keys] or source.columns)
        name = self.name("a")
        items = [*self.items(keys), f"{text} AS {name}"]
        by = f" GROUP BY {', '.join(c.name for c in keys)}" if keys else ""
        return Query(f"SELECT {', '.join(items)} FROM {source.text}{by}", [*keys, Column(name, type_, "value")])

    def above_pipe(self, query):
        source, columns, steps = self.source(query), list(query.columns), []
        for _ in range(self.rng.choice((1, 2))):
            made = getattr(self, f"pipe_{self.pick({'where': 2, 'extend': 3, 'set': 1, 'drop': 0.7, 'rename': 1, 'join': 2, 'window': 1})}")(columns)
            if made:
                self.lossy = True
                steps.append(made[0])
                columns = made[1]
        return Query(f"FROM {source.text} " + " ".join(f"|> {step}" for step in steps), columns)

    def above_order(self, query):
        source = self.source(query)
        order = self.rng.choice([c for c in query.columns if c.type in "SIDF"] or query.columns[:1])
        # LIMIT 1000 keeps all rows of these databases: which rows a smaller one keeps may depend on
        # a measured value.
        limit = " LIMIT 1000" if order.role == "value" or self.chance(0.5) else ""
        return Query(f"SELECT * FROM {source.text} ORDER BY {order.name}{limit}", query.columns)

    def above_distinct(self, query):
        self.settled = True
        source = self.source(query)
        kept = [c for c in query.columns if c.type in ("S", "I", "D", "B")] or query.columns[:1]
        # Without a person, a number that is a key may become another row.
        self.least |= any(c.role != "label" for c in kept)
        return Query(f"SELECT DISTINCT {', '.join(c.name for c in kept)} FROM {source.text}", kept)

    def above_unpivot(self, query):
        counts = [c for c in query.columns if c.type == "I" and c.role in ("count", "value")]
        if len(counts) < 2:
            return self.above_select(query)
        source = self.source(query)
        rest = [c for c in query.columns if c not in counts[:2]]
        text = f"SELECT * FROM {source.text} UNPIVOT (z FOR which IN ({counts[0].name}, {counts[1].name}))"
        return Query(text, [*rest, Column("which", "S", "label"), Column("z", "I", "value")])

    # Constructs with the threshold above the grouping.

    def root_where(self):
        query = self.small()
        if self.chance(0.3):
            query = self.above_select(query)
        source = self.aliased(self.source(query))
        count = next((c for c in source.columns if c.role == "count"), source.columns[-1])
        items, columns = self.items(source.columns), self.out(source.columns)
        if self.chance(0.5):
            text, type_ = self.expression(source.columns, "I", 1, grouped=True), "I"
            items.append(f"{text} AS made")
            columns.append(Column("made", type_, "value"))
        text = f"SELECT {', '.join(items)} FROM {source.text}"
        if self.chance(0.4):
            right = self.aliased(self.partner(0))
            text += f" {self.pick({'JOIN': 3, 'LEFT JOIN': 2})} {right.text} ON {self.on(source, right)}"
        text += f" WHERE {self.enough(count)}"
        if self.chance(0.15):
            text += f" AND {self.condition(source.columns, 0)}"
        return Query(text, columns)

    def root_regrouped(self):
        """Generates groups of small groups, with a threshold on an aggregate of their counts."""
        inner = self.small()
        source = self.source(inner)
        self.settled = True
        if self.chance(0.3) and any(c.name == "country" for c in source.columns):
            left, right = self.aliased(source), self.aliased(table("d"))
            source = Source(f"{left.text} JOIN {right.text} USING (country)",
                            [*left.columns, *[c for c in right.columns if c.name != "country"]])
        count = next((c for c in source.columns if c.role == "count"), source.columns[-1])
        labels = [c for c in source.columns if c.role == "label" and c.type in "SDIB"]
        keys = [c for c in labels if self.chance(0.5)] or labels[:1]
        name = self.name("c")
        function = self.pick({"MIN": 4, "MAX": 3, "SUM": 3, "ANY_VALUE": 1, "AVG": 1, "COUNT": 0.5})
        self.least |= function in ("MIN", "AVG", "ANY_VALUE")
        value, type_ = self.aggregate([c for c in source.columns if c not in keys] or source.columns)
        made = self.pick({f"{function}({count})": 2, value: 3})
        items = [f"{c} AS {c.name}" for c in keys] + [f"{made} AS {name}"]
        by = f" GROUP BY {', '.join(str(c) for c in keys)}" if keys else ""
        text = f"SELECT {', '.join(items)} FROM {source.text}{self.where(source, 0.15)}{by} HAVING {self.enough(f'{function}({count})')}"
        return Query(text, [*self.out(keys), Column(name, type_, "value")])

    def root_windows(self):
        """Generates windows over groups whose small ones are dropped afterwards."""
        source = self.people(self.pick({0: 2, 1: 1}))
        inner = self.grouped(source, threshold=False, hostile=0.2)
        groups = self.source(inner)
        count = next(c for c in groups.columns if c.role == "count")
        items, columns = self.items(groups.columns), self.out(groups.columns)
        for _ in range(self.rng.choice((1, 1, 2))):
            text, type_ = self.analytic(groups.columns)
            name = self.name("w")
            items.append(f"{text} AS {name}")
            columns.append(Column(name, type_, "value"))
        how = self.pick({"qualify": 3, "above": 2, "window": 1})
        if how == "qualify":
            return Query(f"SELECT {', '.join(items)} FROM {groups.text} WHERE TRUE QUALIFY {self.enough(count)}", columns)
        if how == "window":
            over = self.window(groups.columns, "W")
            function = self.pick({"MIN": 2, "MAX": 1, "SUM": 1})
            self.least |= function == "MIN"
            return Query(f"SELECT {', '.join(items)} FROM {groups.text} WHERE TRUE QUALIFY {self.enough(f'{function}({count}) OVER ({over})')}", columns)
        return Query(f"SELECT * FROM (SELECT {', '.join(items)} FROM {groups.text}) WHERE {self.enough(count)}", columns)

    def root_fold(self):
        """Folds small groups into 'Other', and groups again."""
        self.settled = True
        source = self.people(self.pick({0: 3, 1: 1}))
        labels = [c for c in source.of_role("label") if c.type == "S"]
        unit = source.unit()
        if not labels or unit is None:
            return self.root_group()
        chosen = self.rng.sample(labels, min(len(labels), self.rng.choice((1, 1, 2))))
        by = ", ".join(str(c) for c in chosen)
        shown = ", ".join(self.items(chosen))
        inner = f"SELECT {shown}, COUNT(DISTINCT {unit}) AS c FROM {source.text} GROUP BY {by}"
        groups = self.source(Query(inner, [*self.out(chosen), Column("c", "I", "count")]))
        fold, enough = self.pick(FOLDS), self.enough("c")
        folded = []
        for c in chosen:
            if self.chance(0.4):
                fold, enough = self.pick(FOLDS), self.enough("c")
            folded.append(f"{fold.format(t=enough, x=c.name)} AS f_{c.name}")
        extra, keys = [], [f"f_{c.name}" for c in chosen]
        if self.chance(0.4):
            extra = [f"{self.expression(self.out(chosen), 'S', 1)} AS beside"]
            keys.append("beside")
        value = self.pick({"SUM(c)": 4, "COUNT(*)": 1, "MAX(c)": 1})
        if self.chance(0.3):
            value = self.aggregate([*self.out(chosen), Column("c", "I", "count")])[0]
        text = f"SELECT {', '.join([*folded, *extra])}, {value} AS n FROM {groups.text} GROUP BY {', '.join(keys)}"
        if self.chance(0.4):
            text += f" HAVING {self.pick({'SUM(c) >= 3': 3, 'f_' + chosen[0].name + chr(32) + '!= ' + chr(39) + 'Other' + chr(39): 2})}"
        return Query(text, [*[Column(k, "S", "label") for k in keys], Column("n", "I", "value")])

    def root_fanout(self):
        """Generates one row per person, multiplies the rows, and counts them."""
        rows = self.rows_first(0)
        source = self.source(rows)
        how = self.pick({"unnest": 2, "join": 2, "pipe": 1})
        if how == "unnest":
            source = self.unnested(source)
        elif how == "join":
            source = self.joined(source, 0)
        else:
            source = self.source(Query(f"FROM {source.text} |> CROSS JOIN UNNEST([1, 2]) AS fan", source.columns, True))
        return self.grouped(source, hostile=0.2)

    def root_near(self):
        """Generates a count by one key, published by another, similar key."""
        one, other = (text.format(d="day", w="words", n="n", j="props") for text in self.rng.sample(self.rng.choice(NEAR), 2))
        name = self.rng.choice(("t", "q", "p"))
        key = self.pick({"country": 2, "os": 1})
        if self.chance(0.4):
            # One row per person and both keys, counted as if there were one per person.
            rows = f"SELECT id, {key} FROM {name} WHERE id IS NOT NULL GROUP BY id, {key}, TO_JSON_STRING({one}), TO_JSON_STRING({other})"
            return Query(f"SELECT {key}, COUNT(*) AS c FROM ({rows}) GROUP BY {key} HAVING c >= 3", [Column(key, "S", "label")])
        rows = (f"SELECT *, COUNT(DISTINCT id) OVER (PARTITION BY {key}, TO_JSON_STRING({one})) AS people FROM {name} "
                f"WHERE TRUE QUALIFY {self.enough('people')}")
        return Query(f"SELECT {key}, TO_JSON_STRING({other}) AS k, COUNT(*) AS c FROM ({rows}) GROUP BY {key}, k",
                     [Column(key, "S", "label"), Column("k", "S", "label")])

    def root_collected(self):
        """Collects members of large groups and publishes single ones."""
        source = self.people(self.pick({0: 3, 1: 1}))
        keys = [pair for pair in self.keys(source) if pair[1].type in "SDB"][:1]
        texts = [c for c in source.columns if c.type == "S" and c.role != "unit"]
        if not keys or not texts:
            return self.root_group()
        text, key = keys[0]
        array = f"ARRAY_AGG({self.rng.choice(texts)})"
        groups = self.source(Query(f"SELECT {text} AS {key.name}, {array} AS members FROM {source.text} GROUP BY 1 HAVING {self.sound(source)}",
                                   [key, Column("members", "AS", "value")]))
        if self.chance(0.5):
            value = self.pick({"": 2, ", COUNT(*) AS n": 2})
            return Query(f"SELECT {key.name}, e{value} FROM {groups.text}, UNNEST(members) AS e GROUP BY {key.name}, e", [key, Column("e", "S", "label")])
        value = self.expression([Column("members", "AS", "value")], self.pick({"I": 2, "S": 2, "B": 1}), 1)
        return Query(f"SELECT {key.name}, {value} AS seen FROM {groups.text}", [key, Column("seen", "S", "value")])

    def root_partition(self):
        """Groups the rows of large partitions."""
        source = self.people(self.pick({0: 3, 1: 1}))
        unit = source.unit()
        if unit is None:
            return self.root_group()
        pairs = self.keys(source)
        kept = [c for c in source.columns if c.type in ("S", "D", "I", "B", "AS", "T", "J")]
        over = ", ".join(text for text, _ in pairs)
        self.settled = True
        inner = (f"SELECT {', '.join(self.items(kept))}, COUNT(DISTINCT {unit}) OVER (PARTITION BY {over}) AS people "
                 f"FROM {source.text} WHERE {self.condition(source.columns, 0) if self.chance(0.2) else 'TRUE'} QUALIFY {self.enough('people')}")
        rows = self.source(Query(inner, self.out(kept)))
        keys = []
        for text, column in pairs:
            # The same key again, or a similar one.
            bare = text.split(".")[-1] if text.count(".") == 1 and " " not in text else text
            keys.append((bare if self.chance(0.7) else self.expression(self.out(kept), column.type, 1), column))
        items = [text if text == c.name else f"{text} AS {c.name}" for text, c in keys]
        value = self.benign(rows)[0]
        filter_ = self.where(rows, 0.15)
        text = f"SELECT {', '.join(items)}, {value} AS v FROM {rows.text}{filter_} GROUP BY {', '.join(str(n + 1) for n in range(len(items)))}"
        return Query(text, [*[c for _, c in keys], Column("v", "I", "value")])

    def root_nobody(self):
        """Generates rows without people, with conditions or values that depend on people."""
        source = self.aliased(self.rng.choice((table("d"), table("m"))))
        labels = [c for c in source.columns if c.type in ("S", "I")]
        items, columns = self.items(labels), self.out(labels)
        kind = self.pick({"where": 3, "value": 2, "count": 1, "constant": 1})
        where = ""
        if kind == "where":
            where = f" WHERE {self._exists(source.columns) if self.chance(0.5) else self._in(source.columns)}"
        elif kind == "count":
            number = next((c for c in labels if c.type == "I"), None)
            other = self.rng.choice(("t", "p", "q"))
            if number is not None:
                where = f" WHERE {number} = (SELECT COUNT(DISTINCT id) FROM {other} WHERE {self.plain(table(other).columns)})"
        elif kind == "constant":
            other = self.rng.choice(("t", "p", "q"))
            return Query(f"SELECT EXISTS (SELECT 1 FROM {other} WHERE {self.plain(table(other).columns)}) AS found", [Column("found", "B", "value")])
        else:
            text, type_ = self.other_value(source.columns)
            items.append(f"{text} AS seen")
            columns.append(Column("seen", type_, "value"))
        return Query(f"SELECT {', '.join(items)} FROM {source.text}{where}", columns)

    def root_recursive(self):
        """Generates a recursion that starts with groups."""
        query = self.safe() if self.chance(0.8) else self.small()
        kept = [c for c in query.columns if c.role == "label" and c.type in ("S", "I", "D", "B")]
        if not kept:
            return query
        start, name = self.source(query), self.name("z")
        names = ", ".join(c.name for c in kept)
        again = f"SELECT {names}, i + 1 FROM {name} WHERE i < {self.pick({'2': 1, '3': 1})}"
        if self.chance(0.4):
            again = f"SELECT {names}, i + 1 FROM {name} CROSS JOIN (SELECT DISTINCT os AS o FROM p) WHERE i < 2"
        self.recursive = True
        self.ctes.append(f"{name} AS (SELECT {names}, 1 AS i FROM {start.text} UNION ALL {again})")
        return Query(f"SELECT * FROM {name}", [*kept, Column("i", "I", "label")])

    def root_united(self):
        """Generates a set operation over groups."""
        self.settled = True
        left, right = self.safe(), self.safe() if self.chance(0.7) else self.small()
        pairs = [(a, b) for a, b in zip(left.columns, right.columns)]
        pairs = [(a, b) for a, b in pairs if a.type == b.type and a.type in ("S", "I", "D", "B")]
        if not pairs:
            return left
        word = self.pick({"UNION ALL": 4, "UNION DISTINCT": 1, "INTERSECT DISTINCT": 1, "EXCEPT DISTINCT": 2, "EXCEPT ALL": 0.5})
        # A person at the edge of both sides may alone exclude a row, which is outside the claim.
        self.least |= word.startswith("EXCEPT")
        if word[0] != "U":
            # The equality of two counts belongs to no particular people, so that labels are
            # compared if possible.
            pairs = [(a, b) for a, b in pairs if a.role == b.role == "label"] or pairs
        mine, its = self.source(left), self.source(right)
        if self.chance(0.15):
            word = f"{self.pick({'-- a' + chr(13): 2, '-- a' + chr(10): 1, '# a' + chr(13): 1})}{word}"
        text = (f"SELECT {', '.join(a.name for a, _ in pairs)} FROM {mine.text} {word} "
                f"SELECT {', '.join(b.name for _, b in pairs)} FROM {its.text}")
        return Query(text, [a for a, _ in pairs])


@dataclass(frozen=True)
class Text:
    sql: str
    lossy: bool  # a value may hide people who contribute to it: `variants.py`
    least: bool  # the least of several counts is compared, see `engine.influence`
    settled: bool  # a row may be merged from several groups of enough people: `data.py`

    def summed(self):
        """Returns whether a nullable column may be summed."""
        return re.search(r"\b(SUM|AVG|STDDEV\w*|VAR\w*|CORR|COVAR\w*)\b.*\bv\b", self.sql, re.S) is not None


def text(seed):
    """Returns the text of a seed."""
    writer = Texts(random.Random(seed))
    query = writer.root()
    recursive = "RECURSIVE " if writer.recursive else ""
    with_ = f"WITH {recursive}{', '.join(writer.ctes)} " if writer.ctes else ""
    return Text(writer.written(with_ + query.text), writer.lossy, writer.least, writer.settled)
