"""Single flight: one computation at a time for one question, among threads, tasks and processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from everfresh import MemoizedGroup
from everfresh.storage.circles import Circles
from everfresh.storage.flight import FAILED, KEPT, flights
from everfresh.storage.locks import Locks

METHODS = multiprocessing.get_all_start_methods()
# The full count is 8 workers with 2,000 calls each over 500 keys: FLIGHT_FULL=1.
WORKERS, CALLS, KEYS = (8, 2000, 500) if os.environ.get("FLIGHT_FULL") else (3, 120, 30)
# What the functions below share with their tests. A global: of a function that states its `version`, what it reaches
# does not count, but what it closes over does.
now = SimpleNamespace()
posix = pytest.mark.skipif(os.name != "posix", reason="processes share no leases on this system")


@pytest.fixture
def flight_program(monkeypatch):
    """The module that the processes run; they must be able to import it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import flight_program

    return flight_program


def executed(log: Path) -> list[int]:
    return sorted(map(int, log.read_text().split()))


@posix
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("writes", ["at once", "background"])
def test_processes_compute_each_answer_once(flight_program, tmp_path, method, writes):
    """However many processes ask at once, however they were started: one execution for each question."""
    context = multiprocessing.get_context(method)
    barrier, wrong, log = context.Barrier(WORKERS), context.Queue(), tmp_path / "log"
    given = (barrier, wrong, str(tmp_path / "cache"), str(log), KEYS, CALLS)
    running = [
        context.Process(target=flight_program.work, args=(*given, seed), kwargs={"writes": writes})
        for seed in range(WORKERS)
    ]
    for each in running:
        each.start()
    assert [wrong.get(timeout=300) for _ in running] == [[]] * WORKERS
    for each in running:
        each.join()
    assert [each.exitcode for each in running] == [0] * WORKERS
    assert executed(log) == list(range(KEYS))


def test_threads_compute_each_answer_once(flight_program, tmp_path):
    """The same for threads."""
    log = tmp_path / "log"
    assert flight_program.in_threads(str(tmp_path / "cache"), str(log), KEYS, CALLS, WORKERS) == []
    assert executed(log) == list(range(KEYS))


OWNER = """
import sys
sys.path.insert(0, {folder!r})
from everfresh import MemoizedGroup

group = MemoizedGroup({cache!r})

@group.memoize(version=1, key=lambda: 0)
def answer():
    print("computing", flush=True)
    sys.stdin.readline()
    return "the owner's"

answer()
"""


@pytest.fixture
def owner(tmp_path):
    """A process that computes `__main__.answer()` until it is sent a line, and a function that asks for the same."""
    script = tmp_path / "owner.py"
    script.write_text(OWNER.format(folder=str(tmp_path), cache=str(tmp_path / "cache")))
    process = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "computing\n"

    def answer():
        return "my own"

    answer.__module__, answer.__qualname__ = "owner", "answer"
    with MemoizedGroup(tmp_path / "cache") as group, process:
        yield process, group.memoize(version=1, key=lambda: 0)(answer)
        process.kill()


@posix
def test_who_waits_gets_the_answer_of_who_computes(owner):
    """The call of another process is waited for, and answers this one."""
    process, answer = owner
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(answer) for _ in range(3)]
        print(file=process.stdin, flush=True)
        assert [each.result() for each in waiting] == ["the owner's"] * 3


@posix
def test_a_lease_ends_with_its_owner(owner):
    """An owner that is killed leaves nobody waiting: one of those who wait computes."""
    process, answer = owner
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(answer) for _ in range(3)]
        os.kill(process.pid, signal.SIGKILL)
        assert [each.result() for each in waiting] == ["my own"] * 3


def test_calls_within_calls_of_the_same_question(group):
    """A call that comes back to its own question computes it, and does not wait for itself."""

    @group.memoize(ignore="depth")
    def f(x, depth=3):
        return x if depth == 0 else f(x, depth - 1)

    assert f(1) == 1


