"""Types of the standard library that need a rule, each met only where its module is in use."""

from __future__ import annotations

import dataclasses
from contextvars import ContextVar

from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(dataclasses.Field)
def _field(value: dataclasses.Field[Any]) -> Form:
    """All but the type: an annotation, which the class spells out itself."""
    names = ("name", "default", "default_factory", "init", "repr", "hash", "compare", "kw_only", "metadata")
    return Form("dataclass field", [getattr(value, name) for name in names])


@register(ContextVar)
def _context_variable(value: ContextVar[object]) -> Form:
    missing = Form("unset", ())
    return Form("context variable", [value.name, value.get(missing)])
