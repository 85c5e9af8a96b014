"""How answers are written, said by functions, groups and settings: serializers, compression, durability."""

from __future__ import annotations

import json
import os
import sys

import pytest
from everfresh import CacheWarning, MemoizedGroup, NotMemoizedWarning, configure, memoize
from everfresh.storage import objects
from everfresh.storage.index import Index
from everfresh.storage.serialize import describe


@pytest.fixture
def configured():
    """Give `configure`, and take back what it set."""
    from everfresh.settings import _configured

    before = dict(_configured)
    yield configure
    _configured.clear()
    _configured.update(before)
    configure()


def kept(group):
    """The facts of all objects of the group."""
    group.commit()
    return [describe(group.cache.objects.get(name)) for name in group.cache.objects]


def taken(group):
    """The bytes that the objects of the group take on the disk."""
    group.commit()
    return sum(group.cache.objects.size(name) for name in group.cache.objects)


ANSWERS = {
    "json": '{"a": [1, 2.5, None]}',
    "msgpack": '{"a": [1, b"x"]}',
    "cloudpickle": "{1, 2}",
    "pickle": "{1: (2,)}",
}
NEEDED = {"msgpack": "msgpack", "cloudpickle": "cloudpickle", "zstd": "zstandard", "lz4": "lz4"}


def need(name):
    """Skip the test where the package is not installed. From 3.14 on Python has zstd itself."""
    if name in NEEDED and (name != "zstd" or sys.version_info < (3, 14)):
        pytest.importorskip(NEEDED[name])


@pytest.mark.parametrize("name", ANSWERS)
def test_every_serializer_over_processes(program, name):
    """What one process keeps by a serializer the next one finds."""
    need(name)
    program.write(
        main=f"from everfresh import memoize\n"
        f"@memoize(serializer={name!r})\ndef f():\n    return {ANSWERS[name]}\n"
        "def main():\n    return f()\n"
    )
    first, second = program.run(), program.run()
    assert (first.names, second.names) == ("Miss Stored", "Hit")
    assert first.value == second.value == repr(eval(ANSWERS[name]))


FRAME = """
from everfresh import MemoizedGroup
import {library} as library
group = MemoizedGroup(serializer={name!r}, compression="zlib")
@group.memoize
def f():
    return library.DataFrame({{"a": [1, 2, 3] * 2000, "b": ["x", "y", None] * 2000}})
def main():
    return [len(f()), str(f().dtypes), str(f().head(2))]
"""


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_frames_over_processes(program, library, name):
    """A frame kept as Arrow or Parquet, compressed besides, comes back as the frame it was."""
    pytest.importorskip("pyarrow"), pytest.importorskip(library)
    program.write(main=FRAME.format(library=library, name=name))
    first, second = program.run(), program.run()
    assert (first.names, second.names) == ("Miss Stored Hit Hit", "Hit Hit Hit")
    assert first.value == second.value


def test_parquet_is_parquet(group):
    """What @memoize(serializer="parquet") keeps, pyarrow reads: it stands in the object as it is."""
    pandas, parquet = pytest.importorskip("pandas"), pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    frame = pandas.DataFrame({"a": [1, 2]})
    memoize(group=group, serializer="parquet")(lambda: frame)()
    ((name, *_),) = ([*group.cache.objects],)
    data = bytes(group.cache.objects.get(name))
    table = parquet.read_table(pyarrow.BufferReader(data[data.index(b"PAR1") :]))
    assert table.column("a").to_pylist() == [1, 2]


@pytest.mark.parametrize("method", ["zlib", "zstd", "lz4", "best"])
def test_a_compressed_group(tmp_path, method):
    """Answers take less room, are the same, and count by what they take."""
    need(method)
    group = MemoizedGroup(tmp_path, compression=method)
    f = group.memoize(lambda n: [n] * 100_000)
    entries = []
    group.subscribe(lambda event: entries.append(getattr(event, "entry", None)))
    assert f(7) == f(7) == [7] * 100_000
    assert taken(group) < 20_000
    assert entries[1].size == taken(group) == group.cache.index.total()
    assert group.cache.verify().trouble == 0


def test_what_fits_when_compressed_is_kept(tmp_path):
    """The bound counts what is on the disk."""
    group = MemoizedGroup(tmp_path, size="300 kB", compression="zlib")
    f = group.memoize(lambda n: bytes(n))
    f(2_000_000)
    assert f.would_hit(2_000_000)
    noise = group.memoize(os.urandom, assume_pure=True)
    with pytest.warns(CacheWarning, match="more than the whole cache may"):
        noise(1_000_000)
    assert taken(group) < 10_000


