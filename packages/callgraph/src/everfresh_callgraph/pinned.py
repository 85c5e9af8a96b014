"""What is read off installed modules and classes that a program uses as objects, where it is not their own.

Of them count what the user put there, the environment, and what looks outside the program.
"""

from __future__ import annotations

import os
import sys
from types import FunctionType, ModuleType

from everfresh_callgraph import classes
from everfresh_callgraph.classes import COPIED
from everfresh_callgraph.generators import hidden_generator
from everfresh_callgraph.installed import DATA, is_put, loaded, unspelled
from everfresh_callgraph.model import MISSING, BlindSpot
from everfresh_callgraph.naming import qualified
from everfresh_callgraph.purity import OUTSIDE
from everfresh_callgraph.resolve import Unimported
from everfresh_callgraph.scope import IMMUTABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Set
    from typing import Any

    from everfresh_callgraph.walk import Draft, Walk


def is_asked(draft: Draft) -> bool:
    """Whether attributes of an installed thing can be asked for by name."""
    if draft.kind != "constant":
        return False
    kind = type(draft.subject)
    if issubclass(kind, type):
        return not draft.subject.__flags__ & IMMUTABLE  # type: ignore[attr-defined]
    return kind is ModuleType or kind is Unimported or kind is FunctionType


def askable(draft: Draft) -> Set[str]:
    """The attributes that would be looked at, were they asked for."""
    subject = _meant(draft)
    if isinstance(subject, type):
        return classes.doubtful(subject)
    if type(subject) is FunctionType:
        return vars(subject).keys() - COPIED
    names = vars(subject).keys() if type(subject) is ModuleType else ()
    return OUTSIDE.get(_name(draft), NOTHING).union(names)


def unseen(walk: Walk, draft: Draft) -> Iterable[str]:
    """The attributes that do not stand in the module's code: a name that is made at run time can mean them."""
    subject = _meant(draft)
    if subject is os:
        walk.blind_spots[BlindSpot(draft.name, "names of os that are made at run time")] = None
    if type(subject) is not ModuleType:
        return ()
    names = vars(subject)
    walk.modules.append((names, frozenset(names)))
    return [one for one in unspelled(subject) if type(names[one]) in DATA or walk.resolve.is_users(names[one])]


def read(walk: Walk, draft: Draft, name: str) -> None:
    """An attribute of this name is read somewhere."""
    subject = _meant(draft)
    if isinstance(subject, type):
        _off_class(walk, draft, subject, name)
        return
    if type(subject) is FunctionType:
        _off_function(walk, draft, subject, name)
        return
    if name in OUTSIDE.get(_name(draft), NOTHING):
        found = Unimported(f"{_name(draft)}.{name}", str(draft.own).rpartition(" ")[0])
        draft.refer(name, walk.meet(found, found.name, ("installed", found.name)))
    if type(subject) is ModuleType:
        _off_module(walk, draft, subject, name)


NOTHING: frozenset[str] = frozenset()


def _off_module(walk: Walk, draft: Draft, module: ModuleType, name: str) -> None:
    names = vars(module)
    subject = names.get(name, MISSING)
    walk.names.append((names, name, subject))  # it may be patched later
    if subject is os.environ:
        walk.whole_environment = True
        draft.refer(name, walk.meet(subject, "", "environment"))
    elif subject is not MISSING:
        users = walk.resolve.is_users(subject)
        if users or is_put(module, name, subject) or hidden_generator(subject) is not None:
            met = walk.meet(subject, f"{draft.name}.{name}", (id(names), name))
            draft.refer(name, met)
            walk.drafts[met].pin = None if users else str(draft.own)  # what is the package's need not be described


def _off_class(walk: Walk, draft: Draft, cls: type, name: str) -> None:
    for base, value in classes.put_into(cls, name):
        draft.refer(name, walk.meet(value, f"{qualified(base)}.{name}", (id(base), name)))


def _off_function(walk: Walk, draft: Draft, function: FunctionType, name: str) -> None:
    """Of its attributes plain data and what is the user's: the others are made by the package's decorators."""
    names = vars(function)
    value = names.get(name, MISSING)
    walk.names.append((names, name, value))
    if type(value) in DATA or walk.resolve.is_users(value):
        draft.refer(name, walk.meet(value, f"{draft.name}.{name}", (id(names), name)))


def _name(draft: Draft) -> str:
    subject: Any = draft.subject
    return subject.name if type(subject) is Unimported else str(getattr(_meant(draft), "__name__", ""))


def _meant(draft: Draft) -> object:
    """The installed module or class that a constant stands for, if it is loaded."""
    subject = draft.subject
    if type(subject) is Unimported:
        subject = sys.modules.get(subject.name) or loaded(subject.name)
    return subject if type(subject) in (ModuleType, FunctionType) or isinstance(subject, type) else None
