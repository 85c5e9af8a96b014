"""Memoized functions in pools and schedulers: each runs for real, and each question is computed once."""

from __future__ import annotations

import concurrent.futures
import importlib
import multiprocessing
import pickle
import sys
from pathlib import Path

import pytest

METHODS = multiprocessing.get_all_start_methods()
NUMBERS = [n % 5 for n in range(20)]
SQUARES = [n * n for n in NUMBERS]


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    """The module of tasks, with a cache and a log of its own, here and in the workers."""
    monkeypatch.setenv("ENGINES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ENGINES_LOG", str(tmp_path / "log"))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    sys.modules.pop("engine_tasks", None)
    if "forkserver" in METHODS:
        from multiprocessing import forkserver

        forkserver._forkserver._stop()  # an older one has the environment of another test
    yield importlib.import_module("engine_tasks")
    sys.modules.pop("engine_tasks", None)


@pytest.fixture
def once(tmp_path):
    """Check that each of the questions was computed once."""

    def check():
        assert sorted((tmp_path / "log").read_text().split()) == [str(n) for n in range(5)]

    return check


@pytest.mark.parametrize("method", METHODS)
def test_multiprocessing(tasks, once, method):
    """A pool of processes, however they are started."""
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(tasks.square, NUMBERS) == SQUARES
        pool.close()
        pool.join()
    once()


@pytest.mark.parametrize("method", METHODS)
def test_concurrent_futures_processes(tasks, once, method):
    """The same with executors; afterwards this process finds what the workers answered."""
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(tasks.square, NUMBERS)) == SQUARES
    once()
    assert tasks.square.would_hit(3)


def test_concurrent_futures_threads(tasks, once):
    """And with threads."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tasks.square, NUMBERS)) == SQUARES
    once()


def test_groups_travel(tasks, once):
    """A group sent to the workers opens the same cache there."""
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(tasks.in_group, [(tasks.travelling, n) for n in NUMBERS])) == SQUARES
    once()


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_joblib(tasks, once, backend):
    """joblib.Parallel with its three backends; loky pickles by cloudpickle."""
    joblib = pytest.importorskip("joblib")
    parallel = joblib.Parallel(n_jobs=2, backend=backend)
    assert parallel(joblib.delayed(tasks.square)(n) for n in NUMBERS) == SQUARES
    once()
    if backend == "loky":
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)


@pytest.mark.parametrize("scheduler", ["threads", "processes", "sync"])
def test_dask_delayed(tasks, once, scheduler):
    """dask.delayed over a memoized function."""
    dask = pytest.importorskip("dask")
    graph = [dask.delayed(tasks.square)(n) for n in NUMBERS]
    assert list(dask.compute(*graph, scheduler=scheduler, num_workers=2)) == SQUARES
    once()


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_dask_bag(tasks, once, scheduler):
    """dask.bag.map over a memoized function."""
    bag = pytest.importorskip("dask.bag")
    mapped = bag.from_sequence(NUMBERS, npartitions=4).map(tasks.square)
    assert mapped.compute(scheduler=scheduler, num_workers=2) == SQUARES
    once()


def test_cloudpickle_by_value(group):
    """A memoized function that no module holds (of a notebook, a closure) goes along as a whole, group included."""
    cloudpickle = pytest.importorskip("cloudpickle")
    factor = 3
    f = group.memoize(lambda x: x * factor)
    assert f(2) == 6
    again = pickle.loads(cloudpickle.dumps(f))
    assert again is not f
    assert again.would_hit(2)
    assert (again(2), again(5), f.would_hit(5)) == (6, 15, True)
