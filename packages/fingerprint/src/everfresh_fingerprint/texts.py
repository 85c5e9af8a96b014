"""Docstrings and annotations: text that counts only where code in reach could read it."""

from __future__ import annotations

from everfresh_callgraph import classes
from everfresh_callgraph.bytecode import nested
from everfresh_callgraph.late import READS_ANNOTATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

READS_DOCS = frozenset("__doc__ getdoc render_doc getsource getsourcelines help".split())
READS_ORDER = frozenset({"__dict__", "vars"})
READS_NAMES = frozenset({"__name__", "__qualname__"})
READS_TEXT = READS_DOCS | READS_ANNOTATIONS | READS_ORDER | READS_NAMES

NEWLOCALS = 0x2  # set for functions, not for class bodies


def text(subject: object, attributes: frozenset[str]) -> list[bytes]:
    """Docstring, annotations, given names, order of attributes: of these what the attributes that are read ask for."""
    parts = []
    if not READS_DOCS.isdisjoint(attributes):
        written = vars(subject).get("__doc__") if isinstance(subject, type) else subject.__doc__
        if isinstance(written, str | None):  # else it is code, which counts as such
            parts.append(f"doc {written} {_docs(subject)}".encode(errors="surrogatepass"))
    if not READS_ANNOTATIONS.isdisjoint(attributes):
        parts.append(f"annotations {_annotations(subject)}".encode(errors="surrogatepass"))
    if isinstance(subject, type):
        if not READS_ORDER.isdisjoint(attributes):
            parts.append(f"order {[name for name in vars(subject) if name not in classes.TEXT]}".encode())
    elif not READS_NAMES.isdisjoint(attributes):
        parts += _given_names(subject)
    return parts


def _given_names(function: Any) -> list[bytes]:
    """The names of a function where they are not those of its code: a decorator gave them."""
    names, code = (function.__name__, function.__qualname__), function.__code__
    return [] if names == (code.co_name, code.co_qualname) else [f"names {names}".encode(errors="surrogatepass")]


def _docs(subject: object) -> list[list[str]]:
    """Docstrings of the functions and classes that stand within a function's code."""
    found: list[list[str]] = []
    pending = [getattr(subject, "__code__", None)]
    while pending:
        code = pending.pop()
        for inner in nested(code) if code else ():
            texts = inner.co_consts[:1] if inner.co_flags & NEWLOCALS else inner.co_consts
            found.append([one for one in texts if isinstance(one, str)])
            pending.append(inner)
    return found


def _annotations(subject: object) -> list[str]:
    if isinstance(subject, type):
        return list(classes.annotated(subject))
    notes = getattr(subject, "__annotations__", {})
    return [f"{name}: {_note(note)}" for name, note in notes.items()]


def _note(note: object) -> str:
    if isinstance(note, type) and not hasattr(note, "__args__"):
        return note.__qualname__
    text = note if isinstance(note, str) else repr(note)
    return text if " at 0x" not in text else type(note).__qualname__
