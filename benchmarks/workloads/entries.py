"""Caches with few and with many entries, of small integers. Nothing is to depend on how many there are.

*Stale*: there is an answer of another version of the code, and the miss says what changed. *Opened*: closed, opened by
another object, and asked for one answer. What an entry takes beside its value is told in bytes of content; files take
whole blocks of the disk (4 KiB as a rule). The caches are kept in build/bench/entries.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random
from typing import Any

from everfresh.model import Key, Trace
from everfresh.storage.cache import Cache
from everfresh.storage.place import open_cache
from everfresh.storage.prepared import prepare
from xxhash import xxh3_128_digest

from benchmarks.measure import Source, calls
from benchmarks.programs import BUILD
from benchmarks.report import duration
from benchmarks.workload import Case, Effort, Required

TITLE = "Many entries"
COUNTS = (1_000, 100_000, 1_000_000)
TRACE, OTHER = Trace(b"v" * 16, ()), Trace(b"w" * 16, ())
ROOM = 1 << 50
HIT, ABSENT, STALE, RECORD, OPENED = "a hit", "absent", "stale", "recorded", "opened"
OBJECT, INDEX = "bytes in its object", "bytes in the index"


def cases(effort: Effort) -> Iterator[Case]:
    caches = {count: filled(count) for count in map(effort.size, COUNTS)}
    about = {f"{count} {kind}": taken for count, cache in caches.items() for kind, taken in _taken(cache).items()}
    for name, source in WAYS.items():
        sources = tuple(source(f"{count:,} entries", cache, count) for count, cache in caches.items())
        first, *others = (one.names[0] for one in sources)
        yield Case(name, sources, tuple(Required(other, first, most=MOST.get(name)) for other in others), about=about)


def filled(count: int) -> Cache:
    """A cache with so many entries, made if it is not there."""
    cache = open_cache(BUILD / "entries" / str(count), "gdsf", ROOM)
    if len(cache.index) < count:
        for start in range(0, count, 10_000):
            _fill(cache, range(start, min(count, start + 10_000)))
        cache.index.complete_now()
    return cache


def _fill(cache: Cache, numbers: range) -> None:
    batch = [prepare(key(number), TRACE, number, 0.01) for number in numbers]
    for each in batch:
        cache.objects.put(each.entry.object, each.chunks)
    cache.index.add_all([(each.entry, TRACE) for each in batch])


def key(number: int) -> Key:
    return Key("package.module.function", xxh3_128_digest(b"%d" % number))


def _some(count: int) -> Callable[[], Key]:
    """Gives the keys of entries that are there, the same few again and again: what is measured is not the disk."""
    keys = cycle([key(number) for number in Random(0).choices(range(count), k=500)])
    return lambda: next(keys)


def _hit(name: str, cache: Cache, count: int) -> Source:
    some = _some(count)
    return calls(name, lambda: cache.lookup(some(), TRACE))


def _absent(name: str, cache: Cache, count: int) -> Source:
    missing = cycle([key(-number - 1) for number in range(500)])
    return calls(name, lambda: cache.lookup(next(missing), TRACE))


def _stale(name: str, cache: Cache, count: int) -> Source:
    some = _some(count)
    return calls(name, lambda: cache.lookup(some(), OTHER))


def _record(name: str, cache: Cache, count: int) -> Source:
    some = _some(count)
    return calls(name, lambda: cache.record(some(), TRACE, count, 0.01))


def _opened(name: str, cache: Cache, count: int) -> Source:
    def opened() -> None:
        other = open_cache(BUILD / "entries" / str(count), "gdsf", ROOM)
        other.lookup(key(0), OTHER)
        other.close()

    return calls(name, opened)


WAYS = {HIT: _hit, ABSENT: _absent, STALE: _stale, RECORD: _record, OPENED: _opened}
# How much longer it may take with more entries.
MOST = {HIT: 2.0, ABSENT: 2.0, OPENED: 2.0}


def _taken(cache: Cache) -> dict[str, float]:
    """Bytes of an entry, beside its value."""
    values = sum(len(prepare(key(number), TRACE, number, 0.01).chunks[1]) for number in range(100)) / 100
    entries = len(cache.index)
    return {OBJECT: cache.index.total() / entries - values, INDEX: os.path.getsize(cache.index.path) / entries}


def table(cases: list[dict[str, Any]]) -> list[list[str]]:
    """One line a cache."""
    head = ["", *(case["name"] for case in cases), OBJECT, INDEX]
    rows = zip(*(case["rows"] for case in cases), strict=True)
    return [head, *(_line(row, cases[0]["about"]) for row in rows)]


def _line(row: tuple[dict[str, Any], ...], about: dict[str, float]) -> list[str]:
    name = row[0]["name"]
    count = name.split()[0].replace(",", "")
    return [
        name,
        *(duration(one["wall"]["min"]) for one in row),
        *(f"{about[f'{count} {one}']:.0f}" for one in (OBJECT, INDEX)),
    ]
