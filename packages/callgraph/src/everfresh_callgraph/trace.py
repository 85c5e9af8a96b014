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
    from everfresh_callgraph.walk import Scan

__all__ = ["STANDS_FOR", "stood_for", "trace"]


def trace(root: object, scan: Scan = contents, *, defaults: bool = True, scope: Scope = BY_PLACE) -> CallGraph:
    """Find all that `root` (a function, class, module or any value) can reach.

    `scan` looks into values: given one and its name, it tells what it is in one word and which code it holds. With
    `defaults=False` the root's own parameter defaults are left out, for a caller that passes every argument itself.
    `scope` says which packages are followed or pinned, where that is not to go by what is installed.
    """
    walk = Walk(scan, root, defaults, scope)
    late = Late(walk)
    done = 0
    while done < len(walk.drafts):
        draft = walk.drafts[done]
        EXPAND[draft.kind](walk, draft, draft.subject)
        done += 1
        if done == len(walk.drafts):
            late()
    return walk.graph()
