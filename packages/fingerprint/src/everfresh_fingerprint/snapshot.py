"""What was read, as the very objects that were seen: proved unchanged by a few calls of C.

Sound since each object that was read is held here and compared by identity, and each that can change in place is
compared by all that it refers to, which the garbage collector enumerates; keys of dictionaries, which it passes over,
are compared beside. What holds more than references (arrays, most types made in C) is `opaque`, and digested again.
"""

from __future__ import annotations

from gc import get_referents
from itertools import chain
from operator import attrgetter, itemgetter

from everfresh_callgraph.classes import registrations
from everfresh_callgraph.late import function_notes
from everfresh_callgraph.model import MISSING, UNSEEN

from everfresh_fingerprint.identity import Same
from everfresh_fingerprint.watched import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from everfresh_callgraph.model import Reads, Scanned

    Scan = Callable[[object, str], Scanned]


NAME, LEVEL = attrgetter("__qualname__"), attrgetter("level")


class Mark:
    """Stands between two objects' parts: what one loses must not be taken for what the next one gains."""


MARK = Mark()
BETWEEN = (MARK,)
KEY_BETWEEN = {MARK: None}


class Snapshot:
    """The objects behind some reads, at this moment. With `text`, annotations, too. `scan` sees to what is opaque."""

    def __init__(self, reads: Reads, text: bool, scan: Scan) -> None:
        watched = Watched({cls for cls, _, _ in reads.classes})
        opaque = [row for row in reads.values if not watched.add(row[0])]
        self.opaque = [(value, name, scan(value, name) if seen is UNSEEN else seen) for value, name, seen in opaque]
        bodies = [get_referents(vars(cls))[0] for cls, _, _ in reads.classes]
        functions = [row[0] for row in reads.functions]
        notes: list[object] = [function_notes(function) for function in functions] if text else []
        self.classes = [cls for cls, _, _ in reads.classes]
        notes += [vars(cls).get("__annotations__") for cls in self.classes] if text else []
        cells = [cell for cell, _ in reads.cells]
        self.holders = [*_marked([*notes, *cells, *self.classes, *bodies, *watched.found], BETWEEN), *functions]
        self.dicts = [*_marked([*bodies, *(names for names, _ in reads.modules), *watched.dicts], KEY_BETWEEN)]
        self.names = [(present, names) for names, present, _ in _by_namespace(reads)]
        self.absent = [(names, absent) for names, _, absent in _by_namespace(reads) if absent]
        self.parents = [cls for cls, _ in reads.subclasses]
        self.loggers = watched.loggers
        self.abstract = reads.abstract
        self.same = Same(self.now())

    def holds(self) -> bool:
        """Whether all is the very same."""
        for names, absent in self.absent:
            if not names.keys().isdisjoint(absent):
                return False
        return self.same(self.now()) and (self.abstract is None or self.abstract == registrations())

    def now(self) -> tuple[object, ...]:
        """All the objects, as they are at this moment, each kind in an order of its own."""
        return (
            *get_referents(*self.holders),
            *chain.from_iterable(self.dicts),
            *map(type, self.classes),
            *map(NAME, self.classes),
            *map(LEVEL, self.loggers),
            *chain.from_iterable([present(names) for present, names in self.names]),
            *chain.from_iterable([(MARK, *type.__subclasses__(cls)) for cls in self.parents]),
        )


def _marked(objects: Iterable[object], mark: object) -> Iterator[Any]:
    """Each object, followed by what gives a mark. Functions need none: what they hold begins alike for all."""
    for one in objects:
        yield one
        yield mark


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
