"""Relations of single people's rows: tables, and queries over them before people are counted."""
from expressions import Writer
from scope import PEOPLE, Column, Query, Source, table

JOINS = {"JOIN": 6, "INNER JOIN": 1, "LEFT JOIN": 5, "RIGHT JOIN": 1.5, "FULL JOIN": 2, "LEFT OUTER JOIN": 0.5}


PRESENT = {
    "{u} IS NOT NULL": 4, "{u} != 'zz'": 1, "{u} NOT IN ('zz', 'zy')": 1, "{u} NOT IN UNNEST(ARRAY<STRING>[])": 1,
    "{u} NOT IN UNNEST(ARRAY(SELECT continent FROM d WHERE continent = 'NA'))": 1.5, "{u} LIKE '%'": 0.5, "{u} NOT LIKE 'zz%'": 0.5,
    "{u} NOT IN (SELECT continent FROM d WHERE region = 'x')": 1.5, "NOT ({u} IS NULL)": 0.5, "{u} = {u}": 0.5, "LENGTH({u}) > 0": 0.5,
    "{u} IS DISTINCT FROM 'zz'": 0.7, "{u} BETWEEN 'a' AND 'zzz'": 0.5, "COALESCE({u}, 'a') != 'zz'": 0.5,
}


class Relations(Writer):
    def people(self, depth):
        """Returns a source with a person's identifier."""
        if depth <= 0:
            return self.rng.choices(PEOPLE, (4, 3, 4, 1.5, 1.5))[0]
        kind = self.pick({"table": 3, "query": 5, "join": 3, "unnest": 1.5})
        if kind == "table":
            return self.people(0)
        if kind == "query":
            return self.source(self.rows(depth - 1))
        if kind == "unnest":
            return self.unnested(self.people(depth - 1))
        return self.joined(self.people(depth - 1), depth - 1)

    def source(self, query):
        """Returns a query as an item of FROM: by its name in WITH, or in parentheses."""
        bare = [Column(column.name, column.type, column.role) for column in query.columns]
        if self.chance(0.45):
            name = self.name("w")
            self.ctes.append(f"{name} AS ({query.text})")
            return Source(name, bare, query.once)
        return Source(f"({query.text})", bare, query.once)

    def aliased(self, source):
        """Returns the source under an alias, unless it is a join or an UNNEST."""
        if " JOIN " in source.text and not source.text.startswith("(") or "UNNEST" in source.text or "," in source.text.split("(")[0]:
            return source
        alias = self.name("r")
        return Source(f"{source.text} AS {alias}", source.qualified(alias).columns, source.once)

    def bare(self, source):
        """Returns a single item of FROM without an alias."""
        if any(column.sql for column in source.columns):
            return self.source(self.select_all(source))
        return source

    def select_all(self, source):
        """Selects all columns of a source; repeated names get a new one."""
        seen, items, columns = set(), [], []
        for column in source.columns:
            name = column.name if column.name not in seen else self.name(column.name)
            seen.add(name)
            items.append(str(column) if str(column) == name else f"{column} AS {name}")
            columns.append(Column(name, column.type, column.role))
        return Query(f"SELECT {', '.join(items)} FROM {source.text}", columns, source.once)

    # Sources of several items.

    def partner(self, depth):
        """Returns a table to join with people: of people, of reference data or of numbers."""
        kind = self.pick({"people": 5, "reference": 3, "numbers": 1})
        if kind == "people":
            return self.bare(self.people(min(depth, 1)))
        return table("d" if kind == "reference" else "m")

    def joined(self, left, depth):
        left, right = self.aliased(self.bare(left)), self.aliased(self.partner(depth))
        columns = left.columns + right.columns
        if self.chance(0.12):
            between = self.pick({" CROSS JOIN ": 1, ", ": 1})
            return Source(f"{left.text}{between}{right.text}", columns, left.once)
        if self.chance(0.1):
            return self.lateral(left)
        text = f"{left.text} {self.pick(JOINS)} {right.text} ON {self.on(left, right)}"
        if self.chance(0.15):
            third = self.aliased(table("d"))
            text += f" {self.pick(JOINS)} {third.text} ON {self.on(Source('', columns), third)}"
            if left.unit() and right.unit() and self.chance(0.5):
                # The equation holds only in matched rows.
                text += f" AND {left.unit()} = {right.unit()}"
            columns = columns + third.columns
        return Source(text, columns, left.once)

    def lateral(self, left):
        name, column = self.name("l"), self.name()
        text, type_ = self.value(left.columns, 0)
        item = f"LATERAL (SELECT {text} AS {column}) AS {name}"
        return Source(f"{left.text}{self.pick({', ': 1, ' CROSS JOIN ': 1})}{item}",
                      [*left.columns, Column(column, type_, "label" if type_ in "SDB" else "value")], left.once)

    def on(self, left, right):
        mine, its = self.rng.choice(left.columns), None
        tests = []
        unit, other = left.unit(), right.unit()
        if unit and other and self.chance(0.55):
            if self.chance(0.2):
                tests.append(f"{self.somebody(left.columns, 0.5)} IS NOT DISTINCT FROM {self.somebody(right.columns, 0.5)}")
            else:
                tests.append(f"{unit} = {other}")
        for its in right.columns:
            for mine in left.columns:
                if mine.name == its.name and mine.role == "label" and self.chance(0.3):
                    tests.append(f"{mine} = {its}")
        if not tests:
            tests = [f"{mine} = {its}" for mine in left.columns for its in right.columns
                     if mine.type == its.type == "S" and mine.role == its.role == "label"][:1] or ["TRUE"]
        if self.chance(0.2):
            tests.append(self.plain(left.columns + right.columns))
        if self.chance(0.1):
            tests.append(self.expression(left.columns + right.columns, "B", 1))
        self.rng.shuffle(tests)
        return " AND ".join(tests)

    def unnested(self, source):
        source = self.aliased(self.bare(source))
        name = self.name("u")
        arrays = [column for column in source.columns if column.type == "AS"]
        kind = self.pick({"array": 3 if arrays else 0, "numbers": 2, "structs": 1, "made": 1})
        if kind == "array":
            item, type_ = f"UNNEST({self.rng.choice(arrays)}) AS {name}", "S"
        elif kind == "numbers":
            numbers = self.pick({"[1, 2]": 2, "GENERATE_ARRAY(1, 3)": 2, "GENERATE_ARRAY(1, 2)": 1, "ARRAY<INT64>[7]": 1})
            item, type_ = f"UNNEST({numbers}) AS {name}", "I"
        elif kind == "structs":
            unit = source.unit()
            other = next((c for c in source.of_role("unit") if c.name == "alias"), unit) if unit else None
            if unit is None:
                return source
            item, type_ = f"UNNEST([STRUCT({unit} AS {name}), STRUCT({other} AS {name})])", "S"
            text = f"{source.text}{self.pick({', ': 2, ' CROSS JOIN ': 1})}{item}"
            return Source(text, [Column(name, "S", "unit"), *source.columns], source.once)
        else:
            item, type_ = f"UNNEST({self.expression(source.columns, 'AS', 1)}) AS {name}", "S"
        columns = [Column(name, type_, "label")]
        if kind == "array" and "." in item and self.chance(0.3):
            # The array itself is an item of FROM.
            item = item.replace("UNNEST(", "", 1).replace(")", "", 1)
        if self.chance(0.25):
            columns.append(Column(self.name("o"), "I", "label"))
            item += f" WITH OFFSET AS {columns[1].name}"
        if self.chance(0.15):
            return Source(f"{source.text} LEFT JOIN {item} ON TRUE", source.columns + columns, source.once)
        return Source(f"{source.text}{self.pick({', ': 3, ' CROSS JOIN ': 1})}{item}", source.columns + columns, source.once)

    # Queries over people's rows.

    def rows(self, depth):
        """Returns a query whose rows are single people's."""
        kind = self.pick({"select": 4, "filter": 3, "window": 3, "distinct": 2, "group": 2.5, "first": 1.5, "set": 1.5,
                          "unpivot": 0.8, "pipe": 3, "star": 1.2})
        return getattr(self, f"rows_{kind}")(depth)

    def kept(self, source, share=0.75):
        """Selects columns to keep: the person, most labels and values."""
        kept, names = [], set()
        for column in source.columns:
            keep = 0.92 if column.role == "unit" and column.name == "id" else share if column.role == "label" else 0.5
            if column.name not in names and self.chance(keep):
                names.add(column.name)
                kept.append(column)
        return kept or source.columns[:1]

    @staticmethod
    def items(columns):
        return [str(c) if not c.sql else f"{c} AS {c.name}" for c in columns]

    @staticmethod
    def out(columns):
        return [Column(column.name, column.type, column.role) for column in columns]

    def computed(self, source, depth=1):
        text, type_ = self.value(source.columns, depth)
        name = self.name()
        return f"{text} AS {name}", Column(name, type_, "label" if type_ in "SDBI" else "value")

    def present(self, source):
        """Returns a condition that requires an identifier, or seems to."""
        return self.pick(PRESENT).replace("{u}", str(source.unit()))

    def where(self, source, share=0.5):
        columns = source.columns
        if any(column.name == "rn" for column in columns) and self.chance(0.7):
            return f" WHERE {next(column for column in columns if column.name == 'rn')} = 1"
        return f" WHERE {self.condition(source.columns)}" if self.chance(share) else ""

    def rows_select(self, depth):
        source = self.people(depth)
        kept = self.kept(source)
        items, columns = self.items(kept), self.out(kept)
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            item, column = self.computed(source)
            items.append(item)
            columns.append(column)
        if source.unit() and self.chance(0.1):
            name = self.name("h")
            items.append(f"{self.somebody(source.columns, 1)} AS {name}")
            columns.append(Column(name, "S", "unit"))
        return Query(f"SELECT {', '.join(items)} FROM {source.text}{self.where(source, 0.3)}", columns, source.once)

    def rows_star(self, depth):
        source = self.bare(self.people(depth))
        out = [column for column in source.columns if column.role != "unit" and self.chance(0.2)]
        text = "*"
        if out:
            text += f" EXCEPT ({', '.join(column.name for column in out)})"
        kept = [column for column in source.columns if column not in out]
        replaced = [column for column in kept if column.type in "SI" and column.role != "unit" and self.chance(0.1)]
        if replaced:
            made = [f"{self.expression(source.columns, c.type, 1)} AS {c.name}" for c in replaced]
            text += f" REPLACE ({', '.join(made)})"
        return Query(f"SELECT {text} FROM {source.text}{self.where(source)}", self.out(kept), source.once)

    def rows_filter(self, depth):
        source = self.people(depth)
        kept = self.kept(source, 0.9)
        return Query(f"SELECT {', '.join(self.items(kept))} FROM {source.text}{self.where(source, 1)}", self.out(kept), source.once)

    def rows_window(self, depth):
        source = self.people(depth)
        kept = self.kept(source, 0.9)
        name = self.name("n")
        unit = source.unit()
        if unit and self.chance(0.5):
            keys = [str(c) for c in source.of_role("label") if self.chance(0.3)] or [str(self.rng.choice(source.columns[:1]))]
            key = ", ".join(self.expression(source.columns, "S", 1) if self.chance(0.1) else k for k in keys)
            # A later grouping may merge partitions.
            self.settled = True
            text, type_ = f"COUNT(DISTINCT {unit}) OVER (PARTITION BY {key})", "I"
            qualify = f" QUALIFY {name} >= {self.pick({'3': 8, '2': 1})}"
        elif unit and self.chance(0.4):
            order = self.rng.choice([c for c in source.columns if c.type in "SIDT"])
            text, type_ = f"ROW_NUMBER() OVER (PARTITION BY {unit} ORDER BY {order})", "I"
            qualify = f" QUALIFY {name} = 1" if self.chance(0.5) else ""
        else:
            text, type_ = self.analytic(source.columns)
            qualify = f" QUALIFY {name} IS NOT NULL" if self.chance(0.2) else ""
        if qualify and self.chance(0.2):
            qualify += f" AND {self.plain(source.columns)}"
        where = " WHERE TRUE" if qualify else self.where(source, 0.2)
        text = f"SELECT {', '.join([*self.items(kept), f'{text} AS {name}'])} FROM {source.text}{where}{qualify}"
        return Query(text, [*self.out(kept), Column(name, type_, "value")])

    def rows_first(self, depth):
        """Returns one row per person: the first by a window, filtered there or above."""
        source = self.people(depth)
        unit = source.unit()
        if unit is None:
            return self.rows_filter(0)
        kept = [unit, *[c for c in self.kept(source, 0.9) if c.name != unit.name]]
        order = self.rng.choice([c for c in source.columns if c.type in "SIDT"])
        number = f"ROW_NUMBER() OVER (PARTITION BY {unit} ORDER BY {order}{self.pick({'': 1, ' DESC': 1})})"
        inner = f"SELECT {', '.join(self.items(kept))}, {number} AS rn FROM {source.text}"
        if self.chance(0.4):
            return Query(f"SELECT {', '.join(self.items(kept))} FROM {source.text} WHERE TRUE QUALIFY {number} = 1", self.out(kept), True)
        if self.chance(0.5):
            return Query(inner, [*self.out(kept), Column("rn", "I", "value")], True)
        return Query(f"SELECT * EXCEPT (rn) FROM ({inner}) WHERE rn = 1", self.out(kept), True)

    def rows_distinct(self, depth):
        source = self.people(depth)
        kept = [c for c in self.kept(source) if c.type in ("S", "I", "D", "B")][:5] or source.columns[:1]
        where = self.where(source)
        if source.unit() and self.chance(0.4):
            where = f" WHERE {self.present(source)}"
        return Query(f"SELECT DISTINCT {', '.join(self.items(kept))} FROM {source.text}{where}", self.out(kept), True)

    def rows_group(self, depth):
        """Returns one row per person and the other keys."""
        source = self.people(depth)
        unit = source.unit()
        if unit is None:
            return self.rows_filter(0)
        labels = [c for c in source.of_role("label") if c.type in "SDB" and self.chance(0.5)][:3]
        items, columns, keys = [*self.items([unit, *labels])], self.out([unit, *labels]), [unit, *labels]
        keys = [key.name if key.sql and self.chance(0.5) else str(key) for key in keys]
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            text, type_ = self.aggregate(source.columns)
            name = self.name("g")
            items.append(f"{text} AS {name}")
            columns.append(Column(name, type_, "value"))
        if self.chance(0.15):
            # A key that is not selected.
            keys.append(self.expression(source.columns, self.pick({"S": 2, "I": 1, "D": 1}), 1))
        group = ", ".join(keys) if all(" " not in k or "(" in k for k in keys) else ", ".join(map(str, range(1, len(labels) + 2)))
        return Query(f"SELECT {', '.join(items)} FROM {source.text}{self.where(source, 0.4)} GROUP BY {group}", columns, True)

    def rows_set(self, depth):
        left, right = self.people(0), self.people(0)
        if depth > 0 and self.chance(0.5):
            left = self.source(self.rows_filter(depth - 1))
        names = [c.name for c in left.columns]
        both = [c for c in right.columns if c.name in names and c.type in ("S", "I", "D", "B") and (c.role == "unit" or self.chance(0.7))]
        if not both:
            return self.rows_filter(0)
        own = {c.name: c for c in left.columns}
        both = [c for c in both if own[c.name].type == c.type]
        words = self.pick({"UNION ALL": 5, "UNION DISTINCT": 2, "INTERSECT DISTINCT": 1.5, "EXCEPT DISTINCT": 1.5,
                           "UNION ALL BY NAME": 1, "FULL UNION ALL BY NAME": 0.5, "LEFT UNION ALL BY NAME": 0.5,
                           "INNER UNION ALL BY NAME": 0.4, "UNION ALL CORRESPONDING": 0.4, "INTERSECT ALL": 0.3,
                           "EXCEPT ALL": 0.3, "UNION DISTINCT BY NAME": 0.3})
        mine, its = [str(own[c.name]) for c in both], [str(c) for c in both]
        for at, column in enumerate(both):
            if column.role == "unit" and self.chance(0.12):
                its[at] = f"{self.pick({'MD5': 0, 'UPPER': 1, 'REVERSE': 1, 'LOWER': 1})}({column}) AS {column.name}"
            elif column.role == "unit" and self.chance(0.08) and any(c.name == "alias" for c in right.columns):
                its[at] = f"alias AS {column.name}"
        if self.chance(0.15) and any(c.role == "unit" for c in both):
            tag = self.name("h")
            mine.append(f"{self.somebody(left.columns, 1)} AS {tag}")
            its.append(f"{self.somebody(right.columns, 1)} AS {tag}")
            both = [*both, Column(tag, "S", "unit")]
        if self.chance(0.3):
            tag = self.name()
            mine.append(f"'a' AS {tag}")
            its.append(f"'b' AS {tag}")
            both = [*both, Column(tag, "S", "label")]
        text = (f"SELECT {', '.join(mine)} FROM {left.text}{self.where(left, 0.3)} {words} "
                f"SELECT {', '.join(its)} FROM {right.text}{self.where(right, 0.3)}")
        return Query(text, self.out(both))

    def rows_unpivot(self, depth):
        source = self.bare(self.people(depth))
        values = [c for c in source.columns if c.type == "I" and c.role == "value"]
        if len(values) < 2:
            return self.rows_filter(0)
        values = values[:2]
        rest = [c for c in self.kept(source, 0.9) if c not in values and c.type != "J"]
        if not rest:
            return self.rows_filter(0)
        inner = f"(SELECT {', '.join(str(c) for c in rest + values)} FROM {source.text})"
        nulls = self.pick({"": 3, "INCLUDE NULLS": 1, "EXCLUDE NULLS": 1})
        label, value = self.name("k"), self.name("z")
        text = f"SELECT * FROM {inner} UNPIVOT {nulls} ({value} FOR {label} IN ({values[0]}, {values[1]}))"
        return Query(text, [*self.out(rest), Column(label, "S", "label"), Column(value, "I", "value")], source.once)

    # Queries over people's rows in pipe syntax.

    def rows_pipe(self, depth):
        source = self.bare(self.people(depth))
        columns, steps = list(source.columns), []
        for _ in range(self.rng.choice((1, 2, 2, 3))):
            kind = self.pick({"where": 3, "extend": 3, "set": 1.5, "drop": 1, "rename": 2, "select": 1.5, "distinct": 0.5,
                              "join": 1.5, "window": 1, "unnest": 1, "group": 1, "as": 0.4})
            made = getattr(self, f"pipe_{kind}")(columns)
            if made:
                step, columns = made
                steps.append(step)
        if any(column.name == "rn" for column in columns) and self.chance(0.5):
            steps.append("WHERE rn = 1")
        return Query(f"FROM {source.text} " + " ".join(f"|> {step}" for step in steps), columns, source.once)

    def pipe_where(self, columns):
        return f"WHERE {self.condition(columns)}", columns

    def pipe_extend(self, columns):
        name = self.name()
        if self.chance(0.3):
            text, type_ = self.analytic(columns)
        else:
            text, type_ = self.value(columns, 1)
        return f"EXTEND {text} AS {name}", [*columns, Column(name, type_, "label" if type_ in "SDB" else "value")]

    def pipe_window(self, columns):
        name = self.name("n")
        text, type_ = self.analytic(columns)
        return f"WINDOW {text} AS {name}", [*columns, Column(name, type_, "value")]

    def pipe_set(self, columns):
        column = self.rng.choice([c for c in columns if c.type in "SI" and (c.role != "unit" or self.chance(0.2))] or [None])
        if column is None:
            return None
        return f"SET {column.name} = {self.expression(columns, column.type, 1)}", columns

    def pipe_drop(self, columns):
        out = [c for c in columns if c.role != "unit" and self.chance(0.3)]
        if not out or len(out) == len(columns):
            return None
        return f"DROP {', '.join(c.name for c in out)}", [c for c in columns if c not in out]

    def pipe_rename(self, columns):
        texts = [c for c in columns if c.type == "S"]
        if len(texts) > 1 and self.chance(0.5):
            # Both renames apply at once: each column takes the other's name.
            first, second = self.rng.sample(texts, 2)
            unit = next((c for c in texts if c.name == "id"), first)
            first, second = (unit, second) if self.chance(0.4) and unit is not second else (first, second)
            swapped = {first.name: second.name, second.name: first.name}
            pairs = [f"{old} AS {new}" for old, new in swapped.items()]
            # Later steps refer to the column by its new name.
            kept = [Column(swapped.get(c.name, c.name), c.type, c.role) for c in columns]
            by_name = {c.name: c.role for c in columns}
            kept = [Column(c.name, c.type, by_name[c.name]) if self.chance(0.5) else c for c in kept]
            # A column that is counted as people may now be a label.
            self.lossy = True
            return f"RENAME {', '.join(pairs)}", kept
        column, name = self.rng.choice(columns), self.name()
        return f"RENAME {column.name} AS {name}", [Column(name, c.type, c.role) if c is column else c for c in columns]

    def pipe_select(self, columns):
        kept = self.kept(Source("", columns), 0.8)
        word = self.pick({"SELECT": 4, "SELECT DISTINCT": 1})
        kept = [c for c in kept if word == "SELECT" or c.type not in ("AS", "J", "AI")] or kept[:1]
        return f"{word} {', '.join(c.name for c in kept)}", kept

    def pipe_distinct(self, columns):
        return None if any(c.type in ("AS", "J", "AI") for c in columns) else ("DISTINCT", columns)

    def pipe_join(self, columns):
        using = [c for c in columns if c.name == "country" and c.type == "S"]
        if not using or any(c.name == "region" for c in columns):
            return None
        kind = self.pick({"JOIN": 3, "LEFT JOIN": 2, "CROSS JOIN": 0.5})
        if kind == "CROSS JOIN":
            taken = {c.name for c in columns}
            return None if taken & {"k", "code"} else ("CROSS JOIN m", [*columns, *table("m").columns])
        return f"{kind} d USING (country)", [*columns, *[c for c in table("d").columns if c.name != "country"]]

    def pipe_unnest(self, columns):
        name = self.name("u")
        arrays = [c for c in columns if c.type == "AS"]
        array = str(self.rng.choice(arrays)) if arrays and self.chance(0.6) else "[1, 2]"
        return f"CROSS JOIN UNNEST({array}) AS {name}", [*columns, Column(name, "S" if array != "[1, 2]" else "I", "label")]

    def pipe_group(self, columns):
        unit = next((c for c in columns if c.role == "unit"), None)
        if unit is None:
            return None
        labels = [c for c in columns if c.role == "label" and c.type in "SDB" and self.chance(0.5)][:3]
        text, type_ = self.aggregate(columns)
        name = self.name("g")
        keys = ", ".join(c.name for c in (unit, *labels))
        return f"AGGREGATE {text} AS {name} GROUP BY {keys}", [unit, *labels, Column(name, type_, "value")]

    def pipe_as(self, columns):
        return f"AS {self.name('r')}", columns
