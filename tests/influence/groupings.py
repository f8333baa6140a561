"""Queries whose rows are groups of people."""
from scope import Column, Query
from thresholds import Thresholds

BENIGN = {"COUNT(*)": 2, "SUM({n})": 4, "AVG({n})": 2, "COUNT(DISTINCT {u})": 2, "SUM({x})": 1, "SUM({n}) / COUNT(*)": 1,
          "ROUND(AVG({n}), 2)": 1, "SUM({n}) + SUM({x})": 0.5}


# Sums and counts of people for whom a condition holds, in various spellings.
CONDITIONAL = {
    "SUM(CAST({b} AS INT64))": 2, "AVG(CAST({b} AS INT64))": 1, "SUM({n} * CAST({b} AS INT64))": 1, "SUM(IF({b}, 2, 1))": 1,
    "SUM(ARRAY_LENGTH(IF({b}, [1], [])))": 1, "COUNT(IF({b}, 1, 0))": 0.5, "SUM({n} * STRPOS(CAST({b} AS STRING), 't'))": 1,
    "SUM({n} / IF({b}, 2, 1))": 0.7, "SUM({n} + CAST({b} AS INT64))": 0.7, "SUM({n} - IF({b}, {n}, 0))": 0.7, "AVG(IF({b}, 1, 2))": 0.7,
    "COUNT(DISTINCT COALESCE(IF({b}, {u}, NULL), 'none'))": 1.5, "COUNT(DISTINCT NULLIF({u}, IF({b}, {u}, '')))": 1,
    "COUNT(IFNULL(IF({b}, {u}, NULL), NULL))": 1, "ARRAY_LENGTH(ARRAY_AGG(DISTINCT ({b}) IS TRUE))": 1,
    "SUM(LENGTH(IF({b}, 'x', '')))": 0.7, "SUM({n} << CAST({b} AS INT64))": 0.5, "IF(COUNTIF({b}) > 0, 1, 2)": 1,
}


