"""What every object store promises. A new store joins by one line in STORES."""

from __future__ import annotations

import os
import sys

import pytest
from everfresh.storage.layers import Compressed, Signed
from everfresh.storage.objects import MAPPED, Directory, Memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEY = b"0123456789abcdef"
STORES = {
    "directory": lambda path: Directory(path / "objects"),
    "durable": lambda path: Directory(path / "objects", durable=True),
    "read": lambda path: Directory(path / "objects", mapped=False, announced=False),
    "memory": lambda path: Memory(),
    "uncompressed": lambda path: Compressed(Directory(path / "objects"), "none"),
    "zlib": lambda path: Compressed(Directory(path / "objects"), "zlib"),
    "zstd": lambda path: Compressed(Memory(), "zstd"),
    "lz4": lambda path: Compressed(Memory(), "lz4"),
    "signed": lambda path: Signed(Directory(path / "objects"), KEY),
    "signed and compressed": lambda path: Compressed(Signed(Memory(), KEY), "zlib"),
}
NEEDED = {"zstd": "zstandard" if sys.version_info < (3, 14) else "zlib", "lz4": "lz4"}
NAME = bytes(range(16))
OTHER = bytes(range(16, 32))


class TestObjectStore:
    """The contract."""

    @pytest.fixture(params=STORES)
    def store(self, request, tmp_path):
        """Give an empty store of each kind."""
        pytest.importorskip(NEEDED.get(request.param, "zlib"))
        return STORES[request.param](tmp_path)

    @pytest.fixture(params=[0, 1, 5000, min(MAPPED, 1 << 20) - 1, min(MAPPED, 1 << 20), (1 << 20) + 1])
    def data(self, request):
        """Give bytes on both sides of the size from which on objects are mapped."""
        return os.urandom(request.param)

    def test_gives_back_what_was_put(self, store, data):
        """An object comes back byte for byte, and takes what `put` told."""
        size = store.put(NAME, [data])
        assert bytes(store.get(NAME)) == data
        assert store.size(NAME) == size

    def test_joins_chunks(self, store):
        """Chunks of any kind of bytes make one object."""
        store.put(NAME, iter([b"a", bytearray(b"b"), b"", memoryview(b"c")]))
        assert bytes(store.get(NAME)) == b"abc"

    def test_what_comes_back_is_the_callers(self, store, data):
        """Whoever writes to what `get` gave changes nothing for those who come later."""
        store.put(NAME, [data])
        mine = memoryview(store.get(NAME))
        mine[:] = bytes(len(mine))
        assert bytes(store.get(NAME)) == data

    def test_absent(self, store):
        """What was never put is None, has no size, and can be deleted."""
        store.delete(NAME)
        assert store.get(NAME) is None
        assert store.size(NAME) is None
        assert list(store) == []

    def test_delete(self, store):
        """A deleted object is absent, and deleting again is fine."""
        store.put(NAME, [b"data"])
        store.delete(NAME)
        store.delete(NAME)
        assert store.get(NAME) is None
        assert list(store) == []

    def test_twice_is_once(self, store):
        """Putting an object again leaves one, the last."""
        store.put(NAME, [b"first"])
        store.put(NAME, [b"second"])
        assert list(store) == [NAME]
        assert bytes(store.get(NAME)) == b"second"

    def test_buffers_are_private(self, store, data):
        """Writing to what `get` gave changes neither the store nor what others got."""
        store.put(NAME, [data, b"end"])
        mine, theirs = store.get(NAME), store.get(NAME)
        mine[len(data)] = ord("X")
        assert bytes(theirs) == bytes(store.get(NAME)) == data + b"end"

    def test_buffers_outlive_their_object(self, store, data):
        """What `get` gave stays as it was when the object is deleted or put anew."""
        store.put(NAME, [data])
        before = store.get(NAME)
        store.put(NAME, [b"new"])
        store.delete(NAME)
        assert bytes(before) == data

    def test_names(self, store):
        """Going through a store gives each name once, also while objects go."""
        store.put(NAME, [b""])
        store.put(OTHER, [b""])
        for name in store:
            store.delete(name)
        assert list(store) == []

    def test_a_failed_put_leaves_nothing(self, store):
        """When the chunks end in an error, the object is absent, and an earlier one is as it was."""

        def failing():
            yield b"half"
            raise OSError("disk full")

        store.put(OTHER, [b"whole"])
        for name in (NAME, OTHER):
            with pytest.raises(OSError, match="disk full"):
                store.put(name, failing())
        assert store.get(NAME) is None
        assert bytes(store.get(OTHER)) == b"whole"
        assert store.sweep(float("inf")) == 0

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
    @given(st.lists(st.tuples(st.sampled_from("pd"), st.binary(min_size=16, max_size=16), st.binary()), max_size=20))
    def test_is_a_mapping(self, store, steps):
        """After any puts and deletes a store holds what a dictionary would."""
        for name in store:
            store.delete(name)
        model = {}
        for step, name, data in steps:
            if step == "p":
                store.put(name, [data])
                model[name] = data
            else:
                store.delete(name)
                model.pop(name, None)
        assert {name: bytes(store.get(name)) for name in store} == model
