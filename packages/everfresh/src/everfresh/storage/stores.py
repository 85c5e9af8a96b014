"""The stores of a cache in a folder, put together from layers."""

from __future__ import annotations

import os
import stat

from everfresh.errors import CacheWarning
from everfresh.storage.layers import Compressed, Signed
from everfresh.storage.objects import Directory
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from everfresh.storage.objects import ObjectStore

ROOT = 0


def store_of_objects(
    path: str, *, compression: str = "none", key: bytes | None = None, durable: bool = False, shared: bool = False
) -> ObjectStore:
    """Objects in a folder: compressed if wished, signed if there is a key, on the disk before they are seen if durable.

    Large ones are mapped, unless they are signed (who checks a map checks what may change) or in a folder of several
    machines (where a file that another one removes can end the program that has it mapped).
    """
    alone = not shared
    directory = Directory(path, durable=durable, mapped=alone and key is None, announced=alone)
    return Compressed(Signed(directory, key) if key else directory, compression)


def store_of_manifests(path: str, key: bytes | None = None, shared: bool = False) -> ObjectStore:
    """What code was, in a folder: signed as objects are, for reading it is not safe either."""
    directory = Directory(path, mapped=False, announced=not shared)
    return Signed(directory, key, b"manifest") if key else directory


def check_private(folders: Iterable[str], key: bytes | None = None) -> None:
    """Warn of the first folder that others may write to: they can run code in each program that reads it."""
    if os.name != "posix" or key is not None:
        return
    for path in folders:
        if _others_may_write(path):
            warn_once(
                f"others may write to the cache folder {path}, and who can write it can run code in this program: "
                "take their right to write (chmod go-w), or set EVERFRESH_KEY, by which answers are signed",
                CacheWarning,
            )
            return


def _others_may_write(path: str) -> bool:
    try:
        found = os.stat(path)
    except OSError:
        return False  # what follows will say so
    if found.st_uid not in (ROOT, os.geteuid()) or found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and not _of_one(found.st_gid)


def _of_one(group: int) -> bool:
    """Whether the group is the user's own: many systems give each user one of the same name."""
    import grp
    import pwd

    try:
        found = grp.getgrgid(group)
        return found.gr_name == pwd.getpwuid(os.geteuid()).pw_name and not set(found.gr_mem) - {found.gr_name}
    except KeyError:
        return False
