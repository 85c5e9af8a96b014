"""What values of one walk have in common is looked into once, and no digest hangs on that."""

from __future__ import annotations

import fingerprint_rows
import pytest
from everfresh_fingerprint import code_fingerprint, encoder, shared
from everfresh_fingerprint.shared import Shared
from everfresh_fingerprint.values import describe
from fingerprint_kinds import Color, Plain
from hypothesis import given, settings
from hypothesis import strategies as st

ROWS = [row[2][0] for row in fingerprint_rows.rows() if not row[1]]


def namesakes():
    def made(number):
        return lambda: number

    first, second = (type("Own", (), {"number": number}) for number in range(2))
    return [made(1), made(2), made([3]), lambda: 4, first, second, first(), second(), Color.RED, len, Plain]


@pytest.mark.parametrize("rows", [ROWS, ROWS[::-1]], ids=["forth", "back"])
def test_values_before_do_not_matter(rows):
    """A value has the same description whatever was described before it, and kept for it."""
    values = [fingerprint_rows.make(row) for row in rows]
    known = Shared()
    for row, value in zip(rows, values, strict=True):
        assert describe([value, value], shared=known) == describe([value, value]), row


@st.composite
def graphs(draw):
    """Lists, dictionaries, sets and objects that hold each other, plain values and code."""
    kinds = draw(st.lists(st.sampled_from("lldoos"), min_size=1, max_size=8))
    nodes = [{"l": list, "d": dict, "o": Plain, "s": set}[kind]() for kind in kinds]
    leaves = [1, "a", None, 2.5, [1, 2], *namesakes()]
    hashable = [node for node in nodes if type(node) is Plain] + [leaf for leaf in leaves if type(leaf) is not list]
    for number, node in enumerate(nodes):
        pool = hashable if type(node) is set else nodes + leaves
        parts = draw(st.lists(st.sampled_from(range(len(pool))), max_size=4))
        fill(node, number, [pool[part] for part in parts])
    return nodes


def fill(node, number, parts):
    if type(node) is list:
        node += parts
    elif type(node) is dict:
        node.update(enumerate(parts))
    elif type(node) is set:
        node.update(parts[:2])
    else:
        node.value, node.number = parts, number % 3


@settings(max_examples=300)
@given(graphs(), st.randoms(use_true_random=False))
def test_graphs_before_do_not_matter(nodes, random):
    """The same for values that hold each other in circles, whichever of them comes first."""
    alone = [describe(node) for node in nodes]
    for _ in range(3):
        order = random.sample(range(len(nodes)), len(nodes))
        known = Shared()
        for number in order:
            assert describe(nodes[number], shared=known) == alone[number]


class Counting:
    """Counts how often instances are taken apart."""

    count = 0

    def __reduce__(self):
        Counting.count += 1
        return Counting, (), vars(self)


def registered(number):
    """Objects that know a registry in which all of them are."""
    registry = Counting()
    registry.all = [Counting() for _ in range(number)]
    for place, one in enumerate(registry.all):
        one.registry, one.place = registry, place
    return registry.all


def test_values_that_know_one_registry_are_looked_into_once():
    """Each of many globals that hold each other is taken apart once or twice in a walk, and once or twice at a look."""
    made = registered(40)
    reader = eval("lambda: [" + ", ".join(f"one_{number}" for number in range(40)) + "]", names := {"__name__": "made"})
    names |= {f"one_{number}": one for number, one in enumerate(made)}
    Counting.count = 0
    code = code_fingerprint(reader)
    assert Counting.count <= 2 * 41
    assert code.holds()
    assert Counting.count <= 4 * 41


def test_one_circle_has_one_digest_wherever_it_is_entered():
    """Objects of one circle differ by their places in it alone, and equal circles are equal."""
    made, again = registered(9), registered(9)
    summaries = [describe(one).summary for one in made]
    assert len(set(summaries)) == 9
    assert summaries == [describe(one).summary for one in again]


def test_what_is_kept_for_others_is_bounded(monkeypatch):
    """Beyond a limit what is known is forgotten before the next value, so memory does not grow with their number."""
    monkeypatch.setattr(shared, "LIMIT", 10)
    known = Shared()
    for _ in range(5):
        describe([Plain(number) for number in range(20)], shared=known)
    assert len(known.known) < 80


def test_modules_are_looked_through_once_for_all_markers(monkeypatch):
    """Many bare objects in one value cost one look through the modules, not one each."""
    looks = []
    monkeypatch.setattr(encoder, "sentinels", lambda: looks.append(1) or {})
    describe([object() for _ in range(9)])
    assert looks == [1]
