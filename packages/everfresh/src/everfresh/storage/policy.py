"""Replacement policies: what an entry is worth when space is short. A policy answers that and performs nothing."""

from __future__ import annotations

from everfresh.errors import UnknownPolicyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from everfresh.model import Entry

    class ReplacementPolicy(Protocol):
        """Says what entries are worth. Asked when an entry is recorded and after it was used, and then kept."""

        def worth(self, entry: Entry, clock: float) -> float:
            """Give a finite number: what is worth least goes first, and of two alike what was used longer ago.

            `clock` is the highest worth of all that went to make room so far. Entries of superseded versions go
            first whatever they are worth.
            """


class GreedyDualSizeFrequency:
    """Keeps what saves most computing time for its bytes: cost * uses / size.

    The clock makes it forget: what was worth much long ago goes when the clock has come so far without a use. So age
    is measured by how fast this cache fills, not by hours, and a wrong date does no harm.
    """

    def worth(self, entry: Entry, clock: float) -> float:
        return clock + entry.cost * (1 + entry.hits) / max(entry.size, 1)


class LeastRecentlyUsed:
    """Keeps what was used last."""

    def worth(self, entry: Entry, clock: float) -> float:
        return entry.used


class LeastFrequentlyUsed:
    """Keeps what is used most; of two used as often, what was used last."""

    def worth(self, entry: Entry, clock: float) -> float:
        return float(entry.hits)


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
