"""Pickle, with one difference: what a script defines goes by the name under which it would be imported.

So an answer that a script kept is read by a program that imports the script, and by another script it is not mistaken
for a class of its own.
"""

from __future__ import annotations

import io
import pickle
import sys
from types import FunctionType

from everfresh_callgraph.naming import module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

MAIN = "__main__"


def dumps(value: object, buffer_callback: Callable[[pickle.PickleBuffer], Any] | None = None) -> bytes:
    """Write the value, with protocol 5."""
    file = io.BytesIO()
    _Pickler(file, 5, buffer_callback=buffer_callback).dump(value)
    return file.getvalue()


def loads(data: bytes | memoryview, buffers: Iterable[Any] | None = None) -> Any:
    """Read a value that `dumps` wrote."""
    return _Unpickler(io.BytesIO(data), buffers=buffers).load()


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        mine = isinstance(value, type | FunctionType) and value.__module__ == MAIN and module_name(MAIN) != MAIN
        if mine and _found(sys.modules.get(MAIN), value.__qualname__) is value:
            return _global, (module_name(MAIN), value.__qualname__)
        return NotImplemented


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


def _found(module: object, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
