"""Calls that are different questions, though they look alike; and calls that must not fail, whatever is passed."""

from __future__ import annotations

import functools
import pickle
import sys
import types

import numpy
import pytest
from everfresh import FileContents, NotMemoizedWarning


def module_of(name: str, program: str, patch: pytest.MonkeyPatch) -> types.ModuleType:
    module = types.ModuleType(name)
    patch.setitem(sys.modules, name, module)
    exec(compile(program, f"{name}.py", "exec", dont_inherit=True), vars(module))
    return module


def test_classes_of_one_text_in_two_modules(group, monkeypatch):
    """isinstance tells them apart, so their instances and members are different arguments."""
    text = "import enum\nclass Colour(enum.Enum):\n    RED = 1\nclass Point:\n    pass\n"
    one, two = (module_of(name, text, monkeypatch) for name in ("told_one", "told_two"))
    f = group.memoize(lambda value: isinstance(value, one.Point | one.Colour))
    assert [f(one.Point()), f(two.Point()), f(one.Colour.RED), f(two.Colour.RED)] == [True, False, True, False]


FIRST, SECOND = object(), object()


def test_sentinels_go_by_their_names(group, events):
    """Two bare objects that modules name are two arguments, in every process the same."""
    f = group.memoize(lambda value: value is FIRST)
    assert [f(FIRST), f(SECOND), f(FIRST)] == [True, False, True]
    assert events.names == "Miss Stored Miss Stored Hit"


def test_functions_made_by_frompyfunc(group):
    """What is inside counts, not the name that all of them share."""
    f = group.memoize(lambda function: function(5))
    assert f(numpy.frompyfunc(lambda x: x + 1, 1, 1)) == 6
    assert f(numpy.frompyfunc(lambda x: x * 100, 1, 1)) == 500


def make(k):
    def f(x):
        return x * k

    return f


class Times:
    def __init__(self, k):
        self.k = k

    def __call__(self, x):
        return x * self.k


@pytest.mark.parametrize(
    "of", [make, Times, lambda k: functools.partial(int.__mul__, k), lambda k: Times(k).__call__], ids="abcd"
)
def test_a_version_stands_for_the_code_alone(group, of):
    """What a function carries along (closure, partial arguments, self) tells it apart under one version, too."""
    f, g = (group.memoize(version=1)(of(k)) for k in (2, 3))
    assert (f(1), g(1)) == (2, 3)


def test_items_of_a_generator_are_kept_as_they_were(group):
    """Neither the generator nor its consumer changes what was yielded before."""

    @group.memoize
    def prefixes():
        found = []
        for i in range(3):
            found.append(i)
            yield found

    fresh = [list(one) for one in prefixes()]
    again = list(prefixes())
    assert fresh == again == [[0], [0, 1], [0, 1, 2]]
    again[0].append("mine")
    assert list(prefixes()) == fresh


def test_a_generator_of_what_cannot_be_kept(group, events):
    """It yields as ever, with a warning."""
    f = group.memoize(lambda: (yield (number for number in [1])))
    with pytest.warns(NotMemoizedWarning, match="what it yields cannot be kept"):
        assert [list(one) for one in f()] == [[1]]
    assert events.names == "Miss Bypassed"


def test_call_if_cached_of_a_generator_function(group):
    """It gives an iterator over the items."""

    @group.memoize
    def f():
        yield from (1, 2)

    list(f())
    assert list(f.call_if_cached()) == [1, 2]


def test_a_default_that_the_call_changes(group, events):
    """It is an input that changed meanwhile, so the answer is not kept."""

    def counted(x, seen=[]):
        seen.append(x)
        return len(seen)

    f = group.memoize(counted)
    with pytest.warns(NotMemoizedWarning, match="changed what it depends on: its own parameter defaults"):
        assert f(1) == 1
    assert f(1) == 2
    assert "Hit" not in events.names


class Moody(type):
    def __eq__(cls, other):
        raise RuntimeError("not to be compared")

    def __hash__(cls):
        raise RuntimeError("not to be hashed")


class OfMoody(metaclass=Moody):
    pass


class Answering(type):
    def __getattr__(cls, name):
        return 1


class OfAnswering(metaclass=Answering):
    pass


class Lazy:
    @property
    def __class__(self):
        raise RuntimeError("not ready")


class Refusing:
    def __determ_hash__(self):
        raise KeyError("no")


class Broken:
    def __reduce_ex__(self, protocol):
        return 5


class Shy(dict):
    def items(self):
        raise RuntimeError("no items")


@pytest.mark.parametrize(
    "kind",
    [
        lambda: OfMoody(),
        OfAnswering,
        Lazy,
        Refusing,
        Broken,
        functools.partial(Shy, a=1),
        type("A", (), {"__module__": None}),
    ],
    ids="moody answering lazy refusing broken shy homeless".split(),
)
def test_strange_values_never_break_the_call(group, kind, recwarn):
    """The function runs, memoized or not."""
    value = kind()
    f = group.memoize(lambda value: 1)
    assert f(value) == f(value) == 1


def test_a_class_can_be_memoized(group, events):
    """Making an instance is a call like any other."""
    make_times = group.memoize(Times)
    assert make_times(3)(2) == make_times(k=3)(2) == 6
    assert events.names == "Miss Stored Hit"


def test_a_folder_as_contents(group, tmp_path):
    """It counts by the names in it."""
    f = group.memoize(lambda folder: sorted(one.name for one in folder_of(folder)))
    assert f(FileContents(tmp_path)) == ["cache"]
    (tmp_path / "new").touch()
    assert f(FileContents(tmp_path)) == ["cache", "new"]


def folder_of(folder):
    from pathlib import Path

    return Path(folder).iterdir()


def test_an_import_that_ends_the_program_does_not_end_it(group, monkeypatch, tmp_path):
    """A module that the call never imports may do what it likes when it is imported."""
    (tmp_path / "told_exit.py").write_text("raise SystemExit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)

    @group.memoize
    def f(debug=False):
        if debug:
            import told_exit  # noqa: F401
        return 1

    assert f() == f() == 1


SCRIPT = """
from dataclasses import dataclass
from everfresh import memoize

@dataclass
class Point:
    x: int

@memoize
def f():
    return Point(1)

def main():
    return isinstance(f(), Point)
"""


def test_what_a_script_kept_is_of_the_importing_modules_class(program):
    """A script and a program that imports it share answers, each with its own class."""
    program.write(main=SCRIPT)
    assert program.run().value == "True"
    (program.folder / "main.py").write_text(SCRIPT + "\nif __name__ == '__main__':\n    print(main())\n")
    import os
    import subprocess

    environment = os.environ | program.environment | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "main.py"]
    done = subprocess.run(command, cwd=program.folder, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert program.run().names == "Hit"


def test_pickles_of_a_script_name_the_module(monkeypatch):
    """A class of the running script is written under the name that importing the script would give it."""
    from everfresh.storage import pickles

    main = module_of("__main__", "class Point:\n    pass\n", monkeypatch)
    main.__file__ = "/somewhere/told_script.py"
    main.__spec__ = None
    written = pickles.dumps(main.Point)
    assert b"told_script" in written
    assert b"__main__" not in written
    assert pickles.loads(written) is main.Point
    monkeypatch.setitem(sys.modules, "__main__", module_of("told_other", "class Point:\n    pass\n", monkeypatch))
    module_of("told_script", "class Point:\n    pass\n", monkeypatch)
    assert pickles.loads(written) is sys.modules["told_script"].Point
    assert pickle.loads(written) is sys.modules["told_script"].Point
