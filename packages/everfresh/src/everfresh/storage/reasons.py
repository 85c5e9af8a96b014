"""Why an answer is not there: told from the index alone, never from the objects."""

from __future__ import annotations

from everfresh.model import Change, Reason, Trace
from everfresh.storage.changes import changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.model import Entry, Key
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
        return self._found(key, trace)[0]

    def settle(self, key: Key, trace: Trace) -> Reason:
        """Give the reason; an entry whose object is gone goes, too."""
        reason, lost = self._found(key, trace)
        if lost:
            self.index.remove(lost)
        return reason

    def _found(self, key: Key, trace: Trace) -> tuple[Reason, list[Entry]]:
        """The reason, and the entry that promises an object which is not there."""
        known = self.index.versions(key)
        lost = [entry for entry in known if entry.version == trace.version]
        if lost or not known:
            return Reason("lost" if lost else "absent"), lost
        latest = max(known, key=lambda entry: entry.created)
        return Reason("stale", self._changes(latest.version, trace)), []

    def _changes(self, version: bytes, now: Trace) -> tuple[Change, ...]:
        """What parts an older version from this one: looked into once, since each call after an edit asks."""
        pair = version, now.version
        if pair not in self._compared:
            kept = self.index.trace(version)
            if kept and kept.code:
                kept = Trace(kept.version, kept.dependencies, self.manifests.find(kept.code.version))
            self._compared[pair] = changes(kept, now) if kept else ()
        return self._compared[pair]
