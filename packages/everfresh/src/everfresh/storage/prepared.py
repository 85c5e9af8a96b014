"""Answers written out as bytes, which stand nowhere yet."""

from __future__ import annotations

import time

from everfresh_callgraph.record import record

from everfresh.model import How
from everfresh.storage.serialize import PICKLE, Facts, dumps, encode
from everfresh.storage.upkeep import entry_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh.model import Entry, Key, Trace
    from everfresh.storage.objects import Chunk

PLAIN = How()


@record
class Prepared:
    """An answer as it will be kept. The chunks may be views of the value's own memory: use them before it changes."""

    entry: Entry
    trace: Trace
    chunks: list[Chunk]
    how: How = PLAIN


def prepare(key: Key, trace: Trace, value: object, cost: float, how: How = PLAIN) -> Prepared:
    """Write an answer out, as bytes; it stands nowhere yet."""
    code = trace.code.version if trace.code else b""
    serializer = "" if how.serializer == PICKLE else how.serializer
    facts = Facts(key, trace.version, cost, time.time(), encode(trace.dependencies), code, serializer)
    chunks = dumps(facts, value)
    return Prepared(entry_for(facts, sum(map(len, chunks))), trace, chunks, how)
