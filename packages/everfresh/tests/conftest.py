"""What the tests share: a group in a folder of its own, the log of its events, programs that run as real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from everfresh import MemoizedGroup

collect_ignore = ["typing"]  # for type checkers, not to be run

DRIVER = """
import json, sys
from everfresh import subscribe
log = []
said = lambda event: str(getattr(event, "reason", getattr(event, "problem", "")))
subscribe(lambda event: log.append([type(event).__name__, said(event)]))
import main
print(json.dumps({"value": repr(main.main()), "log": log}))
"""


class Events(list):
    """Events in the order in which they came; `names` tells them in one line."""

    @property
    def names(self) -> str:
        return " ".join(type(event).__name__ for event in self)

    def of(self, kind: type) -> list:
        return [event for event in self if isinstance(event, kind)]


@pytest.fixture
def group(tmp_path: Path):
    with MemoizedGroup(tmp_path / "cache") as group:
        yield group


@pytest.fixture
def events(group: MemoizedGroup) -> Events:
    events = Events()
    group.subscribe(events.append)
    return events


class Program:
    """A program of several files whose `main.main()` runs in a new process each time, against one cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "program"
        self.folder.mkdir()
        self.environment = {"EVERFRESH_DIR": str(folder / "program-cache")}

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(textwrap.dedent(text))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / f"{name}.py"
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        path.write_text(text.replace(old, new))

    def run(self, seed: int = 0, check: bool = True, **environment: str) -> Result:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EVERFRESH")}
        # No byte code is written: within one second Python itself would run the old text of an edited file.
        fixed = {"PYTHONHASHSEED": str(seed), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", DRIVER],
            cwd=self.folder,
            env=kept | fixed | self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return Result(done)


class Result:
    """What a process said: the value, the log of (event, reason), and what it wrote to stderr."""

    def __init__(self, done: subprocess.CompletedProcess) -> None:
        self.stderr, self.code = done.stderr, done.returncode
        last = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"value": None, "log": []}
        self.value, self.log = last["value"], last["log"]

    @property
    def names(self) -> str:
        return " ".join(name for name, _ in self.log)

    @property
    def reasons(self) -> list[str]:
        return [reason for name, reason in self.log if name == "Miss"]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)
