"""Any other value: by its own word, as a member of its enumeration, or as pickle would take it apart."""

from __future__ import annotations

import copyreg

from everfresh_callgraph import scope

from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_NEW = getattr(copyreg, "__newobj__")  # noqa: B009  (what pickle calls for every ordinary object)


def reduced(value: Any) -> Form:
    """Describe a value for whose exact type there is no rule."""
    cls = type(value)
    if hasattr(cls, "__determ_hash__"):
        return Form("stated", [cls, cls.__determ_hash__(value)])
    if hasattr(cls, "_member_map_") and getattr(value, "_name_", None) is not None:
        return Form("member", [cls, value._name_, value._value_])
    return _taken_apart(value, cls)


def _taken_apart(value: object, cls: type) -> Form:
    """As pickle does, with protocol 4: a constructor, its arguments, the state, the items."""
    result = _reduce(value, cls)
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


def _reduce(value: object, cls: type) -> Any:
    try:
        custom = copyreg.dispatch_table.get(cls)
        return custom(value) if custom else value.__reduce_ex__(4)
    except UnfingerprintableError:
        raise
    except Exception as error:
        raise UnfingerprintableError(
            f"{cls.__module__}.{cls.__qualname__} has no fingerprint ({error}); "
            "give its class a __determ_hash__, or register a rule with determ_hash.register"
        ) from error
