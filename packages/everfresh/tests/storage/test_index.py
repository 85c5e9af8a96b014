"""The index of entries."""

from __future__ import annotations

import gc
import sqlite3
import threading

import pytest
from everfresh.errors import NewerFormatError
from everfresh.model import Entry
from everfresh.storage import index as module
from everfresh.storage import schema
from everfresh.storage.index import Index
from everfresh.storage.policy import LeastRecentlyUsed
from everfresh.storage.serialize import Facts


@pytest.fixture
def index(tmp_path):
    """Give an empty index."""
    index = Index(tmp_path / "index.sqlite3", LeastRecentlyUsed())
    yield index
    index.close()


@pytest.fixture
def entry(key, trace):
    """Give a function that makes entries."""

    def make(argument=1, of=None, size=10, created=100.0, function="module.f"):
        version = (of or trace(f=1)).version
        called = key(argument, function)
        return Entry(called, version, called.arguments + version, size, 1.5, created, created, 0)

    return make


def test_add_find_remove(index, entry, trace):
    """An entry is found under its key and version until it is removed, and under no other."""
    kept = entry()
    index.add(kept, trace(f=1))
    assert index.find(kept.key, kept.version) == kept
    assert index.find(kept.key, b"other") is None
    assert list(index.entries()) == [kept]
    index.remove([kept])
    index.remove([kept])
    assert index.find(kept.key, kept.version) is None


def test_recorded_anew_stays(index, entry, trace):
    """To remove an entry takes none that was recorded under its name since."""
    index.add(entry(created=1.0), trace(f=1))
    index.add(entry(created=2.0), trace(f=1))
    index.remove([entry(created=1.0)])
    assert list(index.entries()) == [entry(created=2.0)]


def test_total_follows(index, entry, trace):
    """Total and number are right after adding, adding again with another size, removing and clearing."""
    index.add(entry(1, size=10), trace(f=1))
    index.add(entry(2, size=5), trace(f=1))
    assert (index.total(), len(index)) == (15, 2)
    index.add(entry(1, size=7), trace(f=1))
    assert (index.total(), len(index)) == (12, 2)
    index.remove([entry(1)])
    assert (index.total(), len(index)) == (5, 1)
    index.clear()
    assert (index.total(), len(index)) == (0, 0)


def test_latest_is_the_newest_other_version(index, entry, trace):
    """Of the versions of a call the newest is given, but not the one left out."""
    old, new = trace(f="old"), trace(f="new")
    index.add(entry(of=new, created=2.0), new)
    index.add(entry(of=old, created=1.0), old)
    key = entry().key
    assert index.latest(key).version == new.version
    assert index.latest(key, but=new.version).version == old.version
    assert index.latest(entry(2).key) is None
    assert len(index.versions(key)) == 2


def test_traces_stay_as_long_as_they_are_needed(index, entry, trace):
    """A trace is kept until the last entry of its version goes."""
    old, new = trace(f="old"), trace(f="new")
    index.add(entry(1, of=old, created=1.0), old)
    index.add(entry(2, of=old, created=1.0), old)
    index.add(entry(1, of=new, created=2.0), new)
    assert index.trace(old.version) == old
    assert index.latest_trace("module.f") == new
    assert index.latest_trace("module.g") is None
    index.remove([entry(1, of=old, created=1.0)])
    assert index.trace(old.version) == old
    index.remove([entry(2, of=old, created=1.0)])
    assert index.trace(old.version) is None


def test_entries_of_one_function(index, entry, trace):
    """Entries can be asked for by function."""
    index.add(entry(function="f"), trace(f=1))
    index.add(entry(function="g"), trace(f=1))
    assert [each.key.function for each in index.entries("g")] == ["g"]


def facts(entry):
    """Give what the object of an entry says of itself."""
    return Facts(entry.key, entry.version, entry.cost, entry.created, b"")


def test_hits_are_batched(index, entry, trace, monkeypatch):
    """A hit writes nothing; it is said when there are enough to be written together."""
    monkeypatch.setattr(module, "TOUCHES", 3)
    kept = entry()
    index.add(kept, trace(f=1))
    assert [index.touch(kept, facts(kept), used) for used in (201.0, 203.0, 202.0)] == [False, False, True]
    assert index.find(kept.key, kept.version).hits == 0
    assert index.flush() == []
    found = index.find(kept.key, kept.version)
    assert (found.hits, found.used) == (3, 203.0)


def test_hits_without_entry_are_given_back(index, entry):
    """What was hit and has no entry is told, for its object to be adopted."""
    unknown = entry()
    index.touch(unknown, facts(unknown), 1.0)
    assert index.flush() == [(unknown, facts(unknown))]
    assert index.flush() == []


