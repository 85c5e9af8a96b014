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
from everfresh.units import parse_size
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

    from everfresh.events import Event, Listener
    from everfresh.storage.cache import Cache
    from everfresh.storage.policy import ReplacementPolicy


class Group:
    """A place where answers are kept. What each option means is told by MemoizedGroup, its public face."""

    def __init__(
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
    ) -> None:
        self._given = (location, size, policy, strict, disable, deep, constant, unordered)
        self.fingerprints = chosen(deep, constant, unordered) or DEFAULT
        self.location = None if location is None else os.path.abspath(os.path.expanduser(os.fspath(location)))
        self.size = None if size is None else parse_size(size)
        self._policy, self._strict, self._disable = policy, strict, disable
        self._cache: Cache | None = None
        self._listeners: list[Listener] = []
        self.statistics = Statistics()

    @property
    def cache(self) -> Cache:
        """The cache itself, opened at the first use."""
        if self._cache is None:
            from everfresh.storage.place import open_cache

            now = settings()
            self.location = self.location or now.location or default_location()
            cache = open_cache(self.location, self._policy or now.policy, self.size or now.size)
            cache.evicted = lambda entry: self.emit(Evicted(entry))
            use(os.path.join(self.location, "code"))
            self._cache = cache
        return self._cache

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

    def commit(self) -> None:
        """Write what is still in memory: nothing that was answered before is lost after this."""
        self.attempt("commit", lambda cache: cache.commit())

    def evict(self, size: int | str | None = None) -> int:
        """Remove what is worth least until at most `size` is taken (default: the bound). Gives how many went."""
        bound = None if size is None else parse_size(size, least=0)
        return len(self.attempt("evict", lambda cache: cache.evict(bound)) or ())

    def clear(self, function: str | None = None) -> int:
        """Remove all answers, or those of one function by its name. Gives how many went."""
        entries = self.attempt("clear", lambda cache: cache.clear(function)) or 0
        self.emit(Invalidated(function, entries))
        return entries

    def close(self) -> None:
        """Commit and close the files. The next use opens them again."""
        if self._cache is not None:
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
        location, *options = self._given
        return _opened, (type(self), self.location or location, *options)  # type: ignore[return-value]

    def __determ_hash__(self) -> str:
        """Where answers are kept does not change them."""
        return "group"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"


def _opened(kind: type[Group], location: str | None, *options: Any) -> Group:
    return kind(location, **dict(zip(GIVEN, options, strict=False)))


GIVEN = ("size", "policy", "strict", "disable", "deep", "constant", "unordered")


_default: Group | None = None


def default_group() -> Group:
    """The group of functions that name none, with the place and size that the settings say."""
    global _default
    if _default is None:
        _default = Group()
    return _default


def configure(**options: Any) -> None:
    """Set defaults for this process: `location`, `size`, `policy`, `strict`, `disable`, `log`.

    They win over the environment (`EVERFRESH_DIR`, `EVERFRESH_SIZE`, `EVERFRESH_DISABLE=1` ...) and over
    `[tool.everfresh]` in `pyproject.toml`. The default group is opened anew with them at its next use.

    Raises a ValueError that names the option where it is unknown or its value is not understood.
    """
    global _default
    configure_settings(**options)
    if _default is not None:
        _default.close()
        _default = None