def test_circles_of_threads_are_seen(group):
    """Two threads, each in need of what the other computes, both end."""
    now.both = threading.Barrier(2)

    @group.memoize(version=1, ignore="deep")
    def f(x, deep=True):
        if deep:
            now.both.wait()
            return x + f(1 - x, deep=False)
        return x

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(f, [0, 1])) <= {1, 2}


def circling(folder, barrier, results, x):
    """Ask, while computing, for what the other process computes."""
    now.both = barrier
    with MemoizedGroup(folder) as group:

        @group.memoize(version=1, ignore="deep")
        def f(x, deep=True):
            if deep:
                now.both.wait()
                return x + f(1 - x, deep=False)
            return x

        results.put(f(x))


@posix
@pytest.mark.skipif("fork" not in METHODS, reason="no fork on this system")
def test_circles_of_processes_are_seen(tmp_path):
    """The same for two processes; nothing is left of what they told each other."""
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(2), context.Queue()
    running = [context.Process(target=circling, args=(tmp_path, barrier, results, x)) for x in (0, 1)]
    for each in running:
        each.start()
    assert {results.get(timeout=60) for _ in running} <= {1, 2}
    for each in running:
        each.join()
    assert list(tmp_path.glob("*.waiting/*")) == []


def test_nested_calls_wait_for_one_another(group):
    """Many computations that need one and the same thing compute it once."""
    now.times, now.all = [], threading.Barrier(8)
    now.inner = group.memoize(version=1)(lambda: now.times.append(1))
    outer = group.memoize(version=1)(lambda x: now.all.wait() and now.inner())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(outer, range(8)))
    assert len(now.times) == 1


@pytest.mark.parametrize("where", ["function", "group"])
def test_single_flight_can_be_left_out(tmp_path, where):
    """single_flight=False: equal calls run side by side (else neither would get past the barrier)."""
    now.both = threading.Barrier(2, timeout=60)
    of = {"single_flight": False}
    group = MemoizedGroup(tmp_path, **of if where == "group" else {})
    f = group.memoize(version=1, **of if where == "function" else {})(lambda: now.both.wait() * 0)
    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(f), pool.submit(f)]] == [0, 0]


def test_who_waited_for_a_failure_tries_for_himself(group):
    """An exception is not shared: each call meets its own, and they do not wait for one another any longer."""
    now.begun, now.go, now.both = threading.Event(), threading.Event(), threading.Barrier(2, timeout=60)
    now.first = True

    @group.memoize(version=1)
    def f():
        if now.first:
            now.first = False
            now.begun.set()
            now.go.wait()
            raise ValueError
        return now.both.wait() * 0

    with ThreadPoolExecutor(3) as pool:
        leader = pool.submit(f)
        now.begun.wait()
        others = [pool.submit(f), pool.submit(f)]
        waiting_in(group, 2)
        now.go.set()
        with pytest.raises(ValueError):
            leader.result()
        assert [each.result() for each in others] == [0, 0]


def waiting_in(group, count):
    """Go on when so many calls wait for a lease of this process."""
    while sum(len(lease._listeners) for lease in list(group.flights._running.values())) < count:
        os.sched_yield() if hasattr(os, "sched_yield") else None


