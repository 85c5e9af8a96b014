"""A value and the facts on it, to and from one object.

    header    magic, format, number of buffers, sizes, digest of the body, digest of the head
    facts     what was asked, what the answer depended on, cost, time: enough to rebuild the index from objects
    table     of each buffer its offset, length and digest
    body      the pickle (protocol 5), or what another serializer wrote, whose name is among the facts
    buffers   what the pickle keeps outside itself (arrays), aligned so that a map of the file can be used as it is

Header, facts and table are the head. Head and body are checked at each load; buffers by `verify` alone, since reading
them all would undo what mapping them gains.
"""

from __future__ import annotations

import io
import struct
from functools import lru_cache

from everfresh_callgraph.record import record
from xxhash import xxh3_128, xxh3_128_digest

from everfresh.errors import DamagedError, OtherFormatError, UnserializableError
from everfresh.model import Dependency, Key, Manifest, Trace
from everfresh.storage import pickles
from everfresh.storage.frames import frame, unframe
from everfresh.storage.layers import SIGNATURE, SIGNED
from everfresh.storage.reading import Reading
from everfresh.storage.serializers import serializer_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from everfresh.storage.objects import Buffer, Chunk

# Increment when a reader of the old number would misread the new bytes, or the other way round: any change of layout,
# of digests, or of what a field means. It is sealed into the names of objects too, so formats never meet under one
# name. Keep an object of each format in tests/storage/golden/.
FORMAT = 1

MAGIC = b"\x8eeverf\r\n"  # not text, and damaged by whatever converts line ends
HEADER = struct.Struct("<8sIIQQQ16s")
DIGEST = 16
FACTS = HEADER.size + DIGEST
BUFFER = struct.Struct("<QQ16s")
TIMES = struct.Struct("<dd")
PAGE = 4096
LINE = 64
# A smaller buffer stays in the body: it is then checked at each load, and costs no padding.
APART = 4096
# What objects say that name no serializer, and what keeps buffers apart; what others write is all body.
PICKLE = "pickle"
PICKLES = "", PICKLE, "cloudpickle"


@record
class Facts:
    """What an object says of itself. `dependencies` are those of its trace, as `encode` writes them.

    `code` is the version of the code that its trace holds, empty where it holds none. `serializer` names what wrote the
    value, empty for pickle.
    """

    key: Key
    version: bytes
    cost: float
    created: float
    dependencies: bytes
    code: bytes = b""
    serializer: str = ""

    @property
    def trace(self) -> Trace:
        """What the answer depended on; of the code, the version."""
        return Trace(self.version, decode(self.dependencies), Manifest(self.code, bytes) if self.code else None)


@record
class Head:
    """Where in an object the parts are, once the head has proved whole."""

    facts: Facts
    table: tuple[tuple[int, int, bytes], ...]
    body: memoryview
    body_digest: bytes


def encode(dependencies: tuple[Dependency, ...]) -> bytes:
    """Write dependencies as bytes."""
    return frame(*(part for each in dependencies for part in (_bytes(each.name), each.digest, _bytes(each.text))))


def decode(data: bytes) -> tuple[Dependency, ...]:
    """Read dependencies that `encode` wrote."""
    parts = unframe(data)
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return tuple(Dependency(_text(name), digest, _text(text)) for name, digest, text in triples)


@lru_cache(maxsize=256)  # each call asks several times
def object_name(key: Key, version: bytes) -> bytes:
    """Name the object of an answer: known without the index, so that an orphan can be found."""
    return xxh3_128_digest(frame(b"everfresh object", b"%d" % FORMAT, _bytes(key.function), key.arguments, version))


def dumps(facts: Facts, value: object) -> list[Chunk]:
    """Write an object, in chunks. They may be views of the value's own memory: use them before the value changes."""
    body, buffers = _written(value, facts.serializer)
    described = _encode_facts(facts)
    start = FACTS + len(described) + BUFFER.size * len(buffers) + len(body)
    table = _placed(start, buffers)
    total = table[-1][0] + table[-1][1] if table else start
    header = HEADER.pack(MAGIC, FORMAT, len(table), total, len(described), len(body), xxh3_128_digest(body))
    rest = described + b"".join(BUFFER.pack(*row) for row in table)
    return [header + xxh3_128_digest(header + rest) + rest, body, *_padded(start, table, buffers)]


def loads(buffer: Buffer | Chunk, doubted: Callable[[float], bool] | None = None) -> tuple[Facts, object]:
    """Read an object. Arrays in the value use the buffer's memory; they are checked where the time is `doubted`."""
    head = _checked(buffer)
    if doubted and head.table and doubted(head.facts.created):
        verify(buffer)
    view = memoryview(buffer)
    buffers = [view[offset : offset + length] for offset, length, _ in head.table]
    try:
        return head.facts, _read(head.body, buffers, head.facts.serializer)
    except Exception as error:  # whatever the classes of the value raise
        raise DamagedError(f"the value cannot be loaded: {type(error).__name__}: {error}") from error


