"""What was read, as the very objects that were seen: proved unchanged by a few calls of C.

Sound since each object that was read is held here and compared by identity, and each that can change in place is
compared by all that it refers to, which the garbage collector enumerates; keys of dictionaries, which it passes over,
are compared beside. What holds more than references (arrays, most types made in C) is `opaque`, and digested again.
"""

from __future__ import annotations

from gc import get_referents
from itertools import chain
from operator import itemgetter

from everfresh_callgraph.classes import registrations
from everfresh_callgraph.late import function_notes
from everfresh_callgraph.model import MISSING

from everfresh_fingerprint.identity import Same
from everfresh_fingerprint.watched import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from everfresh_callgraph.model import Reads


class Snapshot:
    """The objects behind some reads, at this moment. With `text`, the annotations of the functions among them."""

    def __init__(self, reads: Reads, text: bool) -> None:
        watched = Watched()
        self.opaque = tuple(row for row in reads.values if not watched.add(row[0]))
        bodies = [get_referents(vars(cls))[0] for cls, _, _ in reads.classes]
        functions = [row[0] for row in reads.functions]
        notes = [function_notes(function) for function in functions] if text else []
        self.classes = [cls for cls, _, _ in reads.classes]
        self.holders = [*functions, *notes, *(cell for cell, _ in reads.cells), *self.classes, *bodies, *watched.found]
        self.dicts = [*bodies, *(names for names, _ in reads.modules), *watched.dicts]
        self.names = list(_by_namespace(reads))
        self.parents = [cls for cls, _ in reads.subclasses]
        self.abstract = reads.abstract
        self.seen = [Same(now) for now in self.now()]

    def holds(self) -> bool:
        """Whether all is the very same."""
        for names, _, absent in self.names:
            if not names.keys().isdisjoint(absent):
                return False
        for same, now in zip(self.seen, self.now(), strict=True):
            if not same(now):
                return False
        return self.abstract is None or self.abstract == registrations()

    def now(self) -> Iterator[tuple[object, ...]]:
        """All the objects, as they are at this moment."""
        for names, present, _ in self.names:
            yield present(names)
        yield tuple(get_referents(*self.holders))
        yield tuple(chain.from_iterable(self.dicts))
        yield tuple(map(type, self.classes))
        yield tuple(chain.from_iterable(map(type.__subclasses__, self.parents)))


def _by_namespace(
    reads: Reads,
) -> Iterator[tuple[Mapping[Any, object], Callable[[Any], tuple[object, ...]], frozenset[str]]]:
    """Each namespace with what gets all the names that were read off it, and those that were not there."""
    grouped: dict[int, tuple[Mapping[str, object], dict[str, object]]] = {}
    for names, name, seen in reads.names:
        grouped.setdefault(id(names), (names, {}))[1][name] = seen
    for names, seen_of in grouped.values():
        present = [name for name, seen in seen_of.items() if seen is not MISSING]
        absent = frozenset(seen_of.keys() - set(present))
        yield names, itemgetter(*present, *present[:1]) if present else _nothing, absent


def _nothing(names: object) -> tuple[object, ...]:
    return ()
