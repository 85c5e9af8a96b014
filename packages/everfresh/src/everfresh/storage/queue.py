"""Answers on their way to a cache: one queue for all groups of this process that use it, and a thread that writes.

Written out at the latest when the interpreter ends (by an exception, too), before a fork, and when a process of
multiprocessing ends. `os._exit` and a killed process lose what is still waiting; the next call computes it again.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref

from everfresh_callgraph.record import record

from everfresh.storage.connections import living  # whose fork hooks are registered first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from everfresh.model import Entry
    from everfresh.storage.prepared import Prepared

    Keep = Callable[[Prepared], Entry | None]
    # Called with the entry when it stands in the cache, with None if it was refused, and with what went wrong.
    Then = Callable[[Entry | None, Exception | None], object]

# So many bytes may wait. Whoever comes then writes first.
MOST = 64 << 20
# So long the thread waits for more before it ends, in seconds.
IDLE = 5.0


@record
class Waiting:
    """An answer written out, in one piece of memory that nobody else uses; who keeps it, and who wants to know then."""

    prepared: Prepared
    data: bytes
    keep: Keep
    then: Then
    soon: bool


class Queue:
    """What one cache has yet to keep."""

    def __init__(self) -> None:
        self._start()
        _everywhere.add(self)

    def _start(self) -> None:
        self.waiting: dict[bytes, Waiting] = {}
        self._size = 0
        self._guard = threading.Lock()
        # Re-entrant: who listens to what is kept may fork, commit, or call what is memoized.
        self._writing = threading.RLock()
        self._news = threading.Semaphore(0)
        self._thread = False

    def put(self, waiting: Waiting) -> None:
        """Keep an answer soon, or at the next commit."""
        self._add(waiting)
        if self._size > MOST or (waiting.soon and not self._call_thread()):
            self.flush()

    def flush(self, soon: bool = False) -> None:
        """Write all that is waiting now, or what is not to wait for a commit."""
        with self._writing:
            for name, waiting in list(self.waiting.items()):
                # What is not there any more was written meanwhile, by a listener who committed.
                if waiting.soon >= soon and self.waiting.get(name) is waiting:
                    prepared = waiting.prepared._replace(chunks=[waiting.data])  # type: ignore[attr-defined]
                    write(waiting.keep, prepared, waiting.then, lambda: self._drop(name, waiting))  # noqa: B023  (called at once)

    def _add(self, waiting: Waiting) -> None:
        _install()
        name = waiting.prepared.entry.object
        with self._guard:
            self._forget(name)
            self.waiting[name] = waiting
            self._size += len(waiting.data)
            _busy.add(self)

    def _drop(self, name: bytes, waiting: Waiting) -> None:
        with self._guard:
            if self.waiting.get(name) is waiting:
                self._forget(name)
            if not self.waiting:
                _busy.discard(self)

    def _forget(self, name: bytes) -> None:
        gone = self.waiting.pop(name, None)
        self._size -= len(gone.data) if gone else 0

    def _call_thread(self) -> bool:
        """Wake the thread, or start one. False where none can be started: the interpreter is about to end."""
        with self._guard:
            self._news.release()
            if not self._thread:
                try:
                    threading.Thread(target=_work, args=(weakref.ref(self), self._news), daemon=True).start()
                except RuntimeError:
                    return False
                self._thread = True
            return True

    def idle(self) -> bool:
        """Whether nothing is to be done soon; then the thread ends."""
        with self._guard:
            self._thread = any(waiting.soon for waiting in self.waiting.values())
            return not self._thread

    def before_fork(self) -> None:
        self.flush()
        self._writing.acquire()
        self._guard.acquire()

    def after_fork_in_parent(self) -> None:
        self._guard.release()
        self._writing.release()

    def after_fork_in_child(self) -> None:
        # Whatever still waits, after a fork that asked nobody before, is the parent's to write.
        self._start()


def write(keep: Keep, prepared: Prepared, then: Then, written: Callable[[], object] = bool) -> None:
    """Keep an answer now, and tell who waits for it."""
    entry, problem = None, None
    try:
        entry = keep(prepared)
    except Exception as error:  # full disk, no permission ...: told by whoever waits for it
        problem = error
    written()
    try:
        then(entry, problem)
    except Exception:  # a warning that is an error: it must not stop the others from being written
        pass


def queue_of(index: str) -> Queue:
    """The queue of the cache with this index: one in a process, however many groups use the folder."""
    path = os.path.realpath(index)
    with _knowing:
        found = _known.get(path)
        if found is None:
            found = _known[path] = Queue()
        return found


def _work(where: weakref.ref[Queue], news: threading.Semaphore) -> None:
    """What the thread does. It does not keep alive a queue that nobody uses any more."""
    while True:
        came = news.acquire(timeout=IDLE)
        queue = where()
        if queue is None:
            return
        queue.flush(soon=True)
        if not came and queue.idle():
            return
        del queue


def flush_all() -> None:
    """Write all that is waiting, of all caches."""
    for queue in list(_busy):
        queue.flush()


_everywhere: weakref.WeakSet[Queue] = weakref.WeakSet()
_known: weakref.WeakValueDictionary[str, Queue] = weakref.WeakValueDictionary()
_knowing = threading.Lock()
# Those that have something waiting, lest it goes when the last reference to its group does.
_busy: set[Queue] = set()
_installed = 0


def _install() -> None:
    """See to it that nothing is lost when this process ends."""
    global _installed
    if _installed == os.getpid():
        return
    _installed = os.getpid()
    atexit.register(flush_all)
    _chain_excepthook()
    # The processes of multiprocessing end by os._exit, but do this first.
    if util := sys.modules.get("multiprocessing.util"):
        util.Finalize(None, flush_all, exitpriority=100)


def _chain_excepthook() -> None:
    """Write first, then do what was done before, which may end the process at once."""
    before = sys.excepthook

    def hook(*error: Any) -> None:
        try:
            flush_all()
        finally:
            before(*error)

    sys.excepthook = hook


_forking: list[Queue] = []
_one_fork = threading.RLock()


def _before_fork() -> None:
    _one_fork.acquire()
    _forking[:] = living(_everywhere)
    for queue in _forking:
        queue.before_fork()


def _after_fork_in_parent() -> None:
    while _forking:
        _forking.pop().after_fork_in_parent()
    _one_fork.release()


def _after_fork_in_child() -> None:
    global _one_fork, _knowing
    _one_fork, _knowing = threading.RLock(), threading.Lock()
    _forking.clear()
    _busy.clear()
    for queue in list(_everywhere):
        queue.after_fork_in_child()


# Hooks before a fork run in reverse, so these run before those of `connections`, which close what writing needs.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
