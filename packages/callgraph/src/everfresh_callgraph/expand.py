"""What each kind of node refers to."""

from __future__ import annotations

import copyreg
import os
from types import FunctionType, ModuleType

from everfresh_callgraph import classes
from everfresh_callgraph.environment import read_by
from everfresh_callgraph.getters import is_maker, names_asked
from everfresh_callgraph.installed import loaded
from everfresh_callgraph.model import NOTED_BY_PICKLE, BlindSpot
from everfresh_callgraph.naming import module_name, qualified
from everfresh_callgraph.references import Reference, references
from everfresh_callgraph.reflection import COMPUTED_IMPORT, gives_values, is_disguised
from everfresh_callgraph.resolve import Unimported
from everfresh_callgraph.stated import STATED, stated_version
from everfresh_callgraph.trees import source_tree
from everfresh_callgraph.walk import STANDS_FOR, Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from everfresh_callgraph.references import References
    from everfresh_callgraph.trees import SourceTree
    from everfresh_callgraph.walk import Draft, Walk

DISPATCHER = "singledispatch.<locals>.wrapper"
NAMESPACES = frozenset({"__globals__", "f_globals", "f_locals", "getmodule"})
ENVIRONMENT = frozenset({"environ", "getenv"})
BLINDING = frozenset({"eval", "exec", "_getframe", "currentframe", "getsource", "getsourcelines", "getsourcefile"})
# numpy.datetime64("now") and the like.
BY_TEXT = frozenset({"datetime64", "Timestamp", "to_datetime", "DatetimeIndex"})
NOW = frozenset({"now", "today"})

# Where a program writes to, reads from, and finds its modules: never part of an answer by itself, and made of anything.
MACHINERY = frozenset(
    f"sys.{name}"
    for name in "stdin stdout stderr __stdin__ __stdout__ __stderr__ modules path meta_path path_hooks".split()
)


def function(walk: Walk, draft: Draft, subject: FunctionType) -> None:
    """What its code names, and what it carries beside its code."""
    walk.functions.append((subject, subject.__code__, subject.__defaults__, subject.__kwdefaults__, vars(subject)))
    named = references(subject.__code__)
    _take_note(walk, draft, named)
    if COMPUTED_IMPORT in named.blind:
        draft.refer("imports", *_sources(walk, subject))
    imports = (Reference("import", name, ()) for name in sorted(named.imports))
    for reference in (*named.names, *imports):
        draft.refer(reference.label, *_named(walk, subject, reference))
    if "globals" in named.reflective:
        names = subject.__globals__
        name = module_name(str(names.get("__name__")))
        draft.refer("globals", walk.meet(Namespace(names), name, ("globals", id(names))))
    carried(walk, draft, subject)


def _sources(walk: Walk, subject: FunctionType) -> list[int]:
    """What an import by a computed name may load: it may also be another package's, so it stays a blind spot."""
    tree = source_tree(subject)
    return [walk.meet(tree, f"source files in {os.path.basename(tree.folder)}", tree.folder)] if tree else []


def sources(walk: Walk, draft: Draft, subject: SourceTree) -> None:
    draft.own = f"sources {subject.digest()}"


def _take_note(walk: Walk, draft: Draft, named: References) -> None:
    walk.attributes |= named.attributes
    walk.spelled |= named.spelled
    walk.computed |= named.computed
    walk.anything |= named.anything
    walk.whole_environment |= named.environment
    if not BY_TEXT.isdisjoint(named.attributes | named.spelled) and not named.strings.isdisjoint(NOW):
        walk.blind_spots[BlindSpot(draft.name, "the time, asked for by text")] = None
    if "sample" in named.attributes and "random_state" not in named.strings:
        walk.unseeded.append(draft.name)
    walk.variables |= named.strings if named.reflective & ENVIRONMENT else named.capitals
    blind = sorted((named.called & BLINDING) | ((named.attributes | named.spelled) & NAMESPACES) | named.blind)
    walk.blind_spots.update((BlindSpot(draft.name, what), None) for what in blind)


def _named(walk: Walk, subject: FunctionType, reference: Reference) -> list[int]:
    if reference.kind == "free":
        position = subject.__code__.co_freevars.index(reference.name)
        cell = (subject.__closure__ or ())[position]
        return [walk.meet_cell(f"{qualified(subject)}.{reference.name}", cell)]
    place = id(subject.__globals__), reference
    if place not in walk.resolved:
        walk.resolved[place] = _resolved(walk, subject, reference)
    return walk.resolved[place]


