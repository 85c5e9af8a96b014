"""What a cache holds is bounded, all told."""

from __future__ import annotations

import os

import pytest
from everfresh.errors import CacheWarning
from everfresh.model import Reason
from everfresh.storage.place import open_cache

MB = 1 << 20


def test_keep_versions(reopened, cache, key, trace):
    """When a function has a new version, so many older ones stay; what goes is told as evicted."""
    keeping = reopened()
    keeping.keep_versions, gone = 1, []
    keeping.evicted = gone.append
    entries = [keeping.record(key(n), trace(f=version), n, 1.0) for version in (1, 2, 3) for n in (1, 2)]
    assert sorted(gone) == sorted(entries[:2])
    assert keeping.lookup(key(1), trace(f=2)).value == keeping.lookup(key(1), trace(f=3)).value == 1
    assert keeping.lookup(key(1), trace(f=1)).kind == "stale"


def test_total_counts_everything(cache, key, trace, tmp_path):
    """The total is what stands in the folder: answers, the index, what is known of code."""
    (tmp_path / "cache/code").mkdir()
    (tmp_path / "cache/code/facts").write_bytes(bytes(1000))
    cache.record(key(), trace(f=1), bytes(10_000), 1.0)
    cache.close()
    marks = sum((tmp_path / "cache" / name).stat().st_size for name in (".gitignore", "CACHEDIR.TAG"))
    there = sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert cache.total() >= there - marks > 11_000


def test_facts_on_code_give_way(cache, reopened, key, trace, tmp_path):
    """What is known of code takes no more than a quarter of the bound when room is short."""
    (tmp_path / "cache/code").mkdir()
    for number in range(20):
        (tmp_path / f"cache/code/{number}").write_bytes(bytes(50_000))
    small = reopened(size=1 << 20)
    for number in range(20):
        small.record(key(number), trace(f=1), bytes(50_000), 1.0)
    assert sum(path.stat().st_size for path in (tmp_path / "cache/code").iterdir()) <= 1 << 18
    assert small.total() <= (1 << 20) + 51_000


def test_bound(cache, key, trace):
    """The objects never take more than the bound but for the one being recorded; each that goes is told."""
    cache.size = 20_000
    gone, totals = [], []
    cache.evicted = gone.append
    for number in range(50):
        cache.record(key(number), trace(f=1), os.urandom(1000 + 37 * number), cost=number)
        totals.append(sum(map(cache.objects.size, cache.objects)))
    assert max(totals) <= 20_000
    assert cache.index.total() == totals[-1]
    assert len(gone) + len(cache.index) == 50
    assert min(entry.cost for entry in cache.index.entries()) > max(entry.cost for entry in gone)


def test_too_large(cache, key, trace):
    """A value larger than the whole cache is refused with a warning, and costs no other entry its place."""
    cache.size = 10_000
    kept = cache.record(key(1), trace(f=1), "small", 1.0)
    gone = []
    cache.evicted = gone.append
    with pytest.warns(CacheWarning, match=r"module\.f takes .* bytes, more than the whole cache"):
        refused = cache.record(key(2), trace(f=1), bytes(20_000), 1.0)
    assert gone == [refused]
    assert list(cache.objects) == [kept.object]
    assert cache.lookup(key(2), trace(f=1)) == Reason("absent")


def test_evict(cache, key, trace):
    """`evict` makes room down to the size asked for, and gives what went."""
    entries = [cache.record(key(n), trace(f=1), bytes(500_000), cost=n) for n in range(4)]
    assert cache.evict() == []
    assert cache.evict(cache.total() - 1) == entries[:1]
    assert cache.evict(0) == entries[1:]
    assert list(cache.objects) == []


def test_recent_hits_count_when_evicting(cache, reopened, key, trace):
    """Hits not yet written count too when it is decided who goes."""
    lru = reopened(policy="lru")
    first, second = (lru.record(key(n), trace(f=1), "value", 1.0) for n in (1, 2))
    lru.lookup(key(1), trace(f=1))
    assert first.size == second.size
    assert lru.evict(2 * first.size) == [second]


def test_two_caches_share_a_bound(tmp_path, key, trace):
    """Two that write to one folder in turns, as two processes do: each sees the large answers that the other added."""
    caches = [open_cache(tmp_path / "cache", "gdsf", 4 * MB) for _ in range(2)]
    for number in range(40):
        caches[number % 2].record(key(number), trace(f=1), bytes(MB // 3), cost=1.0)
        objects = caches[0].objects
        assert sum(objects.size(name) for name in objects) <= 4 * MB + MB // 2
    for cache in caches:
        cache.close()
