"""Each call to the system of a put or a get fails in turn: never half an object under its name, never a wrong value."""

from __future__ import annotations

import errno
import os

import pytest
from everfresh.errors import DamagedError
from everfresh.model import Key
from everfresh.storage import objects
from everfresh.storage.layers import Compressed, Signed
from everfresh.storage.objects import Directory
from everfresh.storage.serialize import Facts, dumps, loads
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FACTS = Facts(Key("f", b"arguments"), b"version", 1.0, 1.0, b"")
NAME = bytes(range(16))
CALLS = "open write close replace unlink makedirs fstat read stat scandir".split()
CALLS += [name for name in "fsync fdatasync posix_fallocate".split() if hasattr(os, name)]
CAUSES = errno.ENOSPC, errno.EIO, errno.EACCES, errno.EINTR, errno.EMFILE
STORES = {
    "plain": lambda path: Directory(path),
    "durable": lambda path: Directory(path, durable=True),
    "layers": lambda path: Compressed(Signed(Directory(path, mapped=False), bytes(16)), "zlib"),
}
SMALL = [1, "small"]
LARGE = [b"large" * 250_000]


class Faults:
    """Stands in for `os`: the call with the number fails; a write or read gives less than asked where `short`."""

    def __init__(self, fail_at=0, number=errno.EIO, short=0):
        self.calls, self.fail_at, self.number, self.short = 0, fail_at, number, short
        for name in CALLS:
            setattr(self, name, self.failing(name))

    def failing(self, name):
        act = getattr(os, name)

        def called(*args, **kwargs):
            self.calls += 1
            if self.calls != self.fail_at:
                return act(*self.shortened(name, args), **kwargs)
            if name == "close":  # it is closed all the same
                act(*args)
            raise OSError(self.number, os.strerror(self.number))

        return called

    def shortened(self, name, args):
        if self.short and name == "write":
            return args[0], args[1][: max(len(args[1]) // self.short, 1)]
        if self.short and name == "read":
            return args[0], max(args[1] // self.short, 1)
        return args

    def __getattr__(self, name):
        return getattr(os, name)


def work(store, values, faults, monkeypatch):
    """Put and get as a cache would; give what was put without an error. Each value that comes back must be right."""
    done = []
    with monkeypatch.context() as patch:
        patch.setattr(objects, "os", faults)
        for value in values:
            try:
                store.put(NAME, dumps(FACTS, value))
                done.append(value)
                assert found(store) == value
            except OSError as error:
                if error.errno != faults.number:
                    raise
    return done


def found(store):
    """Give the value under the name, None if there is none."""
    buffer = store.get(NAME)
    return None if buffer is None else loads(buffer)[1]


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("number", CAUSES, ids=lambda number: errno.errorcode[number])
def test_each_call_fails_in_turn(kind, number, tmp_path, monkeypatch):
    """Whichever call fails: the name is absent or has one of the values, whole; what was told as put is there."""
    values = [SMALL, LARGE, SMALL]
    counted = Faults()
    work(STORES[kind](tmp_path / "all"), values, counted, monkeypatch)
    assert counted.calls > 15
    for fail_at in range(1, counted.calls + 1):
        store = STORES[kind](tmp_path / str(fail_at))
        done = work(store, values, Faults(fail_at, number), monkeypatch)
        assert len(done) >= len(values) - 1
        assert found(store) in values
        if done[-1:] == values[-1:]:
            assert found(store) == values[-1]
        store.sweep(float("inf"))
        assert list(store) == [NAME]


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("short", [2, 1000, 10**9])
def test_short_writes_and_reads(kind, short, tmp_path, monkeypatch):
    """A system that writes and reads less than asked at a time is asked again."""
    value = [1, "x" * 2000]
    assert work(STORES[kind](tmp_path), [value], Faults(short=short), monkeypatch) == [value]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_file_that_others_harmed(tmp_path, data):
    """Whatever became of the file, what comes back is the value, or damage is told."""
    kind = data.draw(st.sampled_from(list(STORES)))
    store = STORES[kind](tmp_path / kind)
    store.put(NAME, dumps(FACTS, SMALL))
    (path,) = (file for file in (tmp_path / kind).rglob("*") if file.is_file())
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    other = whole[:cut] + data.draw(st.binary(max_size=40)) + whole[cut + data.draw(st.integers(0, 40)) :]
    path.unlink()
    path.write_bytes(other)
    try:
        assert found(store) == SMALL
    except DamagedError:
        pass
