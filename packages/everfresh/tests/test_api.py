"""The public names, and the price of importing them."""

from __future__ import annotations

import subprocess
import sys

import everfresh
import pytest

PUBLIC = """CacheWarning EverfreshError FileContents ImpureWarning Memoized MemoizedGroup NotCachedError
NotMemoizedWarning TTLInterval code_version configure determ_hash memoize subscribe""".split()

# Beside its own rooms, what `import everfresh` may load that an interpreter has not loaded already. Each costs every
# program that imports everfresh; dataclasses, inspect, typing, logging, sqlite3, pickle, numpy and pandas stay out.
LOADED = """_bisect _collections _functools _opcode _operator _struct _weakrefset bisect collections collections.abc
copyreg functools gc itertools keyword math opcode operator reprlib struct types warnings weakref xxhash xxhash._xxhash
xxhash.version _opcode_metadata __future__ _types
_py_warnings _contextvars""".split()


def loaded(statement: str) -> set[str]:
    """The modules that a statement loads in a new process."""
    script = f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_the_public_names_are_these():
    """The API is the list in __init__, and every name on it exists."""
    assert sorted(everfresh.__all__) == sorted(PUBLIC)
    assert all(getattr(everfresh, name) is not None for name in PUBLIC)
    assert dir(everfresh) == sorted(PUBLIC)


def test_unknown_names_are_attribute_errors():
    """A typing slip is told as one."""
    with pytest.raises(AttributeError, match="memorize"):
        getattr(everfresh, "memorize")


def test_importing_everfresh_is_cheap():
    """`import everfresh` loads its own rooms and a pinned handful of small modules."""
    foreign = {name for name in loaded("import everfresh") if not name.startswith("everfresh")}
    assert foreign <= set(LOADED), f"now also loaded: {sorted(foreign - set(LOADED))}"


def test_storage_loads_with_the_first_call():
    """Decorating a function opens no cache and loads no storage."""
    modules = loaded("import everfresh; everfresh.memoize(lambda: 1); everfresh.MemoizedGroup('x')")
    assert not {name for name in modules if name.startswith("everfresh.storage")}
    assert "sqlite3" not in modules


def test_memoize_is_the_function_and_not_the_room():
    """`everfresh.memoize` stays the decorator, whatever of the room of that name is imported later."""
    script = "import everfresh.memoize.protocol; from everfresh import memoize; print(memoize.__module__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "everfresh.memoize.decorate\n"


def test_memoized_is_the_type_of_a_memoized_function():
    """isinstance tells memoized functions from plain ones."""
    assert isinstance(everfresh.memoize(lambda: 1), everfresh.Memoized)
    assert not isinstance(lambda: 1, everfresh.Memoized)
