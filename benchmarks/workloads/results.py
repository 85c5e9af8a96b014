"""Large results: an array that a function returned, on the next call; and what it takes to keep one.

everfresh is called as a program calls it: the question is named, the cache is looked up, the array comes back and can
be written to. It is a map of the file, whose bytes are read when they are touched: so *and summed* is told, too. The
peers load or write one file, and ask nothing. All files are in the page cache of the system.

Stored is what was not there before, in a new file, by everfresh as part of a call that misses.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from everfresh import MemoizedGroup

from benchmarks.measure import Source, calls, prepared
from benchmarks.programs import BUILD
from benchmarks.workload import Case, Effort, Required, Skipped

TITLE = "Large results"
OURS = "everfresh"
NUMPY, MAPPED, JOBLIB, PICKLE = "np.load", "np.load, mapped", "joblib.load", "pickle.load"
SAVE, DUMP, DUMPS = "np.save", "joblib.dump", "pickle.dump"
SUMMED = ", and summed"
FOLDER = BUILD / "results"


def cases(effort: Effort) -> Iterator[Case | Skipped]:
    try:
        import joblib
        import numpy
    except ImportError as error:
        yield Skipped("large results", f"{error.name} is not installed")
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    random = numpy.random.default_rng(0)
    try:
        for size, required in ((effort.size(100_000_000), True), (effort.size(10_000_000), False)):
            yield _hit(random.random(size), joblib, numpy, required)
        for size in (effort.size(10_000_000), effort.size(100_000_000)):
            yield _stored(random.random(size), joblib, numpy)
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)


def megabytes(array: Any) -> str:
    return f"{array.nbytes / 1e6:.0f} MB"


def _hit(array: Any, joblib: Any, numpy: Any, required: bool) -> Case:
    f = ours(array, "hits")
    f()
    paths = {kind: str(FOLDER / f"{megabytes(array)}.{kind}") for kind in ("npy", "joblib", "pickle")}
    numpy.save(paths["npy"], array)
    joblib.dump(array, paths["joblib"])
    Path(paths["pickle"]).write_bytes(pickle.dumps(array, 5))
    ways = {
        OURS: f,
        JOBLIB: lambda: joblib.load(paths["joblib"]),
        NUMPY: lambda: numpy.load(paths["npy"]),
        MAPPED: lambda: numpy.load(paths["npy"], mmap_mode="c"),
        PICKLE: lambda: pickle.loads(Path(paths["pickle"]).read_bytes()),
    }
    summed = {f"{name}{SUMMED}": _summing(ways[name]) for name in (OURS, JOBLIB)}
    limits = (Required(JOBLIB, OURS, least=100),) if required else (Required(JOBLIB, OURS),)
    sources = tuple(calls(name, way) for name, way in (ways | summed).items())
    return Case(f"{megabytes(array)} on a hit", sources, (*limits, Required(f"{JOBLIB}{SUMMED}", f"{OURS}{SUMMED}")))


def _summing(load: Callable[[], Any]) -> Callable[[], float]:
    return lambda: float(load().sum())


def _stored(array: Any, joblib: Any, numpy: Any) -> Case:
    name = f"{megabytes(array)} stored"
    sources = (
        _miss(array),
        _file(SAVE, lambda path: numpy.save(path, array)),
        _file(DUMP, lambda path: joblib.dump(array, path)),
        _file(DUMPS, lambda path: Path(path).write_bytes(pickle.dumps(array, 5))),
    )
    return Case(name, sources, (Required(OURS, SAVE, most=1.5),))


def _miss(array: Any) -> Source:
    f = ours(array, "misses")
    return prepared(OURS, lambda: f.func.clear_entry(*f.args), lambda _: f())


RETURNED: dict[str, Any] = {}


def ours(array: Any, folder: str) -> Any:
    """A memoized function that gives the array. It is found by name, and so is nothing that is fingerprinted."""
    name = megabytes(array)
    RETURNED[name] = array
    group = MemoizedGroup(FOLDER / folder, size="20 GB")
    return partial(group.memoize(version=1)(given), name)


def given(name: str) -> Any:
    return RETURNED[name]


def _file(name: str, write: Callable[[str], object]) -> Source:
    path = FOLDER / "written.npy"
    return prepared(name, lambda: path.unlink(missing_ok=True), lambda _: write(str(path)))
