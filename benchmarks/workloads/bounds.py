"""1 GB of results through a cache of 100 MB. After each call all files of the cache are summed up, index included.

The cache may take the bound and one object more, at no time anything above that. Results are of 10 kB to 10 MB, and
cost alike, so small ones are worth more for their bytes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

from everfresh import MemoizedGroup

from benchmarks.measure import Sample, Source
from benchmarks.programs import BUILD
from benchmarks.report import duration
from benchmarks.workload import Case, Effort

TITLE = "A bound"
BOUND, WRITTEN, LEAST, MOST = 100_000_000, 1_000_000_000, 10_000, 10_000_000
FOLDER = BUILD / "bounds"


def cases(effort: Effort) -> Iterator[Case]:
    bound, written = effort.size(BOUND), effort.size(WRITTEN)
    about: dict[str, float] = {"bound": bound, "written": 0, "largest": 0, "most": 0, "left": 0}
    sizes = list(drawn(written, effort))
    yield Case(
        f"{written / 1e6:,.0f} MB", (Source(("written",), lambda _: run(bound, sizes, about), loops=1),), about=about
    )
    shutil.rmtree(FOLDER, ignore_errors=True)


def drawn(total: int, effort: Effort) -> Iterator[int]:
    random, so_far = Random(0), 0
    while so_far < total:
        size = int(effort.size(LEAST) * (MOST / LEAST) ** random.random())
        so_far += size
        yield size


def run(bound: int, sizes: list[int], about: dict[str, float]) -> dict[str, Sample]:
    """Answer calls with results of these sizes, and note the most that the folder took."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    group = MemoizedGroup(FOLDER, size=bound)
    f = group.memoize(version=1)(_result)
    wall, cpu = 0.0, 0.0
    for number, size in enumerate(sizes):
        begun = perf_counter(), process_time()
        f(number, size)
        wall, cpu = wall + perf_counter() - begun[0], cpu + process_time() - begun[1]
        about["most"] = max(about["most"], taken(FOLDER))
    about.update(calls=len(sizes), written=sum(sizes), largest=max(sizes), left=len(group.cache.index))
    group.close()
    if about["most"] > bound + max(sizes) + 4096:
        raise AssertionError(f"{about['most']} bytes in a cache of {bound}, with objects of {max(sizes)} at most")
    return {"written": Sample(wall, cpu)}


def _result(number: int, size: int) -> bytes:
    return os.urandom(1 << 10) * (size >> 10)


def taken(folder: Path) -> int:
    """The bytes of all files."""
    return sum(os.stat(os.path.join(top, name)).st_size for top, _, names in os.walk(folder) for name in names)


def table(cases: list[dict[str, Any]]) -> list[list[str]]:
    head = ["", "bound", "written", "in calls", "largest result", "most bytes at any time", "answers left", "time"]
    return [head, *(_line(case) for case in cases)]


def _line(case: dict[str, Any]) -> list[str]:
    about, row = case["about"], case["rows"][0]
    sizes = [f"{about[name] / 1e6:,.1f} MB" for name in ("bound", "written")]
    return [
        case["name"],
        *sizes,
        f"{about['calls']:,.0f}",
        *(f"{about[name] / 1e6:,.1f} MB" for name in ("largest", "most")),
        f"{about['left']:,.0f}",
        duration(row["wall"]["min"]),
    ]


def draw(cases: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Nothing to draw."""
    return []