def test_an_interrupted_owner_hands_on(group):
    """Cancelled halfway, a computation is taken up by one of those who wait, while the others go on waiting."""
    now.times = []

    async def main():
        now.started = asyncio.Event()

        @group.memoize(version=1)
        async def f():
            now.times.append(1)
            now.started.set()
            await asyncio.sleep(3600 if len(now.times) == 1 else 0)
            return "answer"

        first = asyncio.create_task(f())
        await now.started.wait()
        others = [asyncio.create_task(f()) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        return await asyncio.gather(*others)

    assert asyncio.run(main()) == ["answer"] * 3
    assert len(now.times) == 2


def test_tasks_compute_each_answer_once(group):
    """Tasks of one event loop wait without blocking it: else the one that computes would never go on."""
    now.times = []

    @group.memoize(version=1)
    async def f(x):
        now.times.append(x)
        await asyncio.sleep(0)
        return x

    async def main():
        return await asyncio.gather(*(f(n % 2) for n in range(10)))

    assert asyncio.run(main()) == [0, 1] * 5
    assert sorted(now.times) == [0, 1]


def test_tasks_of_a_call_belong_to_it(group):
    """A task that a memoized coroutine starts and awaits may ask its question: it is no stranger."""

    @group.memoize(version=1, ignore="deep")
    async def f(x, deep=True):
        return await asyncio.create_task(f(x, deep=False)) if deep else x

    assert asyncio.run(f(1)) == 1


@posix
def test_tasks_wait_for_other_processes(owner, tmp_path):
    """While another process computes, the loop goes on."""
    process, _ = owner

    async def waits():
        return "my own"

    waits.__module__, waits.__qualname__ = "owner", "answer"
    group = MemoizedGroup(tmp_path / "cache")
    f = group.memoize(version=1, key=lambda: 0)(waits)

    async def main():
        waiting = asyncio.create_task(f())
        await asyncio.sleep(0)
        print(file=process.stdin, flush=True)
        return await waiting

    assert asyncio.run(main()) == "the owner's"


def test_nobody_waits_for_generators(group):
    """A generator ends when its consumer pleases; two of them run side by side."""
    f = group.memoize(lambda: (yield from range(3)))
    assert list(zip(f(), f(), strict=True)) == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_forked_in_a_call_may_ask_the_same(group):
    """It goes by its parent's lease, though the parent waits for it."""

    @group.memoize(version=1, ignore="deep")
    def f(x, deep=True):
        if not deep:
            return x
        child = os.fork()
        if child == 0:
            os._exit(f(x, deep=False))
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert f(7) == 7


def test_hits_ask_nobody(group, monkeypatch):
    """A hit takes no lease and looks at no lock."""
    f = group.memoize(len)
    f("abc")
    monkeypatch.setattr("everfresh.storage.flight.Flights.take", None)
    assert f("abc") == 3


@posix
def test_files_of_leases_are_not_the_calls(group, events):
    """What single flight reads and writes is no dependency of a call around it."""
    inner = group.memoize(lambda: 1)
    outer = group.memoize(lambda: inner())
    outer(), outer()
    assert events.names == "Miss Miss Stored Stored Hit"


def test_locks_that_cannot_be_had_are_granted(tmp_path):
    """Without a file to lock, everything goes on as without single flight among processes."""
    locks = Locks(str(tmp_path / "missing" / "file"))
    assert locks.take(b"name" * 4)
    assert locks.take(b"name" * 4, wait=True)
    assert not locks.taken(b"name" * 4)
    locks.mark(b"name" * 4)
    locks.free(b"name" * 4)


@posix
def test_dead_edges_are_removed(tmp_path):
    """What a killed process wrote down is not believed."""
    circles = Circles(str(tmp_path / "waiting"), Locks(str(tmp_path / "file")))
    (tmp_path / "waiting").mkdir()
    (tmp_path / "waiting" / ("ab" * 16 + "cd" * 16 + "0000")).touch()
    assert circles.edges() == []
    assert list((tmp_path / "waiting").iterdir()) == []


def test_one_object_for_one_index(tmp_path):
    """Two groups of one folder share leases; an owner who gave up leaves a mark for other processes."""
    mine = flights(str(tmp_path / "index"))
    assert flights(str(tmp_path / "." / "index")) is mine
    before = mine.locks.marked(b"n" * 16)
    mine.take(b"n" * 16).end(KEPT)
    assert mine.locks.marked(b"n" * 16) == before
    mine.take(b"n" * 16).end(FAILED)
    assert mine.locks.marked(b"n" * 16) != before or os.name != "posix"
