"""Caches as they were written before. Never change one of golden/; add one for each format of objects or index."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from everfresh.errors import NewerFormatError
from everfresh.model import Dependency, Key, Reason, Trace
from everfresh.storage.place import open_cache
from everfresh.storage.schema import FORMAT
from xxhash import xxh3_128_digest

GOLDEN = Path(__file__).parent / "golden"
OLD = sorted(path.name for path in GOLDEN.glob("cache_*"))
TRACE = Trace(xxh3_128_digest(b"version"), (Dependency("helper", xxh3_128_digest(b"1"), "return 1"),))


@pytest.fixture
def opened(tmp_path):
    """Give a function that opens a copy of an old cache, after something was done to the index."""
    caches = []

    def open_copy(name, change=lambda connection: None):
        shutil.copytree(GOLDEN / name, tmp_path / "cache")
        connection = sqlite3.connect(tmp_path / "cache" / "index.sqlite3", isolation_level=None)
        change(connection)
        connection.close()
        caches.append(open_cache(tmp_path / "cache", "gdsf", 10**9))
        return caches[-1]

    yield open_copy
    for each in caches:
        each.close()


def key(number):
    return Key("module.f", b"%d" % number)


def all_hit(cache):
    return [cache.lookup(key(number), TRACE).value for number in range(3)] == [
        {"number": number, "text": "x" * number} for number in range(3)
    ]


@pytest.mark.parametrize("name", OLD)
def test_an_old_cache_answers(opened, name):
    """Every answer of an old cache is a hit, and its index holds them all."""
    cache = opened(name)
    assert len(cache.index) == 3
    assert all_hit(cache)
    assert cache.verify().trouble == 0


@pytest.mark.parametrize("name", OLD)
@pytest.mark.parametrize("number", range(1, FORMAT))
def test_an_older_index_is_rebuilt(opened, name, number):
    """An index of an older format, whatever its tables, is made anew from the objects, and no answer is lost."""

    def older(connection):
        connection.executescript("DROP TABLE traces; ALTER TABLE entries RENAME COLUMN hits TO used_often;")
        connection.execute(f"PRAGMA user_version = {number}")

    cache = opened(name, older)
    assert len(cache.index) == 3
    assert all_hit(cache)


@pytest.mark.parametrize("name", OLD)
def test_a_newer_index_is_left_alone(opened, name):
    """It is neither used nor changed, and the error names the remedy."""
    with pytest.raises(NewerFormatError, match="upgrade everfresh, or set EVERFRESH_DIR"):
        opened(name, lambda connection: connection.execute(f"PRAGMA user_version = {FORMAT + 1}"))


def test_an_object_of_another_format_is_no_answer(opened):
    """It is a miss, and no error."""
    cache = opened(OLD[-1])
    for path in (Path(cache.objects.path)).glob("??/*"):
        data = bytearray(path.read_bytes())
        data[8] += 1
        os.chmod(path, 0o600)
        path.write_bytes(data)
    found = cache.lookup(key(0), TRACE)
    assert isinstance(found, Reason)
    assert (found.kind, "its format is" in found.changes[0].after) == ("damaged", True)


def test_there_is_an_old_cache_of_this_format():
    """Who raises the format of the index adds one."""
    assert any(name.endswith(f"_{FORMAT}") for name in OLD)
