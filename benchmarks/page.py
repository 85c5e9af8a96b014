"""Results -> a page: what people wrote stays, what stands between the marks is written anew."""

from __future__ import annotations

import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.report import markdown, measured

BEGIN, END = "<!-- measured: written by `make bench` -->\n", "<!-- measured: end -->\n"


def write(results: dict[str, Any], page: Path) -> None:
    """The generated part of the page, and its pictures in a folder beside it of the same name."""
    pictures = drawn(results, page.with_suffix(""))
    shown = {name: [file.relative_to(page.parent).as_posix() for file in files] for name, files in pictures.items()}
    text = replaced(page.read_text(encoding="utf-8"), markdown(results, shown, tables(results)))
    page.write_text(text, encoding="utf-8")


def replaced(page: str, part: str) -> str:
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no place for what was measured: {BEGIN.strip()} ... {END.strip()}")
    return f"{before}{begin}\n{part}\n{end}{after}"


def tables(results: dict[str, Any]) -> dict[str, list[list[str]]]:
    """The tables of the workloads that have one of their own."""
    found = {}
    for name, workload in results["workloads"].items():
        if measured(workload) and (table := getattr(_module(name), "table", None)):
            found[name] = table(measured(workload))
    return found


def drawn(results: dict[str, Any], folder: Path) -> dict[str, list[Path]]:
    """The pictures of each workload; none without matplotlib."""
    if find_spec("matplotlib") is None:
        print("matplotlib is not installed: nothing is drawn")
        return {}
    shutil.rmtree(folder, ignore_errors=True)
    return {
        name: _drawn(name, workload, folder) for name, workload in results["workloads"].items() if measured(workload)
    }


def _drawn(name: str, workload: dict[str, Any], folder: Path) -> list[Path]:
    if draw := getattr(_module(name), "draw", None):
        return list(draw(measured(workload), folder))
    from benchmarks.plots import ratios

    ratios(workload, file := folder / f"{name}.svg")
    return [file]


def _module(name: str) -> Any:
    return import_module(f"benchmarks.workloads.{name}")
