"""Looking up and recording: objects, index and policy together."""

from __future__ import annotations

import os
import shutil
import sqlite3

import numpy
import pytest
from everfresh.errors import CacheWarning, UnserializableError
from everfresh.model import Change, Found, Reason
from everfresh.storage import schema
from everfresh.storage.cache import Cache
from everfresh.storage.index import Index
from everfresh.storage.manifests import Manifests
from everfresh.storage.objects import Memory
from everfresh.storage.place import open_cache
from everfresh.storage.policy import policy_named


@pytest.mark.parametrize("value", [None, 0, "text", [1, {"a": (2.5, None)}], NotImplemented])
def test_recorded_values_are_found(cache, key, trace, value):
    """What was recorded is found under its key and trace, None as well, with the facts on it."""
    entry = cache.record(key(), trace(f=1), value, 1.5)
    assert cache.lookup(key(), trace(f=1)) == Found(value, entry)
    assert (entry.cost, entry.hits, entry.size) == (1.5, 0, cache.index.total())


def test_nothing_known(cache, key, trace):
    """A call never recorded is absent."""
    assert cache.lookup(key(), trace(f=1)) == Reason("absent")
    cache.record(key(2), trace(f=0), "other arguments", 1.0)
    assert cache.lookup(key(1), trace(f=1)) == Reason("absent")


def test_stale_names_the_dependency(cache, key, trace):
    """When a dependency changed, the reason names it, and what it was and is."""
    cache.record(key(), trace(f="def f", LIMIT=10), "old", 1.0)
    reason = cache.lookup(key(), trace(f="def f", LIMIT=20))
    assert reason == Reason("stale", (Change("LIMIT", "10", "20"),))
    assert str(reason) == "stale (LIMIT: 10 -> 20)"
    assert cache.explain(key(), trace(f="def f", LIMIT=20)) == reason


def test_stale_is_measured_against_the_newest(cache, key, trace):
    """Of several older versions the newest is the one compared with."""
    for limit in (1, 2, 3):
        cache.record(key(), trace(LIMIT=limit), limit, 1.0)
    assert cache.lookup(key(), trace(LIMIT=4)).changes[0].before == "3"


def test_versions_live_side_by_side(cache, key, trace):
    """Going back to an earlier version finds its answer again."""
    cache.record(key(), trace(f=1), "one", 1.0)
    cache.record(key(), trace(f=2), "two", 1.0)
    assert cache.lookup(key(), trace(f=1)).value == "one"
    assert cache.lookup(key(), trace(f=2)).value == "two"


def test_stale_after_reopening(cache, reopened, key, trace):
    """Another process learns the reason too."""
    cache.record(key(), trace(f=1), "old", 1.0)
    assert str(reopened().lookup(key(), trace(f=2))) == "stale (f: 1 -> 2)"


def test_stale_without_its_trace(cache, key, trace):
    """Where the kept trace cannot be read, stale is all that can be said."""
    cache.record(key(), trace(f=1), "old", 1.0)
    cache.index._ask("UPDATE traces SET dependencies = ?", (b"\xff" * 9,))
    assert cache.lookup(key(), trace(f=2)) == Reason("stale")


def test_explain_and_contains(cache, key, trace):
    """`explain` and `contains` say what a lookup would, and count as no hit."""
    assert cache.explain(key(), trace(f=1)) == Reason("absent")
    assert not cache.contains(key(), trace(f=1))
    entry = cache.record(key(), trace(f=1), "value", 1.0)
    assert cache.explain(key(), trace(f=1)) is None
    assert cache.contains(key(), trace(f=1))
    cache.commit()
    assert cache.index.find(key(), trace(f=1).version).hits == 0
    cache.objects.delete(entry.object)
    assert cache.explain(key(), trace(f=1)) == Reason("lost")
    assert not cache.contains(key(), trace(f=1))


