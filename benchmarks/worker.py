"""One workload, in a process of its own: `python -m benchmarks.worker NAME EFFORT FILE`."""

from __future__ import annotations

import json
import sys
import warnings
from importlib import import_module
from pathlib import Path

from benchmarks.runner import measured
from benchmarks.workload import FULL, QUICK

EFFORTS = {"full": FULL, "quick": QUICK}


def main(name: str, effort: str, file: str) -> None:
    """Measure, and leave the results in the file."""
    warnings.simplefilter("ignore")
    result = measured(import_module(f"benchmarks.workloads.{name}"), EFFORTS[effort])
    Path(file).write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
