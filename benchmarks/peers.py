"""The libraries that are measured beside everfresh, where they are installed."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from importlib import import_module

from everfresh_fingerprint import fingerprint
from xxhash import xxh3_128_digest

from benchmarks.measure import Source, calls

Hasher = Callable[[object], object]

OURS = "everfresh"
JOBLIB, DASK, PICKLE, BUFFER = "joblib.hash", "dask.tokenize", "pickle.dumps + xxh3_128", "xxh3_128 of the buffer"
PEERS = {JOBLIB: ("joblib", "hash"), DASK: ("dask.base", "tokenize")}


def hashers(*names: str) -> tuple[dict[str, Hasher], tuple[str, ...]]:
    """Ours and those of the names that can be had here; and the names that cannot."""
    found: dict[str, Hasher] = {OURS: fingerprint}
    for name in names:
        if (hasher := pickled if name == PICKLE else _peer(name)) is not None:
            found[name] = hasher
    return found, tuple(name for name in names if name not in found)


def _peer(name: str) -> Hasher | None:
    module, attribute = PEERS[name]
    try:
        return getattr(import_module(module), attribute)  # type: ignore[no-any-return]
    except ImportError:
        return None


def pickled(value: object) -> bytes:
    """What a program would do that knows that its values pickle the same in every process: some do not."""
    return xxh3_128_digest(pickle.dumps(value, 5))


def on(value: object, found: dict[str, Hasher]) -> tuple[Source, ...]:
    """Every hasher on one value."""
    return tuple(calls(name, lambda hasher=hasher: hasher(value)) for name, hasher in found.items())  # type: ignore[misc]
