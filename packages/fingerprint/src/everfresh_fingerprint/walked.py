"""CallGraph -> Digest: one digest over all that a function reaches, and the proof that it still holds."""

from __future__ import annotations

import sys
from struct import pack
from types import ModuleType

from everfresh_callgraph import scope
from everfresh_callgraph.purity import impurities
from everfresh_callgraph.trace import trace

from everfresh_fingerprint.code import code_digest
from everfresh_fingerprint.digest import Digest, seal
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.guards import Guard, hold
from everfresh_fingerprint.texts import READS_TEXT, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from everfresh_callgraph.model import BlindSpot, CallGraph, Node, Reads
    from everfresh_callgraph.purity import Impurity

    from everfresh_fingerprint.settings import FingerprintSettings

# Opcodes and the standard library are those of one interpreter: its full version is part of every code digest.
RUNTIME = f"{sys.implementation.cache_tag} {scope.PYTHON}"

TEXTUAL = ("function", "class")
# What of a module or of the environment counts hangs on what is asked of it; so do texts, and subclasses.
OPEN = frozenset({"module", "environment"})
ASKED_LATE = READS_TEXT | {"__subclasses__"}


class CodeFingerprint:
    """The digest of all that a function reaches, and the proof that it still stands.

    `attributes` are the names that the code asks for, and `hands_out` tells whether what counts of it hangs on what
    other code asks; `asked` are names that other code did ask for. `graph` is what the digest was made of, and `own`
    the digests of its nodes.
    """

    __slots__ = ("asked", "attributes", "blind_spots", "digest", "guard", "hands_out")

    digest: Digest
    attributes: frozenset[str]
    blind_spots: tuple[BlindSpot, ...]
    hands_out: bool
    guard: Guard

    def __init__(self, asked: frozenset[str]) -> None:
        self.asked = asked

    @property
    def graph(self) -> CallGraph:
        raise NotImplementedError

    @property
    def own(self) -> tuple[Digest, ...]:
        raise NotImplementedError

    @property
    def impurities(self) -> tuple[Impurity, ...]:
        """What in reach can give another answer another time."""
        raise NotImplementedError

    def wanting(self, asked: frozenset[str]) -> frozenset[str]:
        """Of the names that other code asks for, those that would find more here: what is looked for late."""
        return (asked if self.hands_out else asked & ASKED_LATE) - self.attributes

    def holds(self) -> bool:
        """Whether everything that was read is unchanged, so that the digest still stands."""
        return self.guard.holds()


class Walked(CodeFingerprint):
    """Made by a walk."""

    __slots__ = ("_graph", "_impurities", "_own", "written")

    def __init__(self, graph: CallGraph, settings: FingerprintSettings, asked: frozenset[str] = frozenset()) -> None:
        super().__init__(asked)
        self.attributes, self.blind_spots = graph.attributes, graph.blind_spots
        self.hands_out = any(node.kind in OPEN or isinstance(node.subject, ModuleType) for node in graph.nodes)
        self._graph = graph
        self._impurities: tuple[Impurity, ...] | None = None
        self._own = tuple(_own(node, graph.attributes) for node in graph.nodes)
        rows = [part for digest, node in zip(self.own, graph.nodes, strict=True) for part in (digest, _edges(node))]
        self.digest = seal("graph", [RUNTIME.encode(), *rows])
        self.written = self.text()

        def look() -> Reads | None:
            return graph.reads if hold(graph.reads, settings.describing()) and self.text() == self.written else None

        self.guard = Guard(look, settings.describing, bool(self.written))

    @property
    def graph(self) -> CallGraph:
        return self._graph

    @property
    def own(self) -> tuple[Digest, ...]:
        return self._own

    @property
    def impurities(self) -> tuple[Impurity, ...]:
        if self._impurities is None:
            self._impurities = impurities(self.graph)
        return self._impurities

    def codes(self) -> Iterator[CodeType]:
        """The code objects of the functions in reach."""
        return (node.subject.__code__ for node in self.graph.nodes if node.kind == "function")  # type: ignore[attr-defined]

    def text(self) -> list[list[bytes]]:
        """What is read of docstrings and annotations."""
        if READS_TEXT.isdisjoint(self.attributes):
            return []
        return [text(node.subject, self.attributes) for node in self.graph.nodes if node.kind in TEXTUAL]


def walked(
    root: object, settings: FingerprintSettings, *, defaults: bool = True, asked: frozenset[str] = frozenset()
) -> Walked:
    """Walk through all that a root reaches, and digest it."""
    try:
        graph = trace(root, settings.describing(), defaults=defaults, scope=settings.scope, asked=asked)
        return Walked(graph, settings, asked)
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
