"""Receipts: what fingerprints were made of, kept beside the facts of code for later processes."""

from __future__ import annotations

import marshal

from everfresh_callgraph.impure import CALLS, METHODS
from everfresh_callgraph.naming import module_name, qualified
from everfresh_callgraph.record import record
from xxhash import xxh3_128_digest

from everfresh_fingerprint.addresses import Address
from everfresh_fingerprint.facts import FACTS, path_of, read, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from everfresh_fingerprint.settings import FingerprintSettings

# Raised whenever an imprint is taken in another way than before.
RECEIPTS_VERSION = 4
RULES = marshal.dumps((RECEIPTS_VERSION, CALLS, METHODS), 2)


@record
class Receipt:
    """A fingerprint, and what was read for it: where names were read, packages and source files, and the imprint.

    `codes` are digests of the user's code in the modules where names were read.
    The rest is what users of a fingerprint ask of it: see CodeFingerprint.
    """

    addresses: tuple[tuple[str, tuple[Any, ...], tuple[Any, ...], bool], ...]
    codes: tuple[tuple[str, bytes], ...]
    pins: tuple[tuple[str, str], ...]
    trees: tuple[tuple[str, bool, str | None], ...]
    imprint: bytes
    digest: bytes
    attributes: tuple[str, ...]
    hands_out: bool
    impurities: tuple[tuple[str, tuple[str, ...]], ...]
    blind_spots: tuple[tuple[str, str], ...]

    def places(self) -> list[Address]:
        return [Address(*one) for one in self.addresses]


def receipt_name(root: object, defaults: bool, settings: FingerprintSettings, asked: frozenset[str]) -> bytes:
    """What a receipt goes by: the root by its name (what it is, the imprint says) and how it was asked."""
    chosen = settings.deep, settings.constant, settings.unordered
    main = module_name("__main__"), str(getattr(root, "__module__", None))  # spawned processes call it another name
    how = (qualified(root), *main, defaults, chosen, tuple(sorted(asked)))
    return xxh3_128_digest(RULES + marshal.dumps(how, 2))


class Receipts:
    """One file for each name, read and written at most once by a process: functions made in a loop share a name."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, bytes]] = set()
        self.kept: set[tuple[str, bytes]] = set()

    def first(self, name: bytes) -> Receipt | None:
        """The receipt of that name, where it is asked for the first time."""
        if not _is_new(self.asked, name):
            return None
        found = read(path_of(f"{name.hex()}.receipt"))
        return Receipt(*found) if isinstance(found, tuple) else None

    def is_due(self, name: bytes) -> bool:
        return _is_new(self.kept, name)

    def keep(self, name: bytes, receipt: Receipt) -> None:
        write(path_of(f"{name.hex()}.receipt"), marshal.dumps(tuple(receipt)))  # type: ignore[arg-type]


def _is_new(names: set[tuple[str, bytes]], name: bytes) -> bool:
    before = len(names)
    names.add((FACTS.folder or "", name))
    return len(names) > before


RECEIPTS = Receipts()
