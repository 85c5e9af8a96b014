"""What installed modules and classes hold of their own, told from their code: anything else was put there.

Of what they make themselves the version says all. The code tells it whether or not the module has been imported.
"""

from __future__ import annotations

import sys
from functools import cached_property
from types import CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType

from everfresh_callgraph.bytecode import instructions, name_of, nested, split
from everfresh_callgraph.reflection import IDLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Step = tuple[str, int]

# Data of exactly these types no module makes under a name that its code does not spell.
DATA = frozenset({int, float, complex, str, bytes, bool, list, tuple, dict, set, frozenset})
# Modules whose code uses one of these may make names that do not stand in it.
AT_RUN_TIME = frozenset("globals vars locals exec setattr modules _convert_ global_enum update __dict__".split())
REBINDING = frozenset({"globals", "vars", "exec"})
BEFORE_FUNCTION = frozenset({"MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE"})


class Body:
    """What the code of a module or class binds: each name with what it is bound to, as far as that is plain to see."""

    def __init__(self, code: CodeType) -> None:
        self.code, self.words = code, frozenset(_words(code))
        # Whether it may bind names that do not stand in it, or bind others anew.
        self.dynamic = not AT_RUN_TIME.isdisjoint(self.words)
        self.rebinding = not REBINDING.isdisjoint(self.words)
        self.bound: dict[str, list[tuple[str, object]]] = {name: [ANYTHING] for name in _set_by_functions(code)}
        self.starred: list[tuple[str, int]] = []
        self._read(code)

    def _read(self, code: CodeType) -> None:
        level, source, last = 0, ("", 0), ("", 0)
        calls = 2
        for _, op, argument in split(instructions(code)):
            if op in IDLE or op == "COPY_FREE_VARS":
                continue
            if op == "IMPORT_NAME":
                source = name_of(code, op, argument), level
            elif op in ("IMPORT_STAR", "CALL_INTRINSIC_1") and last[0] == "IMPORT_NAME":
                self.starred.append(source)
            elif op in ("STORE_NAME", "STORE_GLOBAL"):
                way = ("class", None) if calls == 1 and last[0] == "CALL" else _way(code, *last, source)
                self.bound.setdefault(name_of(code, op, argument), []).append(way)
                calls = 2
            calls = 0 if op == "LOAD_BUILD_CLASS" else calls + op.startswith("CALL")
            if op in ("LOAD_CONST", "LOAD_SMALL_INT"):
                level = _number(code, op, argument, level)
            last = op, argument

    @cached_property
    def stored(self) -> frozenset[str]:
        return frozenset(_stored(self.code))

    def makes(self, name: str, value: object, package: str) -> bool:
        """Whether the value may be what this code bound to the name."""
        ways = self.bound.get(name)
        if ways is None:
            return name in self.words or (self.dynamic and type(value) not in DATA)
        return any(_may_be(way, what, value, package) or (self.rebinding and way == "constant") for way, what in ways)


ANYTHING = "anything", None


def _set_by_functions(code: CodeType) -> Iterator[str]:
    """The names of the module that functions in it set."""
    for one in _within(code):
        if one is not code:
            yield from (name_of(one, op, argument) for _, op, argument in instructions(one) if op == "STORE_GLOBAL")


def _stored(code: CodeType) -> Iterator[str]:
    """Attributes that some code sets, but those of its own `self`: what may be set in a class."""
    for one in _within(code):
        last: Step = ("", 0)
        for _, op, argument in split(instructions(one)):
            if op == "STORE_ATTR" and not (last == ("LOAD_FAST", 0) and one.co_varnames[:1] == ("self",)):
                yield name_of(one, op, argument)
            last = op, argument


def _number(code: CodeType, op: str, argument: int, before: int) -> int:
    """The level of an import is the last number before it."""
    number = argument if op == "LOAD_SMALL_INT" else code.co_consts[argument]
    return number if type(number) is int else before


def _way(code: CodeType, op: str, argument: int, source: tuple[str, int]) -> tuple[str, object]:
    """What a name is bound to, by the instruction before."""
    if op in BEFORE_FUNCTION:
        return "function", code.co_filename
    if op == "LOAD_CONST":
        return "constant", code.co_consts[argument]
    if op == "LOAD_SMALL_INT":
        return "constant", argument
    if op == "IMPORT_FROM":
        return "import", (*source, name_of(code, op, argument))
    return ANYTHING


def _may_be(way: str, what: Any, value: object, package: str) -> bool:
    if way == "function":
        return type(value) is FunctionType and value.__code__.co_filename == what
    if way == "class":
        return issubclass(type(value), type)
    if way == "constant":
        return type(value) is type(what) and repr(value) == repr(what)
    if way == "import":
        module, level, name = what
        held = getattr(sys.modules.get(_absolute(module, level, package)), "__dict__", {})
        return name not in held or held[name] is value
    return True


