"""Arrays and frames that would be copied into the pickle, made such that their data stays apart from it.

numpy keeps data apart where it lies without gaps and other languages know its type; polars never does.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Smaller ones are as well off in the pickle.
LEAST = 4096


def _array(value: Any) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value) is not numpy.ndarray or value.dtype.hasobject or value.nbytes < LEAST:
        return NotImplemented
    if value.dtype.kind in "mM":
        return _times, (value.view("i8"), value.dtype)  # which comes here, too
    if value.flags.forc:
        return NotImplemented
    return numpy.ascontiguousarray(value).__reduce_ex__(5)


def _times(numbers: Any, dtype: Any) -> Any:
    return numbers.view(dtype)


def _frame(value: Any) -> Any:
    polars = sys.modules.get("polars")
    if polars is None or type(value) is not polars.DataFrame or value.estimated_size() < LEAST:
        return NotImplemented
    return _through_arrow(polars, value, value.schema)


def _series(value: Any) -> Any:
    polars = sys.modules.get("polars")
    if polars is None or type(value) is not polars.Series or value.estimated_size() < LEAST:
        return NotImplemented
    return _through_arrow(polars, value.to_frame(), value.to_frame().schema, series=True)


def _through_arrow(polars: Any, frame: Any, schema: Any, series: bool = False) -> Any:
    try:
        table = frame.to_arrow(compat_level=polars.CompatLevel.newest())
        same = polars.from_arrow(table.slice(0, 0)).schema == schema
    except Exception:  # no pyarrow, or a type that it does not know: polars has a way of its own, which copies
        return NotImplemented
    return (_from_arrow, (table, series)) if same else NotImplemented


def _from_arrow(table: Any, series: bool) -> Any:
    import polars

    frame: Any = polars.from_arrow(table)
    return frame.to_series() if series else frame


# By the name of the type, which is all that a value costs that has no rule.
RULES: dict[str, Callable[[Any], Any]] = {"ndarray": _array, "DataFrame": _frame, "Series": _series}
