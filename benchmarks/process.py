"""A new process that fingerprints a program: `python -m benchmarks.process TREE [FACTS]` tells what it took.

TREE holds a module `scenario` with a function of that name; FACTS is the folder of what earlier processes found out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from time import perf_counter, process_time
from typing import Any

GUARDS = 20


def main(tree: str, facts: str | None = None) -> None:
    sys.path.insert(0, tree)
    sys.argv[:] = ["program"]
    loaded, tools = _timed(lambda: import_module("everfresh_fingerprint.facts"))
    from everfresh_fingerprint import code_fingerprint

    module, imported = _timed(lambda: import_module("scenario"))
    loaded.use(facts)
    found, fingerprinted = _timed(lambda: code_fingerprint(module.scenario))
    if not (found.holds() and found.holds()):
        raise SystemExit("the guard does not hold though nothing changed")
    _, guards = _timed(lambda: [found.holds() for _ in range(GUARDS)])
    guard = [seconds / GUARDS for seconds in guards]
    times = {"tools": tools, "import": imported, "fingerprint": fingerprinted, "guard": guard}
    reached = {"functions": sum(node.kind == "function" for node in found.graph.nodes), "nodes": len(found.graph.nodes)}
    print(json.dumps({"times": times, "reached": reached, "digest": found.digest.hex()}))


def _timed(function: Callable[[], Any]) -> tuple[Any, list[float]]:
    wall, cpu = perf_counter(), process_time()
    result = function()
    cpu, wall = process_time() - cpu, perf_counter() - wall
    return result, [wall, cpu]


if __name__ == "__main__":
    main(*sys.argv[1:])
