"""Calls that look outside the program are found, with the chain of calls that leads to them."""

from __future__ import annotations

import pytest
from everfresh_callgraph import impurities, trace

DATETIME, GENERATOR = "datetime.datetime", "the hidden random generator"
METHODCALLER = """
import operator, datetime
now = [operator.methodcaller("now")]
def f(): return now[0](datetime.datetime)"""


@pytest.mark.parametrize(
    ("text", "what", "end"),
    [
        ("import time\ndef f(): return time.time()", "the time", "time.time"),
        ("import datetime\ndef f(): return datetime.datetime.now()", "the time", "datetime.datetime"),
        ("import subprocess\ndef f(): return subprocess.run(['x'])", "other programs", "subprocess.run"),
        ("import uuid\ndef f(): return uuid.uuid4()", "system randomness", "uuid.uuid4"),
        ("import time\ndef f(): return getattr(time, 'time')()", "the time", "time.time"),
        ("def f():\n import time\n return getattr(time, 'time')()", "the time", "time.time"),
        ("import time\ndef go(m): return m.time()\ndef f(): return go(time)", "the time", "time.time"),
        ("import datetime\ndef go(m): return m.datetime.now()\ndef f(): return go(datetime)", "the time", DATETIME),
        ("from datetime import datetime\nnow = datetime.now\ndef f(): return now()", "the time", f"{DATETIME}.now"),
        (
            "import datetime\nt = {'n': datetime.date.today}\ndef f(): return t['n']()",
            "the time",
            "datetime.date.today",
        ),
        ("import datetime\ndef g(n=datetime.datetime.now): ...\ndef f(): g()", "the time", f"{DATETIME}.now"),
        (METHODCALLER, "the time", DATETIME),
        ("import logging\ndef f(): return logging.LogRecord(*'abcdefg').created", "the time", "logging.LogRecord"),
        ("import random\ndef go(m): return m.random()\ndef f(): return go(random)", GENERATOR, "random.random"),
        ("import os\ndef f(p): return os.path.abspath(p)", "the working directory", "posixpath.abspath"),
        ("def f(p):\n from os.path import realpath\n return realpath(p)", "the working directory", "os.path.realpath"),
        ("import os\ndef f(p): return [one.stat() for one in os.scandir(p)]", "unwatched files", "posix.scandir"),
    ],
)
def test_look_outside_is_found(project, text, what, end):
    """A call that looks outside the program is found by what it looks at and where the chain ends."""
    found = impurities(trace(project.load(text).f))
    assert {(one.what, one.chain[-1]) for one in found} == {(what, end)}


def test_chain_leads_from_the_root(project):
    """The chain names every call from the root to the one that looks outside."""
    app = project.load("import time\ndef f(): return g()\ndef g(): return h()\ndef h(): return time.time()")
    assert [str(one) for one in impurities(trace(app.f))] == ["the time (app.f -> app.g -> app.h -> time.time)"]


def test_pure_code_has_none(project):
    """Code that computes with what it is given looks at nothing outside."""
    app = project.load("import datetime, math\ndef f(x): return math.sqrt(x), datetime.date(2020, 1, 1), sorted([x])")
    assert impurities(trace(app.f)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "import numpy\ndef f(): return numpy.datetime64('now')",
        "import pandas\ndef f(): return pandas.Timestamp('today')",
        "import pandas\ns = pandas.Series([1])\ndef f(): return s.sample()",
        "import os\ndef f(n): return getattr(os, n)['X']",
    ],
)
def test_what_cannot_be_told_apart_is_a_blind_spot(project, text):
    """Where a text or a keyword that is left out makes a call look outside, a blind spot tells of it."""
    pytest.importorskip("pandas")
    assert trace(project.load(text).f).blind_spots


@pytest.mark.parametrize(
    "body", ["s.sample(random_state=1)", "random.Random(1).sample('ab', 1)", "numpy.datetime64(n)"]
)
def test_a_seed_or_a_date_is_no_blind_spot(project, body):
    """A sample with a state, one of something else, and a date that is written out tell all they hang on."""
    pytest.importorskip("pandas")
    text = "import numpy, pandas, random\ns = pandas.Series([1])\ndef f(n):\n"
    app = project.load(f"{text} return {body}".replace("s = pandas", "s = 0 and pandas"))
    assert trace(app.f).blind_spots == ()
