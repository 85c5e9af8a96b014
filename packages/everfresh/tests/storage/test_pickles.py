"""What plain pickle cannot take, and what scripts and notebooks define."""

from __future__ import annotations

import subprocess
import sys

import pytest
from everfresh.storage import pickles

cloudpickle = pytest.importorskip("cloudpickle")


def test_lambdas_closures_and_local_classes():
    """What has no name to be imported by comes back as a copy that does the same."""

    class Local:
        size = 3

        def times(self, n):
            return self.size * n

    number = 5
    found = pickles.loads(pickles.dumps({"f": lambda x: x + number, "local": Local(), "class": Local}))
    assert found["f"](1) == 6
    assert found["local"].times(2) == 6
    assert isinstance(found["local"], found["class"])


def test_what_neither_can_take():
    """Where cloudpickle fails as well, the error is that of pickle."""
    with pytest.raises(TypeError, match="lock"):
        pickles.dumps(__import__("threading").Lock())


def test_buffers_of_a_failed_attempt_are_not_kept():
    """What pickle gave apart before it failed is given once."""
    import numpy

    array = numpy.arange(5000)
    body, buffers = pickles.dump_apart([array, lambda: 1], 4096)
    assert len(buffers) == 1
    found = pickles.loads(body, [bytearray(buffers[0])])
    assert numpy.array_equal(found[0], array)


# A program without a file, as a notebook is: what it defines can be imported from nowhere.
NOTEBOOK = """
import sys
from everfresh.storage import pickles

class Point:
    def __init__(self, x):
        self.x = x
    def doubled(self):
        return twice(self.x)

def twice(x):
    return 2 * x

open(sys.argv[1], "wb").write(pickles.dumps((Point(3), Point, twice)))
"""
READER = """
import sys
from everfresh.storage import pickles
point, kind, twice = pickles.loads(open(sys.argv[1], "rb").read())
assert point.doubled() == twice(3) == 6
assert type(point) is kind
"""
SAME = "class Point:\n    def doubled(self): return 6\ntwice = lambda x: 6\n" + READER + "assert kind is Point\n"


def run(code, *args):
    """Run Python on the code."""
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_a_notebook_defines(tmp_path):
    """An answer made of a notebook's classes is read by other programs, and by the next run with its own classes."""
    run(NOTEBOOK, tmp_path / "answer")
    run(READER, tmp_path / "answer")
    run(SAME, tmp_path / "answer")


def test_large_surroundings_do_not_go_along(tmp_path):
    """A class that refers to much goes by its name alone: each answer would carry all of it."""
    large = NOTEBOOK.replace("class Point", "BIG = b'x' * 1_000_000\n\nclass Point").replace("twice(self.x)", "BIG")
    run(large, tmp_path / "answer")
    assert (tmp_path / "answer").stat().st_size < 10_000
