"""A value to an object and back."""

from __future__ import annotations

import pickle
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy
import pytest
from everfresh.errors import DamagedError, OtherFormatError, UnserializableError
from everfresh.model import Dependency, Key, Trace
from everfresh.storage import pickles
from everfresh.storage.layers import Compressed, Signed
from everfresh.storage.objects import Directory, Memory
from everfresh.storage.serialize import (
    FORMAT,
    LINE,
    PAGE,
    Facts,
    decode,
    describe,
    dumps,
    encode,
    loads,
    object_name,
    verify,
)
from hypothesis import given
from hypothesis import strategies as st

GOLDEN = Path(__file__).parent / "golden"
DEPENDENCIES = (Dependency("module.f", b"\0" * 16, "def f(x)"), Dependency("module.LIMIT", b"\1" * 16, "10"))
FACTS = Facts(Key("module.f", b"arguments"), b"version", 1.5, 1.7e9, encode(DEPENDENCIES))

dependency = st.builds(Dependency, name=st.text(), digest=st.binary(), text=st.text())
dependencies = st.lists(dependency, max_size=3).map(tuple)
facts = st.builds(
    Facts,
    key=st.builds(Key, function=st.text(), arguments=st.binary()),
    version=st.binary(),
    cost=st.floats(allow_nan=False),
    created=st.floats(allow_nan=False),
    dependencies=dependencies.map(encode),
    code=st.binary(),
    serializer=st.sampled_from(["", "pickle", "cloudpickle"] if find_spec("cloudpickle") else ["", "pickle"]),
)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=9000)
values = st.recursive(plain, lambda part: st.lists(part) | st.tuples(part) | st.dictionaries(st.text(), part))


def whole(value, described=FACTS):
    """Give the object as one private buffer."""
    return bytearray(b"".join(dumps(described, value)))


@given(facts, values)
def test_round_trip(described, value):
    """Facts and value come back as they were, and the facts alone as well."""
    data = whole(value, described)
    assert loads(data) == (described, value)
    assert describe(data) == verify(data) == described


@given(dependencies)
def test_dependencies_round_trip(given_dependencies):
    """Dependencies come back as they were."""
    assert decode(encode(given_dependencies)) == given_dependencies


def test_facts_hold_the_trace():
    """An object tells what its answer depended on."""
    assert describe(whole(1)).trace == Trace(b"version", DEPENDENCIES)


@given(st.lists(st.integers(0, 3000), max_size=5), st.sampled_from(["u1", "f8", "c16"]))
def test_arrays_round_trip(lengths, dtype):
    """Arrays of any size come back equal, aligned and writable."""
    arrays = [numpy.arange(length).astype(dtype) for length in lengths]
    _, loaded = loads(whole(arrays))
    assert len(loaded) == len(arrays)
    for before, after in zip(arrays, loaded, strict=True):
        assert before.dtype == after.dtype
        assert numpy.array_equal(before, after)
        assert after.flags.writeable
        assert after.flags.aligned


def test_fortran_order_and_views_round_trip():
    """Layout is kept where there is one, and views with gaps come back equal."""
    ordered = numpy.asfortranarray(numpy.arange(6000.0).reshape(60, 100))
    _, (first, second) = loads(whole((ordered, ordered[::2, ::3])))
    assert first.flags.f_contiguous
    assert numpy.array_equal(first, ordered)
    assert numpy.array_equal(second, ordered[::2, ::3])


def test_read_only_arrays_stay_so():
    """An array that the function had locked comes back locked: a hit gives what a miss gave."""
    array = numpy.zeros(10_000)
    array.flags.writeable = False
    assert not loads(whole(array))[1].flags.writeable


def test_shared_parts_stay_shared():
    """One array twice in a value is one array twice."""
    array = numpy.zeros(10_000)
    _, (first, second) = loads(whole((array, array)))
    assert first is second


def test_large_buffers_are_aligned_in_the_file():
    """The first buffer begins a page, each other a cache line."""
    chunks = dumps(FACTS, [numpy.full(5001, 7, "u1"), numpy.full(6001, 8, "u1")])
    data = b"".join(chunks)
    assert data.index(b"\7" * 5001) % PAGE == 0
    assert data.index(b"\x08" * 6001) % LINE == 0


def test_buffers_are_not_copied():
    """To write a large array takes no memory for a second one."""
    array = numpy.zeros(1_000_000)
    view = next(chunk for chunk in dumps(FACTS, array) if isinstance(chunk, memoryview))
    assert numpy.shares_memory(numpy.frombuffer(view, "u1"), array)


def test_writing_to_a_loaded_array_leaves_the_cache(tmp_path):
    """Whether read or mapped, a loaded array can be written to and the next load gives the old."""
    store = Directory(tmp_path)
    for name, length in ((b"small", 1000), (b"large", 1_000_000)):
        store.put(name, dumps(FACTS, numpy.arange(length)))
        _, first = loads(store.get(name))
        first[:] = -1
        assert numpy.array_equal(loads(store.get(name))[1], numpy.arange(length))
        verify(store.get(name))


