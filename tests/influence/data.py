"""Random tiny databases in which every person shows.

Numbers are large distinct primes, so that every sum changes without a person. Groups have about K
people: none, one, K-1, K or K+1. Some people have several rows or are in several groups, and some
rows have no person.

Contributions that do not show (`docs/proof.md`) are excluded from the data, not from the
comparison:

- A NULL adds as little to a sum as a 0: `filled` databases have none.
- If a row is merged from several groups of enough people each (UNION DISTINCT, MAX of their
  counts), a person who is in all of them may alone decide whether it exists: in `settled` databases
  each person is always in the same group.
"""
from schema import K, NOT_NULL, NULLABLE, PERSONAL, TABLES

COUNTRIES = ("DE", "FR", "IT")
SYSTEMS = ("mac", "win")
DAYS = ("2026-01-04", "2026-01-05", "2026-01-31", "2026-02-01")
HOURS = ("00:00:01", "05:30:00", "23:59:59")
WORDS = ("a,b", "b,a", "a", "c,b,a")
ALPHABET = "abcdefghij"


def _primes(start, count):
    found, at = [], start
    while len(found) < count:
        if all(at % divisor for divisor in range(2, int(at**0.5) + 1)):
            found.append(at)
        at += 1
    return found


# Spaced so that two pairs hardly ever have the same difference.
PRIMES = _primes(10_007, 4000)[::13]


class Database:
    """The stored rows of each table, in the order of its columns."""

    def __init__(self, rng, settled=False, filled=False):
        self.rng = rng
        self.filled = filled
        self.profiles = self._profiles() if settled else None
        self.primes = rng.sample(PRIMES, 280)
        self.events = 0
        self.tables = {name: self._people(name) if name in PERSONAL else self._reference(name) for name in TABLES}

    def _prime(self):
        return self.primes.pop() if self.primes else self.rng.choice(PRIMES)

    def _reference(self, name):
        if name == "d":
            regions = self.rng.sample(("north", "south", "west"), 3)
            return [[c, r, self.rng.choice(("EU", "NA"))] for c, r in zip(COUNTRIES, regions)]
        return [[k, self.rng.choice((*COUNTRIES, *SYSTEMS))] for k in range(8)]

    def _profiles(self):
        """Returns the values in all rows of each person, in every table."""
        found = {}
        people = iter(self.rng.sample(ALPHABET, len(ALPHABET)))
        while True:
            profile = self._profile(self.rng.choice(COUNTRIES), self.rng.choice(SYSTEMS))
            for _ in range(self.rng.choice((1, K - 1, K, K, K, K + 1))):
                person = next(people, None)
                if person is None:
                    return found
                found[person] = profile

    def _profile(self, country, system):
        rng = self.rng
        return {"country": country, "os": system, "day": rng.choice(DAYS), "flag": rng.random() < 0.5, "words": rng.choice(WORDS)}

    def _settled(self, name):
        rng, rows, used = self.rng, [], set()
        for person, profile in self.profiles.items():
            for _ in range(rng.choice((0, 1, 1, 1, 2)) if name not in ("p", "q") else rng.choice((0, 1, 1, 1))):
                self._add(name, rows, used, person, profile)
        return rows

    def _people(self, name):
        if self.profiles:
            return self._settled(name)
        rng, rows, used = self.rng, [], set()
        if rng.random() < 0.05:
            return rows
        for country in COUNTRIES[: rng.choice((2, 2, 3))]:
            for system in SYSTEMS:
                size = rng.choice((0, 1, 1, K - 1, K - 1, K, K, K, K + 1))
                first = rng.randrange(len(ALPHABET))
                for at in range(size):
                    person = ALPHABET[(first + at) % len(ALPHABET)]
                    for _ in range(1 if name == "p" else rng.choice((1, 1, 1, 2))):
                        self._add(name, rows, used, person, self._profile(country, system))
                if "id" not in NOT_NULL.get(name, ()) and rng.random() < 0.3:
                    self._add(name, rows, used, None, self._profile(country, system))
        return rows

    def _add(self, name, rows, used, person, profile):
        rng = self.rng
        day, words = profile["day"], profile["words"]
        key = {"p": person, "q": (person, day)}.get(name)
        if key is not None:
            if key in used:
                return
            used.add(key)
        number = self._prime()
        values = {
            **profile, "id": person, "ts": f"{day} {rng.choice(HOURS)}", "n": number, "v": self._prime(),
            "x": self._prime() / 8, "tags": words, "props": '{"a": "%s", "b": %d}' % (rng.choice(SYSTEMS), number),
            "alias": None if person is None else f"z{person}",
        }
        if name == "e":
            self.events += 1
            values["event"] = f"e{self.events}"
        for column in NULLABLE:
            if rng.random() < 0.3 and not self.filled:
                values[column] = None
        rows.append([values[column] for column in TABLES[name]])


def persons(database, tables):
    """Returns the people in some tables of a database, sorted."""
    found = set()
    for name in PERSONAL:
        if name not in tables:
            continue
        at = list(TABLES[name]).index("id")
        found |= {row[at] for row in database[name]} - {None}
    return sorted(found)
