"""Which functions of a program run: when it is imported, when it is called; and which the call graph reaches."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any

from everfresh_callgraph.bytecode import nested
from everfresh_callgraph.trees import SourceTree
from everfresh_fingerprint.functions import code_fingerprint

from mutants.child import SETTINGS, forked, program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import CodeType, FrameType

    from mutants.child import Say
    from mutants.places import Place

    Lines = set[tuple[str, int]]
    Functions = set[tuple[str, int, str]]


@dataclass(frozen=True)
class Survey:
    """Files that were loaded; functions (file, first line, name) and lines, by when they ran.

    `sources` are the files that count as a whole, since an import by a computed name may load them.
    """

    files: list[str]
    called: Functions
    imported: Functions
    reached: Functions
    sources: set[str]
    called_lines: Lines
    imported_lines: Lines

    def group(self, file: str, place: Place) -> str | None:
        """When a place runs: `called`, `imported`, `reached` or `unreached` if never; None: passed by in what ran."""
        if place.function is None:
            return "imported" if (file, place.line) in self.imported_lines else None
        function = (file, *place.function)
        if function in self.called:
            return "called" if not place.line or (file, place.line) in self.called_lines else None
        if function in self.imported:
            return "imported" if not place.line or (file, place.line) in self.imported_lines else None
        return "reached" if function in self.reached or file in self.sources else "unreached"


class Watch:
    """Notes, as a trace function, what runs of the files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.prefix = f"{folder}/"
        self.functions: Functions = set()
        self.lines: Lines = set()

    def __call__(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        code = frame.f_code
        if not code.co_filename.startswith(self.prefix):
            return None
        file = code.co_filename.removeprefix(self.prefix)
        self.functions.add((file, code.co_firstlineno, code.co_name))

        def line(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
            self.lines.add((file, frame.f_lineno))
            return line

        return line

    def during(self, task: Callable[[], Any]) -> Any:
        sys.settrace(self)
        try:
            return task()
        finally:
            sys.settrace(None)


def survey(tree: Path) -> Survey:
    """Run the scenario once under watch, in a child."""

    def tell(say: Say) -> None:
        loading, calling = Watch(tree), Watch(tree)
        scenario = loading.during(program)
        calling.during(scenario)
        say(files=sorted(_files(tree)), called=list(calling.functions), called_lines=list(calling.lines))
        say(imported=list(loading.functions), imported_lines=list(loading.lines))

    def look(say: Say) -> None:
        nodes = code_fingerprint(program(), settings=SETTINGS).graph.nodes
        functions = [node.subject for node in nodes if isinstance(node.subject, FunctionType)]
        codes = {inner for function in functions for inner in _codes(function.__code__)}
        named = [(code.co_filename.removeprefix(f"{tree}/"), code.co_firstlineno, code.co_name) for code in codes]
        trees = [node.subject for node in nodes if isinstance(node.subject, SourceTree)]
        say(reached=named, sources=[file.removeprefix(f"{tree}/") for one in trees for file in one.files()])

    told = forked(tell) | forked(look)
    if "trouble" in told:
        raise RuntimeError(told["trouble"])
    return Survey(told["files"], *({_fixed(one) for one in told[name]} for name in [*Survey.__dataclass_fields__][1:]))


def _fixed(one: Any) -> Any:
    return tuple(one) if isinstance(one, list) else one


def _files(tree: Path) -> Iterator[str]:
    for module in tuple(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(f"{tree}/") and file.endswith(".py"):
            yield file.removeprefix(f"{tree}/")


def _codes(code: CodeType | None) -> Iterator[CodeType]:
    if code is not None:
        yield code
        for inner in nested(code):
            yield from _codes(inner)
