"""What every replacement policy promises. A new policy joins by its name in POLICIES."""

from __future__ import annotations

import pytest
from everfresh.model import Entry, Key
from everfresh.storage.policy import POLICIES, policy_named
from hypothesis import given
from hypothesis import strategies as st

times = st.floats(-1e3, 2e9)
entries = st.lists(
    st.builds(
        Entry,
        key=st.builds(Key, function=st.sampled_from("fg"), arguments=st.binary(max_size=1)),
        version=st.binary(max_size=2),
        object=st.binary(min_size=16, max_size=16),
        size=st.integers(0, 1000),
        cost=st.floats(0, 1e6),
        created=times,
        used=times,
        hits=st.integers(0, 10**6),
    ),
    unique_by=lambda entry: (entry.key, entry.version),
    max_size=30,
)


@pytest.mark.parametrize("name", POLICIES)
class TestReplacementPolicy:
    """The contract."""

    @given(entries=entries, excess=st.integers(-10, 5000), now=times)
    def test_frees_enough_and_no_more(self, name, entries, excess, now):
        """The victims free the excess if anything can, and without the last of them they would not."""
        victims = list(policy_named(name).victims(entries, excess, now))
        freed = sum(entry.size for entry in victims)
        assert freed >= min(excess, sum(entry.size for entry in entries))
        assert not victims or freed - victims[-1].size < excess

    @given(entries=entries, now=times)
    def test_victims_are_entries(self, name, entries, now):
        """Each victim is one of the entries, and is named once."""
        victims = list(policy_named(name).victims(iter(entries), 10**9, now))
        assert sorted(victims, key=repr) == sorted(entries, key=repr)

    def test_of_nothing(self, name):
        """Where there are no entries there is no victim."""
        assert list(policy_named(name).victims([], 100, 0.0)) == []

    def test_keeps_what_is_better_in_everything(self, name):
        """What was used later and more often, cost more and is smaller outlives its opposite."""
        good = Entry(Key("f", b"1"), b"v", b"good", 10, 9.0, 100.0, 200.0, 5)
        bad = Entry(Key("f", b"2"), b"v", b"bad", 20, 1.0, 100.0, 110.0, 0)
        assert list(policy_named(name).victims([good, bad], 1, 300.0)) == [bad]
