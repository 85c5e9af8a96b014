"""Files that a call reads belong to what its answer depends on."""

from __future__ import annotations

import glob
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from everfresh import NotMemoizedWarning
from everfresh.events import Miss


def by_open(path):
    with open(path) as file:
        return file.read()


def by_path(path):
    return Path(path).read_text()


def by_descriptor(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 100).decode()
    finally:
        os.close(descriptor)


def by_thread(path):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(by_open, path).result()


def by_numpy(path):
    import numpy

    return str(numpy.loadtxt(path, dtype=str))


def by_pandas(path):
    import pandas

    return pandas.read_csv(path, header=None).iloc[0, 0]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("one")
    return path


@pytest.mark.parametrize("read", [by_open, by_path, by_descriptor, by_thread, by_numpy, by_pandas])
def test_an_answer_holds_as_long_as_the_file_does(group, events, path, read):
    """Touched or rewritten alike it hits; changed it computes again; changed back the old answer is there."""
    f = group.memoize(read)
    assert f(path) == f(path) == "one"
    path.write_text("one")
    assert f(path) == "one"
    path.write_text("two")
    assert f(path) == "two"
    path.write_text("one")
    assert f(path) == "one"
    assert events.names == "Miss Stored Hit Hit Miss Stored Hit"
    assert str(events.of(Miss)[1].reason).startswith(f"stale (file {path}: content ")


