"""What modules have of code: quick to tell, and enough to know that they would still import what they did."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

from everfresh_callgraph.classes import parts
from xxhash import xxh3_128

from everfresh_fingerprint.facts import FACTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Codes = tuple[tuple[str, bytes], ...]

# Stands for the root, which need not be found in a module.
ROOT = ""


def codes_of(root: object, names: Iterable[str]) -> Codes:
    """Digests of the code in modules that are loaded, and of the root."""
    loaded = [(name, sys.modules[name]) for name in names if type(sys.modules.get(name)) is ModuleType]
    return (ROOT, _digest([root])), *((name, _digest(_own(module))) for name, module in loaded)


def have_same_code(root: object, codes: Codes) -> bool:
    """Whether the code in those of the modules that are loaded is what it was."""
    known = dict(codes)
    return all(known[name] == digest for name, digest in codes_of(root, known.keys() - {ROOT}))


def _own(module: ModuleType) -> Iterator[object]:
    for one in vars(module).values():
        if issubclass(type(one), FunctionType | type) and getattr(one, "__module__", "") == module.__name__:
            yield one


def _digest(objects: Iterable[object]) -> bytes:
    total = xxh3_128()
    for one in objects:
        for function in _functions(one):
            total.update(FACTS.raw_digest(function.__code__) or function.__code__.co_code)
    return total.digest()


def _functions(one: object) -> Iterator[FunctionType]:
    if not issubclass(type(one), type):
        found: Iterable[object] = (one,)
    else:
        found = (part for attribute in vars(one).values() for _, part in parts(attribute))
    yield from (part for part in found if type(part) is FunctionType)
