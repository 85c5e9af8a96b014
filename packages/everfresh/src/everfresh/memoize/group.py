"""Group: one cache, one bound and one set of listeners, shared by any number of functions."""

from __future__ import annotations

import os

from everfresh_fingerprint.facts import use
from everfresh_fingerprint.settings import DEFAULT, chosen

from everfresh.effects.files import Paused
from everfresh.errors import CacheWarning
from everfresh.events import Damaged, Evicted, Invalidated
from everfresh.observe.listeners import everywhere
from everfresh.observe.statistics import Statistics
from everfresh.settings import configure as configure_settings
from everfresh.settings import default_location, settings
from everfresh.settings import writes as checked_writes
from everfresh.units import parse_size
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

    from everfresh.events import Event, Listener
    from everfresh.model import Entry
    from everfresh.storage.cache import Cache, Prepared
    from everfresh.storage.flight import Flights
    from everfresh.storage.policy import ReplacementPolicy
    from everfresh.storage.writer import Then, Writer


class Group:
    """A place where answers are kept. What each option means is told by MemoizedGroup, its public face."""

    def __init__(  # noqa: PLR0913  (all by keyword)
        self,
        location: str | os.PathLike[str] | None = None,
        *,
        size: int | str | None = None,
        policy: str | ReplacementPolicy | None = None,
        strict: bool | None = None,
        disable: bool | None = None,
        deep: str | tuple[str, ...] = (),
        constant: str | tuple[str, ...] = (),
        unordered: str | tuple[str, ...] = (),
        writes: str | None = None,
        single_flight: bool | None = None,
        keep_versions: int | None = None,
        shared: bool | None = None,
    ) -> None:
        given = locals()
        self._given = {name: given[name] for name in GIVEN}
        self.fingerprints = chosen(deep, constant, unordered) or DEFAULT
        self.location = None if location is None else os.path.abspath(os.path.expanduser(os.fspath(location)))
        self.size = None if size is None else parse_size(size)
        self._policy, self._strict, self._disable = policy, strict, disable
        self._writes = None if writes is None else checked_writes(writes)
        self._single_flight, self.keep_versions, self._shared = single_flight, keep_versions, shared
        self._cache: Cache | None = None
        self._writer: Writer | None = None
        self._flights: Flights | None = None
        self._listeners: list[Listener] = []
        self.statistics = Statistics()

    @property
    def cache(self) -> Cache:
        """The cache itself, opened at the first use."""
        if self._cache is None:
            from everfresh.storage.place import open_cache

            now = settings()
            self.location = self.location or now.location or default_location()
            cache = open_cache(
                self.location,
                self._policy or now.policy,
                self.size or now.size,
                keep_versions=self.keep_versions,
                shared=now.shared if self._shared is None else self._shared,
            )
            cache.evicted = lambda entry: self.emit(Evicted(entry))
            use(os.path.join(self.location, "code"))
            self._cache = cache
        return self._cache

    @property
    def answers(self) -> Cache | Writer:
        """Where to look: in the cache, and before it in what is on its way there."""
        return self._writer or self.cache

    @property
    def flights(self) -> Flights:
        if self._flights is None:
            from everfresh.storage.flight import flights

            self._flights = flights(self.cache.index.path)
        return self._flights

    def keep(self, prepared: Prepared, writes: str, then: Then) -> None:
        """Keep an answer at once or later, and call `then` with its entry when it is kept."""
        if writes == "at once":
            then(self.cache.keep(prepared), None)
        else:
            self.writer().put(prepared, then, soon=writes == "background")

    def writer(self) -> Writer:
        if self._writer is None:
            from everfresh.storage.writer import Writer

            # Two threads may come here at once; what one of them puts must not go to a writer that nobody asks.
            writer = vars(self).setdefault("_the_writer", Writer(self.cache, _unseen(self.cache.keep)))
            self._writer = writer
        return self._writer

    def settle(self) -> None:
        """Write what is on its way to the cache."""
        if self._writer is not None:
            self._writer.flush()

    def open(self) -> None:
        """Open the cache before code is looked at: beside the answers is kept what is known of code."""
        if self._cache is None:
            try:
                self.cache  # noqa: B018
            except Exception:  # the lookup will meet it again, and say so
                pass

    @property
    def disabled(self) -> bool:
        return settings().disable if self._disable is None else self._disable

    @property
    def strict(self) -> bool:
        return settings().strict if self._strict is None else self._strict

    @property
    def writes(self) -> str:
        return settings().writes if self._writes is None else self._writes

    def single_flight_if(self, wanted: bool | None) -> bool:
        """Whether one computation at a time runs for a question of a function that wants so (None: says nothing)."""
        mine = self._single_flight if wanted is None else wanted
        return settings().single_flight if mine is None else mine

    def commit(self) -> None:
        """Write what is still in memory: nothing that was answered before is lost after this."""
        self.settle()
        self.attempt("commit", lambda cache: cache.commit())

    def evict(self, size: int | str | None = None) -> int:
        """Remove what is worth least until at most `size` is taken (default: the bound). Gives how many went."""
        bound = None if size is None else parse_size(size, least=0)
        self.settle()
        return len(self.attempt("evict", lambda cache: cache.evict(bound)) or ())

    def clear(self, function: str | None = None) -> int:
        """Remove all answers, or those of one function by its name. Gives how many went."""
        self.settle()
        entries = self.attempt("clear", lambda cache: cache.clear(function)) or 0
        self.emit(Invalidated(function, entries))
        return entries

    def close(self) -> None:
        """Commit and close the files. The next use opens them again."""
        if self._cache is not None:
            self.settle()
            self.attempt("close", lambda cache: cache.close())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call the listener with every event of this group, until the function that this returns is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, event: Event) -> None:
        self.statistics(event)
        for listener in (*self._listeners, *everywhere()):
            try:
                listener(event)
            except Exception as error:  # who listens must not be in the way of who calls
                warn_once(f"a listener to everfresh's events failed: {type(error).__name__}: {error}", CacheWarning)

    def attempt(self, what: str, act: Callable[[Cache], Any]) -> Any:
        """Do something with the cache. Trouble is a warning and None: a cache is never in the way of an answer."""
        try:
            with Paused():
                return act(self.cache)
        except Exception as error:  # whatever it is (disk, lock, damage, a class that will not unpickle): compute
            self.emit(Damaged(what, f"{type(error).__name__}: {error}"))
            warn_once(f"everfresh could not {what} in {self.location}: {error}", CacheWarning)
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[object, ...]]:
        self.settle()  # whoever opens it elsewhere finds all that was answered here
        return _opened, (type(self), self._given | {"location": self.location or self._given["location"]})

    def __determ_hash__(self) -> str:
        """Where answers are kept does not change them."""
        return "group"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"


