"""Classifies a small refuted text by its constructs; the first matching pattern decides."""
import re

KINDS = {
    "rounding-args": r"CAST ?\( ?('?2\.|NUMERIC '2)|7 / 2|5 / 2",
    "rownumber-fanout": r"^(?=.*ROW_NUMBER)(?=.*(= 1|UNNEST|JOIN|UNPIVOT)).*",
    "two-identifiers": r"\balias\b",
    "pipe-rename": r"\|> RENAME",
    "partial-cells (HAVING MAX)": r"HAVING (MAX|MIN) [a-z(]",
    "windows-then-drop": r"\bOVER\b",
    "implicit-flow (EXISTS)": r"\bEXISTS \(",
    "not-in-empty": r"NOT (IN UNNEST|LIKE (ANY|ALL) UNNEST)",
    "implicit-flow (IN)": r"\bIN \( SELECT|IN UNNEST \( ARRAY",
    "implicit-flow (scalar subquery)": r"(=|>=|<=|<|>) \( SELECT",
    "set operation": r"\b(UNION|INTERSECT|EXCEPT DISTINCT|EXCEPT ALL)\b",
    "fold-reencoded": r"'Other'",
    "collected-groups": r"ARRAY_AGG|STRING_AGG|ARRAY_CONCAT_AGG|TOP_(SUM|COUNT)|JSON",
    "difference": r"\bCOUNT .* - |- COUNT|\w - \w",
    "outer join": r"(LEFT|RIGHT|FULL)( OUTER)? JOIN",
    "unnest": r"UNNEST",
    "unpivot": r"\bUNPIVOT",
    "pivot": r"\bPIVOT",
    "join": r"\bJOIN\b|CROSS",
    "dropped-syntax": r"FORMAT '|WEEK \(|ORDINAL|OFFSET",
    "arith-condition": r"(SUM|AVG|COUNT|COUNTIF) \(.*(CAST|IF|LENGTH|STRPOS|INSTR)",
    "grouping sets": r"ROLLUP|CUBE|GROUPING SETS",
    "nested aggregates": r"GROUP BY .*GROUP BY",
}


def kind(sql):
    return next((name for name, pattern in KINDS.items() if re.search(pattern, sql, re.S)), "other")
