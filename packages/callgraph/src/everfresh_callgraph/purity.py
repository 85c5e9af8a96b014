"""CallGraph -> what in it can give another answer another time, each with the chain of calls that leads there."""

from __future__ import annotations

from everfresh_callgraph.generators import hidden_generator
from everfresh_callgraph.impure import CALLS, METHODS
from everfresh_callgraph.record import record

# Values by which a program reads from outside.
MACHINERY = frozenset({"sys.stdin", "sys.__stdin__"})

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from everfresh_callgraph.model import CallGraph, Node


@record
class Impurity:
    """Something outside the program that an answer may depend on, and the names of the calls from the root to it."""

    what: str
    chain: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what} ({' -> '.join(self.chain)})"


def impurities(graph: CallGraph) -> tuple[Impurity, ...]:
    """Find the calls in reach that are known to look outside the program, nearest first."""
    parents = _parents(graph)
    found = []
    for index, node in enumerate(graph.nodes):
        outside = node.kind == "constant" or node.name in MACHINERY
        what = _impure(node, graph.attributes) if outside else None
        if what is not None:
            found.append(Impurity(what, tuple(_chain(graph, parents, index))))
    return tuple(found)


def _impure(node: Node, attributes: frozenset[str]) -> str | None:
    if hidden_generator(node.subject) is not None:
        return "the hidden random generator"
    if node.name in _EXACT:
        return _EXACT[node.name]
    for what, start in _BELOW:
        if node.name.startswith(start) or node.name == start.rstrip("."):
            return what
    for what, start, names in _BY_METHOD:
        if node.name.startswith(start) and not names.isdisjoint(attributes):
            return what
    return None


def _parents(graph: CallGraph) -> dict[int, int]:
    """For each node the one that it was first met from; the walk was breadth first, so the chains are short."""
    parents: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        for edge in node.edges:
            parents.setdefault(edge, index)
    return parents


def _chain(graph: CallGraph, parents: dict[int, int], index: int) -> list[str]:
    chain = [graph.nodes[index].name]
    while index:
        index = parents[index]
        chain.append(graph.nodes[index].name)
    return chain[::-1]


def _calls() -> Iterator[tuple[str, str]]:
    for what, names in CALLS.items():
        for name in names.split():
            yield what, name


_EXACT = {name: what for what, name in _calls() if not name.endswith(".")}
_BELOW = [(what, name) for what, name in _calls() if name.endswith(".")]
_BY_METHOD = [
    (what, start, frozenset(names.split())) for what, rows in METHODS.items() for start, names in rows.items()
]


def _by_module() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name in (*_EXACT, *(start for _, start, _ in _BY_METHOD)):
        module, _, attribute = name.rpartition(".")
        if attribute:
            found.setdefault(module, set()).add(attribute)
    return {module: frozenset(names) for module, names in found.items()}


# For each module the attributes that look outside the program, or whose methods do.
OUTSIDE = _by_module()
