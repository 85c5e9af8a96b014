"""Docstrings and annotations: text that counts only where code in reach could read it."""

from __future__ import annotations

from everfresh_callgraph import classes
from everfresh_callgraph.bytecode import nested
from everfresh_callgraph.late import READS_ANNOTATIONS, function_notes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set
    from typing import Any

READS_DOCS = frozenset("__doc__ getdoc render_doc getsource getsourcelines help".split())
READS_ORDER = frozenset({"__dict__", "vars"})
READS_NAMES = frozenset({"__name__", "__qualname__", "__module__"})
# What a code object tells beside what it does.
READS_CODE = frozenset(
    """__code__ co_varnames co_cellvars co_names co_consts co_filename co_firstlineno co_lines co_positions co_linetable
    co_lnotab co_qualname""".split()
)
READS_TEXT = READS_DOCS | READS_ANNOTATIONS | READS_ORDER | READS_NAMES | READS_CODE

NEWLOCALS = 0x2  # set for functions, not for class bodies


def text(subject: object, attributes: Set[str]) -> list[bytes]:
    """Docstring, annotations, given names, order of attributes: of these what the attributes that are read ask for."""
    parts = []
    if not READS_DOCS.isdisjoint(attributes):
        written = vars(subject).get("__doc__") if isinstance(subject, type) else subject.__doc__
        if isinstance(written, str | None):  # else it is code, which counts as such
            parts.append(f"doc {written} {_docs(subject)}".encode(errors="surrogatepass"))
        parts += _docs_of_properties(subject)
    if not READS_ANNOTATIONS.isdisjoint(attributes):
        parts.append(f"annotations {_annotations(subject)}".encode(errors="surrogatepass"))
    if isinstance(subject, type):
        if not READS_ORDER.isdisjoint(attributes):
            parts.append(f"order {[name for name in vars(subject) if name not in classes.TEXT]}".encode())
            written = vars(subject).get("__doc__")
            parts += [f"doc {written}".encode(errors="surrogatepass")] if isinstance(written, str | None) else []
    else:
        parts += _given_names(subject, attributes) + _code_as_text(subject, attributes)
    return parts


def _given_names(function: Any, attributes: Set[str]) -> list[bytes]:
    """The names of a function, where they are read; `__name__` only where it is not that of its code."""
    names = sorted(READS_NAMES & attributes)
    if function.__name__ == function.__code__.co_name:
        names = [name for name in names if name != "__name__"]
    return [f"{name} {getattr(function, name)}".encode(errors="surrogatepass") for name in names]


def _code_as_text(function: Any, attributes: Set[str]) -> list[bytes]:
    """Names of variables and places of lines, where they are read; all but the file where the code is handed on."""
    read = READS_CODE & attributes
    if read == {"__code__"}:
        read = READS_CODE - {"co_filename"}
    asked = sorted(read & SHOWN)
    shown = [f"{name} {getattr(function.__code__, name)}".encode(errors="surrogatepass") for name in asked]
    if not read.isdisjoint(BY_LINES):
        shown += [f"{function.__code__.co_firstlineno}".encode(), function.__code__.co_linetable]
    if "co_consts" in read:
        shown.append(f"{function.__doc__} {_docs(function)}".encode(errors="surrogatepass"))
    return shown


SHOWN = frozenset("co_varnames co_cellvars co_names co_filename co_firstlineno co_qualname".split())
BY_LINES = frozenset("co_lines co_positions co_linetable co_lnotab".split())


def _docs_of_properties(subject: object) -> list[bytes]:
    """Docstrings that properties were given: those of their functions count as such."""
    body = vars(subject) if isinstance(subject, type) else {}
    given = ((name, one.__doc__) for name, one in body.items() if type(one) is property and one.__doc__)
    return [f"doc {name} {doc}".encode(errors="surrogatepass") for name, doc in sorted(given)]


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


def spelled_notes(function: Any) -> list[str]:
    """Annotations of which it is their own code that says how they read."""
    notes = function_notes(function).values()
    return [_note(note) for note in notes if type(note) not in PLAIN_NOTES]


PLAIN_NOTES = frozenset({str, type})


def _note(note: object) -> str:
    if isinstance(note, type) and not hasattr(note, "__args__"):
        return note.__qualname__
    text = note if isinstance(note, str) else repr(note)
    return text if " at 0x" not in text else type(note).__qualname__
