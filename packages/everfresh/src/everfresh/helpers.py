"""Things to pass to a memoized function or to `depends_on`: a file by its content, a date by which answers expire."""

from __future__ import annotations

import os
import time

from everfresh_fingerprint.digest import Digest, seal

from everfresh.effects.files import Name, Paused, dependency, recorders
from everfresh.effects.keeping import keeping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta


class FileContents:
    """A file that counts by what is in it: the answer is computed again when the content changed.

    It is path-like, so that `open()` and everything that takes a path takes it. As an argument, or in `depends_on`, it
    stands for the content that the file has at the call. In a result it brings the content along: a hit writes the file
    again where it is gone or holds something else. (Of a folder, only the names in it count, and nothing is written.)

    `comparison="times"` (the default) reads the file only if its size or its times changed since this process read it
    last; `"digest"` reads it at each call.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     before = FileContents(file.name).__cache_ver__()
    ...     _ = file.write(b"more"); file.flush()
    ...     before == FileContents(file.name).__cache_ver__()
    False
    """

    def __init__(self, path: str | os.PathLike[str], comparison: str = "times") -> None:
        if comparison not in ("times", "digest"):
            raise ValueError(f"comparison={comparison!r} is neither 'times' nor 'digest'")
        self.path, self.comparison = os.fspath(path), comparison

    def __fspath__(self) -> str:
        return self.path

    def __cache_key__(self) -> str:
        return self.path

    def __cache_ver__(self) -> Digest | None:
        """The digest of the content (of a folder: of the names in it), or None where there is no such file."""
        name = Name("folder" if os.path.isdir(self.path) else "file", self.path)
        for recorder in recorders():  # who calls with this depends on it, though the file may not be opened
            recorder.note(name.kind, name.path)
        if not os.path.exists(self.path):
            return None
        if self.comparison == "times" or name.kind == "folder":
            return Digest(dependency(name).digest)
        return _read(self.path)

    def __determ_hash__(self) -> tuple[str, Digest | None]:
        return self.path, self.__cache_ver__()

    def __reduce__(self) -> tuple[Callable[..., FileContents], tuple[object, ...]]:
        if not keeping() or not os.path.isfile(self.path):
            return FileContents, (self.path, self.comparison)
        from pickle import PickleBuffer

        with open(self.path, "rb") as file:
            content = file.read()
        mode = os.stat(self.path).st_mode & 0o777
        return _restored, (self.path, self.comparison, _digest([content]), mode, PickleBuffer(content))

    def __repr__(self) -> str:
        return f"FileContents({self.path!r})"


def _restored(path: str, comparison: str, digest: bytes, mode: int, content: bytes) -> FileContents:
    """The file as it was when the answer was kept."""
    file = FileContents(path, comparison)
    if file.__cache_ver__() != digest:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        temporary = f"{path}.{os.urandom(8).hex()}.tmp"
        with open(temporary, "xb") as written:
            written.write(content)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    return file


def _read(path: str) -> Digest:
    with Paused(), open(path, "rb") as file:
        return _digest(iter(lambda: file.read(1 << 20), b""))


def _digest(chunks: Iterable[bytes]) -> Digest:
    """As that of a file that a call reads: so the two ways to compare agree."""
    from xxhash import xxh3_128

    state = xxh3_128()
    for chunk in chunks:
        state.update(chunk)
    return seal("file", [state.digest()])


class TTLInterval:
    """Answers that expire: gives another number once in every interval, a timedelta or a number of seconds.

    Use it as `@memoize(depends_on=TTLInterval(3600))`, or pass it as an argument. The intervals are counted from the
    epoch, alike in all processes, so an answer lives for at most one interval.

    >>> TTLInterval(3600)() == TTLInterval(3600)()
    True
    """

    def __init__(self, interval: timedelta | float) -> None:
        seconds = interval if isinstance(interval, int | float) else interval.total_seconds()
        if seconds <= 0:
            raise ValueError(f"interval={interval!r} must be longer than nothing")
        self.seconds = float(seconds)

    def __call__(self) -> int:
        return int(time.time() // self.seconds)

    def __cache_key__(self) -> float:
        return self.seconds

    def __cache_ver__(self) -> int:
        return self()

    def __determ_hash__(self) -> tuple[float, int]:
        return self.seconds, self()

    def __repr__(self) -> str:
        return f"TTLInterval({self.seconds!r})"
