"""Things to pass to a memoized function or to `depends_on`: a file by its content, a date by which answers expire."""

from __future__ import annotations

import os
import time

from everfresh_fingerprint.digest import Digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta


class FileContents:
    """A file that counts by what is in it: the answer is computed again when the content changed.

    It is path-like, so that `open()` and everything that takes a path takes it.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     before = FileContents(file.name).__cache_ver__()
    ...     _ = file.write(b"more"); file.flush()
    ...     before == FileContents(file.name).__cache_ver__()
    False
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def __fspath__(self) -> str:
        return self.path

    def __cache_key__(self) -> str:
        return self.path

    def __cache_ver__(self) -> Digest | None:
        """The digest of the content (of a folder: of the names in it), or None where there is no such file."""
        from xxhash import xxh3_128

        state = xxh3_128()
        try:
            with open(self.path, "rb") as file:
                while chunk := file.read(1 << 20):
                    state.update(chunk)
        except FileNotFoundError:
            return None
        except IsADirectoryError:
            state.update("\0".join(sorted(os.listdir(self.path))).encode(errors="surrogatepass"))
        return Digest(state.digest())

    def __repr__(self) -> str:
        return f"FileContents({self.path!r})"


class TTLInterval:
    """Answers that expire: gives another number once in every interval, a timedelta or a number of seconds.

    Use it as `@memoize(depends_on=TTLInterval(3600))`. The intervals are counted from the epoch, alike in all
    processes, so an answer lives for at most one interval.

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

    def __repr__(self) -> str:
        return f"TTLInterval({self.seconds!r})"
