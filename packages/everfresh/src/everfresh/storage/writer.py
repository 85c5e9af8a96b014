"""A cache together with what is on its way there: found at once by this process, whichever group put it there."""

from __future__ import annotations

from everfresh.model import Found
from everfresh.storage.queue import Waiting, queue_of, write
from everfresh.storage.serialize import loads, object_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.model import Key, Reason, Trace
    from everfresh.storage.cache import Cache
    from everfresh.storage.prepared import Prepared
    from everfresh.storage.queue import Keep, Then

# A larger answer is written by the caller: to copy it would take as long, and memory.
LARGE = 1 << 20


class Writer:
    """Looks up and keeps for one group. `keep` keeps an answer in its cache."""

    def __init__(self, cache: Cache, keep: Keep) -> None:
        self.cache, self.keep = cache, keep
        self.queue = queue_of(cache.index.path)

    def lookup(self, key: Key, trace: Trace) -> Found | Reason:
        """Like `Cache.lookup`, with what is waiting before what is kept."""
        waiting = self._find(key, trace) if self.queue.waiting else None
        if waiting is None:
            return self.cache.lookup(key, trace)
        return Found(loads(bytearray(waiting.data))[1], waiting.prepared.entry)

    def contains(self, key: Key, trace: Trace) -> bool:
        return self._find(key, trace) is not None or self.cache.contains(key, trace)

    def put(self, prepared: Prepared, then: Then, soon: bool) -> None:
        """Keep an answer soon, or at the next commit."""
        if prepared.entry.size > LARGE:
            write(self.keep, prepared, then)
        else:
            self.queue.put(Waiting(prepared, b"".join(prepared.chunks), self.keep, then, soon))

    def flush(self) -> None:
        """Write all that is waiting."""
        self.queue.flush()

    def _find(self, key: Key, trace: Trace) -> Waiting | None:
        return self.queue.waiting.get(object_name(key, trace.version))
