"""Shrinks a refuted text: removes pieces as long as the claim is still refuted."""
from tokens import CLOSE, OPEN, matching, text, tokens

CLAUSES = ("WHERE", "HAVING", "QUALIFY", "GROUP", "ORDER", "LIMIT", "JOIN", "LEFT", "RIGHT", "FULL", "CROSS", "INNER", "UNION",
           "INTERSECT", "EXCEPT", "|>", "FROM", "SELECT", "UNPIVOT", "PIVOT", "ON", "WINDOW", "WITH")
JOINTS = ("AND", "OR", ",", "|>", *CLAUSES)


def _skip(parts, pairs, at):
    return pairs[at] if parts[at] in OPEN and at in pairs else at


def cuts(sql):
    """Returns smaller texts, the smallest first; many are not valid GoogleSQL."""
    parts = tokens(sql)
    pairs = matching(parts)
    found = set()
    for start, part in enumerate(parts):
        if part in JOINTS or start and (parts[start - 1] in OPEN or parts[start - 1] in JOINTS):
            at = start
            while at < len(parts) and parts[at] not in CLOSE:
                at = _skip(parts, pairs, at) + 1
                if at >= len(parts) or parts[at] in CLOSE or parts[at] in JOINTS:
                    found.add((start, at, ()))
        if part in OPEN and start in pairs:
            end = pairs[start]
            call = start - (start > 0 and parts[start - 1].replace(".", "").isalnum())
            item = start + 1
            for at in range(start + 1, end + 1):
                if at == end or parts[at] == "," and all(not s < at < e for s, e in pairs.items() if s > start):
                    found.add((call, end + 1, tuple(parts[item:at])))
                    item = at + 1
            if parts[start + 1] in ("SELECT", "FROM"):
                found.update((start, end + 1, (name,)) for name in ("t", "p", "q"))
    for start, part in enumerate(parts):
        if part == "IF" and start + 1 in pairs:
            found.add((start, pairs[start + 1] + 1, ("1",)))
    smaller = {text([*parts[:start], *put, *parts[end:]]) for start, end, put in found if end - start > len(put)}
    return sorted(smaller, key=len)


def shrink(sql, refuted_of, rounds=40):
    """Shrinks a text. `refuted_of(texts)` returns the first text that is still refuted, or None."""
    known = set()
    for _ in range(rounds):
        candidates = [candidate for candidate in cuts(sql) if candidate not in known]
        known.update(candidates)
        smaller = refuted_of(candidates)
        if smaller is None:
            break
        sql = smaller
    return sql
