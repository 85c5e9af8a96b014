"""Private maps of files: memory that can be written to while the file stays as it is."""

from __future__ import annotations

import mmap
import sys
import weakref

# Before Python 3.13 each map keeps a descriptor of its own, of which a process has a thousand or so. Maps take this
# part of them at most; what is asked for then is read instead.
SHARE = 4
_living: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def mapped(descriptor: int) -> mmap.mmap | None:
    """Map the file, or None where it has to be read: no more descriptors, or a file system that cannot map."""
    try:
        if sys.version_info >= (3, 13):
            return mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY, trackfd=False)
        return _counted(descriptor)
    except (OSError, ValueError):
        return None


def _counted(descriptor: int) -> mmap.mmap | None:
    if len(_living) >= _bound():
        return None
    found = mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)
    _living.add(found)
    return found


def _bound() -> int:
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit // SHARE
