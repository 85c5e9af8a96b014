"""Stores around stores: what one of them writes, the one inside keeps."""

from __future__ import annotations

import hmac

from everfresh.errors import DamagedError
from everfresh.settings import LEAST_KEY
from everfresh.storage import codecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from everfresh.storage.objects import Buffer, Chunk, ObjectStore

COMPRESSED = b"\x8eeverz\r\n"
METHOD = 8
# A smaller object takes a block of the disk anyhow.
SMALL = 4096

SIGNED = b"\x8eevers\r\n"
SEAL = 32
SIGNATURE = len(SIGNED) + SEAL


class Layer:
    """A store that adds nothing."""

    def __init__(self, inner: ObjectStore) -> None:
        self.inner = inner
        self.path: str = getattr(inner, "path", "the cache")

    def get(self, name: bytes) -> Buffer | None:
        return self.inner.get(name)

    def put(self, name: bytes, chunks: Iterable[Chunk]) -> int:
        return self.inner.put(name, chunks)

    def delete(self, name: bytes) -> None:
        self.inner.delete(name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.inner)

    def size(self, name: bytes) -> int | None:
        return self.inner.size(name)

    def sweep(self, before: float) -> int:
        return self.inner.sweep(before)


class Compressed(Layer):
    """Compresses objects by `method` (`none`: not). Each says how it is compressed, so all are read, whatever it is.

    A compressed object is read and never mapped.
    """

    def __init__(self, inner: ObjectStore, method: str) -> None:
        super().__init__(inner)
        self.method = codecs.chosen(method)

    def get(self, name: bytes) -> Buffer | None:
        buffer = self.inner.get(name)
        if buffer is None or buffer[: len(COMPRESSED)] != COMPRESSED:
            return buffer
        start = len(COMPRESSED) + METHOD
        method = bytes(buffer[len(COMPRESSED) : start]).rstrip().decode("latin-1")
        return codecs.expand(method, memoryview(buffer)[start:])

    def put(self, name: bytes, chunks: Iterable[Chunk]) -> int:
        chunks = list(chunks)
        if self.method != codecs.NONE and sum(map(len, chunks)) >= SMALL:
            return self.inner.put(name, _compressed(self.method, chunks))
        if _beginning(chunks) == COMPRESSED:  # lest it be taken for one that is
            chunks = [COMPRESSED + codecs.NONE.encode().ljust(METHOD), *chunks]
        return self.inner.put(name, chunks)


class Signed(Layer):
    """Signs objects by a key (HMAC-SHA256), and gives back those alone that are signed by it and unaltered.

    The name and `kind` are signed along: one object cannot pass for another. What is given was read into memory first
    and checked there, so that nobody can alter it afterwards; give it a store that does not map.
    """

    def __init__(self, inner: ObjectStore, key: bytes, kind: bytes = b"object") -> None:
        super().__init__(inner)
        if len(key) < LEAST_KEY:
            raise ValueError(f"a key of {len(key)} bytes can be guessed: give at least {LEAST_KEY}")
        self.key = key
        self.kind = kind

    def get(self, name: bytes) -> Buffer | None:
        found = self.inner.get(name)
        if found is None:
            return None
        buffer = found if isinstance(found, bytearray) else bytearray(found)
        self._check(name, buffer)
        del buffer[-SIGNATURE:]
        return buffer

    def put(self, name: bytes, chunks: Iterable[Chunk]) -> int:
        seal = self._begun(name)
        chunks = list(chunks)
        for chunk in chunks:
            seal.update(chunk)
        return self.inner.put(name, [*chunks, SIGNED + seal.digest()])

    def _check(self, name: bytes, buffer: bytearray) -> None:
        end = len(buffer) - SIGNATURE
        if end < 0 or buffer[end : end + len(SIGNED)] != SIGNED:
            raise DamagedError("it is not signed")
        seal = self._begun(name)
        with memoryview(buffer) as view, view[:end] as signed:
            seal.update(signed)
        if not hmac.compare_digest(seal.digest(), buffer[-SEAL:]):
            raise DamagedError("its signature does not match: it was altered, or signed with another key")

    def _begun(self, name: bytes) -> hmac.HMAC:
        return hmac.new(self.key, b"everfresh %d %b %d %b" % (len(self.kind), self.kind, len(name), name), "sha256")


def _beginning(chunks: list[Chunk]) -> bytes:
    found = b""
    for chunk in chunks:
        found += bytes(chunk[: len(COMPRESSED) - len(found)])
        if len(found) == len(COMPRESSED):
            break
    return found


def _compressed(method: str, chunks: list[Chunk]) -> Iterator[Chunk]:
    yield COMPRESSED + method.encode().ljust(METHOD)
    packer = codecs.packer(method)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
