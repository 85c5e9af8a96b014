"""Writing later: what waits is found at once, and is lost by a process that is killed alone."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import threading

import pytest
from everfresh import CacheWarning, MemoizedGroup, configure
from everfresh.storage import queue

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def double(x):
    """Double."""
    return 2 * x


@pytest.fixture
def held(monkeypatch):
    """Keep the writer's thread from starting, so that what waits goes on waiting."""
    monkeypatch.setattr(queue.Queue, "_call_thread", lambda self: True)


def kept(group):
    """What the cache holds, as another process would see it."""
    return len(list(group.cache.objects))


@pytest.mark.parametrize("writes", ["background", "commit"])
def test_what_waits_is_found(group, events, held, writes):
    """The next call hits before anything is written; commit writes it."""
    f = group.memoize(writes=writes)(double)
    assert f(1) == f(1) == 2
    assert events.names == "Miss Hit"
    assert kept(group) == 0
    group.commit()
    assert kept(group) == 1
    assert f(1) == 2
    assert events.names == "Miss Hit Stored Hit"


def test_the_thread_writes(group):
    """In the background the answer is written without a commit."""
    stored = threading.Event()
    group.subscribe(lambda event: type(event).__name__ == "Stored" and stored.set())
    group.memoize(writes="background")(double)(1)
    assert stored.wait(60)
    assert kept(group) == 1


def test_an_answer_is_what_it_was_when_the_call_returned(group, held):
    """The caller may change what it got: neither what waits nor what is written changes, arrays included."""
    numpy = pytest.importorskip("numpy")
    f = group.memoize(writes="commit")(lambda: [numpy.zeros(10_000), numpy.zeros(1_000_000)])
    for array in f():
        array += 1
    for array in f():
        assert array.sum() == 0
        array += 1
    group.commit()
    assert [array.sum() for array in f()] == [0, 0]


def test_large_answers_do_not_wait(group, held):
    """They are written by the caller: a copy would take as long."""
    group.memoize(writes="commit")(lambda: bytes(2 << 20))()
    assert kept(group) == 1


def test_what_waits_is_bounded(group, held, monkeypatch):
    """Whoever comes when too much waits writes it."""
    monkeypatch.setattr(queue, "MOST", 10_000)
    f = group.memoize(writes="commit")(bytes)
    f(4000), f(4001)
    assert kept(group) == 0
    f(4002)
    assert kept(group) == 3


def test_functions_and_groups_say_when(tmp_path, held):
    """The function's word counts before the group's, and that before configure()."""
    group = MemoizedGroup(tmp_path, writes="commit")
    group.memoize(double)(1)
    assert kept(group) == 0
    group.memoize(writes="at once")(len)("abc")
    assert kept(group) == 1
    configure(writes="commit")
    try:
        assert MemoizedGroup(tmp_path / "other").says("writes") == "commit"
    finally:
        configure(writes="at once")


@pytest.mark.parametrize(
    "make", [lambda: MemoizedGroup(writes="never"), lambda: MemoizedGroup().memoize(writes=1)(len)]
)
def test_unknown_ways_are_named(make):
    """The message names the option and what there is."""
    with pytest.raises(ValueError, match=r"writes=.* there are 'at once', 'background' and 'commit'"):
        make()


def test_clear_evict_and_pickle_know_of_what_waits(tmp_path, held):
    """Nothing that was cleared comes back, and another process sees what this one answered."""
    group = MemoizedGroup(tmp_path, writes="commit")
    f = group.memoize(double)
    f(1)
    assert pickle.loads(pickle.dumps(group)).memoize(double).would_hit(1)
    f(2)
    assert f.clear_entry(2) == 1
    f(3)
    assert group.clear() == 2
    assert not any(map(f.would_hit, (1, 2, 3)))
    f(4)
    assert group.evict(0) == 1


def test_files_that_were_read_count_for_what_waits(group, events, held, tmp_path):
    """What a call read is watched, though the way to its answer is not written yet."""
    path = tmp_path / "data"
    path.write_text("one")

    @group.memoize(writes="commit")
    def read():
        with open(path) as file:
            return file.read()

    assert read() == read() == "one"
    path.write_text("another")
    assert read() == "another"
    assert events.names == "Miss Hit Miss"


def test_trouble_of_the_writer_is_one_warning(group, events, held, monkeypatch):
    """A full disk costs the caching; the answers were given long ago."""

    def refuse(self, prepared):
        raise OSError("disk full")

    f = group.memoize(writes="commit")(double)
    monkeypatch.setattr(type(group.cache), "keep", refuse)
    f(1), f(2)
    with pytest.warns(CacheWarning, match="could not be stored .*disk full") as warned:
        group.commit()
    assert len(warned) == 1
    assert events.names == "Miss Miss Bypassed Bypassed"
    assert not f.would_hit(1)


