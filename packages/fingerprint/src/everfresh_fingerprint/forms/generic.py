"""Type variables: made in Python before 3.12 and in C since, where nothing but these attributes tells what they are."""

from __future__ import annotations

import typing
from gc import get_referents
from types import FunctionType

from everfresh_fingerprint.form import Form, register

if typing.TYPE_CHECKING:
    from typing import Any


@register(typing.TypeVar)
def _type_variable(value: typing.TypeVar) -> Form:
    variance = (value.__covariant__, value.__contravariant__)
    bound, constraints = _lazy(value, "__bound__"), _lazy(value, "__constraints__")
    return Form("type variable", [value.__name__, _module(value), bound, constraints, variance, *_default(value)])


@register(typing.ParamSpec)
def _parameters(value: typing.ParamSpec) -> Form:
    bound = _lazy(value, "__bound__")
    return Form("parameter specification", [value.__name__, _module(value), bound, *_default(value)])


@register(typing.TypeVarTuple)
def _type_variables(value: typing.TypeVarTuple) -> Form:
    return Form("type variables", [value.__name__, _module(value), *_default(value)])


def _alias(value: Any) -> Form:
    return Form("type alias", [value.__name__, _module(value), _lazy(value, "__value__"), value.__type_params__])


if hasattr(typing, "TypeAliasType"):  # since 3.12
    register(typing.TypeAliasType)(_alias)


def _lazy(value: Any, name: str) -> object:
    """What is found when it is first asked for. Where that fails, as forward references do, by what would find it."""
    try:
        return getattr(value, name)
    except Exception:
        return Form("not to be found", [one for one in get_referents(value) if type(one) is FunctionType])


def _default(value: Any) -> list[object]:
    """The default, since 3.13."""
    return [_lazy(value, "__default__")] if getattr(value, "has_default", bool)() else []


def _module(value: Any) -> str:
    return str(getattr(value, "__module__", None))
