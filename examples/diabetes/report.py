"""One line for each step as it happens: hit or miss, time, why. It listens to everfresh; no step knows of it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from everfresh.events import Bypassed, Hit, Miss, Stored

if TYPE_CHECKING:
    from pathlib import Path

    from everfresh.events import Event

COLOURS = {"hit": "32", "miss": "33", "bypassed": "31"}


@dataclass(frozen=True)
class Step:
    """What became of one call."""

    name: str
    outcome: str
    seconds: float
    saved: float
    why: str

    def __str__(self) -> str:
        return f"  {self.name:<18} {coloured(self.outcome)} {duration(self.seconds):>8}   {self.why}"


@dataclass
class Report:
    """The steps of one run, gathered from everfresh's events and printed as they come."""

    steps: list[Step] = field(default_factory=list)
    running: dict[object, Miss] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        """Listen to one event."""
        match event:
            case Hit():
                self.add_hit(event)
            case Miss():
                self.running[event.key] = event
            case Stored():
                self.add_miss(self.running.pop(event.key), event.entry.cost)
            case Bypassed():
                self.add(Step(short(event.function), "bypassed", 0.0, 0.0, event.problem))

    def add_hit(self, hit: Hit) -> None:
        """The answer came from the cache."""
        cost = hit.entry.cost
        self.add(Step(short(hit.key.function), "hit", hit.seconds, cost - hit.seconds, f"had taken {duration(cost)}"))

    def add_miss(self, miss: Miss, seconds: float) -> None:
        """The step ran."""
        why = "absent: no answer to these arguments" if miss.reason.kind == "absent" else str(miss.reason)
        self.add(Step(short(miss.key.function), "miss", seconds, 0.0, why))

    def add(self, step: Step) -> None:
        """Keep and show."""
        self.steps.append(step)
        print(step, flush=True)

    def totals(self) -> str:
        """The last line."""
        spent = duration(sum(step.seconds for step in self.steps))
        saved = duration(sum(step.saved for step in self.steps))
        hits = sum(step.outcome == "hit" for step in self.steps)
        return f"  {hits} of {len(self.steps)} steps from the cache; time spent {spent}, time saved {saved}"

    def save(self, file: Path) -> None:
        """Write the steps as JSON."""
        file.write_text(json.dumps([asdict(step) for step in self.steps], indent=1), encoding="utf-8")


def short(function: str) -> str:
    """The name without its module."""
    return function.rpartition(".")[2]


def duration(seconds: float) -> str:
    """Seconds as a person would say them: 14.2 s, 312 ms, 85 us."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:#.3g} {unit}".replace(". ", " ")
    return f"{seconds * 1e6:.0f} us" if seconds else "0 s"


def coloured(outcome: str) -> str:
    """The word, padded, and in its colour where somebody is watching."""
    padded = f"{outcome:<8}"
    watched = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return f"\033[{COLOURS[outcome]}m{padded}\033[0m" if watched else padded
