"""Code object -> what it names: globals, captured variables, imports, with the attributes read off each."""

from __future__ import annotations

from everfresh_callgraph.bytecode import HAS_NAME, name_of, nested, steps, variables
from everfresh_callgraph.record import record
from everfresh_callgraph.reflection import ANYTHING, BY_STRING, IDLE, LAST, WHOLESALE, Asked, constant_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    Recall = Callable[[CodeType], "References | None"]

GLOBAL_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
FREE_LOADS = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF", "LOAD_CLOSURE"})
LOCAL_LOADS = frozenset({"LOAD_FAST", "LOAD_FAST_CHECK"})
NAME_STORES = frozenset({"STORE_NAME", "DELETE_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"})
ATTRIBUTE_LOADS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
NAMED_LOADS = GLOBAL_LOADS | FREE_LOADS
REFLECTIVE = BY_STRING | WHOLESALE
IMPORTS = frozenset({"IMPORT_NAME", "IMPORT_FROM"})
ATTRIBUTES = HAS_NAME - GLOBAL_LOADS - NAME_STORES - IMPORTS


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

    @property
    def label(self) -> str:
        return ".".join((self.name, *self.path)) if self.path else self.name

    def __str__(self) -> str:
        return self.label


@record
class References:
    """All that a code object and those nested in it name, in the order in which the names appear.

    `attributes` are the names of attributes, constant strings of reflective code among them; `strings` all constant
    strings that could be names, and `imports` those that name a module to import. `reflective` are the words of
    BY_STRING and WHOLESALE that occur. Of the names, `spelled` are those read first or imported, `called` the last
    attributes read off them; `capitals` are strings in capital letters. `computed` tells that any name of a module may
    be read, since a name is made at run time, and `anything` that any attribute of any object may; `blind` says what
    else is made then; `environment` that the environment is read as a whole.
    """

    names: tuple[Reference, ...]
    attributes: frozenset[str]
    strings: frozenset[str]
    imports: frozenset[str]
    reflective: frozenset[str]
    computed: bool
    blind: frozenset[str]
    environment: bool
    spelled: frozenset[str]
    called: frozenset[str]
    capitals: frozenset[str]
    anything: bool


def references(code: CodeType) -> References:
    """Collect what `code` names; the answer is kept, since code objects never change."""
    kept = _KEPT.get(id(code))
    if kept is None:
        # The code object is kept beside its references, so that its id cannot be reused while the row stands.
        kept = _KEPT[id(code)] = (code, _recalled(code) or _collect(code))
    return kept[1]


_KEPT: dict[int, tuple[CodeType, References]] = {}
_RECALLING: list[Recall] = []


def recall_with(recall: Recall) -> Recall:
    """Ask this function first: it knows what was collected in an earlier process, or gives None."""
    _RECALLING.append(recall)
    return recall


def _recalled(code: CodeType) -> References | None:
    return next(filter(None, (recall(code) for recall in _RECALLING)), None)


def _collect(code: CodeType) -> References:
    reader = _Reader(code)
    found = dict.fromkeys(reader.names())
    attributes = frozenset((*reader.attributes(), *_in_patterns(reader), *_in_formats(code)))
    strings = frozenset(_strings(code))
    imported = frozenset(reader.imported())
    spelled = {reference.name for reference in found} | attributes | imported
    for inner in nested(code):
        below = references(inner)
        own = (one for one in below.names if one.kind != "free" or one.name in code.co_freevars)
        found.update(dict.fromkeys(own))
        attributes |= below.attributes
        strings |= below.strings
        spelled |= below.reflective
        reader.asked.join(below)
    reflective = REFLECTIVE & spelled
    asked = reader.asked
    return References(
        tuple(found),
        attributes | strings if reflective else attributes,
        strings,
        frozenset(asked.imports),
        reflective,
        asked.computed or not WHOLESALE.isdisjoint(reflective),
        frozenset(asked.blind),
        asked.environment,
        frozenset([reference.name for reference in found]) | imported,
        frozenset([_last(reference) for reference in found if reference.kind != "import"]),
        frozenset([one for one in strings if one.isupper()]),
        asked.anything or not ANYTHING.isdisjoint(reflective),
    )


def _last(reference: Reference) -> str:
    return reference.path[-1] if reference.path else reference.name


