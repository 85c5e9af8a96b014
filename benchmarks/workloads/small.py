"""Small arguments, of which most calls are made: here the fixed costs count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.peers import DASK, JOBLIB, PICKLE, hashers, on
from benchmarks.workload import Case, Effort

TITLE = "Small values"


@dataclass
class Point:
    x: float
    y: float
    name: str


VALUES = {
    'the tuple (1, "a", 2.5)': (1, "a", 2.5),
    "a dict of 3 items": {"path": "data/in.csv", "limit": 100, "exact": True},
    "a dataclass of 3 fields": Point(1.5, 2.5, "p"),
}


def cases(effort: Effort) -> Iterator[Case]:
    found, absent = hashers(JOBLIB, DASK, PICKLE)
    for name, value in VALUES.items():
        yield Case(name, on(value, found), absent=absent)
