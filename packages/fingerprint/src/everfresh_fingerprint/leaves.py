"""Values that need no taking apart: plain scalars, and flat containers of them, as marshal writes them."""

from __future__ import annotations

from marshal import dumps
from types import EllipsisType, NoneType

from everfresh_fingerprint.digest import Digest, digest, seal
from everfresh_fingerprint.strings import pieces, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Of exactly these types (never a subclass) marshal's version 2 writes type and value, and nothing else: no identity,
# no interning. Other types it would flatten: any buffer becomes bytes.
LEAVES = frozenset({int, float, complex, str, bytes, bool, NoneType, EllipsisType})
FLAT = frozenset({list, tuple, set, frozenset, dict})
FLOATING = frozenset({float, complex})
TEXTUAL = frozenset({str, bytes})
SEQUENCES = frozenset({list, tuple})
FLOATS = {float}
NUMBERS = frozenset({int, float, bool, complex})

# The first byte of a part tells what it is; marshal's own codes are ASCII, so these cannot be taken for one.
DIGEST, CODE, NODE, MEMBER = b"\xff", b"\xfe", b"\xfd", b"\xfc"

# From this size on a text is digested where it lies; marshal would copy it.
LARGE = 1 << 16
# A container with more items than this is not searched for large ones.
FEW = 4096


def leaf(value: Any) -> bytes | None:
    """The part for a value that needs no taking apart, None for any other."""
    cls = type(value)
    if cls in LEAVES:
        return scalar(value)
    if cls in FLAT:
        return flat(value, cls)
    if cls is Digest:
        return DIGEST + bytes(value)
    return None


def scalar(value: Any) -> bytes:
    """One spelling for every NaN: which of them an operation gives depends on the processor."""
    if type(value) in TEXTUAL and len(value) >= LARGE:
        return DIGEST + large(value)
    if value == value or type(value) not in FLOATING:  # noqa: PLR0124
        return dumps(value, 2)
    return dumps(_with_our_nan(value), 2)  # type: ignore[arg-type]


def large(text: str | bytes) -> Digest:
    """The digest that stands for a large text, which is not copied."""
    if isinstance(text, str):
        return seal("large str", [digest(text.encode(errors="surrogatepass"))])
    return seal("large bytes", [digest(text)])


def flat(value: Any, cls: type) -> bytes | None:
    """The part for a container that holds scalars only, which marshal can write whole (sets sorted, since 3.11)."""
    if cls in SEQUENCES and len(value) > FEW and not _is_number(value[0]):
        whole = texts(cls.__name__, pieces(value))
        if whole is not None:
            return DIGEST + whole
    items = [*value, *value.values()] if cls is dict else value
    kinds = _kinds(items)
    if not kinds <= LEAVES or (not kinds.isdisjoint(TEXTUAL) and _holds_large(items)):
        return None
    if not kinds.isdisjoint(FLOATING) and _holds_nan(items, kinds):
        value = _with_our_nans(value, cls)
    return DIGEST + digest(dumps(value, 2))


def _is_number(first: Any) -> bool:
    """Whether texts need not be looked for. (A NaN among them is a value that is missing.)"""
    return type(first) in NUMBERS and first == first  # noqa: PLR0124


def _kinds(items: Any) -> set[type]:
    """The types of the items. Where there are many, they are mostly of one, and counting it is quicker than a set."""
    if len(items) > FEW:
        types = list(map(type, items))
        if types.count(types[0]) == len(types):
            return {types[0]}
        return set(types)
    return set(map(type, items))


def _holds_large(items: Any) -> bool:
    if len(items) > FEW:
        return False
    for one in items:  # noqa: SIM110  (any() takes longer, and most containers are small)
        if type(one) in TEXTUAL and len(one) >= LARGE:
            return True
    return False


def _holds_nan(items: Any, kinds: set[type]) -> bool:
    if kinds == FLOATS:
        total = sum(items)  # a NaN survives every sum, and the sum is quick
        return bool(total != total)  # noqa: PLR0124
    for one in items:  # noqa: SIM110  (as above)
        if one != one:  # noqa: PLR0124
            return True
    return False


def _with_our_nans(value: Any, cls: type) -> object:
    """The container with one spelling for every NaN."""
    if cls is dict:
        return {_with_our_nan(key): _with_our_nan(one) for key, one in value.items()}
    return cls([one if one == one else _with_our_nan(one) for one in value])  # noqa: PLR0124


def _with_our_nan(value: Any) -> object:
    """A new NaN each time: two NaNs are two keys of a dict, unless they are one object."""
    if value == value:  # noqa: PLR0124
        return value
    if type(value) is float:
        return float("nan")
    return complex(*(float("nan") if part != part else part for part in (value.real, value.imag)))  # noqa: PLR0124
