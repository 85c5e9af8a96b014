"""`python -m benchmarks`: measure all workloads, and write down what came of it. Nothing fails on a number."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.machine import load, machine, versions
from benchmarks.measure import ROOT
from benchmarks.page import write
from benchmarks.programs import BUILD
from benchmarks.report import requirements, table
from benchmarks.workloads import NAMES

PAGE = ROOT / "docs" / "performance.md"


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, with smaller data; docs/ stays as it is")
    parser.add_argument("--only", action="append", choices=NAMES, help="one workload; docs/ stays as it is")
    parser.add_argument("--redraw", action="store_true", help="measure nothing: write the page from build/bench anew")
    return parser.parse_args(arguments)


def measured(name: str, effort: str, folder: Path) -> dict[str, Any]:
    """What a worker found; if it broke, that."""
    print(f"{name} ...", flush=True)
    file = folder / f"{name}.json"
    file.unlink(missing_ok=True)
    worker = [sys.executable, "-m", "benchmarks.worker", name, effort, str(file)]
    done = subprocess.run(worker, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return {"title": name, "error": (done.stderr.strip() or "it died").splitlines()[-1]}
    return dict(json.loads(file.read_text(encoding="utf-8")))


def run(names: list[str], effort: str, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    begun, before = perf_counter(), load()
    workloads = {name: measured(name, effort, folder) for name in names}
    facts = {"machine": machine(), "versions": versions(), "load": [before, load()], "effort": effort}
    date = datetime.now(UTC).date().isoformat()
    results = {**facts, "date": date, "seconds": perf_counter() - begun, "workloads": workloads}
    (folder / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    return results


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    whole = not (options.quick or options.only)
    folder, page = BUILD, PAGE
    if not whole:
        folder = BUILD / "partial"
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / "performance.md"
        page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    if options.redraw:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    else:
        results = run(options.only or list(NAMES), "quick" if options.quick else "full", folder)
    write(results, page)
    print(table(requirements(results)), f"\n{page}", sep="\n")
    return int(any("error" in workload for workload in results["workloads"].values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
