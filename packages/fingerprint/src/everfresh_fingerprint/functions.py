"""CallGraph -> Digest: one digest over all that a function reaches, and the proof that it still holds."""

from __future__ import annotations

import gc
import sys
from struct import pack

from everfresh_callgraph import scope
from everfresh_callgraph.trace import stood_for, trace

from everfresh_fingerprint.code import code_digest
from everfresh_fingerprint.digest import Digest, seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.facts import FACTS
from everfresh_fingerprint.guards import Guard, bound
from everfresh_fingerprint.settings import DEFAULT
from everfresh_fingerprint.texts import READS_TEXT, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from everfresh_callgraph.model import CallGraph, Node

    from everfresh_fingerprint.settings import FingerprintSettings

# Opcodes and the standard library are those of one interpreter: its full version is part of every code digest.
RUNTIME = f"{sys.implementation.cache_tag} {scope.PYTHON}"

TEXTUAL = ("function", "class")

# A walk imports modules of the user's, which changes what it has read already; the next one finds them there.
WALKS = 4


class CodeFingerprint:
    """The digest of all that a function reaches, the graph that it was made of, and the digests of its nodes."""

    __slots__ = ("digest", "graph", "guard", "own")

    def __init__(self, graph: CallGraph, settings: FingerprintSettings) -> None:
        self.graph = graph
        self.own = tuple(_own(node, graph.attributes) for node in graph.nodes)
        rows = [part for digest, node in zip(self.own, graph.nodes, strict=True) for part in (digest, _edges(node))]
        self.digest = seal("graph", [RUNTIME.encode(), *rows])
        self.guard = Guard(graph.reads, settings.describe, self.text)

    def codes(self) -> Iterator[CodeType]:
        """The code objects of the functions in reach."""
        return (node.subject.__code__ for node in self.graph.nodes if node.kind == "function")  # type: ignore[attr-defined]

    def text(self) -> list[list[bytes]]:
        """What is read of docstrings and annotations."""
        if READS_TEXT.isdisjoint(self.graph.attributes):
            return []
        return [text(node.subject, self.graph.attributes) for node in self.graph.nodes if node.kind in TEXTUAL]

    def holds(self) -> bool:
        """Whether everything that was read is unchanged, so that the digest still stands."""
        return self.guard.holds()


def code_fingerprint(
    root: object, *, defaults: bool = True, settings: FingerprintSettings = DEFAULT
) -> CodeFingerprint:
    """Fingerprint all that a function, class or module reaches; kept, and proved again at each use.

    With `defaults=False` the root's own parameter defaults do not count: for a caller that passes every argument.
    """
    root = stood_for(root)
    key = (id(root), defaults, settings)
    kept = _KEPT.get(key)
    if kept is None or not kept.holds():
        if len(_KEPT) >= LIMIT:
            _KEPT.clear()  # each keeps its root alive; code made anew for every call must not fill the memory
        kept = _KEPT[key] = _undisturbed(root, defaults, settings)
    return kept


LIMIT = 4096
_KEPT: dict[tuple[int, bool, FingerprintSettings], CodeFingerprint] = {}


def _undisturbed(root: object, defaults: bool, settings: FingerprintSettings) -> CodeFingerprint:
    """Fingerprint without the collector of garbage: a walk makes none, and each round looks at all it has made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return _steady(root, defaults, settings)
    finally:
        if enabled:
            gc.enable()


def _steady(root: object, defaults: bool, settings: FingerprintSettings) -> CodeFingerprint:
    """Fingerprint until nothing changes meanwhile; what never comes to rest is as it was last seen."""
    code = _fingerprint(root, defaults, settings)
    for _ in range(WALKS):
        if code.graph.steady and bound(code.graph.reads):
            break
        code = _fingerprint(root, defaults, settings)
    FACTS.remember(code.codes(), code_digest)
    return code


def _fingerprint(root: object, defaults: bool, settings: FingerprintSettings) -> CodeFingerprint:
    try:
        graph = trace(root, settings.describe, defaults=defaults, scope=settings.scope)
        return CodeFingerprint(graph, settings)
    except UnfingerprintableError as error:
        where = getattr(error, "__notes__", [""])[-1]
        raise error.within(where) from error.__cause__


def _edges(node: Node) -> bytes:
    return pack(f"<{len(node.edges)}Q", *node.edges) + "\0".join(node.labels).encode(errors="surrogatepass")


def _own(node: Node, attributes: frozenset[str]) -> Digest:
    """What a node is apart from what it refers to. Names of modules do not count: code may move."""
    if isinstance(node.own, Digest):
        return node.own
    own = node.own if isinstance(node.own, tuple) else (node.own,)
    parts = [str(part).encode(errors="surrogatepass") for part in own]
    if node.kind == "function":
        parts.append(code_digest(node.subject.__code__))  # type: ignore[attr-defined]
    if node.kind in TEXTUAL:
        parts += text(node.subject, attributes)
    return seal(node.kind, parts)
