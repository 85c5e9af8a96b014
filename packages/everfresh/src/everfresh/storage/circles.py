"""Who waits for whom: so that nobody waits for what waits for him.

An edge says that what computes one name waits for another. Each is written down before anybody waits, and only then is
looked for a circle: whoever closes one sees it. Edges are files, empty ones, since they may lead through several
processes. A wrong edge (its owner was killed) costs a needless computation.
"""

from __future__ import annotations

import os

from everfresh.effects.files import Paused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from everfresh.storage.locks import Locks

    Edge = tuple[bytes, bytes]

HEX = 32


class Circles:
    """The edges of one cache, in a folder of their own that is there while there are any."""

    def __init__(self, folder: str, locks: Locks) -> None:
        self.folder, self.locks = folder, locks

    def add(self, edges: Iterable[Edge], token: str) -> None:
        """Write the edges down."""
        for edge in edges:
            _here.append(edge)
            if self.locks.works:
                self._touch(_file(edge, token))

    def remove(self, edges: Iterable[Edge], token: str) -> None:
        for edge in edges:
            _here.remove(edge)
            self._unlink(_file(edge, token))

    def edges(self) -> list[Edge]:
        """All edges that anybody wrote down, but for those whose owner is dead."""
        found = list(_here)
        for file in self._listed():
            edge = _edge(file)
            if edge in found or self.locks.taken(edge[0]):
                found.append(edge)
            else:
                self._unlink(file)
        return found

    def _listed(self) -> list[str]:
        try:
            with Paused():
                return [file for file in os.listdir(self.folder) if len(file) > 2 * HEX]
        except OSError:
            return []

    def _touch(self, file: str) -> None:
        try:
            with Paused():
                os.makedirs(self.folder, exist_ok=True)
                os.close(os.open(f"{self.folder}/{file}", os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError:
            pass  # then this process alone knows of it

    def _unlink(self, file: str) -> None:
        try:
            os.unlink(f"{self.folder}/{file}")
        except OSError:
            pass


def leads(edges: Iterable[Edge], start: bytes, goals: Iterable[bytes]) -> bool:
    """Whether the edges lead from the start to one of the goals.

    >>> leads([(b"a", b"b"), (b"b", b"c")], b"a", [b"c"]), leads([(b"a", b"b")], b"b", [b"a"])
    (True, False)
    """
    known, reached = list(edges), {start}
    while more := {to for one, to in known if one in reached} - reached:
        reached |= more
    return not reached.isdisjoint(goals)


def _file(edge: Edge, token: str) -> str:
    return f"{edge[0].hex()}{edge[1].hex()}{token}"


def _edge(file: str) -> Edge:
    return bytes.fromhex(file[:HEX]), bytes.fromhex(file[HEX : 2 * HEX])


# Of this process, of all caches.
_here: list[Edge] = []


def _after_fork_in_child() -> None:
    _here.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
