"""Bytes -> digest. The only file that knows the digest function."""

from __future__ import annotations

from struct import pack

from xxhash import xxh3_128, xxh3_128_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Buffer = bytes | bytearray | memoryview

# Raised whenever the same value gets another digest than before. It is sealed into every digest, so that digests of
# two versions never meet.
DIGEST_VERSION = 1


class Digest(bytes):
    """Sixteen bytes that stand for a value: xxh3-128, made against accidents, not against adversaries."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<digest {self.hex()[:8]}>"


def digest(data: Buffer) -> Digest:
    """The digest of plain bytes."""
    return Digest(xxh3_128_digest(data))


def digest_pieces(pieces: Iterable[Buffer]) -> Digest:
    """The digest of all pieces in a row: where one ends and the next begins does not count."""
    state = xxh3_128()
    for piece in pieces:
        state.update(piece)
    return Digest(state.digest())


def seal(tag: str, parts: Sequence[bytes]) -> Digest:
    """One digest over many parts. The tag says what they mean; lengths keep ("ab", "c") and ("a", "bc") apart."""
    name = tag.encode()
    frame = pack(f"<{len(parts) + 3}Q", DIGEST_VERSION, len(name), len(parts), *map(len, parts))
    return Digest(xxh3_128_digest(b"".join((frame, name, *parts))))
