"""A cheap proof that what a call graph was made of is unchanged: the same objects under the same names.

Sound since every object that was read is compared by identity, and what identity does not settle (a value that can
change in place) is digested again. It errs to one side only: an equal object that is another one means a new walk.
"""

from __future__ import annotations

from everfresh_callgraph.classes import registrations
from everfresh_callgraph.model import MISSING, NOTED_BY_PICKLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from everfresh_callgraph.model import Reads, Scanned


def hold(reads: Reads, scan: Callable[[object], Scanned]) -> bool:
    """Whether everything that was read still is as it was seen."""
    try:
        return _names(reads) and _functions(reads) and _cells(reads) and _classes(reads) and _values(reads, scan)
    except Exception:  # a name that is gone, a value that lost its fingerprint: walk again, and say it there
        return False


def _names(reads: Reads) -> bool:
    for names, name, seen in reads.names:
        if names.get(name, MISSING) is not seen:
            return False
    if reads.abstract is not None and reads.abstract != registrations():
        return False
    return all(names.keys() == before for names, before in reads.modules)


def _functions(reads: Reads) -> bool:
    for function, code, defaults, kwdefaults in reads.functions:
        if (
            function.__code__ is not code
            or function.__defaults__ is not defaults
            or function.__kwdefaults__ is not kwdefaults
        ):
            return False
    return True


def _cells(reads: Reads) -> bool:
    for cell, seen in reads.cells:
        try:
            if cell.cell_contents is not seen:
                return False
        except ValueError:
            if seen is not MISSING:
                return False
    return True


def _classes(reads: Reads) -> bool:
    for cls, origin, body in reads.classes:
        now = vars(cls)
        if (type(cls), *cls.__bases__) != origin or len(now) - (NOTED_BY_PICKLE in now) != len(body):
            return False
        for name, seen in body:
            if now[name] is not seen:
                return False
    return True


def _values(reads: Reads, scan: Callable[[object], Scanned]) -> bool:
    for value, seen in reads.values:
        now = scan(value)
        if now.summary != seen.summary or len(now.references) != len(seen.references):
            return False
        for one, other in zip(now.references, seen.references, strict=True):
            if one is not other:
                return False
    return True
