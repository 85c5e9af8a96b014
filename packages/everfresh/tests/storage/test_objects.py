"""What the directory of objects promises beyond the contract of every store."""

from __future__ import annotations

import mmap
import os
import stat

import pytest
from everfresh.storage.objects import MAPPED, MODE, Directory

NAME = bytes(range(16))


@pytest.fixture
def store(tmp_path):
    """Give an empty directory store."""
    return Directory(tmp_path / "objects")


def files(path):
    """Give the paths of all files below."""
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def test_one_file_by_hex_name(store, tmp_path):
    """An object is one file whose path is its name."""
    store.put(NAME, [b"data"])
    assert files(tmp_path) == [os.path.join("objects", "00", "0102030405060708090a0b0c0d0e0f")]


@pytest.mark.skipif(MODE != 0o444, reason="on Windows a read-only file could not be removed")
def test_read_only(store, tmp_path):
    """Nobody writes to an object by accident."""
    store.put(NAME, [b"data"])
    (file,) = (tmp_path / files(tmp_path)[0] for _ in "1")
    assert stat.S_IMODE(file.stat().st_mode) & 0o222 == 0


@pytest.mark.skipif(os.name != "posix", reason="elsewhere mapped files could not be removed")
def test_large_objects_are_mapped(store):
    """From 1 MB on an object is a map of its file; below it is read."""
    store.put(NAME, [bytes(MAPPED)])
    assert isinstance(store.get(NAME), mmap.mmap)
    store.put(NAME, [bytes(MAPPED - 1)])
    assert isinstance(store.get(NAME), bytearray)


def test_nothing_is_visible_before_the_end(store):
    """While an object is being written its name is absent, or is the earlier object."""
    seen = []

    def chunks():
        yield b"half"
        seen.append((store.get(NAME), list(store), store.size(NAME)))
        yield b"whole"

    store.put(NAME, chunks())
    assert seen == [(None, [], None)]


def test_sweep_takes_leftovers_only(store, tmp_path):
    """What a killed writer left goes once it is old enough; objects, and files being written, stay."""
    store.put(NAME, [b"data"])
    leftover = tmp_path / "objects" / "00" / "0102.0123456789abcdef.tmp"
    leftover.write_bytes(b"half")
    os.utime(leftover, (1000, 1000))
    assert store.sweep(before=1000) == 0
    assert store.sweep(before=1001) == 1
    assert list(store) == [NAME]
    assert not leftover.exists()


def test_foreign_files_are_no_objects(store, tmp_path):
    """Files that others put into the folder are neither objects nor leftovers."""
    store.put(NAME, [b"data"])
    (tmp_path / "objects" / "README").write_text("mine")
    (tmp_path / "objects" / "00" / "notes.txt").write_text("mine")
    (tmp_path / "objects" / "zz").write_text("mine")
    assert list(store) == [NAME]
    assert store.sweep(float("inf")) == 0


def test_folder_deleted_meanwhile(store, tmp_path):
    """When someone deletes the folder, objects are absent and the next put makes it again."""
    import shutil

    store.put(NAME, [b"data"])
    shutil.rmtree(tmp_path / "objects")
    assert store.get(NAME) is None
    assert list(store) == []
    store.put(NAME, [b"data"])
    assert bytes(store.get(NAME)) == b"data"
