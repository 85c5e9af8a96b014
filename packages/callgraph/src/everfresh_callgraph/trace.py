"""Function -> CallGraph: everything that it can reach, found without running any of it."""

from __future__ import annotations

import os
from types import FunctionType, ModuleType

from everfresh_callgraph import classes, scope
from everfresh_callgraph.contents import contents, is_code
from everfresh_callgraph.model import MISSING, NOTED_BY_PICKLE, BlindSpot, CallGraph, Node, Reads
from everfresh_callgraph.naming import module_name, qualified
from everfresh_callgraph.references import Reference, references
from everfresh_callgraph.resolve import Unimported, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import CellType

    from everfresh_callgraph.model import Scanned

    Scan = Callable[[object], Scanned]

# A wrapper that changes nothing about the answers of a function holds (itself, the function) under this attribute.
# Itself, because functools.wraps copies attributes: a wrapper around the wrapper does not stand for the function.
STANDS_FOR = "__stands_for__"

IMPORTING = frozenset({"import_module", "__import__"})
ENVIRONMENT = frozenset({"environ", "getenv"})
BLINDING = frozenset({"eval", "exec", "globals", "locals", "vars"}) | IMPORTING


def trace(root: object, scan: Scan = contents, *, defaults: bool = True) -> CallGraph:
    """Find all that `root` (a function, class, module or any value) can reach.

    `scan` looks into values: it tells what a value is in one word and which code it holds. With `defaults=False` the
    root's own parameter defaults are left out, for a caller that passes every argument itself.
    """
    return _Walk(scan, root, defaults).finish()


