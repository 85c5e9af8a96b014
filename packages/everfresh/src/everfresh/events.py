"""Everything that can happen to a call or an entry. The core emits these; logs, statistics and reports subscribe."""

from __future__ import annotations

from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from everfresh.model import Entry, Key, Reason


@record
class Hit:
    """The call was answered from the cache in `seconds`, all told; computing it had taken `entry.cost` seconds."""

    key: Key
    entry: Entry
    seconds: float


@record
class Miss:
    """The cache had no answer that still holds; the function runs."""

    key: Key
    reason: Reason


@record
class Stored:
    """The function ran for `entry.cost` seconds and its answer is kept."""

    key: Key
    entry: Entry


@record
class Bypassed:
    """The function ran, and its answer was neither looked up nor kept, because of `problem`."""

    function: str
    problem: str


@record
class Evicted:
    """The entry went to make room."""

    entry: Entry


@record
class Invalidated:
    """So many entries of the function (all functions when None) went because the user asked."""

    function: str | None
    entries: int


@record
class Damaged:
    """Something kept could not be read or written; the function runs instead."""

    what: str
    problem: str


if TYPE_CHECKING:
    Event: TypeAlias = Hit | Miss | Stored | Bypassed | Evicted | Invalidated | Damaged
    Listener: TypeAlias = Callable[[Event], None]
