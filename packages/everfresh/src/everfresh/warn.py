"""One warning for one trouble, however many calls meet it."""

from __future__ import annotations

import sys
import warnings

_given: set[str] = set()


def warn_once(message: str, category: type[Warning]) -> None:
    """Warn, unless this very message was given before in this process; points at the user's own line."""
    if message not in _given:
        _given.add(message)
        warnings.warn(message, category, stacklevel=_outside())


def _outside() -> int:
    """How many frames up the first one lies that is not everfresh's own."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("everfresh"):
        level, frame = level + 1, frame.f_back
    return level
