"""Type variables: made in Python before 3.12 and in C since, where nothing but these attributes tells what they are."""

from __future__ import annotations

import typing

from everfresh_fingerprint.form import Form, register

if typing.TYPE_CHECKING:
    from typing import Any


@register(typing.TypeVar)
def _type_variable(value: typing.TypeVar) -> Form:
    variance = (value.__covariant__, value.__contravariant__)
    return Form("type variable", [value.__name__, _module(value), value.__bound__, value.__constraints__, variance])


@register(typing.ParamSpec)
def _parameters(value: typing.ParamSpec) -> Form:
    return Form("parameter specification", [value.__name__, _module(value), value.__bound__])


def _module(value: Any) -> str:
    return str(getattr(value, "__module__", None))
