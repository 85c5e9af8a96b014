"""What an edit can change, from the places where it is easily missed: every case was missed once, here or elsewhere."""

from __future__ import annotations

import os
import sys
import types
import warnings
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("seen")


def cases() -> list[tuple[str, str, str, str]]:
    """Name, program, and the edit that its first line states as `# OLD -> NEW`."""
    found = []
    for path in sorted(CASES.glob("*.case")):
        edit, program = path.read_text().split("\n", 1)
        old, new = edit.removeprefix("# ").split(" -> ")
        found.append((path.stem, program, old, new))
    return found


class Runner:
    """Runs a program as a module of its own, again and again, with one cache."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch

    def __call__(self, program: str, memoize: object) -> object:
        module = types.ModuleType("seen_program")
        module.memoize = memoize
        module.FOLDER = self.folder
        self.patch.setitem(sys.modules, "seen_program", module)
        exec(compile(program, "seen_program.py", "exec", dont_inherit=True), vars(module))
        return module.main()


@pytest.mark.parametrize(("program", "old", "new"), [case[1:] for case in cases()], ids=[case[0] for case in cases()])
def test_an_edit_is_seen(program, old, new, group, events, tmp_path, monkeypatch):
    """The memoized program gives what the plain one gives: before the edit, again, and after it; unchanged it hits."""
    assert program.count(old) == 1
    monkeypatch.setattr(os, "environ", os.environ)
    run = Runner(tmp_path, monkeypatch)
    edited = program.replace(old, new)
    expected = [run(one, lambda function: function) for one in (program, program, edited)]
    assert expected[0] != expected[2], "the edit changes nothing"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert [run(one, group.memoize) for one in (program, program, edited)] == expected
    assert "Hit" in events.names, "unchanged it did not hit"
