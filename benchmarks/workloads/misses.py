"""A call of a small function with an argument that was never given before, and one that was given just now.

Each library keeps answers in a folder of its own, and has room for all. joblib and everfresh look at the function,
each in its way; diskcache does not. charmonium.cache keeps its index in memory until the program ends ("index at the
end": a killed program loses it); written at each call, as the others do, it is dearer with each entry.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import time
from typing import Any

from everfresh import MemoizedGroup

from benchmarks.measure import calls
from benchmarks.programs import BUILD
from benchmarks.workload import Case, Effort, Required

TITLE = "Misses and hits of small calls"
OURS, ALONE = "everfresh", "everfresh, without single flight"
JOBLIB, DISKCACHE = "joblib.Memory", "diskcache"
CHARMONIUM, WRITTEN = "charmonium.cache, index at the end", "charmonium.cache, index at each call"
# Another one at each run: where many files went just now, some file systems make new ones slowly.
FOLDER = BUILD / "misses" / f"{time():.0f}"

Decorator = Callable[[Callable[[int], Any]], Callable[[int], Any]]


def small(number: int) -> dict[str, Any]:
    """What is kept of each call: some hundred bytes."""
    return {"number": number, "square": number * number, "text": "x" * 50}


def cases(effort: Effort) -> Iterator[Case]:
    found, absent = decorated()
    last = found.pop(WRITTEN, None)
    numbers = {name: count() for name in (*found, WRITTEN)}
    peers = [name for name in found if name not in (OURS, ALONE)]
    missed = tuple(calls(name, lambda f=f, n=numbers[name]: f(next(n))) for name, f in found.items())  # type: ignore[misc]
    yield Case("a miss", missed, tuple(Required(name, OURS, least=1) for name in peers), absent=absent)
    hit = tuple(calls(name, lambda f=f: f(0)) for name, f in found.items())  # type: ignore[misc]
    yield Case("a hit", hit, tuple(Required(name, OURS) for name in peers), absent=absent)
    if last is not None:  # apart: it replaces a file at each call, after which some file systems slow down for all
        both = missed[0], calls(WRITTEN, lambda: last(next(numbers[WRITTEN])))
        yield Case("a miss, and the index written", both, (Required(WRITTEN, OURS, least=1),))
    shutil.rmtree(FOLDER, ignore_errors=True)


def decorated() -> tuple[dict[str, Callable[[int], Any]], tuple[str, ...]]:
    """The function under each library that is here; and the names of those that are not."""
    found: dict[str, Callable[[int], Any]] = {}
    absent: list[str] = []
    for name, make in MAKERS.items():
        try:
            found[name] = make(FOLDER / f"{len(found)}")(small)
        except ImportError:
            absent.append(name)
    return found, tuple(absent)


def _ours(folder: Path, **options: Any) -> Decorator:
    return MemoizedGroup(folder, **options).memoize


def _joblib(folder: Path) -> Decorator:
    from joblib import Memory

    return Memory(folder, verbose=0).cache  # type: ignore[no-any-return]


def _diskcache(folder: Path) -> Decorator:
    from diskcache import Cache

    return Cache(folder, size_limit=2**40).memoize()  # type: ignore[no-any-return]


def _charmonium(folder: Path, **options: Any) -> Decorator:
    from charmonium.cache import DirObjStore, FileRWLock, memoize
    from charmonium.cache import MemoizedGroup as Group

    folder.mkdir(parents=True)
    store, lock = DirObjStore(path=str(folder / "objects")), FileRWLock(str(folder / "lock"))
    return memoize(group=Group(obj_store=store, lock=lock, size=2**40, **options))  # type: ignore[no-any-return]


MAKERS: dict[str, Callable[[Path], Decorator]] = {
    OURS: _ours,
    ALONE: lambda folder: _ours(folder, single_flight=False),
    JOBLIB: _joblib,
    DISKCACHE: _diskcache,
    CHARMONIUM: _charmonium,
    WRITTEN: lambda folder: _charmonium(folder, fine_grain_persistence=True),
}
