"""Depth, sharing, errors, and what the user can register."""

from __future__ import annotations

import pickle
import socket
import sys
import tracemalloc
import zlib

import fingerprint_kinds as kinds
import fingerprint_makers as makers
import numpy as np
import pandas as pd
import pytest
from everfresh_fingerprint import Digest, UnfingerprintableError, determ_hash, fingerprint
from everfresh_fingerprint.form import LAZY, RULES, register_lazy


@pytest.mark.parametrize(
    "kind", [list, tuple, lambda parts: {"a": parts[0] if parts else None}, lambda parts: kinds.Plain(*parts)]
)
def test_depth_is_no_limit(kind):
    """A value nested 20,000 levels deep has a digest, and one level more another one."""
    deep = makers.deep(lambda parts=(): kind(list(parts)), 20_000)
    assert fingerprint(deep) != fingerprint([deep])


def test_depth_of_sets_is_no_limit():
    """A frozenset nested thousands of levels deep has a digest."""
    deep = makers.deep(frozenset, 5 * sys.getrecursionlimit())
    assert fingerprint(deep) != fingerprint(frozenset([deep]))


class Counting:
    """Counts how often instances are described."""

    described = 0

    def __reduce__(self):
        Counting.described += 1
        return Counting, ()


@pytest.mark.parametrize("levels", [10, 60])
def test_shared_parts_are_described_once(levels):
    """A part that is shared many times is described once, however many paths lead to it."""
    Counting.described = 0
    made = [Counting()]
    for _ in range(levels):
        made = [made, made, {"a": made}]
    fingerprint(made)
    assert Counting.described == 1


def test_parts_of_nested_sets_are_described_once():
    """The work for sets within sets does not grow with each level."""
    Counting.described = 0
    made = frozenset([Counting()])
    for _ in range(8):
        made = frozenset([made])
    fingerprint(made)
    assert Counting.described == 1


def generator():
    yield


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda bad: bad, ""),
        (lambda bad: [bad], "[0]"),
        (lambda bad: [0, 1, bad], "[2]"),
        (lambda bad: (0, [1, bad]), "[1][1]"),
        (lambda bad: {"a": bad}, "['a']"),
        (lambda bad: {1: {"b": [bad]}}, "[1]['b'][0]"),
        (lambda bad: {"a": 1, "b": bad}, "['b']"),
        (lambda bad: kinds.Plain(bad), ".value"),
        (lambda bad: kinds.Plain([bad]), ".value[0]"),
        (lambda bad: {"a": [0, kinds.Plain({"gen": bad})]}, "['a'][1].value['gen']"),
        (lambda bad: kinds.Data(1, [bad]), ".b[0]"),
        (lambda bad: [kinds.Plain(kinds.Plain(bad))], "[0].value.value"),
        (lambda bad: kinds.MyList([0, bad]), "[1]"),
    ],
)
def test_error_names_the_path(make, path):
    """What has no fingerprint is named by the path that leads to it, as a person would write it."""
    with pytest.raises(UnfingerprintableError) as caught:
        fingerprint(make(generator()))
    assert caught.value.path == path
    assert "generator" in str(caught.value)
    assert str(caught.value).startswith(path)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda bad: kinds.Slotted(bad), ".value"),
        (lambda bad: kinds.Frozen(1, bad) and kinds.Compact(1, bad), ".b"),
        (lambda bad: [{kinds.Plain(bad)}], "[0]{...}.value"),
        (lambda bad: kinds.MyDict({"a": bad}), "['a']"),
        (lambda bad: pd.DataFrame({"a": [0, bad]}), "['a'][1]"),
    ],
)
def test_error_names_the_path_through_rarer_kinds(make, path):
    """The same through slots, sets, subclasses of containers, and frames."""
    with pytest.raises(UnfingerprintableError) as caught:
        fingerprint(make(generator()))
    assert caught.value.path == path


class Reluctant:
    """Will not be pickled."""

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        raise RuntimeError("no")


def test_what_will_not_be_pickled_goes_by_its_attributes():
    """An object of a Python class that refuses to be pickled is described by its attributes."""
    assert fingerprint(Reluctant([1])) == fingerprint(Reluctant([1])) != fingerprint(Reluctant([2]))