class Groupings(Thresholds):
    def keys(self, source, least=1):
        """Returns grouping keys with their names: labels, and sometimes expressions over them."""
        labels, found, names = [c for c in source.of_role("label") if c.type in "SDIB"], [], set()
        count = max(least, self.rng.choice((1, 1, 1, 2, 2, 3)))
        for column in self.rng.sample(labels, min(len(labels), count)):
            if self.chance(0.2):
                name = self.name("k")
                found.append((self.expression([column], column.type, 1), Column(name, column.type, "label")))
            elif column.name not in names:
                found.append((str(column), Column(column.name, column.type, "label")))
            names.add(column.name)
        if self.chance(0.06) or not found and least:
            type_ = self.pick({"S": 3, "D": 1, "I": 1})
            found.append((self.expression(source.columns, type_, 1), Column(self.name("k"), type_, "label")))
        return found

    def benign(self, source):
        numbers = [str(c) for c in source.columns if c.name == "n"] or ["1"]
        reals = [str(c) for c in source.columns if c.name == "x"] or ["1.5"]
        unit = source.unit()
        text = self.pick(BENIGN)
        return text.format(n=numbers[0], x=reals[0], u=unit or numbers[0]), "I" if text.startswith(("COUNT", "SUM({n})")) and "/" not in text and "+" not in text else "F"

    @staticmethod
    def number(source):
        return next((column for column in source.columns if column.name == "n"), "1")

    def measured(self, source, keys):
        """Returns a value of a group: an aggregate, or an expression over aggregates and keys."""
        kind = self.pick({"benign": 3, "aggregate": 4, "over": 3, "difference": 1, "subquery": 0.8, "conditional": 1.5})
        if kind == "conditional":
            condition = self.plain(source.columns) if self.chance(0.6) else self.expression(source.columns, "B", 1)
            text = self.pick(CONDITIONAL).replace("{b}", condition).replace("{n}", str(self.number(source)))
            return text.replace("{u}", str(source.unit() or "'a'")), "I"
        if kind == "benign":
            return self.benign(source)
        if kind == "aggregate":
            return self.aggregate(source.columns, depth=self.pick({0: 3, 1: 2}))
        if kind == "subquery":
            mine = [Column(column.name, column.type, "label", text) for text, column in keys if text.isidentifier() or "." in text]
            return self.other_value(mine)
        made = [Column("", "I", "value", self.counted(source)), Column("", "I", "value", self.aggregate(source.columns, "I")[0])]
        if kind == "difference":
            whole = f"COUNT(DISTINCT {source.unit()})" if source.unit() else "COUNT(*)"
            return self.pick({f"{whole} - {made[0]}": 3, f"{whole} - {made[1]}": 1, f"SAFE_DIVIDE({made[0]}, {whole})": 2}), "F"
        made += [Column("", type_, "value", self.aggregate(source.columns, type_)[0]) for type_ in ("S", "S") if self.chance(0.3)]
        made += [Column("", column.type, "label", text) for text, column in keys]
        type_ = self.pick({"I": 4, "S": 4, "B": 1.5, "F": 1})
        return self.expression(made, type_, 1, grouped="inside"), type_

    def grouped(self, source, threshold=True, hostile=0.5):
        """Returns a SELECT … GROUP BY … over a source with people."""
        keys = self.keys(source, least=0 if self.chance(0.08) else 1)
        items = [text if text == column.name else f"{text} AS {column.name}" for text, column in keys]
        columns = [column for _, column in keys]
        count = self.counted(source)
        name = self.name("c")
        having = None
        if threshold:
            shown = self.chance(0.6)
            having = self.enough(name if shown and self.chance(0.7) else count)
            if shown:
                items.append(f"{count} AS {name}")
                columns.append(Column(name, "I", "count"))
            else:
                having = having.replace(name, count)
            if self.chance(0.12):
                having += f" AND {self.condition([Column(c.name, c.type, c.role, text) for text, c in keys], 0)}"
            if self.chance(0.05):
                having = self.pick({f"({having}) OR {self.sound(source)}": 1, f"{self.sound(source)} AND {having}": 2})
        else:
            items.append(f"{count} AS {name}")
            columns.append(Column(name, "I", "count"))
        for _ in range(self.rng.choice((0, 1, 1, 2)) if self.chance(hostile) else self.rng.choice((0, 0, 1))):
            text, type_ = self.measured(source, keys) if self.chance(0.7) else self.benign(source)
            items.append(f"{text} AS {name}v{len(items)}")
            columns.append(Column(f"{name}v{len(columns)}", type_, "value"))
        columns = [Column(item.rsplit(" AS ", 1)[1], c.type, c.role) if " AS " in item else c for item, c in zip(items, columns)]
        text = f"SELECT {', '.join(items)} FROM {source.text}{self.where(source, 0.7 if any(c.name == 'rn' for c in source.columns) else 0.3)}"
        text += self.group_by(keys)
        if having:
            text += f" HAVING {having}"
        return Query(text, columns)

    def group_by(self, keys):
        if not keys:
            return self.pick({"": 2, " GROUP BY ()": 1})
        names, plain = [column.name for _, column in keys], all(text.replace(".", "").replace("_", "").isalnum() for text, _ in keys)
        kinds = {"names": 5, "numbers": 3, "all": 0.8}
        if plain:
            kinds |= {"texts": 3, "rollup": 0.25, "cube": 0.15, "sets": 0.25}
        kind = self.pick(kinds)
        if kind == "names":
            return f" GROUP BY {', '.join(names)}"
        if kind == "numbers":
            return f" GROUP BY {', '.join(map(str, range(1, len(keys) + 1)))}"
        if kind == "all":
            return " GROUP BY ALL"
        texts = ", ".join(text for text, _ in keys)
        if kind == "sets":
            return f" GROUP BY GROUPING SETS (({texts}), ({keys[0][0]}){self.pick({'': 1, ', ()': 1})})"
        return f" GROUP BY {texts}" if kind == "texts" else f" GROUP BY {kind.upper()}({texts})"

    def piped(self, source):
        """Returns a grouping in pipe syntax, with a threshold."""
        source = self.bare(source)
        keys = self.keys(source)
        count, name = self.counted(source), self.name("c")
        aggregates, columns = [f"{count} AS {name}"], [column for _, column in keys] + [Column(name, "I", "count")]
        for _ in range(self.rng.choice((0, 1, 1))):
            text, type_ = self.measured(source, keys) if self.chance(0.5) else self.benign(source)
            if "SELECT" in text:
                continue
            aggregates.append(f"{text} AS {name}v{len(columns)}")
            columns.append(Column(f"{name}v{len(columns)}", type_, "value"))
        by = ", ".join(text if text == column.name else f"{text} AS {column.name}" for text, column in keys)
        where = f" |> WHERE {self.condition(source.columns)}" if self.chance(0.4) else ""
        word = self.pick({"GROUP BY": 6, "GROUP AND ORDER BY": 1})
        text = f"FROM {source.text}{where} |> AGGREGATE {', '.join(aggregates)} {word} {by} |> WHERE {self.enough(name)}"
        return Query(text, columns)

    def pivoted(self, source):
        """Returns a PIVOT, which groups by the columns that it does not name."""
        source = self.bare(source)
        labels = [c for c in source.of_role("label") if c.type == "S" and c.name in ("country", "os", "words")]
        unit = source.unit()
        if len(labels) < 2 or unit is None:
            return self.grouped(source)
        key, spread = self.rng.sample(labels, 2)
        word = self.word(spread)
        aggregate = self.pick({f"COUNT(DISTINCT {unit})": 3, "SUM(n)": 1, "COUNT(*)": 1}) if any(c.name == "n" for c in source.columns) else f"COUNT(DISTINCT {unit})"
        read = sorted({str(unit), str(key), str(spread), *(["n"] if "n)" in aggregate else [])})
        inner = f"(SELECT {', '.join(read)} FROM {source.text})"
        text = f"SELECT * FROM {inner} PIVOT({aggregate} AS c FOR {spread} IN ('{word}' AS one, 'win' AS two)) WHERE c_one >= 3"
        if self.chance(0.4):
            text += " AND c_two >= 3"
        return Query(text, [Column(key.name, "S", "label"), Column("c_one", "I", "count"), Column("c_two", "I", "count")])