class _Reader:
    """Reads one code object from front to back."""

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.slots = variables(code) if code.co_freevars else ()
        self.steps = [step for step in steps(code) if step[1] not in IDLE]
        self.ops = {step[1] for step in self.steps}
        self.modules = self._module_variables() if "IMPORT_NAME" in self.ops else {}
        self.opening = NAMED_LOADS | LOCAL_LOADS if self.modules else NAMED_LOADS
        self.asked = Asked(code, self.steps)

    def names(self) -> Iterator[Reference]:
        """Follow each load of a name through the attributes that are read from it at once."""
        kind, name, path = "", "", []
        begun = asking = -1
        for place, (_, op, argument) in enumerate(self.steps):
            if kind:
                if op in ATTRIBUTE_LOADS:
                    path.append(name_of(self.code, op, argument))
                    continue
                yield self._closed(kind, name, tuple(path), place)
                if begun == asking:
                    yield from self._asked_for(kind, name, path, place)
                asking = place if (path[-1] if path else name) in LAST else -1
                kind = ""
            if op in self.opening:
                kind, name = self._opened(op, argument)
                path, begun = [], place
            elif op == "IMPORT_NAME":
                yield from self._imported(place)

    def _asked_for(self, kind: str, name: str, path: list[str], place: int) -> Iterator[Reference]:
        """`getattr(module, "name")` reads `module.name`."""
        constant = constant_of(self.code, self.steps[place])
        if isinstance(constant, str) and constant.isidentifier():
            yield Reference(kind, name, (*path, constant))

    def attributes(self) -> Iterator[str]:
        """Every name that stands for an attribute."""
        if not self.ops.isdisjoint(ATTRIBUTES):
            yield from (name_of(self.code, op, argument) for _, op, argument in self.steps if op in ATTRIBUTES)

    def imported(self) -> Iterator[str]:
        """Every name that stands for a module, or for something that is imported."""
        if not self.ops.isdisjoint(IMPORTS):
            yield from (name_of(self.code, op, argument) for _, op, argument in self.steps if op in IMPORTS)

    def _opened(self, op: str, argument: int) -> tuple[str, str]:
        if op in GLOBAL_LOADS:
            return "global", name_of(self.code, op, argument)
        if op in FREE_LOADS and self.slots and self.slots[argument] in self.code.co_freevars:
            return "free", self.slots[argument]
        if op in LOCAL_LOADS and argument in self.modules:
            return "module", self.modules[argument]
        return "", ""

    def _closed(self, kind: str, name: str, path: tuple[str, ...], place: int) -> Reference:
        names = (name, *path)
        if names[-1] in BY_STRING or "environ" in names:
            self.asked.note(names, place)
        return Reference("import", name, ()) if kind == "module" and not path else Reference(kind, name, path)

    def _imported(self, place: int) -> Iterator[Reference]:
        """IMPORT_NAME takes its level and from-list from the two constants loaded before it."""
        level, fromlist = (constant_of(self.code, self.steps[at]) for at in (place - 2, place - 1))
        if not fromlist and self._kept_as(place) in self.modules:
            return  # read where the variable is
        name = name_of(self.code, *self.steps[place][1:])
        names = fromlist if isinstance(fromlist, tuple) else ()
        for one in names:
            self.asked.note((name, one), len(self.steps))
        yield Reference("import", name, names, level if isinstance(level, int) else 0)

    def _module_variables(self) -> dict[int, str]:
        """Local variables that hold one imported module and nothing else, each with the name that was imported."""
        found: dict[int, str] = {}
        stores = [argument for _, op, argument in self.steps if op.startswith("STORE_FAST")]
        for place, (_, op, argument) in enumerate(self.steps):
            variable = self._kept_as(place) if op == "IMPORT_NAME" else None
            if variable is not None and stores.count(variable) == 1:
                found[variable] = name_of(self.code, op, argument)
        return found

    def _kept_as(self, place: int) -> int | None:
        """The local variable in which the `import a.b` at this place leaves the module `a`; None for other forms."""
        _, op, argument = self.steps[place + 1]
        level, fromlist = (constant_of(self.code, self.steps[at]) for at in (place - 2, place - 1))
        return argument if op == "STORE_FAST" and fromlist is None and level == 0 else None


def _in_patterns(reader: _Reader) -> Iterator[str]:
    """`case Point(x=0)` reads attributes that stand in a tuple."""
    if "MATCH_CLASS" in reader.ops:
        for constant in reader.code.co_consts:
            if isinstance(constant, tuple):
                yield from (one for one in constant if isinstance(one, str))


def _in_formats(code: CodeType) -> Iterator[str]:
    """`"{0.name}".format(x)` reads an attribute. (Any text with braces may be used so.)"""
    for constant in code.co_consts:
        if isinstance(constant, str) and "{" in constant and "." in constant:
            fields = (field.partition("}")[0] for field in constant.split("{")[1:])
            yield from (word.partition("[")[0] for field in fields for word in field.split(".")[1:])


def _strings(code: CodeType) -> Iterator[str]:
    """String constants that could be names: `getattr(x, "name")`, `import_module("a.b")`."""
    for constant in code.co_consts:
        parts = constant if isinstance(constant, tuple) else (constant,)
        for part in parts:
            if isinstance(part, str) and len(part) < 100 and all(word.isidentifier() for word in part.split(".")):
                yield part
