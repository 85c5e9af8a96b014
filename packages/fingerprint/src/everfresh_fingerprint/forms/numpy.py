"""Arrays by type, shape, layout and bytes; the buffer is digested in place, never copied where it lies in one piece."""

from __future__ import annotations

import gc

import numpy

from everfresh_fingerprint.digest import Digest, digest, digest_pieces
from everfresh_fingerprint.form import Form, register, register_family
from everfresh_fingerprint.forms.by_state import slots_of
from everfresh_fingerprint.leaves import FEW
from everfresh_fingerprint.strings import PIECE, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Array: TypeAlias = numpy.ndarray[Any, Any]

# Types whose name says it all, and whose elements lie in the buffer without gaps.
PLAIN = frozenset("?bhilqpBHILQPefdFDSUVmM")
# Ten bytes of a number, and then bytes that nobody sets.
LONG = frozenset("gG")
# A larger array with gaps is copied by pieces.
BLOCK = 1 << 22


@register(numpy.ndarray)
def _array(value: Array) -> Form:
    return Form("ndarray", parts(value))


@register(numpy.memmap)
def _mapped(value: numpy.memmap[Any, Any]) -> Form:
    """By what is in it: which file it is mapped from does not count, and a pickle does not keep it."""
    return Form("memmap", parts(value.view(numpy.ndarray)))


@register_family(numpy.ndarray)
def _subclass(value: Array) -> Form:
    state = Form("state", [getattr(value, "__dict__", None), slots_of(value)])
    return Form("object", [type(value), state, *parts(value.view(numpy.ndarray))])


def parts(value: Array) -> list[object]:
    # A slice with gaps counts as the packed copy of itself; Fortran order is told apart, since code can see it.
    order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    return [_kind(value.dtype), value.shape, order, *_content(value, order)]


def _kind(dtype: numpy.dtype[Any]) -> object:
    """The type's own name where that says it all: a dtype has a form, which takes longer."""
    return dtype.str if dtype.char in PLAIN and dtype.names is None and not dtype.metadata else dtype


def _content(value: Array, order: str) -> list[object]:
    dtype = value.dtype
    if dtype.names is not None and not _is_packed(dtype):  # the bytes between the fields are garbage
        return [value[name] for name in dtype.names]
    if dtype.hasobject:
        return [_objects(value.reshape(-1))]
    if order == "F":
        value = value.T
    return [_bytes(value)]


def _objects(value: Array) -> object:
    """As the list of them, which need not be made where they are many texts."""
    return many_texts(value) or value.tolist()


def many_texts(value: Array) -> Digest | None:
    """What a list of so many texts would give; None for fewer, and for other objects."""
    if len(value) <= FEW:
        return None
    return texts("list", (value[start : start + PIECE].tolist() for start in range(0, len(value), PIECE)))


def _is_packed(dtype: numpy.dtype[Any]) -> bool:
    """Whether every byte of an element belongs to a number or a text."""
    if dtype.subdtype:
        return _is_packed(dtype.subdtype[0])
    if dtype.names is None:
        return dtype.char in PLAIN
    fields = [dtype[name] for name in dtype.names]
    return sum(field.itemsize for field in fields) == dtype.itemsize and all(map(_is_packed, fields))


def _bytes(value: Array) -> Digest:
    if not value.size or not value.itemsize:
        return digest(b"")
    if value.dtype.char in LONG:
        step = value.itemsize if value.dtype.char == "g" else value.itemsize // 2
        return digest(_packed(value).reshape(-1, step)[:, :LONG_BYTES].tobytes())
    if value.flags.c_contiguous or value.nbytes <= BLOCK or not value.ndim:
        return digest(_packed(value).data)
    return digest_pieces(_packed(block).data for block in _blocks(value))


LONG_BYTES = 10 if numpy.finfo(numpy.longdouble).nmant == 63 else numpy.dtype(numpy.longdouble).itemsize


def _packed(value: Array) -> Array:
    return numpy.ascontiguousarray(value).reshape(-1).view(numpy.uint8)


def _blocks(value: Array) -> Iterator[Array]:
    """The array along its first axis, in pieces of a size that may be copied."""
    if value.ndim > 1 and value[0].nbytes > BLOCK:
        for row in value:
            yield from _blocks(row)
        return
    count = max(1, BLOCK // max(1, value.nbytes // len(value)))
    for start in range(0, len(value), count):
        yield value[start : start + count]


@register(*{type(numpy.dtype(kind)) for kind in "?bhilqpBHILQPefdgFDGSUVOMm"})
def _dtype(value: numpy.dtype[Any]) -> Form:
    if value.names is not None:
        fields = [(name, *value.fields[name]) for name in value.names]  # type: ignore[index]
        record = None if value.type is numpy.void else value.type
        return Form("structured dtype", [fields, value.itemsize, value.isalignedstruct, record])
    base, shape = value.subdtype or (None, ())
    return Form("dtype", [value.str, base, shape, dict(value.metadata or {})])


@register(*set(numpy.sctypeDict.values()))
def _scalar(value: numpy.generic) -> Form:
    dtype = value.dtype
    if dtype.char in PLAIN and dtype.names is None:
        return Form("numpy scalar", [_kind(dtype), value.tobytes()])
    return Form("numpy scalar", [dtype, *_content(numpy.asarray(value), "C")])


@register(numpy.ufunc)
def _ufunc(value: numpy.ufunc) -> Form:
    """By name, and for one that numpy.frompyfunc made, by the function in it: the garbage collector sees that alone."""
    made_of = [one for one in gc.get_referents(value) if callable(one)]
    return Form("ufunc", [numpy.ufunc, value.__name__, value.nin, value.nout, *made_of])


@register(type(numpy.sum))
def _dispatched(value: Any) -> Form:
    """A function of numpy's that other array types can overrule; numpy's version pins it."""
    return Form("numpy function", [numpy.ndarray, value.__module__, value.__qualname__])
