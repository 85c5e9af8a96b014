"""An array is to cost little more than to digest its buffer, which is as fast as it can be."""

from __future__ import annotations

from collections.abc import Iterator

from xxhash import xxh3_128_digest

from benchmarks.measure import calls
from benchmarks.peers import BUFFER, DASK, JOBLIB, OURS, hashers, on
from benchmarks.workload import Case, Effort, Required, Skipped

TITLE = "Arrays"


def cases(effort: Effort) -> Iterator[Case | Skipped]:
    try:
        import numpy as np
    except ImportError:
        yield Skipped("arrays", "numpy is not installed")
        return
    found, absent = hashers(JOBLIB, DASK)
    random = np.random.default_rng(0)
    large = random.random((10_000, 1_000))  # no smaller in a quick run: it fits no cache of a processor
    floor = calls(BUFFER, lambda: xxh3_128_digest(large.data))
    name = f"{large.nbytes / 1e6:.0f} MB of float64"
    required = (Required(OURS, BUFFER, most=2),)
    yield Case(name, (*on(large, found), floor), required, absent=absent)
    yield Case(f"{name}, transposed", on(large.T, found), absent=absent)
    yield Case("every second column of it", on(large[:, ::2], found), absent=absent)
    yield Case("100 of float64", on(random.random(100), found), absent=absent)