def test_hits_are_counted(cache, key, trace):
    """Hits are in the index after `commit`."""
    entry = cache.record(key(), trace(f=1), "value", 1.0)
    for _ in range(3):
        cache.lookup(key(), trace(f=1))
    cache.commit()
    found = cache.index.find(key(), entry.version)
    assert found.hits == 3
    assert found.used >= entry.created


def test_lost(cache, key, trace):
    """An entry without object is a miss that says so, once; then it is absent, and can be recorded anew."""
    entry = cache.record(key(), trace(f=1), "value", 1.0)
    cache.objects.delete(entry.object)
    assert cache.lookup(key(), trace(f=1)) == Reason("lost")
    assert cache.lookup(key(), trace(f=1)) == Reason("absent")
    assert cache.index.total() == 0


def test_orphans_are_adopted(cache, key, trace):
    """An object without entry is a hit, and gets its entry."""
    entry = cache.record(key(), trace(f=1), "value", 1.5)
    cache.index.clear()
    assert cache.contains(key(), trace(f=1))
    assert cache.lookup(key(), trace(f=1)) == Found("value", entry)
    cache.commit()
    assert cache.index.find(key(), entry.version) == entry
    assert cache.index.trace(entry.version) == trace(f=1)


@pytest.mark.parametrize("known", [True, False])
def test_damaged(cache, key, trace, known, damage):
    """A damaged object, with entry or without, is a miss that says what is wrong; it is removed."""
    entry = cache.record(key(), trace(f=1), "value", 1.0)
    damage(entry)
    if not known:
        cache.index.clear()
    reason = cache.lookup(key(), trace(f=1))
    assert reason.kind == "damaged"
    assert "body does not match its digest" in str(reason)
    assert cache.lookup(key(), trace(f=1)) == Reason("absent")
    cache.record(key(), trace(f=1), "again", 1.0)
    assert cache.lookup(key(), trace(f=1)).value == "again"


def test_an_object_under_another_name_is_damaged(cache, key, trace, object_file):
    """An object that someone renamed is never given as the answer to another call."""
    mine, other = (cache.record(key(n), trace(f=1), n, 1.0) for n in (1, 2))
    os.replace(object_file(other), object_file(mine))
    assert "another call" in str(cache.lookup(key(1), trace(f=1)))


def test_unserializable_leaves_nothing(cache, key, trace):
    """A value that cannot be kept leaves the cache as it was."""
    with pytest.raises(UnserializableError):
        cache.record(key(), trace(f=1), (number for number in []), 1.0)
    assert list(cache.objects) == []
    assert cache.lookup(key(), trace(f=1)) == Reason("absent")


def test_recording_again(cache, key, trace):
    """The same call recorded again is one entry and one object."""
    cache.record(key(), trace(f=1), "a", 1.0)
    entry = cache.record(key(), trace(f=1), "a longer one", 1.0)
    assert list(cache.objects) == [entry.object]
    assert cache.index.total() == entry.size
    assert cache.lookup(key(), trace(f=1)).value == "a longer one"


def test_forget(cache, key, trace):
    """All versions of one call go, and nothing else."""
    cache.record(key(1), trace(f=1), "value", 1.0)
    cache.record(key(1), trace(f=2), "value", 1.0)
    kept = cache.record(key(2), trace(f=1), "value", 1.0)
    assert cache.forget(key(1)) == 2
    assert cache.forget(key(1)) == 0
    assert list(cache.objects) == [kept.object]


def test_clear(cache, key, trace):
    """The answers of one function go, or all, orphans too."""
    cache.record(key(1, "f"), trace(f=1), "value", 1.0)
    cache.record(key(1, "g"), trace(f=1), "value", 1.0)
    assert cache.clear("f") == 1
    assert [entry.key.function for entry in cache.index.entries()] == ["g"]
    cache.index.clear()
    assert cache.clear() == 0
    assert list(cache.objects) == []


