"""Patterns of file names: whether a file is there that a pattern names outright is asked without a listing."""

from __future__ import annotations

import glob
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def places(event: str, args: tuple[object, ...]) -> list[str]:
    """The paths that the pattern of such an event asks for by their full names."""
    if event == "pathlib.Path.glob":
        root, pattern = str(args[0]), str(args[1])
    else:
        root = os.fsdecode(args[2]) if event.endswith("2") and args[2] else ""  # type: ignore[arg-type]
        pattern = os.fsdecode(args[0])  # type: ignore[arg-type]
    return list(_places(root, pattern))


def _places(root: str, pattern: str) -> Iterator[str]:
    parts = pattern.split(os.sep)
    for count, last in enumerate(parts, 1):
        above = os.path.join(root, os.sep.join(parts[: count - 1]) or (os.sep if pattern.startswith(os.sep) else ""))
        wild = glob.has_magic(above)
        if last and not glob.has_magic(last) and (wild or count == len(parts)):
            yield from (os.path.join(folder, last) for folder in (glob.glob(above) if wild else [above]))
