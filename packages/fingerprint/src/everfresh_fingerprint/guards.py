"""A cheap proof that what a call graph was made of is unchanged.

Two tiers. A snapshot says in a few calls of C that everything is the very same object; where it is not, `hold` looks
closer, by name and by digest, since an equal object in place of another changes nothing. Both err to one side only:
a doubt means a new walk.
"""

from __future__ import annotations

from everfresh_callgraph.classes import registrations
from everfresh_callgraph.model import MISSING, NOTED_BY_PICKLE

from everfresh_fingerprint.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from everfresh_callgraph.model import Reads, Scanned

    Scan = Callable[[object, str], Scanned]


class Guard:
    """Tells whether everything that was read still is as it was.

    `look` looks closer, and gives what is to be watched from now on, or None where something is another thing.
    `scanning` gives, for each look, what describes values; with `text`, annotations are watched as well.
    """

    __slots__ = ("look", "scanning", "snapshot", "text")

    def __init__(self, look: Callable[[], Reads | None], scanning: Callable[[], Scan], text: bool) -> None:
        self.look, self.scanning, self.text = look, scanning, text
        self.snapshot: Snapshot | None = None

    def holds(self) -> bool:
        try:
            return self.is_the_same() or self.is_equal()
        except Exception:  # a name that is gone, a value that lost its fingerprint: walk again, and say it there
            return False

    def is_the_same(self) -> bool:
        snapshot = self.snapshot
        return snapshot is not None and snapshot.holds() and _described(snapshot.opaque, self.scanning())

    def is_equal(self) -> bool:
        reads = self.look()
        if reads is not None:
            self.snapshot = Snapshot(reads, self.text, self.scanning())
        return reads is not None


def hold(reads: Reads, scan: Scan) -> bool:
    """Whether everything that was read is equal to what was seen."""
    return bound(reads) and _described(reads.values, scan)


def bound(reads: Reads) -> bool:
    """Whether all names, of modules, functions, captured variables and classes, mean what they did."""
    return _kinds(reads) and _names(reads) and _functions(reads) and _cells(reads) and _classes(reads)


def _kinds(reads: Reads) -> bool:
    """A module can be given another class, which answers for its attributes."""
    return all(type(one) is kind for one, kind in reads.kinds)


def _names(reads: Reads) -> bool:
    for names, name, seen in reads.names:
        if names.get(name, MISSING) is not seen:
            return False
    if reads.abstract is not None and reads.abstract != registrations():
        return False
    return all(names.keys() == before for names, before in reads.modules)


def _functions(reads: Reads) -> bool:
    for function, code, defaults, kwdefaults, attributes in reads.functions:
        if (
            function.__code__ is not code
            or function.__dict__ is not attributes
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
        if (type(cls), cls.__qualname__, cls.__name__, *cls.__bases__) != origin:
            return False
        if len(now) - (NOTED_BY_PICKLE in now) != len(body):
            return False
        for name, seen in body:
            if now[name] is not seen:
                return False
    return all(tuple(type.__subclasses__(cls)) == seen for cls, seen in reads.subclasses)


def _described(values: Iterable[tuple[object, str, Scanned]], scan: Scan) -> bool:
    for value, name, seen in values:
        now = scan(value, name)
        if now.summary != seen.summary or len(now.references) != len(seen.references):
            return False
        for one, other in zip(now.references, seen.references, strict=True):
            if one is not other:
                return False
    return True
