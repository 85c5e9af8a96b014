"""Any other value: by its own word, as a member of its enumeration, or as pickle would take it apart."""

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

_NEW = getattr(copyreg, "__newobj__")  # noqa: B009  (what pickle calls for every ordinary object)


def reduced(value: Any) -> Form:
    """Describe a value for whose exact type there is no rule."""
    cls = type(value)
    for stated in ("__determ_hash__", "__cache_key__"):
        if stated in _names(cls):
            versions = [value.__cache_ver__()] if "__cache_ver__" in _names(cls) else []
            return Form(stated, [cls, getattr(value, stated)(), *versions])
    if "_member_map_" in _names(cls) and "_name_" in vars(value):
        added = {name: one for name, one in vars(value).items() if not name.startswith("_")}
        return Form("member", [cls, value._name_, value._value_, added])
    if isinstance(value, set | frozenset):  # pickle writes the items in the order of their hashes
        return _by_state(value, cls, TypeError("a set of its own kind"))
    try:
        custom = copyreg.dispatch_table.get(cls)
        result = custom(value) if custom else value.__reduce_ex__(4)
        return _by_reduction(value, cls, result)
    except UnfingerprintableError:
        raise
    except Exception as error:  # whatever a class raises when it will not be pickled
        return _by_state(value, cls, error)


def _names(cls: type) -> set[str]:
    """What the class and its bases define. (hasattr would also ask the metaclass, which may answer anything.)"""
    return {name for base in cls.__mro__ for name in STATED if name in vars(base)}


STATED = ("__determ_hash__", "__cache_key__", "__cache_ver__", "_member_map_")


def _by_reduction(value: object, cls: type, result: Any) -> Form:
    """As pickle does, with protocol 4: a constructor, its arguments, the state, the items."""
    if isinstance(result, str):
        module = str(getattr(value, "__module__", None))
        return Form("global", [cls, module, result, scope.pin_of_module(module)])
    make, arguments, *rest = result
    state, items, entries = (*rest, None, None, None)[:3]
    head = [make, arguments] if make is not _NEW else list(arguments)
    tag = "object" if make is _NEW else "reduced"
    return Form(tag, [*head, state, _listed(items), _listed(entries)])


def _listed(items: Any) -> list[object] | None:
    return None if items is None else list(items)


def _by_state(value: object, cls: type, error: Exception) -> Form:
    """Of an object of a Python class that will not be pickled: what it is built on, its attributes and slots."""
    if type(getattr(value, "__wrapped__", None)) is FunctionType:  # a proxy made in C: what it holds is its state
        return Form("proxy", [cls, gc.get_referents(value)])
    base = next((one for one in cls.__mro__ if one in BUILT_ON or _is_compiled(one)), cls)
    if base not in BUILT_ON or base is cls:
        raise UnfingerprintableError(
            f"{cls.__module__}.{cls.__qualname__} has no fingerprint ({error}); "
            "give its class a __determ_hash__, or register a rule with determ_hash.register"
        ) from error
    slots = {name: getattr(value, name) for name in _slots(cls) if hasattr(value, name)}
    return Form("object", [cls, BUILT_ON[base](value), getattr(value, "__dict__", None), slots])


def _is_compiled(cls: type) -> bool:
    """Whether instances hold something that neither attributes nor slots show: they are larger than those explain."""
    shown = sum(type(one) is MemberDescriptorType for one in vars(cls).values())
    shown += ("__dict__" in vars(cls)) + ("__weakref__" in vars(cls))
    inherited = cls.__base__.__basicsize__ if cls.__base__ else 0
    return bool(cls.__flags__ & scope.IMMUTABLE) or cls.__basicsize__ - inherited > shown * POINTER


def _slots(cls: type) -> list[str]:
    named = getattr(copyreg, "_slotnames")  # noqa: B009  (the names by which pickle finds slots)
    return list(named(cls))


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
