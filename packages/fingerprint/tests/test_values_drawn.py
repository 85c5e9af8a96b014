"""Values that hypothesis makes up: the digest says "same" exactly when a spelling of every type and part does."""

from __future__ import annotations

import random

import fingerprint_kinds as kinds
import fingerprint_makers as makers
from everfresh_fingerprint import fingerprint
from hypothesis import given, settings
from hypothesis import strategies as st

# Alike on purpose: equal by ==, equal as text, equal in bytes, empty in one way or another.
ALIKE = [
    None,
    False,
    0,
    0.0,
    -0.0,
    0j,
    "",
    b"",
    "0",
    b"0",
    True,
    1,
    1.0,
    1 + 0j,
    "1",
    b"1",
    "a",
    b"a",
    "ab",
    255,
    -1,
    2.0,
    ...,
]
SCALARS = (
    st.sampled_from(ALIKE) | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.binary(max_size=3)
)
KEYS = st.recursive(SCALARS, lambda part: st.tuples(part, part) | st.frozensets(part, max_size=3), max_leaves=4)


def containers(part):
    return (
        st.lists(part, max_size=3)
        | st.lists(part, max_size=3).map(tuple)
        | st.dictionaries(KEYS, part, max_size=3)
        | st.sets(KEYS, max_size=3)
        | st.frozensets(KEYS, max_size=3)
        | part.map(kinds.Plain)
        | part.map(kinds.Slotted)
        | st.lists(part, max_size=2).map(kinds.MyList)
        | st.lists(part, max_size=2).map(lambda items: kinds.Data(1, items))
    )


VALUES = st.recursive(SCALARS, containers, max_leaves=12)


def spelled(value):
    """A text that is the same for two values exactly when they are the same, types and order of pairs included."""
    kind = type(value).__name__
    if isinstance(value, float):
        return f"{kind} {value.hex()}"
    if isinstance(value, complex):
        return f"{kind} {value.real.hex()} {value.imag.hex()}"
    if type(value) in (set, frozenset):
        return f"{kind} {{{', '.join(sorted(map(spelled, value)))}}}"
    if isinstance(value, list | tuple):
        return f"{kind} [{', '.join(map(spelled, value))}]"
    if isinstance(value, dict):
        return f"{kind} {{{', '.join(f'{spelled(key)}: {spelled(one)}' for key, one in value.items())}}}"
    if isinstance(value, kinds.Slotted):
        return f"{kind} {spelled(value.value)}"
    if isinstance(value, kinds.Plain | kinds.Data):
        return f"{kind} {spelled(vars(value))}"
    return f"{kind} {value!r}"


def rebuilt(value, chance, shared):
    """The same value, made in another way: strings not interned, sets grown in another order, parts shared or not."""
    again = lambda part: rebuilt(part, chance, shared)
    if isinstance(value, str):
        return makers.built(value)
    if isinstance(value, bytes):
        return bytes(bytearray(value))
    if type(value) in (set, frozenset):
        items = [again(part) for part in value]
        chance.shuffle(items)
        return type(value)(makers.grown(set, items, object()))
    if isinstance(value, kinds.Slotted):
        made = kinds.Slotted(again(value.value))
    elif isinstance(value, kinds.Plain):
        made = kinds.Plain(again(value.value))
    elif isinstance(value, kinds.Data):
        made = kinds.Data(value.a, again(value.b))
    elif isinstance(value, list | tuple):
        made = type(value)([again(part) for part in value])
    elif isinstance(value, dict):
        made = {again(key): again(part) for key, part in value.items()}
    else:
        return value
    return shared.setdefault(spelled(made), made) if chance.random() < 0.5 else made


@settings(max_examples=300)
@given(VALUES, VALUES)
def test_same_digest_exactly_for_the_same_value(one, other):
    """Two values share a digest if and only if types, parts and order of pairs are all the same."""
    assert (fingerprint(one) == fingerprint(other)) == (spelled(one) == spelled(other))


@settings(max_examples=300)
@given(st.lists(VALUES, max_size=4), st.integers())
def test_how_a_value_was_made_does_not_show(value, seed):
    """A value that is made in another way has the same digest."""
    assert fingerprint(rebuilt(value, random.Random(seed), {})) == fingerprint(value)


TWINS = [
    (1, True),
    (0, False),
    (1, 1.0),
    (0.0, -0.0),
    ("1", b"1"),
    ("a", b"a"),
    ((), []),
    (set(), frozenset()),
    (None, False),
    ({}, []),
]


@settings(max_examples=300)
@given(st.data(), st.sampled_from(TWINS), st.integers(0, 4))
def test_a_twin_deep_inside_shows(data, twins, depth):
    """Two values that differ in one part somewhere inside, which compares equal or looks alike, have two digests."""
    one, other = twins
    for _ in range(depth):
        kind = data.draw(st.sampled_from(["list", "tuple", "dict", "Plain", "Slotted", "MyList", "before", "after"]))
        one, other = within(kind, one), within(kind, other)
    assert fingerprint(one) != fingerprint(other)


def within(kind, part):
    makers = {
        "list": lambda: [part],
        "tuple": lambda: (part,),
        "dict": lambda: {"a": part},
        "before": lambda: [part, 1],
    }
    makers |= {"after": lambda: ["x", part], "Plain": lambda: kinds.Plain(part)}
    makers |= {"Slotted": lambda: kinds.Slotted(part), "MyList": lambda: kinds.MyList([part])}
    return makers[kind]()


@given(st.lists(st.text(max_size=3), max_size=5), st.lists(st.text(max_size=3), max_size=5))
def test_borders_between_parts_show(one, other):
    """Where one part ends and the next begins is part of the value."""
    for kind in (list, tuple, lambda items: kinds.Plain([*items, None]), lambda items: [[item] for item in items]):
        assert (fingerprint(kind(one)) == fingerprint(kind(other))) == (one == other)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_rings_are_told_apart(one, other):
    """Lists that contain themselves, at different places or depths, have different digests."""
    assert (fingerprint(ring_of(one)) == fingerprint(ring_of(other))) == (one == other)


def ring_of(numbers):
    made = []
    for number in reversed(numbers):
        made = [number, made] if made else [number]
    inner = made
    while len(inner) > 1:
        inner = inner[1]
    inner.append(made)
    return made
