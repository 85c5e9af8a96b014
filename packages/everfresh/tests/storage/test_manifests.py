"""Manifests: what code was is kept once for all answers of a version, and explains them in later processes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from everfresh import MemoizedGroup
from everfresh.model import Manifest
from everfresh.storage.manifests import Manifests, differences
from everfresh.storage.objects import Memory

HELPER = """
RATE = 3
def interval(x):
    return x * RATE
"""
APP = """
import sys
from everfresh import MemoizedGroup
import helper
group = MemoizedGroup("cache")
@group.memoize
def f(x):
    return helper.interval(x)
print(f.why(1))
for change in getattr(f.why(1), "changes"):
    print(change.diff)
f(1), f(2), f(3)
"""


def run(folder, helper=HELPER, app=APP):
    """What a new process prints."""
    (folder / "helper.py").write_text(helper)
    (folder / "app.py").write_text(app)
    command = [sys.executable, "-B", "-W", "error", "app.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def manifests(folder):
    return [path for path in (folder / "cache/manifests").rglob("*") if path.is_file()]


def test_one_manifest_for_all_answers_of_a_version(tmp_path):
    """Three answers share one manifest; after an edit there is one for each version of the code."""
    run(tmp_path)
    assert len(manifests(tmp_path)) == 1
    run(tmp_path, HELPER.replace("x * RATE", "x + RATE"))
    assert len(manifests(tmp_path)) == 2


def test_later_process_shows_the_edit(tmp_path):
    """Another process names the function that was edited, its place, and shows the diff of its source."""
    assert run(tmp_path) == "absent"
    said = run(tmp_path, HELPER.replace("x * RATE", "x + RATE"))
    assert "function helper.interval changed (helper.py:3)" in said
    assert "-    return x * RATE\n+    return x + RATE" in said


def test_later_process_names_the_value(tmp_path):
    """A global that changed is told with what it was and what it is."""
    run(tmp_path)
    assert "stale (global helper.RATE: 3 -> 4)" in run(tmp_path, HELPER.replace("RATE = 3", "RATE = 4"))


@pytest.mark.parametrize("damage", [b"", b"abc", None])
def test_damaged_manifest_costs_the_explanation_only(tmp_path, damage):
    """Without its manifest a stale answer is told from another by its version alone."""
    run(tmp_path)
    (path,) = manifests(tmp_path)
    path.chmod(0o600)
    path.unlink() if damage is None else path.write_bytes(damage)
    assert run(tmp_path, HELPER.replace("x * RATE", "x + RATE")).startswith("stale (code: ")


def test_explanation_outlives_the_index(tmp_path):
    """A rebuilt index knows which manifest belongs to which answer."""
    run(tmp_path)
    for path in (tmp_path / "cache").glob("index*"):
        path.unlink()
    assert "helper.RATE: 3 -> 4" in run(tmp_path, HELPER.replace("RATE = 3", "RATE = 4"))


def test_manifests_go_with_the_last_answer_that_needs_them(tmp_path, monkeypatch):
    """`collect` removes the manifests of versions that no answer has any more, `clear` all."""
    run(tmp_path)
    run(tmp_path, HELPER.replace("RATE = 3", "RATE = 4"))
    cache = MemoizedGroup(tmp_path / "cache").cache
    oldest = min(cache.index.entries(), key=lambda entry: entry.created)
    cache._remove(entry for entry in cache.index.entries() if entry.version == oldest.version)
    cache.collect()
    assert len(manifests(tmp_path)) == 1
    cache.clear()
    assert manifests(tmp_path) == []


def test_manifest_is_read_only_when_it_is_first_kept():
    """What is there already is not made again, by this process or another."""
    store = Memory()
    asked = []

    def read():
        asked.append(1)
        return b"text"

    for manifests in (Manifests(store), Manifests(store)):
        manifests.keep(Manifest(b"1", read))
        manifests.keep(Manifest(b"1", read))
    assert asked == [1]
    assert Manifests(store).find(b"1").read() == b"text"
    assert Manifests(store).find(b"2").read() == b""
    assert Manifests(store).find(b"") is None


def test_differences_of_unknown_manifests_are_unknown():
    """Where one side is not known any more, nothing is guessed."""
    assert differences(Manifest(b"1", bytes), Manifest(b"2", bytes)) is None