def _resolved(walk: Walk, subject: FunctionType, reference: Reference) -> list[int]:
    found = list(walk.resolve(subject, reference))
    for one in found:
        walk.whole_environment |= _is_environment(one.subject, (reference.name, *reference.path)[-1])
        if reference.kind != "import" and is_disguised(one.subject, (reference.name, *reference.path)[-1]):
            _reads_anything(walk, one.subject)
    return [walk.meet_found(one) for one in found]


def _reads_anything(walk: Walk, reflective: object) -> None:
    """A reflective function is called under another name, with whatever names."""
    walk.computed = True
    walk.anything |= not gives_values(reflective)


def _is_environment(subject: object, spelled: str) -> bool:
    """Whether the environment is read under another name than those by which readers of it are known."""
    return (subject is os.environ and spelled != "environ") or (subject is os.getenv and spelled != "getenv")


def carried(walk: Walk, draft: Draft, subject: FunctionType) -> None:
    """Attributes, what it wraps, parameter defaults."""
    attributes = vars(subject)
    if attributes:
        walk.modules.append((attributes, frozenset(attributes)))
    for name, value in attributes.items():
        if name not in (STANDS_FOR, STATED):
            walk.names.append((attributes, name, value))
            draft.refer(name, walk.meet(value, f"{draft.name}.{name}", (id(attributes), name)))
    if draft is not walk.root or walk.root_defaults:
        defaults(walk, draft, subject)


def defaults(walk: Walk, draft: Draft, subject: FunctionType) -> None:
    """The defaults of its parameters."""
    for name in ("__defaults__", "__kwdefaults__"):
        if getattr(subject, name) is not None:
            draft.refer(name, walk.meet(getattr(subject, name), f"{draft.name}.{name}", (id(subject), name)))


def class_(walk: Walk, draft: Draft, cls: type) -> None:
    """Its bases, its metaclass, and every attribute that shapes its behaviour."""
    annotated = classes.annotated(cls)
    _watch(walk, cls)
    draft.refer("base", *walk.meet_code(cls.__bases__))
    draft.refer("metaclass", *walk.meet_code([type(cls)]))
    draft.refer("registered", *walk.meet_code(classes.registered(cls)))
    _copied_by(walk, draft, cls)
    roles = []
    for name, attribute in classes.attributes(cls).items():
        for role, part in classes.parts(attribute):
            roles.append(f"{name} {role} {part is None}")
            if part is not None:
                draft.refer(f"{name} {role}", walk.meet(part, f"{draft.name}.{name}", (id(cls), name, role)))
    # Two classes of one text are two classes: isinstance tells them apart. So their names count, unlike functions'.
    draft.own = (draft.name, *_given_name(cls), *roles, "annotated", *annotated)
    _registered(walk, draft, cls)


def _copied_by(walk: Walk, draft: Draft, cls: type) -> None:
    """How copyreg was told to pickle and copy it. (By identity: not every class can be hashed.)"""
    table: Any = copyreg.dispatch_table
    for one, made in tuple(table.items()):
        if one is cls:
            walk.names.append((table, one, made))  # type: ignore[arg-type]
            draft.refer("copyreg", walk.meet(made, f"{draft.name}.copyreg", (id(cls), "copyreg")))


def _given_name(cls: type) -> tuple[str, ...]:
    """A name that was given to the class later; the other one stands in that of the node."""
    return () if cls.__qualname__.rpartition(".")[2] == cls.__name__ else (cls.__name__,)


def _watch(walk: Walk, *watched: type) -> None:
    for cls in watched:
        body = tuple(pair for pair in vars(cls).items() if pair[0] != NOTED_BY_PICKLE)
        walk.classes.append((cls, (type(cls), cls.__qualname__, cls.__name__, *cls.__bases__), body))


def module(walk: Walk, draft: Draft, subject: ModuleType) -> None:
    """What of a module is read is known once all code has been seen: `late` fills it in."""
    walk.computed |= draft is walk.root
    if type(subject) not in (ModuleType, Namespace):  # a module whose class was exchanged: properties, __getattr__
        draft.refer("class", *walk.meet_code([type(subject)]))
    draft.own = "module"


