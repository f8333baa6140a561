"""Repositories."""

from growth import (
    chain_of_files,
    cycle_of_files,
    fan_of_files,
    files_apart,
    readers_of_a_file,
    repository,
)
from sizes_cases.case import T, case


for make in (files_apart, fan_of_files, readers_of_a_file):
    case(5000, files=True)(make)
# Each reads all before it: a slower machine has room.
for make in (chain_of_files, cycle_of_files):
    case(3500, files=True)(make)


@case(5000, files=True)
def files_one_table(n):
    return repository({f"t{at}": f"INSERT INTO d.o SELECT country, {at} AS x FROM {T}" for at in range(n)})


@case(1000, files=True)
def files_one_table_read(n):
    texts = {f"t{at}": f"INSERT INTO d.o SELECT country, {at} AS x FROM {T}" for at in range(n)}
    texts.update({f"r{at}": f"CREATE TABLE d.r{at} AS SELECT country FROM d.o" for at in range(n)})
    return repository(texts)


@case(300, files=True)
def files_all_of_all(n):
    return repository({f"t{at}": f"CREATE TABLE d.t{at} AS " + " UNION ALL ".join(f"SELECT country, client_id FROM d.t{other}" for other in range(0, n, 7)) for at in range(n)})


@case(600, files=True)
def files_ladder(n):
    texts = {"a0": f"CREATE TABLE d.a0 AS SELECT country, client_id FROM {T}", "b0": f"CREATE TABLE d.b0 AS SELECT country, client_id FROM {T}"}
    for at in range(1, n):
        for name in "ab":
            texts[f"{name}{at}"] = f"CREATE TABLE d.{name}{at} AS SELECT a.country, b.client_id FROM d.a{at - 1} AS a JOIN d.b{at - 1} AS b USING (client_id)"
    return repository(texts)


@case(1000, files=True)
def files_functions(n):
    texts = {f"f{at}": f"CREATE FUNCTION d.f{at}(x INT64) AS (x + {at})" for at in range(n)}
    texts.update({f"r{at}": f"CREATE TABLE d.r{at} AS SELECT d.f{at}(x) AS y, country FROM {T}" for at in range(n)})
    return repository(texts)


@case(1000, files=True)
def files_deep(n):
    return repository({"/".join(["a"] * min(at % 50 + 1, 50)) + f"/t{at}": f"CREATE TABLE d.t{at} AS SELECT country FROM {T}" for at in range(n)})
