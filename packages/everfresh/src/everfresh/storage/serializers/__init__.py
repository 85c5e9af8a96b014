"""Serializers: a value to a file and back. One file each, imported when its first value is written or read."""

from __future__ import annotations

import importlib
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Protocol

    class Serializer(Protocol):
        """Writes values to files and reads them. Whatever it does not give back as it was, it refuses to write."""

        name: str

        def dump(self, value: object, file: BinaryIO) -> object:
            """Write the value; raise what you like where that cannot be done without loss."""

        def load(self, file: BinaryIO) -> object:
            """Read a value that `dump` wrote: all of the file is one value."""


# Each with what must be installed for it. The name stands in each object that was written so: never change one.
BUILT_IN = {
    "pickle": "pickle",
    "cloudpickle": "cloudpickle",
    "json": "json",
    "arrow": "pyarrow",
    "parquet": "pyarrow",
    "msgpack": "msgpack",
}
_own: dict[str, Serializer] = {}


def chosen(serializer: str | Serializer) -> str:
    """The name of the serializer, which is known by it from now on; raises ValueError or TypeError if it is none."""
    if isinstance(serializer, str):
        return serializer if serializer in _own else _built_in(serializer)
    name = getattr(serializer, "name", None)
    methods = getattr(serializer, "dump", None), getattr(serializer, "load", None)
    if not isinstance(name, str) or not name or not all(map(callable, methods)):
        raise TypeError(f"{serializer!r} is no serializer: it needs a name, dump(value, file) and load(file)")
    if name in BUILT_IN:
        raise ValueError(f"a serializer called {name!r} comes with everfresh: give yours another name")
    if _class_of(_own.setdefault(name, serializer)) != _class_of(serializer):
        raise ValueError(f"another serializer is called {name!r} already: give yours another name")
    _own[name] = serializer
    return name


def _class_of(serializer: Serializer) -> tuple[str, str]:
    """By name: a notebook may define its class anew, and a pickled serializer comes as another object."""
    kind = serializer if isinstance(serializer, type) else type(serializer)
    return kind.__module__, kind.__qualname__


def serializer_named(name: str) -> Serializer:
    """The serializer of that name; raises LookupError where nobody knows it, ImportError where something is missing."""
    if name in _own:
        return _own[name]
    if name not in BUILT_IN:
        raise LookupError(f"no serializer is called {name!r} here")
    found: Serializer = importlib.import_module(f"everfresh.storage.serializers.{MODULES.get(name, name)}").BY_NAME[
        name
    ]
    return found


MODULES = {"arrow": "frames", "parquet": "frames", "json": "plain", "msgpack": "plain"}


@cache
def _built_in(name: str) -> str:
    from importlib.util import find_spec

    if name not in BUILT_IN:
        raise ValueError(f"serializer={name!r} is not known; there are {', '.join(BUILT_IN)}, or give one of your own")
    if find_spec(BUILT_IN[name]) is None:
        raise ValueError(f"serializer={name!r} needs {BUILT_IN[name]}: pip install everfresh[{EXTRAS.get(name, name)}]")
    return name


EXTRAS = {"parquet": "arrow"}
