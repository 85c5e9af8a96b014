"""Settings in layers: defaults, pyproject.toml, the environment, `configure()`. Later ones win."""

from __future__ import annotations

import os
import sys

from everfresh_callgraph.record import record

from everfresh.errors import SettingsError
from everfresh.units import parse_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Secret(bytes):
    """A key that is not shown where settings are printed."""

    def __repr__(self) -> str:
        return "Secret(...)"


@record
class Settings:
    """What holds where a group or a function does not say otherwise.

    `location` is the cache's folder (None: `.everfresh` at the project's root, else in the user's cache folder), `size`
    its bound in bytes, `policy` who goes first when it is reached: `gdsf`, `lru` or `lfu`. `strict` refuses functions
    that have blind spots. `disable` calls every function straight through. `log` writes hits and misses to the log.
    `writes` says when answers are written: `at once`, `background` or `commit`. `single_flight` lets one computation at
    a time run for a question. `shared` tells that other machines use the folder, too (None: its file system is asked).
    `durable` waits until an answer is on the disk; `serializer` and `compression` say how it is written. `key` signs
    answers; what is not signed by it is not read.
    """

    location: str | None = None
    size: int = 10 * 1024**3
    policy: str = "gdsf"
    strict: bool = False
    disable: bool = False
    log: bool = False
    writes: str = "at once"
    single_flight: bool = True
    shared: bool | None = None
    durable: bool = False
    serializer: str = "pickle"
    compression: str = "none"
    key: Secret | None = None


VARIABLES = {
    "EVERFRESH_DIR": "location",
    "EVERFRESH_SIZE": "size",
    "EVERFRESH_POLICY": "policy",
    "EVERFRESH_STRICT": "strict",
    "EVERFRESH_DISABLE": "disable",
    "EVERFRESH_LOG": "log",
    "EVERFRESH_WRITES": "writes",
    "EVERFRESH_SINGLE_FLIGHT": "single_flight",
    "EVERFRESH_SHARED": "shared",
    "EVERFRESH_DURABLE": "durable",
    "EVERFRESH_SERIALIZER": "serializer",
    "EVERFRESH_COMPRESSION": "compression",
    "EVERFRESH_KEY": "key",
}

_configured: dict[str, object] = {}
_kept: Settings | None = None


def settings() -> Settings:
    """The settings in force, read once and kept until `configure()` is called."""
    global _kept
    if _kept is None:
        layers = (_from_project(), _from_environment(), _configured)
        _kept = Settings(**{name: value for layer in layers for name, value in layer.items()})  # type: ignore[arg-type]
    return _kept


def configure(**options: object) -> None:
    """Set defaults for every group and function of this process: any of the fields of `Settings`.

    >>> configure(size="2 GiB", log=False)

    Raises SettingsError, a ValueError, that names the option where it is unknown or its value is not understood.
    """
    global _kept
    _configured.update({name: _checked(name, value, f"configure({name}=...)") for name, value in options.items()})
    _kept = None


def project_root() -> str | None:
    """The nearest folder, from the running script upwards, that holds a pyproject.toml or a .git."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    try:
        starts = (os.path.dirname(os.path.abspath(main)) if main else None, os.getcwd())
    except OSError:  # the working directory is gone
        return None
    for start in starts:
        folder = start
        while folder:
            if any(os.path.exists(os.path.join(folder, mark)) for mark in ("pyproject.toml", ".git")):
                return folder
            above = os.path.dirname(folder)
            folder = above if above != folder else None
    return None


def default_location() -> str:
    """`.everfresh` at the project's root, else a folder in the user's cache directory."""
    root = project_root()
    if root and os.access(root, os.W_OK):
        return os.path.join(root, ".everfresh")
    from platformdirs import user_cache_dir

    return user_cache_dir("everfresh")


def _from_project() -> dict[str, object]:
    root = project_root()
    path = os.path.join(root, "pyproject.toml") if root else ""
    if not os.path.isfile(path):
        return {}
    with open(path, "rb") as file:
        text = file.read()
    if b"tool.everfresh" not in text:  # tomllib is only worth its import where there is something to read
        return {}
    table = _table(text, path)
    if isinstance(table.get("location"), str):  # a relative one is meant from the file that it stands in
        table["location"] = os.path.join(os.path.dirname(path), os.path.expanduser(table["location"]))
    if "key" in table:
        raise SettingsError(f"[tool.everfresh] in {path}: others read this file, so it holds no key: {KEYS_PLACE}")
    return {name: _checked(name, value, f"[tool.everfresh] in {path}") for name, value in table.items()}


def _table(text: bytes, path: str) -> dict[str, Any]:
    import tomllib

    try:
        table = tomllib.loads(text.decode()).get("tool", {}).get("everfresh", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    return table if isinstance(table, dict) else {}


def _from_environment() -> dict[str, object]:
    return {
        name: _checked(name, os.environ[variable], f"the environment variable {variable}")
        for variable, name in VARIABLES.items()
        if os.environ.get(variable)
    }


def _checked(name: str, value: object, source: str) -> object:
    if name not in CHECKS:
        raise SettingsError(f"{source}: there is no setting {name!r}; there are {', '.join(CHECKS)}")
    try:
        return CHECKS[name](value)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{source}: {error}") from error


def _flag(value: object) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if str(value).lower() in words:
        return words[str(value).lower()]
    raise ValueError(f"{value!r} is neither true nor false")


def _path(value: object) -> str | None:
    return None if value is None else os.path.abspath(os.path.expanduser(os.fspath(value)))  # type: ignore[call-overload]


def _policy(value: object) -> str:
    if value in ("gdsf", "lru", "lfu"):
        return str(value)
    raise ValueError(f"there is no policy {value!r}; there are 'gdsf', 'lru' and 'lfu'")


def writes(value: object) -> str:
    """One of the three ways; raises ValueError that names them."""
    if value in WRITES:
        return str(value)
    raise ValueError(f"writes={value!r} is not known; there are 'at once', 'background' and 'commit'")


def _word(value: object) -> str:
    """A name that somebody else knows."""
    if isinstance(value, str) and value:
        return value
    raise ValueError(f"{value!r} is no name")


def _key(value: object) -> Secret | None:
    if value is None:
        return None
    if not isinstance(value, str | bytes):
        raise TypeError(f"key is to be bytes or text, not {type(value).__name__}")
    key = Secret(value.encode() if isinstance(value, str) else value)
    if len(key) < LEAST_KEY:
        raise ValueError(f"a key of {len(key)} bytes can be guessed: give at least {LEAST_KEY}, such as {GOOD_KEY}")
    return key


# So short a key could be guessed.
LEAST_KEY = 16
GOOD_KEY = "secrets.token_hex()"
KEYS_PLACE = "set EVERFRESH_KEY, or call configure(key=...)"
WRITES = ("at once", "background", "commit")


CHECKS: dict[str, Callable[[object], object]] = {
    "location": _path,
    "size": parse_size,  # type: ignore[dict-item]
    "policy": _policy,
    "strict": _flag,
    "disable": _flag,
    "log": _flag,
    "writes": writes,
    "single_flight": _flag,
    "shared": _flag,
    "durable": _flag,
    "serializer": _word,
    "compression": _word,
    "key": _key,
}
