"""Keys, traces and caches for the tests of the storage room."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import textwrap

import pytest
from everfresh.model import Dependency, Key, Trace
from everfresh.storage import beside, index, objects, place, schema
from everfresh.storage import cache as cache_module
from everfresh.storage.place import open_cache
from xxhash import xxh3_128_digest

MB = 1 << 20


def _digest(text):
    return xxh3_128_digest(repr(text).encode())


def _trace(**dependencies):
    """Give the trace of dependencies by name: what they are is their text and their digest."""
    known = tuple(Dependency(name, _digest(text), str(text)) for name, text in dependencies.items())
    return Trace(_digest(known), known)


@pytest.fixture
def key():
    """Give a function that makes the key of f(argument)."""
    return lambda argument=1, function="module.f": Key(function, _digest(argument))


@pytest.fixture
def trace():
    """Give a function that makes traces: trace(helper="return 1")."""
    return _trace


@pytest.fixture
def cache(tmp_path):
    """Give an empty cache in a folder."""
    cache = open_cache(tmp_path / "cache", "gdsf", 64 * MB)
    yield cache
    cache.close()


@pytest.fixture
def reopened(cache, tmp_path):
    """Give a function that opens the folder of `cache` as another process would, given what to do while it is shut."""
    opened = []

    def reopen(meanwhile=lambda: None, policy="gdsf", size=64 * MB):
        cache.close()
        meanwhile()
        opened.append(open_cache(tmp_path / "cache", policy, size))
        return opened[-1]

    yield reopen
    for each in opened:
        each.close()


@pytest.fixture
def object_file(cache):
    """Give a function that gives the path of an entry's object."""
    return lambda entry: os.path.join(cache.objects.path, entry.object.hex()[:2], entry.object.hex()[2:])


@pytest.fixture
def damage(object_file):
    """Give a function that changes one byte of an entry's object."""

    def harm(entry, position=-1):
        with open(object_file(entry), "rb") as file:
            data = bytearray(file.read())
        data[position] ^= 1
        os.unlink(object_file(entry))
        with open(object_file(entry), "wb") as file:
            file.write(data)

    return harm


COMMON = """
import os, signal, sys
from xxhash import xxh3_128_digest
from everfresh.model import Dependency, Found, Key, Reason, Trace
from everfresh.storage.place import open_cache
trace = Trace(b"v", (Dependency("helper", b"h", "return 1"),))
key = lambda n: Key("f", b"%d" % n)
cache = open_cache(sys.argv[1], "lru", int(sys.argv[2]))
"""


@pytest.fixture
def process(tmp_path):
    """Give a function that starts Python on a script with `cache`, `key(n)` and `trace` at hand."""

    def start(script, size=64 * MB, more=()):
        code = COMMON + textwrap.dedent(script)
        arguments = [sys.executable, "-W", "error", "-c", code, str(tmp_path / "cache"), str(size), *more]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture
def run(process):
    """Give a function that runs such a script to its end and gives what it printed."""

    def ran(script, code=0):
        child = process(script)
        printed, errors = child.communicate(timeout=120)
        assert child.returncode == code, errors
        return printed.strip()

    return ran


SQLITE_CODES = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EIO: sqlite3.SQLITE_IOERR,
    errno.EACCES: sqlite3.SQLITE_READONLY,
}


class Killed(BaseException):
    """Nobody catches it: what a process looks like that goes no further."""


class Faults:
    """While it is entered, counts the calls to the system in the storage room, and lets the one with a number fail."""

    calls_of_os = tuple("open write close replace unlink makedirs stat fstat read scandir listdir walk".split())
    calls_of_sqlite = ("execute", "executemany", "executescript")

    def __init__(self, fail_at=None, number=errno.EIO):
        """`number` is the cause, None a kill: then no later call does anything either."""
        self.calls, self.fail_at, self.number = 0, fail_at, number

    def __enter__(self):
        self.patch = pytest.MonkeyPatch()
        for module in (beside, cache_module, index, objects, place, schema):
            self.patch.setattr(module, "os", StandsIn(os, self, self.calls_of_os, self.os_error))
        self.patch.setattr(schema, "sqlite3", StandsIn(sqlite3, self, (), None, connect=self.connect))
        return self

    def __exit__(self, kind, *_):
        self.patch.undo()
        return kind is Killed

    def due(self):
        self.calls += 1
        if self.number is None and self.fail_at is not None:
            return self.calls >= self.fail_at
        return self.calls == self.fail_at

    def os_error(self):
        return OSError(self.number, os.strerror(self.number)) if self.number else Killed()

    def sqlite_error(self):
        if not self.number:
            return Killed()
        error = sqlite3.OperationalError(os.strerror(self.number))
        error.sqlite_errorcode = SQLITE_CODES[self.number]
        return error

    def connect(self, *args, **kwargs):
        if self.due():
            raise self.sqlite_error()
        return StandsIn(sqlite3.connect(*args, **kwargs), self, self.calls_of_sqlite, self.sqlite_error)


class StandsIn:
    """A module or a connection some of whose calls may fail."""

    def __init__(self, real, faults, names, error, **others):
        self.real = real
        for name in names:
            setattr(self, name, self.wrapped(faults, getattr(real, name), error))
        vars(self).update(others)

    def wrapped(self, faults, act, error):
        def called(*args, **kwargs):
            if faults.due():
                raise error()
            return act(*args, **kwargs)

        return called

    def __getattr__(self, name):
        return getattr(self.real, name)


@pytest.fixture
def faulty():
    """Give the class of faults: `with faulty(fail_at=7, number=errno.EIO):`."""
    return Faults
