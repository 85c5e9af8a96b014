"""CallGraph -> Digest: one digest over all that a function reaches, and the proof that it still holds."""

from __future__ import annotations

import sys
from struct import pack

from everfresh_callgraph import classes, scope
from everfresh_callgraph.bytecode import nested
from everfresh_callgraph.late import READS_ANNOTATIONS
from everfresh_callgraph.record import record
from everfresh_callgraph.trace import stood_for, trace

from everfresh_fingerprint.code import code_digest
from everfresh_fingerprint.digest import Digest, seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.guards import hold
from everfresh_fingerprint.values import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_callgraph.model import CallGraph, Node

# Opcodes and the standard library are those of one interpreter: its full version is part of every code digest.
RUNTIME = f"{sys.implementation.cache_tag} {scope.PYTHON}"

READS_DOCS = frozenset("__doc__ getdoc render_doc getsource getsourcelines help".split())


@record
class CodeFingerprint:
    """The digest of all that a function reaches, and the graph that it was made of."""

    digest: Digest
    graph: CallGraph
    own: tuple[Digest, ...]

    def holds(self) -> bool:
        """Whether everything that was read is unchanged, so that the digest still stands."""
        return hold(self.graph.reads, describe)


def code_fingerprint(root: object, *, defaults: bool = True) -> CodeFingerprint:
    """Fingerprint all that a function, class or module reaches; kept, and proved again at each use.

    With `defaults=False` the root's own parameter defaults do not count: for a caller that passes every argument.
    """
    root = stood_for(root)
    kept = _KEPT.get((id(root), defaults))
    if kept is None or not kept.holds():
        if len(_KEPT) >= LIMIT:
            _KEPT.clear()  # each keeps its root alive; code made anew for every call must not fill the memory
        kept = _KEPT[id(root), defaults] = _fingerprint(root, defaults)
    return kept


LIMIT = 4096
_KEPT: dict[tuple[int, bool], CodeFingerprint] = {}


def _fingerprint(root: object, defaults: bool) -> CodeFingerprint:
    try:
        graph = trace(root, describe, defaults=defaults)
    except UnfingerprintableError as error:
        where = getattr(error, "__notes__", [""])[-1]
        raise error.within(where) from error.__cause__
    own = tuple(_own(node, graph.attributes) for node in graph.nodes)
    rows = [part for digest, node in zip(own, graph.nodes, strict=True) for part in (digest, _edges(node))]
    return CodeFingerprint(seal("graph", [RUNTIME.encode(), *rows]), graph, own)


def _edges(node: Node) -> bytes:
    return pack(f"<{len(node.edges)}Q", *node.edges) + "\0".join(node.labels).encode(errors="surrogatepass")


def _own(node: Node, attributes: frozenset[str]) -> Digest:
    """What a node is apart from what it refers to. Names of modules do not count: code may move."""
    if isinstance(node.own, Digest):
        return node.own
    parts = [
        str(part).encode(errors="surrogatepass") for part in (node.own if isinstance(node.own, tuple) else (node.own,))
    ]
    if node.kind == "function":
        parts.append(code_digest(node.subject.__code__))  # type: ignore[attr-defined]
    if node.kind in ("function", "class"):
        parts += _text(node.subject, attributes)
    return seal(node.kind, parts)


def _text(subject: object, attributes: frozenset[str]) -> list[bytes]:
    """Docstring and annotations count only where code in reach could read them."""
    parts = []
    if not READS_DOCS.isdisjoint(attributes):
        parts.append(f"doc {subject.__doc__} {_docs(subject)}".encode(errors="surrogatepass"))
    if not READS_ANNOTATIONS.isdisjoint(attributes):
        parts.append(f"annotations {_annotations(subject)}".encode(errors="surrogatepass"))
    return parts


def _docs(subject: object) -> list[object]:
    """Docstrings of the functions and classes that stand within a function's code."""
    found: list[object] = []
    pending = [getattr(subject, "__code__", None)]
    while pending:
        code = pending.pop()
        for inner in nested(code) if code else ():
            found.append(inner.co_consts[:1] if inner.co_flags & NEWLOCALS else [*filter(_is_text, inner.co_consts)])
            pending.append(inner)
    return found


def _is_text(constant: object) -> bool:
    return isinstance(constant, str)


NEWLOCALS = 0x2  # set for functions, not for class bodies


def _annotations(subject: object) -> list[str]:
    if isinstance(subject, type):
        return list(classes.annotated(subject))
    notes = getattr(subject, "__annotations__", {})
    return [
        f"{name}: {note if isinstance(note, str) else getattr(note, '__qualname__', note)}"
        for name, note in notes.items()
    ]
