"""Calls that look outside the program are found, with the chain of calls that leads to them."""

from __future__ import annotations

import pytest
from everfresh_callgraph import impurities, trace


@pytest.mark.parametrize(
    ("text", "what", "end"),
    [
        ("import time\ndef f(): return time.time()", "the time", "time.time"),
        ("import datetime\ndef f(): return datetime.datetime.now()", "the time", "datetime.datetime"),
        ("import subprocess\ndef f(): return subprocess.run(['x'])", "other programs", "subprocess.run"),
        ("import uuid\ndef f(): return uuid.uuid4()", "system randomness", "uuid.uuid4"),
    ],
)
def test_look_outside_is_found(project, text, what, end):
    """A call that looks outside the program is found by what it looks at and where the chain ends."""
    found = impurities(trace(project.load(text).f))
    assert [(one.what, one.chain[-1]) for one in found] == [(what, end)]


def test_chain_leads_from_the_root(project):
    """The chain names every call from the root to the one that looks outside."""
    app = project.load("import time\ndef f(): return g()\ndef g(): return h()\ndef h(): return time.time()")
    assert [str(one) for one in impurities(trace(app.f))] == ["the time (app.f -> app.g -> app.h -> time.time)"]


def test_pure_code_has_none(project):
    """Code that computes with what it is given looks at nothing outside."""
    app = project.load("import datetime, math\ndef f(x): return math.sqrt(x), datetime.date(2020, 1, 1), sorted([x])")
    assert impurities(trace(app.f)) == ()
