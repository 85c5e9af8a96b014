"""Entries and traces, to and from rows of the index; and the statements that read and write them."""

from __future__ import annotations

from xxhash import xxh3_128_digest

from everfresh.model import Entry, Key, Manifest, Trace
from everfresh.storage.frames import frame
from everfresh.storage.serialize import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    Row: TypeAlias = Sequence[Any]

# Times are told apart from here on.
TICK = 1e-6

COLUMNS = "function, arguments, version, object, size, cost, entries.created, used, hits"
SELECT = f"SELECT {COLUMNS} FROM entries JOIN traces ON traces.id = entries.trace"
FIND = f"{SELECT} WHERE version = ? AND function = ? AND arguments = ?"
# CROSS: by the arguments first. One function may have as many traces as entries.
OF_KEY = f"""SELECT {COLUMNS} FROM entries CROSS JOIN traces ON traces.id = entries.trace
    WHERE arguments = ? AND function = ?"""
LATEST = f"{OF_KEY} AND version <> ? ORDER BY entries.created DESC LIMIT 1"
LEAST = f"""SELECT {COLUMNS}, worth, superseded FROM
    (SELECT * FROM entries ORDER BY superseded DESC, worth, used LIMIT ?) AS entries
    JOIN traces ON traces.id = entries.trace ORDER BY superseded DESC, worth, used"""
# Generations of a function, the one used last first.
GENERATIONS = """SELECT generation FROM entries JOIN traces ON traces.id = entries.trace WHERE function = ?
    GROUP BY generation ORDER BY max(used) DESC"""

ADD_TRACE = """INSERT INTO traces (function, version, created, dependencies, code, generation, kind)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
# Not REPLACE: that deletes the row first, without the trigger.
ADD = """INSERT INTO entries SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, 0 FROM traces WHERE version = ? AND function = ?
    ON CONFLICT DO UPDATE SET object = excluded.object, size = excluded.size, cost = excluded.cost,
        created = excluded.created, used = excluded.used, worth = excluded.worth, superseded = 0"""
# The same call under another version, found in the same way: what is learned of a call does not supersede the call.
SUPERSEDE = """UPDATE entries SET superseded = 1 WHERE arguments = ? AND created <= ? AND EXISTS
    (SELECT 1 FROM traces WHERE id = entries.trace AND function = ? AND version <> ? AND kind = ?)"""
SWITCH = """UPDATE entries SET superseded = (SELECT generation <> ? FROM traces WHERE id = entries.trace)
    WHERE trace IN (SELECT id FROM traces WHERE function = ?)"""
TOUCH = """UPDATE entries SET hits = ?, used = ?, worth = ?, superseded = 0
    WHERE arguments = ? AND trace = (SELECT id FROM traces WHERE version = ? AND function = ?)"""
# What was recorded anew since the caller looked is another entry, and its object is there: it stays.
REMOVE = """DELETE FROM entries WHERE arguments = ? AND created = ?
    AND trace = (SELECT id FROM traces WHERE version = ? AND function = ?)"""
REMOVE_TRACE = """DELETE FROM traces WHERE version = ? AND function = ? AND NOT EXISTS
    (SELECT 1 FROM entries WHERE trace = traces.id)"""
RERANK = """UPDATE entries SET worth = (SELECT worth_of(function, arguments, version, object, size, cost,
    entries.created, used, hits) FROM traces WHERE id = trace)"""


def entry_of(row: Row) -> Entry:
    function, arguments, *rest = row
    return Entry(Key(function, arguments), *rest)


def used_again(entry: Entry, times: int, now: float, latest: float) -> Entry:
    """The entry after so many hits. Where the clock was set back, `now` still comes after the `latest` use of any."""
    fixed = entry.key, entry.version, entry.object, entry.size, entry.cost, entry.created
    return Entry(*fixed, max(entry.used, now if now >= latest else latest + TICK), entry.hits + times)


def entry_row(entry: Entry, worth: float) -> Row:
    facts = (entry.object, entry.size, entry.cost, entry.created, entry.used, entry.hits, worth)
    return entry.key.arguments, *facts, entry.version, entry.key.function


def trace_row(entry: Entry, trace: Trace) -> Row:
    code = trace.code.version if trace.code else b""
    told = encode(trace.dependencies), code, generation(trace), kind(trace)
    return entry.key.function, entry.version, entry.created, *told


def generation(trace: Trace) -> bytes:
    """Which version of its function the trace belongs to: that of the code; else what the trace began with."""
    if trace.code:
        return trace.code.version
    return trace.dependencies[-1].digest if trace.dependencies else trace.version


def kind(trace: Trace) -> bytes:
    """What the trace is about, whatever that is now: the names of its dependencies."""
    return xxh3_128_digest(frame(*(each.name.encode("utf-8", "surrogatepass") for each in trace.dependencies)))


def trace_of(rows: Sequence[Row]) -> Trace | None:
    try:
        return next((_trace(*row) for row in rows), None)
    except ValueError:
        return None  # unreadable: an explanation is lost, no answer


def _trace(version: bytes, dependencies: bytes, code: bytes) -> Trace:
    return Trace(version, decode(dependencies), Manifest(code, bytes) if code else None)
