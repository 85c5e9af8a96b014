"""Looking up and recording: objects, index and policy together."""

from __future__ import annotations

import os
import shutil
import sqlite3
import warnings

import numpy
import pytest
from everfresh.errors import CacheWarning, UnserializableError
from everfresh.model import Change, Found, Reason
from everfresh.storage import cache as module
from everfresh.storage import index as index_module
from everfresh.storage.cache import Cache
from everfresh.storage.index import Index
from everfresh.storage.manifests import Manifests
from everfresh.storage.objects import Memory
from everfresh.storage.place import open_cache
from everfresh.storage.policy import policy_named


def object_file(cache, entry):
    """Give the path of an entry's object."""
    text = entry.object.hex()
    return os.path.join(cache.objects.path, text[:2], text[2:])


def damage(cache, entry, position=-1):
    """Change one byte of an entry's object."""
    path = object_file(cache, entry)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data[position] ^= 1
    os.unlink(path)
    with open(path, "wb") as file:
        file.write(data)


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
    cache.index._change(("DELETE FROM traces", [()]))
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
    assert cache.index.find(key(), entry.version) == entry
    assert cache.index.trace(entry.version) == trace(f=1)


@pytest.mark.parametrize("known", [True, False])
def test_damaged(cache, key, trace, known):
    """A damaged object, with entry or without, is a miss that says what is wrong; it is removed."""
    entry = cache.record(key(), trace(f=1), "value", 1.0)
    damage(cache, entry)
    if not known:
        cache.index.clear()
    reason = cache.lookup(key(), trace(f=1))
    assert reason.kind == "damaged"
    assert "body does not match its digest" in str(reason)
    assert cache.lookup(key(), trace(f=1)) == Reason("absent")
    cache.record(key(), trace(f=1), "again", 1.0)
    assert cache.lookup(key(), trace(f=1)).value == "again"


def test_an_object_under_another_name_is_damaged(cache, key, trace):
    """An object that someone renamed is never given as the answer to another call."""
    mine, other = (cache.record(key(n), trace(f=1), n, 1.0) for n in (1, 2))
    os.replace(object_file(cache, other), object_file(cache, mine))
    assert "another call" in str(cache.lookup(key(1), trace(f=1)))


def test_verify_reads_buffers(cache, key, trace):
    """`verify` finds what a lookup does not read, removes it, and leaves the sound."""
    sound, bad, lost = (cache.record(key(n), trace(f=1), numpy.arange(1000 * n), 1.0) for n in (1, 2, 3))
    damage(cache, bad)
    cache.objects.delete(lost.object)
    assert cache.verify() == 2
    assert list(cache.index.entries()) == [sound]
    assert cache.verify() == 0


def test_unserializable_leaves_nothing(cache, key, trace):
    """A value that cannot be kept leaves the cache as it was."""
    with pytest.raises(UnserializableError):
        cache.record(key(), trace(f=1), lambda: 1, 1.0)
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


def test_bound(cache, key, trace):
    """The objects never take more than the bound but for the one being recorded; each that goes is told."""
    cache.size = 20_000
    gone, totals = [], []
    cache.evicted = gone.append
    for number in range(50):
        cache.record(key(number), trace(f=1), os.urandom(1000 + 37 * number), cost=number)
        totals.append(sum(map(cache.objects.size, cache.objects)))
    assert max(totals) <= 20_000
    assert cache.index.total() == totals[-1]
    assert len(gone) + len(cache.index) == 50
    assert min(entry.cost for entry in cache.index.entries()) > max(entry.cost for entry in gone)


def test_bound_with_many_entries(cache, key, trace, monkeypatch):
    """Where there are many entries a little more room is made than is needed, not to rank them at each record."""
    monkeypatch.setattr(module, "MANY", 10)
    asked = []
    policy = cache.policy
    cache.policy = type("Counting", (), {"victims": lambda _, *rest: asked.append(1) or policy.victims(*rest)})()
    cache.size = 100_000
    for number in range(300):
        cache.record(key(number), trace(f=1), number, 1.0)
        cache.size = min(cache.size, max(cache.index.total(), 10_000)) if number > 100 else cache.size
    assert len(asked) < 100
    assert cache.index.total() <= cache.size


def test_too_large(cache, key, trace):
    """A value larger than the whole cache is refused with a warning, and costs no other entry its place."""
    cache.size = 10_000
    kept = cache.record(key(1), trace(f=1), "small", 1.0)
    gone = []
    cache.evicted = gone.append
    with pytest.warns(CacheWarning, match=r"module\.f takes .* bytes, more than the whole cache"):
        refused = cache.record(key(2), trace(f=1), bytes(20_000), 1.0)
    assert gone == [refused]
    assert list(cache.objects) == [kept.object]
    assert cache.lookup(key(2), trace(f=1)) == Reason("absent")


def test_evict(cache, key, trace):
    """`evict` makes room down to the size asked for, and gives what went."""
    entries = [cache.record(key(n), trace(f=1), "value", cost=n) for n in range(4)]
    assert cache.evict() == []
    assert cache.evict(cache.index.total() - 1) == entries[:1]
    assert cache.evict(0) == entries[1:]
    assert list(cache.objects) == []


def test_recent_hits_count_when_evicting(cache, reopened, key, trace):
    """Hits not yet written count too when it is decided who goes."""
    lru = reopened(policy="lru")
    first, second = (lru.record(key(n), trace(f=1), "value", 1.0) for n in (1, 2))
    lru.lookup(key(1), trace(f=1))
    assert lru.evict(first.size) == [second]


