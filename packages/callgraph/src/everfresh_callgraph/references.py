"""Code object -> what it names: globals, captured variables, imports, with the attributes read off each."""

from __future__ import annotations

from everfresh_callgraph.bytecode import HAS_CONST, HAS_NAME, instructions, name_of, nested, split, variables
from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

GLOBAL_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
FREE_LOADS = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF", "LOAD_CLOSURE"})
LOCAL_LOADS = frozenset({"LOAD_FAST", "LOAD_FAST_CHECK"})
ATTRIBUTE_LOADS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})

# These turn a string into a name: a constant string counts as a name, a computed one as any name.
BY_STRING = frozenset("getattr hasattr attrgetter methodcaller globals __import__ import_module environ getenv".split())
# These give all names at once.
WHOLESALE = frozenset("vars locals dir eval exec __dict__ getmembers getmembers_static".split())


@record
class Reference:
    """One name that code reads. `path` holds the attributes read straight off it.

    `kind` is `global`, `free` (a captured variable), `module` (a local variable that holds an imported module), or
    `import`; for an import `path` is its from-list, and an empty one means that the module is used as an object.
    """

    kind: str
    name: str
    path: tuple[str, ...]
    level: int = 0

    def __str__(self) -> str:
        return ".".join((self.name, *self.path))


@record
class References:
    """All that a code object and those nested in it name, in the order in which the names appear.

    `attributes` are the names of attributes, constant strings of reflective code among them; `strings` all constant
    strings that could be names. `reflective` are the words of BY_STRING and WHOLESALE that occur; `computed` tells
    whether any attribute may be read, since its name is made at run time.
    """

    names: tuple[Reference, ...]
    attributes: frozenset[str]
    strings: frozenset[str]
    reflective: frozenset[str]
    computed: bool


def references(code: CodeType) -> References:
    """Collect what `code` names; the answer is kept, since code objects never change."""
    kept = _KEPT.get(id(code))
    if kept is None:
        # The code object is kept beside its references, so that its id cannot be reused while the row stands.
        kept = _KEPT[id(code)] = (code, _collect(code))
    return kept[1]


_KEPT: dict[int, tuple[CodeType, References]] = {}


def _collect(code: CodeType) -> References:
    reader = _Reader(code)
    found = dict.fromkeys(reader.names())
    attributes, strings = frozenset(_attributes(code)), frozenset(_strings(code))
    spelled = {reference.name for reference in found} | attributes
    for inner in nested(code):
        below = references(inner)
        own = (one for one in below.names if one.kind != "free" or one.name in code.co_freevars)
        found.update(dict.fromkeys(own))
        attributes |= below.attributes
        strings |= below.strings
        spelled |= below.reflective
        reader.computed |= below.computed
    reflective = (BY_STRING | WHOLESALE) & spelled
    return References(
        tuple(found),
        attributes | strings if reflective else attributes,
        strings,
        reflective,
        reader.computed or not WHOLESALE.isdisjoint(reflective),
    )


class _Reader:
    """Reads one code object from front to back."""

    def __init__(self, code: CodeType) -> None:
        self.code, self.slots = code, variables(code)
        self.steps = list(split(instructions(code)))
        self.modules = self._module_variables()
        self.computed = False
        self._asked = ""  # a word of BY_STRING that waits for its string

    def names(self) -> Iterator[Reference]:
        """Follow each load of a name through the attributes that are read from it at once."""
        kind, name, path = "", "", []
        constants: list[object] = [None, None]
        for place, (_, op, argument) in enumerate(self.steps):
            if op in ATTRIBUTE_LOADS and kind:
                path.append(name_of(self.code, op, argument))
                continue
            if kind:
                yield self._closed(kind, name, tuple(path))
                kind = ""
            if op in HAS_CONST or op == "LOAD_SMALL_INT":
                constants = [constants[1], self._constant(op, argument)]
            elif op == "IMPORT_NAME":
                yield from self._imported(place, constants)
            else:
                kind, name = self._opened(op, argument)
                path = []
            self._watch(op, constants[1])
        if kind:
            yield self._closed(kind, name, tuple(path))

    def _opened(self, op: str, argument: int) -> tuple[str, str]:
        if op in GLOBAL_LOADS:
            return "global", name_of(self.code, op, argument)
        if op in FREE_LOADS and self.slots[argument] in self.code.co_freevars:
            return "free", self.slots[argument]
        if op in LOCAL_LOADS and argument in self.modules:
            return "module", self.modules[argument]
        return "", ""

    def _closed(self, kind: str, name: str, path: tuple[str, ...]) -> Reference:
        last = path[-1] if path else name
        if last in BY_STRING:
            self._asked = last
        return Reference("import", name, ()) if kind == "module" and not path else Reference(kind, name, path)

    def _imported(self, place: int, constants: list[object]) -> Iterator[Reference]:
        """IMPORT_NAME takes its level and from-list from the two constants loaded before it."""
        level, fromlist = constants
        if not fromlist and self._kept_as(place) in self.modules:
            return  # read where the variable is
        name = name_of(self.code, *self.steps[place][1:])
        names = fromlist if isinstance(fromlist, tuple) else ()
        yield Reference("import", name, names, level if isinstance(level, int) else 0)

    def _module_variables(self) -> dict[int, str]:
        """Local variables that hold one imported module and nothing else, each with the name of the module."""
        found: dict[int, str] = {}
        stores = [argument for _, op, argument in self.steps if op.startswith("STORE_FAST")]
        for place, (_, op, argument) in enumerate(self.steps):
            variable = self._kept_as(place) if op == "IMPORT_NAME" else None
            if variable is not None and stores.count(variable) == 1:
                found[variable] = name_of(self.code, op, argument).partition(".")[0]
        return found

    def _kept_as(self, place: int) -> int | None:
        """The local variable in which the `import a.b` at this place leaves the module `a`; None for other forms."""
        _, op, argument = self.steps[place + 1]
        constant = self._constant(*self.steps[place - 1][1:])
        level = self._constant(*self.steps[place - 2][1:])
        return argument if op == "STORE_FAST" and constant is None and level == 0 else None

    def _constant(self, op: str, argument: int) -> object:
        return self.code.co_consts[argument] if op in HAS_CONST else argument

    def _watch(self, op: str, constant: object) -> None:
        """Between a word of BY_STRING and the call that follows, a constant string must have been loaded."""
        if self._asked and op in HAS_CONST and isinstance(constant, str):
            self._asked = ""
        elif self._asked == "globals" and op.startswith("CALL"):
            self._asked = "globals()"  # the string follows
        elif self._asked and op.startswith(("CALL", "BINARY_SUBSCR", "BINARY_OP")) and op != "CALL_INTRINSIC_1":
            self.computed |= self._asked not in ("environ", "getenv")
            self._asked = ""


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
            if isinstance(part, str) and len(part) < 100 and all(word.isidentifier() for word in part.split(".")):
                yield part
