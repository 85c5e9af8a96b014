"""Frozen records at the price of a named tuple: importing `dataclasses` costs 20 ms, which a cache hit may not."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar, dataclass_transform

    T = TypeVar("T")

    @dataclass_transform(frozen_default=True)
    def record(cls: type[T]) -> type[T]: ...

else:

    def record(cls):
        """Make of a class body with annotated fields a frozen, comparable, picklable record."""
        names = tuple(cls.__annotations__)
        defaults = [vars(cls)[name] for name in names if name in vars(cls)]
        fields = namedtuple(cls.__name__, names, defaults=defaults)
        dropped = {*names, "__dict__", "__weakref__"}
        body = {name: value for name, value in vars(cls).items() if name not in dropped}
        return type(cls.__name__, (fields,), METHODS | body)


def _different(self: tuple[object, ...], other: object) -> bool:
    return not _equal(self, other)


def _equal(self: tuple[object, ...], other: object) -> bool:
    """Records of different types differ even where their fields agree, unlike bare tuples."""
    return type(self) is type(other) and tuple.__eq__(self, other)


METHODS = {"__slots__": (), "__eq__": _equal, "__ne__": _different, "__hash__": tuple.__hash__}
