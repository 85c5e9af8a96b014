"""Guard: trouble with the index, or beside the answers, is mended or told once, and never costs an answer."""

from __future__ import annotations

import functools
import sqlite3
import time
import warnings

from everfresh.errors import CacheWarning, NewerFormatError
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec, Protocol, TypeVar

    from everfresh.storage.index import Index
    from everfresh.storage.upkeep import Upkeep

    P = ParamSpec("P")
    R = TypeVar("R")

    class Guarded(Protocol):
        """What has a guard."""

        guard: Guard

    G = TypeVar("G", bound=Guarded)

# An index that was locked for as long as one waits is let alone for a while: not every call shall wait anew.
PAUSE = 60.0
# What SQLite says of a file that is beyond repair, and of one that others hold.
BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Guard:
    """Stands around whatever uses the index."""

    def __init__(self, index: Index, upkeep: Upkeep) -> None:
        self.index = index
        self.upkeep = upkeep
        self.paused_until = 0.0

    def quietly(self, act: Callable[[], R], otherwise: R) -> R:
        """Do what is bookkeeping. Trouble is one warning, and what is given `otherwise`."""
        if time.monotonic() < self.paused_until:
            return otherwise
        try:
            return self.mended(act)
        except NewerFormatError:
            raise
        except (sqlite3.Error, OSError) as error:
            self._tell(error)
            return otherwise

    def mended(self, act: Callable[[], R]) -> R:
        """Do it, and once more after mending the index, if that is what was wrong."""
        try:
            return act()
        except sqlite3.DatabaseError as error:
            if not self._mend(error):
                raise
        return act()

    def _tell(self, error: Exception) -> None:
        if _code(error) in LOCKED:
            self.paused_until = time.monotonic() + PAUSE
        text = f"the cache index {self.index.path} cannot be kept ({error})"
        warn_once(f"{text}: answers are found all the same, but how they are used is not counted", CacheWarning)

    def _mend(self, error: sqlite3.DatabaseError) -> bool:
        """Put the index in order if it can be: True means that it is worth trying again."""
        if _code(error) not in BROKEN:
            return False
        if self.index.set_aside():
            self.upkeep.rebuild()
            text = f"the cache index {self.index.path} was damaged ({error}): rebuilt from the objects"
            warnings.warn(CacheWarning(f"{text}, the damaged file is kept beside it"), stacklevel=4)
        return True


def mending(method: Callable[Concatenate[G, P], R]) -> Callable[Concatenate[G, P], R]:
    """Make the method mend the index if need be. Other trouble is the caller's, who asked for it."""

    @functools.wraps(method)
    def mended(self: G, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.guard.mended(lambda: method(self, *args, **kwargs))

    return mended


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
