"""What the directory of objects promises beyond the contract of every store."""

from __future__ import annotations

import errno
import mmap
import os
import stat
import sys

import pytest
from everfresh.storage import mapping, objects
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


posix = pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing is mapped")


@posix
def test_maps_leave_descriptors(store, monkeypatch):
    """However many large results are alive, files can be opened: those that came late are read, not mapped."""
    import resource
    import weakref

    monkeypatch.setattr(mapping, "_living", weakref.WeakSet())  # maps that other tests left alive do not count here
    store.put(NAME, [bytes(MAPPED)])
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (400, before[1]))  # more than other tests have left open
    try:
        alive = [store.get(NAME) for _ in range(120)]
        with open(os.devnull, "rb"):
            kinds = [type(each) for each in alive]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert kinds.count(mmap.mmap) == (120 if sys.version_info >= (3, 13) else 400 // mapping.SHARE)
    assert all(each[:] == bytes(MAPPED) for each in alive[::33])


@posix
def test_maps_that_went_are_not_counted(store):
    """What nobody uses any more makes room for others."""
    store.put(NAME, [bytes(MAPPED)])
    before = len(mapping._living)
    for _ in range(10):
        store.get(NAME)
    assert len(mapping._living) <= before + 1


@posix
@pytest.mark.parametrize("number", [errno.ENODEV, errno.ENOMEM, errno.EMFILE])
def test_what_cannot_be_mapped_is_read(store, monkeypatch, number):
    """Where the file system or the system's limits let nothing be mapped, a large object is read."""

    def refuse(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    store.put(NAME, [b"x" * MAPPED])
    monkeypatch.setattr(mapping.mmap, "mmap", refuse)
    assert store.get(NAME) == bytearray(b"x" * MAPPED)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="room cannot be asked for")
def test_room_that_is_not_there(store, monkeypatch):
    """A disk that has no room for a large object says so at once; one that cannot say is written to all the same."""
    told = []

    def refuse(descriptor, start, size):
        told.append(size)
        raise OSError(numbers[-1], os.strerror(numbers[-1]))

    monkeypatch.setattr(objects.os, "posix_fallocate", refuse)
    numbers = [errno.EOPNOTSUPP]
    assert store.put(NAME, [bytes(MAPPED), b"x"]) == MAPPED + 1
    assert told == [MAPPED + 1]
    numbers.append(errno.ENOSPC)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        store.put(b"\1" * 16, [bytes(MAPPED)])
    assert list(store) == [NAME]
    assert store.sweep(float("inf")) == 0


@posix
def test_durable(tmp_path, monkeypatch):
    """A durable object is on the disk before it has its name, and its name is, before `put` returns."""
    log = []

    def logged(name):
        real = getattr(os, name)
        monkeypatch.setattr(objects.os, name, lambda *args: (log.append(name), real(*args))[1])

    for name in ("fdatasync" if hasattr(os, "fdatasync") else "fsync", "fsync", "replace"):
        logged(name)
    Directory(tmp_path / "objects", durable=True).put(NAME, [b"data"])
    assert [name.replace("fdata", "f") for name in log] == ["fsync", "fsync", "replace", "fsync"]
    log.clear()
    Directory(tmp_path / "objects").put(NAME, [b"data"])
    assert log == ["replace"]


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
