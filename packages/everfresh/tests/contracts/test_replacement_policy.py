"""What every replacement policy promises. A new policy joins by its name in POLICIES."""

from __future__ import annotations

import math

import pytest
from everfresh.model import Entry, Key
from everfresh.storage.policy import POLICIES, policy_named
from hypothesis import given
from hypothesis import strategies as st

times = st.floats(-1e3, 2e9)
entries = st.builds(
    Entry,
    key=st.builds(Key, function=st.sampled_from("fg"), arguments=st.binary(max_size=1)),
    version=st.binary(max_size=2),
    object=st.binary(min_size=16, max_size=16),
    size=st.integers(0, 1000),
    cost=st.floats(0, 1e6),
    created=times,
    used=times,
    hits=st.integers(0, 10**6),
)


@pytest.mark.parametrize("name", POLICIES)
class TestReplacementPolicy:
    """The contract."""

    @given(entry=entries, clock=st.floats(0, 1e12))
    def test_worth_is_a_finite_number(self, name, entry, clock):
        """Whatever the entry, its worth can be compared with that of others."""
        assert math.isfinite(policy_named(name).worth(entry, clock))

    @given(entry=entries, clock=st.floats(0, 1e12))
    def test_performs_nothing(self, name, entry, clock):
        """Asked twice, a policy says the same."""
        policy = policy_named(name)
        assert policy.worth(entry, clock) == policy.worth(entry, clock) == policy_named(name).worth(entry, clock)

    @given(entry=entries, clock=st.floats(0, 1e6))
    def test_use_never_makes_it_worth_less(self, name, entry, clock):
        """An entry that was hit is worth at least what it was before."""
        policy = policy_named(name)
        used = entry._replace(hits=entry.hits + 1, used=entry.used + 1)
        assert policy.worth(used, clock) >= policy.worth(entry, clock)

    def test_what_is_better_in_everything_is_worth_more(self, name):
        """What was used later and more often, cost more and is smaller outlives its opposite."""
        good = Entry(Key("f", b"1"), b"v", b"good", 10, 9.0, 100.0, 200.0, 5)
        bad = Entry(Key("f", b"2"), b"v", b"bad", 20, 1.0, 100.0, 110.0, 0)
        policy = policy_named(name)
        assert policy.worth(good, 3.0) > policy.worth(bad, 3.0)
