"""Where the answers of a group are: opened at the first use, and once, whichever thread comes first."""

from __future__ import annotations

import os
from _thread import RLock

from everfresh_callgraph.record import record
from everfresh_fingerprint.facts import use

from everfresh.effects.files import Paused
from everfresh.settings import default_location, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from everfresh.model import Entry
    from everfresh.storage.cache import Cache
    from everfresh.storage.policy import ReplacementPolicy
    from everfresh.storage.prepared import Prepared
    from everfresh.storage.queue import Then
    from everfresh.storage.writer import Writer


@record
class Place:
    """What was said of a cache; None leaves it to the settings."""

    location: str | None
    size: int | None
    policy: str | ReplacementPolicy | None
    keep_versions: int | None
    shared: bool | None


class Home:
    """The cache of one group. `evicted` is called with each entry that goes to make room."""

    def __init__(self, place: Place, evicted: Callable[[Entry], object]) -> None:
        self.place, self.evicted = place, evicted
        self.location = place.location
        self.opened: Writer | None = None

    @property
    def answers(self) -> Writer:
        """Where to look: in the cache, and before it in what is on its way there."""
        return self.opened or self.open()

    @property
    def cache(self) -> Cache:
        return self.answers.cache

    def open(self) -> Writer:
        """Open the cache, unless another thread was faster."""
        with self._one_thread():
            if self.opened is None:
                from everfresh.storage.writer import Writer

                cache = self._cache()
                cache.evicted = self.evicted
                self.opened = Writer(cache, _unseen(cache))
            return self.opened

    def keep(self, prepared: Prepared, writes: str, then: Then) -> None:
        """Keep an answer at once or later, and call `then` with its entry when it is kept."""
        if writes == "at once":
            then(self.cache.keep(prepared), None)
        else:
            self.answers.put(prepared, then, soon=writes == "background")

    def settle(self) -> None:
        """Write what is on its way to the cache."""
        if self.opened is not None:
            self.opened.flush()

    def _cache(self) -> Cache:
        from everfresh.storage.place import facts_folder, open_cache

        place, now = self.place, settings()
        self.location = place.location or now.location or default_location()
        cache = open_cache(
            self.location,
            place.policy or now.policy,
            place.size or now.size,
            keep_versions=place.keep_versions,
            shared=now.shared if place.shared is None else place.shared,
            key=now.key,
        )
        use(facts_folder(self.location, now.key))
        return cache

    def _one_thread(self) -> RLock:
        """A lock of this process: after a fork another one, since nobody would open that which a thread held."""
        lock: RLock = vars(self).setdefault(f"opening in {os.getpid()}", RLock())
        return lock


def _unseen(cache: Cache) -> Callable[[Prepared], Entry | None]:
    """What is read and written by who keeps is the cache's own business, though other threads are watched."""

    def kept(prepared: Prepared) -> Entry | None:
        with Paused():
            return cache.keep(prepared)

    return kept
