"""The state of a walk: what was met, in order, what was read, and what waits to be looked into."""

from __future__ import annotations

import os
from operator import itemgetter
from types import FunctionType

from everfresh_callgraph.contents import is_code
from everfresh_callgraph.generators import hidden_generator
from everfresh_callgraph.model import MISSING, BlindSpot, CallGraph, Node, Reads
from everfresh_callgraph.naming import qualified
from everfresh_callgraph.resolve import Resolver, Unimported
from everfresh_callgraph.scope import OWN_KINDS
from everfresh_callgraph.stated import stated_version
from everfresh_callgraph.trees import SourceTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import CellType

    from everfresh_callgraph.model import Scanned
    from everfresh_callgraph.resolve import Resolved
    from everfresh_callgraph.scope import Scope

    Scan = Callable[[object, str], Scanned]

# A wrapper that changes nothing about the answers of a function holds (itself, the function) under this attribute.
# Itself, because functools.wraps copies attributes: a wrapper around the wrapper does not stand for the function.
STANDS_FOR = "__stands_for__"


def stood_for(subject: object) -> object:
    """The function that a transparent wrapper stands for; anything else is itself."""
    if type(subject) is FunctionType:
        wrapper, function = vars(subject).get(STANDS_FOR, (None, None))
        return function if wrapper is subject else subject
    return subject


# Who looks at code as text, and what there is to be asked.
ASKING = ("inspect.", "typing.get_type_hints", "dataclasses.fields", "pydoc.", "builtins.vars", "builtins.help")
ABOUT = frozenset({"__doc__", "__annotations__", "__name__", "__dict__"})


class Namespace:
    """The globals of a function as an object: they need not be those of the module that goes by their name now."""

    def __init__(self, names: dict[str, object]) -> None:
        self.__dict__ = names


class Draft:
    """A node while its edges are still being found. `pin` is that of the installed module it was read off, if any."""

    __slots__ = ("edges", "index", "kind", "labels", "name", "own", "pin", "subject")

    def __init__(self, index: int, kind: str, name: str, subject: object) -> None:
        self.index, self.kind, self.name, self.subject = index, kind, name, subject
        self.own: object = None
        self.pin: str | None = None
        self.edges: list[int] = []
        self.labels: list[str] = []

    def refer(self, label: str, *targets: int) -> None:
        """Add edges under a label: names are part of what a node is, so that two of them cannot change places."""
        self.edges += targets
        self.labels += [label] * len(targets)


