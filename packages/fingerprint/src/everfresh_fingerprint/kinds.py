"""Which types do these many objects have?

To ask each for its type takes longer than to digest its text. CPython keeps the type of an object at a fixed place in
it, and what a list holds in a row: so numpy, where it is loaded, can gather the types of all in one step. The list
keeps them alive meanwhile. Where objects are laid out otherwise (another interpreter, a build without the global
lock), which is tried first, each is asked.
"""

from __future__ import annotations

import sys
from struct import calcsize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    TypesOf = Callable[[list[object]], Any]

POINTER = 8
READABLE = sys.implementation.name == "cpython" and calcsize("P") == POINTER
# A list's items begin where the last word but one of its head says.
ITEMS = list.__basicsize__ - 2 * POINTER
UNKNOWN = 255


def numbered(objects: list[object], numbers: Mapping[type, int]) -> bytes | None:
    """For each object the number of its type; None if all have the first of the types. UNKNOWN stands for others."""
    numpy = loaded_numpy()
    types_of = _quick(numpy) if numpy else None
    first = next(iter(numbers))
    if types_of is None:
        kinds = list(map(type, objects))
        return None if kinds.count(first) == len(kinds) else bytes(numbers.get(kind, UNKNOWN) for kind in kinds)
    found = types_of(objects)
    if (found == id(first)).all():
        return None
    result = numpy.full(len(objects), UNKNOWN, numpy.uint8)
    for kind, number in numbers.items():
        result[found == id(kind)] = number
    return bytes(result)


def loaded_numpy() -> Any:
    """The module, None where it is not imported, or not yet to its end."""
    numpy = sys.modules.get("numpy")
    return None if getattr(getattr(numpy, "__spec__", None), "_initializing", True) else numpy


def _quick(numpy: Any) -> TypesOf | None:
    """What gives the addresses of the types of a list's items; None where that does not find what it should."""
    if not _kept:
        types_of = _gathering(numpy) if READABLE else None
        _kept.append(types_of if types_of and types_of(TRIED).tolist() == list(map(id, map(type, TRIED))) else None)
    return _kept[0]


_kept: list[TypesOf | None] = []
TRIED: list[object] = ["", "é\ud800", "text" * 99, 0, 1 << 99, 0.5, None, True, b"", (), {}, [], str, object()]


def _gathering(numpy: Any) -> TypesOf:
    # All words of memory from the second on: the second word of an object is its type.
    words = numpy.asarray(_Memory(POINTER, 1 << 59))

    def types_of(objects: list[object]) -> Any:
        items = int(words[(id(objects) + ITEMS) // POINTER - 1])
        return words[numpy.asarray(_Memory(items, len(objects))) >> 3]

    return types_of


class _Memory:
    """So many words of memory from an address on, for numpy to read as integers."""

    def __init__(self, address: int, count: int) -> None:
        self.__array_interface__ = {"data": (address, True), "shape": (count,), "typestr": "<i8", "version": 3}