def test_clear_takes_the_orphans_of_a_function(cache, key, trace):
    """The orphans of one function go with its answers; those of others stay."""
    cache.record(key(1, "f"), trace(f=1), "value", 1.0)
    other = cache.record(key(1, "g"), trace(f=1), "value", 1.0)
    cache.index.clear()
    cache.clear("f")
    assert list(cache.objects) == [other.object]


def test_a_locked_index_costs_no_answer(cache, key, trace, monkeypatch):
    """What is recorded while the index is locked is kept and found, with one warning and without waiting each time."""
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.0)
    cache.close()
    other = sqlite3.connect(cache.index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.warns(CacheWarning, match="locked") as warned:
        [cache.record(key(number), trace(f=1), number, 1.0) for number in range(3)]
    assert len(warned) == 1
    assert cache.lookup(key(1), trace(f=1)).value == 1
    assert cache.lookup(key(9), trace(f=1)) == Reason("absent")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        cache.rebuild()
    other.execute("ROLLBACK")
    other.close()
    cache.guard.paused_until = 0.0
    cache.rebuild()
    assert [cache.lookup(key(number), trace(f=1)).value for number in range(3)] == [0, 1, 2]
    assert len(cache.index) == 3


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be removed there")
def test_a_folder_deleted_under_a_running_program(cache, reopened, key, trace):
    """When someone deletes the folder, answers are lost, and what is recorded after is there for others too."""
    cache.record(key(1), trace(f=1), "value", 1.0)
    folder = os.path.dirname(cache.index.path)
    shutil.rmtree(folder)
    assert cache.lookup(key(1), trace(f=1)) == Reason("lost")
    cache.record(key(1), trace(f=1), "value", 1.0)
    assert os.path.exists(f"{folder}/CACHEDIR.TAG")
    assert os.stat(folder).st_mode & 0o077 == 0
    assert [entry.key for entry in cache.index.entries()] == [key(1)]
    assert cache.lookup(key(1), trace(f=1)).value == "value"
    assert reopened().lookup(key(1), trace(f=1)).value == "value"


def test_large_arrays_are_writable_and_private(cache, key, trace):
    """A large array is mapped: it can be written to, and the next hit gives the old."""
    array = numpy.arange(500_000)
    cache.record(key(), trace(f=1), {"array": array}, 1.0)
    first = cache.lookup(key(), trace(f=1)).value["array"]
    first += 1
    assert numpy.array_equal(cache.lookup(key(), trace(f=1)).value["array"], array)


def test_a_mapped_array_outlives_its_entry(cache, key, trace):
    """What a hit gave stays right after its entry was cleared."""
    array = numpy.arange(500_000)
    cache.record(key(), trace(f=1), array, 1.0)
    found = cache.lookup(key(), trace(f=1)).value
    cache.clear()
    assert numpy.array_equal(found, array)


def test_any_object_store_will_do(tmp_path, key, trace):
    """A cache works over objects in memory as over a folder."""
    cache = Cache(Memory(), Manifests(Memory()), Index(tmp_path / "index", policy_named("lru")), 1000_000)
    cache.record(key(), trace(f=1), [1, 2], 1.0)
    assert cache.lookup(key(), trace(f=1)).value == [1, 2]
    assert cache.collect(grace=-1) == 0
    cache.close()


def test_usable_after_close(cache, key, trace):
    """A closed cache opens again when used."""
    cache.record(key(), trace(f=1), "value", 1.0)
    cache.close()
    assert cache.lookup(key(), trace(f=1)).value == "value"


def test_two_caches_on_one_folder(cache, tmp_path, key, trace):
    """What one records the other finds, and what one clears the other misses."""
    other = open_cache(tmp_path / "cache", "lru", 1000_000)
    cache.record(key(), trace(f=1), "value", 1.0)
    assert other.lookup(key(), trace(f=1)).value == "value"
    other.clear()
    assert cache.lookup(key(), trace(f=1)) == Reason("absent")
    other.close()
