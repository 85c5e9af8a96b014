"""Programs that refer to themselves: different graphs of equal shape differ, and equal ones agree."""

from __future__ import annotations

import itertools

import pytest
from everfresh_fingerprint import code_fingerprint, fingerprint


def digest(module, name="f"):
    return code_fingerprint(getattr(module, name)).digest


def family(load, variants, name="f"):
    return [digest(load(text), name) for text in variants]


RINGS = [
    "def f(n): return f(n)",
    "def f(n): return g(n)\ndef g(n): return f(n)",
    "def f(n): return g(n)\ndef g(n): return g(n)",
    "def f(n): return g(n)\ndef g(n): return h(n)\ndef h(n): return f(n)",
    "def f(n): return g(n)\ndef g(n): return h(n)\ndef h(n): return g(n)",
    "def f(n): return g(n)\ndef g(n): return h(n)\ndef h(n): return h(n)",
    "def f(n): return g(n)\ndef g(n): return h(n)\ndef h(n): return n",
    "def f(n): return g(n) + h(n)\ndef g(n): return h(n)\ndef h(n): return g(n)",
    "def f(n): return h(n) + g(n)\ndef g(n): return h(n)\ndef h(n): return g(n)",
    "def f(n): return g(n) + h(n)\ndef g(n): return g(n)\ndef h(n): return h(n)",
    "def f(n): return g(n) + h(n)\ndef g(n): return f(n)\ndef h(n): return f(n)",
]


def test_rings_of_functions_differ(load):
    """Functions that call one another in another pattern have another digest."""
    digests = family(load, RINGS)
    assert len(set(digests)) == len(RINGS)


@pytest.mark.parametrize("text", RINGS)
def test_one_change_inside_a_ring_shows(load, text):
    """A change to any one function of a ring changes the digest seen from every function in the ring."""
    lines = text.splitlines()
    original = load(text)
    for place in range(len(lines)):
        changed = load("\n".join([*lines[:place], lines[place] + " + 1", *lines[place + 1 :]]))
        assert digest(changed) != digest(original)


def test_wiring_of_equal_functions_shows(load):
    """Functions with the same code, which refer to one another through cells in another way, have another digest."""
    text = """
        def make(cell):
            def step(n): return cell[0](n)
            return step
        cells = [[None], [None], [None]]
        steps = [make(cell) for cell in cells]
        for cell, target in zip(cells, {targets}): cell[0] = steps[target]
        f = steps[0]
    """
    # Which nodes are met from step 0, and in what pattern: what lies out of reach does not count.
    patterns = {}
    for targets in itertools.product(range(3), repeat=3):
        seen = [0]
        for node in seen:
            if targets[node] not in seen:
                seen.append(targets[node])
        pattern = tuple(seen.index(targets[node]) for node in seen)
        patterns.setdefault(pattern, set()).add(digest(load(text.format(targets=targets))))
    assert all(len(digests) == 1 for digests in patterns.values())
    assert len(set.union(*patterns.values())) == len(patterns)


def test_classes_that_refer_to_one_another(load):
    """Classes that refer to one another by methods, attributes and bases are told apart."""
    variants = [
        "class A:\n def m(self): return B\nclass B:\n def m(self): return A",
        "class A:\n def m(self): return B\nclass B:\n def m(self): return B",
        "class A:\n def m(self): return B\nclass B:\n def m(self): return None",
        "class A:\n def m(self): return B\nclass B(A): ...",
        "class A:\n def m(self): return A\nclass B(A): ...",
        "class A: ...\nclass B: ...\nA.other, B.other = B, A",
        "class A: ...\nclass B: ...\nA.other, B.other = A, B",
        "class A: ...\nclass B(A): ...\nA.other = B",
    ]
    digests = family(load, variants, "A") + family(load, variants, "B")
    unreached = 2  # `A` alone in the fifth and the seventh
    assert len(set(digests)) >= len(digests) - unreached


def test_where_the_walk_begins_counts(load):
    """The same ring entered at another function is another program."""
    app = load("def f(n): return g(n)\ndef g(n): return f(n) + 1")
    assert digest(app, "f") != digest(app, "g")


def test_what_was_asked_before_does_not_count(load):
    """The digest of a function is the same whichever of its neighbours was asked for first."""
    text = (
        "class C:\n def m(self): return f\ndef f(): return g(), C\ndef g(): return h(), f\ndef h(): return g()\nc = C()"
    )
    found = set()
    for order in itertools.permutations("fghC"):
        app = load(text)
        digests = {name: digest(app, name) for name in order}
        found.add(tuple(sorted(digests.items())))
    assert len(found) == 1


def test_instance_that_holds_the_function_that_holds_it(load):
    """A function and an instance that refer to each other have a digest that follows a change to either."""
    text = "class C:\n def __call__(self): return {0}\ndef f(): return c()\nc = C()\nc.call = f\nc.value = {1}"
    digests = family(load, [text.format(*pair) for pair in ((1, 1), (1, 2), (2, 1))])
    assert len(set(digests)) == 3
    assert digest(load(text.format(1, 1))) == digests[0]


def test_deep_chain_changes_at_its_far_end(load):
    """A change 3,000 calls away changes the digest."""
    chain = "\n".join(f"def f{i}(): return f{i + 1}()" for i in range(3_000))
    one, other = (load(f"{chain}\ndef f3000(): return {end}") for end in (1, 2))
    assert digest(one, "f0") != digest(other, "f0")


def test_moving_a_function_to_another_module_keeps_the_digest(load):
    """Where a helper is defined does not count, only what it does."""
    load("def g(): return 1", "lib")
    assert digest(load("from lib import g\ndef f(): return g()")) == digest(
        load("def g(): return 1\ndef f(): return g()")
    )


def test_program_as_a_value(load):
    """A function, a class or a module as a value has a digest that follows its code."""
    text = "def f(): return g()\ndef g(): return {0}\nclass C:\n def m(self): return g()"
    one, same, other = (load(text.format(k)) for k in (1, 1, 2))
    for pick in (
        lambda app: app.f,
        lambda app: app.C,
        lambda app: app.C().m,
        lambda app: app,
        lambda app: {"a": [app.f]},
    ):
        assert fingerprint(pick(one)) == fingerprint(pick(same)) != fingerprint(pick(other))
