"""Locks on names, among all processes that open one file; the system gives them back when their owner dies."""

from __future__ import annotations

import errno
import os
import struct
import weakref

try:
    import fcntl
except ImportError:  # Windows: each process is on its own
    fcntl = None  # type: ignore[assignment]

from everfresh.effects.files import Paused

# Linux has locks that belong to the open file. Elsewhere they belong to the process; that comes to the same thing, as
# long as a process opens the file once.
SET, WAIT, ASK = (
    getattr(fcntl, f"F_OFD_{what}", getattr(fcntl, f"F_{what}", 0)) for what in ("SETLK", "SETLKW", "GETLK")
)
FLOCK = struct.Struct("@hhqqi")
BUSY = {errno.EAGAIN, errno.EACCES}
MARKS = 1 << 16


class Locks:
    """Locks of this process.

    Each name is one byte of the file, far behind its end, so that the file stays small. The file itself holds marks:
    one number for every few names, which grows when an owner gives up. Where the file cannot be opened or locked every
    lock is granted: locks save work, and nothing else hangs on them.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.works = fcntl is not None
        self._opened: list[int] = []
        weakref.finalize(self, _close, self._opened)
        _everywhere.add(self)

    def take(self, name: bytes, wait: bool = False) -> bool:
        """Lock the name. False where another process has it; with `wait`, only where waiting would never end."""
        try:
            self._ask(WAIT if wait else SET, fcntl.F_WRLCK, name)
        except OSError as error:
            return error.errno not in (BUSY | {errno.EDEADLK}) or not self.works
        return True

    def free(self, name: bytes) -> None:
        """Unlock the name."""
        try:
            self._ask(SET, fcntl.F_UNLCK, name)
        except OSError:
            pass  # it was not locked, either

    def taken(self, name: bytes) -> bool:
        """Whether another process has the name."""
        try:
            return self._ask(ASK, fcntl.F_WRLCK, name) != fcntl.F_UNLCK
        except OSError:
            return False

    def marked(self, name: bytes) -> bytes:
        """What gives another value after `mark`."""
        try:
            return os.pread(self.file(), 1, _place(name) % MARKS)
        except OSError:
            return b""

    def mark(self, name: bytes) -> None:
        """Let those know who wait for the name that they need not wait for one another."""
        before = self.marked(name) or b"\0"
        try:
            os.pwrite(self.file(), bytes([(before[0] + 1) % 256]), _place(name) % MARKS)
        except OSError:
            pass  # they take turns, then

    def file(self) -> int:
        """The file, opened once for all locks of this process."""
        if not self._opened:
            if not self.works:
                raise OSError(f"{self.path} cannot be locked")
            try:
                with Paused():
                    self._opened.append(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            except OSError:
                self.works = False
                raise
        return self._opened[0]

    def _ask(self, what: int, kind: int, name: bytes) -> int:
        asked = FLOCK.pack(kind, os.SEEK_SET, _place(name), 1, 0)
        return int(FLOCK.unpack(fcntl.fcntl(self.file(), what, asked))[0])

    def after_fork_in_child(self) -> None:
        # An open file is shared with the parent, and so would be its locks.
        _close(self._opened)


def _place(name: bytes) -> int:
    """Where the byte of a name is; two names may share one, and then take turns."""
    return MARKS + (int.from_bytes(name[:8], "little") >> 2)


def _close(opened: list[int]) -> None:
    while opened:
        os.close(opened.pop())


_everywhere: weakref.WeakSet[Locks] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for locks in list(_everywhere):
        locks.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
