"""Makes a folder ready to be a cache."""

from __future__ import annotations

import functools
import os

from xxhash import xxh3_128

from everfresh.storage.beside import Beside
from everfresh.storage.boots import doubts
from everfresh.storage.cache import Cache
from everfresh.storage.filesystems import is_shared, local_folder
from everfresh.storage.index import Index
from everfresh.storage.manifests import Manifests
from everfresh.storage.policy import policy_named
from everfresh.storage.schema import LOG
from everfresh.storage.stores import check_private, store_of_manifests, store_of_objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.storage.policy import ReplacementPolicy

INDEX = "index.sqlite3"
OBJECTS = "objects"
MANIFESTS = "manifests"
FACTS = "code"
INDEXES = "indexes"
LEAST_LOG = 1 << 16
# Git ignores the cache, and backups leave it out (https://bford.info/cachedir/).
MARKS = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": (
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        "# This folder is a cache of everfresh. What is in it can be computed again.\n"
    ),
}


def open_cache(
    location: str | os.PathLike[str],
    policy: str | ReplacementPolicy,
    size: int,
    *,
    keep_versions: int | None = None,
    shared: bool | None = None,
    key: bytes | None = None,
) -> Cache:
    """Open the cache in the folder, which is made if need be. `size` bounds the bytes of all that is in it.

    `shared` says that other machines use the folder, too; if None, its file system is asked, which works on Linux.
    With a `key` what is kept is signed, and nothing else is read.
    """
    chosen = policy_named(policy) if isinstance(policy, str) else policy
    path = os.path.abspath(location)  # the working directory may change while the cache is open
    shared = is_shared(path) if shared is None else shared
    prepare(path)
    check_private([path, *(f"{path}/{name}" for name in (OBJECTS, MANIFESTS, FACTS))], key)
    store = functools.cache(functools.partial(store_of_objects, f"{path}/{OBJECTS}", key=key, shared=shared))
    cache = Cache(
        store(),
        Manifests(store_of_manifests(f"{path}/{MANIFESTS}", key, shared)),
        _index(path, chosen, min(LOG, max(size // 16, LEAST_LOG)), shared),
        size,
        keep_versions=keep_versions,
        beside=Beside(f"{path}/{MANIFESTS}", f"{path}/{FACTS}"),
        restore=functools.partial(prepare, path),
        shared=shared,
    )
    cache.writing = lambda how: store(compression=how.compression, durable=how.durable)
    cache.doubted = None if shared else doubts(f"{path}/{OBJECTS}")  # other machines end on their own
    return cache


def facts_folder(path: str, key: bytes | None = None) -> str:
    """Where is kept what is known of code: beside the answers; with a key where nobody else can write."""
    if key is None:
        return f"{path}/{FACTS}"
    folder = f"{local_folder()}/{FACTS}"
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return f"{folder}/{_name_of(path)}"


def prepare(path: str) -> None:
    """Make the folder, private to its user, and mark it as a cache."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    # A folder that holds other things is not ours to mark: git would ignore them, and backups leave them out.
    if not os.listdir(path):
        for name, text in MARKS.items():
            _write_new(f"{path}/{name}", text)
    os.makedirs(f"{path}/{OBJECTS}", exist_ok=True)


def _index(path: str, policy: ReplacementPolicy, log: int, shared: bool) -> Index:
    """In the folder itself; of a shared one, in a folder of this machine, since locks and logs need that."""
    if not shared:
        return Index(f"{path}/{INDEX}", policy, log)
    folder = f"{local_folder()}/{INDEXES}"
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return Index(f"{folder}/{_name_of(path)}.sqlite3", policy, 0 if is_shared(folder) else log)


def _name_of(path: str) -> str:
    return str(xxh3_128(os.fsencode(os.path.realpath(path))).hexdigest())


def _write_new(path: str, text: str) -> None:
    try:
        with open(path, "x", encoding="ascii") as file:
            file.write(text)
    except FileExistsError:
        pass
