"""The hidden random generators behind `random.random()`, `numpy.random.rand()` and their like."""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, MethodType

HIDDEN = {"random": ("random", "_inst"), "numpy.random": ("numpy.random.mtrand", "_rand")}


def hidden_generator(subject: object) -> str | None:
    """The module whose hidden generator this is, or is a method of: its state is no value to depend on."""
    kind = type(subject)
    owner = subject.__self__ if kind is BuiltinFunctionType or kind is MethodType else subject  # type: ignore[attr-defined]
    for public, (module, name) in HIDDEN.items():
        generator = getattr(sys.modules.get(module), name, None)
        if generator is not None and owner is generator:
            return public
    return None
