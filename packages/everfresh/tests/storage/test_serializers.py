"""Serializers by choice: frames, own ones, unknown ones."""

from __future__ import annotations

import datetime
import sys

import numpy
import pytest
from everfresh.errors import DamagedError, UnserializableError
from everfresh.model import Key
from everfresh.storage import serializers
from everfresh.storage.serialize import Facts, describe, dumps, loads, verify
from everfresh.storage.serializers import chosen

FRAMES = pytest.mark.parametrize("name", ["arrow", "parquet"])


def whole(value, name):
    """Give the object that holds the value, written by the serializer of that name."""
    return bytearray(b"".join(dumps(Facts(Key("f", b""), b"", 0.0, 0.0, b"", serializer=name), value)))


@pytest.fixture
def pandas():
    """Give pandas, where pyarrow is, too."""
    pytest.importorskip("pyarrow")
    return pytest.importorskip("pandas")


def frames(pandas):
    times = pandas.date_range("2020", periods=3, freq="D", tz="UTC")
    yield pandas.DataFrame({"a": [1, 2, 3], "b": [0.5, None, 2.5], "c": ["x", None, "z"]})
    yield pandas.DataFrame({"a": pandas.Categorical(["x", "y", "x"], ["y", "x"], ordered=True), "t": times})
    yield pandas.DataFrame({"a": pandas.array([1, None, 3], dtype="Int64")}, index=pandas.Index([5, 6, 7], name="id"))
    yield pandas.DataFrame({("a", "b"): [1.0]}, index=pandas.MultiIndex.from_tuples([(1, "x")], names=["i", "j"]))
    yield pandas.DataFrame({"d": [datetime.date(2020, 1, 1), None]}, dtype=object)
    yield pandas.DataFrame({"a": [1, 2, 3]}).iloc[1:]


@FRAMES
def test_frames_of_pandas(name, pandas):
    """Frames come back with their types, index, names and missing values."""
    for frame in frames(pandas):
        found = loads(whole(frame, name))[1]
        pandas.testing.assert_frame_equal(found, frame, check_exact=True, check_freq=True)
        assert type(found.index) is type(frame.index)


def inexact(pandas):
    yield pandas.DataFrame({"a": [1, None]}, dtype=object)
    yield pandas.DataFrame({"a": [[1], [2]]})
    yield pandas.DataFrame({"a": [{"x": 1}, {"y": 2}]})
    yield pandas.DataFrame({"a": ["x", None, numpy.nan]}, dtype=object)
    yield pandas.DataFrame({"a": [1, "x"]}, dtype=object)
    yield pandas.DataFrame({"a": [1, 2]}, index=pandas.date_range("2020", periods=2, freq="D"))
    yield pandas.DataFrame({1: [1]}).rename_axis(columns="name").astype(object)
    yield pandas.DataFrame()
    yield pandas.Series([1, 2])
    yield [1, 2]
    yield type("Own", (pandas.DataFrame,), {})({"a": [1]})


@FRAMES
def test_frames_that_would_change(name, pandas):
    """A frame that would come back as another is refused."""
    for number, frame in enumerate(inexact(pandas)):
        with pytest.raises(UnserializableError, match=name):
            pytest.fail(f"{number}: {loads(whole(frame, name))[1]!r}")


@FRAMES
def test_frames_of_others(name):
    """Frames of polars and tables of pyarrow come back as what they were."""
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": [1, None], "s": ["x", "y"]}, metadata={"by": "me"})
    assert loads(whole(table, name))[1].equals(table, check_metadata=True)
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, None], "s": ["x", "y"], "l": [[1], [2, 3]]})
    found = loads(whole(frame, name))[1]
    assert found.schema == frame.schema
    assert found.equals(frame)


class Reversed:
    """A serializer of a user."""

    name = "reversed"

    def dump(self, value, file):
        file.write(value[::-1].encode())

    def load(self, file):
        return file.read().decode()[::-1]


@pytest.fixture
def own(monkeypatch):
    """Choose the serializer of a user, and forget it afterwards."""
    monkeypatch.setattr(serializers, "_own", {})
    return chosen(Reversed())


def test_own(own):
    """Any object with a name and the two methods is a serializer; it may be chosen by its name from then on."""
    data = whole("abc", own)
    assert b"cba" in data
    assert loads(data)[1] == "abc"
    assert chosen("reversed") == own


def test_unknown(own, monkeypatch):
    """An object of a serializer that nobody knows is damaged, not a crash; its facts can be read all the same."""
    data = whole("abc", own)
    monkeypatch.setattr(serializers, "_own", {})
    with pytest.raises(DamagedError, match="reversed"):
        loads(data)
    assert describe(data) == verify(data)
    assert describe(data).serializer == "reversed"


def test_what_fails_while_it_reads(own, monkeypatch):
    """Whatever a serializer raises when it reads, the object is damaged."""
    data = whole("abc", own)
    monkeypatch.setattr(Reversed, "load", lambda self, file: 1 / 0)
    with pytest.raises(DamagedError, match="ZeroDivisionError"):
        loads(data)


@pytest.mark.parametrize("wrong", [1, object(), type("T", (), {"name": "x"})(), type("T", (Reversed,), {"load": 1})()])
def test_no_serializer(wrong):
    """What is no serializer is refused when it is chosen."""
    with pytest.raises(TypeError, match="is no serializer"):
        chosen(wrong)


def test_names():
    """An unknown name, one that is taken, and one that needs what is not installed are refused with the remedy."""
    with pytest.raises(ValueError, match=r"'yaml' is not known.*json"):
        chosen("yaml")
    with pytest.raises(ValueError, match="another name"):
        chosen(type("T", (Reversed,), {"name": "json"})())
    assert chosen("json") == "json"


def test_a_missing_package(monkeypatch):
    """A serializer whose package is not installed says what to install; its objects are misses."""
    pytest.importorskip("msgpack")
    data = whole([1], "msgpack")
    monkeypatch.setitem(sys.modules, "msgpack", None)
    with pytest.raises(ValueError, match=r"everfresh\[msgpack\]"):
        chosen("msgpack")
    with pytest.raises(DamagedError, match="msgpack"):
        loads(data)
