"""A cache against a dictionary: whatever is done, in whatever order, and wherever it is killed."""

from __future__ import annotations

import itertools
import os
import shutil

import pytest
from everfresh.model import Dependency, Found, Key, Trace
from everfresh.storage import schema
from everfresh.storage.place import open_cache
from everfresh.storage.upkeep import Verified
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

MB = 1 << 20
LONG = bool(os.environ.get("EVERFRESH_TESTS_LONG"))
SIZE = 4 * MB
keys = st.builds(Key, function=st.sampled_from("fg"), arguments=st.sampled_from([b"1", b"2", b"3"]))
traces = st.sampled_from([Trace(b"v%d" % n, (Dependency("code", b"d%d" % n, str(n)),)) for n in range(3)])
values = st.one_of(st.integers(), st.binary(max_size=100), st.sampled_from([bytes(MB // 3), bytes(MB)]))


class CacheAgainstDictionary(RuleBasedStateMachine):
    """`possible` holds, for each answer that was ever recorded, what a lookup may give; None is a miss."""

    faults = None
    folder = ""
    numbers = itertools.count()

    def __init__(self):
        super().__init__()
        self.path = f"{self.folder}/{next(self.numbers)}"
        self.possible = {}
        self.open()

    def open(self):
        self.cache = open_cache(self.path, "gdsf", SIZE)
        self.cache.evicted = lambda entry: self.possible.setdefault((entry.key, entry.version), [None]).append(None)

    def teardown(self):
        self.cache.close()
        shutil.rmtree(self.path)

    def forget_all(self, wanted=lambda key: True):
        """What is removed is gone for certain."""
        for key, version in self.possible:
            if wanted(key):
                self.possible[key, version] = [None]

    def maybe_forget(self, wanted=lambda key: True):
        """What a killed process was removing may be gone."""
        for (key, _), known in self.possible.items():
            if wanted(key):
                known.append(None)

    @rule(key=keys, trace=traces)
    def lookup(self, key, trace):
        found = self.cache.lookup(key, trace)
        value = [found.value] if isinstance(found, Found) else None
        known = self.possible.get((key, trace.version), [None])
        assert value in known, (found, known)
        self.possible[key, trace.version] = [value]
        assert isinstance(found, Found) or found.kind in ("absent", "stale", "lost", "damaged")

    @rule(key=keys, trace=traces, value=values, cost=st.floats(0, 10))
    def record(self, key, trace, value, cost):
        self.possible[key, trace.version] = [[value]]
        self.cache.record(key, trace, value, cost)

    @rule(key=keys)
    def forget(self, key):
        self.cache.forget(key)
        self.forget_all(lambda other: other == key)

    @rule(function=st.sampled_from("fg"))
    def clear_function(self, function):
        self.cache.clear(function)
        self.forget_all(lambda key: key.function == function)

    @rule()
    def clear(self):
        self.cache.clear()
        self.forget_all()
        assert list(self.cache.objects) == []

    @rule(size=st.integers(0, SIZE))
    def evict(self, size):
        self.cache.evict(size)

    @rule()
    def commit(self):
        self.cache.commit()

    @rule()
    def collect(self):
        self.cache.rebuild()
        self.cache.collect(grace=-1)
        self.cache.verify()
        assert self.cache.verify() == Verified(len(self.cache.index), 0, (), ())

    @rule()
    def reopen(self):
        self.cache.close()
        self.open()

    @rule()
    def leave_without_closing(self):
        self.cache = None
        self.open()

    @rule()
    def lose_the_index(self):
        self.cache.close()
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(self.cache.index.path + suffix):
                os.unlink(self.cache.index.path + suffix)
        self.open()

    @rule(key=keys, trace=traces, value=values, fail_at=st.integers(1, 40))
    def die_while_recording(self, key, trace, value, fail_at):
        known = self.possible.setdefault((key, trace.version), [None])
        known.append([value])
        self.die(fail_at, lambda: self.cache.record(key, trace, value, 1.0))

    @rule(fail_at=st.integers(1, 40), function=st.sampled_from([None, "f"]))
    def die_while_clearing(self, fail_at, function):
        self.maybe_forget(lambda key: function in (None, key.function))
        self.die(fail_at, lambda: self.cache.clear(function))

    @rule(fail_at=st.integers(1, 40))
    def die_while_evicting(self, fail_at):
        self.maybe_forget()
        self.die(fail_at, lambda: self.cache.evict(0))

    @rule(fail_at=st.integers(1, 40))
    def die_while_rebuilding(self, fail_at):
        self.die(fail_at, lambda: self.cache.rebuild())

    @precondition(lambda self: list(self.cache.objects))
    @rule(chance=st.randoms(use_true_random=False))
    def damage(self, chance):
        name = chance.choice(sorted(self.cache.objects))
        data = bytearray(self.cache.objects.get(name))
        data[-1] ^= 1
        self.cache.objects.put(name, [data])
        self.possible = {place: [*known, None] for place, known in self.possible.items()}

    def die(self, fail_at, act):
        """Do it in a process of which nothing is left from some call on."""
        self.cache.close()
        with self.faults(fail_at, None):
            self.open()
            act()
        self.cache.index._connections.close()  # as the system does for who is killed
        self.open()

    @invariant()
    def bounded(self):
        assert self.cache.index.total() <= SIZE


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::everfresh.CacheWarning")
def test_a_cache_is_a_dictionary_that_may_forget(tmp_path, faulty, monkeypatch):
    """After any operations, kills and losses a lookup gives what was recorded last, or a miss where that may be."""
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.0)  # nobody else is there: who waits would wait in vain
    CacheAgainstDictionary.faults, CacheAgainstDictionary.folder = faulty, str(tmp_path)
    rounds = settings(max_examples=300 if LONG else 30, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(CacheAgainstDictionary, settings=rounds)