def test_the_time_of_change_may_be_set_back(group, path):
    """Another content under the same size and dates is another content."""
    f = group.memoize(by_open)
    before = path.stat()
    assert f(path) == "one"
    path.write_text("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert f(path) == "two"


def test_a_file_that_appears_or_vanishes(group, path):
    """That a file was not there is a thing to depend on."""

    @group.memoize
    def f(path):
        try:
            return by_open(path)
        except FileNotFoundError:
            return None

    assert f(path) == "one"
    path.unlink()
    assert f(path) is None
    assert f(path) is None
    path.write_text("again")
    assert f(path) == "again"


def test_a_folder_counts_by_its_names(group, events, tmp_path):
    """A new file in a folder that was listed means computing again."""
    folder = tmp_path / "folder"
    folder.mkdir()
    f = group.memoize(lambda folder: sorted(one.name for one in Path(folder).iterdir()))
    assert f(folder) == f(folder) == []
    (folder / "new").touch()
    assert f(folder) == ["new"]
    assert events.names == "Miss Stored Hit Miss Stored"


@pytest.mark.parametrize(
    "find",
    [
        lambda: glob.glob("s/a/x"),
        lambda: glob.glob("s/*/x"),
        lambda: glob.glob("*/a/x", root_dir="."),
        lambda: glob.glob("s/[ab]/c/*"),
        lambda: list(Path("s").glob("a/x")),
        lambda: list(Path().glob("*/a/x")),
    ],
)
def test_a_file_that_a_pattern_names_counts(group, events, tmp_path, monkeypatch, find):
    """A pattern asks for what it names without a listing; that it was not there is a thing to depend on."""
    (tmp_path / "s" / "a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    f = group.memoize(lambda n: len(find()))
    assert f(1) == f(1) == 0
    (tmp_path / "s" / "a" / "c").mkdir()
    (tmp_path / "s" / "a" / "c" / "y").touch()
    (tmp_path / "s" / "a" / "x").touch()
    assert f(1) == f(1) == 1
    assert events.names == "Miss Stored Hit Miss Stored Hit"


def test_what_is_read_may_hang_on_what_was_read(group, events, tmp_path):
    """A file that names another: each content of the first leads to its own answer."""
    index, one, two = (tmp_path / name for name in ("index", "one", "two"))
    one.write_text("1")
    two.write_text("2")
    f = group.memoize(lambda index: by_open(by_open(index)))
    for _ in range(2):
        for target, answer in ((one, "1"), (two, "2")):
            index.write_text(str(target))
            assert f(index) == answer
    assert events.names == "Miss Stored Miss Stored Hit Hit"
    two.write_text("3")
    assert f(index) == "3"


def test_what_an_inner_call_read_belongs_to_the_outer_one(group, path):
    """Whether the inner call ran or hit, the outer answer depends on its files."""
    inner = group.memoize(by_open)
    outer = group.memoize(lambda path: inner(path) + "!")
    assert inner(path) == "one"
    assert outer(path) == "one!"
    path.write_text("two")
    assert outer(path) == "two!"


def test_files_that_the_call_wrote_itself_do_not_count(group, events, tmp_path):
    """A scratch file is no input."""

    @group.memoize
    def f(x):
        scratch = tmp_path / "scratch"
        scratch.write_text(str(x))
        return int(scratch.read_text())

    assert f(1) == f(1) == 1
    (tmp_path / "scratch").write_text("other")
    assert f(1) == 1
    assert events.names == "Miss Stored Hit Hit"


def test_a_file_that_changes_meanwhile_gives_no_answer_to_keep(group, path):
    """Nobody can say which content the answer is for."""

    @group.memoize
    def f(path):
        text = by_open(path)
        path.write_text(text + "more")
        return text

    with pytest.warns(NotMemoizedWarning, match="which changed meanwhile"):
        assert f(path) == "one"
    assert not f.would_hit(path)


def test_the_interpreters_own_reading_does_not_count(group, events):
    """Modules that are imported by the call, and sources read for a traceback, are code and not data."""

    @group.memoize
    def f():

        import this_module_is_not_there_but_looked_for  # noqa: F401

    @group.memoize
    def h():
        from importlib.metadata import version

        return version("everfresh")

    assert h() == h()
    assert events.names == "Miss Stored Hit"
    events.clear()
    group.clear(), events.clear()

    @group.memoize
    def g():
        import traceback

        try:
            raise ValueError
        except ValueError:
            return len(traceback.format_exc().splitlines()) > 2

    with pytest.raises(ModuleNotFoundError):
        f()
    assert g() is g() is True
    assert events.names == "Miss Miss Stored Hit"
    assert len(list(group.cache.index.entries())) == 1


def test_another_process_finds_the_answer(program, tmp_path):
    """What was learned in one process is asked in the next; a relative path goes by its content."""
    program.write(
        main="""
            from everfresh import memoize

            @memoize
            def text():
                with open("data.txt") as file:
                    return file.read()

            def main():
                return text()
        """
    )
    data = program.folder / "data.txt"
    data.write_text("one")
    assert program.run().names == "Miss Stored"
    assert program.run().names == "Hit"
    data.write_text("two")
    changed = program.run()
    assert (changed.value, changed.names) == ("'two'", "Miss Stored")
    assert changed.reasons[0].startswith("stale (file data.txt: content ")
    data.unlink()
    assert program.run(check=False).code == 1


def by_line(path):
    import linecache

    linecache.checkcache()
    return linecache.getline(str(path), 1).strip()


def test_text_that_the_library_reads_for_the_user_counts(group, path):
    """A data file is watched, too, where a module that mostly reads sources opens it."""
    f = group.memoize(by_line)
    assert f(path) == "one"
    path.write_text("two")
    assert f(path) == "two"


def test_data_of_a_package_count(group, tmp_path, monkeypatch):
    """What pkgutil.get_data reads is watched, though the machinery of imports opens it."""
    import pkgutil

    (tmp_path / "pack_of_data").mkdir()
    (tmp_path / "pack_of_data/__init__.py").touch()
    (tmp_path / "pack_of_data/d.txt").write_text("one")
    monkeypatch.syspath_prepend(tmp_path)
    f = group.memoize(lambda: pkgutil.get_data("pack_of_data", "d.txt"))
    assert f() == b"one"
    (tmp_path / "pack_of_data/d.txt").write_text("two")
    assert f() == b"two"


def test_a_module_is_known_by_its_place_and_not_by_its_name(group, path, tmp_path, monkeypatch):
    """A module of the user's that is called like one of the library's reads for the user."""
    (tmp_path / "data_inspect.py").write_text("def read(path):\n    with open(path) as file: return file.read()\n")
    monkeypatch.syspath_prepend(tmp_path)
    from importlib import import_module

    f = group.memoize(import_module("data_inspect").read)
    assert f(path) == "one"
    path.write_text("two")
    assert f(path) == "two"
