"""Pickle, with differences: what a script defines goes by the name under which it would be imported; what has no name
to go by is written by value, if cloudpickle is installed; and arrays and frames keep their data apart.

So an answer that a script kept is read by a program that imports the script, and by another script it is not mistaken
for a class of its own.
"""

from __future__ import annotations

import functools
import io
import pickle
import sys
from types import FunctionType

from everfresh_callgraph.naming import module_name

from everfresh.storage import apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

MAIN = "__main__"
# A class that nobody can import goes with each answer made of it, but no more than this: what it refers to goes along.
MOST = 1 << 16
# What pickle says of something that it cannot take.
REFUSED = pickle.PicklingError, AttributeError, TypeError


def dumps(value: object) -> bytes:
    """Write the value, with protocol 5."""
    return dump_apart(value, sys.maxsize)[0]


def dump_apart(value: object, least: int, by_value: bool = False) -> tuple[bytes, list[memoryview]]:
    """Write the value, and give apart the buffers that have at least so many bytes: views of the value's own memory.

    What pickle cannot take, and with `by_value` all that is defined in the running program, is left to cloudpickle.
    """
    if by_value:
        return _dumped(_by_value(), value, least)
    try:
        return _dumped(_Pickler, value, least)
    except REFUSED as error:
        try:
            return _dumped(_by_value(), value, least)
        except Exception:  # not installed, or no better: what pickle said is what the user knows
            raise error from None


def loads(data: bytes | memoryview, buffers: Iterable[Any] | None = None) -> Any:
    """Read a value that was written here."""
    return _Unpickler(io.BytesIO(data), buffers=buffers).load()


def _dumped(pickler: type[pickle.Pickler], value: object, least: int) -> tuple[bytes, list[memoryview]]:
    buffers: list[memoryview] = []

    def in_band(buffer: pickle.PickleBuffer) -> bool:
        view = buffer.raw()
        if len(view) < least:
            return True
        buffers.append(view)
        return False

    file = io.BytesIO()
    pickler(file, 5, buffer_callback=in_band).dump(value)
    return file.getvalue(), buffers


def _reduced(value: Any) -> Any:
    if isinstance(value, type | FunctionType):
        return _named(value) if value.__module__ == MAIN else NotImplemented
    rule = apart.RULES.get(type(value).__name__)
    return rule(value) if rule else NotImplemented


def _named(value: type | FunctionType) -> Any:
    if _found(sys.modules.get(MAIN), value.__qualname__) is not value:
        return NotImplemented
    module = module_name(MAIN)
    if module != MAIN:
        return _global, (module, value.__qualname__)
    data = _whole(value)
    return (_of_main, (value.__qualname__, data)) if data else NotImplemented


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        return _reduced(value)


@functools.cache
def _by_value() -> type[pickle.Pickler]:
    import cloudpickle  # type: ignore[import-untyped, import-not-found, unused-ignore]

    class ByValue(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, value: Any) -> Any:
            reduced = _reduced(value)
            return super().reducer_override(value) if reduced is NotImplemented else reduced

    return ByValue


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return _global(module, name) if module == module_name(MAIN) else super().find_class(module, name)


def _global(module: str, name: str) -> Any:
    """The class or function of that name: the running script's own, where the script is that module."""
    if module == module_name(MAIN) and module not in sys.modules:
        found = _found(sys.modules.get(MAIN), name)
        if found is not None:
            return found
    __import__(module)
    found = _found(sys.modules[module], name)
    if found is None:
        raise AttributeError(f"module {module!r} has no {name!r} any more")
    return found


def _of_main(name: str, data: bytes) -> Any:
    """What a notebook defined: its own, where it is running, else a copy."""
    found = _found(sys.modules.get(MAIN), name)
    return pickle.loads(data) if found is None else found


def _whole(value: type | FunctionType) -> bytes:
    """A class or function by value; empty where that cannot be, or were too much."""
    file = _Limited()
    try:
        import cloudpickle  # type: ignore[import-untyped, import-not-found, unused-ignore]

        cloudpickle.dump(value, file, 5)
    except Exception:  # then it goes by its name alone, which this program and its like understand
        return b""
    return file.getvalue()


class _Limited(io.BytesIO):
    def write(self, data: Any) -> int:
        if self.tell() + len(data) > MOST:
            raise OverflowError
        return super().write(data)


def _found(module: object, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