def test_compiled_object_without_pickling_is_refused_or_told_apart():
    """Two objects of a compiled class that will not be pickled are refused, never taken for the same."""
    digests = set()
    for level in (1, 9):
        try:
            digests.add(fingerprint(zlib.compressobj(level)))
        except UnfingerprintableError:
            digests.add(level)
    assert len(digests) == 2


@pytest.mark.parametrize(
    "make",
    [
        generator,
        lambda: sys._getframe(),
        lambda: open(__file__, encoding="utf-8"),
        lambda: socket.socket(),
    ],
)
def test_what_has_no_fingerprint_is_refused(make):
    """What nothing tells apart in another process is refused with a TypeError that says what to do."""
    value = make()
    try:
        with pytest.raises(TypeError) as caught:
            fingerprint([value])
    finally:
        close = getattr(value, "close", None)
        if close:
            close()
    assert isinstance(caught.value, UnfingerprintableError)
    assert caught.value.path == "[0]"
    assert "__determ_hash__" in str(caught.value) or "inside the function" in str(caught.value)


def test_error_in_code_names_the_global(load):
    """A value in the reach of a function is named from the module down."""
    app = load("""
        def gen(): yield
        class C: ...
        CONFIG = {"pool": [C()]}
        CONFIG["pool"][0].lock = gen()
        def f(): return CONFIG
    """)
    with pytest.raises(UnfingerprintableError) as caught:
        fingerprint(app.f)
    assert caught.value.path == "app.CONFIG['pool'][0].lock"


def test_error_can_be_pickled():
    """The error keeps problem and path over a pickle, so that it can cross processes."""
    error = pickle.loads(pickle.dumps(UnfingerprintableError("no", "[0]")))
    assert (error.problem, error.path, str(error)) == ("no", "[0]", "[0]: no")


class Odd:
    def __init__(self, key, noise):
        self.key, self.noise = key, noise


@pytest.fixture
def odd_rule():
    determ_hash.register(Odd)(lambda odd: odd.key)
    yield
    del RULES[Odd]


def test_registered_rule_stands_for_the_value(odd_rule):
    """What a registered rule gives stands for the value, with its type."""
    assert determ_hash(Odd(1, 2)) == determ_hash(Odd(1, 3))
    assert determ_hash(Odd(1, 2)) != determ_hash(Odd(2, 2))
    assert determ_hash(Odd(1, 2)) != determ_hash(1)


def test_registered_rule_is_for_exactly_its_type(odd_rule):
    """A subclass may carry more, so the rule of its base does not apply to it."""

    class Odder(Odd): ...

    assert determ_hash(Odder(1, 2)) != determ_hash(Odder(1, 3))


def test_rules_in_a_module_of_their_own_load_late(load, tmp_path, monkeypatch):
    """A module that registers rules for a package is imported with the first value of that package, not before."""
    monkeypatch.setattr("everfresh_fingerprint.form.LAZY", dict(LAZY))
    (tmp_path / "shapes_rules.py").write_text(
        "import shapes\nfrom everfresh_fingerprint import determ_hash\n"
        "determ_hash.register(shapes.Disc)(lambda disc: disc.radius)\n"
    )
    shapes = load("class Disc:\n def __init__(self, radius, noise): self.radius, self.noise = radius, noise", "shapes")
    assert fingerprint(shapes.Disc(1, 2)) != fingerprint(shapes.Disc(1, 3))
    register_lazy("shapes", "shapes_rules")
    fingerprint([1])
    assert "shapes_rules" not in sys.modules
    assert fingerprint(shapes.Disc(1, 2)) == fingerprint(shapes.Disc(1, 3)) != fingerprint(shapes.Disc(2, 2))
    del sys.modules["shapes_rules"]


def test_rule_that_fails_is_told_as_a_refusal(odd_rule):
    """Where a rule cannot cope with a value, the value has no fingerprint, and the error says why."""
    broken = Odd(1, 2)
    del broken.key
    with pytest.raises(UnfingerprintableError, match=r"AttributeError.*key"):
        determ_hash([broken])


def test_digest_as_a_value_is_no_short_cut():
    """A digest that is passed as a value is not taken for the value that it stands for."""
    for value in (1, "a", [1], [[1]], kinds.Plain(1)):
        assert fingerprint(fingerprint(value)) != fingerprint(value)
        assert fingerprint([fingerprint(value)]) != fingerprint([value])
    assert fingerprint(Digest(b"a" * 16)) != fingerprint(b"a" * 16)


