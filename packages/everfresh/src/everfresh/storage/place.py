"""Makes a folder ready to be a cache."""

from __future__ import annotations

import os

from everfresh.storage.cache import Cache
from everfresh.storage.index import Index
from everfresh.storage.manifests import Manifests
from everfresh.storage.objects import Directory
from everfresh.storage.policy import policy_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.storage.policy import ReplacementPolicy

INDEX = "index.sqlite3"
OBJECTS = "objects"
MANIFESTS = "manifests"
# Git ignores the cache, and backups leave it out (https://bford.info/cachedir/).
MARKS = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": (
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        "# This folder is a cache of everfresh. What is in it can be computed again.\n"
    ),
}


def open_cache(location: str | os.PathLike[str], policy: str | ReplacementPolicy, size: int) -> Cache:
    """Open the cache in the folder, which is made if need be. `size` bounds the bytes of its objects."""
    chosen = policy_named(policy) if isinstance(policy, str) else policy
    path = os.path.abspath(location)  # the working directory may change while the cache is open
    prepare(path)
    manifests = Manifests(Directory(f"{path}/{MANIFESTS}"))
    return Cache(Directory(f"{path}/{OBJECTS}"), manifests, Index(f"{path}/{INDEX}"), chosen, size)


def prepare(path: str) -> None:
    """Make the folder, private to its user, and mark it as a cache."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    # A folder that holds other things is not ours to mark: git would ignore them, and backups leave them out.
    if not os.listdir(path):
        for name, text in MARKS.items():
            _write_new(f"{path}/{name}", text)
    os.makedirs(f"{path}/{OBJECTS}", exist_ok=True)


def _write_new(path: str, text: str) -> None:
    try:
        with open(path, "x", encoding="ascii") as file:
            file.write(text)
    except FileExistsError:
        pass
