"""What the engines run: functions of a module that their workers can import."""

from __future__ import annotations

import os

from everfresh import MemoizedGroup

group = MemoizedGroup(os.environ.get("ENGINES_CACHE", "unused"), writes="background")
# Each task gets a copy of its own: with writes="background" one would not see what waits in another (docs/limits.md).
travelling = MemoizedGroup(os.environ.get("ENGINES_CACHE", "unused"))


@group.memoize(assume_pure=True, version=1)
def square(n):
    """Square, and leave a line in the log."""
    return squared(n, os.environ["ENGINES_LOG"])


def squared(n, log):
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, b"%d\n" % n)
    os.close(descriptor)
    return n * n


def in_group(given):
    """Memoize in a group that came pickled."""
    mine, n = given
    return mine.memoize(version=1)(square.function)(n)
