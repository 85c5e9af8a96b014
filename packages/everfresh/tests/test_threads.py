"""Threads that meet where something is made once, or counted."""

from __future__ import annotations

import sys
import threading

import pytest
from everfresh import MemoizedGroup
from everfresh.events import Bypassed, Miss
from everfresh.memoize import group as group_module
from everfresh.model import Key, Reason
from everfresh.observe.statistics import Statistics
from everfresh.storage import place


@pytest.fixture
def together():
    """Give a function that runs something in eight threads at once, which change as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def run(act):
        barrier = threading.Barrier(8)
        threads = [threading.Thread(target=lambda: (barrier.wait(), act())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    yield run
    sys.setswitchinterval(before)


def test_a_group_opens_once(tmp_path, together, monkeypatch):
    """However many threads come first, there is one cache."""
    opened, real = [], place.open_cache

    def counted(*args, **kwargs):
        opened.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(place, "open_cache", counted)
    for number in range(10):
        group, found = MemoizedGroup(tmp_path / str(number)), []
        together(lambda: found.append(group.cache))
        assert len(set(map(id, found))) == 1
        assert len(opened) == number + 1


def test_there_is_one_default_group(together, monkeypatch):
    """However many threads ask for it first."""
    for _ in range(20):
        monkeypatch.setattr(group_module, "_default", {})
        found = []
        together(lambda: found.append(group_module.default_group()))
        assert len(set(map(id, found))) == 1


def test_no_count_is_lost(together):
    """Statistics count what all threads do."""
    statistics = Statistics()

    def count():
        for _ in range(500):
            statistics(Miss(Key("f", b""), Reason("absent")))
            statistics(Bypassed("f", "why"))

    together(count)
    found = statistics.of("f")
    assert (found.misses, found.bypassed, found.hits) == (4000, 4000, 0)


def test_threads_count_their_calls(group, together):
    """Eight threads that call one function a hundred times each are eight hundred calls."""
    f = group.memoize(lambda x: x)
    f(1)
    together(lambda: [f(1) for _ in range(100)])
    assert f.stats().hits == 800
