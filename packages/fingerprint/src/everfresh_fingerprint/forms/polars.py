"""Frames column by column: neither chunks and slices nor what lies behind a null count."""

from __future__ import annotations

import polars  # type: ignore[import-not-found, import-untyped, unused-ignore]

from everfresh_fingerprint.digest import Digest, digest
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@register(polars.DataFrame)
def _frame(value: Any) -> Form:
    columns = [part for name in value.columns for part in (name, value[name])]
    return Form("polars.DataFrame", [polars.DataFrame, value.height, Form("columns", columns)])


@register(polars.Series)
def _series(value: Any) -> Form:
    head = [polars.Series, value.name, str(value.dtype), len(value)]
    if value.null_count():  # what lies behind a null is a matter of history
        return Form("polars.Series", [*head, _numbers(value.is_not_null()), *_content(value.drop_nulls())])
    return Form("polars.Series", [*head, None, *_content(value)])


def _content(value: Any) -> list[object]:
    """What a series without nulls holds: numbers, and for what is made of others their lengths and all in a row."""
    kind = value.dtype.base_type()
    if kind in BY_KIND:
        return BY_KIND[kind](value)
    if kind in BY_TEXT:
        value = value.cast(polars.String)
    if value.dtype == polars.String:
        return [_numbers(value.str.len_bytes()), value.str.join("").item()]
    return [_numbers(value.to_physical())]


def _numbers(value: Any) -> Digest:
    if value.dtype == polars.Boolean:
        value = value.cast(polars.UInt8)
    return digest(value.rechunk().to_numpy().data) if len(value) else digest(b"")


def _lists(value: Any) -> list[object]:
    lengths = value.list.len()
    return [_numbers(lengths), value.filter(lengths > 0).explode()]


# The numbers of categories are those of this process; some numbers are wider than those of numpy.
WIDE = [getattr(polars, name) for name in ("Int128", "UInt128") if hasattr(polars, name)]
BY_TEXT = frozenset({polars.Categorical, polars.Enum, polars.Decimal, *WIDE})
BY_KIND: dict[Any, Callable[[Any], list[object]]] = {
    polars.Null: lambda value: [],
    polars.Object: lambda value: [value.to_list()],
    polars.Binary: lambda value: [value.to_list()],
    polars.List: _lists,
    polars.Array: lambda value: _lists(value.arr.to_list()),
    polars.Struct: lambda value: value.struct.unnest().get_columns(),
}

PICKLED = "[" + ",".join(map(str, b"PLPYFN"))  # how polars marks the pickle of a function


@register(polars.LazyFrame)
def _lazy_frame(value: object) -> Form:
    raise UnfingerprintableError("a lazy frame is a plan, and what it will read cannot be known; collect() it first")


@register(polars.Expr)
def _expression(value: Any) -> Form:
    """By the text of its tree. A function in it is kept as a pickle, which does not show what the function calls."""
    written = value.meta.serialize(format="json")
    if PICKLED in written:
        raise UnfingerprintableError("an expression of polars with a Python function in it has no fingerprint")
    return Form("polars.Expr", [polars.Expr, written])
