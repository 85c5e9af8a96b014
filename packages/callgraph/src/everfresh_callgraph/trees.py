"""The source files that an import by a computed name may load: what stands in them counts, since nobody knows which."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType

# A larger tree is not read: the import stays a blind spot and no more.
MOST_FILES = 5000

State = tuple[int, int, int]


class SourceTree:
    """The Python files of the package that a function stands in; of a module on its own, those beside it."""

    def __init__(self, folder: str, whole: bool) -> None:
        self.folder, self.whole = folder, whole

    def digest(self) -> str | None:
        """One digest over names and contents; None where there are too many files, or none can be read."""
        from hashlib import blake2b  # 3 ms, and few need it

        total = blake2b(digest_size=16)
        try:
            for count, path in enumerate(self.files()):
                if count >= MOST_FILES:
                    return None
                total.update(f"{os.path.relpath(path, self.folder)}\0".encode(errors="surrogatepass"))
                total.update(_content(path))
        except OSError:
            return None
        return total.hexdigest()

    def files(self) -> Iterator[str]:
        for folder, below, names in os.walk(self.folder):
            below[:] = sorted(name for name in below if self.whole and _may_be_package(name))
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def source_tree(function: FunctionType) -> SourceTree | None:
    """The tree that the function stands in, None where it stands in no file."""
    top = str(function.__globals__.get("__name__")).partition(".")[0]
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None) or function.__code__.co_filename
    folders = list(getattr(module, "__path__", ()))
    folder = folders[0] if folders else os.path.dirname(os.path.abspath(file))
    return SourceTree(folder, bool(folders)) if os.path.isdir(folder) and not file.startswith("<") else None


def _may_be_package(name: str) -> bool:
    return name.isidentifier() and name != "__pycache__"


def _content(path: str) -> bytes:
    """The digest of a file, read again when its time, size or place on the disk is another."""
    found = os.stat(path)
    state = (found.st_mtime_ns, found.st_size, found.st_ino)
    kept = _KEPT.get(path)
    if kept is None or kept[0] != state:
        from hashlib import blake2b

        with open(path, "rb") as file:
            kept = _KEPT[path] = (state, blake2b(file.read(), digest_size=16).digest())
    return kept[1]


_KEPT: dict[str, tuple[State, bytes]] = {}
