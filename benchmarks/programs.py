"""Programs that are written to be measured."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.measure import ROOT

BUILD = ROOT / "build" / "bench"
MODULES, MAIN = ("first", "second", "third"), "main_of_three"

FUNCTION = """
def step_{number}(amount, rate=RATE):
    total = amount * rate + {number}
    if total > LIMIT:
        total -= LIMIT
    return {then}
"""
HEAD = "RATE = {number}.5\nLIMIT = 1_000_000\n"
ALL = """from first import {names}


def root(amount):
    return [{calls}]
"""


def chain(folder: Path, functions: int, in_module: int = 100) -> Path:
    """A program of functions each of which calls the next, in modules each of which imports the next."""
    tree = _fresh(folder)
    for first in range(0, functions, in_module):
        numbers = range(first, min(first + in_module, functions))
        lines = [HEAD.format(number=first)]
        if numbers.stop < functions:
            lines.insert(0, f"from part_{numbers.stop} import step_{numbers.stop}\n")
        lines += [_function(number, number + 1 < functions) for number in numbers]
        (tree / f"part_{first}.py").write_text("".join(lines), encoding="utf-8")
    (tree / "scenario.py").write_text("from part_0 import step_0 as scenario\n", encoding="utf-8")
    return tree


def three_modules(folder: Path) -> Path:
    """A function that reaches 30 others: it calls ten of the first module, each calls one of the second, and so on."""
    tree = _fresh(folder)
    for place, name in enumerate(MODULES):
        lines = [HEAD.format(number=place)]
        if place < 2:
            lines.insert(0, f"from {MODULES[place + 1]} import {', '.join(_names(place + 1))}\n")
        lines += [_function(number, place < 2, step=10) for number in range(10 * place, 10 * place + 10)]
        (tree / f"{name}.py").write_text("".join(lines), encoding="utf-8")
    names = _names(0)
    text = ALL.format(names=", ".join(names), calls=", ".join(f"{name}(amount)" for name in names))
    (tree / f"{MAIN}.py").write_text(text, encoding="utf-8")
    return tree


def _names(place: int) -> list[str]:
    return [f"step_{number}" for number in range(10 * place, 10 * place + 10)]


def _function(number: int, goes_on: bool, step: int = 1) -> str:
    return FUNCTION.format(number=number, then=f"step_{number + step}(total)" if goes_on else "total")


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
