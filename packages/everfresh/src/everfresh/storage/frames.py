"""Parts joined so that no two lists of parts give the same bytes: each part follows its length."""

from __future__ import annotations

import struct

from everfresh.errors import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.storage.objects import Chunk

LENGTH = struct.Struct("<Q")


def frame(*parts: bytes) -> bytes:
    """Join the parts."""
    return b"".join([piece for part in parts for piece in (LENGTH.pack(len(part)), part)])


def unframe(data: Chunk) -> list[bytes]:
    """Give back the parts that `frame` joined."""
    parts = []
    position = 0
    while position < len(data):
        start = position + LENGTH.size
        if start > len(data):
            raise DamagedError("a part has no length")
        (length,) = LENGTH.unpack_from(data, position)
        position = start + length
        if position > len(data):
            raise DamagedError("a part is cut short")
        parts.append(bytes(data[start:position]))
    return parts
