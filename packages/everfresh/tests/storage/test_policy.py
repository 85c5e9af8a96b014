"""What each replacement policy keeps, beyond the contract of all."""

from __future__ import annotations

import pytest
from everfresh.errors import UnknownPolicyError
from everfresh.model import Entry, Key
from everfresh.storage.policy import GreedyDualSizeFrequency, LeastFrequentlyUsed, LeastRecentlyUsed, policy_named


def entry(name, size=10, cost=1.0, created=100.0, used=200.0, hits=0, version=b"v"):
    """Give an entry of the call f(name)."""
    return Entry(Key("f", name.encode()), version, name.encode() + version, size, cost, created, used, hits)


def order(policy, *entries, now=300.0):
    """Give the names of the entries in the order in which they would go."""
    return [each.key.arguments.decode() for each in policy.victims(entries, 10**9, now)]


def test_gdsf_weighs_cost_by_size():
    """What saves least time for its bytes goes first."""
    entries = [entry("dear", cost=9.0), entry("cheap", cost=0.1), entry("big", size=1000, cost=9.0)]
    assert order(GreedyDualSizeFrequency(), *entries) == ["big", "cheap", "dear"]


def test_gdsf_counts_uses():
    """Of two alike the one used more often stays."""
    assert order(GreedyDualSizeFrequency(), entry("often", hits=9), entry("once")) == ["once", "often"]


@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_gdsf_ages(unit):
    """What was dear but long unused goes before what is a little cheaper and fresh, in caches of minutes and months."""
    old = entry("old", cost=2.0, used=300 - 100 * unit)
    fresh = entry("fresh", cost=1.0, used=300.0)
    assert order(GreedyDualSizeFrequency(), fresh, old) == ["old", "fresh"]


def test_gdsf_takes_superseded_versions_first():
    """An older version of a call goes before anything else, however dear; the newest does not."""
    older = entry("same", cost=1e9, created=1.0, version=b"1")
    newer = entry("same", cost=5.0, created=2.0, version=b"2")
    policy = GreedyDualSizeFrequency()
    assert list(policy.victims([newer, entry("other", cost=0.0), older], 1, 300.0)) == [older]


def test_gdsf_survives_a_clock_set_back():
    """Entries from the future do no harm."""
    assert order(GreedyDualSizeFrequency(), entry("future", used=1e12), entry("worthless", cost=0.0)) == [
        "worthless",
        "future",
    ]


def test_lru():
    """What was used longest ago goes first."""
    assert order(LeastRecentlyUsed(), entry("new", used=3.0), entry("old", used=1.0)) == ["old", "new"]


def test_lfu():
    """What was used least goes first, and of two alike the one used longer ago."""
    entries = [entry("often", hits=2), entry("late", used=3.0), entry("early", used=1.0)]
    assert order(LeastFrequentlyUsed(), *entries) == ["early", "late", "often"]


def test_unknown_policy():
    """A name that no policy has is an error that lists the names there are."""
    with pytest.raises(UnknownPolicyError, match="'fifo': choose one of gdsf, lru, lfu"):
        policy_named("fifo")
