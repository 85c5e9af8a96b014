"""Values that are made around code: bound methods, properties, partials, cached functions, code objects, cells."""

from __future__ import annotations

import functools
import gc
from types import (
    CellType,
    ClassMethodDescriptorType,
    CodeType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    WrapperDescriptorType,
)

from everfresh_callgraph.classes import COPIED

from everfresh_fingerprint.code import code_digest
from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(MethodType)
def _method(value: MethodType) -> Form:
    return Form("method", [value.__func__, value.__self__])


@register(property)
def _property(value: property) -> Form:
    return Form("property", [value.fget, value.fset, value.fdel])


def _added(value: object) -> list[dict[str, object]]:
    """Attributes that a wrapper has beside what it copied of what it wraps, if any."""
    added = {name: one for name, one in vars(value).items() if name not in COPIED and name != "cache_parameters"}
    return [added] if added else []


@register(staticmethod, classmethod)
def _static(value: staticmethod[..., object] | classmethod[Any, ..., object]) -> Form:
    return Form(type(value).__name__, [value.__func__, *_added(value)])


@register(functools.cached_property)
def _cached_property(value: functools.cached_property[object]) -> Form:
    return Form("cached_property", [value.func, value.attrname])


@register(functools.partialmethod)
def _partialmethod(value: functools.partialmethod[object]) -> Form:
    return Form("partialmethod", [value.func, value.args, value.keywords])


@register(functools.singledispatchmethod)
def _dispatching(value: functools.singledispatchmethod[object]) -> Form:
    """The dispatcher says what is registered; a cache of bound methods beside it (3.13) follows from that."""
    return Form("singledispatchmethod", [value.dispatcher, value.func])


@register(type(functools.lru_cache(lambda: None)))
def _lru_cache(value: Any) -> Form:
    """What is in the cache follows from the function; how much it keeps, and which calls share a result, do not."""
    parameters = value.cache_parameters()
    return Form("lru_cache", [value.__wrapped__, parameters["typed"], parameters["maxsize"], *_added(value)])


@register(type(functools.cmp_to_key(lambda one, other: 0)))
def _comparison_key(value: object) -> Form:
    """What functools.cmp_to_key made: it shows the function that it holds to the garbage collector alone."""
    return Form("comparison key", gc.get_referents(value))


@register(MemberDescriptorType, GetSetDescriptorType, ClassMethodDescriptorType, WrapperDescriptorType)
def _slot(value: Any) -> Form:
    return Form("slot", [value.__objclass__, value.__name__])


@register(CellType)
def _cell(value: CellType) -> Form:
    try:
        return Form("cell", [value.cell_contents])
    except ValueError:  # not filled yet
        return Form("cell", [])


@register(CodeType)
def _code(value: CodeType) -> Form:
    return Form("code", [code_digest(value)])
