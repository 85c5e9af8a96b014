"""The answer of a generator function."""

from __future__ import annotations

from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any


@record
class Yielded:
    """The answer of a generator function: all that it yielded, each written as it was then, and what it returned."""

    items: tuple[bytes, ...]
    result: object

    def again(self) -> Generator[Any, Any, Any]:
        """Yield it all once more; each item is one of the caller's own."""
        from everfresh.storage import pickles

        yield from map(pickles.loads, self.items)
        return self.result
