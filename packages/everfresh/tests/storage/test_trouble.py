"""Trouble with the disk or the index: a warning, the right answer, nothing else lost."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import time
import warnings

import pytest
from everfresh import MemoizedGroup, warn
from everfresh.errors import CacheWarning
from everfresh.events import Stored
from everfresh.model import Found, Reason
from everfresh.storage import index as index_module
from everfresh.storage import schema
from everfresh.storage.place import open_cache

MB = 1 << 20
CAUSES = errno.ENOSPC, errno.EIO, errno.EACCES
LONG = bool(os.environ.get("EVERFRESH_TESTS_LONG"))


def answer(n):
    return [n] * (300_000 if n == 2 else 10)


@pytest.fixture(autouse=True)
def unwarned():
    """What was warned of in other tests is warned of again."""
    warn._given.clear()


# ---- Each call to the system fails in turn.


def work(folder, faults):
    """Use a cache as a program would; what it is given must be right, and what it is told to be kept must be kept."""
    kept = set()
    group = MemoizedGroup(folder, size="64 MB")
    group.subscribe(lambda event: kept.add(event.key.arguments) if isinstance(event, Stored) else None)
    f = group.memoize(answer)
    with faults:
        for n in (0, 1, 0, 2, 2):
            assert f(n) == answer(n)
        f.clear_entry(0)
        group.clear(f.__module__ + ".nothing")
        kept.clear()
        for n in (3, 4, 3):
            assert f(n) == answer(n)
        group.evict()
        group.close()
    return kept


def count_calls(folder, faults):
    work(folder, faults)
    return faults.calls


@pytest.mark.slow
@pytest.mark.parametrize(("turn", "number"), list(enumerate(CAUSES)), ids=[errno.errorcode[cause] for cause in CAUSES])
def test_each_call_fails_in_turn(tmp_path, turn, number, faulty):
    """Whichever call to the system fails: no wrong value, warnings alone, and what was told as stored is there."""
    total = count_calls(tmp_path / "all", faulty())
    assert total > 100
    first, step = (1, 1) if LONG else (turn + 1, len(CAUSES))  # every call fails; in a long run, for every cause
    for fail_at in range(first, total + 1, step):
        folder = tmp_path / str(fail_at)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            kept = work(folder, faulty(fail_at, number))
        assert all(issubclass(each.category, CacheWarning) for each in warned)
        group = MemoizedGroup(folder, size="64 MB")
        f = group.memoize(answer)
        assert [f(n) for n in range(5)] == [answer(n) for n in range(5)]
        assert len(kept) == 0 or f.stats().hits >= len(kept), fail_at
        assert group.cache.verify().trouble == 0
        group.close()
        shutil.rmtree(folder, ignore_errors=True)


# ---- A disk that cannot be written, a full one, a folder that goes.


@pytest.fixture
def read_only(tmp_path):
    """Give a function that makes a folder read-only, for the superuser, too."""
    mounted = []

    def make(path):
        if os.geteuid():
            for top, _, _ in os.walk(path):
                os.chmod(top, 0o500)
            return path
        bound = tmp_path / "read-only"
        bound.mkdir()
        commands = ["mount", "--bind", path, bound], ["mount", "-o", "remount,bind,ro", bound]
        if any(subprocess.run(each, capture_output=True, check=False).returncode for each in commands):
            pytest.skip("the superuser may write anywhere, and may not mount here")
        mounted.append(bound)
        return bound

    yield make
    for path in mounted:
        subprocess.run(["umount", "-l", path], check=False)


needs_posix = pytest.mark.skipif(os.name != "posix", reason="permissions are other things there")


@needs_posix
@pytest.mark.parametrize("index", ["closed", "lost", "in use"])
def test_a_read_only_folder_answers(tmp_path, key, trace, read_only, index):
    """From a folder that cannot be written all answers come, in whatever state its index is."""
    made = open_cache(tmp_path / "cache", "gdsf", 64 * MB)
    for n in range(3):
        made.record(key(n), trace(f=1), answer(n), 1.0)
    if index != "in use":
        made.close()
    if index == "lost":
        os.unlink(made.index.path)
    folder = read_only(tmp_path / "cache")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = open_cache(folder, "gdsf", 64 * MB)
        for _ in range(2):
            assert [found.lookup(key(n), trace(f=1)).value for n in range(3)] == [answer(n) for n in range(3)]
        reason = found.lookup(key(0), trace(f=2))
        found.commit()
        with pytest.raises(OSError, match=r"in .*objects"):
            found.record(key(9), trace(f=1), 9, 1.0)
        found.close()
    assert reason.kind == ("stale" if index == "closed" else reason.kind)
    assert len(warned) <= 2
    assert {each.category for each in warned} <= {CacheWarning}
    made.close()


@needs_posix
def test_a_program_on_a_read_only_folder(tmp_path, read_only):
    """A program whose cache cannot be written hits what is there, computes the rest, and hears of it once."""
    with MemoizedGroup(tmp_path / "cache") as group:
        group.memoize(answer)(1)
    group = MemoizedGroup(read_only(tmp_path / "cache"))
    f = group.memoize(answer)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert [f(n) for n in (1, 3, 4, 5, 1)] == [answer(n) for n in (1, 3, 4, 5, 1)]
        group.close()
    assert f.stats().hits == 2
    told = [str(each.message) for each in warned]
    assert len([text for text in told if "could not be stored" in text]) == 1
    assert len(told) <= 2


@pytest.fixture
def small_disk(tmp_path):
    """Give a folder on a disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def test_a_full_disk(small_disk):
    """On a full disk everything is computed right, what was kept before is found, and the trouble is told once."""
    group = MemoizedGroup(small_disk / "cache", size="1 GB")
    f = group.memoize(blob)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert [f(n) for n in range(60)] == [blob(n) for n in range(60)]
        stored = f.stats().misses
        assert [f(n) for n in range(10)] == [blob(n) for n in range(10)]
        group.close()
    assert f.stats().misses == stored
    assert 1 <= len(warned) <= 3
    assert {each.category.__base__ for each in warned} <= {CacheWarning, UserWarning}
    shutil.rmtree(small_disk / "cache/objects/00", ignore_errors=True)


