"""CodeFingerprint -> Trace: the dependencies of an answer, each with its digest and a line for people."""

from __future__ import annotations

from collections import Counter
from reprlib import Repr

from everfresh_fingerprint.digest import seal
from everfresh_fingerprint.leaves import LEAVES

from everfresh.model import Dependency, Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from everfresh_callgraph.model import Node
    from everfresh_fingerprint.digest import Digest
    from everfresh_fingerprint.functions import CodeFingerprint

SHORT = Repr()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 60
PLAIN = LEAVES | {list, tuple, dict, set, frozenset}


def trace_of(code: CodeFingerprint) -> Trace:
    """List what the code reaches, nearest first, under names that are unique within the trace."""
    met: Counter[str] = Counter()
    rows = []
    for node, digest in zip(code.graph.nodes, code.own, strict=True):
        met[node.name] += 1
        name = node.name if met[node.name] == 1 else f"{node.name} ({met[node.name]})"
        rows.append(Dependency(name, digest, _text(node, digest)))
    return Trace(code.digest, tuple(rows))


def extended(trace: Trace, rows: Sequence[Dependency]) -> Trace:
    """The trace with further dependencies, which come first: they are the caller's own."""
    if not rows:
        return trace
    version = seal("trace", [trace.version, *(row.digest for row in rows)])
    return Trace(version, (*rows, *trace.dependencies))


def _text(node: Node, digest: Digest) -> str:
    if node.kind == "value":
        return value_text(node.subject, digest)
    if node.kind == "stated":
        return f"version {node.subject.__code_version__[1]!r}"  # type: ignore[attr-defined]
    if node.kind in ("constant", "missing"):
        return str(node.own)
    return f"{'code' if node.kind == 'function' else node.kind} {digest.hex()[:8]}"


def value_text(value: object, digest: bytes) -> str:
    """A plain value as it is written, shortened; any other by type and digest: its repr may be slow or wrong."""
    if type(value) in PLAIN and _all_plain(value):
        return SHORT.repr(value)
    return f"{type(value).__qualname__} {digest.hex()[:8]}"


def _all_plain(value: object) -> bool:
    if type(value) in LEAVES:
        return True
    if len(value) > 50:  # type: ignore[arg-type]
        return False
    parts = (*value, *value.values()) if isinstance(value, dict) else value
    return all(type(part) in LEAVES for part in parts)  # type: ignore[attr-defined]
