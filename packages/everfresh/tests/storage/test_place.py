"""Making a folder ready to be a cache."""

from __future__ import annotations

import os
import stat

import pytest
from everfresh.errors import UnknownPolicyError
from everfresh.storage.place import open_cache
from everfresh.storage.policy import LeastRecentlyUsed


def opened(path, policy="gdsf"):
    """Open and close a cache, as a first run does."""
    open_cache(path, policy, 1000).close()
    return sorted(os.listdir(path))


def test_marks(tmp_path):
    """A new cache is ignored by git and left out of backups."""
    assert opened(tmp_path / "a" / "cache") == [".gitignore", "CACHEDIR.TAG", "index.sqlite3", "objects"]
    assert (tmp_path / "a/cache/.gitignore").read_text() == "*\n"
    tag = (tmp_path / "a/cache/CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


@pytest.mark.skipif(os.name != "posix", reason="permissions are other things there")
def test_private(tmp_path):
    """A new cache is for its user alone: who can write to it can run code."""
    opened(tmp_path / "cache")
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_a_folder_with_other_things_is_not_marked(tmp_path):
    """Files of the user are not hidden from git or from backups by a cache put beside them."""
    (tmp_path / "thesis.tex").write_text("")
    assert opened(tmp_path) == ["index.sqlite3", "objects", "thesis.tex"]


def test_marks_of_the_user_stay(tmp_path):
    """What the user changed in the marks is not written over."""
    opened(tmp_path / "cache")
    (tmp_path / "cache/.gitignore").write_text("mine")
    opened(tmp_path / "cache")
    assert (tmp_path / "cache/.gitignore").read_text() == "mine"


def test_policy_by_name_or_own(tmp_path):
    """A policy is given by name or as an object; an unknown name is told before anything is written."""
    own = LeastRecentlyUsed()
    cache = open_cache(tmp_path / "cache", own, 1000)
    assert cache.index.policy is own
    cache.close()
    with pytest.raises(UnknownPolicyError):
        open_cache(tmp_path / "other", "fifo", 1000)
    assert not (tmp_path / "other").exists()


def test_the_working_directory_may_change(tmp_path, monkeypatch, key, trace):
    """A cache opened by a relative path stays where it was."""
    monkeypatch.chdir(tmp_path)
    cache = open_cache("cache", "lru", 10**6)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    cache.record(key(), trace(f=1), "value", 1.0)
    assert cache.lookup(key(), trace(f=1)).value == "value"
    cache.close()
    assert os.listdir(tmp_path / "elsewhere") == []
