"""What the code behind answers was, to explain later why they are stale: written once for all answers of a version."""

from __future__ import annotations

import marshal
import zlib

from xxhash import xxh3_128_digest

from everfresh.errors import DamagedError
from everfresh.model import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from everfresh_fingerprint.explaining.difference import Difference
    from everfresh_fingerprint.explaining.outline import Outline
    from everfresh_fingerprint.walked import CodeFingerprint

    from everfresh.storage.objects import ObjectStore

DIGEST = 16


def written(code: CodeFingerprint) -> bytes:
    """A manifest: checked, compressed, made of plain values. Empty where some value of the user's will not be told."""
    from everfresh_fingerprint.explaining.outline import outline_code, plain

    try:
        outline: Any = plain(outline_code(code))
        body = zlib.compress(marshal.dumps(outline), 1)
    except Exception:  # an answer is not lost for want of its explanation
        return b""
    return xxh3_128_digest(body) + body


def read(data: bytes) -> Outline | None:
    """What `written` wrote; None where it is damaged, absent, or of another kind."""
    from everfresh_fingerprint.explaining.outline import from_plain

    if xxh3_128_digest(data[DIGEST:]) != data[:DIGEST]:
        return None
    try:
        return from_plain(marshal.loads(zlib.decompress(data[DIGEST:])))
    except (ValueError, TypeError, EOFError, zlib.error):  # written by another version of Python or of ours
        return None


def differences(before: Manifest, after: Manifest) -> tuple[Difference, ...] | None:
    """What parts two versions of code; None where one of them is not known any more."""
    from everfresh_fingerprint.explaining.explain import explain

    one, other = read(before.read()), read(after.read())
    return explain(one, other) if one and other else None


class Manifests:
    """Manifests by the version of the code, in a store of their own."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects
        self._kept: set[bytes] = set()

    def keep(self, manifest: Manifest | None) -> None:
        """Write the manifest, unless one of its version is there."""
        if manifest is None or manifest.version in self._kept:
            return
        if not self._there(manifest.version):
            self.objects.put(manifest.version, [manifest.read()])
        self._kept.add(manifest.version)

    def find(self, version: bytes) -> Manifest | None:
        """The manifest of a version, which is read when it is asked for; None for answers that depend on no code."""
        return Manifest(version, lambda: self._read(version)) if version else None

    def _read(self, version: bytes) -> bytes:
        try:
            return bytes(self.objects.get(version) or b"")
        except DamagedError:  # not signed by the key: an explanation is lost
            return b""

    def _there(self, version: bytes) -> bool:
        """Whether the manifest stands there, and can be read: one that is not signed is replaced."""
        try:
            return self.objects.get(version) is not None
        except DamagedError:
            return False

    def retain(self, versions: Iterable[bytes]) -> int:
        """Remove all manifests but those of these versions. Count them."""
        wanted = set(versions)
        gone = [name for name in self.objects if name not in wanted]
        for name in gone:
            self.objects.delete(name)
        self._kept &= wanted
        return len(gone)
