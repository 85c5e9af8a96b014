"""One cache, several processes: killed, forked, at once."""

from __future__ import annotations

import os
import signal
import threading
from importlib.util import find_spec

import pytest
from everfresh.model import Dependency, Key, Reason, Trace

TRACE = Trace(b"v", (Dependency("helper", b"h", "return 1"),))
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

DIES = """
def die():
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    yield b""
"""
KILLED = -signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM


def key(number):
    """Give the key that the processes use."""
    return Key("f", b"%d" % number)


def test_one_writes_another_reads(run, cache):
    """What one process recorded another finds."""
    run("cache.record(key(1), trace, [1, 2], 0.5); cache.close()")
    assert cache.lookup(key(1), TRACE).value == [1, 2]
    cache.record(key(2), TRACE, "two", 0.5)
    assert run("print(cache.lookup(key(2), trace).value); cache.close()") == "two"


SHARE = """
import random
order = [n % 40 for n in range(200)]
random.Random(sys.argv[0]).shuffle(order)
wrong = 0
for n in order:
    found = cache.lookup(key(n), trace)
    if isinstance(found, Reason):
        assert found.kind in ("absent", "lost"), found
        cache.record(key(n), trace, [n] * 1000, 0.1)
    else:
        wrong += found.value != [n] * 1000
    if n == 13:
        cache.forget(key(n))
cache.close()
print(wrong)
"""


@pytest.mark.parametrize("size", [64 << 20, 60_000], ids=["roomy", "evicting"])
def test_processes_at_once(process, cache, size):
    """Processes that record, look up, forget and evict at once see no error and no wrong value."""
    children = [process(SHARE, size) for _ in range(4)]
    for child in children:
        printed, errors = child.communicate(timeout=120)
        assert (printed.strip(), errors, child.returncode) == ("0", "", 0)
    for number in range(40):
        cache.lookup(key(number), TRACE)  # an object that one removed while another entered it is lost until looked up
    assert cache.index.total() == sum(map(cache.objects.size, cache.objects))


def test_opening_at_once(process, tmp_path):
    """Processes that make the same cache at the same time all succeed."""
    children = [process(f"cache.record(key({n}), trace, {n}, 0.1); cache.close()") for n in range(6)]
    for child in children:
        _, errors = child.communicate(timeout=120)
        assert (child.returncode, errors) == (0, "")


def test_killed_while_writing(run, cache):
    """A writer killed halfway through an object leaves nothing to see; what is left can be collected."""
    name = b"0123456789abcdef"
    script = f"""
from itertools import chain
from everfresh.storage.objects import Directory
Directory(cache.objects.path).put({name!r}, chain([b"half"], die()))
"""
    run(DIES + script, code=KILLED)
    assert list(cache.objects) == []
    assert cache.objects.get(name) is None
    assert cache.collect() == 0
    assert cache.collect(grace=-1) == 1


def test_killed_between_object_and_entry(run, cache):
    """A writer killed after its object and before its entry leaves an orphan, which is a hit."""
    run(DIES + "cache.index.add = lambda *_: next(die()); cache.record(key(1), trace, 'value', 0.5)", code=KILLED)
    assert len(cache.index) == 0
    assert cache.lookup(key(1), TRACE).value == "value"
    cache.commit()
    assert len(cache.index) == 1


def test_killed_while_evicting(run, cache):
    """A process killed between removing objects and entries leaves misses that say `lost`, and right totals after."""
    cache.record(key(1), TRACE, "value", 0.5)
    run(DIES + "cache.index.remove = lambda *_: next(die()); cache.clear()", code=KILLED)
    assert cache.lookup(key(1), TRACE) == Reason("lost")
    assert cache.index.total() == 0


def test_killed_while_rebuilding(run, cache, reopened):
    """A process killed while it rebuilds the index leaves the work to the next."""
    for number in range(3):
        cache.record(key(number), TRACE, number, 0.5)
    cache.close()
    dies = """
import everfresh.storage.index as index
from everfresh.storage.place import open_cache
index.Index.complete_now = lambda *_: next(die())
"""
    run(f"{DIES}{dies}cache.close(); os.unlink(cache.index.path); open_cache(sys.argv[1], 'lru', 1000)", code=KILLED)
    assert not cache.index.complete
    again = reopened()
    assert again.index.complete
    assert len(again.index) == 3


@needs_fork
def test_fork(cache):
    """A forked child uses the cache with connections of its own, and the parent goes on."""
    cache.record(key(1), TRACE, "parent", 0.5)
    cache.lookup(key(1), TRACE)
    child = os.fork()
    if child == 0:
        try:
            found = cache.lookup(key(1), TRACE)
            cache.record(key(2), TRACE, "child", 0.5)
            cache.close()
            os._exit(0 if found.value == "parent" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert cache.lookup(key(2), TRACE).value == "child"
    cache.record(key(3), TRACE, "parent again", 0.5)
    cache.commit()
    assert cache.index.find(key(1), b"v").hits == 2  # one in the parent, one in the child, none twice
    assert cache.index.total() == sum(map(cache.objects.size, cache.objects))


def _target(descriptor):
    """Give the path of an open file, nothing where there is none."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="nowhere to see which files are open")
def test_fork_closes_connections(cache):
    """No connection is open while the process forks: SQLite's locks do not pass to the child."""
    cache.record(key(1), TRACE, "value", 0.5)
    child = os.fork()
    if child == 0:
        os._exit(sum(cache.index.path in _target(fd) for fd in range(3, 100)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@needs_fork
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_fork_while_threads_work(cache):
    """Forking waits for threads that are inside the index; child and threads go on."""
    done = threading.Event()
    errors = []

    def work(thread):
        number = 0
        try:
            while not done.is_set():
                number += 1
                cache.record(key(1000 * thread + number % 50), TRACE, number, 0.1)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    codes = []
    for number in range(10):
        child = os.fork()
        if child == 0:
            try:
                cache.record(key(number), TRACE, "child", 0.1)
                os._exit(0)
            finally:
                os._exit(2)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert codes == [0] * 10
    assert [cache.lookup(key(number), TRACE).value for number in range(10)] == ["child"] * 10


def test_main_is_pickled_by_reference(run, cache):
    """A class of a program without a file is that of each program that has it; for others a copy, or damage."""
    script = "class Point: pass\n"
    run(f"{script}cache.record(key(1), trace, Point(), 0.5); cache.close()")
    assert run(f"{script}print(type(cache.lookup(key(1), trace).value).__name__); cache.close()") == "Point"
    found = cache.lookup(key(1), TRACE)
    if find_spec("cloudpickle"):
        assert type(found.value).__name__ == "Point"
    else:
        assert found.kind == "damaged"
