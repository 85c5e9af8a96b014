"""Counts by function: what was asked, what was found, what it cost and what it saved."""

from __future__ import annotations

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


class Statistics:
    """Listens to the events of a group."""

    def __init__(self) -> None:
        self._rows: dict[str, Stats] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Hit):
            self._add(event.key.function, hits=1, saved=event.entry.cost - event.seconds)
        elif isinstance(event, Miss):
            self._add(event.key.function, misses=1)
        elif isinstance(event, Stored):
            self._add(event.key.function, cost=event.entry.cost)
        elif isinstance(event, Bypassed):
            self._add(event.function, bypassed=1)

    def of(self, function: str) -> Stats:
        return self._rows.get(function, Stats())

    def _add(self, function: str, **counts: float) -> None:
        row = self.of(function)
        self._rows[function] = row._replace(**{name: getattr(row, name) + more for name, more in counts.items()})  # type: ignore[attr-defined]
