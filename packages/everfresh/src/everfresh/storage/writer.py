"""Answers on their way to the cache: found at once by this process, written by a thread or at the next commit.

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

import everfresh.storage.connections  # noqa: F401  (its fork hooks must be registered first)
from everfresh.model import Found
from everfresh.storage.serialize import loads, object_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from everfresh.model import Entry, Key, Reason, Trace
    from everfresh.storage.cache import Cache, Prepared

    Keep = Callable[[Prepared], Entry]
    # Called with the entry when it stands in the cache, or with None and what went wrong.
    Then = Callable[[Entry | None, Exception | None], object]

# A larger answer is written by the caller: to copy it would take as long, and memory.
LARGE = 1 << 20
# So many bytes may wait. Whoever comes then writes first.
MOST = 64 << 20
# So long the thread waits for more before it ends, in seconds.
IDLE = 5.0


@record
class Waiting:
    """An answer written out, in one piece of memory that nobody else uses, and who wants to know when it is kept."""

    prepared: Prepared
    data: bytes
    then: Then
    soon: bool


class Writer:
    """What one cache has yet to keep. `keep` keeps an answer."""

    def __init__(self, cache: Cache, keep: Keep) -> None:
        self.cache, self.keep = cache, keep
        self._start()
        _everywhere.add(self)

    def _start(self) -> None:
        self._waiting: dict[bytes, Waiting] = {}
        self._size = 0
        self._guard = threading.Lock()
        # Re-entrant: who listens to what is kept may fork, commit, or call what is memoized.
        self._writing = threading.RLock()
        self._news = threading.Semaphore(0)
        self._thread = False

    def lookup(self, key: Key, trace: Trace) -> Found | Reason:
        """Like `Cache.lookup`, with what is waiting before what is kept."""
        waiting = self._find(key, trace)
        if waiting is None:
            return self.cache.lookup(key, trace)
        return Found(loads(bytearray(waiting.data))[1], waiting.prepared.entry)

    def contains(self, key: Key, trace: Trace) -> bool:
        return self._find(key, trace) is not None or self.cache.contains(key, trace)

    def put(self, prepared: Prepared, then: Then, soon: bool) -> None:
        """Keep an answer soon, or at the next commit."""
        if prepared.entry.size > LARGE:
            self._write(prepared, then)
            return
        self._add(Waiting(prepared, b"".join(prepared.chunks), then, soon))
        if self._size > MOST or (soon and not self._call_thread()):
            self.flush()

    def flush(self, soon: bool = False) -> None:
        """Write all that is waiting now, or what is not to wait for a commit."""
        with self._writing:
            for name, waiting in list(self._waiting.items()):
                # What is not there any more was written meanwhile, by a listener who committed.
                if waiting.soon >= soon and self._waiting.get(name) is waiting:
                    prepared = waiting.prepared._replace(chunks=[waiting.data])  # type: ignore[attr-defined]
                    self._write(prepared, waiting.then, lambda: self._drop(name, waiting))  # noqa: B023  (called at once)

    def _write(self, prepared: Prepared, then: Then, written: Callable[[], object] = bool) -> None:
        entry, problem = None, None
        try:
            entry = self.keep(prepared)
        except Exception as error:  # full disk, no permission ...: told by whoever waits for it
            problem = error
        written()
        try:
            then(entry, problem)
        except Exception:  # a warning that is an error: it must not stop the others from being written
            pass

    def _find(self, key: Key, trace: Trace) -> Waiting | None:
        return self._waiting.get(object_name(key, trace.version)) if self._waiting else None

    def _add(self, waiting: Waiting) -> None:
        _install()
        name = waiting.prepared.entry.object
        with self._guard:
            self._forget(name)
            self._waiting[name] = waiting
            self._size += len(waiting.data)
            _busy.add(self)

    def _drop(self, name: bytes, waiting: Waiting) -> None:
        with self._guard:
            if self._waiting.get(name) is waiting:
                self._forget(name)
            if not self._waiting:
                _busy.discard(self)

    def _forget(self, name: bytes) -> None:
        gone = self._waiting.pop(name, None)
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
            self._thread = any(waiting.soon for waiting in self._waiting.values())
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


def _work(where: weakref.ref[Writer], news: threading.Semaphore) -> None:
    """What the thread does. It does not keep alive a writer that nobody uses any more."""
    while True:
        came = news.acquire(timeout=IDLE)
        writer = where()
        if writer is None:
            return
        writer.flush(soon=True)
        if not came and writer.idle():
            return
        del writer


def flush_all() -> None:
    """Write all that is waiting, of all caches."""
    for writer in list(_busy):
        writer.flush()


_everywhere: weakref.WeakSet[Writer] = weakref.WeakSet()
# Those that have something waiting, lest it goes when the last reference to its group does.
_busy: set[Writer] = set()
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


_forking: list[Writer] = []
_one_fork = threading.RLock()


def _before_fork() -> None:
    _one_fork.acquire()
    _forking[:] = _everywhere
    for writer in _forking:
        writer.before_fork()


def _after_fork_in_parent() -> None:
    while _forking:
        _forking.pop().after_fork_in_parent()
    _one_fork.release()


def _after_fork_in_child() -> None:
    global _one_fork
    _one_fork = threading.RLock()
    _forking.clear()
    _busy.clear()
    for writer in list(_everywhere):
        writer.after_fork_in_child()


# Hooks before a fork run in reverse, so these run before those of `connections`, which close what writing needs.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
