"""Counts of people and comparisons with a threshold: most prove three people, some only seem to."""
from relations import Relations

# Expressions that are three, or are rounded to three by GoogleSQL; a few are two.
THREE = {
    "3": 40, "2 + 1": 1, "DIV(6, 2)": 1, "CAST('3' AS INT64)": 1, "CAST(2.6 AS INT64)": 1, "3.0": 0.7, "3e0": 0.7,
    "ABS(-3)": 0.5, "GREATEST(3, 1)": 0.5, "LENGTH('abc')": 0.5, "ROUND(2.5)": 0.5, "(SELECT 3)": 1, "CAST(2.4 AS INT64)": 1,
    "CAST('2.2' AS NUMERIC)": 0.7, "CAST('2.6' AS NUMERIC(4, 0))": 0.7, "CAST('2.2' AS NUMERIC(4, 0))": 1,
    "CAST(2.9 AS NUMERIC(1))": 0.3, "SAFE_CAST('3' AS INT64)": 0.7, "IF(TRUE, 3, 1)": 0.5, "MOD(7, 4)": 0.5, "1 << 1": 0.3,
    "ARRAY_LENGTH([1, 1, 1])": 0.5, "[3, 1][OFFSET(0)]": 0.7, "[1, 3][ORDINAL(1)]": 0.7, "COALESCE(NULL, 3)": 0.5,
    "CEIL(2.1)": 0.5, "FLOOR(3.9)": 0.5, "TRUNC(2.9)": 0.5, "3 | 1": 0.3, "3 & 2": 0.3, "LEAST(3, 4)": 0.5, "0x3": 0.7,
    "EXTRACT(DAY FROM DATE '2026-01-03')": 0.5, "(SELECT MAX(k) FROM m)": 0.3, "SIGN(5)": 0.2, "CAST(NUMERIC '2.5' AS INT64)": 0.5,
    "EXTRACT(WEEK(SUNDAY) FROM DATE '2026-01-18')": 0.3, "DATE_DIFF(DATE '2026-01-18', DATE '2026-01-01', WEEK(MONDAY))": 0.3,
    "NULLIF(3, 4)": 0.3, "CAST(TRUE AS INT64) + 2": 0.3, "CAST('3.0' AS FLOAT64)": 0.3, "7 / 2": 0.3, "5 / 2": 0.3,
}
COMPARED = {
    "{c} >= {k}": 20, "{k} <= {c}": 2, "{c} > {k} - 1": 1, "NOT {c} < {k}": 1.5, "{c} BETWEEN {k} AND 1000": 1.5,
    "({c} >= {k}) IS TRUE": 0.7, "IF({c} >= {k}, TRUE, FALSE)": 0.7, "CASE WHEN {c} < {k} THEN FALSE ELSE TRUE END": 0.7,
    "COALESCE({c} >= {k}, FALSE)": 0.7, "{c} IN (3, 4, 5, 6, 7, 8)": 0.7, "{c} IN UNNEST([3, 4, 5, 6])": 0.5,
    "{c} NOT IN (0, 1, 2)": 0.5, "{c} NOT BETWEEN 0 AND 2": 0.5, "({c} >= {k} AND {c} >= 1)": 0.7, "{c} = 3": 0.5,
    "({c} >= {k} OR {c} >= 4)": 0.7, "CASE {c} >= {k} WHEN TRUE THEN TRUE ELSE FALSE END": 0.3, "({c} >= {k}) IS NOT FALSE": 0.5,
    "NOT ({c} < {k} OR {c} IS NULL)": 0.5, "{c} > 2 AND TRUE": 0.3, "IFNULL({c}, 0) >= {k}": 0.7, "COALESCE({c}, 0) >= {k}": 0.5,
    "{c} / 1 >= {k}": 0.2, "{c} - 0 >= {k}": 0.2, "CAST({c} AS FLOAT64) >= {k}": 0.4, "GREATEST({c}, 0) >= {k}": 0.3,
    "LEAST({c}, 9) >= {k}": 0.3, "{c} * 2 >= {k}": 0.2, "{c} != 0 AND {c} != 1 AND {c} != 2": 0.3, "ABS({c}) >= {k}": 0.2,
}
NAMED = {  # over the person's column
    "COUNT(DISTINCT {u})": 30, "COUNT(*)": 9, "COUNT({u})": 3, "COUNT(1)": 1, "SUM(1)": 1.5, "COUNTIF(TRUE)": 0.7,
    "COUNT(DISTINCT UPPER({u}))": 1, "COUNT(DISTINCT TO_HEX(MD5({u})))": 0.7, "COUNT(DISTINCT CONCAT({u}, 'x'))": 1,
    "COUNT(DISTINCT CAST({u} AS STRING))": 0.7, "COUNT(DISTINCT FARM_FINGERPRINT({u}))": 0.5, "COUNT(DISTINCT REVERSE({u}))": 0.5,
    "COUNT(DISTINCT SUBSTR({u}, 1, 1))": 0.5, "COUNT(DISTINCT COALESCE({u}, '?'))": 1, "COUNT(DISTINCT IFNULL({u}, 'x')) - 1": 0.4,
    "ARRAY_LENGTH(ARRAY_AGG(DISTINCT {u} IGNORE NULLS))": 0.7, "COUNT(DISTINCT IF({b}, {u}, NULL))": 2.5,
    "COUNT(DISTINCT CASE WHEN {b} THEN {u} END)": 1.2, "COUNT(DISTINCT {u} WHERE {b})": 0.7, "COUNTIF({b})": 1.5,
    "SUM(IF({b}, 1, 0))": 1.2, "SUM(CAST({b} AS INT64))": 0.7, "COUNT(IF({b}, {u}, NULL))": 1, "COUNT(IF({b}, 1, 0))": 0.7,
    "COUNT(DISTINCT IF({b}, {u}, CONCAT({u}, 'x')))": 0.7, "COUNT(DISTINCT IF({b}, {u}, {s}))": 0.7,
    "COUNT(DISTINCT CASE WHEN {b} THEN {u} ELSE UPPER({u}) END)": 0.4, "COUNT(DISTINCT CONCAT({u}, {s}))": 0.7,
    "COUNT(DISTINCT TO_JSON_STRING(STRUCT({u})))": 0.4, "COUNT(DISTINCT {s})": 0.5,
    "SUM(COUNT(DISTINCT {u}) GROUP BY {s})": 0.4, "MAX(COUNT(DISTINCT {u}) GROUP BY {s})": 0.4, "COUNT(DISTINCT {u} || 'x')": 0.4,
    "MIN(COUNT(DISTINCT {u}) GROUP BY {s})": 0.4, "COUNT(DISTINCT CAST(CAST({u} AS BYTES) AS STRING))": 0.3,
    "COUNT(DISTINCT NULLIF({u}, 'a'))": 0.4, "COUNT({u} HAVING MAX {s})": 0.3,
    "COUNT(DISTINCT IF({b}, {u}, IF({b}, {u}, NULL)))": 0.4, "COUNT(DISTINCT LOWER({u}))": 0.4,
    "SUM(2)": 0.2, "SUM(IF({b}, 2, 1))": 0.4, "COUNT(DISTINCT SAFE_CAST({u} AS STRING))": 0.3, "COUNT(DISTINCT {u}) + 0": 0.2,
    "COUNT(DISTINCT FORMAT('%s', {u}))": 0.3, "COUNT(DISTINCT TRIM({u}))": 0.3, "MAX({i})": 0.2, "COUNT(DISTINCT {i})": 0.3,
}
TWO_NAMES = {
    "COUNT(DISTINCT COALESCE({u}, {a}))": 1, "COUNT(DISTINCT IF({b}, {u}, {a}))": 1.5, "COUNT(DISTINCT {a})": 1,
    "COUNT(DISTINCT CASE WHEN {b} THEN {a} ELSE {u} END)": 1, "COUNT(DISTINCT IFNULL({a}, {u}))": 0.5,
    "COUNT(DISTINCT GREATEST({u}, {a}))": 0.3, "COUNT(DISTINCT CONCAT({u}, {a}))": 0.4,
}


