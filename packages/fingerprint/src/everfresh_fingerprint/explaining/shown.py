"""Value -> one short line, as a person would write it. No code of the user's is run for it."""

from __future__ import annotations

import sys
from reprlib import Repr

from everfresh_callgraph.contents import is_code
from everfresh_callgraph.naming import module_name, qualified

from everfresh_fingerprint.form import rule_for
from everfresh_fingerprint.leaves import FLAT, LEAVES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SHORT = Repr()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 60
MANY = 50
HUGE = 10_000  # bits: longer numbers Python will not spell

# Types whose repr is the library's own and tells all.
SPELLED = frozenset(
    """builtins.range datetime.date datetime.datetime datetime.time datetime.timedelta datetime.timezone
    decimal.Decimal uuid.UUID pathlib.PosixPath pathlib.PurePosixPath pathlib.WindowsPath pathlib.PureWindowsPath
    pathlib._local.PosixPath pathlib._local.PurePosixPath""".split()
)
# Packages whose values have a type of element and a shape that can be asked for.
SHAPED = frozenset({"numpy", "pandas", "polars", "scipy", "torch", "xarray"})


def shown(value: Any) -> str:
    """A plain value as it is written, shortened; any other by its type, and its size where that is known.

    >>> shown([1, "a"]), shown({"a": []}), shown(len)
    ("[1, 'a']", 'dict (1)', 'function builtins.len')
    """
    cls = type(value)
    if cls in LEAVES or (cls in FLAT and _is_plain(value)):
        return _repr(value)
    if is_code(value):
        return f"{code_kind(value)} {qualified(value)}"
    if is_spelled(value):
        return repr(value)
    if cls in FLAT:
        return f"{cls.__name__} ({len(value)})"
    if _is_member(value, cls):
        return f"{type_name(cls)}.{value._name_}"
    return _sized(value, cls) or type_name(cls)


def is_exact(value: Any) -> bool:
    """Whether what is shown tells the value from every other one."""
    return type(value) in LEAVES and "..." not in shown(value) and not shown(value).startswith("int of")


def is_spelled(value: Any) -> bool:
    """Whether the value's repr is the standard library's own, and tells all. A time zone may be the user's."""
    cls = type(value)
    return type_name(cls) in SPELLED and _is_own(cls) and type(getattr(value, "tzinfo", None)) in (type(None), _utc())


def code_kind(code: object) -> str:
    """`class`, `module` or `function`."""
    kind = type(code)
    if issubclass(kind, type):
        return "class"
    return "module" if issubclass(kind, type(sys)) else "function"


def type_name(cls: type) -> str:
    """Asked of `type` itself: a metaclass may answer anything."""
    name = str(type.__getattribute__(cls, "__qualname__"))
    module = module_name(str(type.__getattribute__(cls, "__module__")))
    return name if module == "builtins" and name != "range" else f"{module}.{name}"


def _repr(value: Any) -> str:
    if type(value) is int and value.bit_length() > HUGE:
        return f"int of {value.bit_length()} bits"
    return SHORT.repr(value)


def _is_plain(value: Any) -> bool:
    if len(value) > MANY:
        return False
    parts = (*value, *value.values()) if isinstance(value, dict) else value
    return all(type(part) in LEAVES and not (type(part) is int and part.bit_length() > HUGE) for part in parts)


def _is_own(cls: type) -> bool:
    """Whether the class is what its name says, and not one that took the name."""
    module, _, name = type_name(cls).rpartition(".")
    return vars(sys.modules.get(module, sys)).get(name) is cls


def _utc() -> object:
    return getattr(sys.modules.get("datetime"), "timezone", None)


def _is_member(value: Any, cls: type) -> bool:
    return any("_member_map_" in vars(base) for base in cls.__mro__) and "_name_" in getattr(value, "__dict__", ())


def _sized(value: Any, cls: type) -> str | None:
    """An array or table of a package that we have rules for: what its elements are, and its shape."""
    if type_name(cls).partition(".")[0] not in SHAPED or rule_for(cls) is None:
        return None
    if cls.__name__.lower().endswith("dtype"):
        return str(value)
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape == () and not getattr(dtype, "hasobject", True):
        return f"{cls.__name__} {value}"
    return " ".join(str(one) for one in (cls.__name__, dtype, shape) if one is not None)
