"""What a function looks at outside the program: what is not watched is told or refused, never passed over."""

from __future__ import annotations

import datetime
import os
import random
import subprocess
import time
import warnings
from pathlib import Path

import numpy
import pytest
from everfresh import ImpureWarning, NotMemoizedWarning


def stamped():
    """Ask the time, one call below."""
    return time.time()


@pytest.mark.parametrize(
    ("function", "seen"),
    [
        (lambda: stamped(), "the time (<here>.<lambda> -> <here>.stamped -> time.time)"),
        (lambda: datetime.datetime.now(datetime.UTC), "the time (<here>.<lambda> -> datetime.datetime)"),
        (lambda: os.getcwd(), "the machine ("),
        (lambda: random.random(), "the hidden random generator (<here>.<lambda> -> random.random)"),
        (lambda: random.choice([1, 2]), "the hidden random generator (<here>.<lambda> -> random.choice)"),
        (lambda: numpy.random.rand(), "the hidden random generator (<here>.<lambda> -> numpy.random.rand)"),
        (lambda: subprocess.run(["true"], check=True), "other programs ("),
    ],
)
def test_what_changes_unseen_is_refused(group, events, function, seen):
    """The function runs uncached, and one warning names the chain of calls and the ways out."""
    f = group.memoize(function)
    with pytest.warns(NotMemoizedWarning, match="depends_on=.*assume_pure=True") as caught:
        f()
    f()  # a second warning would be an error here
    assert seen.replace("<here>", __name__) in str(caught[0].message)
    assert events.names == "Bypassed Bypassed"


def test_assumed_pure_is_memoized(group, events):
    """assume_pure=True accepts whatever the function looks at, without a word."""
    f = group.memoize(assume_pure=True)(lambda: stamped())
    assert f() == f()
    assert events.names == "Miss Stored Hit"


def test_a_generator_of_ones_own_is_a_value(group, events):
    """A seeded generator made inside is no randomness."""

    @group.memoize
    def f(seed):
        return numpy.random.default_rng(seed).random() + random.Random(seed).random()

    assert f(1) == f(1) != f(2)
    assert events.names == "Miss Stored Hit Miss Stored"


def test_a_token_of_the_systems_is_told_and_kept(group, events):
    """Bytes that nobody could foretell are as good when they are kept."""
    f = group.memoize(lambda: os.urandom(8))
    with pytest.warns(ImpureWarning, match="system randomness"):
        assert f() == f()
    assert events.names == "Miss Stored Hit"


def test_asking_whether_a_file_exists_is_told(group, events):
    """No event tells of it, so it is kept with a warning, and refused in strict mode."""
    with pytest.warns(ImpureWarning, match="unwatched files .*exists"):
        assert group.memoize(lambda path: os.path.exists(path))(__file__)
    assert events.names == "Miss Stored"
    with pytest.warns(NotMemoizedWarning, match="cannot see: unwatched files"):
        assert group.memoize(strict=True)(lambda path: os.path.exists(path))(__file__)


def test_formatting_a_date_is_no_asking(group, events):
    """A class that could tell the time is fine as long as nothing asks it to."""
    f = group.memoize(lambda: datetime.date(2020, 1, 1).isoformat())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f() == f() == "2020-01-01"
    assert Path(__file__).exists()