def test_collect(cache, key, trace, tmp_path):
    """Orphans and leftovers go on request, once old enough; entries stay."""
    kept = cache.record(key(1), trace(f=1), "kept", 1.0)
    orphan = cache.record(key(2), trace(f=1), "orphan", 1.0)
    cache.index.remove([orphan])
    leftover = f"{object_file(cache, orphan)}.0123.tmp"
    with open(leftover, "wb") as file:
        file.write(b"half")
    assert cache.collect() == 0
    os.utime(leftover, (0, 0))
    assert cache.collect() == 1
    assert cache.collect(grace=-1) == 1
    assert list(cache.objects) == [kept.object]


def test_collect_takes_damaged_orphans(cache):
    """An orphan that cannot be read is nobody's."""
    cache.objects.put(b"0123456789abcdef", [b"nonsense"])
    assert cache.collect() == 1
    assert list(cache.objects) == []


def test_rebuild(cache, key, trace):
    """The index says what the objects say: what is missing is added, what is lost goes, the rest keeps its hits."""
    entries = [cache.record(key(n), trace(f=1), n, 1.0) for n in range(4)]
    cache.lookup(key(0), trace(f=1))
    cache.commit()
    cache.index.remove(entries[1:3])
    cache.objects.delete(entries[3].object)
    cache.objects.put(b"0123456789abcdef", [b"nonsense"])
    assert cache.rebuild() == 2
    assert {entry.key: entry.hits for entry in cache.index.entries()} == {key(0): 1, key(1): 0, key(2): 0}
    assert cache.index.total() == sum(entry.size for entry in entries[:3])


def test_rebuild_in_batches(cache, key, trace, monkeypatch):
    """However many objects there are, all are entered."""
    monkeypatch.setattr(module, "BATCH", 2)
    for number in range(5):
        cache.record(key(number), trace(f=1), number, 1.0)
    cache.index.clear()
    assert cache.rebuild() == len(cache.index) == 5


def files_of(cache):
    """Give the files of the index that exist."""
    names = (cache.index.path + suffix for suffix in ("", "-wal", "-shm"))
    return [name for name in names if os.path.exists(name)]


def test_a_lost_index_is_rebuilt(cache, reopened, key, trace):
    """When the index is gone, opening the cache enters every object again."""
    cache.record(key(), trace(f=1), "value", 1.5)
    again = reopened(lambda: [os.unlink(name) for name in files_of(cache)])
    assert len(again.index) == 1
    assert again.lookup(key(), trace(f=1)).value == "value"
    assert str(again.lookup(key(), trace(f=2))) == "stale (f: 1 -> 2)"


def test_an_older_index_is_rebuilt(cache, reopened, key, trace, monkeypatch):
    """An index of an older format gives way to a new one that holds all answers."""
    cache.record(key(), trace(f=1), "value", 1.5)
    again = reopened(lambda: monkeypatch.setattr(index_module, "FORMAT", index_module.FORMAT + 1))
    assert len(again.index) == 1
    assert again.lookup(key(), trace(f=1)).value == "value"


def overwrite(path, start, data):
    """Write into the middle of a file."""
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(data)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: overwrite(path, 0, b"this is not a database, nor anything like it"),
        lambda path: overwrite(path, 100, b"\xff" * 3900),
        lambda path: os.truncate(path, 5000),
    ],
    ids=["not a database", "malformed", "cut short"],
)
def test_a_damaged_index_is_rebuilt(cache, reopened, key, trace, harm):
    """A damaged index is moved aside and rebuilt from the objects, with one warning and no lost answer."""
    for number in range(50):
        cache.record(key(number), trace(f=1), number, 1.0)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        again = reopened(lambda: harm(cache.index.path))
        assert [again.lookup(key(number), trace(f=1)).value for number in range(50)] == list(range(50))
    assert [each.category for each in warned] == [CacheWarning]
    assert "rebuilt from the objects" in str(warned[0].message)
    assert len(again.index) == 50
    assert os.path.exists(cache.index.path + ".damaged")
    again.record(key(50), trace(f=1), "new", 1.0)


def test_another_process_mended_first(cache, key, trace):
    """A sound index is never moved aside."""
    cache.record(key(), trace(f=1), "value", 1.0)
    assert not cache.index.set_aside()
    assert len(cache.index) == 1


def test_trouble_that_cannot_be_mended_is_raised(cache, key, trace, monkeypatch):
    """A locked index is left as it is, and the caller hears of it."""
    monkeypatch.setattr(index_module, "BUSY_SECONDS", 0.0)
    cache.close()
    other = sqlite3.connect(cache.index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        cache.record(key(), trace(f=1), "value", 1.0)
    other.execute("ROLLBACK")
    other.close()
    assert cache.lookup(key(), trace(f=1)).value == "value"


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be removed there")
def test_a_folder_deleted_under_a_running_program(cache, reopened, key, trace):
    """When someone deletes the folder, answers are lost, and what is recorded after is there for others too."""
    cache.record(key(1), trace(f=1), "value", 1.0)
    shutil.rmtree(os.path.dirname(cache.index.path))
    assert cache.lookup(key(1), trace(f=1)) == Reason("lost")
    cache.record(key(1), trace(f=1), "value", 1.0)
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
    cache = Cache(Memory(), Manifests(Memory()), Index(tmp_path / "index"), policy_named("lru"), 1000_000)
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
