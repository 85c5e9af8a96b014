"""Files by content, and answers that expire."""

from __future__ import annotations

from datetime import timedelta

import pytest
from everfresh import FileContents, TTLInterval
from everfresh.events import Miss


def length(path):
    """Read the file."""
    with open(path) as file:
        return len(file.read())


def test_a_file_counts_by_its_content(group, events, tmp_path):
    """A changed file means computing again, with the reason; the same content under a new date does not."""
    f = group.memoize(length)
    path = tmp_path / "data.txt"
    path.write_text("one")
    assert f(FileContents(path)) == 3
    path.write_text("one")
    assert f(FileContents(path)) == 3
    path.write_text("three")
    assert f(FileContents(path)) == 5
    assert events.names == "Miss Stored Hit Miss Stored"
    assert str(events.of(Miss)[1].reason).startswith("stale (argument path: Digest ")


def test_a_missing_file_is_a_content_of_its_own(group, tmp_path):
    """A file that vanishes is a change, and the function meets it itself."""
    f = group.memoize(length)
    path = tmp_path / "data.txt"
    path.write_text("one")
    f(FileContents(path))
    path.unlink()
    assert not f.would_hit(FileContents(path))
    with pytest.raises(FileNotFoundError):
        f(FileContents(path))


def test_an_interval_gives_another_number_once_in_a_while(monkeypatch):
    """Within the interval the number stays, after it, it is another."""
    now = [1_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    interval = TTLInterval(timedelta(minutes=10))
    first = interval()
    now[0] += 600
    assert interval() == first + 1
    now[0] += 1
    assert interval() == first + 1


def test_an_interval_takes_time():
    """The error names the argument."""
    with pytest.raises(ValueError, match="interval=0"):
        TTLInterval(0)


def test_answers_expire(group, events, monkeypatch):
    """depends_on=TTLInterval(...) makes an answer stale when the interval is over."""
    now = [1_000_000.0]
    f = group.memoize(depends_on=TTLInterval(3600))(len)
    monkeypatch.setattr("everfresh.helpers.time.time", lambda: now[0])
    f("abc"), f("abc")
    now[0] += 3600
    f("abc")
    assert events.names == "Miss Stored Hit Miss Stored"
