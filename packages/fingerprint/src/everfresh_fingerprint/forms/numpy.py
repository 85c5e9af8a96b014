"""Arrays by type, shape, layout and bytes; the buffer is digested in place, never copied where it lies in one piece."""

from __future__ import annotations

import gc

import numpy

from everfresh_fingerprint.digest import Digest, digest
from everfresh_fingerprint.form import Form, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(numpy.ndarray)
def _array(value: numpy.ndarray[Any, Any]) -> Form:
    # A slice with gaps counts as the packed copy of itself; Fortran order is told apart, since code can see it.
    order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    return Form("ndarray", [value.dtype, value.shape, order, *_content(value, order)])


def _content(value: numpy.ndarray[Any, Any], order: str) -> list[object]:
    if value.dtype.hasobject:
        return [value.tolist()] if value.dtype.names is None else [value[name] for name in value.dtype.names]
    if value.dtype.names:  # field by field: the padding between fields is garbage
        return [value[name] for name in value.dtype.names]
    packed = numpy.ascontiguousarray(value.T if order == "F" else value)
    return [_digest(packed)]


def _digest(packed: numpy.ndarray[Any, Any]) -> Digest:
    return digest(packed.reshape(-1).view(numpy.uint8).data) if packed.size and packed.itemsize else digest(b"")


@register(*{type(numpy.dtype(kind)) for kind in "?bhilqpBHILQPefdgFDGSUVOMm"})
def _dtype(value: numpy.dtype[Any]) -> Form:
    if value.names:
        fields = [(name, *value.fields[name]) for name in value.names]  # type: ignore[index]
        return Form("structured dtype", [fields, value.itemsize, value.isalignedstruct])
    base, shape = value.subdtype or (None, ())
    return Form("dtype", [value.str, base, shape, dict(value.metadata or {})])


@register(*set(numpy.sctypeDict.values()))
def _scalar(value: numpy.generic) -> Form:
    return Form("numpy scalar", [value.dtype, value.tobytes() if not value.dtype.hasobject else value.item()])


@register(numpy.ufunc)
def _ufunc(value: numpy.ufunc) -> Form:
    """By name, and for one that numpy.frompyfunc made, by the function in it: the garbage collector sees that alone."""
    made_of = [one for one in gc.get_referents(value) if callable(one)]
    return Form("ufunc", [numpy.ufunc, value.__name__, value.nin, value.nout, *made_of])


@register(type(numpy.sum))
def _dispatched(value: Any) -> Form:
    """A function of numpy's that other array types can overrule; numpy's version pins it."""
    return Form("numpy function", [numpy.ndarray, value.__module__, value.__qualname__])
