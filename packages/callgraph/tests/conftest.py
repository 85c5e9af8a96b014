"""Projects of user modules, written for one test and forgotten after it; and cases, read from text files.

A case file holds cases, each under a line `=== name`. The lines below that start with `+ ` name what `app.f` reaches,
with `- ` what it does not, with `? ` a known fault; the rest is the project.
"""

from __future__ import annotations

import importlib
import os
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType


CASES = os.path.join(os.path.dirname(__file__), "cases")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cases(*names): run the test for every case in these files of the folder cases")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("cases")
    if marker is not None:
        cases = [case for name in marker.args for case in read_cases(name)]
        metafunc.parametrize(("text", "reached", "not_reached"), cases)


def read_cases(file: str) -> Iterator[object]:
    with open(os.path.join(CASES, f"{file}.txt"), encoding="utf-8") as stream:
        for block in stream.read().split("=== ")[1:]:
            name, *lines = block.splitlines()
            signs = {sign: " ".join(line[2:] for line in lines if line.startswith(f"{sign} ")) for sign in "+-?"}
            text = "\n".join(line for line in lines if line[:2] not in ("+ ", "- ", "? "))
            marks = pytest.mark.xfail(strict=True, reason=signs["?"]) if signs["?"] else ()
            yield pytest.param(text, {*signs["+"].split()}, {*signs["-"].split()}, id=f"{file}: {name}", marks=marks)


class Project:
    """A folder on the path. A text holds several files, each after a line `#: its/path.py`; the first is `app.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str) -> None:
        path: str = "app.py"
        lines: dict[str, list[str]] = {} if text.startswith("#: ") else {path: []}
        for line in textwrap.dedent(text).splitlines():
            if line.startswith("#: "):
                path = line[3:].strip()
                lines.setdefault(path, [])
            else:
                lines[path].append(line)
        for name, content in lines.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(content) + "\n", encoding="utf-8")
        importlib.invalidate_caches()

    def load(self, text: str = "", name: str = "app") -> ModuleType:
        if text:
            self.write(text)
        return importlib.import_module(name)

    def forget(self) -> None:
        for name, module in list(sys.modules.items()):
            known = vars(module)  # not getattr: a module can make up what it is asked for
            places = [known.get("__file__"), *known.get("__path__", ())]
            if any(isinstance(place, str) and place.startswith(str(self.folder) + os.sep) for place in places):
                del sys.modules[name]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two versions of a file within one second
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    made = Project(folder)
    yield made
    made.forget()
