"""Case -> results: the sources take turns, so that whatever slows the machine down slows all of them."""

from __future__ import annotations

import gc
from dataclasses import asdict
from math import ceil
from time import perf_counter
from typing import Any

from benchmarks.measure import Sample, Source
from benchmarks.stats import ratio, spread
from benchmarks.workload import Case, Effort, Required, Skipped, Workload

Samples = dict[str, list[Sample]]


def measured(workload: Workload, effort: Effort) -> dict[str, Any]:
    """All cases of a workload; of each, what can be measured here."""
    cases = [_skipped(case) if isinstance(case, Skipped) else _case(case, effort) for case in workload.cases(effort)]
    return {"title": workload.TITLE, "about": (workload.__doc__ or "").strip(), "cases": cases}


def _skipped(case: Skipped) -> dict[str, Any]:
    return {"name": case.name, "skipped": case.reason}


def _case(case: Case, effort: Effort) -> dict[str, Any]:
    loops, errors = _calibrated(case, effort)
    samples = _interleaved([(source, loops[source]) for source in case.sources if source in loops], effort)
    return {
        "name": case.name,
        "base": case.base,
        "about": dict(case.about),
        "absent": list(case.absent),
        "errors": errors,
        "rows": [_row(name, taken, samples.get(case.base)) for name, taken in samples.items()],
        "required": [_judged(one, samples) for one in case.required],
    }


def _calibrated(case: Case, effort: Effort) -> tuple[dict[Source, int], dict[str, str]]:
    """How many calls make a sample, found in a first call that also warms up; and whose first call failed."""
    loops, errors = {}, {}
    for source in case.sources:
        try:
            loops[source] = source.loops or _loops(source, effort.sample)
        except Exception as error:
            errors[source.names[0]] = f"{type(error).__name__}: {error}"[:300]
    return loops, errors


def _loops(source: Source, seconds: float) -> int:
    loops, taken = 1, 0.0
    while True:
        begun = perf_counter()
        source.sample(loops)
        taken = perf_counter() - begun
        if taken >= seconds / 4:
            return ceil(loops * max(1.0, seconds / taken)) if taken < seconds else loops
        loops *= 4


def _interleaved(sources: list[tuple[Source, int]], effort: Effort) -> Samples:
    samples: Samples = {name: [] for source, _ in sources for name in source.names}
    begun = perf_counter()
    for turn in range(effort.repeats):
        if turn >= effort.least and perf_counter() - begun > effort.seconds:
            break
        for source, loops in sources if turn % 2 == 0 else reversed(sources):
            gc.collect()
            for name, sample in source.sample(loops).items():
                samples[name].append(sample)
    return samples


def _row(name: str, taken: list[Sample], base: list[Sample] | None) -> dict[str, Any]:
    return {
        "name": name,
        "repeats": len(taken),
        "wall": spread([one.wall for one in taken]),
        "cpu": spread([one.cpu for one in taken]),
        "ratio": ratio(taken, base) if base else None,
    }


def _judged(required: Required, samples: Samples) -> dict[str, Any]:
    """The requirement with what was measured; without a verdict where something of it is absent."""
    row = asdict(required) | {"measured": None, "met": None}
    if required.of not in samples or (required.to or required.of) not in samples:
        return row
    if required.to is None:
        seconds = spread([one.wall for one in samples[required.of]])
        cpu = min(one.cpu for one in samples[required.of])
        found: dict[str, Any] = {"min": seconds["min"], "cpu": cpu, "pairs": seconds}
    else:
        found = ratio(samples[required.of], samples[required.to])
    met = required.met(found["min"])
    return row | {"measured": found["min"], "cpu": found["cpu"], "pairs": found["pairs"], "met": met}
