"""One warning for one trouble, however many calls meet it."""

from __future__ import annotations

import sys
import warnings

_given: set[str] = set()


def warn_once(message: str, category: type[Warning]) -> None:
    """Warn, unless this very message was given before in this process; points at the user's own line."""
    known = _without_addresses(message)
    if known not in _given:
        _given.add(known)
        warnings.warn(message, category, stacklevel=_outside())


def _without_addresses(message: str) -> str:
    import re

    return re.sub(r" at 0x[0-9a-fA-F]+", "", message)


def _outside() -> int:
    """How many frames up the first one lies that is not everfresh's own."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("everfresh"):
        level, frame = level + 1, frame.f_back
    return level
