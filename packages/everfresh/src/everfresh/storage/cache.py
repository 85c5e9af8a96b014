"""The cache: looks up, records, evicts. The only file that knows objects, index and bounds together."""

from __future__ import annotations

import os
import time
import warnings

from everfresh.errors import CacheWarning, DamagedError
from everfresh.model import Change, Entry, Found, Key, Reason, Trace
from everfresh.storage.beside import Beside
from everfresh.storage.codecs import NONE
from everfresh.storage.guard import Guard, mending
from everfresh.storage.prepared import Prepared, prepare
from everfresh.storage.reasons import Reasons
from everfresh.storage.serialize import loads, object_name
from everfresh.storage.upkeep import GRACE, Upkeep, described, entry_for, sized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from everfresh.model import How
    from everfresh.storage.index import Index
    from everfresh.storage.manifests import Manifests
    from everfresh.storage.objects import ObjectStore
    from everfresh.storage.upkeep import Verified

# The folder is looked at anew when so many answers were kept, or a large one: meanwhile a cache counts what it adds
# itself, and does not see what other processes add.
OFTEN, SMALL = 8, 1 << 16
# The index of a shared cache is held against the objects when this share of the bound was written.
RECONCILED = 1 / 16


class Cache:
    """Answers by key and version, in about `size` bytes all told.

    Trouble with an object is a miss with a reason. Trouble with the index costs bookkeeping and a warning; a disk that
    cannot be written raises `OSError`. `evicted` is called with each entry that goes to make room. `keep_versions`
    says how many older versions of a function stay when it has a new one (None: as long as there is room). `restore`
    makes the folder again. In a `shared` cache other machines write objects that this index does not know of.
    `writing` gives the store that writes as an answer wants it, `doubted` says of which times objects are read whole.
    """

    def __init__(
        self,
        objects: ObjectStore,
        manifests: Manifests,
        index: Index,
        size: int,
        *,
        keep_versions: int | None = None,
        beside: Beside | None = None,
        restore: Callable[[], None] = lambda: None,
        shared: bool = False,
    ) -> None:
        self.objects = objects
        self.manifests = manifests
        self.index = index
        self.size = size
        self.keep_versions = keep_versions
        self.beside = beside or Beside()
        self.restore = restore
        self.shared = shared
        self.upkeep = Upkeep(objects, manifests, index, shared)
        self.evicted: Callable[[Entry], object] = lambda entry: None
        self.writing: Callable[[How], ObjectStore] = lambda how: objects
        self.doubted: Callable[[float], bool] | None = None
        self._room, self._total, self._kept = 0, 0, 0
        self.guard = Guard(index, self.upkeep)
        self.reasons = Reasons(index, manifests)
        self.guard.quietly(self.upkeep.complete, None)

    def lookup(self, key: Key, trace: Trace) -> Found | Reason:
        """Give the kept answer to the key under the trace, or the reason why there is none."""
        name = object_name(key, trace.version)
        try:
            buffer = self.objects.get(name)
            if buffer is None:
                return self._missing(key, trace)
            facts, value = loads(buffer, self.doubted)
            entry = entry_for(described(name, facts), len(buffer))
        except DamagedError as error:
            return self._damaged(name, key, trace, error)
        if self.index.touch(entry, facts, time.time()):
            self.guard.quietly(self._settle, None)
        return Found(value, entry)

    def explain(self, key: Key, trace: Trace) -> Reason | None:
        """Give the reason for which a lookup would miss, None if it would hit. Damage shows at the lookup alone."""
        if self.contains(key, trace):
            return None
        return self.guard.quietly(lambda: self.reasons.find(key, trace), Reason("absent"))

    def contains(self, key: Key, trace: Trace) -> bool:
        """Say whether a lookup would hit. From a disk that cannot be read nothing would."""
        try:
            return self.objects.size(object_name(key, trace.version)) is not None
        except OSError:
            return False

    def record(self, key: Key, trace: Trace, value: object, cost: float) -> Entry:
        """Keep an answer, then make room. One larger than the whole cache is refused, and counts as evicted."""
        prepared = prepare(key, trace, value, cost)
        return self.keep(prepared) or prepared.entry

    def keep(self, prepared: Prepared) -> Entry | None:
        """Keep an answer that is written out already; gives its entry, with the bytes that it takes; None: refused."""
        entry, trace = prepared.entry, prepared.trace
        room = self._look_around()
        if entry.size > room and prepared.how.compression == NONE:
            self._refuse(entry)
            return None
        self.guard.quietly(lambda: _tried(self._restored), None)
        _tried(lambda: self.manifests.keep(trace.code))
        # Object first: an entry must never promise what is not there, while an orphan is adopted.
        entry = sized(entry, self._put(prepared))
        if entry.size > room:
            self.objects.delete(entry.object)
            self._refuse(entry)
            return None
        self.guard.quietly(lambda: self._enter(entry, trace, room), None)
        return entry

    @mending
    def forget(self, key: Key) -> int:
        """Remove the answers to the key under all traces, and count them."""
        self._settle()
        return len(self._remove(self.index.versions(key)))

    @mending
    def clear(self, function: str | None = None) -> int:
        """Remove the answers of one function, or all, orphans too, and count those that the index knew."""
        self._settle()
        gone = self._remove(self.index.entries(function))
        for name in self.upkeep.orphans(function):
            self.objects.delete(name)
        if function is None:
            self.index.clear()
        self.manifests.retain(self.index.code_versions())
        return len(gone)

    @mending
    def evict(self, size: int | None = None) -> list[Entry]:
        """Remove what is worth least until at most `size` bytes are taken (the bound if not given).

        What stands beside the answers counts, too, but does not drive them out of more than half of the room.
        """
        return self._evict(size)

    def room(self, size: int | None = None) -> int:
        """Give the bytes that answers may take, all together, in `size` bytes (the bound if not given)."""
        bound, log = (self.size, self.index.log) if size is None else (size, 0)
        return max(bound - self.beside.total() - self.index.file_size(log), bound // 2)

    def total(self) -> int:
        """Give the bytes that everything takes: answers, what is known of code, the index."""
        return self.index.total() + self.index.file_size() + self.beside.measure()

    @mending
    def collect(self, grace: float = GRACE) -> int:
        """Remove orphans, and what killed writers left, if older than `grace` seconds. Count them."""
        self._settle()
        return self.upkeep.collect(grace)

    @mending
    def verify(self, repair: bool = True) -> Verified:
        """Read every object whole, buffers too. `repair` removes what is damaged or lost and enters orphans."""
        self._settle()
        return self.upkeep.verify(repair)

    @mending
    def rebuild(self) -> int:
        """Make the index say what the objects say, and count the entries that were missing. Removes no object."""
        return self.upkeep.rebuild()

    def commit(self) -> None:
        """Write what is still in memory: the hits since the last time."""
        self.guard.quietly(self._settle, None)

    def close(self) -> None:
        """Write what is still in memory and close the files. The next use opens them again."""
        self.commit()
        self.index.close()

    def _look_around(self) -> int:
        """Give the room. What the folder holds was looked at some answers ago: it takes time."""
        if self._kept % OFTEN == 0:
            self._room, self._total = self.room(), self.guard.quietly(self.index.total, 0)
        self._kept += 1
        return self._room

    def _missing(self, key: Key, trace: Trace) -> Reason:
        return self.guard.quietly(lambda: self.reasons.settle(key, trace), Reason("absent"))

    def _damaged(self, name: bytes, key: Key, trace: Trace, error: DamagedError) -> Reason:
        if not self.shared:  # there it may be the old size of a file that is new: who records it again replaces it
            _tried(lambda: self.objects.delete(name))
        self._missing(key, trace)
        return Reason("damaged", (Change(f"object {name.hex()}", "whole", str(error)),))

    def _put(self, prepared: Prepared) -> int:
        try:
            return self.writing(prepared.how).put(prepared.entry.object, prepared.chunks)
        except OSError as error:
            if error.errno is None:
                raise
            # Without the name of the file, which is another each time, the same trouble is one warning.
            raise type(error)(error.errno, f"{error.strerror} (in {self._place()})") from error

    def _place(self) -> str:
        return getattr(self.objects, "path", "the cache")

    def _enter(self, entry: Entry, trace: Trace, room: int) -> None:
        switched = self.index.add(entry, trace)
        if switched and self.keep_versions is not None:
            self._drop(self.index.older(entry.key.function, self.keep_versions))
        if self.shared and self.index.fresh() > self.size * RECONCILED:
            self.upkeep.rebuild()
        self._total = self._total + entry.size if entry.size < SMALL else self.index.total()
        if self._total > room:
            self._evict()
            self._total = self.index.total()

    def _settle(self) -> None:
        """Write the hits so far; objects that were hit and had no entry get one."""
        found = [(entry, facts, self.objects.size(entry.object)) for entry, facts in self.index.flush()]
        if unknown := [(sized(entry, size), facts.trace) for entry, facts, size in found if size is not None]:
            self.index.add_all(unknown)

    def _evict(self, size: int | None = None) -> list[Entry]:
        if self._excess(size) <= 0:
            return []
        self._settle()
        self.index.rerank()
        self._trim((self.size if size is None else size) // 4)
        gone = self._evict_least(self._excess(size))
        self.index.shrink()
        return gone

    def _evict_least(self, excess: int) -> list[Entry]:
        gone: list[Entry] = []
        while excess > 0 and (found := self.index.least(excess)):
            entries = [entry for entry, _ in found]
            self._drop(entries, max(clock for _, clock in found))
            gone += entries
            excess -= sum(entry.size for entry in entries)
        return gone

    def _trim(self, size: int) -> None:
        if self.beside.total() > size:
            self.manifests.retain(self.index.code_versions())
            if self.beside.measure() > size:
                self.beside.trim(size)

    def _excess(self, size: int | None) -> int:
        return self.index.total() - self.room(size)

    def _drop(self, entries: list[Entry], clock: float = 0.0) -> None:
        self._remove(entries, clock)
        for entry in entries:
            self.evicted(entry)

    def _refuse(self, entry: Entry) -> None:
        warnings.warn(
            CacheWarning(
                f"a result of {entry.key.function} takes {entry.size} bytes, more than the whole cache may "
                f"({self.size}): it is not kept. Raise `size` to keep it"
            ),
            stacklevel=3,
        )
        self.evicted(entry)

    def _remove(self, entries: Iterable[Entry], clock: float = 0.0) -> list[Entry]:
        # Objects first: killed halfway, this leaves entries without object, which the next lookup removes; the other
        # way round it would leave bytes that nobody counts.
        gone = list(entries)
        for entry in gone:
            self.objects.delete(entry.object)
        self.index.remove(gone, clock)
        return gone

    def _restored(self) -> None:
        """Make the folder anew if someone removed it: SQLite would go on writing to a file that nobody sees."""
        if not os.path.exists(self.index.path):
            self.index.close()
            self.restore()
            self.upkeep.rebuild()


def _tried(act: Callable[[], object]) -> None:
    """Do what need not succeed. If the disk is at fault, what follows will say so."""
    try:
        act()
    except OSError:
        pass
