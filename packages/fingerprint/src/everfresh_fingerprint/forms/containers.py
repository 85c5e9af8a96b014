"""The containers of the language, and the few plain types that marshal does not take."""

from __future__ import annotations

from types import MappingProxyType, NotImplementedType

from everfresh_callgraph.naming import sentinels

from everfresh_fingerprint.digest import digest
from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@register(list)
def _list(value: list[object]) -> Form:
    return Form("list", value)


@register(tuple)
def _tuple(value: tuple[object, ...]) -> Form:
    return Form("tuple", value)


@register(set)
def _set(value: set[object]) -> Form:
    return Form("set", tuple(value), ordered=False)


@register(frozenset)
def _frozenset(value: frozenset[object]) -> Form:
    return Form("frozenset", tuple(value), ordered=False)


def pairs(value: Mapping[object, object]) -> list[object]:
    """Keys and values in turn. Their order counts: whoever iterates can see it."""
    return [part for pair in value.items() for part in pair]


@register(dict)
def _dict(value: dict[object, object]) -> Form:
    return Form("dict", pairs(value))


@register(MappingProxyType)
def _mappingproxy(value: MappingProxyType[object, object]) -> Form:
    return Form("mappingproxy", pairs(value))


@register(type({}.keys()), type({}.values()), type({}.items()))
def _view(value: Collection[object]) -> Form:
    return Form(type(value).__name__, list(value))


@register(bytearray)
def _bytearray(value: bytearray) -> Form:
    return Form("bytearray", [digest(value)])


@register(memoryview)
def _memoryview(value: memoryview) -> Form:
    content = digest(value if value.c_contiguous else value.tobytes())
    return Form("memoryview", [value.format, value.shape, value.readonly, content])


@register(range, slice)
def _range(value: range | slice) -> Form:
    return Form(type(value).__name__, [value.start, value.stop, value.step])


@register(object)
def _sentinel(value: object) -> Form:
    return sentinel(value, sentinels())


def sentinel(value: object, named: Mapping[int, list[str]]) -> Form:
    """A bare object() is known by the variable that names it; one that no module names is like any other."""
    return Form("sentinel", named.get(id(value), [])[:1])


@register(NotImplementedType)
def _not_implemented(value: object) -> Form:
    return Form("NotImplemented", ())
