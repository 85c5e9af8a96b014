"""Frames column by column: how pandas groups them into blocks is a matter of history."""

from __future__ import annotations

import numpy
import pandas

from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(pandas.DataFrame)
def _frame(value: pandas.DataFrame) -> Form:
    columns = [_content(value.iloc[:, place].array) for place in range(value.shape[1])]
    # The class is a part for the sake of what the user may have put into it: accessors, methods.
    return Form(
        "DataFrame",
        [pandas.DataFrame, value.columns, value.index, columns, value.attrs, value.flags.allows_duplicate_labels],
    )


@register(pandas.Series)
def _series(value: pandas.Series[Any]) -> Form:
    flags = value.flags.allows_duplicate_labels
    return Form("Series", [pandas.Series, value.name, value.index, _content(value.array), value.attrs, flags])


@register(pandas.Index, pandas.DatetimeIndex, pandas.TimedeltaIndex, pandas.PeriodIndex)
@register(pandas.CategoricalIndex, pandas.IntervalIndex)
def _index(value: pandas.Index[Any]) -> Form:
    return Form(type(value).__name__, [value.name, _content(value.array), str(getattr(value, "freq", None))])


@register(pandas.RangeIndex)
def _range_index(value: pandas.RangeIndex) -> Form:
    return Form("RangeIndex", [value.name, value.start, value.stop, value.step])


@register(pandas.MultiIndex)
def _multi_index(value: pandas.MultiIndex) -> Form:
    return Form("MultiIndex", [list(value.names), list(value.levels), [codes.tolist() for codes in value.codes]])


@register(pandas.Categorical)
def _categorical(value: pandas.Categorical) -> Form:
    return Form("Categorical", [value.codes, value.categories, value.ordered])


def _content(array: Any) -> Form | Any:
    """A column by what it holds: not by what pandas keeps beside it, nor by what lies behind a missing value."""
    if isinstance(array, pandas.Categorical):
        return array
    dtype = str(array.dtype)
    if isinstance(array.dtype, pandas.StringDtype):
        return [dtype, array.dtype.storage, array.tolist()]
    if isinstance(array, pandas.arrays.IntervalArray):
        return [dtype, array.closed, _content(array.left.array), _content(array.right.array)]
    if hasattr(array, "asi8"):  # dates, times, periods: numbers with a unit
        return [dtype, array.asi8]
    if hasattr(array, "_mask") and hasattr(array, "_data"):
        return [dtype, numpy.where(array._mask, 0, array._data), array._mask]
    return array.to_numpy() if type(array).__name__ == "NumpyExtensionArray" else array