def value(walk: Walk, draft: Draft, subject: object) -> None:
    """What the scan says; of what an installed package holds and cannot be told again, the version says enough."""
    if draft.name in MACHINERY:
        draft.own = draft.name
        if draft.name == "sys.modules":
            walk.blind_spots[BlindSpot(draft.name, "modules by name")] = None
        return
    try:
        scanned = walk.scan(subject, draft.name)
    except Exception as error:
        if draft.pin is None:
            error.add_note(draft.name)
            raise
        draft.own = f"{draft.pin} {draft.name}"
        return
    draft.own = scanned.summary
    draft.refer("holds", *walk.meet_code(scanned.references))
    for one in scanned.references:
        if is_maker(one) or is_disguised(one, ""):
            _asks(walk, one, subject)
    walk.whole_environment |= any(one is os.getenv for one in scanned.references)
    if type(subject) is str and subject.isupper():
        walk.variables.add(subject)  # perhaps the name of an environment variable
    if not scanned.immutable:
        walk.values.append((subject, draft.name, scanned))


def _asks(walk: Walk, reflective: object, value: object) -> None:
    """A value holds something that turns names into attributes; an attrgetter tells which."""
    names = names_asked(value) if is_maker(reflective) else None
    walk.attributes |= names or set()
    if names is None:
        _reads_anything(walk, reflective)


def constant(walk: Walk, draft: Draft, subject: Any) -> None:
    """Installed code is pinned by its version; what the user put into it, or wrapped with it, is not."""
    read_by(walk, draft)
    if type(subject) is Unimported:
        draft.own = f"{subject.pin} {subject.name}"
        if isinstance(cls := loaded(subject.name), type) and walk.scope.pin(cls) is not None:
            _installed_class(walk, draft, cls)
        return
    line = f":{subject.__code__.co_firstlineno}" if type(subject) is FunctionType else ""
    draft.own = f"{walk.scope.pin(subject)} {qualified(subject)}{line}"
    if type(subject) is FunctionType and subject.__closure__:
        _wrapped(walk, draft, subject)
    elif issubclass(type(subject), type):
        _installed_class(walk, draft, subject)


def _installed_class(walk: Walk, draft: Draft, cls: type) -> None:
    """What the user put into it; what is read off it by name is seen to late."""
    draft.refer("patched", *walk.meet_code(classes.patched(cls, walk.scope)))
    _registered(walk, draft, cls)
    _watch(walk, *classes.open_bases(cls))  # somebody may patch it later
    for name in classes.odd_specials(cls):
        for base, value in classes.put_into(cls, name):
            draft.refer(name, walk.meet(value, f"{qualified(base)}.{name}", (id(base), name)))


def _registered(walk: Walk, draft: Draft, cls: type) -> None:
    """Classes that isinstance counts among its subclasses since they were registered: of installed ones, the user's."""
    if "_abc_impl" in vars(cls):
        walk.abstract = classes.registrations()
        every = classes.registered_below(cls)
        names = [qualified(one) for one in every if draft.kind == "class" or walk.scope.pin(one) is None]
        draft.own = (draft.own, "registered", *sorted(names)) if names else draft.own


def _wrapped(walk: Walk, draft: Draft, subject: FunctionType) -> None:
    """A function that installed code made around the user's: a decorated one, a dispatcher."""
    registry = vars(subject).get("registry")
    if subject.__code__.co_qualname == DISPATCHER:  # what is registered counts, not which types were met
        draft.refer("registry", walk.meet(registry, f"{draft.name}.registry", (id(subject), "registry")))
        return
    for name, cell in zip(subject.__code__.co_freevars, subject.__closure__ or (), strict=True):
        draft.refer(name, walk.meet_cell(f"{draft.name}.{name}", cell))


def stated(walk: Walk, draft: Draft, subject: Any) -> None:
    """The stated version stands for the code; the walk goes no further."""
    walk.names.append((vars(subject), STATED, vars(subject)[STATED]))
    draft.own = stated_version(subject)


def environment(walk: Walk, draft: Draft, subject: object) -> None:
    """Of the environment count the variables that are named where it is read: `late` fills them in."""
    draft.own = "environment"


def missing(walk: Walk, draft: Draft, subject: object) -> None:
    """That a name means nothing is all there is to say."""
    draft.own = "missing"


EXPAND: dict[str, Callable[[Walk, Draft, Any], None]] = {
    "function": function,
    "class": class_,
    "module": module,
    "value": value,
    "constant": constant,
    "stated": stated,
    "environment": environment,
    "missing": missing,
    "sources": sources,
}
