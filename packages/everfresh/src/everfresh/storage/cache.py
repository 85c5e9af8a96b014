"""The cache: looks up, records, evicts, collects. The only file that knows objects, index and policy."""

from __future__ import annotations

import functools
import sqlite3
import time
import warnings

from everfresh_callgraph.record import record

from everfresh.errors import CacheWarning, DamagedError
from everfresh.model import Change, Entry, Found, Key, Reason, Trace
from everfresh.storage.changes import changes
from everfresh.storage.serialize import Facts, describe, dumps, encode, loads, object_name, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Concatenate, ParamSpec, TypeVar

    from everfresh.storage.index import Index
    from everfresh.storage.manifests import Manifests
    from everfresh.storage.objects import Chunk, ObjectStore
    from everfresh.storage.policy import ReplacementPolicy

    P = ParamSpec("P")
    R = TypeVar("R")

# To rank the entries takes time in proportion to their number. Where there are many, make a little more room than
# is needed, so that it is not done at each record; where there are few, cut exactly.
MANY = 1000
SLACK = 0.05
# What a running writer may be about to enter is not yet an orphan.
GRACE = 3600.0
BATCH = 1000
# What SQLite says of a file that is beyond repair.
BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _mending(method: Callable[Concatenate[Cache, P], R]) -> Callable[Concatenate[Cache, P], R]:
    """Try once more after mending the index, if that is what is wrong."""

    @functools.wraps(method)
    def mended(self: Cache, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            if not self._mend(error):
                raise
        return method(self, *args, **kwargs)

    return mended


class Cache:
    """Answers by key and version, in at most `size` bytes of objects.

    Trouble with an object is a miss with a reason. Trouble with the index or the disk raises `sqlite3.Error` or
    `OSError`: then compute. `evicted` is called with each entry that goes to make room.
    """

    def __init__(
        self, objects: ObjectStore, manifests: Manifests, index: Index, policy: ReplacementPolicy, size: int
    ) -> None:
        self.objects = objects
        self.manifests = manifests
        self.index = index
        self.policy = policy
        self.size = size
        self.evicted: Callable[[Entry], object] = lambda entry: None
        self._compared: dict[tuple[bytes, bytes], tuple[Change, ...]] = {}
        self._complete()

    @_mending
    def lookup(self, key: Key, trace: Trace) -> Found | Reason:
        """Give the kept answer to the key under the trace, or the reason why there is none."""
        entry = self.index.find(key, trace.version)
        name = object_name(key, trace.version)
        buffer = self.objects.get(name)
        if buffer is None:
            return self._lost(entry) if entry else self._absent(key, trace)
        try:
            facts, value = loads(buffer)
            _check_name(name, facts)
        except DamagedError as error:
            return self._damaged(name, entry, error)
        entry = entry or self._adopt(facts, len(buffer))
        self.index.touch(entry, time.time())
        return Found(value, entry)

    @_mending
    def explain(self, key: Key, trace: Trace) -> Reason | None:
        """Give the reason for which a lookup would miss, None if it would hit. Damage shows at the lookup alone."""
        if self.objects.size(object_name(key, trace.version)) is not None:
            return None
        return Reason("lost") if self.index.find(key, trace.version) else self._absent(key, trace)

    def contains(self, key: Key, trace: Trace) -> bool:
        """Say whether a lookup would hit."""
        return self.objects.size(object_name(key, trace.version)) is not None

    def record(self, key: Key, trace: Trace, value: object, cost: float) -> Entry:
        """Keep an answer, then make room. One larger than the whole cache is refused, and counts as evicted."""
        return self.keep(prepare(key, trace, value, cost))

    @_mending
    def keep(self, prepared: Prepared) -> Entry:
        """Keep an answer that is written out already."""
        entry = prepared.entry
        if entry.size > self.size:
            self._refuse(entry)
            return entry
        self.manifests.keep(prepared.trace.code)
        # Object first: an entry must never promise what is not there, while an orphan is adopted.
        self.objects.put(entry.object, prepared.chunks)
        self.index.add(entry, prepared.trace)
        self._make_room()
        return entry

    @_mending
    def forget(self, key: Key) -> int:
        """Remove the answers to the key under all traces, and count them."""
        return len(self._remove(self.index.versions(key)))

    @_mending
    def clear(self, function: str | None = None) -> int:
        """Remove the answers of one function, or all, and count them."""
        gone = self._remove(self.index.entries(function))
        if function is None:
            for name in self.objects:
                self.objects.delete(name)
            self.manifests.retain(())
        return len(gone)

    @_mending
    def evict(self, size: int | None = None) -> list[Entry]:
        """Remove what is worth least until the objects take at most `size` bytes (the bound if not given)."""
        excess = self.index.total() - (self.size if size is None else size)
        if excess <= 0:
            return []
        self.index.flush()
        gone = self._remove(self.policy.victims(self.index.entries(), excess, time.time()))
        for entry in gone:
            self.evicted(entry)
        return gone

    @_mending
    def collect(self, grace: float = GRACE) -> int:
        """Remove orphans, and what killed writers left, if older than `grace` seconds. Count them."""
        before = time.time() - grace
        names = list(self.objects)  # first: what is entered meanwhile is then no orphan
        kept = {entry.object for entry in self.index.entries()}
        orphans = [name for name in names if name not in kept and self._older(name, before)]
        for name in orphans:
            self.objects.delete(name)
        self.manifests.retain(self.index.code_versions())
        return len(orphans) + self.objects.sweep(before)

    @_mending
    def verify(self) -> int:
        """Read every object whole, buffers too, and remove those that are damaged or lost. Count them."""
        return len(self._remove(entry for entry in self.index.entries() if not self._whole(entry.object)))

    @_mending
    def rebuild(self) -> int:
        """Make the index say what the objects say, and count the entries that were missing. Removes no object."""
        return self._rebuild()

    def _rebuild(self) -> int:
        known = {entry.object: entry for entry in self.index.entries()}
        added = 0
        batch: list[tuple[Entry, Trace]] = []
        for name in self.objects:
            if known.pop(name, None) is None and (found := self._described(name)):
                batch.append(found)
            if len(batch) >= BATCH:
                added += self._add(batch)
        added += self._add(batch)
        self.index.remove(known.values())
        self.index.complete_now()
        return added

    @_mending
    def commit(self) -> None:
        """Write what is still in memory: the hits since the last time."""
        self.index.flush()

    def close(self) -> None:
        """Write what is still in memory and close the files. The next use opens them again."""
        self.commit()
        self.index.close()

    @_mending
    def _complete(self) -> None:
        if not self.index.complete:
            self._rebuild()

    def _absent(self, key: Key, trace: Trace) -> Reason:
        other = self.index.latest(key, but=trace.version)
        if other is None:
            return Reason("absent")
        return Reason("stale", self._changes(other.version, trace))

    def _changes(self, version: bytes, now: Trace) -> tuple[Change, ...]:
        """What parts an older version from this one: looked into once, since each call after an edit asks."""
        pair = version, now.version
        if pair not in self._compared:
            kept = self.index.trace(version)
            if kept and kept.code:
                kept = Trace(kept.version, kept.dependencies, self.manifests.find(kept.code.version))
            self._compared[pair] = changes(kept, now) if kept else ()
        return self._compared[pair]

    def _lost(self, entry: Entry) -> Reason:
        self.index.remove([entry])
        return Reason("lost")

    def _damaged(self, name: bytes, entry: Entry | None, error: DamagedError) -> Reason:
        self.objects.delete(name)
        if entry:
            self.index.remove([entry])
        return Reason("damaged", (Change(f"object {name.hex()}", "whole", str(error)),))

    def _adopt(self, facts: Facts, size: int) -> Entry:
        entry = _entry(facts, size)
        self.index.add(entry, facts.trace)
        return entry

    def _refuse(self, entry: Entry) -> None:
        warnings.warn(
            CacheWarning(
                f"a result of {entry.key.function} takes {entry.size} bytes, more than the whole cache may "
                f"({self.size}): it is not kept. Raise `size` to keep it"
            ),
            stacklevel=3,
        )
        self.evicted(entry)

    def _make_room(self) -> None:
        if self.index.total() > self.size:
            self.evict(self.size if len(self.index) < MANY else int(self.size * (1 - SLACK)))

    def _remove(self, entries: Iterable[Entry]) -> list[Entry]:
        # Objects first: killed halfway, this leaves entries without object, which the next lookup removes; the other
        # way round it would leave bytes that nobody counts.
        gone = list(entries)
        for entry in gone:
            self.objects.delete(entry.object)
        self.index.remove(gone)
        return gone

    def _add(self, batch: list[tuple[Entry, Trace]]) -> int:
        count = len(batch)
        self.index.add_all(batch)
        batch.clear()
        return count

    def _described(self, name: bytes) -> tuple[Entry, Trace] | None:
        try:
            buffer = self.objects.get(name)
            facts = describe(buffer or b"")
            _check_name(name, facts)
            return _entry(facts, len(buffer or b"")), facts.trace
        except DamagedError:
            return None

    def _older(self, name: bytes, before: float) -> bool:
        found = self._described(name)
        return found is None or found[0].created < before

    def _whole(self, name: bytes) -> bool:
        try:
            verify(self.objects.get(name) or b"")
        except DamagedError:
            return False
        return True

    def _mend(self, error: sqlite3.DatabaseError) -> bool:
        """Put the index in order if it can be: True means that it is worth trying again."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in BROKEN:
            return False
        if self.index.set_aside():
            self._rebuild()
            text = f"the cache index {self.index.path} was damaged ({error}): rebuilt from the objects"
            warnings.warn(CacheWarning(f"{text}, the damaged file is kept beside it"), stacklevel=4)
        return True


@record
class Prepared:
    """An answer as it will be kept. The chunks may be views of the value's own memory: use them before it changes."""

    entry: Entry
    trace: Trace
    chunks: list[Chunk]


def prepare(key: Key, trace: Trace, value: object, cost: float) -> Prepared:
    """Write an answer out, as bytes; it stands nowhere yet."""
    code = trace.code.version if trace.code else b""
    facts = Facts(key, trace.version, cost, time.time(), encode(trace.dependencies), code)
    chunks = dumps(facts, value)
    return Prepared(_entry(facts, sum(map(len, chunks))), trace, chunks)


def _entry(facts: Facts, size: int) -> Entry:
    name = object_name(facts.key, facts.version)
    return Entry(facts.key, facts.version, name, size, facts.cost, facts.created, facts.created, 0)


def _check_name(name: bytes, facts: Facts) -> None:
    if object_name(facts.key, facts.version) != name:
        raise DamagedError("it is the answer to another call")
