"""Holding the index against the objects: collect, verify, rebuild, mend."""

from __future__ import annotations

import os
import warnings

import numpy
import pytest
from everfresh.errors import CacheWarning
from everfresh.storage import index as index_module
from everfresh.storage import schema, upkeep


def test_verify_reads_buffers(cache, key, trace, damage):
    """`verify` finds what a lookup does not read, removes it, and leaves the sound."""
    sound, bad, lost = (cache.record(key(n), trace(f=1), numpy.arange(1000 * n), 1.0) for n in (1, 2, 3))
    damage(bad)
    cache.objects.delete(lost.object)
    orphan = cache.record(key(4), trace(f=1), "orphan", 1.0)
    cache.index.remove([orphan])
    told = cache.verify(repair=False)
    assert (told.sound, told.orphans, told.damaged, told.lost) == (2, 1, (bad.object,), (lost,))
    assert cache.verify() == told
    assert sorted(cache.index.entries()) == sorted([sound, orphan])
    assert (cache.verify().trouble, cache.verify().sound) == (0, 2)


def test_collect(cache, key, trace, object_file):
    """Orphans and leftovers go on request, once old enough; entries stay."""
    kept = cache.record(key(1), trace(f=1), "kept", 1.0)
    orphan = cache.record(key(2), trace(f=1), "orphan", 1.0)
    cache.index.remove([orphan])
    leftover = f"{object_file(orphan)}.0123.tmp"
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
    monkeypatch.setattr(upkeep, "BATCH", 2)
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
    newer = schema.FORMAT + 1
    again = reopened(lambda: [monkeypatch.setattr(each, "FORMAT", newer) for each in (schema, index_module)])
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
