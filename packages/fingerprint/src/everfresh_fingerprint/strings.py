"""Many texts, with gaps where values are missing -> one digest, by pieces that stay in the processor's cache."""

from __future__ import annotations

from itertools import compress
from operator import eq
from types import NoneType

from everfresh_fingerprint.digest import Digest, digest, digest_pieces, seal
from everfresh_fingerprint.form import rule_for
from everfresh_fingerprint.kinds import UNKNOWN, loaded_numpy, numbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What may stand among texts where a value is missing. Of floats only a NaN may.
MARKS: dict[type, int] = {str: 0, NoneType: 1, float: 2}
IS_TEXT = bytes([1]).ljust(256, b"\0")
IS_FLOAT = bytes([0, 0, 1]).ljust(256, b"\0")

# So many texts at a time: joining them, after a look at their types, then finds them in the cache.
PIECE = 1 << 14


class _OtherError(Exception):
    """There is something else among the texts, or a text holds the separator."""


def pieces(value: list[object] | tuple[object, ...]) -> Iterator[list[object]]:
    """The items, some at a time."""
    for start in range(0, len(value), PIECE):
        piece = value[start : start + PIECE]
        yield piece if type(piece) is list else list(piece)


def texts(kind: str, pieces: Iterable[list[object]]) -> Digest | None:
    """One digest for many texts, some of which may be missing; None where there is anything else among them.

    They are joined, which is quicker than to write each with its length. A separator that occurs in a text would blur
    their borders, so separators are counted.
    """
    marks = bytearray()
    try:
        whole = digest_pieces(_joined(pieces, marks))
    except _OtherError:
        return None
    if marks == bytes(len(marks)):
        return seal(f"{kind} of str", [whole])
    return seal(f"{kind} of str and gaps", [whole, digest(marks)]) if 0 in marks else None


def _joined(pieces: Iterable[list[object]], marks: bytearray) -> Iterator[bytes]:
    """What is digested of the texts; `marks` tells of each item whether it is one, or what it is instead."""
    begun = False
    for piece in pieces:
        marked = _marked(piece)
        marks += marked or bytes(len(piece))
        texts = list(compress(piece, marked.translate(IS_TEXT))) if marked else piece
        if texts:
            if begun:
                yield b"\0"
            begun = True
            yield _encoded(texts)


def _marked(piece: list[object]) -> bytes | None:
    marks = numbered(piece, MARKS)
    if marks and UNKNOWN in marks:
        for kind in set(map(type, piece)):
            rule_for(kind)  # loads the rules for its package, which may know another mark
        marks = numbered(piece, MARKS)
    if marks and (UNKNOWN in marks or _holds_number(piece, marks)):
        raise _OtherError
    return marks


def _holds_number(piece: list[object], marks: bytes) -> bool:
    floats = list(compress(piece, marks.translate(IS_FLOAT))) if MARKS[float] in marks else []
    return any(map(eq, floats, floats))


def _encoded(texts: list[object]) -> bytes:
    joined = "\0".join(texts).encode(errors="surrogatepass")  # type: ignore[arg-type]
    if _zeros(joined) != len(texts) - 1:
        raise _OtherError
    return joined


def _zeros(data: bytes) -> int:
    numpy = loaded_numpy()
    if numpy is None:
        return data.count(0)
    return len(data) - int(numpy.count_nonzero(numpy.frombuffer(data, numpy.uint8)))
