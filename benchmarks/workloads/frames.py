"""Tables with a column of strings. pandas holds strings in Arrow's memory or as Python objects; polars has its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from benchmarks.peers import DASK, JOBLIB, OURS, hashers, on
from benchmarks.workload import Case, Effort, Required, Skipped

TITLE = "Frames"
REQUIRED = (Required(JOBLIB, OURS, least=10), Required(DASK, OURS, least=1))


def cases(effort: Effort) -> Iterator[Case | Skipped]:
    yield from _pandas(effort.size(1_000_000))
    yield from _polars(effort.size(1_000_000))


def _pandas(rows: int) -> Iterator[Case | Skipped]:
    if find_spec("pandas") is None:
        yield Skipped("pandas", "pandas is not installed")
        return
    import pandas as pd

    found, absent = hashers(JOBLIB, DASK)
    frame = pd.DataFrame(_columns(rows))
    boxed = frame.astype({"name": object})
    yield Case(f"pandas, {rows:,} rows, strings as objects", on(boxed, found), REQUIRED, absent=absent)
    if find_spec("pyarrow") is None:
        yield Skipped("pandas, strings in Arrow", "pyarrow is not installed")
        return
    arrow = frame.astype({"name": pd.StringDtype("pyarrow")})
    yield Case(f"pandas, {rows:,} rows, strings in Arrow", on(arrow, found), REQUIRED, absent=absent)


def _polars(rows: int) -> Iterator[Case | Skipped]:
    if find_spec("polars") is None or find_spec("numpy") is None:
        yield Skipped("polars", "polars and numpy are not both installed")
        return
    import polars as pl

    found, absent = hashers(JOBLIB, DASK)
    yield Case(f"polars, {rows:,} rows", on(pl.DataFrame(_columns(rows)), found), absent=absent)


def _columns(rows: int) -> dict[str, Any]:
    import numpy as np

    random = np.random.default_rng(0)
    names = [f"name {number % 50_000}" for number in range(rows)]
    return {"id": np.arange(rows), "value": random.random(rows), "name": names}
