"""Values written down by pickle's machinery in C: never to be read, only to be told apart.

Exact built-in types go their usual way, sets in an order of their own. Everything else comes here: code stands by its
number, objects by their class and what they hold, and what hides what it holds by its fingerprint.
"""

from __future__ import annotations

import copyreg
from collections import defaultdict, deque
from functools import partial
from pickle import Pickler
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
)

from everfresh_callgraph.classes import Members
from everfresh_callgraph.contents import is_code
from everfresh_callgraph.naming import qualified
from everfresh_callgraph.stated import stated_version
from everfresh_callgraph.walk import stood_for
from xxhash import xxh3_128

from everfresh_fingerprint.leaves import FEW, FLAT, leaf
from everfresh_fingerprint.watched import built_on, is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from everfresh_callgraph.scope import Scope

    from everfresh_fingerprint.guards import Scan

    Reduced = tuple[object, ...]

# Stands where pickle wants to know how to make the object again.
MARK = len
# Types whose values can be sorted, and are equal only if they are the same.
SORTED = {str, bytes, int}


class Sink:
    """A file of which only the digest is kept: what is large is not copied."""

    def __init__(self) -> None:
        self.total = xxh3_128()
        self.write = self.total.update


class Writing(Pickler):
    """One file of what was met. `met` and `numbers` are all code so far, in order and by id.

    Where things go in `any_order`, the keys of dictionaries are sorted.
    """

    def __init__(
        self, met: list[object], numbers: dict[int, int], scope: Scope, describe: Scan, any_order: bool
    ) -> None:
        self.file = Sink()
        super().__init__(self.file, 5)
        self.met, self.numbers = met, numbers
        self.describe = describe
        self.by_type: dict[type, Callable[[Any], object]] = {FunctionType: self.number, type: self.number}
        self.by_type |= dict.fromkeys(FLAT, self.in_one)
        if any_order:
            self.by_type[dict] = self.in_order
        self.put_in_order = frozenset({set, frozenset})
        self.users = _Users(scope)
        self.alive: list[object] = []  # what is known by its id
        self.apart: dict[int, tuple[int, object]] = {}  # numbered, what goes by persistent_id is in no memo
        self.ways: dict[type, Callable[[Any], Reduced]] = dict(WAYS)

    def persistent_id(self, one: Any) -> object:
        """Called for every object: what is no code, nor a container, goes its usual way."""
        way = self.by_type.get(type(one))
        return None if way is None else way(one)

    def in_one(self, one: Any) -> object:
        """A large container of leaves, in one piece; sets in order, and others their usual way."""
        part = leaf(one) if len(one) > FEW else None
        if part is None:
            return self.in_order(one) if type(one) in self.put_in_order else None
        self.apart[id(one)] = len(self.apart), one
        return part

    def in_order(self, one: Any) -> object:
        """A set, or a dictionary whose order does not count."""
        if id(one) in self.apart:
            return "again", self.apart[id(one)][0]
        self.apart[id(one)] = len(self.apart), one
        if type(one) is dict:
            return "dict", [(key, one[key]) for key in self.sorted(one)]
        return type(one).__name__, self.sorted(one)

    def reducer_override(self, one: Any) -> Any:
        if one is MARK:
            return NotImplemented
        if is_code(one):
            return MARK, (self.number(one),)
        kind = type(one)
        if kind not in self.ways:
            self.ways[kind] = _by_state(kind) if self.is_by_state(kind) else self.described
        return MARK, (kind.__qualname__,), self.ways[kind](one)

    def number(self, code: object) -> int:
        """Code stands by the order in which it was met."""
        number = self.numbers.get(id(code))
        if number is None:
            meant = stood_for(code)
            number = self.numbers.setdefault(id(meant), len(self.met))
            self.numbers[id(code)] = number
            self.alive.append(code)
            if number == len(self.met):
                self.met.append(meant)
        return number

    def is_by_state(self, kind: type) -> bool:
        return "_member_map_" in vars(kind) or is_plain(kind, self.users)

    def described(self, one: object) -> Reduced:
        described = self.describe(one, "")
        return described.summary, described.references

    def sorted(self, values: Any) -> list[object]:
        """In an order that is the same in every process, as far as that can be had without looking into code."""
        kinds = set(map(type, values))
        if len(kinds) <= 1 and kinds <= SORTED:
            return sorted(values)
        return sorted(values, key=self.order)

    def order(self, one: Any) -> tuple[str, object]:
        kind = type(one)
        if is_code(one):
            return kind.__qualname__, qualified(one).encode(errors="surrogatepass")
        name = vars(one).get("_name_") if "_member_map_" in vars(kind) else None
        return kind.__qualname__, name.encode() if type(name) is str else self.describe(one, "").summary

    def objects(self) -> Iterator[object]:
        """What was written, but for what never changes."""
        yield from (one for _, one in self.memo.copy().values())
        yield from (one for _, one in self.apart.values())

    def known(self) -> set[int]:
        return set(map(id, self.objects()))


class _Users:
    """The classes whose code is written, too: all of the user's, but those for which a version is stated."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __contains__(self, kind: object) -> bool:
        return self.scope.pin(kind) is None and stated_version(kind) is None


def _by_state(kind: type) -> Callable[[Any], Reduced]:
    """For objects of a Python class: the class, what they are built on, and what they carry."""
    slots = getattr(copyreg, "_slotnames")(kind)  # noqa: B009
    built = BUILT.get(built_on(kind), _nothing)

    def take(one: Any) -> Reduced:
        return kind, built(one), [_slot(one, name) for name in slots], getattr(one, "__dict__", None)

    return take


def _nothing(one: object) -> None:
    return None


def _slot(one: object, name: str) -> tuple[object, ...]:
    try:
        return (object.__getattribute__(one, name),)
    except AttributeError:
        return ()


# What an object of a class built on a built-in type holds as such, whatever its class makes of that.
BUILT: dict[type | None, Callable[[Any], object]] = {
    tuple: lambda one: list(tuple.__iter__(one)),
    list: lambda one: list(list.__iter__(one)),
    dict: lambda one: list(dict.items(one)),
    set: lambda one: frozenset(set.__iter__(one)),
    frozenset: lambda one: frozenset(frozenset.__iter__(one)),
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    bytes: lambda one: bytes.__getitem__(one, slice(None)),
}


def _cell(one: CellType) -> Reduced:
    try:
        return (one.cell_contents,)
    except ValueError:
        return ()


def _descriptor(one: Any) -> Reduced:
    return (one.__name__,)


WAYS: dict[type, Callable[[Any], Reduced]] = {
    CellType: _cell,
    MethodType: lambda one: (one.__self__, one.__func__),
    BuiltinFunctionType: lambda one: (one.__name__, one.__self__),
    property: lambda one: (one.fget, one.fset, one.fdel, one.__doc__),
    classmethod: lambda one: (one.__func__, vars(one)),
    staticmethod: lambda one: (one.__func__, vars(one)),
    partial: lambda one: one.__reduce__()[2],  # vars() would give it attributes, which count
    deque: lambda one: (list(one), one.maxlen),
    defaultdict: lambda one: (one.default_factory, list(one.items())),
    MappingProxyType: lambda one: (list(one.items()),),
    MemberDescriptorType: _descriptor,
    GetSetDescriptorType: _descriptor,
    Members: lambda one: (one.by_name, one.listed),
}
