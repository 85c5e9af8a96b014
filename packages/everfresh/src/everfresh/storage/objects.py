"""Object stores: bytes by name. They know nothing of functions, pickling or eviction."""

from __future__ import annotations

import errno
import os
import sys

from everfresh.storage.mapping import mapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterable, Iterator
    from typing import Protocol, TypeAlias

    Chunk: TypeAlias = bytes | bytearray | memoryview
    Buffer: TypeAlias = bytearray | mmap.mmap

    class ObjectStore(Protocol):
        """Bytes by name, written once and whole."""

        def get(self, name: bytes) -> Buffer | None:
            """Give the object as a buffer of the caller's own: writing to it does not change the store.

            Raises DamagedError where a store that checks what it gives finds it altered.
            """

        def put(self, name: bytes, chunks: Iterable[Chunk]) -> int:
            """Write the object and give the bytes that it takes. It is visible once whole; twice is once."""

        def delete(self, name: bytes) -> None:
            """Remove the object. Absent is fine."""

        def __iter__(self) -> Iterator[bytes]:
            """Go through the names of the objects, in any order."""

        def size(self, name: bytes) -> int | None:
            """Give the bytes that the object takes, None if it is absent."""

        def sweep(self, before: float) -> int:
            """Remove what killed writers left half written and nobody touched since `before` (seconds, epoch)."""


# Windows can neither replace nor remove a file that is mapped, nor one that is read-only.
POSIX = os.name == "posix"
MAPPED = 1 << 20 if POSIX else sys.maxsize
MODE = 0o444 if POSIX else 0o600
BINARY = getattr(os, "O_BINARY", 0)
TEMPORARY = ".tmp"
# From this size on it pays to tell the file system how much will come: it then looks for room once.
ANNOUNCED = 1 << 20
UNANNOUNCED = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENODEV, errno.EPERM}


class Memory:
    """Objects in the memory of this process."""

    def __init__(self) -> None:
        self.objects: dict[bytes, bytes] = {}

    def get(self, name: bytes) -> Buffer | None:
        data = self.objects.get(name)
        return None if data is None else bytearray(data)

    def put(self, name: bytes, chunks: Iterable[Chunk]) -> int:
        data = self.objects[name] = b"".join(chunks)
        return len(data)

    def delete(self, name: bytes) -> None:
        self.objects.pop(name, None)

    def __iter__(self) -> Iterator[bytes]:
        return iter(list(self.objects))

    def size(self, name: bytes) -> int | None:
        data = self.objects.get(name)
        return None if data is None else len(data)

    def sweep(self, before: float) -> int:
        return 0


class Directory:
    """Objects as read-only files `ab/cdef...` of a folder. A large one comes back as a private map of its file.

    `durable` waits until an object is on the disk itself before it is visible. Without `mapped` large objects are read,
    too: for file systems where others may cut a file short. `announced` says that room is looked for in advance.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, durable: bool = False, mapped: bool = True, announced: bool = True
    ) -> None:
        self.path = os.fspath(path)
        self.durable = durable
        self.mapped = MAPPED if mapped else sys.maxsize
        self.announced = announced and hasattr(os, "posix_fallocate")

    def get(self, name: bytes) -> Buffer | None:
        try:
            descriptor = os.open(self._file(name), os.O_RDONLY | BINARY)
        except FileNotFoundError:
            return None
        try:
            size = os.fstat(descriptor).st_size
            found = mapped(descriptor) if size >= self.mapped else None
            return _read(descriptor, size) if found is None else found
        finally:
            os.close(descriptor)

    def put(self, name: bytes, chunks: Iterable[Chunk]) -> int:
        file = self._file(name)
        # In the same folder, for a rename is atomic only within a file system. Random, for a process id says
        # nothing about threads, containers and other machines.
        temporary = f"{file}.{os.urandom(8).hex()}{TEMPORARY}"
        try:
            size = self._write(temporary, chunks)
            _publish(temporary, file)
        except BaseException:
            _discard(temporary)
            raise
        if self.durable:
            _sync_folder(os.path.dirname(file))
        return size

    def delete(self, name: bytes) -> None:
        _unlink(self._file(name))

    def __iter__(self) -> Iterator[bytes]:
        for file in self._files():
            try:
                yield bytes.fromhex(os.path.basename(os.path.dirname(file.path)) + file.name)
            except ValueError:
                continue  # half written, or not ours

    def size(self, name: bytes) -> int | None:
        try:
            return os.stat(self._file(name)).st_size
        except FileNotFoundError:
            return None

    def sweep(self, before: float) -> int:
        stale = [file.path for file in self._files() if file.name.endswith(TEMPORARY) and _changed(file) < before]
        for path in stale:
            _unlink(path)
        return len(stale)

    def _file(self, name: bytes) -> str:
        text = name.hex()
        return f"{self.path}/{text[:2]}/{text[2:]}"

    def _files(self) -> Iterator[os.DirEntry[str]]:
        for folder in _scan(self.path):
            if len(folder.name) == 2:
                yield from _scan(folder.path)

    def _write(self, path: str, chunks: Iterable[Chunk]) -> int:
        descriptor = self._create(path)
        try:
            if self.announced and isinstance(chunks, list):
                _announce(descriptor, sum(map(len, chunks)))
            size = sum(_append(descriptor, memoryview(chunk)) for chunk in chunks)
            if self.durable:
                _sync(descriptor)
        finally:
            os.close(descriptor)
        return size

    def _create(self, path: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY
        try:
            return os.open(path, flags, MODE)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        if self.durable:
            _sync_folder(self.path)
        return os.open(path, flags, MODE)


def _scan(path: str) -> list[os.DirEntry[str]]:
    """List a folder, which another process may have removed meanwhile."""
    try:
        with os.scandir(path) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _changed(file: os.DirEntry[str]) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")  # its writer has just finished


def _read(descriptor: int, size: int) -> bytearray:
    data = bytearray(os.read(descriptor, min(size, ANNOUNCED)))
    while len(data) < size and (more := os.read(descriptor, min(size - len(data), ANNOUNCED))):
        data += more
    return data


def _announce(descriptor: int, size: int) -> None:
    if size < ANNOUNCED:
        return
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno not in UNANNOUNCED:
            raise


def _append(descriptor: int, chunk: memoryview) -> int:
    rest = chunk
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(chunk)


def _sync(descriptor: int) -> None:
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _sync_folder(path: str) -> None:
    if not POSIX:
        return  # a folder cannot be opened there, and a rename is on the disk as soon as it is done
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _publish(temporary: str, file: str) -> None:
    try:
        os.replace(temporary, file)
    except PermissionError:
        # On Windows an object that someone is reading cannot be replaced, and need not be: it is the same.
        if POSIX or not os.path.exists(file):
            raise
        _unlink(temporary)


def _discard(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # what went wrong before is told


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
