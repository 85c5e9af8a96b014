"""Writers that are killed at any moment: what was reported complete is there, and nothing is wrong."""

from __future__ import annotations

import os
import random
import signal

import pytest
from everfresh.model import Found, Key, Trace

TRACE = Trace(b"v", ())
TOTAL = 500 if os.environ.get("EVERFRESH_TESTS_LONG") else 24
AT_ONCE = 3

# Says which answers are complete, once they are; takes small and large ones, in another order each time.
WRITER = """
import random, sys
numbers = list(range(60))
random.Random(int(sys.argv[3])).shuffle(numbers)
trace = Trace(b"v", ())
value = lambda n: [n] * (20 if n % 4 else 300_000)
print("ready", flush=True)
while True:
    for n in numbers:
        found = cache.lookup(key(n), trace)
        if isinstance(found, Found):
            if found.value != value(n):
                print("wrong", n, flush=True)
        else:
            if found.kind not in ("absent", "lost"):
                print("trouble", found, flush=True)
            cache.record(key(n), trace, value(n), 0.1)
            print("kept", n, flush=True)
        if n % 20 == 7:
            cache.forget(key(n))
"""


def value(n):
    return [n] * (20 if n % 4 else 300_000)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_at_any_moment(process, cache):
    """Writers are killed again and again: no error, no wrong value, and nothing is lost that was reported."""
    chance, kept = random.Random(7), set()
    for round_ in range(TOTAL // AT_ONCE):
        writers = [process(WRITER, more=[str(round_ * AT_ONCE + n)]) for n in range(AT_ONCE)]
        for writer in writers:
            assert writer.stdout.readline() == "ready\n", writer.stderr.read()
        said = [_killed(writer, chance.randrange(40)) for writer in writers]
        for lines in said:
            kept |= {int(line.split()[1]) for line in lines if line.startswith("kept") and line.endswith("\n")}
        if round_ % 4 == 3:
            _check(cache, kept)
            cache.clear()
            kept = set()
    _check(cache, kept)


def _killed(writer, after):
    """Kill the writer after it said so many lines, wherever it is then, and give all that it said."""
    lines = [line for line in (writer.stdout.readline() for _ in range(after)) if line]
    writer.kill()
    rest, errors = writer.communicate(timeout=60)
    lines += rest.splitlines(keepends=True)
    assert errors == ""
    assert not [line for line in lines if line.startswith(("wrong", "trouble"))]
    return lines


def _check(cache, kept):
    for n in kept:
        found = cache.lookup(Key("f", b"%d" % n), TRACE)
        if n % 20 != 7:  # those are forgotten again and again
            assert isinstance(found, Found), (n, found)
            assert found.value == value(n)
    cache.collect(grace=-1)
    assert cache.verify().trouble == 0
    assert cache.index.total() == sum(map(cache.objects.size, cache.objects))
