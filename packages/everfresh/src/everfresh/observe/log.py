"""Events as lines of the `everfresh.ops` logger."""

from __future__ import annotations

import logging

from everfresh.events import Bypassed, Damaged, Evicted, Hit, Invalidated, Miss, Stored
from everfresh.units import bytes_text, seconds_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from everfresh.events import Event

logger = logging.getLogger("everfresh.ops")
if not logging.root.handlers and not logger.handlers:  # switched on by a setting: then it is to be seen
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logger.addHandler(handler)
logger.setLevel(logging.INFO)


def log(event: Event) -> None:
    """Write one line for the event."""
    level = logging.WARNING if isinstance(event, Bypassed | Damaged) else logging.INFO
    logger.log(level, "%s", line(event))


def line(event: Event) -> str:
    """One line that says what happened, in the words of the API."""
    return LINES[type(event)](event)


LINES: dict[type, Callable[[Any], str]] = {
    Hit: lambda hit: f"hit {hit.key.function} in {seconds_text(hit.seconds)}, saved {seconds_text(hit.entry.cost)}",
    Miss: lambda miss: f"miss {miss.key.function}: {miss.reason}",
    Stored: lambda stored: (
        f"stored {stored.key.function}: {bytes_text(stored.entry.size)}, took {seconds_text(stored.entry.cost)}"
    ),
    Bypassed: lambda bypassed: f"bypassed {bypassed.function}: {bypassed.problem}",
    Evicted: lambda evicted: f"evicted {evicted.entry.key.function}: {bytes_text(evicted.entry.size)}",
    Invalidated: lambda gone: f"invalidated {gone.function or 'everything'}: {gone.entries} entries",
    Damaged: lambda damaged: f"damaged, could not {damaged.what}: {damaged.problem}",
}
