"""Groups and settings: where answers are kept, how much, and who says so."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from everfresh import CacheWarning, MemoizedGroup, configure, memoize, subscribe
from everfresh.events import Damaged, Evicted, Miss
from everfresh.settings import settings
from everfresh.units import bytes_text, parse_size, seconds_text


def double(x):
    """Double."""
    return 2 * x


def blob(n):
    """Give bytes that cannot be shortened."""
    return os.urandom(n)


@pytest.fixture(autouse=True)
def _fresh_settings(monkeypatch):
    """Settings of other tests and of the caller's environment do not reach these."""
    for name in [name for name in os.environ if name.startswith("EVERFRESH")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("everfresh.settings._configured", {})
    configure()
    yield
    configure()


def test_a_group_is_a_folder_that_marks_itself(tmp_path):
    """The folder is made at the first call, tells git to pass over it, and carries the cache directory tag."""
    group = MemoizedGroup(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    group.memoize(double)(1)
    assert (tmp_path / "cache" / ".gitignore").read_text() == "*\n"
    assert (tmp_path / "cache" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_a_pickled_group_is_the_same_cache(tmp_path):
    """What one wrote the other finds."""
    group = MemoizedGroup(tmp_path / "cache", size="1 MB", policy="lru")
    group.memoize(double)(1)
    again = pickle.loads(pickle.dumps(group))
    assert (again.location, again.size) == (group.location, 1_000_000)
    assert again.memoize(double).would_hit(1)


def test_every_option_of_a_group_travels(tmp_path):
    """A pickled group says in another process what it said here."""
    options = {"writes": "commit", "single_flight": False, "keep_versions": 2, "strict": True, "disable": False}
    again = pickle.loads(pickle.dumps(MemoizedGroup(tmp_path, **options)))
    said = [again.says(option) for option in ("writes", "single_flight", "strict", "disable")]
    assert said == ["commit", False, True, False]
    assert again.cache.keep_versions == 2


def test_size_bounds_the_cache(tmp_path):
    """Old answers go when new ones need the room, and are told as evicted."""
    events = []
    group = MemoizedGroup(tmp_path, size="10 kB")
    group.subscribe(events.append)
    f = group.memoize(assume_pure=True)(blob)
    for n in range(2000, 2020):
        f(n)
    assert sum(path.stat().st_size for path in (tmp_path / "objects").rglob("*") if path.is_file()) <= 10_000
    assert sum(isinstance(event, Evicted) for event in events) >= 15


def test_evict_and_clear_say_how_many_went(tmp_path):
    """Both take sizes or names as people write them."""
    group = MemoizedGroup(tmp_path)
    f, g = group.memoize(assume_pure=True)(blob), group.memoize(double)
    f(5000), f(5001), g(1)
    assert group.evict("6 kB") >= 1
    assert group.clear(f"{__name__}.double") + group.clear() >= 1
    assert not g.would_hit(1)


def test_a_group_is_a_context_manager_and_can_be_used_again(tmp_path):
    """Leaving it closes the files; the next call opens them again."""
    with MemoizedGroup(tmp_path) as group:
        f = group.memoize(double)
        f(1)
    assert f.would_hit(1)
    group.commit()
    group.close()


def test_configure_moves_the_default_group(tmp_path):
    """A function without a group follows the settings, also after it was decorated."""
    f = memoize(double)
    configure(location=tmp_path / "one")
    f(1)
    configure(location=tmp_path / "two")
    assert not f.would_hit(1)
    configure(location=tmp_path / "one")
    assert f.would_hit(1)


def test_disabled_means_straight_through(tmp_path):
    """Neither looked up nor kept: by configure, and by a group's own word, which wins."""
    configure(location=tmp_path, disable=True)
    f = memoize(double)
    assert f(1) == 2
    assert not f.would_hit(1)
    group = MemoizedGroup(tmp_path, disable=False)
    g = group.memoize(double)
    g(1)
    assert g.would_hit(1)


def test_the_environment_says_where_and_whether(tmp_path, monkeypatch):
    """EVERFRESH_DIR, EVERFRESH_SIZE and EVERFRESH_DISABLE are read; configure() wins over them."""
    monkeypatch.setenv("EVERFRESH_DIR", str(tmp_path))
    monkeypatch.setenv("EVERFRESH_SIZE", "3 MB")
    monkeypatch.setenv("EVERFRESH_DISABLE", "1")
    configure()
    assert (settings().location, settings().size, settings().disable) == (str(tmp_path), 3_000_000, True)
    configure(disable=False)
    assert settings().disable is False


def test_the_project_says_it_too(tmp_path, monkeypatch):
    """[tool.everfresh] in pyproject.toml is read; a relative location is relative to it, whatever the folder."""
    (tmp_path / "pyproject.toml").write_text('[tool.everfresh]\nlocation = "kept"\nsize = "2 kB"\n')
    (tmp_path / "script.py").write_text("from everfresh.settings import settings\nprint(settings())\n")
    done = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, check=True, cwd="/")
    assert f"location='{tmp_path / 'kept'}', size=2000" in done.stdout


def test_the_default_place_is_the_projects_root(tmp_path):
    """A script anywhere in a project shares the project's `.everfresh`."""
    (tmp_path / ".git").mkdir()
    script = tmp_path / "deep" / "script.py"
    script.parent.mkdir()
    script.write_text("from everfresh import memoize\nf = memoize(lambda: 1)\nprint(f())\n")
    subprocess.run([sys.executable, script], check=True, cwd="/")
    assert (tmp_path / ".everfresh" / "objects").is_dir()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sise": 1}, r"configure\(sise=...\): there is no setting 'sise'; there are location, size"),
        ({"size": "much"}, r"size='much' is not a size; .*'10 GiB'"),
        ({"size": -1}, "is not a size"),
        ({"policy": "fifo"}, "there is no policy 'fifo'; there are 'gdsf', 'lru' and 'lfu'"),
        ({"disable": "perhaps"}, "'perhaps' is neither true nor false"),
    ],
)
def test_wrong_settings_are_named(options, message):
    """The error names where the setting stands, its value, and what there is."""
    with pytest.raises(ValueError, match=message):
        configure(**options)


