"""The words of the design as records: what was asked, what the answer depended on, what is kept of it."""

from __future__ import annotations

from everfresh_callgraph.record import record


@record
class Key:
    """What is asked: the function's name and the digest of its bound arguments."""

    function: str
    arguments: bytes


@record
class Dependency:
    """One thing that an answer depended on, the digest that it had, and a line that shows it to a person."""

    name: str
    digest: bytes
    text: str


@record
class Trace:
    """What an answer depended on; `version` is one digest over all of it."""

    version: bytes
    dependencies: tuple[Dependency, ...]


@record
class Entry:
    """Facts on one kept answer. `object` names its bytes in the object store; times are seconds since the epoch."""

    key: Key
    version: bytes
    object: bytes
    size: int
    cost: float
    created: float
    used: float
    hits: int


@record
class Change:
    """A dependency that no longer holds: what it was and what it is now, as a person would write them."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name}: {self.before} -> {self.after}"


@record
class Reason:
    """Why a lookup missed: `absent`, `stale` (with the changes), `lost` or `damaged`."""

    kind: str
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} ({'; '.join(map(str, self.changes))})" if self.changes else self.kind


@record
class Found:
    """A kept answer whose trace still holds."""

    value: object
    entry: Entry
