"""Files by content, and answers that expire."""

from __future__ import annotations

import os
import pickle
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


@pytest.mark.parametrize("comparison", ["times", "digest"])
def test_a_file_that_a_call_writes_comes_back(group, events, tmp_path, comparison):
    """Deleted or overwritten, the file of a result is written again on a hit; where it is right it is left alone."""
    path = tmp_path / "out" / "table.txt"
    path.parent.mkdir()

    @group.memoize
    def table(n):
        path.write_text("row\n" * n)
        path.chmod(0o640)
        return {"file": FileContents(path, comparison)}

    table(3)
    path.unlink()
    path.parent.rmdir()
    assert open_text(table(3)["file"]) == "row\nrow\nrow\n"
    assert path.stat().st_mode & 0o777 == 0o640
    path.write_text("something else")
    assert open_text(table(3)["file"]) == "row\nrow\nrow\n"
    before = path.stat()
    table(3)
    assert path.stat() == before
    assert events.names == "Miss Stored Hit Hit Hit"


def open_text(file):
    with open(file) as opened:
        return opened.read()


def test_a_file_on_its_way_to_another_process_stays_where_it_is(tmp_path):
    """Pickled for any other reason than to be kept it is a path, and overwrites nothing."""
    path = tmp_path / "data"
    path.write_text("old")
    pickled = pickle.dumps(FileContents(path, "digest"))
    path.write_text("new")
    assert (pickle.loads(pickled).path, pickle.loads(pickled).comparison) == (str(path), "digest")
    assert path.read_text() == "new"


def test_files_count_wherever_they_are(group, events, tmp_path):
    """Within a list, and in depends_on, a file stands for its content, too."""
    path = tmp_path / "data"
    path.write_text("one")
    f = group.memoize(lambda files: len(files))
    g = group.memoize(depends_on=FileContents(path))(lambda: 1)
    f([FileContents(path)]), g()
    path.write_text("three")
    f([FileContents(path)]), g()
    assert events.names == "Miss Stored Miss Stored Miss Stored Miss Stored"


def test_callers_depend_on_files_that_they_pass_on(group, tmp_path):
    """A call that passes a file to a memoized function is stale with it, whether or not it was read again."""
    path = tmp_path / "data"
    path.write_text("one")
    settle(path)
    inner = group.memoize(length)
    outer = group.memoize(lambda n: inner(FileContents(path)))
    assert (inner(FileContents(path)), outer(1), outer(2)) == (3, 3, 3)
    path.write_text("three")
    assert (outer(1), outer(2)) == (5, 5)


def settle(path):
    """Make the file look as if it had not been touched for long, as far as that can be."""
    os.utime(path, (1, 1))


def test_both_ways_to_compare_agree(tmp_path):
    """What one of them kept the other finds; a third is an error."""
    path = tmp_path / "data"
    path.write_bytes(b"content")
    assert FileContents(path).__cache_ver__() == FileContents(path, "digest").__cache_ver__()
    with pytest.raises(ValueError, match="comparison='size'"):
        FileContents(path, "size")


def test_an_interval_may_be_an_argument(group, events, monkeypatch):
    """The answer is stale, not another one, when the interval is over."""
    now = [1_000_000.0]
    f = group.memoize(lambda x, ttl: x)
    monkeypatch.setattr("everfresh.helpers.time.time", lambda: now[0])
    f(1, TTLInterval(3600)), f(1, TTLInterval(3600))
    now[0] += 3600
    f(1, TTLInterval(3600))
    assert events.names == "Miss Stored Hit Miss Stored"
    assert str(events.of(Miss)[1].reason).startswith("stale (argument ttl")
