"""Keys, traces and caches for the tests of the storage room."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from everfresh.model import Dependency, Key, Trace
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

    def start(script, size=64 * MB):
        code = COMMON + textwrap.dedent(script)
        arguments = [sys.executable, "-W", "error", "-c", code, str(tmp_path / "cache"), str(size)]
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
