"""CallGraph -> Digest: one digest over all that a function reaches, and the proof that it still holds."""

from __future__ import annotations

import gc
import sys
from struct import pack
from types import ModuleType

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
# What of a module or of the environment counts hangs on what is asked of it; so do texts, and subclasses.
OPEN = frozenset({"module", "environment"})
ASKED_LATE = READS_TEXT | {"__subclasses__"}

# A walk imports modules of the user's, which changes what it has read already; the next one finds them there.
WALKS = 4


class CodeFingerprint:
    """The digest of all that a function reaches, the graph that it was made of, and the digests of its nodes."""

    __slots__ = ("asked", "digest", "graph", "guard", "hands_out", "own")

    def __init__(self, graph: CallGraph, settings: FingerprintSettings, asked: frozenset[str] = frozenset()) -> None:
        self.graph, self.asked = graph, asked
        self.hands_out = any(node.kind in OPEN or isinstance(node.subject, ModuleType) for node in graph.nodes)
        self.own = tuple(_own(node, graph.attributes) for node in graph.nodes)
        rows = [part for digest, node in zip(self.own, graph.nodes, strict=True) for part in (digest, _edges(node))]
        self.digest = seal("graph", [RUNTIME.encode(), *rows])
        self.guard = Guard(graph.reads, settings.describing, self.text)

    def codes(self) -> Iterator[CodeType]:
        """The code objects of the functions in reach."""
        return (node.subject.__code__ for node in self.graph.nodes if node.kind == "function")  # type: ignore[attr-defined]

    def text(self) -> list[list[bytes]]:
        """What is read of docstrings and annotations."""
        if READS_TEXT.isdisjoint(self.graph.attributes):
            return []
        return [text(node.subject, self.graph.attributes) for node in self.graph.nodes if node.kind in TEXTUAL]

    def wanting(self, asked: frozenset[str]) -> frozenset[str]:
        """Of the names that other code asks for, those that would find more here: what is looked for late."""
        return (asked if self.hands_out else asked & ASKED_LATE) - self.graph.attributes

    def holds(self) -> bool:
        """Whether everything that was read is unchanged, so that the digest still stands."""
        return self.guard.holds()


def code_fingerprint(
    root: object,
    *,
    defaults: bool = True,
    settings: FingerprintSettings = DEFAULT,
    asked: frozenset[str] = frozenset(),
) -> CodeFingerprint:
    """Fingerprint all that a function, class or module reaches; kept, and proved again at each use.

    With `defaults=False` the root's own parameter defaults do not count: for a caller that passes every argument.
    `asked` are attributes that other code reads off what this code hands out.
    """
    root = stood_for(root)
    key = (id(root), defaults, settings, asked)
    kept = _KEPT.get(key)
    if kept is None or not kept.holds():
        if len(_KEPT) >= LIMIT:
            _KEPT.clear()  # each keeps its root alive; code made anew for every call must not fill the memory
        kept = _KEPT[key] = _undisturbed(root, defaults, settings, asked)
    return kept


LIMIT = 4096
_KEPT: dict[tuple[int, bool, FingerprintSettings, frozenset[str]], CodeFingerprint] = {}


def _undisturbed(
    root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str] = frozenset()
) -> CodeFingerprint:
    """Fingerprint without the collector of garbage: a walk makes none, and each round looks at all it has made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return _steady(root, defaults, settings, asked)
    finally:
        if enabled:
            gc.enable()


def _steady(
    root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str] = frozenset()
) -> CodeFingerprint:
    """Fingerprint until nothing changes meanwhile; what never comes to rest is as it was last seen."""
    code = _fingerprint(root, defaults, settings, asked)
    for _ in range(WALKS):
        if code.graph.steady and bound(code.graph.reads):
            break
        code = _fingerprint(root, defaults, settings, asked)
    FACTS.remember(code.codes(), code_digest)
    return code


def _fingerprint(
    root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str] = frozenset()
) -> CodeFingerprint:
    try:
        graph = trace(root, settings.describing(), defaults=defaults, scope=settings.scope, asked=asked)
        return CodeFingerprint(graph, settings, asked)
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
