"""What can be measured: calls in this process, and processes that measure themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Sample(NamedTuple):
    """Seconds that one call took."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Source:
    """What is measured at one go. `sample(loops)` gives a sample for each name; `loops` is set if it is always one."""

    names: tuple[str, ...]
    sample: Callable[[int], Mapping[str, Sample]]
    loops: int | None = None


def calls(name: str, function: Callable[[], object]) -> Source:
    """A call that leaves everything as it was, so that it can be made many times in a row."""

    def sample(loops: int) -> dict[str, Sample]:
        rounds = repeat(None, loops)
        wall, cpu = perf_counter(), process_time()
        for _ in rounds:
            function()
        cpu, wall = process_time() - cpu, perf_counter() - wall
        return {name: Sample(wall / loops, cpu / loops)}

    return Source((name,), sample)


def prepared(name: str, prepare: Callable[[], Any], function: Callable[[Any], object]) -> Source:
    """A call of `function` on what `prepare` gives, made anew for each call; only the call is timed."""

    def sample(loops: int) -> dict[str, Sample]:
        samples = [_once(function, prepare()) for _ in range(loops)]
        return {name: Sample(sum(one.wall for one in samples) / loops, sum(one.cpu for one in samples) / loops)}

    return Source((name,), sample)


def _once(function: Callable[[Any], object], subject: Any) -> Sample:
    wall, cpu = perf_counter(), process_time()
    function(subject)
    cpu, wall = process_time() - cpu, perf_counter() - wall
    return Sample(wall, cpu)


def processes(names: Mapping[str, str], arguments: Callable[[], Sequence[str]]) -> Source:
    """A process a sample, started as `python -m ARGUMENTS`. `names` says which of its times count, and what as."""

    def sample(_: int) -> dict[str, Sample]:
        times = told(arguments())["times"]
        return {name: Sample(*times[inside]) for inside, name in names.items()}

    return Source(tuple(names.values()), sample, loops=1)


def told(arguments: Sequence[str]) -> dict[str, Any]:
    """What a process printed as JSON in its last line."""
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-500:])
    return dict(json.loads(done.stdout.splitlines()[-1]))
