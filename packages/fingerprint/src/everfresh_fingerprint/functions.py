"""Function -> CodeFingerprint: recalled from an earlier process where all is as it was, else by a walk."""

from __future__ import annotations

import gc

from everfresh_callgraph.trace import stood_for

from everfresh_fingerprint.code import code_digest
from everfresh_fingerprint.facts import FACTS
from everfresh_fingerprint.guards import bound
from everfresh_fingerprint.settings import DEFAULT
from everfresh_fingerprint.walked import CodeFingerprint, Walked, walked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_fingerprint.settings import FingerprintSettings

# A walk imports modules of the user's, which changes what it has read already; the next one finds them there.
WALKS = 4


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
        return _recalled(root, defaults, settings, asked) or _steady(root, defaults, settings, asked)
    finally:
        if enabled:
            gc.enable()


def _steady(root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str] = frozenset()) -> Walked:
    """Fingerprint until nothing changes meanwhile; what never comes to rest is as it was last seen."""
    for _ in range(1 + WALKS):
        code = walked(root, settings, defaults=defaults, asked=asked)
        if code.graph.steady and bound(code.graph.reads):
            _remember(code, root, defaults, settings)
            break
    FACTS.remember(code.codes(), code_digest)
    return code


def _recalled(
    root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str]
) -> CodeFingerprint | None:
    if FACTS.folder is None:
        return None
    from everfresh_fingerprint.recalled import recall  # it needs pickle, which costs 3 ms

    return recall(root, defaults, settings, asked)


def _remember(code: Walked, root: object, defaults: bool, settings: FingerprintSettings) -> None:
    if FACTS.folder is not None:
        from everfresh_fingerprint.recalled import remember

        remember(code, root, defaults, settings)
