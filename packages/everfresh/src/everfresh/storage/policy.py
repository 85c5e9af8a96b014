"""Replacement policies: who goes when space is short. A policy answers that one question and performs nothing."""

from __future__ import annotations

from everfresh.errors import UnknownPolicyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Protocol

    from everfresh.model import Entry, Key

    class ReplacementPolicy(Protocol):
        """Chooses entries to remove."""

        def victims(self, entries: Iterable[Entry], excess_bytes: int, now: float) -> Iterable[Entry]:
            """Give entries that together free the excess, the one worth least first, and not more than needed."""


# An entry last used as long ago as the oldest counts as if it were worth this share of one used just now.
OLDEST_SHARE = 1 / 16


class GreedyDualSizeFrequency:
    """Keeps what saves most computing time for its bytes: cost * uses / size, less with age.

    Entries of superseded versions go first. Age is measured by the span over which this cache was used, so that a
    cache of minutes and one of months both forget.
    """

    def victims(self, entries: Iterable[Entry], excess_bytes: int, now: float) -> Iterable[Entry]:
        known = list(entries)
        newest = _newest(known)
        span = max((now - entry.used for entry in known), default=0.0)

        def worth(entry: Entry) -> tuple[bool, float]:
            age = max(now - entry.used, 0.0) / span if span > 0 else 0.0
            saved = entry.cost * (1 + entry.hits) / max(entry.size, 1)
            return entry.created >= newest[entry.key], saved * OLDEST_SHARE**age

        return _until(excess_bytes, sorted(known, key=worth))


class LeastRecentlyUsed:
    """Keeps what was used last."""

    def victims(self, entries: Iterable[Entry], excess_bytes: int, now: float) -> Iterable[Entry]:
        return _until(excess_bytes, sorted(entries, key=lambda entry: entry.used))


class LeastFrequentlyUsed:
    """Keeps what is used most; of two used as often, what was used last."""

    def victims(self, entries: Iterable[Entry], excess_bytes: int, now: float) -> Iterable[Entry]:
        return _until(excess_bytes, sorted(entries, key=lambda entry: (entry.hits, entry.used)))


POLICIES: dict[str, Callable[[], ReplacementPolicy]] = {
    "gdsf": GreedyDualSizeFrequency,
    "lru": LeastRecentlyUsed,
    "lfu": LeastFrequentlyUsed,
}


def policy_named(name: str) -> ReplacementPolicy:
    """Give the policy of this name: gdsf, lru or lfu."""
    if name not in POLICIES:
        raise UnknownPolicyError(f"no replacement policy is called {name!r}: choose one of {', '.join(POLICIES)}")
    return POLICIES[name]()


def _newest(entries: list[Entry]) -> dict[Key, float]:
    newest: dict[Key, float] = {}
    for entry in entries:
        newest[entry.key] = max(entry.created, newest.get(entry.key, entry.created))
    return newest


def _until(excess_bytes: int, entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        if excess_bytes <= 0:
            return
        excess_bytes -= entry.size
        yield entry
