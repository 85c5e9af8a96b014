"""Group: one cache, one bound and one set of listeners, shared by any number of functions."""

from __future__ import annotations

import os
from functools import cached_property

from everfresh_fingerprint.settings import DEFAULT, chosen

from everfresh.effects.files import Paused
from everfresh.errors import CacheWarning
from everfresh.events import Damaged, Evicted, Invalidated
from everfresh.memoize.home import Home, Place
from everfresh.memoize.said import compression, said, serializer
from everfresh.observe.listeners import everywhere
from everfresh.observe.statistics import Statistics
from everfresh.settings import configure as configure_settings
from everfresh.settings import settings
from everfresh.units import parse_size
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

    from everfresh.events import Event, Listener
    from everfresh.storage.cache import Cache
    from everfresh.storage.flight import Flights
    from everfresh.storage.policy import ReplacementPolicy
    from everfresh.storage.serializers import Serializer
    from everfresh.storage.writer import Writer


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
        durable: bool | None = None,
        serializer: str | Serializer | None = None,
        compression: str | None = None,
        keep_versions: int | None = None,
        shared: bool | None = None,
    ) -> None:
        self._given = {name: value for name, value in locals().items() if name != "self"}
        self._said = said(self._given)
        self.fingerprints = chosen(deep, constant, unordered) or DEFAULT
        path = None if location is None else os.path.abspath(os.path.expanduser(os.fspath(location)))
        place = Place(path, None if size is None else parse_size(size), policy, keep_versions, shared)
        self.home = Home(place, lambda entry: self.emit(Evicted(entry)))
        self._listeners: list[Listener] = []
        self.statistics = Statistics()

    @property
    def location(self) -> str | None:
        """The folder; None where the settings are to say it, and were not asked yet."""
        return self.home.location

    @property
    def size(self) -> int | None:
        """The bound in bytes; None where the settings say it."""
        return self.home.place.size

    @property
    def cache(self) -> Cache:
        """The cache itself, opened at the first use."""
        return self.home.cache

    @property
    def answers(self) -> Writer:
        """Where to look: in the cache, and before it in what is on its way there."""
        return self.home.answers

    @cached_property
    def flights(self) -> Flights:
        from everfresh.storage.flight import flights

        return flights(self.cache.index.path)

    def open(self) -> None:
        """Open the cache before code is looked at: beside the answers is kept what is known of code."""
        if self.home.opened is None:
            try:
                self.home.open()
            except Exception:  # the lookup will meet it again, and say so
                pass

    @property
    def disabled(self) -> bool:
        return bool(self.says("disable"))

    def says(self, what: str) -> Any:
        """What holds in this group for functions that say nothing."""
        mine = getattr(self._said, what)
        return getattr(settings(), what) if mine is None else mine

    def commit(self) -> None:
        """Write what is still in memory: nothing that was answered before is lost after this."""
        self.home.settle()
        self.attempt("commit", lambda cache: cache.commit())

    def evict(self, size: int | str | None = None) -> int:
        """Remove what is worth least until at most `size` is taken (default: the bound). Gives how many went."""
        bound = None if size is None else parse_size(size, least=0)
        self.home.settle()
        return len(self.attempt("evict", lambda cache: cache.evict(bound)) or ())

    def clear(self, function: str | None = None) -> int:
        """Remove all answers, or those of one function by its name. Gives how many went."""
        self.home.settle()
        entries = self.attempt("clear", lambda cache: cache.clear(function)) or 0
        self.emit(Invalidated(function, entries))
        return entries

    def close(self) -> None:
        """Commit and close the files. The next use opens them again."""
        if self.home.opened is not None:
            self.home.settle()
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
        self.home.settle()  # whoever opens it elsewhere finds all that was answered here
        return _opened, (type(self), self._given | {"location": self.location or self._given["location"]})

    def __determ_hash__(self) -> str:
        """Where answers are kept does not change them."""
        return "group"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"


def _opened(kind: type[Group], given: dict[str, Any]) -> Any:
    return kind(given.pop("location"), **given)


_default: dict[str, Group] = {}


def default_group() -> Group:
    """The group of functions that name none, with the place and size that the settings say."""
    # Not `if None: make`: of two threads both would make one.
    return _default.get("group") or _default.setdefault("group", Group())


def configure(**options: Any) -> None:
    """Set defaults for this process: any of the fields of `everfresh.settings.Settings`.

    They are `location`, `size`, `policy`, `strict`, `disable`, `log`, `writes`, `single_flight`, `durable`,
    `serializer`, `compression`, `shared` and `key`. With a key (text or bytes, at least 16) answers are signed, and
    what is not signed by it is never unpickled; say it before a group is used.

    They win over the environment (`EVERFRESH_DIR`, `EVERFRESH_SIZE`, `EVERFRESH_KEY` ...) and over `[tool.everfresh]`
    in `pyproject.toml`. The default group is opened anew with them at its next use.

    Raises a ValueError that names the option where it is unknown or its value is not understood.
    """
    for name, check in (("serializer", serializer), ("compression", compression)):
        if name in options:
            options[name] = check(options[name])
    configure_settings(**options)
    group = _default.pop("group", None)
    if group is not None:
        group.close()
