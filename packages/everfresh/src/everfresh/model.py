"""The words of the design as records: what was asked, what the answer depended on, what is kept of it."""

from __future__ import annotations

from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


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
class Manifest:
    """What the code in reach is, for people: the same for all answers of one `version`, and kept once for them.

    `read` gives it as bytes, none where it is not known any more.
    """

    version: bytes
    read: Callable[[], bytes]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Manifest) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)


@record
class Trace:
    """What an answer depended on: the code in reach, and further dependencies; `version` is one digest over all."""

    version: bytes
    dependencies: tuple[Dependency, ...]
    code: Manifest | None = None


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
    """A dependency that no longer holds: what it was and what it is now, as a person would write them.

    `text` says it in one line, `diff` is a unified diff of source, where there is any.
    """

    name: str
    before: str
    after: str
    text: str = ""
    diff: str = ""

    def __str__(self) -> str:
        return self.text or f"{self.name}: {self.before} -> {self.after}"


# So many changes are told in a line.
SHOWN = 4


@record
class Reason:
    """Why a lookup missed: `absent`, `stale` (with the changes), `lost` or `damaged`."""

    kind: str
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        if not self.changes:
            return self.kind
        more = len(self.changes) - SHOWN
        told = [*map(str, self.changes[:SHOWN]), *([f"and {more} more"] if more > 0 else [])]
        return f"{self.kind} ({'; '.join(told)})"


@record
class How:
    """How an answer is written: by which serializer, compressed how, and whether it has to be on the disk first."""

    serializer: str = "pickle"
    compression: str = "none"
    durable: bool = False


@record
class Found:
    """A kept answer whose trace still holds."""

    value: object
    entry: Entry
