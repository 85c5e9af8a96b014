"""The tables in values/, row by row."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath

import fingerprint_kinds
import fingerprint_makers
import numpy

# What the tables may name besides the kinds and makers.
LIBRARY = """array collections contextvars copy datetime functools io ipaddress json logging math operator pickle
random re string threading types typing uuid weakref zlib zoneinfo""".split()
NAMES = {name: importlib.import_module(name) for name in LIBRARY}
NAMES |= {"Path": Path, "PurePosixPath": PurePosixPath, "PureWindowsPath": PureWindowsPath}
NAMES |= {"Decimal": Decimal, "Fraction": Fraction}
NAMES |= vars(fingerprint_kinds) | vars(fingerprint_makers)

# Packages that have a table of their own, which is passed over where the package is not installed: how the tables
# call them. The tests ask for the first few, and try the others where somebody installed them.
PACKAGES = {"polars": "pl", "pyarrow": "pa", "scipy.sparse": "sparse", "torch": "torch", "xarray": "xr"}
PACKAGES |= {"attrs": "attrs", "pydantic": "pydantic", "tqdm": "tqdm", "sympy": "sympy", "networkx": "nx"}
PACKAGES |= {"sklearn.linear_model": "sklearn", "PIL.Image": "Image"}


def installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


NAMES |= {name: importlib.import_module(package) for package, name in PACKAGES.items() if installed(package)}

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "values")


def rows() -> list[tuple[str, str, list[str]]]:
    """Of each line of each table: where it stands, its known fault or "", and the spellings of the value."""
    return [row for name in tables() for row in _rows(name)]


def tables() -> list[str]:
    """The tables whose package is installed."""
    return [name for name in sorted(os.listdir(FOLDER)) if _is_wanted(name.removesuffix(".txt"))]


def _is_wanted(package: str) -> bool:
    if package == "numpy2":
        return not numpy.__version__.startswith("1.")
    return package not in PACKAGES or PACKAGES[package] in NAMES


def _rows(name: str) -> list[tuple[str, str, list[str]]]:
    found, fault = [], ""
    with open(os.path.join(FOLDER, name), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("? "):
                fault = _fault(line[2:].strip())
            elif line.strip() and not line.startswith("#"):
                found.append((f"{name}:{number}", fault, _spellings(line.strip().removeprefix(LOSES))))
                fault = ""
    return [row for row in found if row[2]]


# A line that starts so is of a value that loses a part when it is pickled or copied.
LOSES = "~ "


def loses(place: str) -> bool:
    """Whether a copy of the value in this row is another value."""
    name, _, number = place.partition(":")
    with open(os.path.join(FOLDER, name), encoding="utf-8") as lines:
        return lines.readlines()[int(number) - 1].startswith(LOSES)


def _fault(text: str) -> str:
    """The text of a known fault; one that starts with `>=3.13: ` shows from that Python on."""
    since, colon, rest = text.partition(": ")
    if not since.startswith(">=") or not colon:
        return text
    return rest if _reached(since[2:]) else ""


def _spellings(text: str) -> list[str]:
    """The spellings in a line; none where it starts with `<3.14: ` and this Python is not below that."""
    before, colon, rest = text.partition(": ")
    if not before.startswith("<") or not colon:
        return text.split(" == ")
    return [] if _reached(before[1:]) else rest.split(" == ")


def _reached(version: str) -> bool:
    return sys.version_info[:2] >= tuple(map(int, version.split(".")))


def make(spelling: str) -> object:
    return eval(spelling, dict(NAMES))


def main() -> None:
    """Print the digest of the first spelling of each row: run by a test in a process of its own."""
    from everfresh_fingerprint import fingerprint

    digests = {place: fingerprint(make(spellings[0])).hex() for place, _, spellings in rows()}
    print(json.dumps(digests))


if __name__ == "__main__":
    main()
