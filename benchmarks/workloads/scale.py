"""How the cost grows with what is reached: generated chains of functions, and scenarios on real packages.

The packages are unpacked as if the user had written them, so that all their code is followed. Each process is new:
it imports the program, then fingerprints its function. *First*: nothing is known of the code. *First, kept*: the same,
and what is found out is written down. *Unchanged*: a later process, with what an earlier one wrote down. *Guard*: the
second and every later call in a process.
"""

from __future__ import annotations

import compileall
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import processes, told
from benchmarks.programs import BUILD, chain
from benchmarks.report import duration, times
from benchmarks.workload import Case, Effort, Skipped
from mutants.packages import VERSIONS, unpacked

TITLE = "Scale"
IMPORT, FIRST, KEPT, UNCHANGED, GUARD = "import the program", "first", "first, kept", "unchanged", "guard"
KINDS = (FIRST, UNCHANGED, GUARD)
CHAINS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
CHAIN = "chain of"
SMALL = ("lark", "pygments")
PROCESS = "benchmarks.process"


def cases(effort: Effort) -> Iterator[Case | Skipped]:
    for functions in CHAINS:
        if effort.shrink == 1 or functions <= 1_000:
            yield _case(f"{CHAIN} {functions:,}", chain(BUILD / "programs" / f"chain_{functions}", functions))
    for package, version in VERSIONS.items():
        if effort.shrink > 1 and package not in SMALL:
            continue
        try:
            tree = unpacked(package, BUILD)
        except Exception as error:  # no network, or a package that is there no more
            yield Skipped(f"{package} {version}", f"it could not be unpacked: {error}")
        else:
            yield _case(f"{package} {version}", tree)


def _case(name: str, tree: Path) -> Case:
    # mutants wants byte code that is checked by the text; here it is to load as it does for everybody.
    compileall.compile_dir(tree, quiet=2, force=True)
    facts = _empty(f"{tree.name} kept")
    reached = told([PROCESS, str(tree), facts])["reached"]
    first = processes({"import": IMPORT, "fingerprint": FIRST}, lambda: [PROCESS, str(tree)])
    kept = processes({"fingerprint": KEPT}, lambda: [PROCESS, str(tree), _empty(f"{tree.name} new")])
    again = processes({"fingerprint": UNCHANGED, "guard": GUARD}, lambda: [PROCESS, str(tree), facts])
    return Case(name, (first, kept, again), about=reached)


def _empty(name: str) -> str:
    folder = BUILD / "facts" / name.replace(" ", "_")
    shutil.rmtree(folder, ignore_errors=True)
    return str(folder)


def table(cases: list[dict[str, Any]]) -> list[list[str]]:
    """One line a program, of processor time."""
    head = ["program", "functions", IMPORT, FIRST, "of 2,000 functions", KEPT, UNCHANGED, "/ import", GUARD]
    return [head, *(_line(case) for case in cases)]


def _line(case: dict[str, Any]) -> list[str]:
    cpu, functions = _cpu(case), case["about"]["functions"]
    shown = [cpu[IMPORT], cpu[FIRST], cpu[FIRST] * 2_000 / functions, cpu[KEPT], cpu[UNCHANGED]]
    ratio = times(cpu[UNCHANGED] / cpu[IMPORT])
    return [case["name"], f"{functions:,}", *map(duration, shown), ratio, duration(cpu[GUARD])]


def _cpu(case: dict[str, Any]) -> dict[str, float]:
    return {row["name"]: row["cpu"]["min"] for row in case["rows"]}


def draw(cases: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Growth with the number of functions; and what a new process pays for each package, beside its import."""
    from benchmarks.plots import bars, growth

    chains = [case for case in cases if case["name"].startswith(CHAIN)]
    packages = [case for case in cases if case not in chains]
    files = [folder / "growth.svg", folder / "packages.svg"]
    lines, points = ({kind: _points(kind, some) for kind in KINDS} for some in (chains, packages))
    growth(lines, points, files[0])
    if packages:
        bars({_title(case): _chosen(case) for case in packages}, "processor time (s)", files[1])
    return files[: 1 + bool(packages)]


def _points(kind: str, cases: list[dict[str, Any]]) -> list[tuple[float, float, str]]:
    return [(case["about"]["functions"], _cpu(case)[kind], case["name"].split()[0]) for case in cases]


def _chosen(case: dict[str, Any]) -> dict[str, float]:
    return {kind: _cpu(case)[kind] for kind in (IMPORT, FIRST, UNCHANGED)}


def _title(case: dict[str, Any]) -> str:
    return f"{case['name']}\n{case['about']['functions']:,} functions"