def _absolute(name: str, level: int, package: str) -> str:
    base = package.rsplit(".", level - 1)[0] if level else ""
    return f"{base}.{name}".strip(".") if base else name


def _within(code: CodeType) -> Iterator[CodeType]:
    """A code object and all that are nested in it."""
    pending = [code]
    while pending:
        one = pending.pop()
        yield one
        pending += nested(one)


def _words(code: CodeType) -> Iterator[str]:
    """All names and texts."""
    for one in _within(code):
        yield from one.co_names
        yield from _texts(one)


def _texts(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        yield from (text for text in (constant if type(constant) is tuple else (constant,)) if type(text) is str)


def is_put(module: ModuleType, name: str, value: object) -> bool:
    """Whether the value of an installed module's attribute is none that the module gave it itself."""
    body = None if name.startswith("__") or _is_its_own(module, name, value) else body_of(module)
    if body is None:
        return False
    package = str(vars(module).get("__package__") or "")
    if any(_holds(source, name, value, package) for source in body.starred):
        return False
    return not body.makes(name, value, package)


def _is_its_own(module: ModuleType, name: str, value: Any) -> bool:
    """Whether a function or class says itself that it is of this package, by this name: most do."""
    if issubclass(type(value), ModuleType):
        return True
    if type(value) is not FunctionType and not issubclass(type(value), type):
        return False
    home = value.__globals__.get("__name__") if type(value) is FunctionType else vars(value).get("__module__")
    top = module.__name__.partition(".")[0]
    return bool(value.__name__ == name and str(home).partition(".")[0] == top)


def unspelled(module: ModuleType) -> list[str]:
    """The names in an installed module that do not stand in its code."""
    body = body_of(module)
    return [] if body is None else [name for name in tuple(vars(module)) if name not in body.words]


def loaded(name: str) -> object:
    """What stands under a dotted name in the modules that are loaded; None where nothing does."""
    module, _, attribute = name.rpartition(".")
    return getattr(sys.modules.get(module), "__dict__", {}).get(attribute)


def _holds(source: tuple[str, int], name: str, value: object, package: str) -> bool:
    held = getattr(sys.modules.get(_absolute(*source, package)), "__dict__", None)
    return held is None or (name in held and held[name] is value)


def is_put_into_class(cls: type, name: str, value: Any) -> bool:
    """The same of an attribute of an installed class. What decorators and metaclasses add, its words do not tell."""
    if name in MADE_FOR_CLASSES or type(value) in DESCRIPTORS or "_member_map_" in vars(cls):
        return False
    if is_own_method(cls, name, value):
        return False
    module = sys.modules.get(str(cls.__module__))
    whole = code_of(module) if type(module) is ModuleType else None
    code = whole and _class_body(whole, cls.__qualname__)
    if not whole or not code:
        return False
    body = _body(code)
    if name in body.bound:
        return not body.makes(name, value.__func__ if type(value) in UNDONE else value, "")
    return type(value) in DATA and not name.startswith("_") and name not in _body(whole).stored


def is_own_method(cls: type, name: str, value: Any) -> bool:
    """Whether a method or property says itself that it is of this class, by this name."""
    function = value.fget if type(value) is property else value.__func__ if type(value) in UNDONE else value
    return type(function) is FunctionType and function.__qualname__ == f"{cls.__qualname__}.{name}"


MADE_FOR_CLASSES = frozenset({"__doc__", "__module__", "__qualname__", "__hash__", "__slots__", "__dict__"})
DESCRIPTORS = frozenset({MemberDescriptorType, GetSetDescriptorType})
UNDONE = frozenset({staticmethod, classmethod})  # made of plain functions for __new__ and its like


def _class_body(code: CodeType, qualname: str) -> CodeType | None:
    for one in _within(code):
        if one is not code and one.co_qualname == qualname and not one.co_flags & NEWLOCALS:
            return one
    return None


NEWLOCALS = 0x2  # set for functions, not for class bodies


def body_of(module: ModuleType) -> Body | None:
    """What the module's code binds, kept; None where there is no code to look at."""
    code = code_of(module)
    return _body(code) if code else None


def _body(code: CodeType) -> Body:
    kept = _bodies.get(id(code))
    if kept is None:  # the code object is kept beside, so that its id cannot be reused
        kept = _bodies[id(code)] = code, Body(code)
    return kept[1]


_bodies: dict[int, tuple[CodeType, Body]] = {}


def code_of(module: ModuleType) -> CodeType | None:
    """The code that the module was made by; None for one made in C."""
    spec = vars(module).get("__spec__")
    name = str(getattr(spec, "name", ""))
    if name not in _codes:
        _codes[name] = _loaded(getattr(spec, "loader", None), name)
    return _codes[name]


_codes: dict[str, CodeType | None] = {}


def _loaded(loader: Any, name: str) -> CodeType | None:
    try:
        code = loader.get_code(name)
    except Exception:  # whatever an importer of somebody's own raises
        return None
    return code if isinstance(code, CodeType) else None
