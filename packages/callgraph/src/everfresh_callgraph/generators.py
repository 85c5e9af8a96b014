"""The hidden random generators behind `random.random()`, `numpy.random.rand()` and their like."""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, MethodType

HIDDEN = {"random": ("random", "_inst"), "numpy.random": ("numpy.random.mtrand", "_rand")}


def hidden_generator(subject: object) -> str | None:
    """The module whose hidden generator this is a method of: its state is no value that an answer should depend on."""
    if type(subject) is BuiltinFunctionType or type(subject) is MethodType:
        for public, (module, name) in HIDDEN.items():
            generator = getattr(sys.modules.get(module), name, None)
            if generator is not None and subject.__self__ is generator:
                return public
    return None
