"""What a machine that ended suddenly may have left half on its disk, though it stands under its name.

A system writes to the disk within half a minute or so. What was kept shortly before the last end of the machine is
therefore read whole before it is believed, buffers too; whether that end was a sudden one, nobody needs to know.
"""

from __future__ import annotations

import os
import struct
import time

from everfresh_callgraph.record import record

# What was written so many seconds before the last sign of life may not have reached the disk.
WINDOW = 120.0
BOOT = "/proc/sys/kernel/random/boot_id"
NAME = "boot-"
SPAN = struct.Struct("<dd")


@record
class Doubts:
    """Times between which what was kept is doubted."""

    since: float
    until: float

    def __call__(self, created: float) -> bool:
        """Say whether an object that was written then is to be read whole."""
        return self.since <= created < self.until


NONE = Doubts(0.0, 0.0)


def doubts(folder: str) -> Doubts:
    """The doubts about a folder of objects, until the machine starts anew; noted in it by who opens first.

    Systems that do not tell one start from another give none.
    """
    boot = _content(BOOT).decode("ascii", "replace").strip()
    if not boot:
        return NONE
    path = f"{folder}/{NAME}{boot}"
    return _noted(path) or _note(folder, path, Doubts(_last_write(folder) - WINDOW, time.time()))


def _noted(path: str) -> Doubts | None:
    data = _content(path)
    return Doubts(*SPAN.unpack(data)) if len(data) == SPAN.size else None


def _note(folder: str, path: str, found: Doubts) -> Doubts:
    """Note it, unless someone was faster: only who opens first knows what is old."""
    try:
        with open(path, "xb") as file:
            file.write(SPAN.pack(found.since, found.until))
        _forget_others(folder, path)
    except FileExistsError:
        return _noted(path) or found
    except OSError:  # a read-only folder: the next one will find out again
        pass
    return found


def _forget_others(folder: str, path: str) -> None:
    for name in os.listdir(folder):
        if name.startswith(NAME) and name != os.path.basename(path):
            os.unlink(f"{folder}/{name}")


def _last_write(objects: str) -> float:
    """When something was last written: a folder changes when a file gets its name in it."""
    try:
        with os.scandir(objects) as found:
            times = [each.stat().st_mtime for each in found if each.is_dir()]
    except OSError:
        return 0.0  # then all that is old is doubted
    return max(times, default=float("inf"))


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
