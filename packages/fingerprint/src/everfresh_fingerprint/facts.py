"""What earlier processes found out about code, so that it is not taken apart again: raw code -> digest and names.

Two levels. The raw code object, lines and file name included, is quick to digest; what it does and names takes
longer to find, and is looked up by the raw digest. An edit that moves lines costs the longer way once.
Sound since the same raw code always has the same digest and names; the interpreter and the version of the rules are
part of the place where they are kept. Without `use` nothing is kept between processes.
"""

from __future__ import annotations

import marshal
import os
import sys

from everfresh_callgraph.references import Reference, References, recall_with, references
from everfresh_callgraph.scope import PYTHON
from xxhash import xxh3_128_digest

from everfresh_fingerprint.digest import DIGEST_VERSION, Digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType

    Row = tuple[bytes, tuple[object, ...]]

# Raised whenever a code object's digest or names are found in another way than before.
FACTS_VERSION = 6
KIND = f"{sys.implementation.cache_tag}-{PYTHON.rpartition(' ')[2]}-{DIGEST_VERSION}.{FACTS_VERSION}"

# How many rows of code that is no longer there a book may keep, for each that is.
STALE = 4


class Book:
    """What is known of the code of one source file."""

    def __init__(self, path: str) -> None:
        self.path = path
        rows = read(path)
        self.rows: dict[bytes, Row] = rows if isinstance(rows, dict) else {}
        self.used: set[bytes] = set()

    def find(self, raw: bytes) -> Row | None:
        self.used.add(raw)
        return self.rows.get(raw)

    def add(self, raw: bytes, row: Row) -> None:
        self.rows[raw] = row
        self.used.add(raw)

    def write(self) -> None:
        if len(self.rows) > STALE * len(self.used):
            self.rows = {raw: row for raw, row in self.rows.items() if raw in self.used}
        write(self.path, marshal.dumps(self.rows))


class Facts:
    """The books in use, by source file."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder
        self.books: dict[str, Book] = {}
        self.raw: dict[int, tuple[CodeType, bytes | None]] = {}

    def find(self, code: CodeType) -> Row | None:
        raw = self.raw_digest(code) if self.folder else None
        return self.book(code.co_filename).find(raw) if raw else None

    def book(self, file: str) -> Book:
        if file not in self.books:
            name = xxh3_128_digest(file.encode(errors="surrogatepass")).hex()
            self.books[file] = Book(path_of(name))
        return self.books[file]

    def raw_digest(self, code: CodeType) -> bytes | None:
        kept = self.raw.get(id(code))
        if kept is None:  # the code object is kept beside its digest, so that its id cannot be reused
            kept = self.raw[id(code)] = (code, _raw_digest(code))
        return kept[1]

    def remember(self, codes: Iterable[CodeType], digest_of: Callable[[CodeType], bytes]) -> None:
        """Write down what was found out about the code."""
        if self.folder is None:
            return
        changed = {}
        for code in codes:
            book, raw = self.book(code.co_filename), self.raw_digest(code)
            if raw is not None and raw not in book.rows:
                book.add(raw, (bytes(digest_of(code)), _plain(references(code))))
                changed[book.path] = book
        for book in changed.values():
            book.write()


def _raw_digest(code: CodeType) -> bytes | None:
    try:
        return xxh3_128_digest(marshal.dumps(code, 2))
    except ValueError:  # slices among the constants, since 3.14: no row is kept of such code
        return None


FACTS = Facts()


def use(folder: str | None) -> None:
    """Keep what is found out about code in a folder, for later processes; None keeps nothing."""
    if FACTS.folder != folder:
        FACTS.folder = folder
        FACTS.books.clear()


def known_digest(code: CodeType) -> Digest | None:
    """The digest of what the code does, if an earlier process found it."""
    row = FACTS.find(code)
    return Digest(row[0]) if row else None


@recall_with
def _known_references(code: CodeType) -> References | None:
    row = FACTS.find(code)
    if row is None:
        return None
    names, *rest = row[1]
    return References(tuple(Reference(*one) for one in names), *rest)  # type: ignore[attr-defined, arg-type]


def _plain(found: References) -> tuple[object, ...]:
    names, *rest = found  # type: ignore[misc]
    return (tuple(tuple(one) for one in names), *rest)  # type: ignore[has-type]


def path_of(name: str) -> str:
    """Where a file of this name is kept, of this interpreter and by these rules."""
    return os.path.join(FACTS.folder or "", KIND, name)


def read(path: str) -> object:
    """What a file holds; None if it is not there, or not whole."""
    try:
        with open(path, "rb") as file:
            check, body = file.read(16), file.read()
    except OSError:
        return None
    return marshal.loads(body) if xxh3_128_digest(body) == check else None


def write(path: str, body: bytes) -> None:
    """Write whole or not at all. Where it cannot be written, the next process finds out again."""
    temporary = f"{path}.{os.urandom(8).hex()}.tmp"
    try:
        _prepare(os.path.dirname(path))
        with open(temporary, "xb") as file:
            file.write(xxh3_128_digest(body) + body)
        os.replace(temporary, path)
    except OSError:
        return


def _prepare(folder: str) -> None:
    """Make the folder; at the first time, what lay there longest goes where there is too much."""
    os.makedirs(folder, exist_ok=True)  # each time: somebody may have emptied the cache meanwhile
    if folder in _PREPARED:
        return
    _PREPARED.add(folder)
    found = [entry for entry in os.scandir(folder) if entry.is_file()]
    if len(found) > MOST:
        found.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in found[: -MOST // 2]:
            os.unlink(entry.path)


# So many files stay: names of functions and files can be new in each process, and who was killed leaves half of one.
MOST = 16_384
_PREPARED: set[str] = set()