def blob(n):
    return bytes([n]) * 60_000


def test_the_folder_goes_while_the_program_runs(tmp_path):
    """A program whose cache is removed computes again, and what it then keeps is there for the next program."""
    group = MemoizedGroup(tmp_path / "cache")
    f = group.memoize(answer)
    f(1), f(2)
    shutil.rmtree(tmp_path / "cache")
    assert f(1) == answer(1)
    group.close()
    f = MemoizedGroup(tmp_path / "cache").memoize(answer)
    assert f.would_hit(1)
    assert not f.would_hit(2)


@pytest.mark.parametrize("policy", ["gdsf", "lru"])
def test_the_clock_is_set_back(reopened, key, trace, policy, monkeypatch):
    """After the clock was set back answers are right, and what is recorded anew does not go before what is old."""
    bounded = reopened(policy=policy, size=4 * MB)
    old = [bounded.record(key(n), trace(f=1), bytes(MB // 2), 1.0) for n in range(3)]
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 10**6)
    for n in range(3, 12):
        bounded.record(key(n), trace(f=1), bytes(MB // 2), 1.0)
        assert isinstance(bounded.lookup(key(n), trace(f=1)), Found)
    assert all(isinstance(bounded.lookup(each.key, trace(f=1)), Reason) for each in old)


def test_a_locked_index_while_hits_are_counted(cache, key, trace, monkeypatch):
    """When hits cannot be written, they are not counted, and nothing else happens."""
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.0)
    monkeypatch.setattr(index_module, "TOUCHES", 2)
    cache.record(key(), trace(f=1), "value", 1.0)
    cache.close()
    other = sqlite3.connect(cache.index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.warns(CacheWarning, match="locked"):
        assert [cache.lookup(key(), trace(f=1)).value for _ in range(5)] == ["value"] * 5
    other.execute("ROLLBACK")
    other.close()


def test_an_index_of_a_newer_everfresh_is_left_alone(cache, tmp_path, key, trace):
    """A newer index is neither changed nor used: the program computes, and is told the remedy."""
    cache.record(key(), trace(f=1), "value", 1.0)
    cache.index._ask("PRAGMA user_version = 99")
    cache.close()
    f = MemoizedGroup(tmp_path / "cache").memoize(answer)
    with pytest.warns(CacheWarning, match="newer everfresh"):
        assert f(1) == answer(1)
    with sqlite3.connect(cache.index.path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)
    connection.close()
