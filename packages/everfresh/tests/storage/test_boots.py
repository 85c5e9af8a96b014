"""After the machine ended, what was kept shortly before is read whole."""

from __future__ import annotations

import os

import numpy
import pytest
from everfresh.errors import DamagedError
from everfresh.model import Key
from everfresh.storage import boots
from everfresh.storage.boots import NONE, WINDOW, doubts
from everfresh.storage.objects import Directory
from everfresh.storage.serialize import Facts, dumps, loads

NAME = bytes(range(16))


@pytest.fixture
def boot(tmp_path, monkeypatch):
    """Give a function that starts the machine anew."""
    monkeypatch.setattr(boots, "BOOT", str(tmp_path / "boot_id"))
    return lambda name: (tmp_path / "boot_id").write_text(f"{name}\n")


@pytest.fixture
def folder(tmp_path):
    """Give a folder of objects with one that was written at 10,000 seconds."""
    Directory(tmp_path / "cache").put(NAME, [b"data"])
    os.utime(tmp_path / "cache" / "00", (10_000, 10_000))
    return str(tmp_path / "cache")


def opened(folder):
    return doubts(folder)


def test_what_was_kept_shortly_before_is_doubted(folder, boot):
    """From two minutes before the last write until now."""
    boot("first")
    found = opened(folder)
    assert [found(10_000 - WINDOW + more) for more in (-1, 1, WINDOW, 10**5)] == [False, True, True, True]
    assert not found(10**10)


def test_all_of_one_start_doubt_the_same(folder, boot):
    """What the first one noted holds for all that come later, though much was written meanwhile."""
    boot("first")
    found = opened(folder)
    Directory(folder).put(NAME, [b"new"])
    assert opened(folder) == found
    boot("second")
    assert opened(folder).since > found.since
    assert [name for name in os.listdir(folder) if name.startswith("boot-")] == ["boot-second"]


def test_a_new_cache_has_no_doubts(tmp_path, boot):
    """Where nothing was kept, nothing is doubted; nor where one start cannot be told from another."""
    (tmp_path / "cache").mkdir()
    assert opened(str(tmp_path / "cache")) == NONE
    boot("first")
    assert not opened(str(tmp_path / "cache"))(1e9)


def test_a_note_that_is_damaged_or_cannot_be_written(folder, boot, monkeypatch):
    """Without the note of the first one, each finds out for itself."""
    boot("first")
    found = opened(folder)
    with open(f"{folder}/boot-first", "wb"):
        pass
    assert opened(folder).since == found.since
    os.unlink(f"{folder}/boot-first")
    monkeypatch.setattr(boots, "open", _refuse, raising=False)
    monkeypatch.setattr(boots, "_content", lambda path: b"first" if path == boots.BOOT else b"")
    assert opened(folder).since == found.since


def _refuse(*args):
    raise PermissionError


def test_doubted_objects_are_read_whole():
    """A buffer that did not reach the disk is noticed where the time of the object is doubted."""
    data = bytearray(b"".join(dumps(Facts(Key("f", b""), b"", 1.0, 500.0, b""), numpy.ones(1000))))
    data[-1] ^= 1
    assert loads(data)[1].shape == (1000,)
    assert loads(data, boots.Doubts(0.0, 500.0))[1].shape == (1000,)
    with pytest.raises(DamagedError, match="buffer"):
        loads(data, boots.Doubts(0.0, 501.0))
