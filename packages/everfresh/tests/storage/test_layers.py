"""Stores around stores: compressed and signed."""

from __future__ import annotations

import os
import sys

import pytest
from everfresh.errors import DamagedError
from everfresh.model import Key
from everfresh.storage import codecs
from everfresh.storage.layers import COMPRESSED, METHOD, SIGNATURE, SMALL, Compressed, Signed
from everfresh.storage.objects import MAPPED, Directory, Memory
from everfresh.storage.serialize import Facts, dumps, loads
from hypothesis import given
from hypothesis import strategies as st

NAME = bytes(range(16))
OTHER = bytes(range(16, 32))
KEY = b"a key of no less than 16 bytes"
DATA = b"all work and no play " * 1000
FACTS = Facts(Key("f", b"arguments"), b"version", 1.0, 1.0, b"")


@pytest.fixture(params=codecs.METHODS)
def method(request):
    """Give each way to compress that is installed."""
    pytest.importorskip(codecs.METHODS[request.param])
    return request.param


@pytest.fixture
def inner():
    """Give a store to put layers around."""
    return Memory()


def test_compressed_takes_less(inner, method):
    """A compressed object takes less than the data, and says by what it was compressed."""
    assert Compressed(inner, method).put(NAME, [DATA]) == inner.size(NAME) < len(DATA) / 10
    assert bytes(inner.get(NAME)).startswith(COMPRESSED + method.encode().ljust(METHOD))


def test_the_method_may_change(inner, method):
    """A store reads what was compressed otherwise, and what was not."""
    Compressed(inner, method).put(NAME, [DATA])
    inner.put(OTHER, [DATA])
    for other in ("none", "zlib", method):
        store = Compressed(inner, other)
        assert store.get(NAME) == store.get(OTHER) == DATA


def test_small_objects_stay_as_they_are(inner):
    """What takes a block of the disk anyhow is not compressed."""
    Compressed(inner, "zlib").put(NAME, [bytes(SMALL - 1)])
    assert inner.size(NAME) == SMALL - 1


def test_what_looks_compressed(inner):
    """Data that begins like a compressed object comes back as it is."""
    for name, chunks in (NAME, [COMPRESSED]), (OTHER, [COMPRESSED[:3], b"", COMPRESSED[3:] + b"zlib", b"more"]):
        for store in (Compressed(inner, "zlib"), Compressed(inner, "none")):
            store.put(name, chunks)
            assert store.get(name) == b"".join(chunks)


@given(st.data())
def test_damage_to_a_compressed_object_is_noticed(data):
    """Whichever byte is altered or wherever it is cut, a compressed object is damaged or the same."""
    inner, method = Memory(), data.draw(st.sampled_from([each for each in codecs.METHODS if codecs._there(each)]))
    Compressed(inner, method).put(NAME, [DATA])
    whole = bytearray(inner.get(NAME))
    start = len(COMPRESSED)  # without its beginning it is another thing, which the reader of objects will refuse
    at = data.draw(st.integers(start, len(whole) - 1))
    altered = bytearray(whole)
    altered[at] ^= 1 << data.draw(st.integers(0, 7))
    for harmed in (whole[:at], altered):
        inner.put(NAME, [harmed])
        try:
            assert Compressed(inner, "none").get(NAME) in (DATA, whole[:at])
        except DamagedError:
            pass


def test_a_method_that_is_missing(inner, monkeypatch):
    """A method that is not installed is refused with the remedy when it is chosen, and damage when it is met."""
    pytest.importorskip("lz4")
    Compressed(inner, "lz4").put(NAME, [DATA])
    monkeypatch.setitem(sys.modules, "lz4.frame", None)
    with pytest.raises(DamagedError, match="lz4"):
        Compressed(inner, "none").get(NAME)
    with pytest.raises(ValueError, match=r"everfresh\[lz4\]"):
        Compressed(inner, "lz4")
    with pytest.raises(ValueError, match="best, zstd"):
        Compressed(inner, "rar")


def test_best(monkeypatch):
    """The best is zstd, and zlib where that is missing."""
    assert codecs.chosen("best") in ("zstd", "zlib")
    monkeypatch.setitem(sys.modules, codecs.METHODS["zstd"], None)
    assert codecs.chosen("best") == "zlib"


# ---- Signed.


class Trap:
    """Whose pickle acts when it is read."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


def test_unsigned_objects_are_not_read(inner):
    """With a key, an object that nobody signed is damage, and nothing in it is unpickled."""
    Trap.sprung = False
    inner.put(NAME, dumps(FACTS, Trap()))
    with pytest.raises(DamagedError, match="not signed"):
        Signed(inner, KEY).get(NAME)
    Signed(inner, b"another key, as long").put(NAME, dumps(FACTS, Trap()))
    with pytest.raises(DamagedError, match="signature does not match"):
        loads(Signed(inner, KEY).get(NAME))
    assert not Trap.sprung
    Signed(inner, KEY).put(NAME, dumps(FACTS, Trap()))
    loads(Signed(inner, KEY).get(NAME))
    assert Trap.sprung


@given(st.data())
def test_altered_objects_are_not_read(data):
    """Whichever byte is altered, cut or added, the signature does not match."""
    inner = Memory()
    store = Signed(inner, KEY)
    store.put(NAME, [b"some", b"thing"])
    whole = bytes(inner.get(NAME))
    at = data.draw(st.integers(0, len(whole) - 1))
    altered = bytes([whole[at] ^ 1 << data.draw(st.integers(0, 7))])
    for other in (whole[:at] + altered + whole[at + 1 :], whole[:at], whole[:at] + b"x" + whole[at:]):
        inner.put(NAME, [other])
        if other != whole:
            with pytest.raises(DamagedError):
                store.get(NAME)


def test_signed_under_another_name(inner):
    """An object in the place of another, or of another kind, is damage, though its signature was good where it was."""
    Signed(inner, KEY).put(NAME, [b"data"])
    inner.put(OTHER, [inner.get(NAME)])
    with pytest.raises(DamagedError):
        Signed(inner, KEY).get(OTHER)
    with pytest.raises(DamagedError):
        Signed(inner, KEY, b"manifest").get(NAME)


def test_without_the_key_signatures_do_not_matter(inner):
    """Who has no key reads signed objects like others, compressed or not; what follows otherwise is damage."""
    chunks = dumps(FACTS, ["value"] * 5000)
    Signed(inner, KEY).put(NAME, chunks)
    assert loads(inner.get(NAME)) == (FACTS, ["value"] * 5000)
    Compressed(Signed(inner, KEY), "zlib").put(NAME, chunks)
    assert loads(Compressed(inner, "none").get(NAME))[1] == ["value"] * 5000
    for more in (b"x", bytes(SIGNATURE)):
        inner.put(NAME, [*chunks, more])
        with pytest.raises(DamagedError):
            loads(inner.get(NAME))


@pytest.mark.skipif(os.name != "posix", reason="nothing is mapped there")
def test_what_was_checked_is_what_is_read(tmp_path):
    """A large signed object is memory of this process when it is checked: who alters the file then comes too late."""
    store = Signed(Directory(tmp_path), KEY)
    store.put(NAME, [bytes(MAPPED)])
    found = store.get(NAME)
    (file,) = (each for each in tmp_path.rglob("*") if each.is_file())
    file.chmod(0o600)
    with file.open("r+b") as opened:
        opened.write(b"x" * 100)
    assert found == bytes(MAPPED)


def test_keys_that_can_be_guessed(inner):
    """A short key is refused."""
    with pytest.raises(ValueError, match="at least 16"):
        Signed(inner, b"secret")
