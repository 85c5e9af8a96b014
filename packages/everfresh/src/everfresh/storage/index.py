"""The index: which answers are kept, and the bookkeeping on them. It can be rebuilt from the objects at any time."""

from __future__ import annotations

import os
import sqlite3

from everfresh.storage import rows
from everfresh.storage.connections import Connections
from everfresh.storage.rows import entry_of, trace_of
from everfresh.storage.schema import FORMAT, LOG, connector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from everfresh.model import Entry, Key, Trace
    from everfresh.storage.policy import ReplacementPolicy
    from everfresh.storage.rows import Row
    from everfresh.storage.serialize import Facts

    Touch: TypeAlias = tuple[Entry, Facts, float]

TOUCHES = 1000


class Index:
    """Entries by key and version in one SQLite file. Every method may raise `sqlite3.Error`.

    `log` is how many bytes a write-ahead log may take, which lets readers go on while something is written; 0 where
    the file is not on a disk of this machine, for there it would not be safe.
    """

    def __init__(self, path: str | os.PathLike[str], policy: ReplacementPolicy, log: int = LOG) -> None:
        self.path = os.fspath(path)
        self.policy = policy
        self.log = log
        self._touched: list[Touch] = []
        self._current: dict[str, bytes] = {}
        self._traced: dict[str, bytes] = {}
        self._connections = Connections(connector(self.path, log), in_child=self._forget_touched)

    def find(self, key: Key, version: bytes) -> Entry | None:
        """Give the entry of just this answer."""
        return next(map(entry_of, self._ask(rows.FIND, (version, key.function, key.arguments))), None)

    def latest(self, key: Key, but: bytes = b"") -> Entry | None:
        """Give the newest entry of the key, of any version but this."""
        return next(map(entry_of, self._ask(rows.LATEST, (key.arguments, key.function, but))), None)

    def trace(self, version: bytes) -> Trace | None:
        """Give what answers of this version depended on."""
        return trace_of(
            self._ask("SELECT version, dependencies, code FROM traces WHERE version = ? LIMIT 1", (version,))
        )

    def latest_trace(self, function: str) -> Trace | None:
        """Give what the newest version of the function depends on."""
        newest = "SELECT version, dependencies, code FROM traces WHERE function = ? ORDER BY created DESC LIMIT 1"
        return trace_of(self._ask(newest, (function,)))

    def entries(self, function: str | None = None) -> Iterator[Entry]:
        """Give all entries, or those of one function."""
        if function is None:
            return map(entry_of, self._ask(rows.SELECT))
        return map(entry_of, self._ask(f"{rows.SELECT} WHERE function = ?", (function,)))

    def versions(self, key: Key) -> list[Entry]:
        """Give the entries of the key, of all versions."""
        return list(map(entry_of, self._ask(rows.OF_KEY, (key.arguments, key.function))))

    def older(self, function: str, keep: int) -> list[Entry]:
        """Give the entries of the function that are of older versions than the newest and `keep` more."""
        known = [generation for (generation,) in self._ask(rows.GENERATIONS, (function,))]
        current = self._current.get(function)
        gone = sorted(known, key=lambda one: one != current)[keep + 1 :]
        wanted = f"{rows.SELECT} WHERE function = ? AND generation = ?"
        return [entry_of(row) for one in gone for row in self._ask(wanted, (function, one))]

    def least(self, excess: int, most: int = 256) -> list[tuple[Entry, float]]:
        """Give what goes next, and what the clock shows then: as much as frees the excess, and not more than `most`."""
        found = []
        for *row, worth, superseded in self._ask(rows.LEAST, (most,)):
            if excess <= 0:
                break
            entry = entry_of(row)
            found.append((entry, 0.0 if superseded else worth))
            excess -= entry.size
        return found

    def total(self) -> int:
        """Give the bytes that all objects take."""
        return int(self._ask("SELECT bytes FROM totals")[0][0])

    def fresh(self) -> int:
        """Give the bytes of all that was entered since the index was last complete."""
        return int(self._ask("SELECT fresh FROM totals")[0][0])

    def file_size(self, log: int = 0) -> int:
        """Give the bytes that the index itself takes, or would with a `log` of this size."""
        main, now, *others = map(_size, self._files())
        return main + max(now, log) + sum(others)

    def __len__(self) -> int:
        return int(self._ask("SELECT entries FROM totals")[0][0])

    def add(self, entry: Entry, trace: Trace) -> bool:
        """Keep the entry; one of the same key and version gives way. True: its function has another version now."""
        return bool(self.add_all([(entry, trace)], used=True))

    def add_all(self, kept: Sequence[tuple[Entry, Trace]], used: bool = False) -> list[str]:
        """Keep many entries at once. If they are in `use` now, older versions count as superseded from now on."""
        with self._connections.changing() as connection:
            clock, latest = connection.execute("SELECT clock, latest FROM totals").fetchone()
            for entry, trace in kept:
                now = rows.used_again(entry, 0, entry.used, latest) if used else entry
                self._add(connection, now, trace, self.policy.worth(now, clock))
                latest = max(latest, now.used)
            switched = [one for one in kept if used and self._switch(connection, *one)]
        if used:
            self._current.update({entry.key.function: rows.generation(trace) for entry, trace in kept})
        return [entry.key.function for entry, _ in switched]

    def remove(self, entries: Iterable[Entry], clock: float = 0.0) -> None:
        """Remove entries, and the traces that nothing needs any more. Absent, or recorded anew meanwhile, is fine."""
        gone = list(entries)
        names = [(each.key.arguments, each.created, each.version, each.key.function) for each in gone]
        with self._connections.changing() as connection:
            connection.executemany(rows.REMOVE, names)
            connection.executemany(rows.REMOVE_TRACE, {(version, function) for *_, version, function in names})
            connection.execute("UPDATE totals SET clock = max(clock, ?)", (clock,))

    def code_versions(self) -> set[bytes]:
        """Give the versions of code that entries depend on."""
        return {version for (version,) in self._ask("SELECT DISTINCT code FROM traces")}

    def clear(self) -> None:
        """Remove all entries and traces."""
        with self._connections.changing() as connection:
            for table in ("entries", "traces", "functions"):
                connection.execute(f"DELETE FROM {table}")
        self._current.clear()
        self.shrink()

    def touch(self, entry: Entry, facts: Facts, used: float) -> bool:
        """Count a hit; True says that it is time to `flush`. Writing takes ten times as long as the lookup."""
        self._touched.append((entry, facts, used))
        return len(self._touched) >= TOUCHES

    def flush(self) -> list[tuple[Entry, Facts]]:
        """Write the hits counted so far, and give those that the index has no entry for."""
        touched, self._touched = self._touched, []
        if not touched:
            return []
        hits: dict[tuple[Key, bytes], list[Touch]] = {}
        for one in touched:
            hits.setdefault((one[0].key, one[0].version), []).append(one)
        with self._connections.changing() as connection:
            clock, latest = connection.execute("SELECT clock, latest FROM totals").fetchone()
            return [several[0][:2] for several in hits.values() if not self._count(connection, several, clock, latest)]

    def rerank(self) -> None:
        """Ask the policy anew what each entry is worth, if it is another one than before."""
        name = f"{type(self.policy).__module__}.{type(self.policy).__qualname__}"
        ((known, clock),) = self._ask("SELECT policy, clock FROM totals")
        if known == name:
            return
        with self._connections.changing() as connection:
            connection.create_function("worth_of", 9, lambda *row: self.policy.worth(entry_of(row), clock))
            if known:  # the clock of another policy shows another time
                connection.execute("UPDATE totals SET clock = 0.0")
                clock = 0.0
            connection.execute(rows.RERANK)
            connection.execute("UPDATE totals SET policy = ?", (name,))

    def shrink(self) -> None:
        """Give back to the disk what the file does not need, where that is much of it."""
        free, pages = (self._ask(f"PRAGMA {name}")[0][0] for name in ("freelist_count", "page_count"))
        if free * 4 > pages:
            with self._connections.lend() as connection:
                connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(PASSIVE);")

    def close(self) -> None:
        """Close the file. Whatever is asked next opens it again."""
        self._current.clear()
        self._connections.close()

    @property
    def complete(self) -> bool:
        """Whether the index holds what the objects say. If not, rebuild it, then say so by `complete_now`."""
        return int(self._ask("PRAGMA user_version")[0][0]) == FORMAT

    def complete_now(self) -> None:
        """Mark the index complete."""
        self._ask("UPDATE totals SET fresh = 0")
        self._ask(f"PRAGMA user_version = {FORMAT}")

    def set_aside(self) -> bool:
        """Move a damaged file out of the way. False if it is sound: another thread or process was faster."""
        with self._connections.growing:
            self.close()
            if self._sound():
                return False
            self.close()
            os.replace(self.path, f"{self.path}.damaged")
            for path in self._files()[1:]:
                if os.path.exists(path):
                    os.unlink(path)
            return True

    def _add(self, connection: sqlite3.Connection, entry: Entry, trace: Trace, worth: float) -> None:
        key, version = entry.key, entry.version
        row = rows.entry_row(entry, worth)
        # As a rule the trace is there already; then it is one statement less.
        if self._traced.get(key.function) != version or connection.execute(rows.ADD, row).rowcount < 1:
            connection.execute(rows.ADD_TRACE, rows.trace_row(entry, trace))
            connection.execute(rows.ADD, row)
            self._traced[key.function] = version
        connection.execute(rows.SUPERSEDE, (key.arguments, entry.created, key.function, version, rows.kind(trace)))

    def _switch(self, connection: sqlite3.Connection, entry: Entry, trace: Trace) -> bool:
        """Where the function has another version than before, entries of all others are superseded."""
        function, now = entry.key.function, rows.generation(trace)
        if self._current.get(function) == now:
            return False
        before = connection.execute("SELECT generation FROM functions WHERE function = ?", (function,)).fetchone()
        if before == (now,):
            return False
        connection.execute("INSERT OR REPLACE INTO functions VALUES (?, ?)", (function, now))
        if before:
            connection.execute(rows.SWITCH, (now, function))
        return bool(before)

    def _count(self, connection: sqlite3.Connection, touched: list[Touch], clock: float, latest: float) -> bool:
        key, version = touched[0][0].key, touched[0][0].version
        row = connection.execute(rows.FIND, (version, key.function, key.arguments)).fetchone()
        if row is None:
            return False
        entry = rows.used_again(entry_of(row), len(touched), max(each[2] for each in touched), latest)
        facts = (entry.hits, entry.used, self.policy.worth(entry, clock))
        connection.execute(rows.TOUCH, (*facts, key.arguments, version, key.function))
        return True

    def _sound(self) -> bool:
        try:
            return self._ask("PRAGMA integrity_check(1)") == [("ok",)]
        except sqlite3.DatabaseError:
            return False

    def _files(self) -> list[str]:
        return [self.path + suffix for suffix in ("", "-wal", "-shm", "-journal")]

    def _ask(self, question: str, parameters: Row = ()) -> list[Row]:
        # To the end: a cursor read by half would hold back the checkpoint of the write-ahead log.
        with self._connections.lend() as connection:
            return connection.execute(question, parameters).fetchall()

    def _forget_touched(self) -> None:
        self._touched = []


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0
