"""The nodes of a call graph as a person would speak of them: a kind, a name that no other has, a short text."""

from __future__ import annotations

from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from everfresh_callgraph.model import CallGraph, Node

    from everfresh_fingerprint.digest import Digest

VARIABLES = ("value", "missing")
WRITTEN = ("function", "class")
INTERPRETER = "the interpreter"
ENVIRONMENT = "os.environ."


def reached(graph: CallGraph, own: Sequence[Digest]) -> Iterator[tuple[str, str, Node, Digest, str | None]]:
    """Of each node its name, kind, itself, its own digest, and its text where the value alone does not say it."""
    owners = {node.name: node.kind for node in graph.nodes if node.kind in WRITTEN}
    # What is written goes before a value of the same name, which is often made of it: a cached function, a partial.
    order = sorted(range(len(own)), key=lambda at: graph.nodes[at].kind not in WRITTEN)
    named = [*_names(graph.nodes)]
    names = dict(zip(order, unique(named[at] for at in order), strict=True))
    for at, (node, digest) in enumerate(zip(graph.nodes, own, strict=True)):
        yield names[at], kind_of(node, owners), node, digest, _text(node, digest)


def unique(names: Iterable[str]) -> Iterator[str]:
    """The names, numbered from the second time on."""
    met: dict[str, int] = {}
    for name in names:
        met[name] = met.get(name, 0) + 1
        yield name if met[name] == 1 else f"{name} ({met[name]})"


def _names(nodes: Sequence[Node]) -> Iterator[str]:
    """A wrapper that took the name of what it wraps is told from it by the name under which it was written."""
    times = Counter(node.name for node in nodes)
    for node in nodes:
        code = getattr(node.subject, "__code__", None) if node.kind == "function" else None
        if code is not None and times[node.name] > 1 and not node.name.endswith(code.co_qualname):
            yield f"{node.name} ({code.co_qualname})"
        else:
            yield node.name.removeprefix(ENVIRONMENT)


def kind_of(node: Node, owners: dict[str, str]) -> str:
    """`global`, `attribute`, `variable` (captured or kept by a function), `environment variable`; else as it is."""
    if node.kind not in VARIABLES:
        return "version of" if node.kind == "stated" else node.kind
    owner = node.name.rpartition(".")[0]
    if node.name.startswith(ENVIRONMENT):
        return "environment variable"
    return {"function": "variable", "class": "attribute"}.get(owners.get(owner, ""), "global")


def _text(node: Node, digest: Digest) -> str | None:
    if node.kind == "constant":
        return str(node.own).rpartition(" ")[0]  # what pins it, without its own name
    if node.kind == "stated":
        return str(node.own).partition(" ")[2]  # without its type
    if node.kind == "missing" or (node.kind == "value" and node.own is not digest):
        return str(node.own)
    return None


def notes(own: object) -> tuple[str, ...]:
    """What a class says of its attributes and annotations, each in a few words."""
    return tuple(map(_note, own[1:])) if isinstance(own, tuple) else ()


def _note(note: object) -> str:
    name, _, role = str(note).removesuffix(" True").removesuffix(" False").partition(" ")
    return f" annotation {note}" if name.endswith(":") else f".{name} ({role})" if role else f" {name}"