def describe(buffer: Buffer | Chunk) -> Facts:
    """Read the facts alone: nothing is unpickled, and the body is not looked at."""
    return _head(buffer).facts


def verify(buffer: Buffer | Chunk) -> Facts:
    """Check every byte that matters, buffers too; nothing is unpickled."""
    head = _checked(buffer)
    view = memoryview(buffer)
    for offset, length, digest in head.table:
        if xxh3_128_digest(view[offset : offset + length]) != digest:
            raise DamagedError("a buffer does not match its digest")
    return head.facts


def _written(value: object, serializer: str) -> tuple[Chunk, list[memoryview]]:
    try:
        if serializer in PICKLES:
            return pickles.dump_apart(value, APART, by_value=serializer == "cloudpickle")
        file = io.BytesIO()
        serializer_named(serializer).dump(value, file)
        return file.getbuffer(), []
    except Exception as error:  # pickle raises three types, and the classes of the value any other
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise UnserializableError(f"cannot keep a value of type {kind}: {error}. {_remedy(serializer)}") from error


def _remedy(serializer: str) -> str:
    if serializer not in PICKLES:
        return f"Return something that the serializer {serializer!r} accepts, or choose another for this function."
    return (
        "Return something that pickle accepts, or give the type that it cannot take a __reduce__ method. "
        "(With cloudpickle installed, lambdas and local classes can be kept, too.)"
    )


def _read(body: memoryview, buffers: list[memoryview], serializer: str) -> object:
    if serializer in PICKLES:
        return pickles.loads(body, buffers)
    return serializer_named(serializer).load(io.BufferedReader(Reading(body)))


def _placed(start: int, buffers: list[memoryview]) -> list[tuple[int, int, bytes]]:
    table: list[tuple[int, int, bytes]] = []
    end, step = start, PAGE
    for view in buffers:
        offset = end + -end % step
        table.append((offset, len(view), xxh3_128_digest(view)))
        end, step = offset + len(view), LINE
    return table


def _padded(start: int, table: list[tuple[int, int, bytes]], buffers: list[memoryview]) -> Iterator[Chunk]:
    end = start
    for (offset, length, _), view in zip(table, buffers, strict=True):
        yield bytes(offset - end)
        yield view
        end = offset + length


def _checked(buffer: Buffer | Chunk) -> Head:
    head = _head(buffer)
    if xxh3_128_digest(head.body) != head.body_digest:
        raise DamagedError("the body does not match its digest")
    return head


def _head(buffer: Buffer | Chunk) -> Head:
    view = memoryview(buffer)
    count, total, described, length, body_digest = _header(view)
    table = FACTS + described
    body = table + BUFFER.size * count
    if body + length > total or not _ends(view, total):
        raise DamagedError(f"{len(view)} bytes in place of {max(total, body + length)}")
    digest = xxh3_128(view[: HEADER.size])
    digest.update(view[FACTS:body])
    if digest.digest() != view[HEADER.size : FACTS]:
        raise DamagedError("the head does not match its digest")
    rows = tuple(BUFFER.iter_unpack(view[table:body]))
    return Head(_decode_facts(view[FACTS:table]), rows, view[body : body + length], body_digest)


def _header(view: memoryview) -> tuple[int, int, int, int, bytes]:
    if len(view) < FACTS:
        raise DamagedError(f"{len(view)} bytes are too few for an object")
    magic, number, *sizes = HEADER.unpack_from(view)
    if magic != MAGIC:
        raise DamagedError("it does not begin as an object does")
    if number != FORMAT:
        raise OtherFormatError(f"its format is {number}, this everfresh reads {FORMAT}")
    count, total, described, length, body_digest = sizes
    return count, total, described, length, body_digest


def _ends(view: memoryview, total: int) -> bool:
    """Whether the object ends here, or a signature follows: who has no key reads it all the same."""
    more = view[total:]
    return len(view) == total or (len(more) == SIGNATURE and more[: len(SIGNED)] == SIGNED)


def _encode_facts(facts: Facts) -> bytes:
    key = facts.key
    times = TIMES.pack(facts.cost, facts.created)
    parts = _bytes(key.function), key.arguments, facts.version, times, facts.dependencies, facts.code
    return frame(*parts, *([_bytes(facts.serializer)] if facts.serializer else []))


def _decode_facts(data: memoryview) -> Facts:
    # The first objects knew of no code, those of pickle name no serializer, and later ones may say more.
    function, arguments, version, times, dependencies, code, serializer, *_ = (*unframe(data), b"", b"")
    cost, created = TIMES.unpack(times)
    return Facts(Key(_text(function), arguments), version, cost, created, dependencies, code, _text(serializer))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
