"""The index: which answers are kept, and the bookkeeping on them. It can be rebuilt from the objects at any time."""

from __future__ import annotations

import functools
import os
import sqlite3
import time

from everfresh.errors import NewerFormatError
from everfresh.model import Entry, Key, Manifest, Trace
from everfresh.storage.connections import Connections
from everfresh.storage.serialize import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Row: TypeAlias = Sequence[Any]
    Step: TypeAlias = tuple[str, Iterable[Row]]

# Increment when the tables change. An older index is dropped and rebuilt from the objects, a newer one left alone.
# It stands in `user_version` once the index holds what the objects say; until then that is 0.
FORMAT = 2

BUSY_SECONDS = 10.0
WAITING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
TOUCHES = 1000

# Triggers keep the totals: summing the sizes at each record would grow with the entries.
TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    function TEXT, arguments BLOB, version BLOB, object BLOB NOT NULL, size INTEGER NOT NULL,
    cost REAL NOT NULL, created REAL NOT NULL, used REAL NOT NULL, hits INTEGER NOT NULL,
    PRIMARY KEY (function, arguments, version)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_version ON entries (function, version);
CREATE TABLE IF NOT EXISTS traces (
    function TEXT, version BLOB, created REAL NOT NULL, dependencies BLOB NOT NULL, code BLOB NOT NULL,
    PRIMARY KEY (version, function));
CREATE INDEX IF NOT EXISTS traces_by_function ON traces (function, created);
CREATE TABLE IF NOT EXISTS totals (one INTEGER PRIMARY KEY CHECK (one = 1), entries INTEGER, bytes INTEGER);
INSERT OR IGNORE INTO totals VALUES (1, 0, 0);
CREATE TRIGGER IF NOT EXISTS added AFTER INSERT ON entries BEGIN
    UPDATE totals SET entries = entries + 1, bytes = bytes + new.size; END;
CREATE TRIGGER IF NOT EXISTS resized AFTER UPDATE OF size ON entries BEGIN
    UPDATE totals SET bytes = bytes + new.size - old.size; END;
CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON entries BEGIN
    UPDATE totals SET entries = entries - 1, bytes = bytes - old.size; END;
"""
DROP = "DROP TABLE IF EXISTS entries; DROP TABLE IF EXISTS traces; DROP TABLE IF EXISTS totals;"

SELECT = "SELECT function, arguments, version, object, size, cost, created, used, hits FROM entries"
FIND = f"{SELECT} WHERE function = ? AND arguments = ? AND version = ?"
VERSIONS = f"{SELECT} WHERE function = ? AND arguments = ?"
LATEST = f"{SELECT} WHERE function = ? AND arguments = ? AND version <> ? ORDER BY created DESC LIMIT 1"
# Not REPLACE: that deletes the row first, without the trigger.
ADD = """INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET object = excluded.object, size = excluded.size, cost = excluded.cost,
        created = excluded.created, used = excluded.used"""
ADD_TRACE = "INSERT INTO traces VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
TOUCH = """UPDATE entries SET hits = hits + 1, used = max(used, ?)
    WHERE function = ? AND arguments = ? AND version = ?"""
# What was recorded anew since the caller looked is another entry, and its object is there: it stays.
REMOVE = "DELETE FROM entries WHERE function = ? AND arguments = ? AND version = ? AND created = ?"
REMOVE_TRACE = """DELETE FROM traces WHERE function = ? AND version = ? AND NOT EXISTS
    (SELECT 1 FROM entries WHERE function = traces.function AND version = traces.version)"""


class Index:
    """Entries by key and version in one SQLite file. Every method may raise `sqlite3.Error`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._touched: list[Row] = []
        self._connections = Connections(functools.partial(_connect, self.path), in_child=self._forget_touched)

    def find(self, key: Key, version: bytes) -> Entry | None:
        """Give the entry of just this answer."""
        return next(map(_entry, self._ask(FIND, (key.function, key.arguments, version))), None)

    def latest(self, key: Key, but: bytes = b"") -> Entry | None:
        """Give the newest entry of the key, of any version but this."""
        return next(map(_entry, self._ask(LATEST, (key.function, key.arguments, but))), None)

    def trace(self, version: bytes) -> Trace | None:
        """Give what answers of this version depended on."""
        rows = self._ask("SELECT version, dependencies, code FROM traces WHERE version = ? LIMIT 1", (version,))
        return _trace(rows)

    def latest_trace(self, function: str) -> Trace | None:
        """Give what the newest version of the function depends on."""
        newest = "SELECT version, dependencies, code FROM traces WHERE function = ? ORDER BY created DESC LIMIT 1"
        return _trace(self._ask(newest, (function,)))

    def entries(self, function: str | None = None) -> Iterator[Entry]:
        """Give all entries, or those of one function."""
        if function is None:
            return map(_entry, self._ask(SELECT))
        return map(_entry, self._ask(f"{SELECT} WHERE function = ?", (function,)))

    def versions(self, key: Key) -> list[Entry]:
        """Give the entries of the key, of all versions."""
        return list(map(_entry, self._ask(VERSIONS, (key.function, key.arguments))))

    def total(self) -> int:
        """Give the bytes that all objects take."""
        return int(self._ask("SELECT bytes FROM totals")[0][0])

    def __len__(self) -> int:
        return int(self._ask("SELECT entries FROM totals")[0][0])

    def add(self, entry: Entry, trace: Trace) -> None:
        """Keep the entry; one of the same key and version gives way."""
        self.add_all([(entry, trace)])

    def add_all(self, kept: Sequence[tuple[Entry, Trace]]) -> None:
        """Keep many entries at once."""
        traces = [_trace_row(entry, trace) for entry, trace in kept]
        self._change((ADD, [_row(entry) for entry, _ in kept]), (ADD_TRACE, traces))

    def remove(self, entries: Iterable[Entry]) -> None:
        """Remove entries, and the traces that nothing needs any more. Absent, or recorded anew meanwhile, is fine."""
        gone = list(entries)
        versions = {(entry.key.function, entry.version) for entry in gone}
        self._change((REMOVE, [(*_names(entry), entry.created) for entry in gone]), (REMOVE_TRACE, versions))

    def code_versions(self) -> set[bytes]:
        """Give the versions of code that entries depend on."""
        return {version for (version,) in self._ask("SELECT DISTINCT code FROM traces")}

    def clear(self) -> None:
        """Remove all entries and traces."""
        self._change(("DELETE FROM entries", [()]), ("DELETE FROM traces", [()]))

    def touch(self, entry: Entry, used: float) -> None:
        """Count a hit. It is written with many others: writing takes ten times as long as the lookup."""
        self._touched.append((used, *_names(entry)))
        if len(self._touched) >= TOUCHES:
            try:
                self.flush()
            except sqlite3.OperationalError:
                pass  # locked, full or read-only: no reason to lose the answer that is at hand

    def flush(self) -> None:
        """Write the hits counted so far."""
        touched, self._touched = self._touched, []
        if touched:
            self._change((TOUCH, touched))

    def close(self) -> None:
        """Close the file. Whatever is asked next opens it again."""
        self._connections.close()

    @property
    def complete(self) -> bool:
        """Whether the index holds what the objects say. If not, rebuild it, then say so by `complete_now`."""
        return self._format() == FORMAT

    def complete_now(self) -> None:
        """Mark the index complete."""
        self._ask(f"PRAGMA user_version = {FORMAT}")

    def set_aside(self) -> bool:
        """Move a damaged file out of the way. False if it is sound: another thread or process was faster."""
        with self._connections.growing:
            self.close()
            if self._sound():
                return False
            self.close()
            os.replace(self.path, f"{self.path}.damaged")
            for suffix in ("-wal", "-shm"):
                if os.path.exists(self.path + suffix):
                    os.unlink(self.path + suffix)
            return True

    def _sound(self) -> bool:
        try:
            return self._ask("PRAGMA integrity_check(1)") == [("ok",)]
        except sqlite3.DatabaseError:
            return False

    def _format(self) -> int:
        return int(self._ask("PRAGMA user_version")[0][0])

    def _ask(self, question: str, parameters: Row = ()) -> list[Row]:
        # To the end: a cursor read by half would hold back the checkpoint of the write-ahead log.
        with self._connections.lend() as connection:
            return connection.execute(question, parameters).fetchall()

    def _change(self, *steps: Step) -> None:
        with self._connections.lend() as connection:
            _commit(connection, steps)

    def _forget_touched(self) -> None:
        self._touched = []


