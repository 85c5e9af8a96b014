"""The stores of a cache in a folder, put together from layers."""

from __future__ import annotations

import os

from everfresh.errors import CacheWarning
from everfresh.storage.layers import Compressed, Signed
from everfresh.storage.objects import Directory
from everfresh.warn import warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.storage.objects import ObjectStore

OTHERS_WRITE = 0o022
ROOT = 0


def store_of_objects(
    path: str, *, compression: str | None = None, key: bytes | None = None, durable: bool = False, shared: bool = False
) -> ObjectStore:
    """Objects in a folder: compressed if wished, signed if there is a key, on the disk before they are seen if durable.

    Large ones are mapped, unless they are signed (who checks a map checks what may change) or in a folder of several
    machines (where a file that another one removes can end the program that has it mapped).
    """
    alone = not shared
    directory = Directory(path, durable=durable, mapped=alone and key is None, announced=alone)
    return Compressed(Signed(directory, key) if key else directory, compression)


def store_of_manifests(path: str, key: bytes | None = None) -> ObjectStore:
    """What code was, in a folder: signed as objects are, for reading it is not safe either."""
    return Signed(Directory(path), key, b"manifest") if key else Directory(path)


def check_private(path: str, key: bytes | None = None) -> None:
    """Warn where others may write to the folder of a cache: they can run code in each program that reads it."""
    if os.name != "posix" or key is not None:
        return
    try:
        found = os.stat(path)
    except OSError:
        return  # what follows will say so
    if found.st_mode & OTHERS_WRITE or found.st_uid not in (ROOT, os.geteuid()):
        warn_once(
            f"others may write to the cache folder {path}, and who can write it can run code in this program: "
            "take their right to write (chmod go-w), or set EVERFRESH_KEY, by which answers are signed",
            CacheWarning,
        )
