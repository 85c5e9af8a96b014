"""Frames column by column: how pandas groups them into blocks is a matter of history."""

from __future__ import annotations

import pandas
from pandas.api.extensions import ExtensionArray

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
    return Form("Series", [pandas.Series, value.name, value.index, _content(value.array), value.attrs])


@register(pandas.Index)
def _index(value: pandas.Index[Any]) -> Form:
    return Form("Index", [value.name, _content(value.array)])


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
    """A column as numpy holds it where that loses nothing; strings as a list, whatever lies behind them."""
    if isinstance(array, pandas.Categorical):
        return array
    if isinstance(array.dtype, pandas.StringDtype):
        return [str(array.dtype), array.dtype.storage, array.tolist()]
    if isinstance(array, ExtensionArray) and type(array).__name__ == "NumpyExtensionArray":
        return array.to_numpy()
    return array