def _opened(kind: type[Group], given: dict[str, Any]) -> Any:
    return kind(given.pop("location"), **given)


def _unseen(keep: Callable[[Prepared], Entry]) -> Callable[[Prepared], Entry]:
    """What the writer reads and writes is the cache's own business, though other threads are watched."""

    def kept(prepared: Prepared) -> Entry:
        with Paused():
            return keep(prepared)

    return kept


GIVEN = """location size policy strict disable deep constant unordered writes single_flight keep_versions
shared""".split()

_default: Group | None = None


def default_group() -> Group:
    """The group of functions that name none, with the place and size that the settings say."""
    global _default
    if _default is None:
        _default = Group()
    return _default


def configure(**options: Any) -> None:
    """Set defaults for this process: any of the fields of `everfresh.settings.Settings`.

    They are `location`, `size`, `policy`, `strict`, `disable`, `log`, `writes` and `single_flight`.

    They win over the environment (`EVERFRESH_DIR`, `EVERFRESH_SIZE`, `EVERFRESH_DISABLE=1` ...) and over
    `[tool.everfresh]` in `pyproject.toml`. The default group is opened anew with them at its next use.

    Raises a ValueError that names the option where it is unknown or its value is not understood.
    """
    global _default
    configure_settings(**options)
    if _default is not None:
        _default.close()
        _default = None
