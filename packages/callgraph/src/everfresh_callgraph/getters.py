"""The names that attrgetter and methodcaller objects ask for, wherever in a value they are."""

from __future__ import annotations

from collections import deque
from functools import partial
from gc import get_referents
from operator import attrgetter, methodcaller

from everfresh_callgraph.contents import LIMIT, is_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_maker(subject: object) -> bool:
    """Whether this is the class attrgetter or methodcaller itself, which turns any name into an attribute."""
    return subject is attrgetter or subject is methodcaller


def names_asked(value: object) -> set[str] | None:
    """Every name that they ask for; None where one could still be made, or nobody can tell."""
    names: set[str] = set()
    seen: dict[int, object] = {}
    queue = deque([value])
    while queue:
        one = queue.popleft()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if is_maker(one) or len(seen) > LIMIT:
            return None
        if is_maker(type(one)):
            names.update(_names(one))
        if not is_code(one):
            queue.extend(part for part in get_referents(one) if part is not type(one))
    return names


def _names(getter: Any) -> list[str]:
    made_by, arguments = getter.__reduce__()[:2]
    given = (*made_by.args, *arguments) if type(made_by) is partial else arguments
    spelled = given if type(getter) is attrgetter else given[:1]
    return [word for one in spelled for word in str(one).split(".")]
