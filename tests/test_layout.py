"""The sources keep the measure that CONTRIBUTING.md promises."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(ROOT.glob("packages/*/src/**/*.py"))
TESTS = sorted([*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("packages/*/tests/**/test_*.py")])
LONGEST_FILE = 400
LONGEST_FUNCTION = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def functions_of(file: Path) -> list[Function]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length_of(function: Function) -> int:
    """Count the lines of *function* from `def` to its end, without the docstring."""
    whole = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def test_there_are_sources() -> None:
    """The tests below look at something."""
    assert len(SOURCES) > 10


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_no_file_is_long(file: Path) -> None:
    """A reader sees a whole file at a glance or two."""
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_no_function_is_long(file: Path) -> None:
    """A function does one thing."""
    long = {
        function.name: length for function in functions_of(file) if (length := length_of(function)) > LONGEST_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("file", TESTS, ids=name_of)
def test_every_test_states_its_promise(file: Path) -> None:
    """A test opens with the sentence that it proves."""
    tests = [function for function in functions_of(file) if function.name.startswith("test_")]
    assert [function.name for function in tests if not ast.get_docstring(function)] == []


def test_every_package_is_typed() -> None:
    """Each of the three tells type checkers that it is typed."""
    packages = {file.parent for file in SOURCES if file.parent.parent.name == "src"}
    assert {package.name for package in packages if not (package / "py.typed").exists()} == set()
