"""Installed distributions by the folders that they leave in site-packages; importlib.metadata would cost 50 ms."""

from __future__ import annotations

import os

_INFO = ".dist-info"
_listings: dict[str, tuple[str, ...]] = {}
_owners: dict[tuple[str, str], str | None] = {}


def pin(site: str, below: str) -> str | None:
    """Name the distribution and version that owns the file `below` a site-packages folder: `numpy 2.4.0`.

    None where no distribution does: somebody put it there by hand, and may edit it.
    """
    parts = below.split(os.sep)
    # Several distributions can share a namespace package: there what stands below it tells which one it is.
    shared = len(parts) > 1 and not os.path.exists(os.path.join(site, parts[0], "__init__.py"))
    top = "/".join(parts[:2] if shared else parts[:1])
    if (site, top) not in _owners:
        _owners[site, top] = _spelled(_owner(site, top))
    return _owners[site, top]


def content(file: str) -> str:
    """A digest of the file's bytes, where nothing better pins them."""
    from hashlib import blake2b

    try:
        with open(file, "rb") as stream:
            return blake2b(stream.read(), digest_size=16).hexdigest()
    except OSError:
        return "unreadable"


def _listing(site: str) -> tuple[str, ...]:
    if site not in _listings:
        try:
            _listings[site] = tuple(sorted(name for name in os.listdir(site) if _is_whole(site, name)))
        except OSError:
            _listings[site] = ()
    return _listings[site]


def _is_whole(site: str, name: str) -> bool:
    """An uninstalled distribution can leave its empty folder behind."""
    return name.endswith(_INFO) and os.path.exists(os.path.join(site, name, "METADATA"))


def _owner(site: str, top: str) -> str | None:
    """By name where distribution and module agree; else by the distribution's own list of files."""
    wanted = _normal(top.removesuffix(".py"))
    for name in _listing(site):
        if _normal(name.partition("-")[0]) == wanted:
            return name
    for name in _listing(site):
        if _records(os.path.join(site, name, "RECORD"), top):
            return name
    return None


def _records(record: str, top: str) -> bool:
    try:
        with open(record, encoding="utf-8") as lines:
            return any(line.startswith((f"{top}/", f"{top},")) for line in lines)
    except (OSError, UnicodeDecodeError):
        return False


def _spelled(info: str | None) -> str | None:
    return info and info.removesuffix(_INFO).replace("-", " ", 1)


def _normal(name: str) -> str:
    return name.replace("-", "_").replace(".", "_").lower()
