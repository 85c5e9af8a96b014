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
    from types import FunctionType
    from typing import Any

    from everfresh_callgraph.model import Reads, Scanned

    Scan = Callable[[object, str], Scanned]


NAME, GIVEN, LEVEL = attrgetter("__qualname__"), attrgetter("__name__"), attrgetter("level")


class Mark:
    """Stands between two objects' parts: what one loses must not be taken for what the next one gains."""


MARK = Mark()
BETWEEN = (MARK,)
# Of these the length says where one ends and the next begins.
SIZED = (dict, list, tuple, set, frozenset)


class Snapshot:
    """The objects behind some reads, at this moment. With `text`, annotations, too. `scan` sees to what is opaque."""

    def __init__(self, reads: Reads, text: bool, scan: Scan) -> None:
        watched = Watched({cls for cls, _, _ in reads.classes})
        opaque = [row for row in reads.values if not watched.add(row[0])]
        self.opaque = [(value, name, scan(value, name) if seen is UNSEEN else seen) for value, name, seen in opaque]
        functions = [row[0] for row in reads.functions]
        self.classes = [cls for cls, _, _ in reads.classes]
        self.typed = [*self.classes, *(one for one, _ in reads.kinds)]
        bodies = [get_referents(vars(cls))[0] for cls in self.classes]
        notes = _notes(functions, self.classes) if text else []
        held = [*notes, *(cell for cell, _ in reads.cells), *self.classes, *bodies, *watched.found]
        spaces = list(_by_namespace(reads))
        whole = [names for names, present, _ in spaces if type(names) is dict and present == names.keys()]
        self.sized: list[Any] = [*(one for one in held if type(one) in SIZED), *whole]
        others = _marked(one for one in held if type(one) not in SIZED)
        self.holders = (*self.sized, *others, *functions)
        self.dicts = _once([*bodies, *whole, *(names for names, _ in reads.modules), *watched.dicts])
        self.lengths = self.measured()
        known = set(map(id, whole))
        self.names = [(_getter(present), names) for names, present, _ in spaces if id(names) not in known]
        self.absent = [(names, absent) for names, _, absent in spaces if absent]
        self.parents = [cls for cls, _ in reads.subclasses]
        self.loggers = watched.loggers
        self.abstract = reads.abstract
        self.same = Same(self.now())

    def holds(self) -> bool:
        """Whether all is the very same."""
        for names, absent in self.absent:
            if not names.keys().isdisjoint(absent):
                return False
        if self.abstract is not None and self.abstract != registrations():
            return False
        return self.measured() == self.lengths and self.same(self.now())

    def measured(self) -> list[int]:
        return [*map(len, self.sized), *map(len, self.dicts)]

    def now(self) -> tuple[list[object], ...]:
        """All the objects, as they are at this moment, each kind in an order of its own."""
        named: list[object] = [*map(type, self.typed), *map(NAME, self.classes), *map(GIVEN, self.classes)]
        named += map(LEVEL, self.loggers)
        named += chain.from_iterable([present(names) for present, names in self.names])
        named += chain.from_iterable([(MARK, *type.__subclasses__(cls)) for cls in self.parents])
        return get_referents(*self.holders), [*chain.from_iterable(self.dicts)], named


def _marked(objects: Iterable[object]) -> Iterator[object]:
    """Each object, followed by a mark. Functions need none: what they hold begins alike for all."""
    for one in objects:
        yield one
        yield BETWEEN


def _notes(functions: Iterable[FunctionType], classes: Iterable[type]) -> list[object]:
    """The annotations that there are."""
    notes = [*map(function_notes, functions), *(vars(cls).get("__annotations__") for cls in classes)]
    return [note for note in notes if note is not None]


def _once(objects: Iterable[Any]) -> list[Any]:
    return list({id(one): one for one in objects}.values())


def _by_namespace(reads: Reads) -> Iterator[tuple[Mapping[Any, object], set[str], frozenset[str]]]:
    """Each namespace with all the names that were read off it, and those that were not there."""
    grouped: dict[int, tuple[Mapping[str, object], dict[str, object]]] = {}
    for names, name, seen in reads.names:
        grouped.setdefault(id(names), (names, {}))[1][name] = seen
    for names, seen_of in grouped.values():
        present = {name for name, seen in seen_of.items() if seen is not MISSING}
        yield names, present, frozenset(seen_of.keys() - present)


def _getter(present: set[str]) -> Callable[[Any], tuple[object, ...]]:
    """Gets what stands under all of the names."""
    if not present:
        return _nothing
    names = [*present]
    return itemgetter(*names, names[0])


def _nothing(names: object) -> tuple[object, ...]:
    return ()
