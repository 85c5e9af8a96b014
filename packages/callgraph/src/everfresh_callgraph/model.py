"""What a walk finds: a graph of code and values, the reads it was made of, and what could not be followed."""

from __future__ import annotations

from everfresh_callgraph.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CellType, CodeType, FunctionType


@record
class Node:
    """One dependency.

    `kind` is `function`, `class`, `module` (used as an object), `value`, `constant` (installed or built in, pinned by
    its version), `stated` (by code_version), `environment`, `sources` (files that an import by a computed name may
    load), or `missing`. `own` holds what the node is apart from its edges: the summary of a value, the pin of a
    constant, the stated version, the attribute names of a class or module.
    `edges` are indices into `CallGraph.nodes`, and `labels` the names under which the node refers to them.
    """

    kind: str
    name: str
    subject: object
    own: object
    edges: tuple[int, ...]
    labels: tuple[str, ...] = ()


@record
class BlindSpot:
    """Something that cannot be followed from the code alone, and where it is."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where} uses {self.what}"


@record
class Reads:
    """Everything that the walk looked at, as it was: what must be seen unchanged for the graph to hold.

    `subclasses` were asked for of these classes. `abstract` is a token that changes whenever a class is registered with
    an abstract base class, where that matters. `kinds` are the modules that were read, with their classes.
    """

    names: tuple[tuple[Mapping[str, object], str, object], ...]
    functions: tuple[tuple[FunctionType, CodeType, object, object, object], ...]
    cells: tuple[tuple[CellType, object], ...]
    classes: tuple[tuple[type, tuple[object, ...], tuple[tuple[str, object], ...]], ...]
    values: tuple[tuple[object, str, Scanned], ...]
    modules: tuple[tuple[Mapping[str, object], frozenset[str]], ...]
    subclasses: tuple[tuple[type, tuple[type, ...]], ...] = ()
    abstract: object = None
    kinds: tuple[tuple[object, type], ...] = ()


@record
class Scanned:
    """What a scan saw of a value: its summary, the code that it holds, and whether it can never change."""

    summary: object
    references: tuple[object, ...]
    immutable: bool


# For a value that was not looked at yet.
UNSEEN = Scanned(None, (), immutable=False)


@record
class CallGraph:
    """What a function can reach. Node 0 is the root; the others follow in the order of their distance from it.

    `steady` is False where a module was imported after values had been looked at: it may have changed them.
    """

    nodes: tuple[Node, ...]
    blind_spots: tuple[BlindSpot, ...]
    reads: Reads
    attributes: frozenset[str]
    steady: bool = True

    @property
    def root(self) -> Node:
        return self.nodes[0]

    def under(self, node: Node) -> tuple[Node, ...]:
        """The nodes that this one refers to directly."""
        return tuple(self.nodes[index] for index in node.edges)


# Pickle keeps a note in each class whose instances it takes apart, at the first time: no change of the class.
NOTED_BY_PICKLE = "__slotnames__"


class Missing:
    """The absence of a value, which is a thing to depend on: the name may appear later."""

    def __repr__(self) -> str:
        return "<missing>"


MISSING = Missing()
