"""What takes room beside the answers: what code was (manifests), what is known of code (facts), the index."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# To go through folders takes time; what is found is good for so many seconds.
FRESH = 1.0


class Beside:
    """The bytes of files in some folders, which other processes fill too."""

    def __init__(self, *folders: str) -> None:
        self.folders = folders
        self._measured = 0
        self._until = 0.0

    def total(self) -> int:
        """Give the bytes of all files, as they were a second ago at most."""
        now = time.monotonic()
        if now >= self._until:
            self._measured = sum(size for *_, size in self._files())
            self._until = now + FRESH
        return self._measured

    def measure(self) -> int:
        """Give the bytes of all files now."""
        self._until = 0.0
        return self.total()

    def trim(self, size: int) -> None:
        """Remove what was written longest ago until at most so many bytes are taken: none of it holds an answer."""
        files = sorted(self._files())
        excess = sum(size for *_, size in files) - size
        for _, path, taken in files:
            if excess <= 0:
                break
            _unlink(path)
            excess -= taken
        self._until = 0.0

    def _files(self) -> Iterator[tuple[float, str, int]]:
        for folder in self.folders:
            for top, _, names in os.walk(folder):
                for name in names:
                    yield from _stat(os.path.join(top, name))


def _stat(path: str) -> Iterator[tuple[float, str, int]]:
    try:
        found = os.stat(path)
    except OSError:
        return
    yield found.st_mtime, path, found.st_size


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
