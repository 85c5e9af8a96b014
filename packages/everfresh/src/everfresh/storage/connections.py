"""SQLite connections to one file, lent to one thread at a time and never carried over a fork.

Lent rather than bound to threads: a program of many short threads would leave one open connection behind for each.
Closed before a fork rather than reopened after it: SQLite keeps its locks per process, and a child that inherits an
open connection believes that it holds locks which only its parent holds. That can damage the file.
"""

from __future__ import annotations

import os
import threading
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


class Connections:
    """Connections that `connect` opens. In a forked child all start anew, after `in_child` was called."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], in_child: Callable[[], None]) -> None:
        self.connect = connect
        self.in_child = in_child
        self._all: list[Loan] = []
        self._start()
        _everywhere.add(self)
        # Without reference to self, which would keep it alive; so `connect` may not lead back here either.
        weakref.finalize(self, _close, self._all)

    def lend(self) -> Loan:
        """Lend a connection: `with connections.lend() as connection`."""
        try:
            return self._free.pop()
        except IndexError:
            return self._new()

    def changing(self) -> Change:
        """Lend a connection for a change: all that is done within `with` is kept, or, if it fails, nothing."""
        return Change(self.lend())

    def close(self) -> None:
        """Close all connections. The next loan opens one again."""
        with self.growing:
            _close(self._all)

    def _start(self) -> None:
        self.growing = threading.RLock()
        self._free: list[Loan] = []

    def _new(self) -> Loan:
        with self.growing:
            loan = Loan(self.connect, self._free)
            self._all.append(loan)
            return loan

    def before_fork(self) -> None:
        self.growing.acquire()
        for loan in self._all:
            loan.lock.acquire()
            loan.close()

    def after_fork_in_parent(self) -> None:
        for loan in self._all:
            loan.lock.release()
        self.growing.release()

    def after_fork_in_child(self) -> None:
        # A fork made outside Python (uWSGI) does not call `before_fork`. Then closing here would do harm: keep them.
        _inherited.extend(self._all)
        self._all.clear()
        self._start()
        self.in_child()


class Loan:
    """One connection, opened when first entered."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], free: list[Loan]) -> None:
        self.connect = connect
        self.free = free
        # Re-entrant: a signal handler that forks while its thread is in here gets an error rather than a deadlock.
        self.lock = threading.RLock()
        self.connection: sqlite3.Connection | None = None

    def __enter__(self) -> sqlite3.Connection:
        self.lock.acquire()
        try:
            if self.connection is None:
                self.connection = self.connect()
        except BaseException:
            self.__exit__()
            raise
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.lock.release()
        self.free.append(self)

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


class Change:
    """A transaction. IMMEDIATE, for one that begins with reading may not wait when it comes to write."""

    def __init__(self, loan: Loan) -> None:
        self.loan = loan

    def __enter__(self) -> sqlite3.Connection:
        self.connection = self.loan.__enter__()
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self.loan.__exit__()
            raise
        return self.connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.connection.execute("COMMIT")
        finally:
            try:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
            finally:
                self.loan.__exit__()


def _close(loans: list[Loan]) -> None:
    for loan in loans:
        with loan.lock:
            loan.close()


def living(known: weakref.WeakSet[T]) -> list[T]:
    """All of them now. Another thread may add one meanwhile, which ends the iteration."""
    while True:
        try:
            return list(known)
        except RuntimeError:
            continue


_everywhere: weakref.WeakSet[Connections] = weakref.WeakSet()
_inherited: list[Loan] = []
_forking: list[Connections] = []
_one_fork = threading.RLock()


def _before_fork() -> None:
    _one_fork.acquire()
    _forking[:] = living(_everywhere)
    for connections in _forking:
        connections.before_fork()


def _after_fork_in_parent() -> None:
    while _forking:
        _forking.pop().after_fork_in_parent()
    _one_fork.release()


def _after_fork_in_child() -> None:
    global _one_fork
    _one_fork = threading.RLock()
    _forking.clear()
    for connections in list(_everywhere):
        connections.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