def test_a_listener_may_commit(group, held):
    """Whoever hears that something was kept may ask for the rest."""
    group.subscribe(lambda event: group.commit())
    f = group.memoize(writes="commit")(double)
    f(1), f(2)
    group.commit()
    assert kept(group) == 2


@needs_fork
def test_a_fork_finds_everything_written(group, held):
    """Before a fork all is written; the child writes nothing twice and goes on by itself."""
    f = group.memoize(writes="commit")(double)
    f(1)
    child = os.fork()
    if child == 0:
        try:
            group.subscribe(lambda event: os._exit(3) if type(event).__name__ == "Miss" else None)
            os._exit(0 if kept(group) == 1 and f(1) == 2 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def answering(folder):
    """Answer a call in a process of multiprocessing."""
    MemoizedGroup(folder, writes="commit").memoize(double)(21)


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_of_multiprocessing_write_when_they_end(tmp_path, method, monkeypatch):
    """They leave by os._exit, and lose nothing all the same."""
    monkeypatch.syspath_prepend(os.path.dirname(__file__))
    import test_writer

    process = multiprocessing.get_context(method).Process(target=test_writer.answering, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert kept(MemoizedGroup(tmp_path)) == 1


SCRIPT = """
import os, signal, sys
from everfresh import MemoizedGroup
hook = sys.excepthook
sys.excepthook = lambda *error: print("told to the hook before", error[0].__name__, flush=True)
group = MemoizedGroup(sys.argv[1], writes={writes!r})
f = group.memoize(lambda x: x)
print(*map(f, range(50)))
{end}
"""


def ended(tmp_path, end, writes="commit"):
    """A process that answers fifty calls and ends so."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT).format(end=end, writes=writes))
    done = subprocess.run([sys.executable, script, tmp_path / "cache"], capture_output=True, text=True, check=False)
    assert "49" in done.stdout, done.stderr
    return done


@pytest.mark.parametrize("writes", ["commit", "background"])
@pytest.mark.parametrize("end", ["pass", "sys.exit(3)", "1 / 0", "group.commit(); os._exit(0)", "del group, f"])
def test_what_an_ordinary_end_keeps(tmp_path, end, writes):
    """The end of the script, sys.exit, an exception and the end of the group lose nothing."""
    done = ended(tmp_path, end, writes)
    assert kept(MemoizedGroup(tmp_path / "cache")) == 50
    assert ("told to the hook before ZeroDivisionError" in done.stdout) == (end == "1 / 0")


def test_a_hook_that_ends_the_process_finds_it_written(tmp_path):
    """sys.excepthook is chained: first is written, then is done what was done before."""
    ended(tmp_path, "pass")
    script = tmp_path / "script.py"
    script.write_text(script.read_text().replace('print("told', 'os._exit(0) or print("told').replace("pass", "1 / 0"))
    subprocess.run([sys.executable, script, tmp_path / "other"], check=True, capture_output=True)
    assert kept(MemoizedGroup(tmp_path / "other")) == 50


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))"])
def test_what_a_sudden_end_loses(tmp_path, end):
    """os._exit and SIGKILL lose what waits for a commit, and of what is on its way any part, but nothing by half."""
    ended(tmp_path, end)
    assert kept(MemoizedGroup(tmp_path / "cache")) == 0
    ended(tmp_path, end, "background")
    group = MemoizedGroup(tmp_path / "cache")
    assert kept(group) <= 50
    assert group.cache.collect() == 0


@pytest.mark.parametrize("writes", ["background", "commit"])
def test_groups_of_one_folder_share_what_waits(tmp_path, held, writes):
    """Two groups on one folder in one process: each finds what waits in the other, and commits it."""
    one, other = MemoizedGroup(tmp_path), MemoizedGroup(tmp_path / ".." / tmp_path.name)
    f, g = one.memoize(double, writes=writes), other.memoize(double)
    assert f(1) == g(1) == 2
    assert g.stats().hits == 1
    assert kept(one) == 0
    other.commit()
    assert kept(one) == 1


def test_what_waits_outlives_its_group(tmp_path, held):
    """A queue that holds something is not forgotten with the last group that used it."""
    MemoizedGroup(tmp_path, writes="commit").memoize(double)(1)
    assert MemoizedGroup(tmp_path).memoize(double).would_hit(1)