def test_functions_before_groups_before_settings(tmp_path, configured):
    """Who says something is heard before those who say it for more."""
    configured(serializer="json", compression="zlib")
    group = MemoizedGroup(tmp_path / "one")
    group.memoize(lambda: ["settings"] * 2000)()
    assert [facts.serializer for facts in kept(group)] == ["json"]
    assert taken(group) < 1000
    group = MemoizedGroup(tmp_path / "two", serializer="pickle", compression="none")
    group.memoize(lambda: ["group"] * 2000)()
    assert [facts.serializer for facts in kept(group)] == [""]
    assert taken(group) > 2000
    group.memoize(lambda: ["function"] * 2001, serializer="json")()
    assert sorted(facts.serializer for facts in kept(group)) == ["", "json"]


def test_options_may_change(tmp_path):
    """What is there is found, however it was written."""
    f = MemoizedGroup(tmp_path, serializer="json", compression="zlib", durable=True).memoize(list)
    f("abc" * 5000)
    for options in ({}, {"compression": "none", "serializer": "pickle"}):
        assert MemoizedGroup(tmp_path, **options).memoize(list).would_hit("abc" * 5000)


def test_what_would_come_back_otherwise_is_not_kept(group, events):
    """The answer is given, and one warning says where in it the trouble is, and what to do."""
    f = group.memoize(lambda: {"rows": [(1, 2)]}, serializer="json")
    with pytest.warns(NotMemoizedWarning, match=r"\['rows'\]\[0\].*tuple.*choose another"):
        assert f() == {"rows": [(1, 2)]}
    assert events.names == "Miss Bypassed"


def test_what_stands_around_answers_is_pickled(group, tmp_path):
    """Generators, and answers that hang on files, are kept in a group whose serializer knows neither."""
    path = tmp_path / "data"
    path.write_text("one")
    group = MemoizedGroup(tmp_path / "json", serializer="json")

    @group.memoize
    def items():
        yield (1, 2)

    @group.memoize
    def read():
        with open(path) as file:
            return [file.read()]

    for _ in range(2):
        assert list(items()) == [(1, 2)]
        assert read() == ["one"]
    assert (items.stats().hits, read.stats().hits) == (1, 1)
    path.write_text("another")
    assert read() == ["another"]


class Lines:
    """Keeps lists of strings as lines of text."""

    name = "lines"

    def dump(self, value, file):
        if not isinstance(value, list) or any("\n" in line for line in value):
            raise TypeError("lines are lists of strings without line ends")
        file.write("\n".join(value).encode())

    def load(self, file):
        return file.read().decode().split("\n")


def test_a_serializer_of_ones_own(group, events):
    """What it writes it reads; what it refuses is not kept."""
    f = group.memoize(lambda *lines: list(lines), serializer=Lines())
    assert f("a", "b") == f("a", "b") == ["a", "b"]
    with pytest.warns(NotMemoizedWarning, match="without line ends"):
        f("a\n")
    assert events.names == "Miss Stored Hit Miss Bypassed"
    ((name, *_),) = ([*group.cache.objects],)
    assert bytes(group.cache.objects.get(name)).endswith(b"a\nb")


def test_a_serializer_that_nobody_knows_any_more(group, monkeypatch):
    """The answer is computed again, with a warning that names it."""
    from everfresh.storage import serializers

    f = group.memoize(lambda: ["a"], serializer=Lines())
    f()
    monkeypatch.setattr(serializers, "_own", {})
    with pytest.warns(CacheWarning, match="no serializer is called 'lines'"):
        assert f() == ["a"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"serializer": "yaml"}, "serializer='yaml' is not known; there are pickle, cloudpickle, json"),
        ({"serializer": 3}, "3 is no serializer: it needs a name, dump"),
        ({"serializer": type("Json", (Lines,), {"name": "json"})()}, "'json' comes with everfresh"),
        ({"serializer": type("Other", (Lines,), {})()}, "another serializer is called 'lines' already"),
        ({"compression": "rar"}, "compression='rar' is not known; there are none, best, zstd, lz4, zlib"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "say", [lambda **o: MemoizedGroup(**o), lambda **o: memoize(**o)(len), lambda **o: configure(**o)]
)
def test_wrong_ways_are_named(say, options, message):
    """The error names the option and what there is, whoever says it."""
    from everfresh.storage.serializers import chosen

    chosen(Lines())
    with pytest.raises((ValueError, TypeError), match=message):
        say(**options)


