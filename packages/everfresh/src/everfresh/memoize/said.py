"""What a function, a group and the settings may say of calls, in this order: who says nothing leaves it to the next."""

from __future__ import annotations

from everfresh_callgraph.record import record

from everfresh.settings import writes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from everfresh.storage.serializers import Serializer


@record
class Said:
    """None: nothing is said. What each means is told by MemoizedGroup and memoize."""

    strict: bool | None = None
    disable: bool | None = None
    writes: str | None = None
    single_flight: bool | None = None
    durable: bool | None = None
    serializer: str | Serializer | None = None
    compression: str | None = None


NAMES: tuple[str, ...] = Said._fields  # type: ignore[attr-defined]


def said(given: Mapping[str, object]) -> Said:
    """What is said by options; raises ValueError or TypeError that names the option and what there is."""
    found = {name: given[name] for name in NAMES if given.get(name) is not None}
    for name in found.keys() & CHECKS.keys():
        CHECKS[name](found[name])
    return Said(**found)  # type: ignore[arg-type]


def serializer(value: object) -> str:
    """The name of the serializer, which is known by it from now on."""
    from everfresh.storage.serializers import chosen

    return chosen(value)  # type: ignore[arg-type]


def compression(value: object) -> str:
    """The way to compress, if it can be used here."""
    from everfresh.storage.codecs import chosen

    return chosen(value)  # type: ignore[arg-type]


CHECKS: dict[str, Callable[[object], object]] = {
    "writes": writes,
    "serializer": serializer,
    "compression": compression,
}
