"""An object of a Python class that will not be pickled: by what it is built on, its attributes and slots."""

from __future__ import annotations

import copyreg
import gc
from struct import calcsize
from types import FunctionType, MemberDescriptorType

from everfresh_callgraph import scope

from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def by_state(value: object, cls: type, error: Exception) -> Form:
    """Take such an object apart, or refuse it where it is made in C: nothing tells what it holds."""
    if type(getattr(value, "__wrapped__", None)) is FunctionType:  # a proxy made in C: what it holds is its state
        return Form("proxy", [cls, gc.get_referents(value)])
    base = next((one for one in cls.__mro__ if one in BUILT_ON or is_compiled(one)), cls)
    if base not in BUILT_ON or base is cls:
        raise UnfingerprintableError(
            f"{cls.__module__}.{cls.__qualname__} has no fingerprint ({error}); "
            "give its class a __determ_hash__, or register a rule with determ_hash.register"
        ) from error
    return Form("object", [cls, BUILT_ON[base](value), getattr(value, "__dict__", None), slots_of(value)])


def is_compiled(cls: type) -> bool:
    """Whether instances hold something that neither attributes nor slots show: they are larger than those explain."""
    shown = sum(type(one) is MemberDescriptorType for one in vars(cls).values())
    shown += ("__dict__" in vars(cls)) + ("__weakref__" in vars(cls))
    inherited = cls.__base__.__basicsize__ if cls.__base__ else 0
    return bool(cls.__flags__ & scope.IMMUTABLE) or cls.__basicsize__ - inherited > shown * POINTER


def slots_of(value: object) -> dict[str, object]:
    named = getattr(copyreg, "_slotnames")  # noqa: B009  (the names by which pickle finds slots)
    return {name: getattr(value, name) for name in named(type(value)) if hasattr(value, name)}


POINTER = calcsize("P")
BUILT_ON: dict[type, Callable[[Any], object]] = {
    object: lambda value: None,
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    tuple: lambda value: list(tuple.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    set: lambda value: frozenset(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    dict: lambda value: [part for pair in dict.items(value) for part in pair],
    property: lambda value: [value.fget, value.fset, value.fdel],
    classmethod: lambda value: value.__func__,
    staticmethod: lambda value: value.__func__,
    BaseException: lambda value: value.args,
}