def test_value_of_a_class_changes_with_its_code(load):
    """An instance has another digest when a method of its class has other code."""
    text = "class C:\n def m(self): return {0}\nc = C()"
    assert fingerprint(load(text.format(1)).c) == fingerprint(load(text.format(1)).c)
    assert fingerprint(load(text.format(1)).c) != fingerprint(load(text.format(2)).c)


def test_function_in_a_value_changes_with_what_it_reaches(load):
    """A callback in an argument counts with all that it reaches."""
    text = "def h(): return {0}\ndef g(): return h()\nvalue = {{'call': [g]}}"
    assert fingerprint(load(text.format(1)).value) != fingerprint(load(text.format(2)).value)


def test_large_buffers_are_not_copied():
    """The digest of an array follows its bytes, in every layout, without changing it."""
    made = np.arange(10_000.0).reshape(100, 100)
    for view in (made, made.T, made[::2], made[:, ::-1]):
        before = view.flags.owndata, view.strides
        assert fingerprint(view) == fingerprint(view.copy(order="K"))
        assert (view.flags.owndata, view.strides) == before


MEGABYTE = 1 << 20


class Buffered:
    """Hands its memory to pickle beside the rest, as protocol 5 allows."""

    def __init__(self, memory):
        self.memory = memory

    def __reduce_ex__(self, protocol):
        return Buffered, (pickle.PickleBuffer(self.memory) if protocol >= 5 else bytes(self.memory),)


class Pieces:
    """Is pickled as pieces that are made one by one."""

    def __init__(self, count, last=0):
        self.count, self.last = count, last

    def __reduce__(self):
        made = (bytes(MEGABYTE) if one < self.count - 1 else bytes([self.last]) * MEGABYTE for one in range(self.count))
        return Pieces, (), None, made


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.zeros(4 * MEGABYTE),
        lambda: np.zeros((2048, 2048)).T,
        lambda: np.zeros((8 * MEGABYTE, 2))[:, ::2],
        lambda: bytes(32 * MEGABYTE),
        lambda: [bytes(16 * MEGABYTE), bytes(16 * MEGABYTE)],
        lambda: bytearray(32 * MEGABYTE),
        lambda: memoryview(bytes(32 * MEGABYTE)),
        lambda: Buffered(bytearray(32 * MEGABYTE)),
        lambda: Pieces(32),
        lambda: np.broadcast_to(np.float64(1), (1 << 13, 1 << 13)),
    ],
)
def test_large_values_are_not_copied(make):
    """What a large value holds is digested where it lies, or piece by piece, but never copied as a whole."""
    value = make()
    fingerprint(value)
    tracemalloc.start()
    try:
        fingerprint(value)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * MEGABYTE


def test_large_pieces_and_buffers_count():
    """What is digested in place tells values apart like anything else."""
    assert fingerprint(Pieces(3)) == fingerprint(Pieces(3)) != fingerprint(Pieces(3, last=1))
    assert fingerprint(Pieces(3)) != fingerprint(Pieces(4))
    assert fingerprint(Buffered(bytearray(b"ab"))) == fingerprint(Buffered(b"ab")) != fingerprint(Buffered(b"ba"))


def test_set_of_functions_of_one_name(load):
    """A set of lambdas has one digest, in whatever order the set holds them."""
    text = "S = {lambda: 1, lambda: 2, lambda: 3, lambda: 4, lambda: 5, lambda: 6}"
    alive, digests = [], set()
    for _ in range(20):
        alive.append((load(text), [object()] * len(alive)))
        digests.add(fingerprint(alive[-1][0].S))
    assert len(digests) == 1


def test_set_of_something_that_contains_itself():
    """A set may hold a thing that refers to itself."""
    assert fingerprint({makers.own(kinds.Plain())}) != fingerprint({makers.own(kinds.Other())})


def test_order_of_attributes_counts():
    """The order in which attributes were set is part of a value: code that goes through vars() can see it."""
    one, other = kinds.Plain(), kinds.Plain()
    one.a, one.b = 1, 2
    other.b, other.a = 2, 1
    assert list(vars(one)) != list(vars(other))
    assert fingerprint(one) != fingerprint(other)
