"""What can only be told once all code in reach has been seen: of some things only what is asked for counts."""

from __future__ import annotations

import os
import sys

from everfresh_callgraph import classes, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FunctionType
    from typing import Any

    from everfresh_callgraph.walk import Draft, Walk

# Who reads one of these may use the types that annotations name.
READS_ANNOTATIONS = frozenset(
    "__annotations__ get_type_hints get_annotations signature annotation getfullargspec fields type".split()
)


class Late:
    """Adds to a walk, each time that it comes to an end, what the code seen so far asks for."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.done: set[tuple[int, object]] = set()

    def __call__(self) -> None:
        walk = self.walk
        for draft in tuple(walk.drafts):
            if draft.kind == "module":
                self.module(draft, vars(draft.subject))
            elif draft.kind == "environment":
                self.environment(draft)
            elif draft.kind == "class" and "__subclasses__" in walk.attributes:
                self.code(draft, "subclasses", type.__subclasses__(draft.subject))  # type: ignore[arg-type]
            if draft.kind in ("class", "function") and not READS_ANNOTATIONS.isdisjoint(walk.attributes):
                self.code(draft, "annotations", _annotation_types(draft.subject))
        self.recursion(walk.root)

    def module(self, draft: Draft, names: Mapping[str, object]) -> None:
        """Of a module that is used as an object: the names read as attributes anywhere, or all if some are computed."""
        every = (name for name in names if not name.startswith("__"))
        self.read_off(draft, names, sorted(every if self.walk.computed else self.walk.attributes & names.keys()))

    def environment(self, draft: Draft) -> None:
        """Variables named where the environment is read, or that could be; all of them where it is read as a whole."""
        # The mapping behind os.environ: it gives the same object again while a variable is not set anew.
        names = os.environ._data  # type: ignore[attr-defined]
        wanted = set(map(os.environ.encodekey, self.walk.variables))
        self.read_off(draft, names, sorted(names.keys() | wanted if self.walk.whole_environment else wanted))

    def read_off(self, draft: Draft, names: Mapping[Any, object], wanted: Iterable[Any]) -> None:
        from everfresh_callgraph.model import MISSING

        for name in wanted:
            if self.first(draft, name):
                subject = names.get(name, MISSING)
                self.walk.names.append((names, name, subject))
                place = (id(names), name)
                draft.edges.append(self.walk.meet(subject, f"{draft.name}.{os.fsdecode(name)}", place))

    def code(self, draft: Draft, what: str, subjects: Iterable[object]) -> None:
        if self.first(draft, what):
            draft.edges += self.walk.meet_code(subjects)

    def recursion(self, root: Draft) -> None:
        """A root that calls itself uses its own defaults after all."""
        if self.walk.recursive and not self.walk.root_defaults and root.kind == "function":
            self.walk.root_defaults = True
            expand.defaults(self.walk, root, root.subject)  # type: ignore[arg-type]

    def first(self, draft: Draft, what: object) -> bool:
        before = len(self.done)
        self.done.add((draft.index, what))
        return len(self.done) > before


def _annotation_types(subject: Any) -> Iterable[type]:
    """The classes that annotations name, where they are written out or are plain names of the module."""
    notes = classes.notes(subject) if isinstance(subject, type) else _function_notes(subject)
    names = vars(sys.modules.get(subject.__module__, object)) if subject.__module__ else {}
    pending = [names.get(note, note) if isinstance(note, str) else note for note in notes.values()]
    found: dict[type, None] = {}
    while pending:
        note = pending.pop()
        if isinstance(note, type) and not hasattr(note, "__args__"):
            found[note] = None
        pending += getattr(note, "__args__", ())
    return sorted(found, key=lambda cls: (cls.__module__, cls.__qualname__))


def _function_notes(function: FunctionType) -> dict[str, object]:
    try:
        return function.__annotations__
    except Exception:  # since 3.14 they are computed now, and may name what is not there
        return {}
