"""Graph -> its circles, innermost first: Tarjan's algorithm, on a stack of its own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def components(root: int, edges: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """The strongly connected components in reach of the root: each after all that it leads to, its first node first."""
    return _Search(edges).run(root)


class _Search:
    def __init__(self, edges: Mapping[int, Sequence[int]]) -> None:
        self.edges = edges
        self.index: dict[int, int] = {}
        self.low: dict[int, int] = {}  # nodes whose component is not complete yet
        self.path: list[int] = []
        self.found: list[list[int]] = []

    def run(self, root: int) -> list[list[int]]:
        stack = [self.enter(root)]
        while stack:
            node, rest = stack[-1]
            for inner in rest:
                if inner not in self.index:
                    stack.append(self.enter(inner))
                    break
                if inner in self.low:
                    self.low[node] = min(self.low[node], self.index[inner])
            else:
                stack.pop()
                self.leave(node, stack[-1][0] if stack else None)
        return self.found

    def enter(self, node: int) -> tuple[int, Iterator[int]]:
        self.index[node] = self.low[node] = len(self.index)
        self.path.append(node)
        return node, iter(self.edges[node])

    def leave(self, node: int, outer: int | None) -> None:
        low = self.low[node]
        if low == self.index[node]:
            start = _rindex(self.path, node)
            component = self.path[start:]
            del self.path[start:]
            for one in component:
                del self.low[one]
            self.found.append(component)
        elif outer is not None:
            self.low[outer] = min(self.low[outer], low)


def _rindex(path: list[int], node: int) -> int:
    """Where the node stands, sought from the end: components are mostly short."""
    place = len(path) - 1
    while path[place] != node:
        place -= 1
    return place
