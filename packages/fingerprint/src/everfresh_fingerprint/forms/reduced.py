"""Any other value: by its own word, as a member of its enumeration, or as pickle would take it apart."""

from __future__ import annotations

import copyreg

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
    if hasattr(cls, "__determ_hash__"):
        return Form("stated", [cls, cls.__determ_hash__(value)])
    if hasattr(cls, "_member_map_") and getattr(value, "_name_", None) is not None:
        return Form("member", [cls, value._name_, value._value_])
    try:
        custom = copyreg.dispatch_table.get(cls)
        result = custom(value) if custom else value.__reduce_ex__(4)
    except UnfingerprintableError:
        raise
    except Exception as error:  # whatever a class raises when it will not be pickled
        return _by_state(value, cls, error)
    return _by_reduction(value, cls, result)


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
    base = next(one for one in cls.__mro__ if one.__flags__ & scope.IMMUTABLE)
    if base not in BUILT_ON or base is cls:
        raise UnfingerprintableError(
            f"{cls.__module__}.{cls.__qualname__} has no fingerprint ({error}); "
            "give its class a __determ_hash__, or register a rule with determ_hash.register"
        ) from error
    slots = {name: getattr(value, name) for name in _slots(cls) if hasattr(value, name)}
    return Form("object", [cls, BUILT_ON[base](value), getattr(value, "__dict__", None), slots])


def _slots(cls: type) -> list[str]:
    named = getattr(copyreg, "_slotnames")  # noqa: B009  (the names by which pickle finds slots)
    return list(named(cls))


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
}
