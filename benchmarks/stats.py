"""Samples -> minimum, quartiles, ratios."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles
from typing import Any

from benchmarks.measure import Sample

Spread = dict[str, float]


def spread(values: Sequence[float]) -> Spread:
    """The minimum, which a busy machine disturbs least, and the quartiles, which say how much it did."""
    q1, median, q3 = quantiles(values, method="inclusive") if len(values) > 1 else [*values] * 3
    return {"min": min(values), "q1": q1, "median": median, "q3": q3}


def ratio(of: Sequence[Sample], to: Sequence[Sample]) -> dict[str, Any]:
    """The ratio of the minima, and the spread of the ratios of samples that were taken side by side."""
    pairs = [one.wall / other.wall for one, other in zip(of, to, strict=True)]
    smallest = min(one.wall for one in of) / min(one.wall for one in to)
    # A clock of the processor may tick too slowly for the smallest times.
    cpu = min(one.cpu for one in to)
    return {"min": smallest, "cpu": min(one.cpu for one in of) / cpu if cpu else None, "pairs": spread(pairs)}
