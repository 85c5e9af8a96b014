"""Parts framed by their length."""

from __future__ import annotations

import pytest
from everfresh.errors import DamagedError
from everfresh.storage.frames import frame, unframe
from hypothesis import given
from hypothesis import strategies as st

parts = st.lists(st.binary(max_size=20), max_size=5)


@given(parts)
def test_round_trip(given_parts):
    """Framed parts come back as they were."""
    assert unframe(frame(*given_parts)) == given_parts


@given(parts, parts)
def test_no_two_alike(some, others):
    """Different parts never give the same bytes, however their borders move."""
    assert (frame(*some) == frame(*others)) == (some == others)


@pytest.mark.parametrize("cut", [1, 8, 12])
def test_cut_short(cut):
    """A frame that is cut short is noticed."""
    with pytest.raises(DamagedError):
        unframe(frame(b"", b"12345")[:-cut])
