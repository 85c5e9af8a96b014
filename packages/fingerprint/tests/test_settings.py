"""Fingerprint settings: one value that says whose code counts, and where the order of a table does not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from everfresh_fingerprint import FingerprintSettings, code_fingerprint, fingerprint
from everfresh_fingerprint.settings import DEFAULT, chosen

TABLES = """
T = {"a": 1, "b": [2]}
class C:
    table = {len: "x", max: "y"}
def f(): return T, C.table
"""
UNORDERED = FingerprintSettings(unordered=("module_of_tests",))


def digests(load, settings, *texts):
    return [code_fingerprint(load(text, "module_of_tests").f, settings=settings).digest for text in texts]


@pytest.mark.parametrize(
    ("old", "new"),
    [('{"a": 1, "b": [2]}', '{"b": [2], "a": 1}'), ('{len: "x", max: "y"}', '{max: "y", len: "x"}')],
)
def test_order_of_tables_counts_unless_it_is_said_not_to(load, old, new):
    """The order of a dictionary's keys counts by default, and does not in the modules that are named."""
    assert old in TABLES
    one, other = digests(load, UNORDERED, TABLES, TABLES.replace(old, new))
    assert one == other
    one, other = digests(load, DEFAULT, TABLES, TABLES.replace(old, new))
    assert one != other


@pytest.mark.parametrize(
    ("old", "new"), [('"a": 1', '"a": 2'), ('"b": [2]', '"c": [2]'), ('len: "x"', 'len: "z"'), ('"a": 1, ', "")]
)
def test_what_an_unordered_table_holds_counts(load, old, new):
    """Without its order a table still counts by its keys and values."""
    assert old in TABLES
    one, other = digests(load, UNORDERED, TABLES, TABLES.replace(old, new))
    assert one != other


def test_unordered_tables_are_guarded(load):
    """The guard of a fingerprint that leaves order out does not mind a new order, and minds a new value."""
    app = load(TABLES, "module_of_tests")
    first = code_fingerprint(app.f, settings=UNORDERED)
    assert first.holds()
    app.T["a"] = app.T.pop("a")
    assert first.holds()
    app.T["a"] = 2
    assert not first.holds()


def test_tables_filled_from_sets_are_the_same_in_every_process(tmp_path):
    """A dictionary that is filled from a set, with values alike, has one digest under every hash seed."""
    script = """
from everfresh_fingerprint import FingerprintSettings, code_fingerprint
WORDS = {"alpha", "beta", "gamma", "delta", "epsilon"}
def make(a): return lambda: a
T = {(a, b): make(a) for a in WORDS for b in WORDS}, {a: len(a) for a in WORDS}
def f(): return T
print(code_fingerprint(f, settings=FingerprintSettings(unordered=("words",))).digest.hex())
"""
    (tmp_path / "words.py").write_text(script)
    seen = {
        subprocess.run(
            [sys.executable, "words.py"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "1234"
    }
    assert len(seen) == 1


def test_settings_are_one_value_that_can_be_compared_and_kept(load):
    """Equal settings share what is kept of a function, other settings do not get in their way."""
    app = load("def f(): return 1")
    assert FingerprintSettings(deep=("a",)) == FingerprintSettings(deep=("a",))
    assert code_fingerprint(app.f, settings=UNORDERED) is code_fingerprint(app.f, settings=UNORDERED)
    assert code_fingerprint(app.f, settings=UNORDERED) is not code_fingerprint(app.f)


def test_arguments_are_taken_by_the_same_settings(load):
    """A function among the arguments is followed as the settings say."""
    one, other = (load(f"import json\ndef g(): return json.dumps({{}})\nn = {n}") for n in (1, 2))
    deep = FingerprintSettings(deep=("json",))
    assert fingerprint(one.g, deep) == fingerprint(other.g, deep) != fingerprint(one.g)


@pytest.mark.parametrize("option", ["deep", "constant", "unordered"])
@pytest.mark.parametrize("names", [1, ("a", 1), "no-name", ("a.b-c",)])
def test_what_is_no_name_is_an_error_that_names_the_option(option, names):
    """A slip in a name is told with the option, what was given and what to write."""
    with pytest.raises(TypeError, match=f"{option}=.*write {option}="):
        chosen(**{"deep": (), "constant": (), option: names})


def test_nothing_said_means_no_settings_of_its_own():
    """Where nothing is chosen, whoever stands above decides."""
    assert chosen((), ()) is None
    assert chosen("a", ["b", "c.d"], ()) == FingerprintSettings(("a",), ("b", "c.d"), ())
