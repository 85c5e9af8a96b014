"""Values that need no taking apart: plain scalars, and flat containers of them, as marshal writes them."""

from __future__ import annotations

from marshal import dumps
from types import EllipsisType, NoneType

from everfresh_fingerprint.digest import Digest, digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Of exactly these types (never a subclass) marshal's version 2 writes type and value, and nothing else: no identity,
# no interning. Other types it would flatten: any buffer becomes bytes.
LEAVES = frozenset({int, float, complex, str, bytes, bool, NoneType, EllipsisType})
FLAT = frozenset({list, tuple, set, frozenset, dict})

# The first byte of a part tells what it is; marshal's own codes are ASCII, so these cannot be taken for one.
DIGEST, CODE, NODE = b"\xff", b"\xfe", b"\xfd"

NAN = float("nan")


def leaf(value: Any) -> bytes | None:
    """The part for a value that needs no taking apart, None for any other."""
    cls = type(value)
    if cls in LEAVES:
        return scalar(value)
    if cls in FLAT and _is_flat(value, cls):
        return DIGEST + digest(dumps(value, 2))
    if cls is Digest:
        return DIGEST + bytes(value)
    return None


def scalar(value: Any) -> bytes:
    """One spelling for every NaN: which of them an operation gives depends on the processor."""
    if value == value or type(value) not in (float, complex):  # noqa: PLR0124
        return dumps(value, 2)
    if type(value) is float:
        return dumps(NAN, 2)
    parts = (NAN if part != part else part for part in (value.real, value.imag))  # noqa: PLR0124
    return dumps(complex(*parts), 2)


def _is_flat(value: Any, cls: type) -> bool:
    """Whether a container holds scalars only, so that marshal can write it whole (sets sorted, since Python 3.11)."""
    kinds = set(map(type, value))
    if cls is dict:
        kinds.update(map(type, value.values()))
    return kinds <= LEAVES and (kinds <= STEADY or not _holds_nan(value, cls))


STEADY = LEAVES - {float, complex}


def _holds_nan(value: Any, cls: type) -> bool:
    """A NaN has one spelling of ours, which marshal would not use."""
    numbers = (*value, *value.values()) if cls is dict else value
    try:
        total = sum(numbers)  # a NaN survives every sum, and the sum is quick
        return bool(total != total)  # noqa: PLR0124
    except (TypeError, OverflowError):
        return any(one != one for one in numbers if type(one) is float or type(one) is complex)  # noqa: PLR0124
