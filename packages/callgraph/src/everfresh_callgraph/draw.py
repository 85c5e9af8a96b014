"""CallGraph -> text, DOT or JSON."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from everfresh_callgraph.model import CallGraph, Node

SHAPES = {"function": "ellipse", "class": "box", "module": "folder", "value": "note"}


def as_text(graph: CallGraph, constants: bool = False) -> str:
    """Draw the graph as a tree, each node once; where it comes up again, it is marked with `(above)`.

    Installed and built-in code is left out unless `constants` is true.

    >>> from everfresh_callgraph import trace
    >>> __name__ = "example"
    >>> RATE = 2
    >>> def helper(x): return x * RATE
    >>> def area(x, y): return helper(x) * helper(y)
    >>> print(as_text(trace(area)))
    example.area  function
      example.helper  function
        example.RATE  value
    """
    return "\n".join(_lines(graph, constants))


def _lines(graph: CallGraph, constants: bool) -> Iterator[str]:
    drawn: set[int] = set()
    pending = [(0, 0)]
    while pending:
        index, depth = pending.pop()
        node = graph.nodes[index]
        if node.kind == "constant" and not constants:
            continue
        again = index in drawn and bool(node.edges)
        yield f"{'  ' * depth}{node.name}  {_told(node)}{'  (above)' if again else ''}"
        if index not in drawn:
            drawn.add(index)
            pending += [(below, depth + 1) for below in reversed(dict.fromkeys(node.edges))]
    yield from (f"! {spot}" for spot in graph.blind_spots)


def _told(node: Node) -> str:
    return str(node.own) if node.kind == "constant" else node.kind


def as_dot(graph: CallGraph, constants: bool = False) -> str:
    """Draw the graph in the language of Graphviz."""
    kept = {index for index, node in enumerate(graph.nodes) if constants or node.kind != "constant"}
    lines = ["digraph reach {", "  rankdir=LR; node [fontname=Helvetica, fontsize=10];"]
    for index in sorted(kept):
        node = graph.nodes[index]
        lines.append(f"  n{index} [label={_quoted(node.name)}, shape={SHAPES.get(node.kind, 'plaintext')}];")
        lines += [f"  n{index} -> n{below};" for below in dict.fromkeys(node.edges) if below in kept]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def as_json(graph: CallGraph) -> str:
    """Write the graph as JSON: nodes with kind, name and labelled edges, and the blind spots."""
    import json

    nodes = [
        {
            "kind": node.kind,
            "name": node.name,
            "edges": [{"label": label, "to": to} for label, to in zip(node.labels, node.edges, strict=True)],
        }
        for node in graph.nodes
    ]
    return json.dumps({"nodes": nodes, "blind_spots": [str(spot) for spot in graph.blind_spots]}, indent=1)
