"""One computation at a time for one question, among the threads and processes that share a cache (single flight).

Who computes holds a lease: within the process an entry of a table, among processes a lock that the system gives back
when its owner dies. Others wait until the lease ends, and then look again. Nobody waits who would wait for himself: a
call within a call of the same question, or one of a circle, is computed twice rather than never.
"""

from __future__ import annotations

import os
import threading
import weakref
from _thread import get_ident
from contextvars import ContextVar

from everfresh.storage.circles import Circles, leads
from everfresh.storage.locks import Locks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable, Generator
    from typing import Protocol, TypeAlias

    class Waiting(Protocol):
        """Something that will end."""

        def block(self) -> bool:
            """Wait for it; False if it can be seen that this would never end."""

        async def passed(self) -> bool:
            """Wait for it without blocking the event loop."""

    Steps: TypeAlias = "Generator[Waiting, bool, Lease | None]"

# How a lease ended: with an answer that is there to be found; without one (an exception, an answer that cannot be
# kept), so that there is no use in waiting for one another; or broken off before anything could be known.
KEPT, FAILED, BROKEN_OFF = "kept", "failed", "broken off"
# How often an event loop asks for a lock that another process has, in seconds: at first, at last.
SOON, LATE = 0.001, 0.05


class Lease:
    """The right to compute one name. `end` it."""

    __slots__ = ("_flights", "_listeners", "name", "outcome", "thread")

    def __init__(self, flights: Flights, name: bytes) -> None:
        self._flights, self.name = flights, name
        self.outcome = ""
        self.thread = get_ident()
        self._listeners: list[Callable[[], object]] = []

    def end(self, outcome: str, unlock: bool = True) -> None:
        """Let others go on. Without `unlock` those of other processes wait until that is called, too."""
        self.outcome = outcome
        _held.set(tuple(lease for lease in _held.get() if lease is not self))
        if unlock:
            if outcome == FAILED:
                self._flights.locks.mark(self.name)
            self.unlock()
        for listener in self._flights.forget(self):
            listener()

    def unlock(self) -> None:
        """Let other processes go on."""
        self._flights.locks.free(self.name)

    def then(self, listener: Callable[[], object]) -> None:
        """Call the listener when the lease has ended, at once if it has."""
        if not self._flights.listen(self, listener):
            listener()

    def block(self) -> bool:
        ended = threading.Lock()
        ended.acquire()
        self.then(ended.release)
        ended.acquire()
        return True

    async def passed(self) -> bool:
        from asyncio import get_running_loop

        loop = get_running_loop()
        ended: Future[None] = loop.create_future()
        self.then(lambda: _wake(loop, ended))
        await ended
        return True


def _wake(loop: AbstractEventLoop, ended: Future[None]) -> None:
    try:
        loop.call_soon_threadsafe(_set, ended)
    except RuntimeError:
        pass  # the loop is closed, and who waited in it is gone


def _set(ended: Future[None]) -> None:
    if not ended.done():  # cancelled
        ended.set_result(None)


class Locked:
    """A lock that another process has."""

    def __init__(self, locks: Locks, name: bytes) -> None:
        self.locks, self.name = locks, name

    def block(self) -> bool:
        return self.locks.take(self.name, wait=True)

    async def passed(self) -> bool:
        from asyncio import sleep

        pause = SOON
        while not self.locks.take(self.name):
            await sleep(pause)
            pause = min(2 * pause, LATE)
        return True


def _hold(lease: Lease | None) -> Lease | None:
    if lease is not None:
        _held.set((*_held.get(), lease))
    return lease


# The leases that what runs here holds, with those of its callers. Tasks and `asyncio.to_thread` inherit them.
_held: ContextVar[tuple[Lease, ...]] = ContextVar("everfresh_held", default=())