def _entry(row: Row) -> Entry:
    function, arguments, *rest = row
    return Entry(Key(function, arguments), *rest)


def _names(entry: Entry) -> Row:
    return entry.key.function, entry.key.arguments, entry.version


def _row(entry: Entry) -> Row:
    facts = (entry.object, entry.size, entry.cost, entry.created, entry.used, entry.hits)
    return (*_names(entry), *facts)


def _trace_row(entry: Entry, trace: Trace) -> Row:
    code = trace.code.version if trace.code else b""
    return entry.key.function, entry.version, entry.created, encode(trace.dependencies), code


def _read_trace(version: bytes, dependencies: bytes, code: bytes) -> Trace:
    return Trace(version, decode(dependencies), Manifest(code, bytes) if code else None)


def _trace(rows: list[Row]) -> Trace | None:
    try:
        return next((_read_trace(*row) for row in rows), None)
    except ValueError:
        return None  # unreadable: an explanation is lost, no answer


def _commit(connection: sqlite3.Connection, steps: Iterable[Step]) -> None:
    """Take all steps or none. IMMEDIATE, for a transaction that begins with reading may not wait when it writes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement, rows in steps:
            connection.executemany(statement, rows)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _use_log(connection: sqlite3.Connection) -> None:
    """Readers never wait for a writer. A power cut may lose the last entries: their objects are adopted again."""
    until = time.monotonic() + BUSY_SECONDS
    while not _switched(connection, until):
        time.sleep(0.005)
    connection.execute("PRAGMA synchronous = NORMAL")


def _switched(connection: sqlite3.Connection, until: float) -> bool:
    """Switching is the one thing that SQLite does not itself wait for while others open the file too."""
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        return True
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in WAITING or time.monotonic() > until:
            raise
        return False


def _connect(path: str) -> sqlite3.Connection:
    # The pool lends a connection to one thread at a time, so SQLite's own check would only stand in the way.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        found = _known_format(connection, path)
        _use_log(connection)
        _make_tables(connection, found)
    except BaseException:
        connection.close()
        raise
    return connection


def _known_format(connection: sqlite3.Connection, path: str) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        raise NewerFormatError(
            f"the cache index {path} was written by a newer everfresh (format {found}, this one reads {FORMAT}): "
            "upgrade everfresh, or set EVERFRESH_DIR to another folder"
        )
    return int(found)


def _make_tables(connection: sqlite3.Connection, found: int) -> None:
    if found < FORMAT:
        outdated = f"{DROP} PRAGMA user_version = 0;" if found else ""
        connection.executescript(f"BEGIN IMMEDIATE; {outdated} {TABLES} COMMIT;")
