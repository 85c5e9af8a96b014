"""Function -> CallGraph: everything that it can reach, found without running any of it."""

from __future__ import annotations

from everfresh_callgraph.contents import contents
from everfresh_callgraph.expand import EXPAND
from everfresh_callgraph.late import Late
from everfresh_callgraph.scope import BY_PLACE
from everfresh_callgraph.walk import STANDS_FOR, Walk, stood_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from everfresh_callgraph.model import CallGraph
    from everfresh_callgraph.scope import Scope
    from everfresh_callgraph.walk import Draft, Scan

__all__ = ["STANDS_FOR", "stood_for", "trace"]


def trace(
    root: object,
    scan: Scan = contents,
    *,
    defaults: bool = True,
    scope: Scope = BY_PLACE,
    asked: frozenset[str] = frozenset(),
) -> CallGraph:
    """Find all that `root` (a function, class, module or any value) can reach.

    `scan` looks into values: given one and its name, it tells what it is in one word and which code it holds. With
    `defaults=False` the root's own parameter defaults are left out, for a caller that passes every argument itself.
    `scope` says which packages are followed or pinned, where that is not to go by what is installed. `asked` are names
    of attributes that code elsewhere reads, off what this code hands out.
    """
    walk = Walk(scan, root, defaults, scope)
    walk.attributes |= asked
    late = Late(walk)
    values: list[Draft] = []
    done = 0
    while values or done < len(walk.drafts):
        _expand_values(walk, values)
        done = _settle_code(walk, late, done, values)
    return walk.graph()


def _settle_code(walk: Walk, late: Late, done: int, values: list[Draft]) -> int:
    """Expand code, and what it asks for late, until there is nothing more of it; gives how many drafts were seen to."""
    while True:
        done = _expand_code(walk, done, values)
        late()
        if done == len(walk.drafts):
            return done


def _expand_code(walk: Walk, done: int, values: list[Draft]) -> int:
    """Expand all that is met but values; gives how many drafts have been seen to."""
    while done < len(walk.drafts):
        draft = walk.drafts[done]
        done += 1
        if draft.kind == "value":
            values.append(draft)
        else:
            EXPAND[draft.kind](walk, draft, draft.subject)
    return done


def _expand_values(walk: Walk, values: list[Draft]) -> None:
    """Values come last: code may import modules, which fill tables as they are imported."""
    if values and walk.described_at is None:
        walk.described_at = walk.resolve.imports
    for draft in values:
        EXPAND["value"](walk, draft, draft.subject)
    values.clear()
