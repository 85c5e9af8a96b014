"""Upkeep: holds the index against the objects, which are the truth, and removes what nobody needs."""

from __future__ import annotations

import time

from everfresh_callgraph.record import record

from everfresh.errors import DamagedError
from everfresh.model import Entry, Trace
from everfresh.storage.serialize import Facts, describe, object_name, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from everfresh.storage.index import Index
    from everfresh.storage.manifests import Manifests
    from everfresh.storage.objects import ObjectStore

# What a running writer may be about to enter is not yet an orphan.
GRACE = 3600.0
BATCH = 1000


@record
class Verified:
    """What `verify` found: how many objects are `sound` (of which `orphans` had no entry), which names of objects are
    `damaged`, and which entries are `lost`, for their object is gone.
    """

    sound: int
    orphans: int
    damaged: tuple[bytes, ...]
    lost: tuple[Entry, ...]

    @property
    def trouble(self) -> int:
        """How many are damaged or lost."""
        return len(self.damaged) + len(self.lost)


class Upkeep:
    """What takes time in proportion to the entries, and is done when asked or when the index was lost.

    In a `shared` cache the objects of other machines are no orphans: they are entered before anything is removed.
    """

    def __init__(self, objects: ObjectStore, manifests: Manifests, index: Index, shared: bool = False) -> None:
        self.objects = objects
        self.manifests = manifests
        self.index = index
        self.shared = shared

    def complete(self) -> None:
        """See to it that the index holds what the objects say."""
        if not self.index.complete:
            self.rebuild()

    def rebuild(self) -> int:
        """Make the index say what the objects say, and count the entries that were missing. Removes no object."""
        known = {entry.object: entry for entry in self.index.entries()}
        missing = (name for name in self.objects if known.pop(name, None) is None)
        added = self._enter(found for name in missing if (found := self._described(name)))
        self.index.remove(known.values())
        self.index.complete_now()
        return added

    def collect(self, grace: float = GRACE) -> int:
        """Remove orphans, and what killed writers left, if older than `grace` seconds. Count them."""
        before = time.time() - grace
        if self.shared:
            self.rebuild()
        orphans = [name for name in self.orphans() if self._older(name, before)]
        for name in orphans:
            self.objects.delete(name)
        self.manifests.retain(self.index.code_versions())
        self.index.shrink()
        return len(orphans) + self.objects.sweep(before)

    def verify(self, repair: bool = True) -> Verified:
        """Read every object whole, buffers too. `repair` removes what is damaged or lost and enters orphans."""
        known = {entry.object: entry for entry in self.index.entries()}
        damaged: dict[bytes, Entry | None] = {}
        orphans: list[tuple[Entry, Trace]] = []
        sound = 0
        for name in self.objects:
            entry, found = known.pop(name, None), self._whole(name)
            sound += found is not None
            if found is None:
                damaged[name] = entry
            elif entry is None:
                orphans.append(found)
        lost = tuple(known.values())
        if repair:
            self._repair(damaged, lost, orphans)
        return Verified(sound, len(orphans), tuple(damaged), lost)

    def orphans(self, function: str | None = None) -> Iterator[bytes]:
        """Give the names of objects without entry, all or those of one function."""
        names = list(self.objects)  # first: what is entered meanwhile is then no orphan
        known = {entry.object for entry in self.index.entries()}
        for name in names:
            if name not in known and (function is None or self._function(name) == function):
                yield name

    def _repair(
        self, damaged: dict[bytes, Entry | None], lost: Iterable[Entry], orphans: Iterable[tuple[Entry, Trace]]
    ) -> None:
        for name in damaged:
            self.objects.delete(name)
        self.index.remove([*lost, *(entry for entry in damaged.values() if entry)])
        self._enter(orphans)

    def _enter(self, found: Iterable[tuple[Entry, Trace]]) -> int:
        count = 0
        batch: list[tuple[Entry, Trace]] = []
        for one in found:
            batch.append(one)
            count += 1
            if len(batch) >= BATCH:
                self.index.add_all(batch)
                batch = []
        self.index.add_all(batch)
        return count

    def _described(self, name: bytes) -> tuple[Entry, Trace] | None:
        try:
            facts = described(name, describe(self.objects.get(name) or b""))
            return entry_for(facts, self.objects.size(name) or 0), facts.trace
        except (DamagedError, OSError):
            return None

    def _function(self, name: bytes) -> str | None:
        found = self._described(name)
        return found[0].key.function if found else None

    def _older(self, name: bytes, before: float) -> bool:
        found = self._described(name)
        return found is None or found[0].created < before

    def _whole(self, name: bytes) -> tuple[Entry, Trace] | None:
        try:
            facts = described(name, verify(self.objects.get(name) or b""))
        except DamagedError:
            return None
        return entry_for(facts, self.objects.size(name) or 0), facts.trace


def described(name: bytes, facts: Facts) -> Facts:
    """Give the facts back if they are of the object with this name."""
    if object_name(facts.key, facts.version) != name:
        raise DamagedError("it is the answer to another call")
    return facts


def sized(entry: Entry, size: int) -> Entry:
    """The entry with the bytes that its object takes: compressed or signed, it takes others than the answer."""
    return entry if size == entry.size else entry._replace(size=size)  # type: ignore[attr-defined]


def entry_for(facts: Facts, size: int) -> Entry:
    """The entry of an object of this size that says this of itself."""
    name = object_name(facts.key, facts.version)
    return Entry(facts.key, facts.version, name, size, facts.cost, facts.created, facts.created, 0)
