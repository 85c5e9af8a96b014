"""The tables of the index, and connections to its file."""

from __future__ import annotations

import functools
import os
import sqlite3
import time

from everfresh.errors import NewerFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Increment when the tables change. An older index is dropped and rebuilt from the objects, a newer one left alone.
# It stands in `user_version` once the index holds what the objects say; until then that is 0.
FORMAT = 3

BUSY_SECONDS = 10.0
WAITING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
PAGE = 4096
# How many bytes the write-ahead log takes, unless told otherwise: fewer mean that the disk is waited for more often.
LOG = 1000 * PAGE

# How many bytes of the index a connection keeps in memory at most.
CACHE = 1 << 24

# Triggers keep the totals: summing the sizes at each record would grow with the entries. `clock` is what the policy
# has evicted up to, `latest` the last use, `fresh` the bytes entered
# since the index was last held against the objects.
TABLES = """
CREATE TABLE IF NOT EXISTS traces (
    id INTEGER PRIMARY KEY, function TEXT NOT NULL, version BLOB NOT NULL, created REAL NOT NULL,
    dependencies BLOB NOT NULL, code BLOB NOT NULL, generation BLOB NOT NULL, kind BLOB NOT NULL,
    UNIQUE (version, function));
CREATE INDEX IF NOT EXISTS traces_by_function ON traces (function, created);
CREATE TABLE IF NOT EXISTS entries (
    trace INTEGER, arguments BLOB, object BLOB NOT NULL, size INTEGER NOT NULL, cost REAL NOT NULL,
    created REAL NOT NULL, used REAL NOT NULL, hits INTEGER NOT NULL, worth REAL NOT NULL,
    superseded INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (trace, arguments)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_arguments ON entries (arguments);
CREATE INDEX IF NOT EXISTS entries_by_worth ON entries (superseded DESC, worth, used);
CREATE TABLE IF NOT EXISTS functions (function TEXT PRIMARY KEY, generation BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS totals (
    one INTEGER PRIMARY KEY CHECK (one = 1), entries INTEGER, bytes INTEGER, fresh INTEGER,
    clock REAL, latest REAL, policy TEXT);
INSERT OR IGNORE INTO totals VALUES (1, 0, 0, 0, 0.0, 0.0, '');
CREATE TRIGGER IF NOT EXISTS added AFTER INSERT ON entries BEGIN
    UPDATE totals SET entries = entries + 1, bytes = bytes + new.size, fresh = fresh + new.size,
        latest = max(latest, new.used); END;
CREATE TRIGGER IF NOT EXISTS resized AFTER UPDATE OF size ON entries BEGIN
    UPDATE totals SET bytes = bytes + new.size - old.size; END;
CREATE TRIGGER IF NOT EXISTS used AFTER UPDATE OF used ON entries BEGIN
    UPDATE totals SET latest = max(latest, new.used); END;
CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON entries BEGIN
    UPDATE totals SET entries = entries - 1, bytes = bytes - old.size; END;
"""
DROP = "".join(f"DROP TABLE IF EXISTS {table};" for table in ("entries", "traces", "functions", "totals"))


def connector(path: str, log: int) -> Callable[[], sqlite3.Connection]:
    """Give what opens the index. Without `log` it works in any place that is not shared, but readers wait."""
    return functools.partial(_connect, path, log)


def _connect(path: str, log: int) -> sqlite3.Connection:
    try:
        return _open(path, log)
    except sqlite3.OperationalError:
        if os.access(path, os.W_OK) or not os.path.exists(path):
            raise
        return _open_to_read(path)


def _open(path: str, log: int) -> sqlite3.Connection:
    # The pool lends a connection to one thread at a time, so SQLite's own check would only stand in the way.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        found = _known_format(connection, path)
        _prepare(connection, found, log)
    except BaseException:
        connection.close()
        raise
    return connection


def _open_to_read(path: str) -> sqlite3.Connection:
    """Where nothing can be written there can be no locks either: good enough to say why an answer is stale."""
    from urllib.request import pathname2url

    address = f"file:{pathname2url(path)}?immutable=1"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    if _known_format(connection, path) < FORMAT:
        connection.close()
        raise sqlite3.OperationalError(f"the index {path} is not complete, and cannot be written")
    return connection


def _known_format(connection: sqlite3.Connection, path: str) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        raise NewerFormatError(
            f"the cache index {path} was written by a newer everfresh (format {found}, this one reads {FORMAT}): "
            "upgrade everfresh, or set EVERFRESH_DIR to another folder"
        )
    return int(found)


def _prepare(connection: sqlite3.Connection, found: int, log: int) -> None:
    if found < FORMAT:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # heard in a file without tables only
    if log:
        _use_log(connection, log)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = {-CACHE // 1024}")
    if found < FORMAT:
        outdated = f"{DROP} PRAGMA user_version = 0;" if found else ""
        connection.executescript(f"BEGIN IMMEDIATE; {outdated} {TABLES} COMMIT;")


def _use_log(connection: sqlite3.Connection, size: int) -> None:
    """Readers never wait for a writer. A power cut may lose the last entries: their objects are adopted again."""
    until = time.monotonic() + BUSY_SECONDS
    while not _switched(connection, until):
        time.sleep(0.005)
    connection.execute(f"PRAGMA journal_size_limit = {size}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {max(size // PAGE, 1)}")


def _switched(connection: sqlite3.Connection, until: float) -> bool:
    """Switching is the one thing that SQLite does not itself wait for while others open the file too."""
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        return True
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in WAITING or time.monotonic() > until:
            raise
        return False
