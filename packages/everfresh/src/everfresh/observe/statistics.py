"""Counts by function: what was asked, what was found, what it cost and what it saved."""

from __future__ import annotations

from _thread import get_ident

from everfresh_callgraph.record import record

from everfresh.events import Bypassed, Hit, Miss, Stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.events import Event


@record
class Stats:
    """One function in this process: numbers of calls, and seconds.

    `cost` is the time that the misses took, `saved` the time that the hits did not.
    """

    hits: int = 0
    misses: int = 0
    bypassed: int = 0
    cost: float = 0.0
    saved: float = 0.0


HITS, MISSES, BYPASSED, COST, SAVED = range(5)
NOTHING = (0, 0, 0, 0.0, 0.0)


class Statistics:
    """Listens to the events of a group.

    Each thread adds to rows of its own: so no count is lost, and there is no lock that a fork could leave locked.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], list[float]] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Hit):
            row = self._row(event.key.function)
            row[HITS] += 1
            row[SAVED] += event.entry.cost - event.seconds
        elif isinstance(event, Miss):
            self._row(event.key.function)[MISSES] += 1
        elif isinstance(event, Stored):
            self._row(event.key.function)[COST] += event.entry.cost
        elif isinstance(event, Bypassed):
            self._row(event.function)[BYPASSED] += 1

    def of(self, function: str) -> Stats:
        rows = [row for (name, _), row in list(self._rows.items()) if name == function]
        hits, misses, bypassed, cost, saved = map(sum, zip(NOTHING, *rows, strict=True))
        return Stats(int(hits), int(misses), int(bypassed), cost, saved)

    def _row(self, function: str) -> list[float]:
        """The row of this thread. (One that has ended may leave its number, and its row, to another.)"""
        place = function, get_ident()
        return self._rows.get(place) or self._rows.setdefault(place, list(NOTHING))