@pytest.mark.parametrize(
    ("option", "name", "extra"), [("serializer", "parquet", "arrow"), ("compression", "lz4", "lz4")]
)
def test_what_is_not_installed_is_named(monkeypatch, option, name, extra):
    """The error says what to install."""
    from everfresh.storage import codecs, serializers

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(codecs, "_there", lambda method: False)
    serializers._built_in.cache_clear()
    with pytest.raises(ValueError, match=rf"{option}='{name}' needs .*pip install everfresh\[{extra}\]"):
        MemoizedGroup(**{option: name})


def test_a_wrong_way_in_the_environment_costs_the_keeping(program):
    """Whoever runs the program hears what is wrong, and gets the answer."""
    program.write(main="from everfresh import memoize\n@memoize\ndef f():\n    return 1\ndef main():\n    return f()\n")
    for variable, value in (("EVERFRESH_COMPRESSION", "rar"), ("EVERFRESH_SERIALIZER", "yaml")):
        done = program.run(**{variable: value})
        assert (done.value, done.names) == ("1", "Miss Bypassed")
        assert f"{value}' is not known" in done.stderr


@pytest.mark.parametrize("writes", ["at once", "commit"])
def test_durable_is_on_the_disk_before_it_is_seen(group, monkeypatch, writes):
    """The bytes, then the name, then the folder, and only then the entry."""
    done = []

    def noted(where, name, what):
        real = getattr(where, name)
        monkeypatch.setattr(where, name, lambda *args, **kwargs: (done.append(what), real(*args, **kwargs))[1])

    f = group.memoize(lambda n: n, durable=True, writes=writes)
    f(1), group.commit()
    noted(objects, "_sync", "bytes")
    noted(objects, "_publish", "name")
    noted(objects, "_sync_folder", "folder")
    noted(Index, "add", "entry")
    f(2), group.commit()
    while done[0] == "folder":  # one that was made for it
        done.pop(0)
    assert done == ["bytes", "name", "folder", "entry"]
    done.clear()
    group.memoize(lambda n: n)(3)
    assert done == ["name", "entry"]


def test_ways_travel(tmp_path):
    """A pickled group writes in another process as it does here."""
    import pickle

    group = MemoizedGroup(tmp_path, durable=True, serializer=Lines(), compression="zlib")
    again = pickle.loads(pickle.dumps(group))
    assert again.says("durable") is True
    assert type(again.says("serializer")) is Lines
    again.memoize(lambda: ["a"])()
    assert [facts.serializer for facts in kept(again)] == ["lines"]


def test_json_can_be_read_by_others(group):
    """The body of the object is the text."""
    group.memoize(lambda: {"a": 1}, serializer="json")()
    ((name, *_),) = ([*group.cache.objects],)
    data = bytes(group.cache.objects.get(name))
    assert json.loads(data[data.rindex(b"{") :]) == {"a": 1}


@pytest.mark.parametrize("writes", ["at once", "background"])
def test_much_through_a_small_bound(tmp_path, writes):
    """Ten times the bound is written: never are there more bytes than the bound and one object, index and all."""
    import random

    bound, chance, most = 10_000_000, random.Random(1), 0
    group = MemoizedGroup(tmp_path, size=bound, writes=writes)
    f = group.memoize(lambda number, size: bytes([number % 256]) * size, version=1)
    sizes = [int(1000 * 1000 ** chance.random()) for _ in range(700)]
    assert sum(sizes) > 10 * bound / 1.5
    for number, size in enumerate(sizes):
        assert f(number, size) == bytes([number % 256]) * size
        if number % 5 == 0:
            group.commit()  # while a thread writes, nobody could sum up what there is
            most = max(most, sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()))
    assert bound / 2 < most <= bound + max(sizes) + 4096


class Shape:
    """A class that goes."""


def test_a_class_that_is_gone(group, monkeypatch):
    """An answer of a class that cannot be loaded any more is computed again, with a warning; others are as ever."""
    import importlib

    module = importlib.import_module(__name__)
    shape = group.memoize(lambda: module.Shape(), version=1)
    other = group.memoize(lambda: 1)
    shape(), other()
    renamed = type("Form", (), {"__module__": __name__})
    monkeypatch.setattr(module, "Form", renamed, raising=False)
    monkeypatch.delattr(module, "Shape")
    again = group.memoize(lambda: module.Form(), version=1)
    with pytest.warns(CacheWarning, match="cannot be loaded: AttributeError"):
        assert type(again()) is renamed
    assert other() == 1
    assert other.stats().hits == 1
