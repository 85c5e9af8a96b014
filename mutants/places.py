"""Where a piece of source stands: in which function, on which line; and that of a whole file, node by node."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Def = ast.FunctionDef | ast.AsyncFunctionDef
Function = tuple[int, str]  # first line and name, as in the code object


@dataclass(frozen=True)
class Place:
    """The function around a node (None: module or class body), its statement's line (0: any), the outermost owner."""

    function: Function | None = None
    line: int = 0
    owner: str = ""

    def within(self, node: Def | ast.ClassDef) -> Place:
        """The place inside of a class or function."""
        owner = self.owner if self.function else f"{self.owner}.{node.name}".strip(".")
        if isinstance(node, ast.ClassDef):
            return replace(self, owner=owner)
        first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
        return Place((first, node.name), 0, owner)


def placed(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    """Every node that says something, with its place; docstrings and annotations say nothing."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    inner = place
    if isinstance(node, Def | ast.ClassDef):
        inner = place.within(node)
    elif isinstance(node, ast.Lambda):
        inner = Place((node.lineno, "<lambda>"), 0, place.owner)
    yield node, inner if isinstance(node, Def) else place
    if isinstance(node, ast.JoinedStr):
        return  # before 3.12 what stands in an f-string has no true position
    for field, child in _children(node):
        if field not in ("annotation", "returns", "type_params"):
            line = child.lineno if isinstance(child, ast.stmt) else inner.line
            yield from placed(child, replace(inner, line=line))


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield field, child


class Source:
    """The bytes of a file, its nodes with their places, and the words that it uses."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.nodes = list(placed(ast.parse(text), Place()))
        self.attributes: list[str] = sorted({node.attr for node, _ in self.nodes if isinstance(node, ast.Attribute)})
        self.names: dict[Function | None, list[str]] = defaultdict(list)
        for node, place in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.names[place.function].append(node.id)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """First byte of a node, and the byte behind its last."""
        first = self.starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        last = self.starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        return first, last

    def of(self, node: ast.AST) -> str:
        """The text of a node, as it was written."""
        return self.text[slice(*self.span(node))].decode()
