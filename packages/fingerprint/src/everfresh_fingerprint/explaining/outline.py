"""What a value or function is made of, part by part, in a form that can be kept and compared in a later process."""

from __future__ import annotations

from functools import cached_property

from everfresh_callgraph import scope
from everfresh_callgraph.contents import is_code
from everfresh_callgraph.record import record

from everfresh_fingerprint.digest import digest
from everfresh_fingerprint.explaining.labels import Rows, labelled
from everfresh_fingerprint.explaining.reached import INTERPRETER, notes, reached
from everfresh_fingerprint.explaining.shown import shown, type_name
from everfresh_fingerprint.explaining.sources import source_of
from everfresh_fingerprint.fingerprint import fingerprint
from everfresh_fingerprint.functions import code_fingerprint
from everfresh_fingerprint.leaves import LEAVES
from everfresh_fingerprint.values import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from everfresh_callgraph.model import Node

    from everfresh_fingerprint.explaining.sources import Source
    from everfresh_fingerprint.walked import CodeFingerprint

    Plain: TypeAlias = tuple[object, ...]

# How much of a value is kept: parts in all, and levels.
WIDTH, DEPTH = 200, 12

# Kinds that are no types: code as a value, which counts by where it stands, too; a call graph; a stretch of an array.
PROGRAM, REACH, ROWS = "program", "reach", "rows"


@record
class Outline:
    """A value or a dependency: its digest, one line that shows it, and its parts, as far as they were looked at.

    `name` is how a person reaches it from what it is a part of; `kind` the type of a value, `program` for code among
    values, `reach` for a call graph, and for each thing reached the kind of dependency. `source` holds file, first line
    and text of code, `names` what the names in it mean (as places among the dependencies), and `whole` is False where
    parts were left out.
    """

    name: str
    kind: str
    digest: bytes
    text: str
    parts: tuple[Outline, ...] = ()
    source: Source | None = None
    names: tuple[tuple[str, int], ...] = ()
    whole: bool = True


class Live:
    """The outline of a value that is at hand: each part is looked at when somebody asks for it."""

    whole = True
    names: tuple[tuple[str, int], ...] = ()

    def __init__(self, name: str, value: Any, told: Callable[[object], bytes] = fingerprint, **known: object) -> None:
        self.name, self.value, self.told = name, value, told
        vars(self).update(known)

    @cached_property
    def digest(self) -> bytes:
        return bytes(self.told(self.value))

    @cached_property
    def kind(self) -> str:
        if type(self.value) is Rows:
            return ROWS
        return PROGRAM if is_code(self.value) else type_name(type(self.value))

    @cached_property
    def text(self) -> str:
        return "content" if type(self.value) is Rows else shown(self.value)

    @cached_property
    def source(self) -> Source | None:
        return source_of(self.value)

    @cached_property
    def parts(self) -> tuple[Live, ...]:
        if not is_code(self.value):
            return tuple(Live(name, part, self.told) for name, part in labelled(self.value))
        if self.told is not fingerprint:  # among the dependencies of a function: code is one of them, and told there
            return ()
        code = code_fingerprint(self.value)
        return _dependencies(code) if code.graph.root.kind != "constant" else ()


def outline(value: object, name: str = "", *, depth: int = DEPTH, width: int = WIDTH) -> Outline:
    """Note what a value is made of, so that `explain` can later tell what changed in it.

    At most `width` parts in all and `depth` levels of them; of what lies beyond there is the digest alone. With a
    `name` (`argument df`) the explanation begins with it.

    >>> noted = outline({"rate": 3, "names": ["a", "b"]})
    >>> [part.name for part in noted.parts], noted.parts[0].text
    (["['rate']", "['names']"], '3')
    """
    return _noted(Live(name, value), depth, width)


def outline_code(code: CodeFingerprint, name: str = "", *, depth: int = DEPTH, width: int = WIDTH) -> Outline:
    """Note all that a function reaches, each dependency by its name: all of them, and `width` parts of their values."""
    live = live_code(code, name)
    return _noted(live, depth, width + len(live.parts))


def live_code(code: CodeFingerprint, name: str = "") -> Live:
    root = code.graph.root.subject
    return Live(name, root, kind=REACH, digest=bytes(code.digest), parts=_dependencies(code), source=None)


def _dependencies(code: CodeFingerprint) -> tuple[Live, ...]:
    """The nodes of the graph, in its order, and the interpreter, which every code digest depends on."""
    nodes = [_dependency(*each) for each in reached(code.graph, code.own)]
    pin = scope.PYTHON
    return (*nodes, Live(INTERPRETER, None, kind="constant", text=pin, digest=bytes(digest(pin.encode()))))


def _dependency(name: str, kind: str, node: Node, own: bytes, text: str | None) -> Live:
    known: dict[str, object] = {"kind": kind, "digest": bytes(own)}
    known["names"] = tuple(zip(node.labels, node.edges, strict=True))
    if text is not None:
        known["text"] = text
    if kind == "class":
        known["parts"] = tuple(Live(note, note, text="") for note in notes(node.own))
    elif node.kind != "value" or text is not None:
        known["parts"] = ()
    return Live(name, node.subject, _summary, **known)


def _summary(value: object) -> bytes:
    """What a value is apart from what the code in it does."""
    return describe(value).summary  # type: ignore[return-value]


def _noted(root: Live, depth: int, width: int) -> Outline:
    """Breadth first, so that what lies near is kept when not all can be."""
    kept: dict[int, Sequence[Live]] = {}
    level = [root]
    for _ in range(depth):
        below: list[Live] = []
        for one in level:
            if width <= 0:
                break
            kept[id(one)] = one.parts[:width]
            width -= len(kept[id(one)])
            below += kept[id(one)]
        level = sorted(below, key=_is_code)  # code brings along all that it reaches: it waits its turn
    return _frozen(root, kept)


def _is_code(live: Live) -> bool:
    return live.kind == PROGRAM


def _frozen(live: Live, kept: dict[int, Sequence[Live]]) -> Outline:
    parts = tuple(_frozen(part, kept) for part in kept.get(id(live), ()))
    whole = len(parts) == len(live.parts) if id(live) in kept else _is_single(live)
    return Outline(live.name, live.kind, live.digest, live.text, parts, live.source, live.names, whole)


def _is_single(live: Live) -> bool:
    return type(live.value) in LEAVES


def plain(outline: Outline) -> Plain:
    """The outline as tuples, texts and bytes, which marshal can write.

    >>> import marshal
    >>> noted = outline([1, [2]])
    >>> from_plain(marshal.loads(marshal.dumps(plain(noted)))) == noted
    True
    """
    return (*outline[:4], tuple(map(plain, outline.parts)), *outline[5:])  # type: ignore[index]


def from_plain(fields: Plain) -> Outline:
    """The outline that `plain` wrote; fields of later versions are left out."""
    known = list(fields[: len(Outline._fields)])  # type: ignore[attr-defined]
    if len(known) > 4:
        known[4] = tuple(map(from_plain, known[4]))  # type: ignore[call-overload]
    return Outline(*known)  # type: ignore[arg-type]
