"""Value -> the code that it holds, found by what the garbage collector sees. Needs no rule for any type."""

from __future__ import annotations

from collections import deque
from gc import get_referents
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType

from everfresh_callgraph.generators import hidden_generator
from everfresh_callgraph.model import Scanned
from everfresh_callgraph.scope import IMMUTABLE

LIMIT = 10_000
CODE = FunctionType | type | ModuleType


def is_code(subject: object) -> bool:
    """Whether a walk treats the object as code: something that is followed, not described."""
    # By the type itself: isinstance would ask the object, and a proxy answers for what it wraps.
    kind = type(subject)
    if kind is BuiltinFunctionType or kind is MethodType:
        owner = subject.__self__  # type: ignore[attr-defined]
        if type(owner) is ModuleType or hidden_generator(subject) is not None:
            return True
        return kind is BuiltinFunctionType and is_in_c(owner) and not subject.__name__.startswith("_")  # type: ignore[attr-defined]
    return issubclass(kind, CODE)


def is_in_c(owner: object) -> bool:
    """Whether this is a class that is made in C: a method that is bound to it is a function like any other.

    (Not those that only pickle knows.)
    """
    return issubclass(type(owner), type) and bool(owner.__flags__ & IMMUTABLE)  # type: ignore[attr-defined]


def contents(value: object, name: str = "") -> Scanned:
    """Find functions, classes and modules in a value, at most `LIMIT` objects deep into it."""
    seen: dict[int, object] = {}
    found: dict[int, object] = {}
    queue = deque([value])
    while queue and len(seen) < LIMIT:
        subject = queue.popleft()
        if id(subject) in seen or type(subject) in (CodeType, FrameType):
            continue
        seen[id(subject)] = subject
        if is_code(subject):
            found[id(subject)] = subject
        else:
            queue.extend((type(subject), *get_referents(subject)))
    return Scanned(type(value).__qualname__, tuple(found.values()), immutable=False)
