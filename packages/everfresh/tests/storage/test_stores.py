"""How the stores of a cache are put together, and who may write to them."""

from __future__ import annotations

import mmap
import os
import warnings

import pytest
from everfresh import warn
from everfresh.errors import CacheWarning, DamagedError
from everfresh.storage import stores
from everfresh.storage.objects import MAPPED
from everfresh.storage.stores import check_private, store_of_manifests, store_of_objects

NAME = bytes(range(16))
KEY = b"a key of no less than 16 bytes"
posix = pytest.mark.skipif(os.name != "posix", reason="rights and maps are other things there")


@posix
@pytest.mark.parametrize(
    ("options", "kind"),
    [({}, mmap.mmap), ({"key": KEY}, bytearray), ({"shared": True}, bytearray), ({"compression": "zlib"}, bytearray)],
    ids=repr,
)
def test_what_is_mapped(tmp_path, options, kind):
    """Large objects are mapped where that is safe."""
    store = store_of_objects(str(tmp_path), **options)
    store.put(NAME, [bytes(MAPPED)])
    assert type(store.get(NAME)) is kind


def test_options_may_change(tmp_path):
    """Whatever was chosen when an object was kept, it is read as long as the key is the same, or none is asked for."""
    path = str(tmp_path)
    store_of_objects(path, compression="zlib", durable=True).put(NAME, [b"x" * 10_000])
    assert store_of_objects(path).get(NAME) == b"x" * 10_000
    with pytest.raises(DamagedError):
        store_of_objects(path, key=KEY).get(NAME)


def test_manifests_are_signed_apart(tmp_path):
    """With a key, manifests are signed; one that is not, or is an object, is not read."""
    path = str(tmp_path)
    store_of_manifests(path, KEY).put(NAME, [b"manifest"])
    assert store_of_manifests(path, KEY).get(NAME) == b"manifest"
    for other in (store_of_manifests(path), store_of_objects(path, key=KEY)):
        other.put(NAME, [b"manifest"])
        with pytest.raises(DamagedError):
            store_of_manifests(path, KEY).get(NAME)


@posix
@pytest.mark.parametrize(("mode", "alone"), [(0o770, False), (0o707, True)])
def test_folders_that_others_may_write(tmp_path, monkeypatch, mode, alone):
    """A folder that others may write to is used with a warning, given once; with a key it does not matter."""
    warn._given.clear()
    monkeypatch.setattr(stores, "_of_one", lambda group: alone)
    tmp_path.chmod(0o700)
    check_private([str(tmp_path)])
    check_private([str(tmp_path / "absent")])
    tmp_path.chmod(mode)
    check_private([str(tmp_path)], KEY)
    with pytest.warns(CacheWarning, match="can run code"):
        check_private([str(tmp_path)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_private([str(tmp_path)])
    warn._given.clear()


@posix
def test_a_group_of_ones_own(tmp_path, recwarn):
    """Many systems give each user a group of the same name: that it may write is nothing to warn of."""
    import pwd

    own = pwd.getpwuid(os.geteuid())
    if os.geteuid() == 0:
        os.chown(tmp_path, 0, 0)
    tmp_path.chmod(0o770)
    check_private([str(tmp_path)])
    assert not recwarn.list or not stores._of_one(own.pw_gid)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser can give files away")
def test_folders_of_others(tmp_path):
    """A folder that belongs to another user is one that others may write to."""
    warn._given.clear()
    os.chown(tmp_path, 12345, -1)
    with pytest.warns(CacheWarning, match="can run code"):
        check_private([str(tmp_path)])
    warn._given.clear()
