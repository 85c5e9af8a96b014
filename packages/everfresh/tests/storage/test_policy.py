"""What each replacement policy keeps, beyond the contract of all."""

from __future__ import annotations

import os

import pytest
from everfresh.errors import UnknownPolicyError
from everfresh.model import Entry, Key, Reason
from everfresh.storage.policy import GreedyDualSizeFrequency, LeastFrequentlyUsed, LeastRecentlyUsed, policy_named


def entry(name, size=10, cost=1.0, created=100.0, used=200.0, hits=0):
    """Give an entry of the call f(name)."""
    return Entry(Key("f", name.encode()), b"v", name.encode(), size, cost, created, used, hits)


def order(policy, *entries, clock=0.0):
    """Give the names of the entries in the order in which they would go."""
    ranked = sorted(entries, key=lambda each: (policy.worth(each, clock), each.used))
    return [each.key.arguments.decode() for each in ranked]


def test_gdsf_weighs_cost_by_size():
    """What saves least time for its bytes goes first."""
    entries = [entry("dear", cost=9.0), entry("cheap", cost=0.1), entry("big", size=1000, cost=9.0)]
    assert order(GreedyDualSizeFrequency(), *entries) == ["big", "cheap", "dear"]


def test_gdsf_counts_uses():
    """Of two alike the one used more often stays."""
    assert order(GreedyDualSizeFrequency(), entry("often", hits=9), entry("once")) == ["once", "often"]


def test_gdsf_forgets():
    """What was dear but long unused is worth less than what is cheaper and came when the clock was far on."""
    policy = GreedyDualSizeFrequency()
    assert policy.worth(entry("old", cost=5.0), clock=0.0) < policy.worth(entry("fresh"), clock=0.5)
    assert policy.worth(entry("old", cost=50.0), clock=0.0) > policy.worth(entry("fresh"), clock=0.5)


def test_gdsf_survives_a_clock_set_back():
    """Entries from the future do no harm."""
    entries = entry("future", used=1e12), entry("worthless", cost=0.0)
    assert order(GreedyDualSizeFrequency(), *entries) == ["worthless", "future"]


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


class NewestFirst:
    """A policy of the user's: what was made last goes first."""

    def worth(self, entry, clock):
        return -entry.created


def test_own_policy(reopened, cache, key, trace):
    """A policy is any object with the one method; entries recorded under another are ranked anew."""
    for number in range(3):
        cache.record(key(number), trace(f=1), number, 1.0)
    again = reopened(policy=NewestFirst())
    again.index.rerank()
    again.record(key(3), trace(f=1), 3, 1.0)
    gone = []
    while len(again.index):
        gone += again._evict_least(1)
    assert [each.key for each in gone] == [key(number) for number in (3, 2, 1, 0)]


def test_superseded_versions_go_first(cache, key, trace):
    """An older version of a call goes before anything else, however dear; the newest does not."""
    older = cache.record(key("same"), trace(f=1), "value", cost=1e9)
    other = cache.record(key("other"), trace(f=2), "value", cost=0.0)
    newer = cache.record(key("same"), trace(f=2), "value", cost=5.0)
    assert cache._evict_least(1) == [older]
    assert cache._evict_least(1) == [other]
    assert cache._evict_least(1) == [newer]


def test_what_an_edit_left_goes_first(cache, key, trace):
    """After an edit all answers of the old version are superseded, also to calls that nobody made again."""
    old = [cache.record(key(n), trace(f=1), n, cost=100.0) for n in range(3)]
    cache.record(key(9), trace(f=2), "new", cost=0.001)
    assert {each.object for each in cache._evict_least(sum(each.size for each in old))} == {e.object for e in old}


def test_going_back_is_no_loss(cache, key, trace):
    """On going back to an older version its answers are the current ones again, and those of the other go first."""
    cache.record(key(1), trace(f=1), 1, cost=1.0)
    other = cache.record(key(2), trace(f=2), 2, cost=100.0)
    cache.record(key(3), trace(f=1), 3, cost=1.0)
    assert cache._evict_least(1) == [other]


def test_what_is_used_is_not_superseded(cache, key, trace):
    """A hit on an answer of an older version shows that somebody still works with it."""
    cache.record(key(1), trace(f=1), 1, cost=100.0)
    cache.record(key(1), trace(f=2), 2, cost=1.0)
    cache.lookup(key(1), trace(f=1))
    cache.commit()
    assert [each.cost for each in cache._evict_least(1)] == [1.0]


def test_other_dependencies_do_not_supersede(cache, key, trace):
    """What was learned of a call, and the answer that depends on it, stand side by side."""
    way = cache.record(key(1), trace(f=1), "the way", cost=1.0)
    cache.record(key(1), trace(file="content", f=1), "answer", cost=1e-9)
    assert cache._evict_least(1) != [way]


def test_size_is_kept_under_load(reopened, cache, key, trace):
    """Of 10 MB written through a bound of 1 MB what is worth most survives, and the bound holds at every step."""
    bounded = reopened(size=1 << 20)
    for number in range(500):
        dear = number % 25 == 0
        bounded.record(key(number), trace(f=1), os.urandom(20_000), cost=100.0 if dear else 0.001)
        assert bounded.total() <= (1 << 20) + 20_500
    left = [number for number in range(500) if not isinstance(bounded.lookup(key(number), trace(f=1)), Reason)]
    assert set(range(0, 500, 25)) <= set(left)
