"""Which objects to watch, so that a value is known to be unchanged without being digested again."""

from __future__ import annotations

import copyreg
from collections import defaultdict, deque
from functools import cached_property, lru_cache, partial, partialmethod
from gc import get_referents
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    GenericAlias,
    MappingProxyType,
    MethodType,
    SimpleNamespace,
    UnionType,
    WrapperDescriptorType,
)

from everfresh_callgraph.classes import Members, members
from everfresh_callgraph.contents import is_code

from everfresh_fingerprint.form import rule_for
from everfresh_fingerprint.forms.by_state import is_compiled
from everfresh_fingerprint.leaves import LEAVES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

# Types that are nothing but what the garbage collector shows of them, and the keys of dictionaries.
SHOWN = frozenset(
    {dict, list, tuple, set, frozenset, defaultdict, deque, partial, property, classmethod, staticmethod}
    | {MethodType, MappingProxyType, CellType, SimpleNamespace, GenericAlias, UnionType, BuiltinFunctionType}
    | {type({}.keys()), type({}.values()), type({}.items())}
)
# Python classes can be built on these, and are then what they show, too.
BUILT_ON = frozenset({object, tuple, list, dict, set, frozenset, int, float, str, bytes})
# Types of the library, written in Python, for which we have rules that look at attributes.
BY_ATTRIBUTES = frozenset({cached_property, partialmethod})
# Types whose instances never change, or count by no more than what never does.
FIXED = LEAVES | {object, range, slice, CodeType, WrapperDescriptorType, type(NotImplemented)}
FIXED_ELSEWHERE = frozenset(
    """re.Pattern decimal.Decimal fractions.Fraction datetime.date datetime.timedelta datetime.timezone uuid.UUID
    pathlib.PosixPath pathlib.PurePosixPath pathlib.WindowsPath pathlib.PureWindowsPath zoneinfo.ZoneInfo
    builtins.method_descriptor builtins.member_descriptor builtins.getset_descriptor builtins.classmethod_descriptor
    _collections._tuplegetter sys.version_info _thread.RLock _thread.lock
    _struct.Struct""".split()
)
CACHED = type(lru_cache(lambda: None))
FIXED_MODULES = frozenset({"typing"})
# These say what they are by attributes of which one alone can change.
BY_LEVEL = frozenset({"logging.Logger", "logging.RootLogger"})
BY_ZONE = frozenset({"datetime.datetime", "datetime.time"})
ZONES = frozenset({"datetime", "zoneinfo", "builtins"})
BY_SLOTS = frozenset({"dataclasses.Field"})
# A class that defines one of these says itself what its instances are, and may say another thing each time.
STATING = ("__determ_hash__", "__cache_key__")
# One that defines one of these says it by its code, of what its instances hold.
REDUCING = "__reduce__ __reduce_ex__ __getstate__ __getnewargs__ __getnewargs_ex__ __iter__ items".split()


class Watched:
    """Gathers the objects behind values. `dicts` are those of them whose keys count.

    `guarded` are the classes whose code is proved unchanged beside.
    """

    def __init__(self, guarded: Container[type] = ()) -> None:
        self.guarded = guarded
        self.found: list[object] = []
        self.dicts: list[dict[object, object]] = []
        self.loggers: list[Any] = []
        self._met: dict[int, object] = {}
        self._members: dict[type, dict[int, bytes]] = {}

    def add(self, value: object) -> bool:
        """Watch a value; False, and nothing is watched, where part of it does not show what it is made of."""
        found: list[object] = []
        met: dict[int, object] = {}
        pending = [value]
        while pending:
            one = pending.pop()
            if type(one) is CACHED:
                one = vars(one)  # what it wraps is there, too; what it keeps follows from that
            if id(one) in met or id(one) in self._met or self._is_fixed(one):
                continue
            met[id(one)] = one
            below = self._below(one)
            if below is None:
                return False
            found.append(one)
            pending += below
        self._met |= met
        self.found += found
        self.dicts += [one for one in found if isinstance(one, dict)]
        return True

    def _is_fixed(self, one: Any) -> bool:
        kind = type(one)
        if kind in FIXED or is_code(one):
            return True
        if "_member_map_" in vars(kind):
            if kind not in self._members:
                self._members[kind] = members(kind)
            return id(one) in self._members[kind]  # what it is, its class says
        name = _name(kind)
        if name in BY_ZONE:
            return type(one.tzinfo).__module__ in ZONES
        return kind.__module__ in FIXED_MODULES or name in FIXED_ELSEWHERE

    def _below(self, one: Any) -> list[object] | None:
        """What an object refers to, None where that is not all there is to it."""
        kind = type(one)
        if kind in SHOWN:
            return get_referents(one)
        if kind is Members:
            return [one.by_name, one.listed, *map(vars, one.by_name.values())]
        if _name(kind) in BY_LEVEL:
            self.loggers.append(one)
            return []
        if kind not in BY_ATTRIBUTES and _name(kind) not in BY_SLOTS and not is_plain(kind, self.guarded):
            return None
        if not all(_is_set(one, name) for name in getattr(copyreg, "_slotnames")(kind)):  # noqa: B009
            return None  # which of the slots is empty does not show
        return [*get_referents(one), *([vars(one)] if hasattr(one, "__dict__") else [])]


def is_plain(kind: type, guarded: Container[type]) -> bool:
    """Whether instances of a class are their attributes, or its own code, being guarded, says it by those."""
    base = built_on(kind)
    if base is None or rule_for(kind) is not None or kind in copyreg.dispatch_table:
        return False
    if any(hasattr(kind, name) for name in STATING):
        return False
    own = [name for name in REDUCING if getattr(kind, name, None) is not getattr(base, name, None)]
    return not own or all(_definer(kind, name) in guarded for name in own)


def _definer(kind: type, name: str) -> type:
    return next((cls for cls in kind.__mro__ if name in vars(cls)), kind)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_set(one: object, name: str) -> bool:
    """Whether a slot is filled. (hasattr would also ask a __getattr__ of the class.)"""
    try:
        object.__getattribute__(one, name)
    except AttributeError:
        return False
    return True


def built_on(kind: type) -> type | None:
    """The type that a class is built on, None where one made in C hides what it holds."""
    for base in kind.__mro__:
        if base in BUILT_ON:
            return base
        if is_compiled(base):
            return None
    return None
