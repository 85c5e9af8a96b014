"""Frames column by column: how pandas groups them into blocks is a matter of history."""

from __future__ import annotations

import numpy
import pandas
from pandas import arrays

from everfresh_fingerprint.form import Form, register, register_family
from everfresh_fingerprint.forms.numpy import many_texts
from everfresh_fingerprint.strings import MARKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MARKS[type(pandas.NA)] = 3


@register(pandas.DataFrame)
def _frame(value: pandas.DataFrame) -> Form:
    return Form("DataFrame", _frame_parts(value, pandas.DataFrame))


@register(pandas.Series)
def _series(value: pandas.Series[Any]) -> Form:
    return Form("Series", _series_parts(value, pandas.Series))


@register_family(pandas.DataFrame)
def _frame_of_its_own(value: pandas.DataFrame) -> Form:
    return Form("DataFrame", [*_frame_parts(value, type(value)), _added(value)])


@register_family(pandas.Series)
def _series_of_its_own(value: pandas.Series[Any]) -> Form:
    return Form("Series", [*_series_parts(value, type(value)), _added(value)])


def _frame_parts(value: pandas.DataFrame, cls: type) -> list[object]:
    # The class is a part for the sake of what the user may have put into it: accessors, methods.
    arrays = [value.iloc[:, place].array for place in range(value.shape[1])]
    columns = [part for name, array in zip(value.columns, arrays, strict=True) for part in (name, _column(array))]
    flags = value.flags.allows_duplicate_labels
    return [cls, value.columns, value.index, Form("columns", columns), value.attrs, flags]


def _series_parts(value: pandas.Series[Any], cls: type) -> list[object]:
    flags = value.flags.allows_duplicate_labels
    return [cls, value.name, value.index, _column(value.array), value.attrs, flags]


def _added(value: Any) -> dict[str, object]:
    """What a subclass keeps beside what pandas does."""
    return {name: one for name, one in vars(value).items() if name not in KEPT_BY_PANDAS}


KEPT_BY_PANDAS = frozenset("_mgr _item_cache _attrs _flags _name _is_copy _cacher _typ _metadata".split())


@register(pandas.Index, pandas.DatetimeIndex, pandas.TimedeltaIndex, pandas.PeriodIndex)
@register(pandas.CategoricalIndex, pandas.IntervalIndex)
def _index(value: pandas.Index[Any]) -> Form:
    return Form(type(value).__name__, [value.name, _column(value.array), str(getattr(value, "freq", None))])


@register(pandas.RangeIndex)
def _range_index(value: pandas.RangeIndex) -> Form:
    return Form("RangeIndex", [value.name, value.start, value.stop, value.step])


@register(pandas.MultiIndex)
def _multi_index(value: pandas.MultiIndex) -> Form:
    return Form("MultiIndex", [list(value.names), list(value.levels), [numpy.asarray(codes) for codes in value.codes]])


def _column(array: Any) -> Any:
    """Without the wrapper that pandas has for the arrays of numpy."""
    return array.to_numpy() if type(array) is arrays.NumpyExtensionArray else array


@register(pandas.Categorical)
def _categorical(value: pandas.Categorical) -> Form:
    return Form("Categorical", [value.codes, value.categories, value.ordered])


@register(arrays.DatetimeArray, arrays.TimedeltaArray, arrays.PeriodArray)
def _times(value: Any) -> Form:
    """Numbers with a unit. The frequency of an array depends on how it was made; an index has its own."""
    return Form("times", [str(value.dtype), getattr(value, "tz", None), value.asi8])


@register(arrays.IntervalArray)
def _intervals(value: Any) -> Form:
    return Form("intervals", [str(value.dtype), value.closed, _column(value.left.array), _column(value.right.array)])


@register(arrays.IntegerArray, arrays.FloatingArray, arrays.BooleanArray)
def _masked(value: Any) -> Form:
    """What lies behind a missing value is a matter of history."""
    return Form("masked", [str(value.dtype), numpy.where(value._mask, 0, value._data), value._mask])


@register(arrays.ArrowExtensionArray)
def _arrow(value: Any) -> Form:
    return Form("arrow", [str(value.dtype), value.__arrow_array__()])


@register(arrays.StringArray, arrays.ArrowStringArray)
def _strings(value: Any) -> Form:
    kind = [str(value.dtype), value.dtype.storage, value.dtype.na_value is pandas.NA]
    if value.dtype.storage == "pyarrow":
        return Form("strings", [kind, value.__arrow_array__()])
    whole = many_texts(numpy.asarray(value, object))
    return Form("strings", [kind, whole or value.to_numpy(object, na_value=None).tolist()])
