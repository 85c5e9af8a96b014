"""What can only be told once all code in reach has been seen: of some things only what is asked for counts."""

from __future__ import annotations

import os
import sys
import time

from everfresh_callgraph import classes, expand
from everfresh_callgraph.pinned import askable, is_asked, read, unseen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from types import FunctionType
    from typing import Any

    from everfresh_callgraph.walk import Draft, Walk

# Who reads one of these may use the types that annotations name.
READS_ANNOTATIONS = frozenset(
    "__annotations__ get_type_hints get_annotations signature annotation getfullargspec fields type".split()
)


# Who reads one of these looks into type parameters and aliases.
READS_PARAMETERS = frozenset("__type_params__ __bound__ __constraints__ __default__ __value__ evaluate_value".split())

# Who reads one of these may tell times as they are here.
ZONED = frozenset("fromtimestamp astimezone timestamp mktime localtime tzname".split())

# What the interpreter notes in a module about itself.
INTERPRETERS = frozenset(
    """__name__ __doc__ __package__ __loader__ __spec__ __file__ __cached__ __builtins__ __path__ __annotations__
    __annotate__ __conditional_annotations__ __warningregistry__""".split()
)


class Late:
    """Adds to a walk, each time that it comes to an end, what the code seen so far asks for."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.done: set[tuple[int, object]] = set()
        self.seen = 0
        self.state: object = None
        self.attributes: set[str] = set()
        self.modules: list[Draft] = []  # of these more can be asked for at any time
        self.environments: list[Draft] = []
        self.holders: dict[str, list[Draft]] = {}  # the modules that have a name
        self.looked_at = 0  # how many of the modules are among them
        self.classes: list[Draft] = []
        self.annotated: list[Draft] = []
        self.generic: list[Draft] = []

    def __call__(self) -> None:
        self.sort(self.walk.drafts[self.seen :])
        self.seen = len(self.walk.drafts)
        for draft, wanted in self.asked():
            if draft.kind == "module":
                self.read_off(draft, vars(draft.subject), wanted)
            else:
                self.installed(draft, wanted)
        for draft in self.environments:
            self.environment(draft)
        self.about_code()
        if not ZONED.isdisjoint(self.walk.attributes) or not ZONED.isdisjoint(self.walk.spelled):
            self.zone(self.walk.root)
        self.recursion(self.walk.root)

    def about_code(self) -> None:
        """What classes and functions tell of themselves, where it is asked for."""
        if "__subclasses__" in self.walk.attributes:
            for draft in _taken(self.classes):
                self.subclasses(draft, draft.subject)  # type: ignore[arg-type]
        if self.reads_annotations():
            for draft in _taken(self.annotated):
                draft.refer("annotations", *self.walk.meet_code(annotation_types(draft.subject)))
        if not READS_PARAMETERS.isdisjoint(self.walk.attributes):
            for draft in _taken(self.generic):
                self.parameters(draft)

    def parameters(self, draft: Draft) -> None:
        found = _type_parameters(draft.subject)
        if found:
            draft.refer("type parameters", self.walk.meet(found, f"{draft.name}.__type_params__", id(draft)))

    def zone(self, root: Draft) -> None:
        """Local time hangs on what the machine, or the variable TZ, says it is."""
        if self.first(root, "time zone"):
            self.walk.variables.add("TZ")
            root.refer("time zone", self.walk.meet(os.environ, "", "environment"))
            names = vars(time)
            for name in ("tzname", "timezone"):
                self.walk.names.append((names, name, names[name]))
                root.refer("time zone", self.walk.meet(names[name], f"time.{name}", (id(names), name)))

    def sort(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            if draft.kind == "module" or is_asked(draft):
                self.modules.append(draft)
            if draft.kind == "environment":
                self.environments.append(draft)
            if draft.kind == "class":
                self.classes.append(draft)
            if draft.kind in ("class", "function"):
                self.annotated.append(draft)
            if draft.kind == "function":
                self.generic.append(draft)

    def asked(self) -> list[tuple[Draft, list[str]]]:
        """The modules that are used as objects, with what is asked of them now that was not asked before."""
        state = (self.walk.computed, self.walk.resolve.imports)
        if state != self.state:  # all names count now, or a module may have got more of them
            self.state, self.looked_at = state, 0
            self.holders.clear()
        found: dict[int, tuple[Draft, list[str]]] = {}
        for attribute in self.walk.attributes - self.attributes:
            for draft in self.holders.get(attribute, ()):
                found.setdefault(draft.index, (draft, []))[1].append(attribute)
        self.attributes |= self.walk.attributes
        for draft in self.modules[self.looked_at :]:
            found[draft.index] = draft, self.wanted(draft)
        self.looked_at = len(self.modules)
        return [(draft, sorted(names)) for _, (draft, names) in sorted(found.items())]

    def wanted(self, draft: Draft) -> list[str]:
        """Of a module that is used as an object: the names read as attributes anywhere, or all if some are computed."""
        own = draft.kind == "module"
        names: Set[str] = vars(draft.subject).keys() if own else askable(draft)
        for name in names:
            self.holders.setdefault(name, []).append(draft)
        if own and self.walk.computed:
            return [name for name in names if name not in INTERPRETERS]
        made_unseen = unseen(self.walk, draft) if self.walk.computed else ()
        return list((self.walk.attributes & names).union(made_unseen))

    def installed(self, draft: Draft, wanted: Iterable[str]) -> None:
        for name in wanted:
            if self.first(draft, name):
                read(self.walk, draft, name)

    def subclasses(self, draft: Draft, cls: type) -> None:
        found: list[type] = type.__subclasses__(cls)
        self.walk.subclasses.append((cls, tuple(found)))
        draft.refer("subclasses", *self.walk.meet_code(found))

    def reads_annotations(self) -> bool:
        return not (
            READS_ANNOTATIONS.isdisjoint(self.walk.attributes) and READS_ANNOTATIONS.isdisjoint(self.walk.spelled)
        )

    def environment(self, draft: Draft) -> None:
        """Variables named where the environment is read, or that could be; all of them where it is read as a whole."""
        # The mapping behind os.environ: it gives the same object again while a variable is not set anew.
        names = os.environ._data  # type: ignore[attr-defined]
        if self.walk.whole_environment and self.first(draft, "whole"):
            self.walk.modules.append((names, frozenset(names)))
        wanted = set(map(os.environ.encodekey, self.walk.variables))
        self.read_off(draft, names, sorted(names.keys() | wanted if self.walk.whole_environment else wanted))

    def read_off(self, draft: Draft, names: Mapping[Any, object], wanted: Iterable[Any]) -> None:
        from everfresh_callgraph.model import MISSING

        for name in wanted:
            if self.first(draft, name):
                subject = names.get(name, MISSING)
                self.walk.names.append((names, name, subject))
                place = (id(names), name)
                spelled = os.fsdecode(name)
                draft.refer(spelled, self.walk.meet(subject, f"{draft.name}.{spelled}", place))

    def recursion(self, root: Draft) -> None:
        """A root that calls itself uses its own defaults after all."""
        if self.walk.recursive and not self.walk.root_defaults and root.kind == "function":
            self.walk.root_defaults = True
            expand.defaults(self.walk, root, root.subject)  # type: ignore[arg-type]

    def first(self, draft: Draft, what: object) -> bool:
        before = len(self.done)
        self.done.add((draft.index, what))
        return len(self.done) > before


def _taken(drafts: list[Draft]) -> list[Draft]:
    """All drafts of a list, which is empty then."""
    taken = drafts[:]
    drafts.clear()
    return taken


def annotation_types(subject: Any) -> Iterable[type]:
    """The classes that annotations name, written out or as text."""
    notes = classes.notes(subject) if isinstance(subject, type) else function_notes(subject)
    return types_named(notes.values(), names_for(subject)) if notes else []


def names_for(subject: Any) -> Mapping[str, object]:
    """The names that annotations which are text are looked up in."""
    return vars(sys.modules.get(subject.__module__, object)) if subject.__module__ else {}


def types_named(notes: Iterable[object], names: Mapping[str, object]) -> list[type]:
    """The classes in annotations."""
    pending = list(notes)
    found: dict[type, None] = {}
    seen: dict[int, object] = {}
    while pending:
        note = pending.pop()
        if id(note) in seen:
            continue
        seen[id(note)] = note
        if isinstance(note, str):
            pending += [names[word] for word in _words(note) if word in names]
        elif isinstance(note, type) and not hasattr(note, "__args__"):
            found[note] = None
        pending += [*getattr(note, "__args__", ()), *filter(None, [getattr(note, "__forward_arg__", None)])]
        pending += [type(one) for one in getattr(note, "__metadata__", ())]
    return sorted(found, key=lambda cls: (cls.__module__, cls.__qualname__))


def _words(note: str) -> list[str]:
    """The names in an annotation that is text; many are alike."""
    found = _WORDS.get(note)
    if found is None:
        import re

        _WORDS.clear() if len(_WORDS) >= FEW else None
        found = _WORDS[note] = re.findall(r"[^\W\d]\w*", note)
    return found


FEW = 10_000
_WORDS: dict[str, list[str]] = {}


def _type_parameters(function: Any) -> tuple[object, ...]:
    """What a generic function is generic in, and the aliases among its annotations (since 3.12)."""
    aliases = [note for note in function_notes(function).values() if type(note).__name__ == "TypeAliasType"]
    return (*getattr(function, "__type_params__", ()), *aliases)


def function_notes(function: FunctionType) -> dict[str, object]:
    """The annotations of a function, none where they cannot be told."""
    try:
        return function.__annotations__
    except Exception:  # since 3.14 they are computed now, and may name what is not there
        return {}
