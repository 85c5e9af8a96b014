"""everfresh remembers what functions returned, on disk, and computes again exactly when the answer could differ."""

# Eagerly: the room of the same name is bound to `everfresh.memoize` while it loads, and the function must come last.
from everfresh.memoize.decorate import MemoizedGroup, memoize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_callgraph import code_version
    from everfresh_fingerprint import determ_hash

    from everfresh.errors import CacheWarning, EverfreshError, ImpureWarning, NotCachedError, NotMemoizedWarning
    from everfresh.helpers import FileContents, TTLInterval
    from everfresh.memoize.group import configure
    from everfresh.memoize.protocol import Memoized
    from everfresh.observe.listeners import subscribe

__all__ = [
    "CacheWarning",
    "EverfreshError",
    "FileContents",
    "ImpureWarning",
    "Memoized",
    "MemoizedGroup",
    "NotCachedError",
    "NotMemoizedWarning",
    "TTLInterval",
    "code_version",
    "configure",
    "determ_hash",
    "memoize",
    "subscribe",
]
__version__ = "0.1.0"

# Loaded when first asked for: a script that only decorates should not pay for the rest.
_HOMES = {
    "CacheWarning": "everfresh.errors",
    "EverfreshError": "everfresh.errors",
    "FileContents": "everfresh.helpers",
    "ImpureWarning": "everfresh.errors",
    "Memoized": "everfresh.memoize.protocol",
    "NotCachedError": "everfresh.errors",
    "NotMemoizedWarning": "everfresh.errors",
    "TTLInterval": "everfresh.helpers",
    "code_version": "everfresh_callgraph",
    "configure": "everfresh.memoize.group",
    "determ_hash": "everfresh_fingerprint",
    "subscribe": "everfresh.observe.listeners",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
