"""What the processes of the flight tests run: many calls over few keys, with a line in a file for each execution."""

from __future__ import annotations

import os
import random
import threading

from everfresh import MemoizedGroup


def counting(group: MemoizedGroup, log: str, **options: object):
    """A memoized function that adds a line to the log each time it runs."""

    @group.memoize(assume_pure=True, version=1, **options)
    def square(n):
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, b"%d\n" % n)
        os.close(descriptor)
        return n * n

    return square


def calls(folder: str, log: str, keys: int, count: int, seed: int, **options: object) -> list[int]:
    """Make calls in an order of this process's own; give the arguments whose answer was wrong."""
    with MemoizedGroup(folder) as group:
        return ask(counting(group, log, **options), keys, count, seed)


def ask(square, keys: int, count: int, seed: int) -> list[int]:
    order = [n % keys for n in range(count)]
    random.Random(seed).shuffle(order)
    return [n for n in order if square(n) != n * n]


def work(barrier, results, *given, **options) -> None:
    """Wait for the others, then call."""
    barrier.wait()
    results.put(calls(*given, **options))


def in_threads(folder: str, log: str, keys: int, count: int, threads: int) -> list[int]:
    """The same from threads of one process."""
    barrier, wrong = threading.Barrier(threads), []

    def run(seed):
        barrier.wait()
        wrong.extend(ask(square, keys, count, seed))

    with MemoizedGroup(folder) as group:
        square = counting(group, log)
        running = [threading.Thread(target=run, args=(seed,)) for seed in range(threads)]
        for each in running:
            each.start()
        for each in running:
            each.join()
    return wrong
