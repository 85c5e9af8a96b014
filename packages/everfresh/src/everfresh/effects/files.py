"""Files and folders that a call reads: seen by the interpreter's audit events, told again by their content."""

from __future__ import annotations

import os
import sys
from _thread import get_ident

from everfresh_callgraph.record import record
from everfresh_fingerprint.digest import Digest, seal

from everfresh.model import Dependency

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    # What tells cheaply that a file is as it was; None where there is none.
    Signature = tuple[int, ...] | None


@record
class Name:
    """What was read: a `file`, the names in a `folder`, or the `presence` of either.

    A relative path is meant from the working directory.
    """

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


class UnsteadyError(Exception):
    """What was read changed while the call ran, so that nobody can say which content the answer is for."""


class Recorder:
    """Notes what is read between enter and exit, by this thread and by those that have no recorder of their own."""

    def __init__(self) -> None:
        self.folder = _folder()
        self.seen: dict[Name, Signature] = {}
        self.written: set[str] = set()

    def __enter__(self) -> Recorder:
        _install()
        _running.setdefault(get_ident(), []).append(self)
        return self

    def __exit__(self, *_: object) -> None:
        mine = _running[get_ident()]
        mine.remove(self)
        if not mine:
            del _running[get_ident()]

    def note(self, kind: str, path: str) -> None:
        # A relative path is kept relative, so that a moved project hits, unless the call itself changed folders.
        spelled = path if os.path.isabs(path) or _folder() == self.folder else os.path.abspath(path)
        if os.path.abspath(path) not in self.written:
            self.seen.setdefault(Name(kind, spelled), state(Name(kind, path)))

    def adopt(self, names: Iterable[Name]) -> None:
        """An inner call was answered from the cache: what its answer depends on, the outer one depends on, too."""
        for name in names:
            self.note(name.kind, name.path)

    def names(self) -> tuple[Name, ...]:
        """What was read, in order. Raises UnsteadyError where it is not as it was when it was read first."""
        for name, before in self.seen.items():
            if state(name) != before:
                raise UnsteadyError(f"it read {name}, which changed meanwhile")
        return tuple(self.seen)


class Paused:
    """What this thread reads between enter and exit is the cache's own business."""

    def __enter__(self) -> None:
        _paused.append(get_ident())

    def __exit__(self, *_: object) -> None:
        _paused.remove(get_ident())


def recorders() -> list[Recorder]:
    """Those that are to hear what this thread reads."""
    mine = _running.get(get_ident())
    return mine if mine is not None else [one for several in list(_running.values()) for one in several]


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # the folder is gone
        return None


def dependency(name: Name) -> Dependency:
    """What the file or folder holds now, as a dependency."""
    digest = _content(name)
    return Dependency(str(name), digest, f"content {digest.hex()[:8]}" if digest != ABSENT else "absent")


def signature(path: str) -> Signature:
    """Changes with every write; the time of change (ctime) cannot be set back, as that of modification can."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev)


def state(name: Name) -> Signature:
    """What tells cheaply that what was read is as it was."""
    return (os.path.lexists(name.path), 0) if name.kind == "presence" else signature(name.path)


ABSENT = seal("absent", [])
_running: dict[int, list[Recorder]] = {}
_paused: list[int] = []
_known: dict[Name, tuple[Signature, Digest]] = {}


def _content(name: Name) -> Digest:
    now = state(name)
    known = _known.get(name)
    # Trusted within one process only: a file system may give a quick second write the same times.
    if known is None or known[0] != now or not _settled(now):
        known = _known[name] = (now, _read(name))
    return known[1]


def _settled(now: Signature) -> bool:
    """Whether the last change is so long ago that another one would show in the times."""
    import time

    return now is not None and time.time_ns() - max(now[:2]) > 2_000_000_000


def _read(name: Name) -> Digest:
    from xxhash import xxh3_128

    try:
        if name.kind == "presence":
            return seal("presence", []) if os.path.lexists(name.path) else ABSENT
        if name.kind == "folder":
            return seal("folder", [os.fsencode(one) for one in sorted(os.listdir(name.path))])
        state = xxh3_128()
        with open(name.path, "rb") as file:
            while chunk := file.read(1 << 20):
                state.update(chunk)
        return seal("file", [state.digest()])
    except OSError:
        return ABSENT


def _install() -> None:
    """Hooks cannot be taken out again, so there is one, put in by the first call that runs."""
    global _installed
    if not _installed:
        _installed = True
        sys.addaudithook(_hook)


_installed = False
LISTINGS = frozenset({"os.listdir", "os.scandir"})
PATTERNS = frozenset({"glob.glob", "glob.glob/2", "pathlib.Path.glob"})


def _hook(event: str, args: tuple[object, ...]) -> None:
    if _running and (event == "open" or event in LISTINGS or event == "sqlite3.connect"):
        listening = recorders() if get_ident() not in _paused else ()
        path = _path(args[0]) if listening else None
        if path is not None and not _is_the_interpreters(path):
            for one in listening:
                _tell(one, event, path, args)
    elif _running and event in PATTERNS and get_ident() not in _paused:
        _tell_pattern(event, args)


def _tell_pattern(event: str, args: tuple[object, ...]) -> None:
    from everfresh.effects.patterns import places

    listening = recorders()
    with Paused():
        for path in places(event, args):
            for one in listening:
                one.note("presence", path)


def _tell(recorder: Recorder, event: str, path: str, args: tuple[object, ...]) -> None:
    if event in LISTINGS:
        recorder.note("folder", path)
    elif event == "open" and isinstance(args[2], int) and args[2] & os.O_WRONLY:
        if args[2] & (os.O_TRUNC | os.O_EXCL):  # what is appended to holds more than the call wrote
            recorder.written.add(os.path.abspath(path))
    else:
        recorder.note("file", path)


def _path(given: object) -> str | None:
    if given is None:
        return "."
    if isinstance(given, str | bytes | os.PathLike):
        path = os.fsdecode(given)
        return None if path == ":memory:" or path.startswith(DEVICES) or path[:1] + path[-1:] == "<>" else path
    return None


DEVICES = ("/dev/", "/proc/", "/sys/")
PREFIXES = tuple({os.path.join(os.path.abspath(one), "") for one in (sys.prefix, sys.base_prefix)})
# Who in the standard library reads sources, or lists folders in search of modules and metadata.
LIBRARY = os.path.join(os.path.dirname(os.__file__), "")
READERS = tuple(f"{LIBRARY}{name}.py" for name in ("linecache", "tokenize", "traceback", "pkgutil", "inspect"))
SEARCHERS = os.path.join(LIBRARY, "importlib", "")
SOURCES = (".py", ".pyc", ".pyi", ".so", ".pyd")


def _is_the_interpreters(path: str) -> bool:
    """Whether the interpreter reads for itself: modules that are imported, sources for a traceback, its own files."""
    frame: FrameType | None = sys._getframe(2)
    own = path.endswith(SOURCES) or os.path.isdir(path) or not os.path.exists(path)
    while frame and frame.f_code.co_filename.startswith("<frozen "):
        if "importlib" in frame.f_code.co_filename and own:
            return True
        frame = frame.f_back
    reader = frame.f_code.co_filename if frame else ""
    searching = reader in READERS or reader.startswith(SEARCHERS)
    return (own and searching) or os.path.abspath(path).startswith(PREFIXES)
