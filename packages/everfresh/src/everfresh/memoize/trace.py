"""CodeFingerprint -> Trace: what an answer depends on, each with its digest and a line for people."""

from __future__ import annotations

from functools import partial
from reprlib import Repr

from everfresh_fingerprint.digest import seal
from everfresh_fingerprint.leaves import LEAVES

from everfresh.model import Dependency, Manifest, Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from everfresh_fingerprint.walked import CodeFingerprint

SHORT = Repr()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 60
PLAIN = LEAVES | {list, tuple, dict, set, frozenset}


def trace_of(code: CodeFingerprint) -> Trace:
    """What the code reaches."""
    return Trace(code.digest, (), Manifest(bytes(code.digest), partial(_manifest, code)))


def _manifest(code: CodeFingerprint) -> bytes:
    from everfresh.storage.manifests import written

    return written(code)


def extended(trace: Trace, rows: Sequence[Dependency]) -> Trace:
    """The trace with further dependencies."""
    if not rows:
        return trace
    version = seal("trace", [trace.version, *(row.digest for row in rows)])
    return Trace(version, (*rows, *trace.dependencies), trace.code)


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
