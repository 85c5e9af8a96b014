"""Is a folder on a disk of this machine? SQLite's write-ahead log, and locks, can be relied on there alone."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MOUNTS = "/proc/self/mountinfo"
NETWORK = frozenset(
    "9p acfs afs beegfs ceph cifs coda davfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs panfs prl_fs "
    "pvfs2 smb3 smbfs vboxsf virtiofs vmhgfs wekafs".split()
)


def is_shared(path: str) -> bool:
    """Say whether other machines may see the folder too: network and FUSE file systems. Where nobody knows: False."""
    kind = kind_of(os.path.realpath(path), _mounts())
    return kind in NETWORK or kind.startswith("fuse")


def kind_of(path: str, mounts: Iterable[tuple[str, str]]) -> str:
    """Give the type of the file system that the path is on; of several mounted there, the last."""
    best, kind = -1, ""
    for point, found in mounts:
        if len(point) >= best and (path + "/").startswith(point.rstrip("/") + "/"):
            best, kind = len(point), found
    return kind


def local_folder() -> str:
    """A folder of the user's on a disk of this machine: in the cache folder, else among temporary files."""
    from platformdirs import user_cache_dir

    chosen = user_cache_dir("everfresh")
    return _temporary() if is_shared(_existing(chosen)) else chosen


def _temporary() -> str:
    from tempfile import gettempdir, mkdtemp

    path = os.path.join(gettempdir(), f"everfresh-{getattr(os, 'getuid', int)()}")
    os.makedirs(path, mode=0o700, exist_ok=True)
    mine = os.lstat(path).st_uid == getattr(os, "getuid", int)() and not os.path.islink(path)
    return path if mine else mkdtemp(prefix="everfresh-")  # anyone may have made that folder


def _existing(path: str) -> str:
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _mounts() -> list[tuple[str, str]]:
    try:
        with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            return list(map(_mount, file))
    except OSError:
        return []  # not Linux: `shared=True` says it


def _mount(line: str) -> tuple[str, str]:
    before, _, after = line.partition(" - ")
    point = before.split()[4].encode("utf-8", "surrogateescape").decode("unicode_escape")
    return point.encode("latin-1").decode("utf-8", "surrogateescape"), after.split()[0]