def test_a_wrong_environment_variable_is_named(monkeypatch):
    """The error names the variable."""
    monkeypatch.setenv("EVERFRESH_SIZE", "huge")
    configure()
    with pytest.raises(ValueError, match="the environment variable EVERFRESH_SIZE"):
        settings()


def test_a_cache_that_cannot_be_opened_is_a_warning(tmp_path):
    """The function runs, with one warning and an event, where the place of the cache is a file."""
    (tmp_path / "cache").write_text("not a folder")
    events = []
    group = MemoizedGroup(tmp_path / "cache")
    group.subscribe(events.append)
    f = group.memoize(double)
    with pytest.warns(CacheWarning, match="could not look up in .*cache"):
        assert f(1) == 2
    assert f(2) == 4
    assert [type(event) for event in events] == [Damaged, Miss, Damaged, Miss]


def test_a_cache_that_cannot_be_written_to_is_a_warning(tmp_path, monkeypatch):
    """A full or read-only disk costs the caching, never the answer."""
    from everfresh.storage.objects import Directory

    def refuse(self, name, chunks):
        raise PermissionError("read-only")

    group = MemoizedGroup(tmp_path)
    monkeypatch.setattr(Directory, "put", refuse)
    with pytest.warns(CacheWarning, match="could not be stored .*read-only"):
        assert group.memoize(double)(1) == 2


def test_subscribers_hear_all_groups_until_they_leave(tmp_path):
    """subscribe() returns the function that ends it."""
    heard = []
    leave = subscribe(heard.append)
    f = MemoizedGroup(tmp_path).memoize(double)
    f(1)
    leave()
    f(1)
    assert [type(event).__name__ for event in heard] == ["Miss", "Stored"]


def test_a_failing_listener_is_a_warning(tmp_path):
    """Who listens is never in the way of who calls."""
    group = MemoizedGroup(tmp_path)
    group.subscribe(lambda event: 1 / 0)
    with pytest.warns(CacheWarning, match="listener .* ZeroDivisionError"):
        assert group.memoize(double)(1) == 2


def test_an_answer_larger_than_the_cache_is_refused(tmp_path):
    """It is given, told as evicted and not as stored, and warned about."""
    events = []
    group = MemoizedGroup(tmp_path, size="1 kB")
    group.subscribe(lambda event: events.append(type(event).__name__))
    f = group.memoize(lambda: bytes(5000))
    with pytest.warns(CacheWarning):
        assert len(f()) == 5000
    assert events == ["Miss", "Evicted"]


def test_the_log_tells_every_event(tmp_path):
    """EVERFRESH_LOG=1 writes one line an event, in human units, with the reason of a miss."""
    script = tmp_path / "script.py"
    script.write_text(
        "from everfresh import MemoizedGroup, configure\n"
        f"group = MemoizedGroup({str(tmp_path / 'cache')!r})\n"
        "f = group.memoize(lambda x: x)\n"
        "f(1), f(1), f.clear_entry(1)\n"
    )
    environment = os.environ | {"EVERFRESH_LOG": "1"}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    lines = [line.split()[1] for line in done.stderr.splitlines()]
    assert lines == ["miss", "stored", "hit", "invalidated"], done.stderr
    assert "script.<lambda>: absent" in done.stderr


@pytest.mark.parametrize(
    ("text", "size"),
    [(5, 5), ("5", 5), ("1.5 kB", 1500), ("10 GiB", 10 * 2**30), ("2MiB", 2 * 2**20), ("3 m", 3_000_000)],
)
def test_sizes_as_people_write_them(text, size):
    """Decimal and binary units, with and without a space."""
    assert parse_size(text) == size


def test_units_as_people_read_them():
    """Bytes and seconds are shown with three figures and a fitting unit."""
    assert [bytes_text(n) for n in (12, 1536, 5 * 2**30, 3 * 2**40)] == ["12 B", "1.5 KiB", "5 GiB", "3 TiB"]
    shown = [seconds_text(s) for s in (2e-6, 0.0032, 4.217, 125, 3700)]
    assert shown == ["2 us", "3.2 ms", "4.22 s", "2 min 5 s", "1 h 1 min"]


def test_the_folder_of_the_tests_is_not_written_to():
    """No test leaves a cache in the repository."""
    assert not (Path(__file__).parent / ".everfresh").exists()
