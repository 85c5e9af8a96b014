"""Whose code is followed: by what is installed, unless `deep` and `constant` say otherwise."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap

import pytest
from everfresh import MemoizedGroup, memoize

SCRIPT = """
import sys
sys.path[:0] = ["site/site-packages", "."]
from everfresh import MemoizedGroup
import lib, own
group = MemoizedGroup("cache", {group})
@group.memoize({function})
def f():
    print("ran")
    return lib.value() + own.value()
print(f())
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with an installed package `lib` and one of the user's, `own`."""
    info = tmp_path / "site/site-packages/lib-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: lib\nVersion: 1.5\n")
    (info / "RECORD").write_text("lib/__init__.py,,\n")
    (tmp_path / "site/site-packages/lib").mkdir()
    write(tmp_path, lib=1, own=1)
    return tmp_path


def write(folder, lib, own):
    for path, value in {"site/site-packages/lib/__init__.py": lib, "own.py": own}.items():
        (folder / path).write_text(f"def value(): return {value}\n")


def run(folder, group="", function=""):
    (folder / "app.py").write_text(SCRIPT.format(group=group, function=function))
    command = [sys.executable, "-B", "-W", "error", "app.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(
    ("options", "edit", "after"),
    [
        ({}, {"lib": 2, "own": 1}, ["2"]),  # an installed package edited in place is not seen, as the docs say
        ({"group": "deep='lib'"}, {"lib": 2, "own": 1}, ["ran", "3"]),
        ({"function": "deep=('lib',)"}, {"lib": 2, "own": 1}, ["ran", "3"]),
        ({"group": "constant=('own',)"}, {"lib": 1, "own": 2}, ["2"]),
        ({"function": "constant='own'"}, {"lib": 1, "own": 2}, ["2"]),
        ({"group": "deep='lib'", "function": "constant='own'"}, {"lib": 2, "own": 2}, ["2"]),
        ({"group": "deep='lib', constant='lib.sub'"}, {"lib": 2, "own": 1}, ["ran", "3"]),
    ],
)
def test_packages_named_are_followed_or_taken_as_they_are(folder, options, edit, after):
    """`deep` follows an installed package, `constant` pins one of the user's, for a group or a function."""
    assert run(folder, **options) == ["ran", "2"]
    assert run(folder, **options) == ["2"]
    write(folder, **edit)
    assert run(folder, **options) == after


@pytest.mark.parametrize("names", [1, ("a", 1), "no-name", ("a.b-c",)])
@pytest.mark.parametrize("option", ["deep", "constant"])
def test_what_names_no_package_is_an_error(names, option):
    """An error names the option, what was given and what to write."""
    with pytest.raises(TypeError, match=option):
        memoize(**{option: names})(len)
    with pytest.raises(TypeError, match=option):
        MemoizedGroup("cache", **{option: names})


def test_a_group_takes_its_choice_along(tmp_path):
    """A pickled group follows the same packages in another process."""
    group = MemoizedGroup(tmp_path, deep="lib", constant=("a", "b.c"))
    assert pickle.loads(pickle.dumps(group)).fingerprints == group.fingerprints


def test_facts_about_code_are_kept_beside_the_answers(folder):
    """What a first process found out about code serves the next, and an edit is seen all the same."""
    run(folder)
    books = [*(folder / "cache/code").rglob("*")]
    assert any(book.is_file() for book in books)
    write(folder, lib=1, own=5)
    assert run(folder) == ["ran", "6"]


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, None])
def test_damaged_facts_are_found_out_again(folder, damage):
    """A broken book about code is a bit of work, never a wrong answer or an error."""
    run(folder)
    for book in (folder / "cache/code").rglob("*"):
        if book.is_file():
            book.write_bytes(book.read_bytes()[:-1] if damage is None else damage)
    assert run(folder) == ["2"]
    (folder / "own.py").write_text(textwrap.dedent("def value(): return 7\n"))
    assert run(folder) == ["ran", "8"]


SETS = """
from everfresh import MemoizedGroup
WORDS = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"}
LENGTHS = {word: len(word) for word in WORDS}
@MemoizedGroup("cache", unordered="sets").memoize
def f(word):
    print("ran")
    return LENGTHS[word]
print(f("beta"))
"""


def test_table_filled_from_a_set_hits_in_every_process(tmp_path):
    """With `unordered` a function that reaches such a table hits under every hash seed."""
    (tmp_path / "sets.py").write_text(SETS)
    said = [
        subprocess.run(
            [sys.executable, "-B", "sets.py"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in "123"
    ]
    assert said == [["ran", "4"], ["4"], ["4"]]