VALUE = ["text", 1.5, numpy.arange(1024, dtype="i8")]


def test_every_byte_of_head_and_body_is_checked():
    """Whichever byte of head or body is damaged, loading says so and unpickles nothing."""
    sound = whole(VALUE)
    body_end = sum(map(len, dumps(FACTS, VALUE)[:2]))
    for position in range(body_end):
        data = bytearray(sound)
        data[position] ^= 0x10
        with pytest.raises(DamagedError):
            loads(data)


@given(st.data())
def test_every_bit_of_a_buffer_is_verified(data):
    """Whichever bit of a buffer is damaged, `verify` says so."""
    buffer = whole(VALUE)
    start = len(buffer) - VALUE[2].nbytes
    position = data.draw(st.integers(start, len(buffer) - 1))
    buffer[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DamagedError, match="buffer"):
        verify(buffer)


@given(st.integers(0, len(whole(VALUE)) - 1))
def test_every_truncation_is_noticed(length):
    """An object cut short anywhere is damaged, and so is one that grew."""
    for data in (whole(VALUE)[:length], whole(VALUE) + bytes(length + 1)):
        for read in (loads, describe, verify):
            with pytest.raises(DamagedError):
                read(data)


@given(st.binary(max_size=300))
def test_any_other_bytes_are_damaged(data):
    """Whatever else lies in the place of an object, it is damaged and nothing worse."""
    with pytest.raises(DamagedError):
        loads(data)


def test_other_formats_are_told_apart():
    """An object of another format is told from a damaged one."""
    data = whole(1)
    data[8] = FORMAT + 1
    with pytest.raises(OtherFormatError, match=f"format is {FORMAT + 1}"):
        describe(data)


class Gone:
    """A class that objects refer to."""


def test_a_class_that_is_gone(monkeypatch):
    """A value whose class no longer exists is damaged, and the cause is told."""
    data = whole(Gone())
    monkeypatch.delitem(globals(), "Gone")
    with pytest.raises(DamagedError, match="Gone") as caught:
        loads(data)
    assert isinstance(caught.value.__cause__, AttributeError)


class Stubborn:
    """A class that fails in its own way."""

    def __reduce__(self):
        raise RuntimeError("not me")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (lambda: 1, "builtins.function"),
        (threading.Lock(), "_thread.lock"),
        ((each for each in ()), "builtins.generator"),
        (Stubborn(), "Stubborn"),
    ],
)
def test_unserializable(value, kind, monkeypatch):
    """What cannot be pickled is named by its type, with the remedy and the cause."""
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    pickles._by_value.cache_clear()
    with pytest.raises(UnserializableError, match=kind) as caught:
        dumps(FACTS, value)
    assert "__reduce__" in str(caught.value)
    assert caught.value.__cause__ is not None
    assert isinstance(caught.value, TypeError)


def test_object_names_are_sealed():
    """The name of an object tells function, arguments and version apart, whatever their borders; it never changes."""
    names = {object_name(Key(f, a), v) for f, a, v in [("f", b"ab", b"c"), ("f", b"a", b"bc"), ("fa", b"b", b"c")]}
    assert len(names) == 3
    assert object_name(Key("module.f", b"arguments"), b"version").hex() == "f9cbc489bcb17b8625d7a0b10ae66a16"


GOLDEN_KEY = b"the key of the golden objects"
# What each object of tests/storage/golden/ says of itself, and how it was kept: never change one, add others.
GOLDENS = {
    "format_1": (FACTS, lambda inner: inner),
    "format_1_code": (FACTS._replace(code=b"\2" * 16), lambda inner: inner),
    "format_1_zlib": (FACTS, lambda inner: Compressed(inner, "zlib")),
    "format_1_signed": (FACTS, lambda inner: Signed(inner, GOLDEN_KEY)),
    "format_1_signed_zlib": (FACTS, lambda inner: Compressed(Signed(inner, GOLDEN_KEY), "zlib")),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_golden(name):
    """An object that was kept by the first everfresh that knew this form still loads. If not, raise FORMAT."""
    facts, layers = GOLDENS[name]
    inner = Memory()
    inner.put(b"name", [(GOLDEN / f"{name}.object").read_bytes()])
    data = layers(inner).get(b"name")
    found, value = loads(data)
    assert found == verify(data) == facts
    assert value["answer"] == 42
    assert bytes(value["buffer"]) == bytes(range(256)) * 20
    assert whole(golden())[:12] == bytes(data[:12])  # magic and format


def test_golden_json():
    """An object of another serializer, and one of a later everfresh that says more of itself, still load."""
    for name in ("format_1_json", "format_1_more"):
        facts, value = loads((GOLDEN / f"{name}.object").read_bytes())
        assert facts == FACTS._replace(serializer="json")
        assert value == {"answer": 42}


def golden():
    """Give the value of the golden objects; its pickle needs nothing but Python."""
    return {"answer": 42, "buffer": pickle.PickleBuffer(bytearray(bytes(range(256)) * 20))}
