"""Many texts: told apart by what they are and where they stand, whichever way they are digested."""

from __future__ import annotations

import numpy as np
import pytest
from everfresh_fingerprint import fingerprint, kinds, strings
from hypothesis import example, given
from hypothesis import strategies as st

ITEMS = st.one_of(st.text(max_size=3), st.sampled_from(["", "\0", "a\0b", None, float("nan"), 1.5, 7, True, b"a"]))
LISTS = st.lists(ITEMS, min_size=1, max_size=12)


class Slotless(str):
    """A text that holds no more than its class."""

    __slots__ = ()


def spelled(items):
    return [(type(one), "nan" if one != one else one) for one in items]


def texts(items, size):
    """As they are digested in pieces of this size."""
    return strings.texts("list", [items[start : start + size] for start in range(0, len(items), size)])


@given(LISTS, LISTS, st.integers(1, 5))
@example(["a\0b"], ["a", "b"], 5)
@example(["", None], [None, ""], 1)
@example([""], ["", ""], 1)
def test_lists_of_texts_and_gaps_are_told_apart(one, other, size):
    """Two lists have one digest only where each item is the same; the pieces that they are cut into do not show."""
    digests = texts(one, 4), texts(other, size)
    assert (digests[0] == digests[1]) == (spelled(one) == spelled(other)) or None in digests


@given(LISTS)
def test_types_are_gathered_as_they_are_asked(items):
    """Types that were read in one step are those that the objects tell one by one."""
    quick = kinds.numbered(items, strings.MARKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinds, "loaded_numpy", lambda: None)
        assert kinds.numbered(items, strings.MARKS) == quick


@pytest.mark.parametrize("numpy", [True, False])
@pytest.mark.parametrize("odd", [Slotless("a"), np.str_("a"), type("Own", (str,), {})("a"), b"a", 1, float("inf")])
def test_one_that_is_no_text_among_many(odd, numpy, monkeypatch):
    """One item of another type among many texts tells the list apart, with and without numpy."""
    if not numpy:
        monkeypatch.setattr(kinds, "loaded_numpy", lambda: None)
    assert fingerprint(["a"] * 5000) != fingerprint(["a"] * 4999 + [odd]) != fingerprint(["a"] * 4998 + [odd, "a"])


@pytest.mark.parametrize("first", ["import pandas", "import numpy", "pass"])
def test_missing_values_of_pandas_are_known_from_the_first(first, in_process):
    """A list with a missing value of pandas has one digest, whatever was fingerprinted before it."""
    script = f"""
        {first}
        from everfresh_fingerprint import fingerprint
        import pandas as pd
        texts = ["a"] * 5000
        print(fingerprint([*texts, pd.NA]).hex(), fingerprint(texts).hex())
    """
    assert in_process(script) == in_process(script.replace("texts =", "fingerprint(pd.Series([1])); texts ="))


def test_objects_that_are_laid_out_otherwise_are_asked(monkeypatch):
    """Where the types do not stand where they are sought, as in other builds of Python, each object is asked."""
    monkeypatch.setattr(kinds, "_kept", [])
    monkeypatch.setattr(kinds, "TRIED", [*kinds.TRIED])
    monkeypatch.setattr(kinds, "id", lambda one: id(one) if type(one) is list else 0, raising=False)
    assert kinds.numbered(["a", 1], strings.MARKS) == bytes([0, kinds.UNKNOWN])
    assert kinds._kept == [None]
