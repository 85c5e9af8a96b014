"""Plain Python objects by the million."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.peers import DASK, JOBLIB, OURS, PICKLE, hashers, on
from benchmarks.workload import Case, Effort, Required

TITLE = "Lists"


def cases(effort: Effort) -> Iterator[Case]:
    found, absent = hashers(JOBLIB, DASK, PICKLE)
    count, random = effort.size(1_000_000), Random(0)
    faster = (Required(JOBLIB, OURS, least=20),)
    yield Case(f"{count:,} ints", on([random.randrange(10**9) for _ in range(count)], found), faster, absent=absent)
    yield Case(f"{count:,} floats", on([random.random() for _ in range(count)], found), absent=absent)
    yield Case(f"{count:,} strings", on([f"name {number}" for number in range(count)], found), absent=absent)
    some = count // 10
    yield Case(f"{some:,} dicts with lists", on([_person(number) for number in range(some)], found), absent=absent)


def _person(number: int) -> dict[str, object]:
    return {"name": f"name {number}", "age": number % 90, "scores": [number / 7, 0.5, None], "tags": ["a", "b"]}