class Thresholds(Relations):
    def counted(self, source):
        """Returns an aggregate that counts people, or seems to."""
        units = source.of_role("unit")
        if not units:
            return "COUNT(*)"
        unit = units[0] if self.chance(0.8) else self.rng.choice(units)
        names = NAMED
        if len(units) > 1 and self.chance(0.35):
            names = TWO_NAMES
        text = "COUNT(*)" if source.once and self.chance(0.5) else self.pick(names)
        self.least |= text.startswith("MIN(")
        self.settled |= " GROUP BY " in text
        while "{b}" in text:
            text = text.replace("{b}", self.condition(source.columns, 0), 1)
        numbers = [str(c) for c in source.columns if c.type == "I"] or ["1"]
        labels = [str(c) for c in source.columns if c.type == "S" and c.role != "unit"] or ["'a'"]
        return (text.replace("{u}", str(unit)).replace("{a}", str(units[-1])).replace("{i}", self.rng.choice(numbers))
                .replace("{s}", self.rng.choice(labels)))

    def enough(self, count):
        """Returns a comparison of a count with three."""
        return self.pick(COMPARED).format(c=count, k=self.pick(THREE))

    def sound(self, source):
        """Returns a sound threshold, if the source has people."""
        unit = source.unit()
        return f"COUNT(DISTINCT {unit}) >= 3" if unit else "COUNT(*) >= 3"
