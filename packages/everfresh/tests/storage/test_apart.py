"""Arrays and frames keep their data apart from the pickle, so that a large result is there at once."""

from __future__ import annotations

import numpy
import pytest
from everfresh.storage import pickles
from hypothesis import given
from hypothesis import strategies as st

LEAST = 4096
N = 6000


def through(value):
    """Give the value as it comes back, and the size of its pickle."""
    body, buffers = pickles.dump_apart(value, LEAST)
    return pickles.loads(body, [bytearray(each) for each in buffers]), len(body)


ARRAYS = {
    "plain": lambda: numpy.arange(N),
    "with gaps": lambda: numpy.arange(2 * N)[::2],
    "backwards": lambda: numpy.arange(N)[::-1],
    "a part of a matrix": lambda: numpy.arange(2.0 * N).reshape(60, -1)[:, :50],
    "by columns": lambda: numpy.asfortranarray(numpy.arange(float(N)).reshape(60, -1)),
    "dates": lambda: numpy.arange(N).astype("M8[s]"),
    "dates by columns": lambda: numpy.asfortranarray(numpy.arange(N).astype("M8[ms]").reshape(60, -1)),
    "dates with gaps": lambda: numpy.arange(2 * N).astype("m8[D]")[::2],
    "fields": lambda: numpy.zeros(N, dtype=[("a", "i4"), ("b", "f8")]),
    "text": lambda: numpy.array([f"text {n}" for n in range(N)]),
    "bytes the other way": lambda: numpy.arange(N).astype(">i8"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name):
    """However an array lies in memory, its data is apart, and it comes back with its type and the same layout."""
    array = ARRAYS[name]()
    found, size = through(array)
    assert size < 1000
    assert found.dtype == array.dtype
    assert numpy.array_equal(found, array)
    assert found.flags.writeable
    if array.flags.forc:
        assert found.flags.f_contiguous == array.flags.f_contiguous


@given(st.lists(st.integers(1, 9), max_size=3), st.sampled_from(["i8", "M8[ns]", "O", "U3"]), st.integers(1, 2))
def test_arrays_of_any_shape(shape, dtype, step):
    """Arrays of any shape and step come back equal, small ones, empty ones and those of objects, too."""
    array = numpy.ones(shape, "i8").astype(dtype)[..., ::step] if shape else numpy.ones(shape, "i8").astype(dtype)
    found, _ = through((array, [array]))
    assert found[0].dtype == array.dtype
    assert numpy.array_equal(found[0], array)
    assert found[1][0] is found[0]


@pytest.fixture
def pandas():
    return pytest.importorskip("pandas")


def frames(pandas):
    times = pandas.date_range("2020", periods=N, freq="s", tz="UTC")
    words = [f"word {n % 7}" for n in range(N)]
    yield pandas.DataFrame(numpy.zeros((N, 3)))
    yield pandas.DataFrame({"a": numpy.arange(N), "b": numpy.zeros(N)}).iloc[10::2]
    yield pandas.DataFrame({"a": numpy.arange(N)}, index=times)
    yield pandas.DataFrame({"t": times})
    yield pandas.DataFrame({"c": pandas.Categorical(words)})
    yield pandas.DataFrame({"i": pandas.array(range(N), dtype="Int64")})
    yield pandas.DataFrame({"a": numpy.zeros(N)})["a"]


def test_frames_of_pandas(pandas):
    """Numbers, times, categories and indexes of frames are apart from the pickle."""
    for frame in frames(pandas):
        found, size = through(frame)
        assert size < 3000
        assert found.equals(frame)
        assert type(found.index) is type(frame.index)
        assert getattr(found.index, "freq", None) == getattr(frame.index, "freq", None)


def test_text_of_pandas(pandas):
    """Text in frames is apart, where it is kept by pyarrow."""
    pytest.importorskip("pyarrow")
    words = pandas.array([f"word {n}" for n in range(N)], dtype="string[pyarrow]")
    frame = pandas.DataFrame({"a": words}, index=pandas.Index(words, name="index"))
    found, size = through(frame)
    assert size < 3000
    assert found.equals(frame)


def test_objects_in_frames(pandas):
    """Columns of objects are in the pickle, and come back as they were."""
    frame = pandas.DataFrame({"a": pandas.Series([(n,) for n in range(N)], dtype=object)})
    assert through(frame)[0].equals(frame)


def test_frames_of_polars():
    """Frames and series of polars are apart with pyarrow; those that it does not understand come back all the same."""
    pytest.importorskip("pyarrow")
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": numpy.arange(N), "s": [f"a longer word {n}" for n in range(N)]})
    for value in (frame, frame["s"], polars.concat([frame, frame], rechunk=False)):
        found, size = through(value)
        assert size < 3000
        assert type(found) is type(value)
        assert found.equals(value)
    others = polars.DataFrame({"n": [[n] for n in range(N)], "c": polars.Series(["x", "y", "z"] * (N // 3))})
    for value in (others, others.with_columns(polars.col("c").cast(polars.Categorical)), others.lazy()):
        found, _ = through(value)
        assert (found.collect() if isinstance(found, polars.LazyFrame) else found).equals(others) or found.equals(value)
        assert isinstance(found, polars.LazyFrame) or found.schema == value.schema


def test_tables_of_pyarrow():
    """Tables of pyarrow are apart."""
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": numpy.arange(N), "s": [f"word {n}" for n in range(N)]})
    found, size = through(table)
    assert size < 1000
    assert found.equals(table)


class Own(numpy.ndarray):
    """An array with a type of its own."""


class DataFrame:
    """A namesake."""

    def __init__(self):
        self.a = 1


def test_what_only_looks_like_an_array():
    """Subclasses and namesakes go their own way."""
    own = numpy.arange(2.0 * N)[::2].view(Own)
    assert type(through(own)[0]) is Own
    assert through(DataFrame())[0].a == 1
