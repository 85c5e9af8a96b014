"""Figures: what lookups, opening and eviction take with few and with many entries. Not a test: run it by hand.

python packages/everfresh/tests/storage/scale.py FOLDER 1000 100000 1000000
"""

from __future__ import annotations

import os
import random
import sys
import time

from everfresh.model import Key, Trace
from everfresh.storage import index
from everfresh.storage.place import open_cache
from everfresh.storage.prepared import prepare
from xxhash import xxh3_128_digest

TRACE = Trace(b"v" * 16, ())
OTHER = Trace(b"w" * 16, ())
LARGE = 1 << 50


def key(number):
    return Key("package.module.function", xxh3_128_digest(b"%d" % number))


def fill(cache, count):
    """Enter so many small answers, in batches."""
    for start in range(0, count, 10_000):
        batch = [prepare(key(number), TRACE, number, 0.01) for number in range(start, min(count, start + 10_000))]
        for each in batch:
            cache.objects.put(each.entry.object, each.chunks)
        cache.index.add_all([(each.entry, TRACE) for each in batch])
    cache.index.complete_now()


def microseconds(act, times, repeats=5):
    """The best of several means."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        for number in range(times):
            act(number)
        best = min(best, (time.perf_counter() - start) / times)
    return best * 1e6


def opening(path):
    cache = open_cache(path, "gdsf", LARGE)
    cache.close()


def measure(path, count):
    index.TOUCHES = LARGE  # what a hit costs and what it costs to count it are two figures
    cache = open_cache(path, "gdsf", LARGE)
    if len(cache.index) < count:
        fill(cache, count)
    keys = [key(number) for number in random.Random(2).choices(range(count), k=500)]
    figures = {"entries": count}
    figures["hit"] = microseconds(lambda n: cache.lookup(keys[n], TRACE), 500)
    cache.commit()
    figures["counting a hit"] = _counting(cache, keys)
    figures["absent"] = microseconds(lambda n: cache.lookup(key(-n - 1), TRACE), 500)
    figures["stale"] = microseconds(lambda n: cache.lookup(keys[n], OTHER), 500)
    figures["record"] = microseconds(lambda n: cache.record(key(-n - 1), TRACE, n, 0.01), 100)
    figures["open"] = microseconds(lambda _: opening(path), 5)
    figures["index bytes an entry"] = os.path.getsize(cache.index.path) / len(cache.index)
    figures["object bytes an entry"] = cache.index.total() / len(cache.index)
    cache.size = cache.index.total() + cache.index.file_size(cache.index.log)
    cache.index.rerank()
    cache.evict()
    figures["record at the bound"] = microseconds(lambda n: cache.record(key(-n - 1000), TRACE, n, 0.01), 100)
    cache.close()
    print("  ".join(f"{name} {figure:.0f}" for name, figure in figures.items()), flush=True)


def _counting(cache, keys):
    best = float("inf")
    for _ in range(5):
        for each in keys:
            cache.lookup(each, TRACE)
        start = time.perf_counter()
        cache.commit()
        best = min(best, time.perf_counter() - start)
    return best / len(keys) * 1e6


if __name__ == "__main__":
    for count in map(int, sys.argv[2:]):
        measure(f"{sys.argv[1]}/{count}", count)
