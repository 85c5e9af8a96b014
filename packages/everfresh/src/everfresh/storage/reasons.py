"""Why an answer is not there: told from the index alone, never from the objects."""

from __future__ import annotations

from everfresh.model import Change, Reason, Trace
from everfresh.storage.changes import changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.model import Key
    from everfresh.storage.index import Index
    from everfresh.storage.manifests import Manifests


class Reasons:
    """Reasons for misses."""

    def __init__(self, index: Index, manifests: Manifests) -> None:
        self.index = index
        self.manifests = manifests
        self._compared: dict[tuple[bytes, bytes], tuple[Change, ...]] = {}

    def find(self, key: Key, trace: Trace) -> Reason:
        """Give the reason why there is no object for the answer."""
        if self.index.find(key, trace.version):
            return Reason("lost")
        other = self.index.latest(key, but=trace.version)
        return Reason("stale", self._changes(other.version, trace)) if other else Reason("absent")

    def settle(self, key: Key, trace: Trace) -> Reason:
        """Give the reason; an entry whose object is gone goes, too."""
        reason = self.find(key, trace)
        entry = self.index.find(key, trace.version) if reason.kind == "lost" else None
        if entry:
            self.index.remove([entry])
        return reason

    def _changes(self, version: bytes, now: Trace) -> tuple[Change, ...]:
        """What parts an older version from this one: looked into once, since each call after an edit asks."""
        pair = version, now.version
        if pair not in self._compared:
            kept = self.index.trace(version)
            if kept and kept.code:
                kept = Trace(kept.version, kept.dependencies, self.manifests.find(kept.code.version))
            self._compared[pair] = changes(kept, now) if kept else ()
        return self._compared[pair]
