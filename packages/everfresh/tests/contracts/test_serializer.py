"""What every serializer promises. A new one joins by a line in VALUES; what it cannot take, by a line in REFUSED."""

from __future__ import annotations

import io
import math
from decimal import Decimal
from importlib.util import find_spec

import pytest
from everfresh.errors import UnserializableError
from everfresh.model import Key
from everfresh.storage.serialize import Facts, dumps, loads
from everfresh.storage.serializers import BUILT_IN, serializer_named
from hypothesis import given
from hypothesis import strategies as st

text = st.text(st.characters(codec="utf-8"))
plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(plain | text, lambda part: st.lists(part) | st.dictionaries(text, part))
keys = st.booleans() | st.integers(-(2**63), 2**64 - 1) | text | st.binary()
VALUES = {
    "pickle": st.recursive(plain | text, lambda part: st.lists(part) | st.tuples(part) | st.dictionaries(text, part)),
    "json": json_values,
    "msgpack": st.recursive(plain | text | st.binary(), lambda part: st.lists(part) | st.dictionaries(keys, part)),
}
VALUES["cloudpickle"] = VALUES["pickle"]


class Number(int):
    """A subclass of what a format knows."""


class Text(str):
    """Another."""


CIRCLE = []
CIRCLE.append(CIRCLE)
OTHERS = [(1, 2), {1, 2}, Number(3), Text("x"), [[1, (2,)]], {"a": {"b": 1j}}, bytearray(b"x"), Decimal(1)]
OTHERS += [CIRCLE, "\ud800"]
REFUSED = {
    "json": [*OTHERS, b"x", math.nan, math.inf, {1: 2}, {None: 1}, {True: 1}, "\ud83d\ude00"],
    "msgpack": [*OTHERS, 2**64, -(2**63) - 1, {(1, 2): 3}, memoryview(b"x"), {Text("x"): 1}],
}


def whole(value, name):
    """Give the object that holds the value, written by the serializer of that name."""
    return bytearray(b"".join(dumps(Facts(Key("f", b""), b"", 0.0, 0.0, b"", serializer=name), value)))


def same(one, other):
    """Say whether two values are equal in all their types, too."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one), list(other)) and same(list(one.values()), list(other.values()))
    return one == other and (not isinstance(one, float) or math.copysign(1, one) == math.copysign(1, other))


@pytest.mark.parametrize("name", VALUES)
class TestSerializer:
    """The contract."""

    @given(data=st.data())
    def test_round_trip(self, name, data):
        """What was written comes back equal, in all its types and orders."""
        if find_spec(BUILT_IN[name]) is None:
            pytest.skip(f"{BUILT_IN[name]} is not installed")
        value = data.draw(VALUES[name])
        facts, found = loads(whole(value, name))
        assert same(found, value)
        assert facts.serializer == name


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in REFUSED for value in REFUSED[name]], ids=repr)
def test_refused(name, value):
    """What would not come back as it is, is refused by name."""
    pytest.importorskip(BUILT_IN[name])
    with pytest.raises(UnserializableError, match=name):
        dumps(Facts(Key("f", b""), b"", 0.0, 0.0, b"", serializer=name), value)


def test_the_path_is_told():
    """The error says where in the value the trouble is."""
    with pytest.raises(UnserializableError, match=r"\['rows'\]\[1\]"):
        whole({"rows": [1, (2,)]}, "json")


@pytest.mark.parametrize("name", ["json", "msgpack"])
def test_streams(name):
    """A serializer writes to any file and reads from any file, from where it is to the end."""
    pytest.importorskip(BUILT_IN[name])
    file = io.BytesIO()
    serializer_named(name).dump({"a": [1, 2.5, None]}, file)
    file.seek(0)
    assert serializer_named(name).load(file) == {"a": [1, 2.5, None]}