def test_what_goes_next(index, entry, trace):
    """As many entries as free the bytes are named, the least first, and not more at once than asked for."""
    for number in range(5):
        index.add(entry(number, created=100.0 + number), trace(f=1))
    assert [each.created for each, _ in index.least(25)] == [100.0, 101.0, 102.0]
    assert [clock for _, clock in index.least(1000, most=2)] == [100.0, 101.0]
    assert index.least(0) == []


def test_a_clock_set_back(index, entry, trace):
    """What is recorded or used after the clock of the machine was set back still counts as used last."""
    index.add(entry(1, created=1000.0), trace(f=1))
    index.add(entry(2, created=10.0), trace(f=1))
    index.touch(entry(1, created=1000.0), facts(entry(1)), 20.0)
    index.flush()
    first, second = index.find(entry(1).key, entry(1).version), index.find(entry(2).key, entry(2).version)
    assert 1000.0 < second.used < first.used < 1001.0


def test_older_versions(index, entry, trace):
    """The newest version and so many more stay; the rest is told, the current one never."""
    for number in range(4):
        assert index.add(entry(of=trace(f=number), created=float(number)), trace(f=number)) == (number > 0)
    assert {each.created for each in index.older("module.f", 1)} == {0.0, 1.0}
    index.add(entry(of=trace(f=0), created=0.5), trace(f=0))
    assert [each.created for each in index.older("module.f", 0)] == [3.0, 2.0, 1.0]


def test_cleared_index_gives_room_back(index, entry, trace):
    """The file shrinks when most of what was in it is gone."""
    index.add_all([(entry(number), trace(f=1)) for number in range(3000)])
    index.close()
    before = index.file_size()
    index.clear()
    index.close()
    assert index.file_size() < before / 2


def test_dropped_index_closes(tmp_path):
    """An index that nobody refers to any more leaves no open file behind."""
    index = Index(tmp_path / "index.sqlite3", LeastRecentlyUsed())
    assert len(index) == 0
    (loan,) = index._connections._all
    assert loan.connection is not None
    del index
    gc.collect()
    assert loan.connection is None


def test_survives_close(index, entry, trace):
    """What was added is there after closing; the index opens by itself."""
    index.add(entry(), trace(f=1))
    index.close()
    assert len(index) == 1


def test_complete_once_said(index):
    """A new index is not complete until someone filled it and says so."""
    assert not index.complete
    index.complete_now()
    index.close()
    assert index.complete


def test_write_ahead_log(index):
    """Readers do not wait for writers: the file is in WAL mode."""
    assert len(index) == 0
    connection = sqlite3.connect(index.path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_newer_format_is_left_alone(index, entry, trace, monkeypatch):
    """An index of a newer everfresh is not touched, and the error names the remedy."""
    index.add(entry(), trace(f=1))
    both = (module, schema)
    for each in both:
        monkeypatch.setattr(each, "FORMAT", 7)
    index.complete_now()
    index.close()
    for each in both:
        monkeypatch.setattr(each, "FORMAT", 6)
    with pytest.raises(NewerFormatError, match=r"format 7.*reads 6.*upgrade everfresh"):
        len(index)
    for each in both:
        monkeypatch.setattr(each, "FORMAT", 7)
    assert len(index) == 1


def test_older_format_is_dropped(index, entry, trace, monkeypatch):
    """An index of an older format is emptied, to be rebuilt from the objects."""
    index.add(entry(), trace(f=1))
    index.complete_now()
    index.close()
    newer = schema.FORMAT + 1
    for each in (module, schema):
        monkeypatch.setattr(each, "FORMAT", newer)
    assert len(index) == 0
    assert not index.complete


def test_a_failed_change_changes_nothing(index, entry, trace):
    """Either all of a change is there or none."""
    index.add(entry(1), trace(f=1))
    bad = entry(2)._replace(object=None)
    with pytest.raises(sqlite3.IntegrityError):
        index.add_all([(entry(3), trace(f=1)), (bad, trace(f=1))])
    assert len(index) == 1
    index.add(entry(4), trace(f=1))


def test_unreadable_trace(index, entry, trace):
    """A trace that cannot be read is no trace."""
    index.add(entry(), trace(f=1))
    index._ask("UPDATE traces SET dependencies = ?", (b"\xff" * 9,))
    assert index.trace(trace(f=1).version) is None


def test_threads(index, entry, trace):
    """Threads read and write at once without error, and nothing they add is lost."""
    errors = []

    def work(thread):
        try:
            for number in range(25):
                index.add(entry((thread, number), size=1), trace(f=1))
                assert index.find(entry((thread, number)).key, trace(f=1).version)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (len(index), index.total()) == (150, 150)