class Walk:
    """Breadth first, with a queue of its own: no depth of code meets a recursion limit."""

    def __init__(self, scan: Scan, root: object, defaults: bool, scope: Scope) -> None:
        self.scan, self.root_defaults = scan, defaults
        self.scope, self.resolve = scope, Resolver(scope)
        self.drafts: list[Draft] = []
        self.code: dict[int, int] = {}  # by id
        self.places: dict[object, int] = {}
        self.alive: list[object] = []  # what is known by its id
        self.resolved: dict[object, list[int]] = {}
        self.attributes: set[str] = set()
        self.spelled: set[str] = set()
        self.variables: set[str] = set()
        self.computed = self.anything = self.whole_environment = False
        self.blind_spots: dict[BlindSpot, None] = {}
        self.names: list[tuple[Mapping[str, object], str, object]] = []
        self.functions: list[tuple[object, ...]] = []
        self.cells: list[tuple[CellType, object]] = []
        self.classes: list[tuple[object, ...]] = []
        self.values: list[tuple[object, str, Scanned]] = []
        self.modules: list[tuple[object, frozenset[str]]] = []
        self.subclasses: list[tuple[type, tuple[type, ...]]] = []
        self.abstract: object = None
        self.unseeded: list[str] = []  # where something may be drawn without a seed
        self.recursive = False  # whether the root is met again
        self.described_at: int | None = None  # how many modules were loaded when the first value was looked at
        self.meet(root, "value", "root")
        self.recursive = False

    @property
    def root(self) -> Draft:
        return self.drafts[0]

    def meet(self, subject: object, name: str, place: object) -> int:
        """The index of the node for the subject. Code is one node wherever it is met; a value is one for each place."""
        met = self.code.get(id(subject))
        if met is None:
            met = self.met_anew(subject, name, place)
        self.recursive |= met == 0
        return met

    def met_anew(self, subject: object, name: str, place: object) -> int:
        meant = stood_for(subject)
        if not is_code(meant):
            if place not in self.places:
                self.places[place] = self.add(meant, "os.environ" if meant is os.environ else name)
            return self.places[place]
        met = self.code.get(id(meant))
        if met is None:
            met = self.add(meant, qualified(meant))
        self.code[id(subject)] = self.code[id(meant)] = met
        self.alive.append(subject)
        return met

    def add(self, subject: object, name: str) -> int:
        self.drafts.append(Draft(len(self.drafts), kind_of(subject, self.scope), name, subject))
        return len(self.drafts) - 1

    def meet_code(self, subjects: Iterable[object]) -> list[int]:
        return [self.meet(subject, "", None) for subject in subjects]

    def meet_found(self, found: Resolved) -> int:
        """Meet what a name was resolved to, and note what was read on the way."""
        self.names += found.reads
        place: object = (id(found.reads[-1][0]), found.reads[-1][1]) if found.reads else found.name
        if type(found.subject) is Unimported:
            place = ("installed", found.name)
        met = self.meet(found.subject, found.name, place)
        self.drafts[met].pin = found.pin
        return met

    def meet_cell(self, name: str, cell: CellType) -> int:
        try:
            subject = cell.cell_contents
        except ValueError:  # not filled yet
            subject = MISSING
        self.cells.append((cell, subject))
        return self.meet(subject, name, id(cell))

    def told(self) -> set[str]:
        """What may be asked of code beside what it does: by any name, and by functions of the library for it."""
        asked = {one.name.rpartition(".")[2] for one in self.drafts if one.name.startswith(ASKING)}
        return asked | ABOUT if self.anything else asked

    def kinds(self) -> tuple[tuple[object, type], ...]:
        """The modules of the user's that were read, with their classes."""
        used = [one.subject for one in self.drafts if one.kind == "module" and type(one.subject) is not Namespace]
        return tuple({id(one): (one, type(one)) for one in (*used, *self.resolve.modules)}.values())

    def graph(self) -> CallGraph:
        # Which names a module has is noted at the end: a walk imports modules, and looks again at what that adds.
        modules = (vars(one.subject) for one in self.drafts if one.kind == "module")
        self.modules += [(names, frozenset(names)) for names in modules]
        kinds = (
            *(self.names, self.functions, self.cells, self.classes, self.values, self.modules),
            self.subclasses,
        )
        reads = Reads(*map(tuple, kinds), abstract=self.abstract, kinds=self.kinds())  # type: ignore[arg-type, misc]
        steady = self.described_at in (None, self.resolve.imports)
        names = frozenset(self.attributes | self.spelled | self.told())
        if any(one.name.startswith("pandas.") for one in self.drafts):
            self.blind_spots |= {BlindSpot(name, "sample() without random_state"): None for name in self.unseeded}
        return CallGraph(numbered(self.drafts), tuple(self.blind_spots), reads, names, steady)


def numbered(drafts: list[Draft]) -> tuple[Node, ...]:
    """The nodes in an order that follows from the graph alone: nearest first, and by their labels.

    The order in which they were met hangs on which modules had been imported before.
    """
    edges = [sorted(zip(one.labels, one.edges, strict=True), key=itemgetter(0)) for one in drafts]
    numbers = {0: 0}
    for index in (order := [0]):
        for _, target in edges[index]:
            if target not in numbers:
                numbers[target] = len(order)
                order.append(target)
    return tuple(_node(drafts[index], [(label, numbers[target]) for label, target in edges[index]]) for index in order)


def _node(draft: Draft, edges: list[tuple[str, int]]) -> Node:
    targets, labels = tuple(target for _, target in edges), tuple(label for label, _ in edges)
    return Node(draft.kind, draft.name, draft.subject, draft.own, targets, labels)


def kind_of(subject: object, scope: Scope) -> str:
    """Which kind of node the subject is."""
    if subject is MISSING:
        return "missing"
    if subject is os.environ:
        return "environment"
    if type(subject) is Unimported:
        return "constant"
    if type(subject) is Namespace:
        return "module"
    if type(subject) is SourceTree:
        return "sources"
    if not is_code(subject):
        return "value" if hidden_generator(subject) is None else "constant"
    kind = type(subject)
    if stated_version(subject) is not None:
        return "stated"
    if scope.pin(subject) is not None or not issubclass(kind, OWN_KINDS):
        return "constant"
    return "function" if kind is FunctionType else "class" if issubclass(kind, type) else "module"
