"""Code object -> what it names: globals, captured variables, imports, with the attributes read off each."""

from __future__ import annotations

from everfresh_callgraph.bytecode import HAS_CONST, HAS_NAME, instructions, name_of, nested, variables
from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

GLOBAL_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
FREE_LOADS = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF", "LOAD_CLOSURE"})
ATTRIBUTE_LOADS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})

# Who uses one of these may turn a string into a name, so its string constants count as names.
REFLECTIVE = frozenset(
    "getattr hasattr attrgetter methodcaller globals vars locals eval exec __import__ import_module __dict__"
    " environ getenv".split()
)


@record
class Reference:
    """One name that code reads. `path` holds the attributes read straight off it.

    `kind` is `global`, `free` (a captured variable), or `import`; for an import `path` is its from-list.
    """

    kind: str
    name: str
    path: tuple[str, ...]
    level: int = 0

    def __str__(self) -> str:
        return ".".join((self.name, *self.path))


@record
class References:
    """All that a code object and those nested in it name, in the order in which the names appear."""

    names: tuple[Reference, ...]
    attributes: frozenset[str]
    strings: frozenset[str]
    reflective: frozenset[str]


def references(code: CodeType) -> References:
    """Collect what `code` names; the answer is kept, since code objects never change."""
    kept = _KEPT.get(id(code))
    if kept is None:
        # The code object is kept beside its references, so that its id cannot be reused while the row stands.
        kept = _KEPT[id(code)] = (code, _collect(code))
    return kept[1]


_KEPT: dict[int, tuple[CodeType, References]] = {}


def _collect(code: CodeType) -> References:
    found = dict.fromkeys(_names(code))
    attributes = frozenset(_attributes(code))
    spelled = {reference.name for reference in found} | attributes
    strings: set[str] = set()
    for inner in nested(code):
        below = references(inner)
        own = (one for one in below.names if one.kind != "free" or one.name in code.co_freevars)
        found.update(dict.fromkeys(own))
        attributes |= below.attributes
        strings |= below.strings
        spelled |= below.reflective
    reflective = REFLECTIVE & spelled
    if reflective:
        strings |= set(_strings(code))
    return References(tuple(found), attributes, frozenset(strings), reflective)


def _names(code: CodeType) -> Iterator[Reference]:
    """Follow each load of a name through the attributes that are read from it at once."""
    slots, constants = variables(code), code.co_consts
    kind, name, path = "", "", []
    level: object = 0
    fromlist: object = None
    for _, op, argument in instructions(code):
        if op in ATTRIBUTE_LOADS and kind:
            path.append(name_of(code, op, argument))
            continue
        if kind:
            yield Reference(kind, name, tuple(path))
            kind = ""
        if op in HAS_CONST:
            level, fromlist = fromlist, constants[argument]
        elif op == "LOAD_SMALL_INT":
            level, fromlist = fromlist, argument
        elif op in GLOBAL_LOADS:
            kind, name, path = "global", name_of(code, op, argument), []
        elif op in FREE_LOADS and slots[argument] in code.co_freevars:
            kind, name, path = "free", slots[argument], []
        elif op == "IMPORT_NAME":
            yield _import(name_of(code, op, argument), fromlist, level)


def _import(name: str, fromlist: object, level: object) -> Reference:
    """IMPORT_NAME takes its from-list and level from the two constants loaded before it."""
    names = fromlist if isinstance(fromlist, tuple) else ()
    return Reference("import", name, names, level if isinstance(level, int) else 0)


def _attributes(code: CodeType) -> Iterator[str]:
    """Every name that stands for an attribute or an imported name."""
    for _, op, argument in instructions(code):
        if op in HAS_NAME and op not in GLOBAL_LOADS:
            yield name_of(code, op, argument)


def _strings(code: CodeType) -> Iterator[str]:
    """String constants that could be names: `getattr(x, "name")`, `import_module("a.b")`."""
    for constant in code.co_consts:
        parts = constant if isinstance(constant, tuple) else (constant,)
        for part in parts:
            if isinstance(part, str) and all(word.isidentifier() for word in part.split(".")):
                yield part
