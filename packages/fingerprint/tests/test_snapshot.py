"""A snapshot never holds for what has changed, and mostly holds for what has not."""

from __future__ import annotations

import pytest
from everfresh_fingerprint import code_fingerprint
from everfresh_fingerprint.identity import MANY, OFTEN, Same
from hypothesis import given
from hypothesis import strategies as st

MADE = """
import collections, dataclasses, datetime, enum, functools, logging, random, types
class Plain:
    def __init__(self): self.a = [1]
class Slotted:
    __slots__ = ("a", "b")
    def __init__(self): self.a, self.b = 1, 2
class Half(Slotted):
    def __init__(self): self.a = 1
class Pair(tuple): ...
class Stating:
    state = 1
    def __determ_hash__(self): return COUNT[0]
COUNT = [1]
class Reducing:
    def __init__(self): self.a = [1]
    def __reduce__(self): return Reducing, (), {"a": self.a}
class Generator(random.Random): ...
class Zone(datetime.tzinfo):
    hours = 1
    def utcoffset(self, when): return datetime.timedelta(hours=self.hours)
class Answering(Slotted):
    def __init__(self): self.a = object
    def __getattr__(self, name): return None
KEPT = object
CACHED = functools.cache(lambda: 1)
CACHED.tag = []
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
"""

# Name: what the value is made by, and what changes it in place.
CHANGES = {
    "the only key of a dict": ("{'a': True}", "value['b'] = value.pop('a')"),
    "two values of a dict exchanged": ("{'a': 1, 'b': 2}", "value['a'], value['b'] = 2, 1"),
    "the order of a dict": ("{'a': 1, 'b': 1}", "value['a'] = value.pop('a')"),
    "a value for an equal one": ("{'a': 1}", "value['a'] = True"),
    "zero for minus zero": ("[0.0]", "value[0] = -0.0"),
    "a key for an equal one": ("{1: 'a'}", "del value[1]; value[True] = 'a'"),
    "a member of a set": ("{1, 2}", "value.remove(2); value.add(3)"),
    "a member for an equal one": ("{1, 2}", "value.remove(1); value.add(True)"),
    "deep in tuples": ("((([1],),),)", "value[0][0][0].append(2)"),
    "a deque turned": ("collections.deque([1, 2])", "value.rotate()"),
    "the factory of a defaultdict": ("collections.defaultdict(int)", "value.default_factory = str"),
    "the order of an OrderedDict": ("collections.OrderedDict(a=1, b=2)", "value.move_to_end('a')"),
    "keywords of a partial": ("functools.partial(dict, a=1)", "value.keywords['a'] = 2"),
    "an attribute": ("Plain()", "value.a = [2]"),
    "within an attribute": ("Plain()", "value.a.append(2)"),
    "an attribute under another name": ("Plain()", "value.b = value.a; del value.a"),
    "all attributes at once": ("Plain()", "value.__dict__ = {'a': [2]}"),
    "the class": ("Plain()", "value.__class__ = type('Plain', (Plain,), {})"),
    "a slot": ("Slotted()", "value.a = 2"),
    "slots exchanged": ("Slotted()", "value.a, value.b = 2, 1"),
    "a slot emptied, the other filled": ("Half()", "value.b = value.a; del value.a"),
    "an attribute of a tuple's subclass": ("Pair((1, 2))", "value.more = 1"),
    "what the class states itself": ("Stating()", "app.COUNT[0] = 2"),
    "an attribute of what pickles itself": ("Reducing()", "value.a.append(2)"),
    "how a class pickles its instances": ("Reducing()", "app.Reducing.__reduce__ = lambda self: (app.Reducing, (1,))"),
    "what lies behind a class made in C": ("Generator(1)", "value.random()"),
    "the function of a cached property": ("[functools.cached_property(len)]", "value[0].func = max"),
    "what a method made in C is bound to": ("{'a': 1}.get", "value.__self__['a'] = 2"),
    "the level of a logger": ("[logging.getLogger('everfresh.tests')]", "value[0].setLevel(value[0].level + 1)"),
    "what a field carries": ("dataclasses.field(metadata=(m := {}))", "app.m['a'] = 1"),
    "a field": ("dataclasses.field()", "value.repr = False"),
    "the zone of a time": ("datetime.time(tzinfo=Zone())", "value.tzinfo.hours = 2"),
    "an empty slot that answers": ("Answering()", "value.b = value.a; del value.a"),
    "a namespace": ("types.SimpleNamespace(a=1)", "value.a = 2"),
    "what a bound method is bound to": ("[Plain().__init__]", "value[0].__self__.a = 2"),
    "a byte": ("[bytearray(b'abc')]", "value[0][1] = 0"),
    "what lies behind a proxy": ("[types.MappingProxyType(vars(Plain()))]", "value[0]['a'].append(2)"),
    "an item moved to the next list": ("[[1, 2], [3]]", "value[1].insert(0, value[0].pop())"),
    "a key moved to the next dict": (
        "[{'a': 1, 'b': 1}, {'c': 1}]",
        "del value[0]['b']; value[1] = {'b': 1, **value[1]}",
    ),
    "a pair moved in place": (
        "[{'a': 1, 'b': 2}, {'c': 3}]",
        "v = value[0].pop('b'); c = value[1].pop('c'); value[1]['b'] = v; value[1]['c'] = c",
    ),
    "a member moved to the next set": ("[{1, 2}, {3}]", "value[0].remove(2); value[1].add(2)"),
    "a slot moved to the next object": ("[Half(), Slotted()]", "value[0].b = value[1].a; del value[1].a"),
    "an attribute of a cached function": ("functools.cache(lambda: 1)", "value.tag = 1"),
    "within an attribute of a cached function": ("CACHED", "value.tag.append(1)"),
    "the order of an enumeration": ("Colour", "value._member_names_.reverse()"),
    "itself contained": ("[1]", "value.append(value)"),
}


