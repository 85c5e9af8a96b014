"""Types of the standard library that need a rule, each met only where its module is in use."""

from __future__ import annotations

import array
import contextlib
import dataclasses
import pathlib
import pickle
import struct
import weakref
from contextvars import ContextVar

from everfresh_fingerprint.digest import digest
from everfresh_fingerprint.form import Form, register
from everfresh_fingerprint.forms.containers import pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(dataclasses.Field)
def _field(value: dataclasses.Field[Any]) -> Form:
    """All but the type: an annotation, which the class spells out itself."""
    names = ("name", "default", "default_factory", "init", "repr", "hash", "compare", "kw_only", "metadata")
    return Form("dataclass field", [getattr(value, name) for name in names])


@register(struct.Struct)
def _struct(value: struct.Struct) -> Form:
    return Form("struct", [value.format])


@register(ContextVar)
def _context_variable(value: ContextVar[object]) -> Form:
    try:
        return Form("context variable", [value.name, value.get()])  # its own default, if nothing is set
    except LookupError:
        return Form("context variable", [value.name])


@register(contextlib._GeneratorContextManager, contextlib._AsyncGeneratorContextManager)
def _context_manager(value: Any) -> Form:
    """What contextlib.contextmanager makes for one use: the function and its arguments, the generator is not begun."""
    return Form("context manager", [value.func, value.args, value.kwds])


@register(weakref.ref)
def _weak_reference(value: weakref.ref[Any]) -> Form:
    return Form("weak reference", [value()])


@register(weakref.WeakMethod)
def _weak_method(value: weakref.WeakMethod[Any]) -> Form:
    return Form("weak method", [value()])


@register(weakref.finalize)
def _finalizer(value: weakref.finalize[..., Any]) -> Form:
    return Form("finalizer", [value.peek()])


@register(weakref.WeakSet)
def _weak_set(value: weakref.WeakSet[Any]) -> Form:
    return Form("weak set", tuple(value), ordered=False)


@register(weakref.WeakKeyDictionary, weakref.WeakValueDictionary)
def _weak_dictionary(value: Any) -> Form:
    return Form(type(value).__name__, pairs(value))


@register(pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.PosixPath, pathlib.WindowsPath)
def _path(value: pathlib.PurePath) -> Form:
    """By the text that it stands for: since Python 3.13 a pickle tells how it was spelled."""
    return Form("path", [type(value), str(value)])


@register(array.array)
def _array(value: array.array[Any]) -> Form:
    return Form("array", [value.typecode, digest(memoryview(value))])


@register(pickle.PickleBuffer)
def _buffer(value: pickle.PickleBuffer) -> Form:
    """A large piece of a value that pickle would write beside the rest: digested in place."""
    with value.raw() as content:
        return Form("buffer", [digest(content)])