# Where a program writes to and reads from: never part of an answer, and made of anything in a notebook or a test.
STREAMS = frozenset(f"sys.{name}" for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"))


class _Draft:
    """A node while its edges are still being found."""

    __slots__ = ("edges", "kind", "name", "own", "pin", "subject")

    def __init__(self, kind: str, name: str, subject: object) -> None:
        self.kind, self.name, self.subject = kind, name, subject
        self.own: object = None
        self.pin: str | None = None
        self.edges: list[int] = []


class _Walk:
    """Breadth first, with a queue of its own: no depth of code meets a recursion limit."""

    def __init__(self, scan: Scan, root: object, defaults: bool) -> None:
        self.scan, self.root_defaults, self.recursive = scan, defaults, False
        self.drafts: list[_Draft] = []
        self.index: dict[object, int] = {}
        self.escaped: set[tuple[int, str]] = set()
        self.attributes: set[str] = set()
        self.variables: set[str] = set()
        self.blind_spots: dict[BlindSpot, None] = {}
        self.names: list[tuple[object, str, object]] = []
        self.functions: list[tuple[object, ...]] = []
        self.cells: list[tuple[CellType, object]] = []
        self.classes: list[tuple[object, ...]] = []
        self.values: list[tuple[object, Scanned]] = []
        self.modules: list[tuple[object, int]] = []
        self.meet(root, qualified(root) if is_code(root) else "value", "root")

    def finish(self) -> CallGraph:
        done = 0
        while done < len(self.drafts):
            self.expand(self.drafts[done])
            done += 1
            if done == len(self.drafts):
                self.escape()
                self.recur()
        kinds = (self.names, self.functions, self.cells, self.classes, self.values, self.modules)
        nodes = (Node(one.kind, one.name, one.subject, one.own, tuple(one.edges)) for one in self.drafts)
        reads = Reads(*map(tuple, kinds))  # type: ignore[arg-type]
        return CallGraph(tuple(nodes), tuple(self.blind_spots), reads, frozenset(self.attributes))

    def meet(self, subject: object, name: str, place: object) -> int:
        """The index of the node for the subject. Code is one node wherever it is met; a value is one for each place."""
        subject = stood_for(subject)
        code = is_code(subject)
        key = id(subject) if code else place
        self.recursive |= self.index.get(key) == 0
        if key not in self.index:
            self.index[key] = len(self.drafts)
            self.drafts.append(_Draft(*_classify(subject, qualified(subject) if code else name), subject))
        return self.index[key]

    def expand(self, draft: _Draft) -> None:
        expand = getattr(self, f"expand_{draft.kind}")
        expand(draft, draft.subject)

    def expand_function(self, draft: _Draft, function: FunctionType) -> None:
        self.functions.append((function, function.__code__, function.__defaults__, function.__kwdefaults__))
        named = references(function.__code__)
        self.attributes |= named.attributes | named.strings
        for what in sorted(named.reflective & BLINDING):
            self.blind_spots[BlindSpot(draft.name, what)] = None
        for reference in named.names:
            draft.edges += (
                self.captured(function, reference) if reference.kind == "free" else self.named(function, reference)
            )
        if "globals" in named.reflective:
            draft.edges.append(self.meet_module_of(function))
        if named.reflective & ENVIRONMENT:
            self.variables |= named.strings
        if named.reflective & IMPORTING:
            for name in sorted(named.strings):
                draft.edges += self.named(function, Reference("import", name, ()))
        self.state_of(draft, function)

    def expand_class(self, draft: _Draft, cls: type) -> None:
        body = tuple(pair for pair in vars(cls).items() if pair[0] != NOTED_BY_PICKLE)
        self.classes.append((cls, cls.__bases__, body))
        roles = []
        for base in (*cls.__bases__, type(cls)):
            draft.edges.append(self.meet(base, "", None))
        for name, attribute in classes.attributes(cls).items():
            for role, part in classes.parts(attribute):
                roles.append(f"{name} {role}")
                if part is not None:
                    draft.edges.append(self.meet(part, f"{draft.name}.{name}", (id(cls), name, role)))
        draft.own = (cls.__name__, *roles, "annotated", *classes.annotated(cls))

    def expand_module(self, draft: _Draft, module: ModuleType) -> None:
        """What of a module is read is known once all code has been seen: `escape` fills it in."""
        self.modules.append((vars(module), len(vars(module))))
        if draft is self.drafts[0]:
            self.attributes |= {name for name in vars(module) if not name.startswith("__")}
        draft.own = "module"

    def expand_value(self, draft: _Draft, value: object) -> None:
        if draft.name in STREAMS:
            draft.own = draft.name
            return
        try:
            scanned = self.scan(value)
        except Exception as error:
            if draft.pin is None:
                error.add_note(draft.name)
                raise
            draft.own = f"{draft.pin} {draft.name}"  # an object of an installed package that cannot be told again
            return
        draft.own = scanned.summary
        draft.edges += [self.meet(one, "", None) for one in scanned.references]
        if not scanned.immutable:
            self.values.append((value, scanned))

    def expand_constant(self, draft: _Draft, subject: object) -> None:
        """Installed code is pinned by its version; what the user put into its closure or wrapped with it is not."""
        if isinstance(subject, Unimported):
            draft.own = f"{subject.pin} {subject.name}"
            return
        line = f":{subject.__code__.co_firstlineno}" if isinstance(subject, FunctionType) else ""
        draft.own = f"{scope.pin(subject)} {qualified(subject)}{line}"
        if isinstance(subject, FunctionType) and subject.__closure__:
            self.adopt(draft, subject)
        if subject is os.getenv:
            draft.edges.append(self.meet(os.environ, "os.environ", "environment"))

    def expand_environment(self, draft: _Draft, subject: object) -> None:
        """Of the environment count the variables that are named where it is read: `escape` fills them in."""
        draft.own = "environment"

    def expand_missing(self, draft: _Draft, subject: object) -> None:
        draft.own = "missing"

    def adopt(self, draft: _Draft, function: FunctionType) -> None:
        """A function that installed code made around the user's: a decorated one, a dispatcher."""
        registry = vars(function).get("registry")
        if registry is not None:  # functools.singledispatch: what is registered counts, not which types were met
            draft.edges.append(self.meet(dict(registry), f"{draft.name}.registry", (id(function), "registry")))
            self.values.append((registry, self.scan(dict(registry))))
            return
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            draft.edges.append(self.cell(f"{draft.name}.{name}", cell))

    def captured(self, function: FunctionType, reference: Reference) -> list[int]:
        position = function.__code__.co_freevars.index(reference.name)
        cell = (function.__closure__ or ())[position]
        return [self.cell(f"{qualified(function)}.{reference.name}", cell)]

    def cell(self, name: str, cell: CellType) -> int:
        try:
            subject = cell.cell_contents
        except ValueError:  # not filled yet
            subject = MISSING
        self.cells.append((cell, subject))
        return self.meet(subject, name, id(cell))

    def named(self, function: FunctionType, reference: Reference) -> list[int]:
        edges = []
        for found in resolve(function, reference):
            self.names += found.reads
            place = (id(found.reads[-1][0]), found.reads[-1][1]) if found.reads else found.name
            edges.append(self.meet(found.subject, found.name, place))
            self.drafts[edges[-1]].pin = found.pin
        return edges

    def meet_module_of(self, function: FunctionType) -> int:
        import sys

        name = str(function.__globals__.get("__name__"))
        return self.meet(sys.modules.get(name, MISSING), module_name(name), ("module", name))

    def state_of(self, draft: _Draft, function: FunctionType) -> None:
        """What a function carries beside its code: attributes, what it wraps, parameter defaults."""
        for name, value in vars(function).items():
            if name == "__wrapped__" or not name.startswith("__"):
                draft.edges.append(self.meet(value, f"{draft.name}.{name}", (id(function), name)))
        if draft is not self.drafts[0] or self.root_defaults:
            self.defaults_of(draft, function)

    def defaults_of(self, draft: _Draft, function: FunctionType) -> None:
        for name in ("__defaults__", "__kwdefaults__"):
            if getattr(function, name) is not None:
                place = (id(function), name)
                draft.edges.append(self.meet(getattr(function, name), f"{draft.name}.{name}", place))

    def recur(self) -> None:
        """A root that calls itself uses its own defaults after all."""
        root = self.drafts[0]
        if self.recursive and not self.root_defaults:
            self.root_defaults = True
            self.defaults_of(root, root.subject)  # type: ignore[arg-type]

    def escape(self) -> None:
        """Of modules that are used as objects, all names count that any code in reach reads as an attribute."""
        for index, draft in enumerate(self.drafts):
            if draft.kind == "module":
                names = vars(draft.subject)
                self.read_off(index, names, sorted(self.attributes & names.keys()))
            elif draft.kind == "environment":
                # The mapping behind os.environ: it gives the same object again while a variable is not set anew.
                self.read_off(
                    index,
                    os.environ._data,  # type: ignore[attr-defined]
                    sorted(map(os.environ.encodekey, self.variables)),
                )

    def read_off(self, index: int, names: Mapping[str, object], wanted: Iterable[str]) -> None:
        draft = self.drafts[index]
        for name in wanted:
            if (index, name) not in self.escaped:
                self.escaped.add((index, name))
                subject = names.get(name, MISSING)
                self.names.append((names, name, subject))
                spelled = os.fsdecode(name)
                draft.edges.append(self.meet(subject, f"{draft.name}.{spelled}", (id(names), name)))


def stood_for(subject: object) -> object:
    """The function that a transparent wrapper stands for; anything else is itself."""
    if isinstance(subject, FunctionType):
        wrapper, function = vars(subject).get(STANDS_FOR, (None, None))
        return function if wrapper is subject else subject
    return subject


def _classify(subject: object, name: str) -> tuple[str, str]:
    if subject is MISSING:
        return "missing", name
    if subject is os.environ:
        return "environment", "os.environ"
    if isinstance(subject, Unimported):
        return "constant", name
    if not is_code(subject):
        return "value", name
    if scope.pin(subject) is not None or not isinstance(subject, FunctionType | type | ModuleType):
        return "constant", name
    kind = "function" if isinstance(subject, FunctionType) else "class" if isinstance(subject, type) else "module"
    return kind, name