class Flights:
    """What this process computes for one cache; get it by `flights`."""

    def __init__(self, path: str) -> None:
        self.locks = Locks(f"{path}.flights")
        self.circles = Circles(f"{path}.waiting", self.locks)
        self._running: dict[bytes, Lease] = {}
        self._guard = threading.Lock()
        _everywhere.add(self)

    def take(self, name: bytes) -> Lease | None:
        """Wait until nobody computes the name. None: look whether it is there, and else compute it without a lease."""
        steps, passed = self._steps(name, get_ident()), None
        try:
            while True:
                passed = steps.send(passed).block()  # type: ignore[arg-type]
        except StopIteration as end:
            return _hold(end.value)
        finally:
            steps.close()

    async def taken(self, name: bytes) -> Lease | None:
        """Like `take`, without blocking the event loop."""
        steps, passed = self._steps(name, 0), None
        try:
            while True:
                passed = await steps.send(passed).passed()  # type: ignore[arg-type]
        except StopIteration as end:
            return _hold(end.value)
        finally:
            steps.close()

    def _steps(self, name: bytes, blocked: int) -> Steps:
        """What both do: yield what is to be waited for, and be sent whether that came to an end.

        `blocked` is the thread that stands still meanwhile, with all that it has begun.
        """
        while name not in [lease.name for lease in _held.get()]:
            lease, mine = self._begin(name)
            if mine:
                return (yield from self._lock(lease, blocked))
            if lease.thread == blocked or not (yield from self._wait(name, lease, blocked)):
                break
            if lease.outcome != BROKEN_OFF:
                break
        return None

    def _lock(self, lease: Lease, blocked: int) -> Steps:
        """Have the lease among processes, too."""
        name, locks = lease.name, self.locks
        if locks.take(name):
            return lease
        before, passed = locks.marked(name), False
        try:
            passed = yield from self._wait(name, Locked(locks, name), blocked)
        except BaseException:
            lease.end(BROKEN_OFF, unlock=False)
            raise
        if passed and locks.marked(name) == before:
            return lease
        if passed:
            lease.unlock()
        lease.end(FAILED, unlock=False)
        return None

    def _wait(self, name: bytes, other: Waiting, blocked: int) -> Generator[Waiting, bool, bool]:
        """Wait, unless that waits for something that stands still meanwhile."""
        still = self._still(blocked) - {name}
        if not still:
            return (yield other)
        edges, token = [(one, name) for one in still], os.urandom(4).hex()
        self.circles.add(edges, token)
        try:
            return not leads(self.circles.edges(), name, still) and (yield other)
        finally:
            self.circles.remove(edges, token)

    def _still(self, blocked: int) -> set[bytes]:
        """What goes on only after the wait: the callers, and what the blocked thread has begun."""
        with self._guard:
            begun = {name for name, lease in self._running.items() if lease.thread == blocked}
        return begun | {lease.name for lease in _held.get()}

    def _begin(self, name: bytes) -> tuple[Lease, bool]:
        """The lease of the name within this process, and whether it is a new one."""
        with self._guard:
            lease = self._running.get(name)
            if lease is not None:
                return lease, False
            lease = self._running[name] = Lease(self, name)
            return lease, True

    def forget(self, lease: Lease) -> list[Callable[[], object]]:
        """The lease has ended; gives who listens."""
        with self._guard:
            if self._running.get(lease.name) is lease:
                del self._running[lease.name]
            listeners, lease._listeners = lease._listeners, []
        return listeners

    def listen(self, lease: Lease, listener: Callable[[], object]) -> bool:
        with self._guard:
            if lease.outcome:
                return False
            lease._listeners.append(listener)
        return True

    def after_fork_in_child(self) -> None:
        """The threads that computed are the parent's."""
        self._guard = threading.Lock()
        self._running = {}


_everywhere: weakref.WeakSet[Flights] = weakref.WeakSet()
_known: weakref.WeakValueDictionary[str, Flights] = weakref.WeakValueDictionary()
_knowing = threading.Lock()


def flights(index: str) -> Flights:
    """The flights of the cache with this index, beside which their files are; one object in a process.

    An index is always on a disk of this machine, where locks can be relied on.
    """
    path = os.path.realpath(index)
    with _knowing:
        found = _known.get(path)
        if found is None:
            found = _known[path] = Flights(path)
        return found


def _after_fork_in_child() -> None:
    global _knowing
    _knowing = threading.Lock()
    for each in list(_everywhere):
        each.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
