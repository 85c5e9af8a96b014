"""A group against a dictionary: whatever is called, committed, cleared, killed or opened anew, in whatever order."""

from __future__ import annotations

import itertools
import os
import pickle
import shutil

import pytest
from everfresh import MemoizedGroup
from everfresh.storage.queue import queue_of
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

numbers, versions = st.integers(0, 5), st.integers(1, 2)
ways = st.fixed_dictionaries(
    {},
    optional={
        "writes": st.sampled_from(["at once", "commit"]),
        "compression": st.sampled_from(["none", "zlib"]),
        "serializer": st.sampled_from(["pickle", "json"]),
        "durable": st.booleans(),
    },
)


def answer(version, number):
    return [version * number] * (1000 * number)


RAN = []


def first(number):
    RAN.append(number)
    return answer(1, number)


def second(number):
    RAN.append(number)
    return answer(2, number)


FUNCTIONS = {1: first, 2: second}
first.__qualname__ = second.__qualname__ = "f"  # two versions of one function


class GroupAgainstDictionary(RuleBasedStateMachine):
    """`kept` holds the calls that must hit; `waiting` those that a crash may take back."""

    folder = ""
    count = itertools.count()

    def __init__(self):
        super().__init__()
        self.path = f"{self.folder}/{next(self.count)}"
        self.kept, self.waiting = set(), set()
        self.open({})

    @rule(options=ways)
    def open(self, options):
        """Another group on the folder, beside the one before: it finds what waits there."""
        self.group, self.options = MemoizedGroup(self.path, **options), options
        self.functions = {version: self.memoized(version) for version in (1, 2)}

    def memoized(self, version):
        return self.group.memoize(version=version)(FUNCTIONS[version])

    @rule(number=numbers, version=versions)
    def call(self, number, version):
        hit = (version, number) in self.kept | self.waiting
        RAN.clear()
        assert self.functions[version](number) == answer(version, number)
        assert RAN == ([] if hit else [number])
        if not hit:
            (self.waiting if self.options.get("writes") == "commit" else self.kept).add((version, number))

    @rule()
    def commit(self):
        self.group.commit()
        self.written()

    @rule()
    def travel(self):
        """Pickled and unpickled, a group is the same; what waited is written."""
        options = self.options
        self.group = pickle.loads(pickle.dumps(self.group))
        self.options, self.functions = options, {version: self.memoized(version) for version in (1, 2)}
        self.written()

    @rule(number=numbers, version=versions)
    def clear_entry(self, number, version):
        self.functions[version].clear_entry(number)
        self.written()
        self.kept -= {(1, number), (2, number)}

    @rule()
    def clear(self):
        self.group.clear()
        self.kept.clear(), self.waiting.clear()

    @rule()
    def evict(self):
        self.group.evict(0)
        self.kept.clear(), self.waiting.clear()

    @rule()
    def close(self):
        self.group.close()
        self.written()

    @rule(index=st.booleans())
    def crash(self, index):
        """A kill takes what waits; somebody removes the index besides."""
        queue_of(self.group.cache.index.path)._start()
        self.waiting.clear()
        self.group.close()
        for name in os.listdir(self.path) if index else ():
            if name.startswith("index.sqlite3") and not name.endswith("flights"):
                os.unlink(f"{self.path}/{name}")
        self.open(self.options)

    def written(self):
        self.kept |= self.waiting
        self.waiting.clear()

    @invariant()
    def hits(self):
        known = self.kept | self.waiting
        for version, f in self.functions.items():
            assert [f.would_hit(number) for number in range(6)] == [(version, number) in known for number in range(6)]

    def teardown(self):
        self.group.close()
        shutil.rmtree(self.path)


@pytest.mark.slow
def test_a_group_is_a_dictionary(tmp_path):
    """What was answered and written is a hit, and nothing else is; every answer is right."""
    GroupAgainstDictionary.folder = str(tmp_path)
    long = bool(os.environ.get("EVERFRESH_TESTS_LONG"))
    examples = settings(max_examples=200 if long else 15, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(GroupAgainstDictionary, settings=examples)
