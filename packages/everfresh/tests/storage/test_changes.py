"""What parts two traces."""

from __future__ import annotations

from everfresh.model import Change, Dependency, Trace
from everfresh.storage.changes import changes


def test_changed_appeared_vanished(trace):
    """What changed comes first, then what appeared, then what vanished; what is equal is not named."""
    kept = trace(f="def f", old="1", helper="return 1")
    now = trace(f="def f", new="2", helper="return 2")
    assert changes(kept, now) == (
        Change("helper", "return 1", "return 2"),
        Change("new", "absent", "2"),
        Change("old", "1", "absent"),
    )


def test_alike_in_text(trace):
    """Dependencies that read alike are told apart by their digests."""
    kept = Trace(b"1", (Dependency("f", b"\x01" * 16, "def f"),))
    now = Trace(b"2", (Dependency("f", b"\x02" * 16, "def f"),))
    assert str(changes(kept, now)[0]) == "f: def f [01010101] -> def f [02020202]"


def test_nothing_changed(trace):
    """Equal traces have no changes."""
    assert changes(trace(f=1), trace(f=1)) == ()