@pytest.mark.parametrize(("made", "change"), CHANGES.values(), ids=CHANGES)
def test_change_in_place_is_seen(load, made, change):
    """A change in place to a value that a function reaches makes its guard fail, and its digest another."""
    app = load(f"{MADE}\nvalue = {made}\ndef f(): return value")
    first = code_fingerprint(app.f)
    assert first.holds()
    assert first.guard.snapshot.holds()
    exec(change, {"value": app.value, "app": app, "Plain": app.Plain})
    assert not first.holds()
    assert code_fingerprint(app.f).digest != first.digest


@pytest.mark.parametrize("made", [made for made, _ in CHANGES.values()])
def test_nothing_changed_and_it_holds(load, made):
    """A guard that is asked often, by one tier and then by the next, holds while nothing changes."""
    app = load(f"{MADE}\nvalue = {made}\ndef f(): return value")
    code = code_fingerprint(app.f)
    assert all(code.holds() for _ in range(2 * OFTEN))


def test_filled_cache_holds(load):
    """What a cached function keeps is no change of it."""
    app = load("import functools\n@functools.cache\ndef g(x): return [x]\ntable = [g]\ndef f(): return table")
    code = code_fingerprint(app.f)
    assert code.holds()
    app.g(1)
    assert code.guard.snapshot.holds()


def test_equal_value_in_its_place_holds(load):
    """Where another object took the place of an equal one, the snapshot fails and the closer look holds."""
    app = load("T = [[1, 2]]\ndef f(): return T")
    first = code_fingerprint(app.f)
    assert first.holds()
    app.T[0] = [1, 2]
    assert not first.guard.snapshot.holds()
    assert first.holds()
    assert first.guard.snapshot.holds()


def test_plain_values_are_not_digested_again(load, monkeypatch):
    """Lists, dictionaries, sets and plain instances are proved unchanged without a digest."""
    app = load(f"{MADE}\nvalue = [Plain(), Slotted(), {{'a': {{1}}}}, Pair((1,)), (2, [3])]\ndef f(): return value")
    code = code_fingerprint(app.f)
    assert code.holds()
    assert not code.guard.snapshot.opaque


DATA = st.recursive(
    st.one_of(st.integers(0, 2), st.booleans(), st.floats(0, 1), st.text("ab", max_size=1)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("ab", max_size=1), inner, max_size=3)),
    max_leaves=8,
)


@given(st.lists(st.lists(st.integers(0, 1), max_size=3), min_size=2, max_size=4), st.data())
def test_what_moves_between_neighbours_is_seen(lists, data):
    """However the same items are spread anew over the same lists: the guard holds exactly if nothing moved."""

    def f():
        return lists

    code = code_fingerprint(f)
    assert code.holds()
    items = [item for one in lists for item in one]
    for one in lists:
        count = data.draw(st.integers(0, len(items)))
        one[:], items = items[:count], items[count:]
    lists[-1] += items
    assert code.holds() == (code_fingerprint(f).digest == code.digest)


@given(before=DATA, after=DATA)
def test_holds_only_for_equal_values(before, after):
    """Whatever a list held and holds now: the guard holds exactly if the digest is the same."""
    box = [before]

    def f():
        return box

    code = code_fingerprint(f)
    assert code.holds()
    box[:] = [after]
    assert code.holds() == (code_fingerprint(f).digest == code.digest)


@given(st.lists(st.sampled_from([1, True, 1.0, "a", None, (), 0.0, -0.0])), st.integers(0, 3), st.booleans())
def test_same_is_identity(objects, place, many):
    """Lists are the same if they hold the same objects, equal ones do not do; so in both tiers."""
    seen = [*objects, *([None] * MANY if many else ())]
    same = Same((seen, []))
    for _ in range(OFTEN + 2):
        assert same(([*seen], []))
    other = list(seen)
    other[place : place + 1] = [float("1.5")]
    assert not same((other, []))
    assert not same(([*seen, None], []))
    assert not same(([*seen], [None]))
