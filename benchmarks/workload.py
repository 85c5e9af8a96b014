"""What a workload is made of. Each file in workloads/ has a docstring, a TITLE, and cases(effort)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.measure import Source


@dataclass(frozen=True)
class Effort:
    """How long to measure, and how large the data are."""

    repeats: int  # as many as this ...
    least: int  # ... but no more than this once the seconds are over
    seconds: float
    sample: float  # a sample of calls takes about as many seconds
    shrink: int = 1

    def size(self, full: int) -> int:
        return max(1, full // self.shrink)


FULL = Effort(repeats=11, least=5, seconds=40, sample=0.1)
QUICK = Effort(repeats=3, least=2, seconds=2, sample=0.02, shrink=10)


@dataclass(frozen=True)
class Required:
    """The time of `of` in times of `to` (or in seconds, without `to`) is to be at most, or at least, so much.

    Without either it is a ratio that is worth stating.
    """

    of: str
    to: str | None = None
    most: float | None = None
    least: float | None = None

    def met(self, measured: float) -> bool | None:
        if self.most is None and self.least is None:
            return None
        return (self.most is None or measured <= self.most) and (self.least is None or measured >= self.least)


@dataclass(frozen=True)
class Case:
    """Things to measure in turns. Their ratios are to `base`, the first name of the first source."""

    name: str
    sources: tuple[Source, ...]
    required: tuple[Required, ...] = ()
    about: Mapping[str, float] = field(default_factory=dict)
    absent: tuple[str, ...] = ()  # peers that are not installed

    @property
    def base(self) -> str:
        return self.sources[0].names[0]


@dataclass(frozen=True)
class Skipped:
    """A case that cannot be measured here."""

    name: str
    reason: str


class Workload(Protocol):
    """A module in workloads/. It may also have `tables` and `draw` of its own: see scale.py."""

    TITLE: str

    def cases(self, effort: Effort) -> Iterator[Case | Skipped]: ...
