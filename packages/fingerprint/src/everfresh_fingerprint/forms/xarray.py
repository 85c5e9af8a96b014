"""Labelled arrays by their labels and values: what lies in a file still is read for it."""

from __future__ import annotations

import numpy
import xarray  # type: ignore[import-not-found, import-untyped, unused-ignore]

from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(xarray.Variable, xarray.IndexVariable)
def _variable(value: Any) -> Form:
    return Form("Variable", [type(value), list(value.dims), _data(value), value.attrs, value.encoding])


@register(xarray.DataArray)
def _array(value: Any) -> Form:
    return Form("DataArray", [xarray.DataArray, value.name, value.variable, _variables(value.coords), *_indexes(value)])


@register(xarray.Dataset)
def _dataset(value: Any) -> Form:
    coordinates = Form("names", list(value.coords), ordered=False)
    parts = [_variables(value.variables), coordinates, value.attrs, value.encoding, *_indexes(value)]
    return Form("Dataset", [xarray.Dataset, *parts])


def _variables(named: Any) -> Form:
    return Form("columns", [part for name, one in named.items() for part in (name, getattr(one, "variable", one))])


def _indexes(value: Any) -> list[object]:
    return [{name: type(index).__name__ for name, index in value.xindexes.items()}]


def _data(value: Any) -> object:
    """The array itself, of whatever kind; one that is loaded when needed is loaded now."""
    data = value._data
    if isinstance(data, numpy.ndarray) or hasattr(data, "__dask_graph__"):
        return data
    return value.values
